"""The center's work beside the requests, in one thread: lets decisions take effect, opens photographs, seals the numbers of new
people, sweeps expired uploads, keeps the verification pack fresh.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from flask import Flask

from center import auditing, helping, numbers, opening, packing, receiving, retention, undo
from center.exchange import running
from center.postman import Postman
from center.settings import Settings
from center.store import Store, api_keys, asked, tally_counting, venues
from web.counting import Counters

EVERY_S = 1.0
GATHER_S = 0.2
ALL_EVERY_S = 5.0  # at the latest, however often it is nudged
SWEEP_EVERY_S = 600.0
SWEEP_ASKED_MS = 3600 * 1000  # by then every bucket is full again
SWEEP_ANSWERS_MS = 30 * 86_400_000  # nobody repeats a request of another system later than that

log = logging.getLogger("honorcard.center.worker")


class Worker:
    """The thread. Everything it does comes from rows: it can be killed at any point, and more than one may run."""

    def __init__(self, app: Flask, every_s: float = EVERY_S) -> None:
        self._app = app
        self._every_s = every_s
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._postman = Postman(app)  # a thread of its own: a mail server that hangs holds up nothing
        self._lists: threading.Thread | None = None
        self._swept_at: datetime | None = None

    def start(self) -> None:
        """Begins; a second start changes nothing."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="center-worker", daemon=True)
            self._thread.start()
            self._postman.start()
            self._lists = threading.Thread(target=self._run_lists, name="center-lists", daemon=True)
            self._lists.start()

    def stop(self) -> None:
        """Ends after the step under way."""
        self._stop.set()
        self._wake.set()
        self._postman.stop()
        if self._thread is not None:
            self._thread.join(timeout=30)
            self._thread = None
        if self._lists is not None:  # killed in the middle of a list, it begins it anew
            self._lists.join(timeout=1)
            self._lists = None

    def nudge(self) -> None:
        """Something to do has just come in."""
        self._wake.set()

    def step(self, *, only_new: bool = False) -> None:
        """One pass over everything; a part that fails is logged and does not keep the others from their turn.

        only_new: photographs that have just come in, and nothing else.
        """
        settings: Settings = self._app.config["SETTINGS"]
        store: Store = self._app.extensions["store"]
        moment: datetime = self._app.config["NOW"]()
        counted: Counters = self._app.extensions["counters"]
        parts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("opening", lambda: opening.open_stored(store, settings, now=moment, look_back=not only_new)),
            ("deciding", lambda: undo.settle_due(store, settings, now=moment)),
            ("reading numbers", lambda: numbers.read_new(store, settings)),
            ("ending calls", lambda: helping.end_stale(store, int(moment.timestamp() * 1000))),
            ("noting", lambda: auditing.gather(store)),
            ("counting", lambda: self._count(store)),
            ("sweeping", lambda: self._sweep(store, settings, moment)),
            ("retaining", lambda: retention.keep_to(store, settings, now=moment)),
            ("packing", lambda: packing.keep_fresh(store, settings, now=moment)),
        )
        for name, work in parts[:1] if only_new else parts:
            began_s = time.perf_counter()
            try:
                work()
            except Exception as error:  # the class alone: a message may quote what is in a row
                log.error("%s failed: %s", name, type(error).__name__)
                counted.add("honorcard_worker_failures_total", part=name)
            counted.observe("honorcard_worker_seconds", time.perf_counter() - began_s, part=name)
        counted.flush()

    def _count(self, store: Store) -> None:
        """A few thousand events at a time, so that nobody waits long for the one writer."""
        with store.read() as conn:
            is_behind = tally_counting.is_behind(conn)
        while is_behind and not self._stop.is_set():
            with store.write() as conn:
                is_behind = tally_counting.count_more(conn)

    def _sweep(self, store: Store, settings: Settings, moment: datetime) -> None:
        if self._swept_at is None or abs((moment - self._swept_at).total_seconds()) >= SWEEP_EVERY_S:
            self._swept_at = moment
            now_ms = int(moment.timestamp() * 1000)
            receiving.sweep(store, settings, now_ms)
            undo.sweep(store, now_ms)
            running.sweep(store, now_ms)
            with store.write() as conn:
                venues.tell_anew(conn, now_ms)
                asked.forget(conn, now_ms - SWEEP_ASKED_MS)
                api_keys.forget(conn, now_ms - SWEEP_ANSWERS_MS)

    def _run_lists(self) -> None:
        """Lists that are brought in, in a thread of their own: a long one holds up no decision."""
        while not self._stop.is_set():
            try:
                running.step(self._app.extensions["store"], self._app.config["SETTINGS"], self._app.config["NOW"]())
            except Exception as error:  # the class alone
                log.error("lists failed: %s", type(error).__name__)
            self._stop.wait(self._every_s)

    def _run(self) -> None:
        nudged, all_at = False, time.monotonic()
        while not self._stop.is_set():
            # every photograph of a busy hour wakes it, and what it looks at besides grows with the cases that wait
            only_new = nudged and time.monotonic() - all_at < ALL_EVERY_S
            self.step(only_new=only_new)
            if not only_new:
                all_at = time.monotonic()
            nudged = self._wake.wait(self._every_s)
            if nudged:  # others of the same case are on their way, and cost little more together
                self._stop.wait(min(GATHER_S, self._every_s))
            self._wake.clear()
