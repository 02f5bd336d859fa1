"""Checked lists between the check and the download: in this process' memory for fifteen minutes, nowhere else.

Held under the token of an unlocked browser (kiosk.guard), so that locking the tablet takes the list out of reach.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from honorcard.roster import Roster

KEPT_S = 15 * 60
MOST_HELD = 8  # lists; the oldest goes


@dataclass(frozen=True)
class Checked:
    """A list as checked, the sheet it stood on (empty for a CSV) and how many other sheets were left unread."""

    roster: Roster
    sheet: str = ""
    other_sheets: int = 0


class Rosters:
    """Checked lists by token, each forgotten `kept_s` seconds after it was remembered, whether or not anybody asks."""

    def __init__(self, kept_s: float = KEPT_S, ticks: Callable[[], float] = time.monotonic) -> None:
        self._kept_s = kept_s
        self._ticks = ticks
        self._held: dict[str, tuple[float, Checked]] = {}
        self._lock = threading.Lock()

    def remember(self, token: str, checked: Checked) -> None:
        """Keeps a list in place of the one held before."""
        with self._lock:
            self._sweep()
            self._held.pop(token, None)
            while len(self._held) >= MOST_HELD:
                self._held.pop(next(iter(self._held)))
            self._held[token] = (self._ticks(), checked)
        later = threading.Timer(self._kept_s + 1, self.sweep)
        later.daemon = True
        later.start()

    def recall(self, token: str) -> Checked | None:
        """The list, or None when it is gone."""
        with self._lock:
            self._sweep()
            held = self._held.get(token)
            return held[1] if held else None

    def forget(self, token: str) -> None:
        """Drops a list before its time."""
        with self._lock:
            self._held.pop(token, None)

    def sweep(self) -> None:
        """Drops what has been kept long enough."""
        with self._lock:
            self._sweep()

    def _sweep(self) -> None:
        now = self._ticks()
        self._held = {key: held for key, held in self._held.items() if now - held[0] <= self._kept_s}


_rosters = Rosters()
remember = _rosters.remember
recall = _rosters.recall
forget = _rosters.forget
