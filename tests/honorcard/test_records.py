"""The shared records: what the rules need of them and what they keep to themselves."""

from datetime import date

import pytest

from honorcard.records import CATEGORIES, EXCLUDED_CATEGORIES, RecordBook, Volunteer


def test_eight_categories_are_excluded_and_ordinary_is_not() -> None:
    assert len(CATEGORIES) == 9
    assert set(CATEGORIES) - {"ordinary"} == EXCLUDED_CATEGORIES


@pytest.mark.parametrize(
    ("prefix", "number", "problem"),
    [
        ("北市社志", "012345", None),
        ("", "012345", "book_number_missing"),
        ("北市社志", " ", "book_number_missing"),
        ("北" * 31, "1", "book_number_too_long"),
        ("北", "1" * 30, None),
    ],
)
def test_a_book_has_both_parts_of_its_number(prefix: str, number: str, problem: str | None) -> None:
    assert RecordBook(prefix, number).problem() == problem


def test_a_book_prints_as_its_cover_does() -> None:
    assert str(RecordBook("北市社志", "012345")) == "北市社志字第012345號"


def test_a_volunteer_in_a_traceback_says_nothing_of_the_person() -> None:
    volunteer = Volunteer("A123456789", "李大明", date(1953, 3, 30))
    assert volunteer.masked_name == "李○明"
    for secret in ("A123456789", "李", "1953"):
        assert secret not in repr(volunteer)
