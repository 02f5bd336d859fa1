"""The interval a tablet's gate judges by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk import timing
from kiosk.store import syncing
from sync.clock import BUILT_MS
from tests.sync.loopback import Kiosk

BUILT = datetime.fromtimestamp(BUILT_MS / 1000, UTC)
NOON = BUILT + timedelta(days=20)


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    return Kiosk(tmp_path)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def test_a_fresh_tablet_trusts_a_plausible_wall_clock_only(kiosk: Kiosk) -> None:
    found = timing.interval(kiosk.store, NOON)
    assert (found.lo, found.hi) == (BUILT, NOON)
    assert timing.interval(kiosk.store, BUILT + timedelta(days=400)).hi is None
    assert timing.interval(kiosk.store, datetime(1970, 1, 1, tzinfo=UTC)).lo == BUILT


def test_after_a_sync_the_wall_clock_does_not_matter(kiosk: Kiosk) -> None:
    timing.heard(kiosk.store, _ms(NOON), live=True)
    for wall in (NOON, NOON - timedelta(days=4000), NOON + timedelta(days=4000)):
        found = timing.interval(kiosk.store, wall)
        assert found.lo == found.hi
        assert timedelta(0) <= found.lo - NOON < timedelta(seconds=30)
    assert timedelta(0) <= timedelta(milliseconds=timing.center_ms(kiosk.store) - _ms(NOON)) < timedelta(seconds=30)


def test_a_list_only_raises_the_floor(kiosk: Kiosk) -> None:
    timing.heard(kiosk.store, _ms(NOON), live=False)
    assert timing.interval(kiosk.store, NOON + timedelta(days=1)).lo >= NOON
    assert timing.center_ms(kiosk.store) is None


def test_what_is_known_survives_a_restart_of_the_program(kiosk: Kiosk, tmp_path: Path) -> None:
    timing.heard(kiosk.store, _ms(NOON), live=True)
    again = Kiosk(tmp_path)
    assert timing.interval(again.store, NOON).lo >= NOON


def test_the_odometer_is_written_seldom(kiosk: Kiosk) -> None:
    timing.tick(kiosk.store)
    with kiosk.store.read() as db:
        first = syncing.evidence(db)
    timing.tick(kiosk.store)
    with kiosk.store.read() as db:
        assert syncing.evidence(db) == first
    assert first.floor_boot_id


@pytest.mark.parametrize(
    ("wall", "doubtful"),
    [(NOON, False), (NOON + timedelta(minutes=4), False), (NOON + timedelta(minutes=7), True),
     (NOON - timedelta(minutes=7), True), (NOON + timedelta(days=365), True)],
)  # fmt: skip
def test_a_wall_clock_outside_the_interval_is_doubtful(kiosk: Kiosk, wall: datetime, doubtful: bool) -> None:
    timing.heard(kiosk.store, _ms(NOON), live=True)
    assert timing.is_doubtful(kiosk.store, wall) is doubtful
