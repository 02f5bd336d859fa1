"""Hours as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honorcard import hours
from honorcard.problems import CATALOGUE


@pytest.mark.parametrize(
    ("text", "half_hours"),
    [
        ("300", 600),
        ("300.5", 601),
        ("300.50", 601),
        ("300.0", 600),
        ("３００．５", 601),
        ("300小時", 600),
        ("300 小時", 600),
        ("300.5 hours", 601),
        ("300h", 600),
        ("1,234.5", 2469),
        ("12小時30分", 25),
        ("12 小時 0 分鐘", 24),
        ("300½", 601),
        ("½", 1),
        (".5", 1),
        ("0", 0),
        ("-0", 0),
        ("0300", 600),
        ("100000", 200_000),
    ],
)
def test_hours_are_read_as_half_hours(text: str, half_hours: int) -> None:
    assert hours.read(text) == hours.HoursReading(text, half_hours)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0.3", "step"),
        ("300.25", "step"),
        ("300.05", "step"),
        ("12小時20分", "step"),
        ("-3", "range"),
        ("-0.5", "range"),
        ("100000.5", "range"),
        ("9" * 6000, "range"),
        ("", "unreadable"),
        (".", "unreadable"),
        ("小時", "unreadable"),
        ("三百", "unreadable"),
        ("300.", "unreadable"),
        ("1e3", "unreadable"),
        ("3,00", "unreadable"),
        ("12小時60分", "unreadable"),
        ("12小時59分", "step"),
        ("1,234,567小時", "range"),
        ("1,234,5小時", "unreadable"),
        ("12小時75分", "unreadable"),
        ("300-310", "unreadable"),
        ("NaN", "unreadable"),
        ("٣٠٠", "unreadable"),
    ],
)
def test_hours_that_cannot_be_booked_say_why(text: str, problem: str) -> None:
    reading = hours.read(text)
    assert (reading.half_hours, reading.problem) == (None, problem)
    assert reading.problem_code in CATALOGUE


@given(st.integers(0, hours.HALF_HOURS_LIMIT))
def test_printed_half_hours_read_back(half_hours: int) -> None:
    assert hours.read(hours.printed(half_hours)).half_hours == half_hours


@given(st.text(max_size=20))
def test_any_text_gets_an_answer(text: str) -> None:
    reading = hours.read(text)
    assert (reading.half_hours is None) == (reading.problem is not None)


def test_minutes_are_floored_once_after_summing() -> None:
    rows = [6010, 6010, 5990]  # C04: 100 h 10 + 100 h 10 + 99 h 50
    assert hours.from_minutes(sum(rows)) == 600
    assert sum(hours.from_minutes(row) for row in rows) == 599


def test_rows_in_steps_sum_to_what_counts_with_a_row_for_the_rest() -> None:
    assert hours.in_steps([6010, 6010, 5990]) == hours.Steps((200, 200, 199), 1, 10)
    assert hours.in_steps([]) == hours.Steps((), 0, 0)


@given(st.lists(st.integers(0, 10**6), max_size=12))
def test_steps_lose_less_than_half_an_hour(minutes: list[int]) -> None:
    steps = hours.in_steps(minutes)
    assert sum(steps.rows) + steps.remainder == hours.from_minutes(sum(minutes))
    assert (sum(steps.rows) + steps.remainder) * 30 + steps.minutes_over == sum(minutes)
    assert 0 <= steps.minutes_over < 30
    assert 0 <= steps.remainder <= len(minutes)
