"""What the center's news does to the tablet's rows, inside the transaction that notes them. Never logs what is in anything,
only counts and ids.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec
from flask import Flask
from sqlite_utils import Database

from kiosk import stuck
from kiosk.settings import Settings
from kiosk.store import calls, events, letters, own_records, sent, story, syncing, venues
from sync import outbox, wire
from sync.device import DeviceKeys
from sync.seal import SealError

log = logging.getLogger("honorcard.kiosk.worker")


class News:
    """What news does to the tablet's rows, inside the transaction that notes it."""

    def __init__(self, settings: Settings, app: Flask, pack_announced: Callable[[], None]) -> None:
        self._settings = settings
        self._app = app
        self._pack_announced = pack_announced

    def answered(self, db: Database, op: wire.Op, result: wire.OpResult, state: str) -> None:
        """The center's word on an operation; what was not taken shows in the tray by the operation's own state."""
        if not op.kind.startswith("application."):
            return
        if state == "accepted":
            sent.accepted(db, op.entity_id, result.rev, self._now_ms())
            story.note(db, op.entity_id, "taken", self._now_ms())
        else:
            given_up = state == "rejected" and result.status == "retry"
            code = letters.GIVEN_UP if given_up else result.code or state
            story.note(db, op.entity_id, "refused", self._now_ms(), code)

    def received(self, db: Database, item: wire.FeedItem) -> None:
        """One feed item. What this version cannot read is kept as it came."""
        try:
            self._apply(db, item)
        except (msgspec.MsgspecError, SealError, OSError, ValueError):
            log.warning("feed item %s (%s) kept unread", item.lsn, item.kind)
            sent.keep_raw(db, item)

    def restored(self, db: Database, reoffered: int) -> None:
        """The center came back from a backup."""
        letters.tell_all_again(db)
        log.warning("the center was restored; %s operations are offered again", reoffered)
        syncing.note_restored(db)
        story.note_offered_again(db, self._now_ms())
        sent.forget_revs(db)
        own_records.forget_revs(db)

    def _apply(self, db: Database, item: wire.FeedItem) -> None:
        now_ms = self._now_ms()
        match item.kind:
            case "application.state":
                state: wire.ApplicationState = wire.decode(wire.ApplicationState, item.body)
                if sent.set_state(db, item.entity_id, state.state, item.rev, now_ms, state.notices):
                    story.note(db, item.entity_id, "state", now_ms, state.state)
            case "application.decided":
                decided: wire.Decided = wire.decode(wire.Decided, item.body)
                outbox.decided(db, decided.op_id)
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
            case "event.open":
                events.keep(db, wire.decode(wire.Event, item.body))
            case "help.call":
                calls.heard(db, wire.decode(wire.HelpCall, item.body), now_ms)
            case "op.again":
                stuck.note_again(db, wire.decode(wire.OpWord, item.body).op_id, now_ms)
            case "op.settled":
                stuck.note_settled(db, wire.decode(wire.OpWord, item.body).op_id, now_ms)
            case "wipe":
                syncing.ask_wipe(db)
            case _:
                sent.keep_raw(db, item)

    def _now_ms(self) -> int:
        return int(self._app.config["NOW"]().timestamp() * 1000)
