"""Remarks on rows that stand twice, and what only a decision day brings (A5, A20); test_check_lines has the others."""

from dataclasses import replace
from datetime import date

import pytest

from honorcard import remarks, wording
from honorcard.claims import Claim
from honorcard.eligibility import judge
from honorcard.jurisdiction import TAIPEI
from honorcard.records import ServiceRow, Training

CLAIM = Claim(date(2017, 6, 6), date(2013, 1, 1), date(2016, 12, 6), 800)


@pytest.mark.parametrize(
    ("decided", "codes"),
    [("2017-06-06", []), ("2017-06-07", ["lapsed_since"]), ("2017-09-01", ["lapsed_since"])],
)
def test_service_that_was_recent_on_submission_and_lapsed_since_is_told_and_refuses_nothing(decided, codes) -> None:
    verdict = judge(CLAIM, TAIPEI)
    assert verdict.passed
    notes = remarks.at_decision(verdict, date.fromisoformat(decided), TAIPEI)
    assert [note.code for note in notes] == codes
    for note in notes:
        assert "2016" in wording.reason_words(note, "en").text
        assert wording.reason_words(note, "zh").remedy == "以送件日為準，不因此退件。"


def test_what_was_not_recent_on_submission_is_a_reason_already() -> None:
    verdict = judge(replace(CLAIM, last_service=date(2016, 12, 5)), TAIPEI)
    assert verdict.reason("not_recent")
    assert remarks.at_decision(verdict, date(2017, 9, 1), TAIPEI) == ()


def test_where_nothing_counts_there_is_nothing_to_lapse() -> None:
    assert remarks.at_decision(judge(Claim(date(2017, 6, 6), entries=()), TAIPEI), date(2017, 9, 1), TAIPEI) == ()


ROW = ServiceRow(date(2014, 6, 7), date(2017, 6, 6), 9000, content="導覽", unit="圖書館", page=3)


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        ((ROW, ROW), [1, 2]),
        ((ROW, replace(ROW, content="書架"), replace(ROW, page=4)), [1, 3]),
        ((ROW, replace(ROW, unit="動物園")), None),
        ((ROW, replace(ROW, minutes=9001)), None),
        ((replace(ROW, content="", unit=""), replace(ROW, content="", unit="")), None),
        ((ROW, replace(ROW, category="civil_defence"), replace(ROW, category="civil_defence")), None),
    ],
)
def test_rows_that_are_the_same_word_for_word_are_told_and_counted(rows: tuple, places: list | None) -> None:
    verdict = judge(Claim(date(2017, 6, 6), entries=rows), TAIPEI)
    found = next((note for note in verdict.notes if note.code == "rows_alike"), None)
    assert (found and found.details["rows"]) == places
    ordinary = sum(row.minutes for row in rows if row.category == "ordinary")
    assert verdict.half_hours == ordinary // 30
    assert found is None or "1" in wording.reason_words(found, "zh").text


def test_rows_that_are_alike_are_named_in_the_order_of_the_book() -> None:
    other = replace(ROW, content="書架")
    verdict = judge(Claim(date(2017, 6, 6), entries=(ROW, other, ROW, other)), TAIPEI)
    assert next(note for note in verdict.notes if note.code == "rows_alike").details["rows"] == [1, 2, 3, 4]


@pytest.mark.parametrize(("half_hours", "codes"), [(480, []), (481, ["hours_implausible"])])
def test_typed_hours_that_the_days_do_not_have_are_told(half_hours: int, codes: list) -> None:
    """Ten days, both included, have 240 hours."""
    claim = Claim(date(2017, 6, 6), date(2017, 5, 1), date(2017, 5, 10), half_hours)
    assert [note.code for note in judge(claim, TAIPEI).notes] == codes


@pytest.mark.parametrize(("minutes", "codes"), [(1440, []), (1441, ["hours_implausible"])])
def test_a_row_of_one_day_has_no_more_than_that_day(minutes: int, codes: list) -> None:
    rows = (
        ServiceRow(date(2017, 5, 1), date(2017, 5, 1), minutes),
        ServiceRow(date(2017, 4, 1), date(2017, 4, 30), 60),
    )
    assert [note.code for note in judge(Claim(date(2017, 6, 6), entries=rows), TAIPEI).notes] == codes


@pytest.mark.parametrize(("completed", "codes"), [("2014-06-07", []), ("2014-06-08", ["served_before_training"])])
def test_service_on_the_very_day_of_completion_is_not_before_it(completed: str, codes: list) -> None:
    trained = (Training("basic", date(2014, 1, 1)), Training("special", date.fromisoformat(completed)))
    claim = Claim(date(2017, 6, 6), date(2014, 6, 7), date(2017, 6, 6), 600, trainings=trained)
    assert [note.code for note in judge(claim, TAIPEI).notes] == codes


def test_trainings_are_looked_at_where_no_row_counts_too() -> None:
    trained = (Training("basic", date(2014, 1, 1)), Training("special", date(2014, 2, 1)))
    verdict = judge(Claim(date(2017, 6, 6), entries=(), trainings=trained), TAIPEI)
    assert verdict.outcome == "fail" and verdict.notes == ()


def test_rows_over_the_floor_and_over_the_used_hours_are_named_by_their_places() -> None:
    rows = (
        ServiceRow(date(2016, 9, 1), date(2016, 9, 30), 60, category="civil_defence"),
        ServiceRow(date(2016, 10, 1), date(2016, 11, 1), 60),
        ServiceRow(date(2016, 11, 1), date(2016, 11, 9), 60),
        ServiceRow(date(2016, 11, 5), date(2019, 10, 31), 18_000),
    )
    claim = Claim(
        date(2019, 11, 20), entries=rows, previous_valid_until=date(2019, 11, 30), counted_until=date(2016, 11, 9)
    )
    told = {note.code: note.details for note in judge(claim, TAIPEI).notes}
    assert told["straddles_floor"] == {"floor": date(2016, 11, 1), "rows": [2]}
    assert told["straddles_counted"] == {"counted_until": date(2016, 11, 9), "rows": [4]}
    assert told["excluded_rows"] == {"rows": 1, "half_hours": 2}
