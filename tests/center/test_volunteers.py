"""Volunteers, service, training and insurance in rows: many at once, each person once, taken back whole, sums that agree."""

from __future__ import annotations

from datetime import date

import pytest

from center import numbers
from center.store import insurance, members, people, person_log, service, training, volunteers
from center.store.insurance import NewInsurance
from center.store.members import NewMember
from center.store.origin import Origin
from center.store.service import NewService, Sum
from center.store.training import NewTraining

IMPORTED = Origin("import", "who", 1_000, "import-1")
AGAIN = Origin("import", "who", 2_000, "import-2")
OFFICE = Origin("office", "clerk", 3_000)
WANG, CHEN = ("A123456789", "王小明"), ("B120000008", "陳怡君")


def known(world, number, name, **more):
    return numbers.known(world.settings, number, name, **more)


def two(world, conn, came=IMPORTED):
    return list(volunteers.make_known(conn, [known(world, *WANG), known(world, *CHEN)], came).values())


def month(no, unit_id, year, number=1, half_hours=9, **more):
    return NewService(no, unit_id, date(year, number, 1), date(year, number, 28), half_hours, **more)


def test_a_person_on_two_lists_is_one_person(world):
    with world.store.write() as conn:
        first = volunteers.make_known(conn, [known(world, *WANG)], IMPORTED)
        again = volunteers.make_known(
            conn, [known(world, "ａ123456789 ", WANG[1], birth_date=date(1960, 2, 29)), known(world, *CHEN)], AGAIN
        )
        (wang, chen) = [volunteers.of_no(conn, no) for no in again.values()]
    assert first.items() <= again.items()
    assert (wang.name, wang.masked_number, wang.birth_date, wang.source_ref) == (
        "王小明", "A12****789", date(1960, 2, 29), "import-1",
    )  # fmt: skip
    assert chen.source_ref == "import-2"
    assert numbers.unseal(world.settings, wang.idbx, wang.number_box) == "A123456789"
    assert numbers.unseal(world.settings, chen.idbx, wang.number_box) == ""


def test_an_applicant_on_a_list_is_one_person_and_keeps_the_name(world):
    application_id = world.application(identity_number=WANG[0], name="王曉明")
    with world.store.write() as conn:
        volunteers.make_known(conn, [known(world, *WANG, english_name="Wang Hsiao-ming")], IMPORTED)
        held = volunteers.find(conn, [world.case(application_id).idbx])
    (one,) = held.values()
    assert (one.name, one.english_name, one.kept, one.has_card) == ("王曉明", "Wang Hsiao-ming", True, False)


def test_what_an_import_brought_is_taken_back_whole(world):
    with world.store.write() as conn:
        nos = two(world, conn)
        north = world.units["north_gate"]
        service.add(conn, [month(no, north, 2025, 5) for no in nos], IMPORTED)
        training.add(conn, [NewTraining(no, "basic", course="基礎訓練") for no in nos], IMPORTED)
        insurance.add(
            conn, [NewInsurance(nos[0], north, "新光", date(2026, 1, 1), date(2026, 12, 31), "P-1")], IMPORTED
        )
        members.join(conn, [NewMember(no, north) for no in nos], IMPORTED)
        service.add(conn, [month(nos[0], north, 2025, 6)], OFFICE)
        gone = [
            what.void_of(conn, "import-1", by="who", why="打錯檔案", now_ms=9)
            for what in (service, training, insurance)
        ]
        assert volunteers.take_back(conn, "import-1") == 2
        assert gone == [2, 2, 1]
        assert service.void_of(conn, "import-1", by="who", why="", now_ms=10) == 0
        assert service.void_of(conn, "", by="who", why="", now_ms=10) == 0
        assert [len(rows) for rows in service.of_people(conn, nos).values()] == [1, 0]
        assert [len(rows) for rows in training.of_people(conn, nos, with_void=True).values()] == [1, 1]
        assert [len(rows) for rows in insurance.of_people(conn, nos).values()] == [0, 0]
        assert service.sums(conn) == [Sum(north, 114, "ordinary", 1, 9)]
        assert people.listing(conn, unit_id=north) == []


def test_the_sums_are_those_of_the_rows(world):
    with world.store.write() as conn:
        wang, chen = two(world, conn)
        north, south = world.units["north_gate"], world.units["shezi"]
        added = service.add(
            conn,
            [
                month(wang, north, 2025, 1), month(wang, north, 2025, 2, 7), month(chen, south, 2025, 1),
                month(chen, None, 2024, 3, 5, unit_name="新北市立圖書館"),
                month(chen, north, 2025, 3, 4, category="civil_defence"),
                NewService(wang, north, date(2025, 12, 20), date(2026, 1, 3), 2),
            ],
            IMPORTED,
        )  # fmt: skip
        assert added == 6
        (row,) = (one for one in service.of_person(conn, [wang]) if one.half_hours == 7)
        assert service.void(conn, row.row_id, by="who", why="重複", now_ms=5)
        assert not service.void(conn, row.row_id, by="who", why="重複", now_ms=6)
        assert service.find(conn, row.row_id).mark.void_why == "重複"
        assert set(service.sums(conn)) == {
            Sum(north, 115, "ordinary", 1, 2), Sum(north, 114, "ordinary", 1, 9), Sum(north, 114, "civil_defence", 1, 4),
            Sum(south, 114, "ordinary", 1, 9), Sum("", 113, "ordinary", 1, 5),
        }  # fmt: skip
        assert [one.roc_year for one in service.sums(conn, unit_id=north)] == [115, 114, 114]
        assert service.sums(conn, roc_years=[113]) == [Sum("", 113, "ordinary", 1, 5)]
        (outside,) = (one for one in service.of_person(conn, [chen]) if one.unit_id is None)
        assert outside.unit == "新北市立圖書館"


