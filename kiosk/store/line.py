"""The line of threads that want to write: first come, first served.

SQLite lets whoever asks at the right moment begin, and who waits asks now and then: beside a thread that writes one
transaction after the other, another may wait until it gives up. What is not here: other processes, for which SQLite's own
waiting has to do.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Line:
    """One at a time, in the order in which they came."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_taken = False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Within, it is this thread's turn; after the patience it goes on without one (the database decides then)."""
        has_turn = self._stand_in_line()
        try:
            yield
        finally:
            if has_turn:
                self._next()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def _stand_in_line(self) -> bool:
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=self._patience_s):
            return True
        with self._mutex:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # it was handed on in the last moment

    def _next(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False
