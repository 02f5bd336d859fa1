"""When to try again: exponential steps with full jitter, unlimited tries (sync.md B.10)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_S = 2.0
CAP_S = 15 * 60.0
CAP_AFTER_A_DAY_S = 60 * 60.0
A_DAY_S = 24 * 3600.0

Draw = Callable[[float, float], float]


class Backoff:
    """The pause after each failure in a row. One for a worker; in memory only, so that a restart tries at once."""

    def __init__(self, draw: Draw = random.uniform) -> None:
        self._draw = draw
        self._failures = 0
        self._waited_s = 0.0

    def failed(self, retry_after_s: float | None = None, *, most_s: float | None = None) -> float:
        """Seconds to wait now; at least what the center asked for in Retry-After (but never above the cap).

        most_s: no longer than that of our own accord, since somebody waits for it.
        """
        cap = CAP_S if self._waited_s < A_DAY_S else CAP_AFTER_A_DAY_S
        step = min(cap, FIRST_S * 2.0 ** min(self._failures, 30), CAP_AFTER_A_DAY_S if most_s is None else most_s)
        self._failures += 1
        pause = self._draw(0.0, step)
        if retry_after_s is not None:
            pause = max(pause, min(retry_after_s, cap))
        self._waited_s += pause
        return pause

    def reset(self) -> None:
        """After a success, when the network came back, or when a person pressed the button."""
        self._failures = 0
        self._waited_s = 0.0


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After header: a number or an HTTP date; None when absent or unreadable."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
