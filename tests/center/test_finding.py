"""Finding people: parts of names and numbers, the best first, page by page without gap or repetition, a unit's own alone."""

from __future__ import annotations

import pytest

from center import numbers
from center.people import _terms
from center.store import finding, members, volunteers
from center.store.members import NewMember
from center.store.origin import Origin

CAME = Origin("import", "who", 1_000, "import-1")
NAMES = (
    "林秀琴", "秀琴", "秀琴琴", "王林秀", "林秀", "歐陽菲菲", "夏曼‧藍波安", "王𡍼名", "NGUYEN THI HOA", "Hoa Nguyen",
    "陳怡君", "陳怡", "怡君", "Voyʉ e Yakumangana ne Paayai",
)  # fmt: skip
IDS = (
    "A123456789", "B120000008", "F222222222", "I100000003", "L123456788", "O299999994", "W100000010", "Z198765436",
    "A800000014", "A900207177", "F870123456", "I899999995", "AA00000009", "AC01234567",
)  # fmt: skip


@pytest.fixture
def everybody(world):
    """Fourteen people; every second one is of the north gate."""
    known = [
        numbers.known(world.settings, number, name, english_name="Lin Hsiu-chin" if name == "林秀琴" else "")
        for number, name in zip(IDS, NAMES, strict=True)
    ]
    with world.store.write() as conn:
        nos = list(volunteers.make_known(conn, known, CAME).values())
        members.join(conn, [NewMember(no, world.units["north_gate"]) for no in nos[::2]], CAME)
    return world


def found(world, asked, *, unit_id=None, limit=50):
    """The names found, page by page to the end."""
    after, names = None, []
    with world.app.test_request_context("/"), world.store.read() as conn:
        while True:
            page = finding.page(conn, _terms(asked), unit_id=unit_id, after=after, limit=limit)
            names += [one.name for one in page.people]
            after = page.following
            if after is None:
                return names
            assert len(page.people) == limit


BY_NAME = {
    "秀琴": ["秀琴", "秀琴琴", "林秀琴"], "林秀": ["林秀", "林秀琴", "王林秀"], "琴": ["林秀琴", "秀琴", "秀琴琴"],
    "菲": ["歐陽菲菲"], "菲菲": ["歐陽菲菲"], "曼·藍": ["夏曼‧藍波安"], "𡍼": ["王𡍼名"], "秀秀": [], "_": [], "%": [],
    "nguyen": ["NGUYEN THI HOA", "Hoa Nguyen"], "thi h": ["NGUYEN THI HOA"], "hsiu": ["林秀琴"], "LIN": ["林秀琴"],
    "e yakumangana ne paay": ["Voyʉ e Yakumangana ne Paayai"], "e yakumangana ne paax": [], "怡君": ["怡君", "陳怡君"],
}  # fmt: skip
BY_NUMBER = {
    "A12": ["A123456789"], "123456": ["A123456789", "L123456788", "F870123456", "AC01234567"], "a123456789": ["A123456789"],
    "3456789": ["A123456789"], "00000": ["B120000008", "I100000003", "W100000010", "A800000014", "AA00000009"],
    "456123": [], "９９９９": ["I899999995", "O299999994"], "99999": ["I899999995", "O299999994"], "99999999": [],
    "29999": ["O299999994"], "12": [], "A123456788": [],
}  # fmt: skip


def test_part_of_a_name_finds_the_whole_name_first(everybody):
    assert {asked: found(everybody, asked) for asked in BY_NAME} == BY_NAME


def test_part_of_a_number_finds_those_who_have_it_in_a_row(everybody):
    numbers_of = dict(zip(NAMES, IDS, strict=True))
    assert {asked: sorted(numbers_of[name] for name in found(everybody, asked)) for asked in BY_NUMBER} == {
        asked: sorted(several) for asked, several in BY_NUMBER.items()
    }


def test_page_by_page_shows_each_once_in_the_same_order(everybody):
    for unit_id in (None, everybody.units["north_gate"]):
        for asked in ("琴", "秀", "0000", "nguyen", "a"):
            whole = found(everybody, asked, unit_id=unit_id)
            assert whole, asked
            assert len(set(whole)) == len(whole)
            assert [found(everybody, asked, unit_id=unit_id, limit=limit) for limit in (1, 2, 3)] == [whole] * 3


def test_of_a_unit_are_found_its_own_people_and_whole_names_first(everybody):
    own, north = set(NAMES[::2]), everybody.units["north_gate"]
    for asked in ("秀", "林秀", "琴", "hoa", "0000", "怡", "a123456789"):
        of_all = [name for name in found(everybody, asked) if name in own]
        assert sorted(found(everybody, asked, unit_id=north)) == sorted(of_all), asked
        assert found(everybody, asked, unit_id=everybody.units["shezi"]) == []
    assert found(everybody, "林秀琴", unit_id=north) == ["林秀琴"]
    assert found(everybody, "林秀", unit_id=north) == ["林秀", "林秀琴"]


def test_a_name_that_changed_is_found_by_the_new_one_alone(everybody):
    with everybody.store.write() as conn:
        no = volunteers.nos_of(conn, [numbers.known(everybody.settings, IDS[0], "x").idbx])[0]
        volunteers.change(conn, no, by="clerk", now_ms=5, name=("林宜芳", "林宜芳"), english_name="Lin Yi-fang")
    north = everybody.units["north_gate"]
    for unit_id in (None, north):
        assert found(everybody, "宜芳", unit_id=unit_id) == ["林宜芳"]
        assert found(everybody, "yi-fang", unit_id=unit_id) == ["林宜芳"]
        assert "林宜芳" not in found(everybody, "秀琴", unit_id=unit_id) + found(everybody, "hsiu", unit_id=unit_id)


def test_whom_an_undone_import_brought_nobody_finds(everybody):
    with everybody.store.write() as conn:
        assert volunteers.take_back(conn, "import-1") == len(NAMES)
    for asked in ("秀琴", "A12", "a123456789"):
        assert found(everybody, asked) == found(everybody, asked, unit_id=everybody.units["north_gate"]) == []


def test_no_number_and_no_part_of_one_stands_in_the_database(everybody):
    from sqlalchemy import select

    from center.store.tables import number_part, person

    with everybody.store.read() as conn:
        rows = conn.execute(select(person)).all()
        tags = conn.execute(select(number_part)).all()
    assert len(tags) > 80
    for row in rows:
        number = numbers.unseal(everybody.settings, bytes(row.idbx), bytes(row.number_box))
        assert number in IDS
        assert number[1:9] not in repr(tuple(row)).replace(row.masked_number, "")
