"""The time this tablet may believe, as an interval (sync.md B.8). The wall clock is only a hint."""

from __future__ import annotations

from datetime import UTC, datetime

from honorcard.card.verdict import Interval
from kiosk.store import Store, syncing
from sync import clock

PERSIST_EVERY_MS = 5 * 60 * 1000


def interval(store: Store, now: datetime) -> Interval:
    """[lo, hi] around the true moment; hi is None where nothing can be said. `now`: the wall clock."""
    with store.read() as db:
        known = syncing.evidence(db)
    believed = clock.believe(known, clock.read(_ms(now)))
    return Interval(_moment(believed.lo_ms), None if believed.hi_ms is None else _moment(believed.hi_ms))


def is_doubtful(store: Store, now: datetime) -> bool:
    """Whether the wall clock lies outside the interval by more than five minutes; such a submission is flagged, never
    shifted.
    """
    with store.read() as db:
        known = syncing.evidence(db)
    reading = clock.read(_ms(now))
    believed = clock.believe(known, reading)
    return not believed.holds(reading.wall_ms, slack_ms=5 * 60 * 1000)


def center_ms(store: Store) -> int | None:
    """The center's time now, as far as it is known in this boot; what requests are signed with."""
    with store.read() as db:
        known = syncing.evidence(db)
    return clock.estimate(known, clock.read())


def heard(store: Store, moment_ms: int, *, live: bool) -> None:
    """The center said what time it is (`live`), or a signed list showed that it is at least that late."""
    with store.write() as db:
        syncing.keep_evidence(db, clock.heard(syncing.evidence(db), moment_ms, clock.read(), live=live))


def tick(store: Store) -> None:
    """Moves the floor on by the time this machine has been powered; written at most every five minutes."""
    with store.read() as db:
        known = syncing.evidence(db)
    reading = clock.read()
    moved = clock.tick(known, reading)
    if known.floor_boot_id != reading.boot_id or moved.floor_ms - known.floor_ms >= PERSIST_EVERY_MS:
        with store.write() as db:
            syncing.keep_evidence(db, clock.tick(syncing.evidence(db), reading))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
