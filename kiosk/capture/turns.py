"""Whose photograph is worked on now: as many at a time as the machine has cores for, a short line, and no more.

Decoding a photograph and looking it over takes a core for half a second. Where forty people press at once, the pages of
everybody else must not wait for it: each request holds a thread of the server, so only some of them may be about
photographs, working or in line. Whoever comes then is told so at once; `static/js/capture-queue.js` keeps the picture
and sends it again by itself.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
from flask import current_app

from honorcard.problems import ProblemError

AT_ONCE = max(1, min(4, os.cpu_count() or 1))
IN_ALL = 24  # working and in line: eight of the kiosk's threads are always free for pages
PATIENCE_S = 25.0  # in line one is served in turn; who is sent away comes back later than whoever comes then


class Turns:
    """A few at once, a few in line; never more."""

    def __init__(self, at_once: int = AT_ONCE, in_all: int = IN_ALL, patience_s: float = PATIENCE_S) -> None:
        self._places = threading.BoundedSemaphore(in_all)
        self._working = threading.BoundedSemaphore(at_once)
        self._patience_s = patience_s
        cv2.setNumThreads(1)  # as many photographs as cores, each on one: more threads get in each other's way

    @contextmanager
    def take(self) -> Iterator[None]:
        """Within, it is this request's turn. ProblemError `picture_decoder_busy` when the line is full or too slow."""
        if not self._places.acquire(blocking=False):
            raise ProblemError("picture_decoder_busy")
        try:
            if not self._working.acquire(timeout=self._patience_s):
                raise ProblemError("picture_decoder_busy")
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._places.release()


@contextmanager
def turn() -> Iterator[None]:
    """This app's turn to work on a photograph; ProblemError `picture_decoder_busy`."""
    turns: Turns = current_app.extensions.setdefault("picture_turns", Turns())
    with turns.take():
        yield
