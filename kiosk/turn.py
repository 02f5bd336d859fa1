"""One sync thread's time at the work: its own connection, and a store through which nothing is written once another thread
does the work (sync.md B.10). What is not here: when a thread is replaced (watch, worker).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from sqlite_utils import Database

from kiosk.store import Store
from kiosk.store.syncing import Membership


class AbandonedError(Exception):
    """Another thread does the work now; whatever this one still holds in its hands is not written."""


@dataclass
class Turn:
    """One thread's time at the work, with the connection that is its own."""

    number: int
    http: httpx.Client | None = None
    called: Membership | None = None

    def hang_up(self) -> None:
        """Ends the connection."""
        if self.http is not None:
            self.http.close()
            self.http = None


class TurnStore(Store):
    """The store in the hands of one thread: once another one does the work, nothing more is written through it."""

    def __init__(self, store: Store, is_mine: Callable[[], bool]) -> None:
        self._store = store
        self._is_mine = is_mine

    @contextmanager
    def read(self) -> Iterator[Database]:
        """A database to read from."""
        with self._store.read() as db:
            yield db

    @contextmanager
    def write(self) -> Iterator[Database]:
        """One transaction; AbandonedError instead of its commit when this thread was replaced meanwhile."""
        with self._store.write() as db:
            self._check()
            yield db
            self._check()

    def _check(self) -> None:
        if not self._is_mine():
            raise AbandonedError
