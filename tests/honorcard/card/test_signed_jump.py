"""A day on which far more was signed than usual is told by what the lists of the days before said."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honorcard.card.manifest import SignedCount
from honorcard.card.signed_jump import KEPT_DAYS, DaySeen, Jump, jump, noted
from honorcard.card.token import TAIPEI

FIRST = datetime(2026, 8, 1, 9, tzinfo=TAIPEI)


def told(*days: tuple[int, int, int]) -> tuple[DaySeen, ...]:
    """Lists of so many days after the first: day, signatures ever, signatures of its last 24 hours."""
    seen: tuple[DaySeen, ...] = ()
    for day, entries, last_day in days:
        seen = noted(seen, FIRST + timedelta(days=day), SignedCount(entries, last_day, bytes(32)))
    return seen


def steadily(days: int, daily: int, every: int = 1) -> list[tuple[int, int, int]]:
    return [(day, 10_000 + daily * day, daily) for day in range(0, days, every)]


def test_a_day_of_more_than_three_times_the_mean_is_told_with_what_is_usual():
    seen = told(*steadily(20, 14), (20, 10_266 + 900, 900))
    assert jump(seen) == Jump(date(2026, 8, 21), 900, 14)


@pytest.mark.parametrize("daily", [0, 14, 200, 913])
def test_an_even_pace_is_no_jump(daily):
    assert jump(told(*steadily(60, daily))) is None
    assert jump(told(*steadily(60, daily, every=6))) is None


@pytest.mark.parametrize(("last_day", "found"), [(300, False), (301, True)])
def test_what_the_center_may_sign_anyhow_is_no_jump(last_day, found):
    assert bool(jump(told(*steadily(20, 5), (20, 10_095 + last_day, last_day)))) == found


@pytest.mark.parametrize(("last_day", "found"), [(1_500, False), (1_501, True)])
def test_three_times_the_mean_is_none_yet(last_day, found):
    assert bool(jump(told(*steadily(20, 500), (20, 19_500 + last_day, last_day)))) == found


def test_less_than_a_week_of_memory_says_nothing():
    assert jump(()) is None
    assert jump(told((0, 10, 10), (1, 9_000, 8_990))) is None
    assert jump(told(*steadily(7, 10), (7, 90_000, 80_000))) is None
    assert jump(told(*steadily(8, 10), (8, 90_000, 80_000))) is not None


def test_a_jump_while_no_list_came_shows_in_the_sum():
    seen = told(*steadily(20, 14), (30, 10_266 + 20_000, 3))
    assert jump(seen) == Jump(date(2026, 8, 31), 20_000 // 11 + 1, 14)


def test_the_days_highest_count_stays_when_a_later_list_of_the_day_says_less():
    seen = told(*steadily(20, 14), (20, 12_000, 1_700))
    later = noted(seen, FIRST + timedelta(days=20, hours=8), SignedCount(12_001, 5, bytes(32)))
    assert len(later) == len(seen)
    assert jump(later) == Jump(date(2026, 8, 21), 1_735, 14)  # what came since the day before


def test_it_is_shown_for_a_week():
    days = [*steadily(20, 14), (20, 12_000, 1_700)]
    quiet = [(20 + n, 12_000 + 14 * n, 14) for n in range(1, 9)]
    assert [bool(jump(told(*days, *quiet[:n]))) for n in range(9)] == [True] * 7 + [False] * 2


def test_days_are_of_taipei_and_older_ones_are_forgotten():
    late = noted((), datetime(2026, 8, 1, 23, 30, tzinfo=TAIPEI), SignedCount(1, 1, bytes(32)))
    next_day = noted(late, datetime(2026, 8, 2, 0, 30, tzinfo=TAIPEI), SignedCount(2, 1, bytes(32)))
    assert len(next_day) == 2
    kept = told(*steadily(200, 3))
    assert len(kept) == KEPT_DAYS + 1 and kept[0].day == kept[-1].day - KEPT_DAYS


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 5_000), st.integers(0, 5_000)), max_size=30))
def test_whatever_lists_say_the_days_are_in_order_and_a_jump_is_one_of_them(days):
    seen = told(*days)
    assert [one.day for one in seen] == sorted({one.day for one in seen})
    found = jump(seen)
    assert found is None or (found.signed > 300 and found.signed > 3 * (found.usual - 1))
