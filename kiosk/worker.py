"""The tablet's sync thread: round after round, beside everything a person does; and the one that watches over it.

All it knows is in the store: it can be killed at any point, and is replaced when it gets nowhere. Never logs what is in
anything, only counts and ids. What is not here: what news does to the rows (news), how a round goes (sync.client), what is done
beside it now and then (errands), what a refusal means (refusals), what a thread that was replaced may still do (turn).
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpx
from flask import Flask

from kiosk import emptying, enrolment, guard, rooms, timing
from kiosk.attempts import Attempt, Attempts
from kiosk.errands import Errands
from kiosk.network import Network
from kiosk.news import News
from kiosk.refusals import Refusals
from kiosk.settings import Settings
from kiosk.store import Store, story, syncing
from kiosk.store.syncing import Line, Membership
from kiosk.turn import AbandonedError, Turn, TurnStore
from kiosk.watch import PATIENCE_S, Watch
from sync import outbox, uploads
from sync.client import Report, Round
from sync.retry import Backoff, retry_after

REFUSED_PAUSE_S = 300.0  # not authorised, or too old: asking more often would not help (sync.md B.10)
NOTE_EVERY_MS = 30_000
ASK_EVERY_S = 3600.0  # with nothing to send: how much of what was sent a backup of the center covers
WISHES_APART_S = 10.0  # while the line is down, a wish to try now counts only so long after the one before
GUARD_EVERY_S = 5.0

log = logging.getLogger("honorcard.kiosk.worker")


@dataclass
class _Known:
    """What the worker remembers from round to round, in memory only."""

    failing: bool = False
    bidden: bool = False  # the rest that follows is what the center asked for
    noted: tuple[Line, int] | None = None
    asked_at: float = -ASK_EVERY_S
    wished_at: float = -WISHES_APART_S
    backoff: Backoff = field(default_factory=Backoff)
    chunks: uploads.ChunkSize = field(default_factory=uploads.ChunkSize)
    clock: enrolment.CenterClock = field(default_factory=enrolment.CenterClock)
    refusals: Refusals = field(default_factory=Refusals)


class SyncWorker:
    """The thread and its guard. patience_s: how long a thread may give no sign of life."""

    def __init__(
        self, app: Flask, *, patience_s: float = PATIENCE_S, guard_every_s: float = GUARD_EVERY_S,
        network: Network | None = None,
    ) -> None:  # fmt: skip
        self._app = app
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._guard: threading.Thread | None = None
        self._guard_every_s = guard_every_s
        self._watch = Watch(patience_s)
        self._network = network or Network()
        self._turn = Turn(0)
        self._known = _Known()
        self.errands = Errands()
        self.attempts = Attempts()
        app.extensions["worker"] = self

    def start(self) -> None:
        """Begins; a second start changes nothing."""
        if self._thread is None:
            self._stop.clear()
            self._begin()
            self._guard = threading.Thread(target=self._look_after, name="kiosk-sync-guard", daemon=True)
            self._guard.start()

    def stop(self) -> None:
        """Ends after the request under way."""
        self._stop.set()
        self._wake.set()
        for thread in (self._guard, self._thread):
            if thread is not None:
                thread.join(timeout=40)
        self._thread = self._guard = None
        self._turn.hang_up()

    def nudge(self) -> None:
        """Something was submitted: try now."""
        if self._known.failing:
            now_s = time.monotonic()
            if now_s - self._known.wished_at < WISHES_APART_S:
                return
            self._known.wished_at = now_s
        self._try_now()

    def try_now(self) -> float:
        """Somebody pressed the button: 0 when it is tried now, else the seconds until the next press counts."""
        left = self.attempts.wish()
        if not left:
            self._try_now()
        return left

    def step(self) -> float:
        """One round; gives the seconds to wait before the next. Never raises."""
        return self._step(self._turn)

    def guard(self) -> None:
        """One look at the thread and at the network's ways out."""
        if self._watch.is_stuck:
            self._replace()
        elif self._watch.rests_long and self._waits():
            self._wake.set()
        if self._network.came_up():
            log.info("there is a new way out")
            self._try_now()

    # --- threads ---

    def _begin(self) -> None:
        self._watch.beat()
        self._thread = threading.Thread(target=self._run, args=(self._turn,), name="kiosk-sync", daemon=True)
        self._thread.start()

    def _run(self, turn: Turn) -> None:
        while not self._stop.is_set() and turn is self._turn:
            pause = self._step(turn)
            if turn is not self._turn:
                break
            self._watch.rests(pause, bidden=self._known.bidden)
            self._wake.wait(pause)
            self._wake.clear()
            if turn is self._turn:
                self._watch.beat()
        if turn is not self._turn:
            turn.hang_up()

    def _look_after(self) -> None:
        while not self._stop.wait(self._guard_every_s):
            try:
                self.guard()
            except Exception as error:  # the guard outlives whatever befalls it
                log.error("guard: %s", type(error).__name__)

    def _replace(self) -> None:
        """The thread gave no sign of life: another one goes on, with a new connection. What it still holds is not written."""
        log.error("sync got nowhere for too long: it is begun anew")
        self._turn = Turn(self._turn.number + 1)
        self._known.backoff.reset()
        self._begin()
        store = self._line_store
        with store.write() as db:
            syncing.note_replaced(db, self._now_ms())

    def _try_now(self) -> None:
        self._known.backoff.reset()
        self._wake.set()

    # --- a round ---

    def _step(self, turn: Turn) -> float:
        store = TurnStore(self._line_store, lambda: turn is self._turn)
        wished = self.attempts.last
        self._known.bidden = False
        try:
            return self._round(turn, store, wished)
        except AbandonedError:
            return 0.0
        except Exception as error:  # the class alone: a message may quote what somebody typed
            log.error("round failed: %s", type(error).__name__)
            self.attempts.ended(wished, "no_line", sent=0, photos=0, left=0)
            return self._pause()

    def _round(self, turn: Turn, store: TurnStore, wished: Attempt | None) -> float:
        known, settings = self._known, self._settings
        timing.tick(store)
        if emptying.empty_if_asked(store, settings):
            turn.hang_up()
            guard.lock_out(self._app)
            rooms.begin_anew(self._app)
        with store.read() as db:
            here = syncing.membership(db)
        if here is None:
            self._tell(store, wished, "not_enrolled", Report())
            return settings.sync_every_s
        if not known.clock.is_set and (center_ms := timing.center_ms(store)) is not None:
            known.clock.correct(center_ms)
        self.errands.sweep(store, settings)
        one: Round | None = None
        try:
            http = self._line(turn, here)
            said_ms = self.errands.greet(http, store, settings, self._now_ms(), failing=known.failing)
            if said_ms is not None:
                known.clock.correct(said_ms)
            self.errands.call_out(http, store, self._now_ms())
            one = Round(
                http, store, here.device_id, settings.blobs_dir, News(settings, self._app, self.errands.pack_announced),
                known.chunks, lambda: not self._stop.is_set() and turn is self._turn,
                asks=time.monotonic() - known.asked_at > ASK_EVERY_S,
            )  # fmt: skip
            try:
                report = one.run()
            finally:
                if one.report.trusted:
                    known.refusals.taken()
        except httpx.HTTPStatusError as error:
            line = known.refusals.line_after(error.response)
            log.info("the center answered %s", error.response.status_code)
            self._over(store, wished, line, one)
            after = retry_after(error.response.headers.get("Retry-After"), datetime.now(UTC))
            return REFUSED_PAUSE_S if line in ("refused", "outdated") else self._pause(after)
        except httpx.HTTPError as error:
            turn.hang_up()
            log.info("no line: %s", type(error).__name__)
            self._over(store, wished, "no_line", one)
            return self._pause()
        self._over(store, wished, "busy" if report.held_back else "good", one)
        self.errands.tell_stuck(http, store, settings, known.chunks, self._now_ms())
        self.errands.fetch_pack(http, store, replace(settings, center_url=here.center_url))
        known.backoff.reset()
        known.bidden = bool(report.retry_after_s)
        if report.asked:
            known.asked_at = time.monotonic()
        if report.damaged_blobs or report.quarantined or report.refused:
            log.warning(
                "%s operations refused, %s in quarantine, photographs damaged: %s",
                report.refused, report.quarantined, [address[:12] for address in report.damaged_blobs],
            )  # fmt: skip
        goes_on = report.more_to_upload or report.more_to_hear
        return report.retry_after_s if goes_on else max(settings.sync_every_s, report.retry_after_s)

    def _pause(self, retry_after_s: float | None = None) -> float:
        """The rest after a failure: while something waits, and the center asked for nothing else, no longer than patience."""
        self._known.bidden = bool(retry_after_s)
        most_s = self._watch.patience_s if self._waits() else None
        return self._known.backoff.failed(retry_after_s, most_s=most_s)

    def _waits(self) -> bool:
        store = self._line_store
        with store.read() as db:
            return outbox.waits(db)

    def _over(self, store: TurnStore, wished: Attempt | None, line: Line, one: Round | None) -> None:
        """A round has ended, well or not: how the line is now, and what came of it."""
        report = one.report if one is not None else Report()
        if (
            report.moved
        ):  # a line that breaks every half minute is slow, not gone: each break is the first (sync.md B.10)
            self._known.backoff.reset()
        self._note_line(store, line)
        if report.accepted or report.uploaded:
            with store.write() as db:
                story.note_whole(db, self._now_ms())
        self._tell(store, wished, line, report)

    def _tell(self, store: TurnStore, wished: Attempt | None, line: Line, report: Report) -> None:
        if wished is not None and not wished.done:
            with store.read() as db:
                left = syncing.facts(db, self._now_ms()).unsent
            self.attempts.ended(wished, line, sent=report.accepted, photos=report.uploaded, left=left)

    def _note_line(self, store: TurnStore, line: Line) -> None:
        known = self._known
        known.failing = line != "good"
        now_ms = self._now_ms()
        if known.noted is not None and known.noted[0] == line and abs(now_ms - known.noted[1]) < NOTE_EVERY_MS:
            return  # nothing a person would see: spares the disk
        with store.write() as db:
            syncing.note_line(db, line, now_ms, self._settings.sync_every_s)
        known.noted = (line, now_ms)

    def _line(self, turn: Turn, here: Membership) -> httpx.Client:
        """The connection to the center, kept over the rounds: a handshake every few seconds would cost more than the news."""
        if turn.http is not None and turn.called != here:
            turn.hang_up()
        if turn.http is None:
            clock = self._known.clock
            turn.http = enrolment.line(self._settings, here, clock.now_ms, clock.correct, self._watch.beat)
            turn.called = here
        return turn.http

    @property
    def _settings(self) -> Settings:
        settings: Settings = self._app.config["SETTINGS"]
        return settings.machine

    @property
    def _line_store(self) -> Store:
        """The machine's own: nothing of a practice room is ever sent."""
        held: Store = self._app.extensions.get("line_store") or self._app.extensions["store"]
        return held

    def _now_ms(self) -> int:
        return int(self._app.config["NOW"]().timestamp() * 1000)
