"""Drafts in the store: kept at every change, photographs in their order, nothing left behind."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from kiosk.drafting import Answers, DraftPhoto, Identity, Service
from kiosk.store import Store, drafts
from sync.wire import ServiceRow

KEY = bytes(range(32))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "kiosk.db", KEY)


def photo(photo_id: str, slot: str, position: int = 0, **more) -> DraftPhoto:
    return DraftPhoto(
        photo_id=photo_id,
        application_id="one",
        slot=slot,
        position=position,
        original=f"{photo_id}-original",
        original_width=2400,
        original_height=1800,
        taken_ms=1,
        **more,
    )


FULL = Answers(
    kind="first",
    identity=Identity(number="A123456789", kind="national"),
    name="李大明",
    birth_date=date(1953, 3, 30),
    service=Service(rows=(ServiceRow(start=date(2020, 1, 1), end=date(2020, 1, 31), minutes=90, content="導覽"),)),
    typed={"person": {"birth": "42.3.3"}},
)


def test_answers_survive_a_restart(store: Store, tmp_path: Path):
    with store.write() as db:
        drafts.create(db, "one", 1)
        drafts.save(db, "one", FULL, 2)
    store.close()
    with Store(tmp_path / "kiosk.db", KEY).read() as db:
        found = drafts.find(db, "one")
    assert found is not None
    assert found.answers == FULL
    assert (found.created_ms, found.touched_ms) == (1, 2)


def test_a_draft_that_is_not_there_is_none(store: Store):
    with store.read() as db:
        assert drafts.find(db, "nobody") is None


def test_waiting_lists_the_last_touched_first(store: Store):
    with store.write() as db:
        for at, name in enumerate(("one", "two", "three")):
            drafts.create(db, name, at)
        drafts.save(db, "one", Answers(), 10)
        assert [draft.application_id for draft in drafts.waiting(db)] == ["one", "three", "two"]


def test_photographs_come_in_the_order_of_the_book(store: Store):
    with store.write() as db:
        drafts.create(db, "one", 1)
        for one in (photo("p2", "page", 2), photo("p1", "page", 1), photo("c", "cover"), photo("h", "headshot")):
            drafts.add_photo(db, one)
        assert [found.photo_id for found in drafts.photos(db, "one")] == ["h", "c", "p1", "p2"]
        assert drafts.next_page(db, "one") == 3


def test_a_second_headshot_replaces_the_first_and_names_its_files(store: Store):
    with store.write() as db:
        drafts.create(db, "one", 1)
        drafts.add_photo(db, photo("h1", "headshot", result="h1-result", result_sha256="00", width=1, height=1))
        assert drafts.add_photo(db, photo("h2", "headshot")) == ["h1-original", "h1-result"]
        assert [found.photo_id for found in drafts.photos(db, "one")] == ["h2"]


def test_the_outline_and_the_hints_come_back_as_they_were(store: Store):
    corners = ((1.5, 2.0), (100.0, 3.0), (99.0, 180.25), (0.0, 179.0))
    with store.write() as db:
        drafts.create(db, "one", 1)
        drafts.add_photo(db, photo("p1", "page", 1))
        changed = photo("p1", "page", 1, outline=corners, hints=("page_glare",), result="r", width=5, height=6)
        assert drafts.replace_photo(db, changed) == []
        assert drafts.find_photo(db, "one", "p1") == changed
        again = msgspec.structs.replace(changed, result="r2")
        assert drafts.replace_photo(db, again) == ["r"]


def test_a_page_taken_out_lets_the_later_ones_move_up(store: Store):
    with store.write() as db:
        drafts.create(db, "one", 1)
        for n in (1, 2, 3):
            drafts.add_photo(db, photo(f"p{n}", "page", n))
        assert drafts.remove_photo(db, "one", "p2") == ["p2-original"]
        assert [(found.photo_id, found.position) for found in drafts.photos(db, "one")] == [("p1", 1), ("p3", 2)]
        assert drafts.remove_photo(db, "one", "p2") == []


def test_pages_can_be_moved_and_stay_at_the_ends(store: Store):
    with store.write() as db:
        drafts.create(db, "one", 1)
        for n in (1, 2, 3):
            drafts.add_photo(db, photo(f"p{n}", "page", n))

        def order() -> list[str]:
            return [found.photo_id for found in drafts.photos(db, "one")]

        drafts.reorder(db, "one", "p3", -1)
        assert order() == ["p1", "p3", "p2"]
        drafts.reorder(db, "one", "p1", -1)
        assert order() == ["p1", "p3", "p2"]
        drafts.reorder(db, "one", "p1", 5)
        assert order() == ["p3", "p2", "p1"]


def test_a_removed_draft_names_every_file_and_leaves_no_row(store: Store):
    with store.write() as db:
        drafts.create(db, "one", 1)
        drafts.create(db, "two", 1)
        drafts.add_photo(db, photo("h", "headshot", result="h-result", result_sha256="00", width=1, height=1))
        drafts.add_photo(db, photo("c", "cover"))
        assert drafts.files_in_use(db) == {"h-original", "h-result", "c-original"}
        assert drafts.remove(db, "one") == ["h-original", "h-result", "c-original"]
        assert drafts.find(db, "one") is None
        assert drafts.photos(db, "one") == []
        assert drafts.files_in_use(db) == set()
        assert drafts.find(db, "two") is not None


def test_a_draft_written_before_a_crash_in_the_same_write_is_not_there(store: Store):
    with pytest.raises(RuntimeError), store.write() as db:
        drafts.create(db, "one", 1)
        raise RuntimeError("power")
    with store.read() as db:
        assert drafts.find(db, "one") is None


def test_nothing_of_a_draft_can_be_read_on_the_disk(store: Store, tmp_path: Path):
    with store.write() as db:
        drafts.create(db, "one", 1)
        drafts.save(db, "one", FULL, 2)
    raw = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert b"A123456789" not in raw
    assert "李大明".encode() not in raw
