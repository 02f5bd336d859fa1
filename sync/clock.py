"""Time as an interval: what a tablet may believe about the moment, whatever its wall clock says (sync.md B.8).

`Evidence` is what the tablet keeps; `believe` makes [lo, hi] of it. lo never lies after the true moment as long as the
center's time and the build date are true; hi is None where nothing can be said. Moments are milliseconds since 1970,
UTC.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

BUILT_MS = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)
"""No true moment lies before this program was written; raised with each release."""

WALL_TRUSTED_FOR_MS = 45 * 24 * 3600 * 1000
_PROCESS_BOOT = f"process-{uuid4()}"


@dataclass(frozen=True)
class Reading:
    """The machine's clocks at one moment: wall (a hint), milliseconds powered since boot, and which boot that was."""

    wall_ms: int
    mono_ms: int
    boot_id: str


@dataclass(frozen=True)
class Evidence:
    """What is kept: the floor, and the last server time with the boot and powered time at which it was heard.

    floor_mono_ms, floor_boot_id: when the floor was last brought forward, so that powered time can be added to it.
    """

    floor_ms: int = BUILT_MS
    floor_mono_ms: int | None = None
    floor_boot_id: str = ""
    server_ms: int | None = None
    server_mono_ms: int | None = None
    server_boot_id: str = ""


@dataclass(frozen=True)
class Belief:
    """The true moment lies at or after `lo_ms`, and at or before `hi_ms` unless that is None."""

    lo_ms: int
    hi_ms: int | None

    def holds(self, wall_ms: int, slack_ms: int = 0) -> bool:
        """Whether a wall clock agrees with the interval, give or take `slack_ms`."""
        return self.lo_ms - slack_ms <= wall_ms and (self.hi_ms is None or wall_ms <= self.hi_ms + slack_ms)


def read(wall_ms: int | None = None) -> Reading:
    """The clocks now; `wall_ms` stands for the wall clock when the caller has its own."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)  # counts suspended time too; Linux only
    seconds = time.clock_gettime(boottime) if boottime is not None else time.monotonic()
    return Reading(time.time_ns() // 1_000_000 if wall_ms is None else wall_ms, int(seconds * 1000), _boot_id())


def tick(evidence: Evidence, reading: Reading) -> Evidence:
    """The odometer: the floor moved on by the time the machine has been powered since it was last moved in this
    boot.
    """
    floor = evidence.floor_ms
    if evidence.floor_boot_id == reading.boot_id and evidence.floor_mono_ms is not None:
        floor += max(0, reading.mono_ms - evidence.floor_mono_ms)
    return replace(
        evidence, floor_ms=max(floor, BUILT_MS), floor_mono_ms=reading.mono_ms, floor_boot_id=reading.boot_id
    )


def heard(evidence: Evidence, moment_ms: int, reading: Reading, *, live: bool) -> Evidence:
    """After a trustworthy moment was learnt. `live`: it is the center's time now (not the age of a list), so it can
    be counted on.
    """
    moved = tick(evidence, reading)
    moved = replace(moved, floor_ms=max(moved.floor_ms, moment_ms))
    if live:
        moved = replace(moved, server_ms=moment_ms, server_mono_ms=reading.mono_ms, server_boot_id=reading.boot_id)
    return moved


def estimate(evidence: Evidence, reading: Reading) -> int | None:
    """The center's time now: last heard plus powered time since, in the same boot; else None."""
    if evidence.server_ms is None or evidence.server_mono_ms is None or evidence.server_boot_id != reading.boot_id:
        return None
    return evidence.server_ms + max(0, reading.mono_ms - evidence.server_mono_ms)


def believe(evidence: Evidence, reading: Reading) -> Belief:
    """The interval of B.8: lo = floor or estimate; hi = estimate, else the wall clock where it is plausible, else
    None.
    """
    lo = tick(evidence, reading).floor_ms
    now = estimate(evidence, reading)
    if now is not None:
        # a list heard later may have moved the floor past the estimate; an interval is never empty
        return Belief(max(lo, now), max(lo, now))
    wall = reading.wall_ms
    return Belief(lo, wall if lo <= wall <= lo + WALL_TRUSTED_FOR_MS else None)


def _boot_id() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return _PROCESS_BOOT
