"""What a tablet may believe about the moment, whatever its wall clock says (sync.md B.8)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sync.clock import BUILT_MS, Belief, Evidence, Reading, believe, estimate, heard, read, tick

DAY = 24 * 3600 * 1000
NOON = BUILT_MS + 30 * DAY
FRESH = Evidence()


def _reading(wall_ms: int, mono_ms: int = 1_000, boot: str = "one") -> Reading:
    return Reading(wall_ms, mono_ms, boot)


def test_a_tablet_that_never_heard_anything_believes_a_plausible_wall_clock() -> None:
    assert believe(FRESH, _reading(NOON)) == Belief(BUILT_MS, NOON)


@pytest.mark.parametrize("wall", [0, BUILT_MS - 1, BUILT_MS + 46 * DAY, BUILT_MS + 4000 * DAY])
def test_an_implausible_wall_clock_bounds_nothing(wall: int) -> None:
    assert believe(FRESH, _reading(wall)) == Belief(BUILT_MS, None)


def test_the_centers_time_counts_on_with_the_time_powered_whatever_the_wall_says() -> None:
    known = heard(FRESH, NOON, _reading(0, 5_000), live=True)
    assert believe(known, _reading(10 * NOON, 65_000)) == Belief(NOON + 60_000, NOON + 60_000)


def test_after_a_restart_only_the_floor_is_left() -> None:
    known = heard(FRESH, NOON, _reading(0, 5_000), live=True)
    later = _reading(NOON + DAY, 10, boot="two")
    assert estimate(known, later) is None
    assert believe(known, later) == Belief(NOON, NOON + DAY)
    assert believe(known, _reading(NOON - DAY, 10, boot="two")) == Belief(NOON, None)


def test_the_odometer_carries_the_floor_on_through_a_boot_without_a_line() -> None:
    known = tick(heard(FRESH, NOON, _reading(0, 0), live=False), _reading(0, 0, "two"))
    for hour in range(1, 49):
        known = tick(known, _reading(0, hour * 3_600_000, "two"))
    assert known.floor_ms == NOON + 2 * DAY
    assert tick(known, _reading(0, 5, "three")).floor_ms == NOON + 2 * DAY


def test_a_signed_list_raises_the_floor_but_is_not_the_time_now() -> None:
    known = heard(FRESH, NOON, _reading(0), live=False)
    assert known.floor_ms == NOON
    assert estimate(known, _reading(0)) is None


def test_an_older_word_never_lowers_the_floor() -> None:
    known = heard(FRESH, NOON, _reading(0), live=False)
    assert heard(known, NOON - DAY, _reading(0), live=True).floor_ms == NOON
    assert replace(FRESH, floor_ms=0).floor_ms < tick(replace(FRESH, floor_ms=0), _reading(0)).floor_ms == BUILT_MS


@given(some.lists(some.tuples(some.sampled_from("slwpr"), some.integers(0, 40 * DAY)), max_size=20))
def test_the_interval_holds_the_true_moment_as_long_as_the_center_tells_the_truth(events) -> None:
    true, mono, boot, wall_off = BUILT_MS + DAY, 0, 0, 0
    known = FRESH
    for what, amount in events:
        true += amount
        mono += amount
        if what == "r":  # switched off for a while, then started
            mono, boot = 0, boot + 1
        if what == "w":
            wall_off = amount - 20 * DAY
        reading = _reading(true + wall_off, mono, str(boot))
        if what == "s":
            known = heard(known, true, reading, live=True)
        if what == "l":
            known = heard(known, max(BUILT_MS, true - amount), reading, live=False)
        if what == "p":
            known = tick(known, reading)
        believed = believe(known, reading)
        assert believed.lo_ms <= true
        if wall_off == 0 and believed.hi_ms is not None:
            assert believed.hi_ms >= true


def test_the_machines_clocks_can_be_read() -> None:
    one, two = read(), read(5)
    assert two.wall_ms == 5
    assert two.mono_ms >= one.mono_ms
    assert one.boot_id == two.boot_id != ""
