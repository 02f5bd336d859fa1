"""What the center does not take when it runs short: photographs first, operations last (sync.md B.10).

On a disk that fills up, and while more photographs wait to be opened than the worker soon gets through. Tablets keep what was
not taken and come again. What is not here: a tablet that asks for too much, and a database that does not answer (busy).
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, current_app

from center import current
from center.busy import RETRY_AFTER_S
from center.settings import Settings
from center.store import Store, refused
from honorcard.problems import ProblemError
from web.errors import answer

LOOK_EVERY_S = 5.0

Room = Callable[[Path], tuple[int, int]]


class ShortError(Exception):
    """The center cannot take this now; `code` of the problem says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def disk_room(folder: Path) -> tuple[int, int]:
    """Bytes of the disk that holds `folder`, and how many of them are free."""
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return usage.total, usage.free


class Shortage:
    """Figures that are at most a few seconds old: looking is not for every request."""

    def __init__(self, room: Room = disk_room, clock: Callable[[], float] = time.monotonic) -> None:
        self._room = room
        self._clock = clock
        self._seen: dict[object, tuple[float, bool]] = {}

    def of_disk(self, settings: Settings, percent: float) -> bool:
        """Whether less than that share of the disk is free (and less than is enough on a disk of any size)."""

        def look() -> bool:
            total, free = self._room(settings.files)
            return free < settings.disk_enough_bytes and free * 100 < total * percent

        return self._lately(percent, look)

    def of_hands(self, store: Store, limit: int) -> bool:
        """Whether more photographs wait to be opened than that."""

        def look() -> bool:
            with store.read() as conn:
                return refused.photos_waiting(conn, limit + 1) > limit

        return self._lately(store, look)

    def _lately(self, what: object, look: Callable[[], bool]) -> bool:
        at_s, short = self._seen.get(what, (-LOOK_EVERY_S, False))
        if self._clock() - at_s >= LOOK_EVERY_S:
            short = look()
            self._seen[what] = (self._clock(), short)
        return short


def room_for_operations() -> None:
    """ShortError when the disk is all but full."""
    settings = current.settings()
    shortage: Shortage = current_app.extensions["shortage"]
    if shortage.of_disk(settings, settings.disk_ops_percent):
        raise ShortError("center_full")


def room_for_photos() -> None:
    """ShortError when the disk fills up, or the photographs that came are not worked off."""
    settings = current.settings()
    shortage: Shortage = current_app.extensions["shortage"]
    if shortage.of_disk(settings, settings.disk_photos_percent):
        raise ShortError("center_full")
    if shortage.of_hands(current.store(), settings.photos_waiting):
        raise ShortError("center_busy")


def guard(app: Flask) -> None:
    """What is not taken is told when to come again, each tablet at another moment."""
    app.extensions["shortage"] = Shortage()

    @app.errorhandler(ShortError)
    def _later(error: ShortError) -> Response:
        reply = answer(ProblemError(error.code), "center/problem.html")
        reply.headers["Retry-After"] = str(random.randint(*RETRY_AFTER_S))  # noqa: S311 - spreads load, guards nothing
        return reply
