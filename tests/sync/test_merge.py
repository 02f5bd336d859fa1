"""Two changes of one application: every row of the table of sync.md B.6."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from sync import merge, wire
from sync.merge import settle

BODY = wire.ApplicationBody(
    application_id="a" * 36, receipt="HC-7K3M-22QF", kind="first", identity_kind="national", identity_number="A123456789",
    nationality="", name="王小明", birth_date=date(1970, 5, 17), email="", books=(wire.Book(prefix="北", number="1"),),
    rows=(wire.ServiceRow(start=date(2024, 1, 1), end=date(2024, 1, 1), minutes=60, page=1),), first_day=None, last_day=None,
    half_hours=None, category="ordinary", previous=None,
    photos=tuple(
        wire.Photo(slot=slot, position=at, sealed_sha256=f"{slot}s", clear_sha256=f"{slot}c", size=1, width=1, height=1)
        for slot, at in (("cover", 0), ("headshot", 0), ("page", 1))
    ),
    submitted_on=date(2026, 11, 20), language="zh", notice="…", slip_secret="00" * 16, verdict={"outcome": "pass"},
)  # fmt: skip


def changed(body: wire.ApplicationBody = BODY, **values) -> wire.ApplicationBody:
    return msgspec.structs.replace(body, **values)


def retaken(slot: str, what: str, body: wire.ApplicationBody = BODY) -> wire.ApplicationBody:
    photos = tuple(
        msgspec.structs.replace(photo, sealed_sha256=f"{what}s", clear_sha256=what) if photo.slot == slot else photo
        for photo in body.photos
    )
    return changed(body, photos=photos)


@pytest.mark.parametrize("state", ["incomplete", "first_review", "returned"])
def test_a_change_of_what_stands_applies(state: str) -> None:
    mine = changed(name="王曉明")
    found = settle(state, 3, 3, BODY, mine, BODY)
    assert (found.outcome, found.body) == ("apply", mine)


def test_a_returned_case_sent_again_as_it_was_applies_too() -> None:
    assert settle("returned", 3, 3, BODY, BODY, BODY).outcome == "apply"


@pytest.mark.parametrize("state", ["incomplete", "first_review", "returned"])
def test_what_nobody_else_changed_is_taken_from_an_older_change(state: str) -> None:
    mine, theirs = changed(name="王曉明", submitted_on=date(2026, 11, 21)), changed(email="a@b.tw")
    found = settle(state, 4, 3, BODY, mine, theirs)
    assert (found.outcome, found.taken) == ("merge", ("name",))
    assert (found.body.name, found.body.email, found.body.submitted_on) == ("王曉明", "a@b.tw", date(2026, 11, 21))
    assert found.body.verdict == {}  # on neither of the two


def test_the_same_change_twice_changes_nothing() -> None:
    both = changed(name="王曉明")
    assert settle("first_review", 4, 3, BODY, both, both).outcome == "same"
    assert settle("first_review", 4, 3, BODY, BODY, changed(email="a@b.tw")).outcome == "same"


def test_two_changes_of_one_field_wait_for_a_person() -> None:
    mine, theirs = changed(name="王曉明", email="a@b.tw"), changed(name="王大明")
    found = settle("first_review", 4, 3, BODY, mine, theirs)
    assert (found.outcome, found.body, found.clashes, found.taken) == ("propose", None, ("name",), ("email",))


def test_two_new_photographs_of_one_place_wait_for_a_person_and_of_two_places_do_not() -> None:
    found = settle("first_review", 4, 3, BODY, retaken("page", "mine"), retaken("page", "theirs"))
    assert (found.outcome, found.clashes) == ("propose", ("photo page-1",))
    found = settle("first_review", 4, 3, BODY, retaken("page", "mine"), retaken("headshot", "theirs"))
    assert found.outcome == "merge"
    assert {photo.clear_sha256 for photo in found.body.photos} == {"mine", "theirs", "coverc"}


def test_the_same_photograph_sealed_twice_is_the_same() -> None:
    again = changed(photos=tuple(msgspec.structs.replace(photo, sealed_sha256="x") for photo in BODY.photos))
    assert settle("first_review", 4, 3, BODY, again, BODY).outcome == "same"


def test_what_belongs_together_is_taken_together() -> None:
    mine, theirs = changed(identity_number="A800000014", identity_kind="ui_new"), changed(nationality="VN")
    assert settle("returned", 4, 3, BODY, mine, theirs).clashes == ("identity",)


def test_rows_are_not_torn_from_their_pages() -> None:
    rows = (*BODY.rows, wire.ServiceRow(start=date(2024, 2, 1), end=date(2024, 2, 1), minutes=60, page=1))
    theirs = changed(photos=tuple(photo for photo in BODY.photos if photo.slot != "page"), rows=())
    base = changed(rows=())
    mine = changed(base, rows=rows)
    found = settle("returned", 4, 3, base, mine, theirs)
    assert found.outcome == "propose" and found.clashes == ("service",)


@pytest.mark.parametrize("state", ["second_review", "approved", "issued", "refused"])
@pytest.mark.parametrize("base_rev", [2, 4])
def test_after_a_reviewer_has_acted_a_change_is_a_request(state: str, base_rev: int) -> None:
    assert settle(state, 4, base_rev, BODY, changed(name="王曉明"), BODY).outcome == "request"
    assert settle(state, 4, base_rev, BODY, BODY, BODY).outcome == "same"


def test_a_withdrawn_case_takes_no_change() -> None:
    assert settle("withdrawn", 4, 4, BODY, changed(name="王曉明"), BODY).outcome == "late"


def test_a_change_of_nobody_knows_what_waits_wherever_it_differs() -> None:
    found = settle("returned", 4, None, None, changed(name="王曉明"), BODY)
    assert (found.outcome, found.clashes) == ("propose", ("name",))
    assert settle("returned", 4, None, None, BODY, BODY).outcome == "same"


def test_every_member_that_people_decide_about_is_in_one_field() -> None:
    left_out = {
        "application_id", "receipt", "photos", "submitted_on", "language", "notice", "slip_secret", "verdict",
        "clock_doubt", "applied_by", "schema_v",
    }  # fmt: skip
    told = [member for members in merge.PARTS.values() for member in members]
    assert len(told) == len(set(told))
    for kind in (wire.ApplicationBody, wire.ReissueBody):
        assert {field.name for field in msgspec.structs.fields(kind)} - left_out <= set(told)


def test_chosen_fields_alone_are_changed_and_a_photograph_the_change_has_not_goes() -> None:
    mine = changed(name="王曉明", email="a@b.tw", photos=BODY.photos[:2])
    both = merge.combine(BODY, mine, ["name", "photo page-1"])
    assert (both.name, both.email, [photo.slot for photo in both.photos]) == ("王曉明", "", ["cover", "headshot"])
    assert merge.differing(mine, both) == ("email",)
