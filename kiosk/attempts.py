"""What came of pressing "try again now": one wish at a time, at least ten seconds apart (sync.md B.10)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.store.syncing import Line

APART_S = 10.0


@dataclass(frozen=True)
class Attempt:
    """One wish: whether its round has ended, and what that round did."""

    number: int
    done: bool = False
    line: Line = "no_line"
    sent: int = 0
    photos: int = 0
    left: int = 0


class Attempts:
    """The last wish, shared by the page that asks and the thread that tries."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last: Attempt | None = None
        self._at = -APART_S

    def wish(self) -> float:
        """Takes a wish: 0 when it counts, else the seconds after which the next one does."""
        with self._lock:
            left = self._at + APART_S - self._clock()
            if left > 0:
                return left
            self._at = self._clock()
            self._last = Attempt(self._last.number + 1 if self._last else 1)
            return 0.0

    @property
    def last(self) -> Attempt | None:
        """The last wish; None before the first."""
        return self._last

    def ended(self, begun: Attempt | None, line: Line, *, sent: int, photos: int, left: int) -> None:
        """A round is over that began after `begun` was wished."""
        with self._lock:
            if begun is not None and self._last is not None and self._last.number == begun.number and not begun.done:
                self._last = replace(begun, done=True, line=line, sent=sent, photos=photos, left=left)
