"""Whether the sync thread still gets anywhere (sync.md B.10). Knows no thread: it is told of signs of life."""

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

    def beat(self) -> None:
        """Something was sent, received or finished; a rest is over."""
        with self._lock:
            self._quiet_until = self._clock()

    def rests(self, seconds: float) -> None:
        """Nothing will happen for so long, and that is as it should be."""
        with self._lock:
            self._quiet_until = self._clock() + seconds

    @property
    def is_stuck(self) -> bool:
        """Whether patience is at its end."""
        with self._lock:
            return self._clock() - self._quiet_until > self._patience_s
