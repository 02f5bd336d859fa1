"""What comes of check-ins and check-outs at an event: who was there from when to when, and how many half hours that makes.

Source: R24 and A14 (minutes are summed, then floored once to half hours), R61 (a training is completed, it is not service).
What is not here: who a person is (the center resolves cards), and writing rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Literal

from honorcard import hours

TAIPEI = timezone(timedelta(hours=8))
LONGEST_MS = 31 * 86_400_000  # of an event

EventKind = Literal["activity", "training"]
Counting = Literal["clock", "fixed"]
Course = Literal["", "basic", "special"]


@dataclass(frozen=True)
class Act:
    """One check-in or check-out of one person, in milliseconds of Unix time."""

    what: Literal["in", "out"]
    at_ms: int


@dataclass(frozen=True)
class Stay:
    """From check-in to check-out; end_ms None: nobody knows yet when the person left."""

    start_ms: int
    end_ms: int | None


@dataclass(frozen=True)
class Window:
    """An event as far as counting goes. half_hours: for each who came, with `fixed`."""

    starts_ms: int
    ends_ms: int
    counting: Counting
    half_hours: int = 0


def stays(acts: Iterable[Act], *, missing_in: int | None = None, missing_out: int | None = None) -> tuple[Stay, ...]:
    """When one person was there, whatever the order in which it was told.

    Of two check-ins in a row the first counts, of two check-outs in a row too: two tablets saw the same person. missing_in:
    when somebody came whom nobody checked in; missing_out: when somebody left whom nobody checked out; None for unknown.
    """
    found: list[Stay] = []
    since: int | None = None
    for act in sorted(acts, key=lambda one: (one.at_ms, one.what)):
        if act.what == "in":
            since = act.at_ms if since is None else since
        elif since is not None:
            found.append(Stay(since, act.at_ms))
            since = None
        elif not found and missing_in is not None and missing_in < act.at_ms:
            found.append(Stay(missing_in, act.at_ms))
    if since is not None:
        known = missing_out is not None and missing_out > since
        found.append(Stay(since, missing_out if known else None))
    return tuple(found)


def half_hours(window: Window, there: Sequence[Stay]) -> int:
    """Half hours of one person. By the clock: minutes within the event's own hours, summed, then floored once (A14); a stay
    without an end counts for nothing. Fixed: for each who was there, with or without an end.
    """
    if window.counting == "fixed":
        return window.half_hours if there else 0
    total_ms = 0
    for stay in there:
        if stay.end_ms is not None:
            total_ms += max(0, min(stay.end_ms, window.ends_ms) - max(stay.start_ms, window.starts_ms))
    return hours.from_minutes(total_ms // 60_000)


def days(window: Window, there: Sequence[Stay]) -> tuple[date, date]:
    """First and last day on which a person was there, within the event's own days. ValueError without a stay."""
    if not there:
        raise ValueError("nobody was there")
    firsts = [min(max(stay.start_ms, window.starts_ms), window.ends_ms) for stay in there]
    lasts = [
        min(max(stay.start_ms if stay.end_ms is None else stay.end_ms, window.starts_ms), window.ends_ms)
        for stay in there
    ]
    return day_of(min(firsts)), day_of(max(max(lasts) - 1, min(firsts)))


def day_of(at_ms: int) -> date:
    """The civil day of a moment in Taiwan."""
    return datetime.fromtimestamp(at_ms / 1000, TAIPEI).date()
