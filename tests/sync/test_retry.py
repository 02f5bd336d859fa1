"""Pauses between tries: random, growing, capped, never given up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sync.retry import Backoff, retry_after


def test_the_longest_possible_pause_doubles_up_to_a_quarter_of_an_hour() -> None:
    longest = Backoff(lambda low, high: high)
    assert [longest.failed() for _ in range(11)] == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    longest.reset()
    assert longest.failed() == 2


def test_after_a_day_of_waiting_the_pause_grows_to_an_hour() -> None:
    longest = Backoff(lambda low, high: high)
    pauses = [longest.failed() for _ in range(150)]
    assert max(pauses) == 3600
    assert sum(pause for pause in pauses if pause < 3600) >= 24 * 3600


def test_the_pause_is_drawn_between_nothing_and_the_longest() -> None:
    drawn = []
    backoff = Backoff(lambda low, high: drawn.append((low, high)) or 0.5)
    assert backoff.failed() == 0.5
    assert drawn == [(0.0, 2.0)]


def test_a_pause_is_cut_to_what_somebody_can_wait_unless_the_center_asked_for_more() -> None:
    longest = Backoff(lambda low, high: high)
    pauses = [longest.failed(most_s=120) for _ in range(10)]
    assert pauses[-4:] == [120] * 4
    assert longest.failed(600, most_s=120) == 600
    assert longest.failed() == 900


def test_what_the_center_asks_for_is_heeded_up_to_the_cap() -> None:
    backoff = Backoff(lambda low, high: low)
    assert backoff.failed(120) == 120
    assert backoff.failed(10**9) == 900


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30), (" 0 ", 0), ("Sat, 21 Nov 2026 02:01:00 GMT", 60), ("Sat, 21 Nov 2026 01:00:00 GMT", 0),
        (None, None), ("soon", None), ("-5", None), ("٣", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_as_a_date(header, seconds) -> None:
    assert retry_after(header, datetime(2026, 11, 21, 2, 0, tzinfo=UTC)) == seconds
