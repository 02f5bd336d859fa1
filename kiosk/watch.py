"""Whether the sync thread still gets anywhere (sync.md B.10). Knows no thread: it is told of signs of life and of rests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PATIENCE_S = 120.0


class Watch:
    """Stuck is who gave no sign of life for `patience_s`, and was not resting on purpose."""

    def __init__(self, patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience_s = patience_s
        self._clock = clock
        self._lock = threading.Lock()
        self._quiet_until = clock()
        self._resting_since: float | None = None

    @property
    def patience_s(self) -> float:
        """How long without a sign of life, or at rest while something waits, is long enough."""
        return self._patience_s

    def beat(self) -> None:
        """Something was sent, received or finished; a rest is over."""
        with self._lock:
            self._quiet_until = self._clock()
            self._resting_since = None

    def rests(self, seconds: float, *, bidden: bool = False) -> None:
        """Nothing will happen for so long, and that is as it should be. bidden: because the center asked for it."""
        with self._lock:
            now = self._clock()
            self._quiet_until = now + seconds
            self._resting_since = None if bidden else now

    @property
    def rests_long(self) -> bool:
        """Whether it has been at rest, of its own accord, for as long as patience lasts."""
        with self._lock:
            return self._resting_since is not None and self._clock() - self._resting_since > self._patience_s

    @property
    def is_stuck(self) -> bool:
        """Whether patience is at its end."""
        with self._lock:
            return self._clock() - self._quiet_until > self._patience_s
