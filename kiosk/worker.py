"""The tablet's sync thread: round after round, beside everything a person does. Never logs what is in anything, only
counts and ids.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module

import httpx
import msgspec
from flask import Flask
from sqlite_utils import Database

from kiosk import enrolment, timing
from kiosk.settings import Settings
from kiosk.store import Store, own_records, sent, syncing, venues
from kiosk.store.syncing import Line, Membership
from sync import blobs, outbox, uploads, wire
from sync.client import Report, Round
from sync.device import DeviceKeys
from sync.retry import Backoff, retry_after
from sync.seal import SealError

REFUSED_PAUSE_S = 300.0  # not authorised: asking more often would not help (sync.md B.10)
CLOCK_STEP_MS = 2_000  # a smaller difference from what is known is the line's delay
NOTE_EVERY_MS = 30_000
SWEEP_EVERY_S = 6 * 3600.0
PACK_EVERY_S = 600.0
PACK_TRIES = 10  # rounds in which an announced list is asked for
WISHES_APART_S = 10.0  # while the line is down, a wish to try now counts only so long after the one before

log = logging.getLogger("honorcard.kiosk.worker")


class SyncWorker:
    """The thread. All it knows is in the store: it can be killed at any point."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._backoff = Backoff()
        self._chunks = uploads.ChunkSize()
        self._clock = enrolment.CenterClock()
        self._failing = False
        self._noted: tuple[Line, int] | None = None
        self._http: httpx.Client | None = None
        self._called: Membership | None = None
        self._swept_at = -SWEEP_EVERY_S
        self._pack_tries = PACK_TRIES
        self._pack_at = 0.0
        self._wished_at = -WISHES_APART_S
        app.extensions["worker"] = self

    def start(self) -> None:
        """Begins; a second start changes nothing."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="kiosk-sync", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends after the request under way."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=40)
            self._thread = None
        self._hang_up()

    def nudge(self) -> None:
        """Something was submitted, or somebody pressed the button: try now."""
        if self._failing:
            now_s = time.monotonic()
            if now_s - self._wished_at < WISHES_APART_S:
                return
            self._wished_at = now_s
        self._backoff.reset()
        self._wake.set()

    def step(self) -> float:
        """One round; gives the seconds to wait before the next. Never raises."""
        try:
            return self._round()
        except Exception as error:  # the class alone: a message may quote what somebody typed
            log.error("round failed: %s", type(error).__name__)
            return self._backoff.failed()

    def _run(self) -> None:
        while not self._stop.is_set():
            pause = self.step()
            self._wake.wait(pause)
            self._wake.clear()

    def _round(self) -> float:
        settings: Settings = self._app.config["SETTINGS"]
        store: Store = self._app.extensions["store"]
        timing.tick(store)
        with store.read() as db:
            here = syncing.membership(db)
        if here is None:
            return settings.sync_every_s
        if not self._clock.is_set and (known := timing.center_ms(store)) is not None:
            self._clock.correct(known)
        self._sweep(store, settings)
        try:
            report = self._one(self._line(settings, here), store, settings, here)
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            refused = status in (401, 403)
            self._note_line(store, "refused" if refused else "no_line", settings)
            log.info("the center answered %s", status)
            after = retry_after(error.response.headers.get("Retry-After"), datetime.now(UTC))
            return REFUSED_PAUSE_S if refused else self._backoff.failed(after)
        except httpx.HTTPError as error:
            self._hang_up()
            self._note_line(store, "no_line", settings)
            log.info("no line: %s", type(error).__name__)
            return self._backoff.failed()
        self._backoff.reset()
        if report.damaged_blobs or report.quarantined or report.refused:
            log.warning(
                "%s operations refused, %s in quarantine, photographs damaged: %s",
                report.refused, report.quarantined, [address[:12] for address in report.damaged_blobs],
            )  # fmt: skip
        return report.retry_after_s if report.more_to_upload else max(settings.sync_every_s, report.retry_after_s)

    def _one(self, http: httpx.Client, store: Store, settings: Settings, here: Membership) -> Report:
        hooks = _Hooks(settings, self._app, self._pack_announced)
        one = Round(
            http, store, here.device_id, settings.blobs_dir, hooks, self._chunks, lambda: not self._stop.is_set()
        )
        report = one.run()
        if report.server_ms is not None:
            self._clock.correct(report.server_ms)
            known = timing.center_ms(store)
            if known is None or abs(known - report.server_ms) > CLOCK_STEP_MS:
                timing.heard(store, report.server_ms, live=True)
        self._note_line(store, "good", settings)
        self._fetch_pack(http, store, settings, here)
        return report

    def _note_line(self, store: Store, line: Line, settings: Settings) -> None:
        self._failing = line != "good"
        now_ms = int(self._app.config["NOW"]().timestamp() * 1000)
        if self._noted is not None and self._noted[0] == line and abs(now_ms - self._noted[1]) < NOTE_EVERY_MS:
            return  # nothing a person would see: spares the disk
        with store.write() as db:
            syncing.note_line(db, line, now_ms, settings.sync_every_s)
        self._noted = (line, now_ms)

    def _line(self, settings: Settings, here: Membership) -> httpx.Client:
        """The connection to the center, kept over the rounds: a handshake every few seconds would cost more than the news."""
        if self._http is not None and self._called != here:
            self._hang_up()
        if self._http is None:
            self._http = enrolment.line(settings, here, self._clock.now_ms, self._clock.correct)
            self._called = here
        return self._http

    def _hang_up(self) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None

    def _sweep(self, store: Store, settings: Settings) -> None:
        """Sealed files left by a submit that never came to its write (sync.md K3)."""
        if time.monotonic() - self._swept_at < SWEEP_EVERY_S:
            return
        self._swept_at = time.monotonic()
        with store.read() as db:
            known = outbox.blob_addresses(db)
        blobs.sweep(settings.blobs_dir, known)

    def _fetch_pack(self, http: httpx.Client, store: Store, settings: Settings, here: Membership) -> None:
        """The verification list, when the center said there is a newer one, at the start, and now and then.

        After what people wait for; its trouble is not the line's.
        """
        aged = time.monotonic() - self._pack_at > PACK_EVERY_S
        if not self._pack_tries and not aged:
            return
        self._pack_tries = max(0, self._pack_tries - 1)
        self._pack_at = time.monotonic()
        try:
            packs = import_module("kiosk.packs")
            if packs.fetch(replace(settings, center_url=here.center_url), http, store):
                self._pack_tries = 0
        except Exception as error:  # the list in use stays in use
            log.warning("no newer list: %s", type(error).__name__)

    def _pack_announced(self) -> None:
        self._pack_tries = PACK_TRIES


class _Hooks:
    """What news does to the tablet's rows, inside the transaction that notes it."""

    def __init__(self, settings: Settings, app: Flask, pack_announced: Callable[[], None]) -> None:
        self._settings = settings
        self._app = app
        self._pack_announced = pack_announced

    def answered(self, db: Database, op: wire.Op, result: wire.OpResult, state: str) -> None:
        """The center's word on an operation; what was not taken shows in the tray by the operation's own state."""
        if state == "accepted" and op.kind.startswith("application."):
            sent.accepted(db, op.entity_id, result.rev, self._now_ms())

    def received(self, db: Database, item: wire.FeedItem) -> None:
        """One feed item. What this version cannot read is kept as it came."""
        try:
            self._apply(db, item)
        except (msgspec.MsgspecError, SealError, OSError, ValueError):
            log.warning("feed item %s (%s) kept unread", item.lsn, item.kind)
            sent.keep_raw(db, item)

    def restored(self, db: Database, reoffered: int) -> None:
        """The center came back from a backup."""
        log.warning("the center was restored; %s operations are offered again", reoffered)
        sent.forget_revs(db)
        own_records.forget_revs(db)

    def _apply(self, db: Database, item: wire.FeedItem) -> None:
        now_ms = self._now_ms()
        match item.kind:
            case "application.state":
                state: wire.ApplicationState = wire.decode(wire.ApplicationState, item.body)
                sent.set_state(db, item.entity_id, state.state, item.rev, now_ms)
            case "application.returned":
                sent.keep_returned(db, item.entity_id, item.body, item.rev, now_ms)
            case "card.issued":
                keys = DeviceKeys.load(self._settings.key_file.parent)
                issued: wire.CardIssued = wire.decode(wire.CardIssued, keys.open(item.body, "sheet"))
                until = issued.valid_until.isoformat()
                sent.keep_device_sheet(db, item.entity_id, issued.number, until, item.body, now_ms)
            case "card.sheet":
                sheet: wire.CardSheet = wire.decode(wire.CardSheet, item.body)
                until = sheet.valid_until.isoformat()
                sent.keep_slip_sheet(db, item.entity_id, sheet.number, until, sheet.idx, sheet.blob, now_ms)
            case "card.status":
                status: wire.CardStatus = wire.decode(wire.CardStatus, item.body)
                sent.set_card_status(db, item.entity_id, status.number, status.status)
            case "pack.manifest":
                self._pack_announced()
            case "service.record":
                record: wire.SealedRecord = wire.decode(wire.SealedRecord, item.body)
                own_records.keep(db, item.entity_id, record.idx, record.blob, item.rev, now_ms)
            case "venues":
                listed: wire.Venues = wire.decode(wire.Venues, item.body)
                venues.replace_all(db, listed.venues)
            case _:
                sent.keep_raw(db, item)

    def _now_ms(self) -> int:
        return int(self._app.config["NOW"]().timestamp() * 1000)
