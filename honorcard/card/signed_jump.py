"""Whether the center signed far more cards in a day than it usually does (credential.md C.5).

Every list says how many signatures the issue log held, and how many of the last 24 hours. A verifier keeps that of each
day's list, so that it can tell a jump by its own memory, whatever the center says later. Its twin is
static/js/verifier/signed.js. What is not here: where the days are kept (the apps), the sentence (their pages).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from honorcard.card.manifest import SignedCount
from honorcard.card.token import TAIPEI

KEPT_DAYS = 90
LEAST_DAYS = 7  # of memory, before anything is called unusual
TIMES_THE_MEAN = 3  # as the center's own pace
AT_LEAST = 300  # signatures a day that the center may make anyhow
SHOWN_DAYS = 7
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class DaySeen:
    """What the lists of one day in Taipei said."""

    day: int
    """Days since 1970."""
    entries: int
    """Signatures ever made, by the day's last list."""
    most: int
    """The most that one of its lists counted within 24 hours."""


@dataclass(frozen=True)
class Jump:
    """An unusual day."""

    day: date
    signed: int
    usual: int
    """A day's mean before, rounded up."""


def noted(seen: Sequence[DaySeen], as_of: datetime, signed: SignedCount) -> tuple[DaySeen, ...]:
    """The days with this list among them, oldest first, no more than ninety back."""
    day = (as_of.astimezone(TAIPEI).date() - _EPOCH).days
    same = [one.most for one in seen if one.day == day]
    kept = (one for one in seen if day - KEPT_DAYS <= one.day < day)
    return (*kept, DaySeen(day, signed.entries, max(signed.last_day, *same, 0)))


def jump(seen: Sequence[DaySeen]) -> Jump | None:
    """The latest day of the last seven on which more than three times as many were signed as a day's mean before, and more
    than the center may sign anyhow; None without a week of days to compare with.
    """
    for n in range(len(seen) - 1, 1, -1):
        here, first, last = seen[n], seen[0], seen[n - 1]
        span = last.day - first.day
        if seen[-1].day - here.day >= SHOWN_DAYS or span < LEAST_DAYS:
            return None
        before = max(0, last.entries - first.entries)
        signed = max(here.most, -(-(here.entries - last.entries) // (here.day - last.day)))
        if signed > AT_LEAST and signed * span > TIMES_THE_MEAN * before:
            return Jump(_EPOCH + timedelta(days=here.day), signed, -(-before // span))
    return None