def test_thousands_of_rows_at_once_are_all_there_in_their_order(world):
    with world.store.write() as conn:
        wang, chen = two(world, conn)
        rows = [
            month((wang, chen)[at % 2], world.units["north_gate"], 2000 + at % 20, 1 + at % 12) for at in range(4_500)
        ]
        assert service.add(conn, iter(rows), IMPORTED) == 4_500
        held = service.of_people(conn, [wang, chen], but_not="")
        assert [len(rows) for rows in held.values()] == [2_250, 2_250]
        assert sum(one.rows for one in service.sums(conn)) == 4_500
        assert service.of_people(conn, [wang], but_not="import-1") == {wang: []}


@pytest.mark.parametrize(
    "wrong", [{"half_hours": 0}, {"start": date(2025, 2, 2), "end": date(2025, 2, 1)}, {"person_no": 99}]
)
def test_the_schema_refuses_what_is_no_service(world, wrong):
    from sqlalchemy.exc import IntegrityError

    with world.store.write() as conn:
        wang, _ = two(world, conn)
    fine = {"person_no": wang, "unit_id": None, "start": date(2025, 2, 1), "end": date(2025, 2, 1), "half_hours": 1}
    with pytest.raises(IntegrityError), world.store.write() as conn:
        service.add(conn, [NewService(**{**fine, **wrong})], IMPORTED)
    with world.store.read() as conn:
        assert (service.of_person(conn, [wang]), service.sums(conn)) == ([], [])


def test_a_volunteer_of_two_units_and_an_applicant_who_becomes_one(world):
    application_id = world.application(identity_number=WANG[0], name=WANG[1])
    with world.store.write() as conn:
        nos = two(world, conn)
        north, south = world.units["north_gate"], world.units["shezi"]
        assert [one.source for one in members.memberships(conn, nos)[nos[0]]] == ["application"]
        joined = [
            NewMember(nos[0], north, "北市志字第12號", date(2020, 1, 1)), NewMember(nos[0], south), NewMember(nos[1], north),
        ]  # fmt: skip
        assert members.join(conn, [*joined, joined[1]], IMPORTED) == 3
        assert members.join(conn, [NewMember(nos[0], north, until=date(2025, 1, 1))], AGAIN) == 0
        held = {one.unit_id: one for one in members.memberships(conn, nos)[nos[0]]}
    assert (held[north].book_number, held[north].since, held[north].until, held[north].source_ref) == (
        "北市志字第12號", date(2020, 1, 1), date(2025, 1, 1), "import-1",
    )  # fmt: skip
    assert held[south].source == "import"
    with world.store.read() as conn:
        assert people.find(conn, people.of_application(conn, application_id), south).name == "王小明"


def test_what_is_changed_says_before_and_after_and_is_noted(world):
    with world.store.write() as conn:
        wang, _ = two(world, conn)
        changed = volunteers.change(
            conn, wang, by="clerk", now_ms=5, english_name="Wang Hsiao-ming", name=("王小民", "王小民"),
            birth_date=date(1970, 5, 6),
        )  # fmt: skip
        assert changed == {
            "name": ("王小明", "王小民"), "english_name": ("", "Wang Hsiao-ming"), "birth_date": ("", "1970-05-06"),
        }  # fmt: skip
        assert volunteers.change(conn, wang, by="clerk", now_ms=6, english_name="Wang Hsiao-ming") == {}
        assert {event.what for event in person_log.events(conn, [wang])} == {
            "changed_name", "changed_english_name", "changed_birth_date",
        }  # fmt: skip


def test_the_numbers_of_applicants_are_sealed_by_the_worker(world):
    application_id = world.application(birth_date=date(1958, 8, 16), english_name="Lin Hsiu-chin")
    assert numbers.read_new(world.store, world.settings) == 1
    assert numbers.read_new(world.store, world.settings) == 0
    with world.store.read() as conn:
        (one,) = volunteers.find(conn, [world.case(application_id).idbx]).values()
    assert numbers.unseal(world.settings, one.idbx, one.number_box) == world.case(application_id).body.identity_number
    assert (one.birth_date, one.english_name, one.kept) == (date(1958, 8, 16), "Lin Hsiu-chin", False)
