"""Bodies of older schemas, read as the newest: golden files for each version pair, and that nothing is lost on the way."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import msgspec
import pytest

from kiosk import drafting
from sync import upcasting, wire
from sync.claims import claim_of, pages_of, verdict_of, verdict_record

GOLDEN = Path(__file__).parents[1] / "vectors" / "schemas"


def golden(name: str) -> dict:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def test_each_version_but_ours_has_a_golden_pair_and_a_step() -> None:
    for version in range(1, wire.SCHEMA_V):
        newer = upcasting.application(golden(f"application-{version}"))
        assert newer == golden(f"application-{wire.SCHEMA_V}-from-{version}")


def test_an_old_body_opens_as_ours_with_its_book_and_its_pages() -> None:
    body = upcasting.decode_application(json.dumps(golden("application-1")))
    assert body.schema_v == wire.SCHEMA_V
    assert [(book.prefix, book.number) for book in body.books] == [("北市動物園", "000123")]
    assert {at: (page.kind, page.book, page.page) for at, page in pages_of(body.photos).items()} == {
        1: ("book_page", 1, 1), 2: ("book_page", 1, 2),
    }  # fmt: skip
    assert body.trainings is None  # nobody had asked
    assert [row.page for row in body.rows] == [1, 1, 2]


def test_an_old_body_is_judged_as_it_was() -> None:
    document = golden("application-1")
    body = upcasting.decode_application(json.dumps(document))
    assert verdict_of(body, "taipei").outcome == document["verdict"]["outcome"] == "pass"
    assert claim_of(body).entries is not None


def test_a_body_of_ours_comes_through_unchanged() -> None:
    body = upcasting.decode_application(json.dumps(golden("application-1")))
    assert upcasting.decode_application(wire.encode(body)) == body
    assert upcasting.application(msgspec.to_builtins(body)) == msgspec.to_builtins(body)


def test_an_old_body_without_a_book_number_has_no_book() -> None:
    document = golden("application-1") | {"book_prefix": "", "book_number": ""}
    assert upcasting.decode_application(json.dumps(document)).books == ()


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b"null",
        b"{",
        b"{}",
        b'{"schema_v": "2"}',
        b'{"photos": 3}',
        b'{"photos": [3]}',
        b'{"schema_v": 99}',
        b"\xff",
    ],
)
def test_what_is_no_application_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        upcasting.decode_application(text)


def test_a_returned_case_of_the_old_schema_opens() -> None:
    document = {"reasons": ["page_glare"], "text": "", "slots": ["page-2"], "application": golden("application-1")}
    returned = upcasting.decode_returned(json.dumps(document).encode())
    assert returned.application.books[0].number == "000123"


def test_a_draft_of_the_old_form_opens_with_its_book() -> None:
    old = golden("draft-1")
    answers = drafting.decode(json.dumps(old))
    assert [(book.prefix, book.number) for book in answers.books] == [("北市志", "043871")]
    assert answers.typed["book"]["book_number"] == "043871"
    assert answers.kept[0].evidence == wire.Evidence(page=1)
    assert drafting.decode(msgspec.json.encode(answers)) == answers


def test_a_row_knows_the_page_it_was_read_from_and_the_trainings_go_along() -> None:
    body = upcasting.decode_application(json.dumps(golden("application-1")))
    photos = tuple(
        msgspec.structs.replace(
            photo, evidence=wire.Evidence(kind="printout", book=0, page=3, printed_on=date(2026, 11, 1))
        )
        if (photo.slot, photo.position) == ("page", 2)
        else photo
        for photo in body.photos
    )
    books = (wire.Book(prefix="北", number="1", issued_on=date(2020, 1, 2)), wire.Book(prefix="北", number="2"))
    trainings = (
        wire.Training(kind="basic", completed_on=date(2020, 2, 1)),
        wire.Training(kind="special", field="衛生福利"),
    )
    body = msgspec.structs.replace(body, photos=photos, books=books, trainings=trainings, service_field="衛生福利")
    claim = claim_of(body)
    assert claim.entries is not None and claim.trained is not None
    assert [row.evidence and row.evidence.kind for row in claim.entries] == ["book_page", "book_page", "printout"]
    assert claim.book_issued_on == date(2020, 1, 2)
    assert (claim.trained.missing, claim.trained.complete_on) == ((), date(2020, 2, 1))
    assert verdict_record(verdict_of(body, "taipei"))["outcome"] == "pass"
