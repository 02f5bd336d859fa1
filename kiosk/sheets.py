"""Card sheets, opened: by this tablet's key for staff, by slip and birth date for the volunteer. Nothing opened
touches the disk.

What a slip opened is remembered for that browser alone, for a quarter of an hour; the next person at the kiosk does
not find it.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, MutableMapping
from datetime import date
from typing import Any

import msgspec
from flask import Flask

from honorcard.card import slip as slip_rules
from honorcard.problems import ProblemError
from kiosk.settings import Settings
from kiosk.store import Store, cards, own_records, tray
from sync import wire
from sync.device import DeviceKeys
from sync.seal import SealError

KEPT_S = 15 * 60
TRIES = 5
TICKETS = {
    "sheet": "opened_sheets",
    "record": "opened_records",
}  # a ticket's name in the session -> what holds its content


class Opened:
    """Sheets that slips opened: by a random ticket that only the browser's session holds."""

    def __init__(self, kept_s: float = KEPT_S, ticks: Callable[[], float] = time.monotonic) -> None:
        self._kept_s = kept_s
        self._ticks = ticks
        self._held: dict[str, tuple[float, str, bytes]] = {}
        self._lock = threading.Lock()

    def keep(self, application_id: str, pdf: bytes) -> str:
        """Keeps a sheet; the answer is its ticket."""
        ticket = secrets.token_urlsafe(18)
        with self._lock:
            now = self._ticks()
            self._held = {key: held for key, held in self._held.items() if now - held[0] <= self._kept_s}
            self._held[ticket] = (now, application_id, pdf)
        return ticket

    def find(self, ticket: str | None, application_id: str) -> bytes | None:
        """The sheet behind a ticket, when it is that application's and not too old."""
        with self._lock:
            held = self._held.get(ticket or "")
            if held is None or held[1] != application_id or self._ticks() - held[0] > self._kept_s:
                return None
            return held[2]

    def drop(self, ticket: str | None) -> None:
        """Forgets a sheet."""
        with self._lock:
            self._held.pop(ticket or "", None)


def opened(app: Flask, ticket: str) -> Opened:
    """What slips have opened, of the kind that ticket of the session is for."""
    held: Opened = app.extensions.setdefault(TICKETS[ticket], Opened())
    return held


def forget(app: Flask, session: MutableMapping[str, Any]) -> None:
    """Drops whatever the session's tickets opened."""
    for ticket in TICKETS:
        opened(app, ticket).drop(session.pop(ticket, None))


def for_staff(store: Store, settings: Settings, application_id: str) -> bytes:
    """The PDF of a live card, opened with this tablet's key. ProblemError `card_not_here`, `card_sealed_elsewhere`."""
    return issued(store, settings, application_id).sheet


def issued(store: Store, settings: Settings, application_id: str) -> wire.CardIssued:
    """All that the center sent of a live card, as `for_staff`."""
    with store.read() as db:
        card = cards.find(db, application_id)
    if card is None or card.status != "live" or card.device_sheet is None:
        raise ProblemError("card_not_here")
    try:
        clear = DeviceKeys.load(settings.data_dir).open(card.device_sheet, "sheet")
        told: wire.CardIssued = wire.decode(wire.CardIssued, clear)
    except (OSError, SealError, msgspec.MsgspecError):
        raise ProblemError("card_sealed_elsewhere") from None
    return told


def by_slip(store: Store, text: str, born: date) -> tuple[str, bytes]:
    """The application and the PDF that a slip and a birth date open; five tries a slip, each counted before it is made.

    ProblemError `slip_unreadable`, `slip_tries_spent`, `slip_not_yet` (known here and not decided), `card_not_here`,
    `slip_does_not_open`.
    """
    receipt, secret = slip_rules.read_slip(text.strip())
    with store.read() as db:
        known = tray.with_receipt(db, receipt)
        has_card = [row for row in known if row.card_status is not None]
    if known and not has_card:
        raise ProblemError("slip_not_yet")
    count_try(store, secret)
    with store.read() as db:
        card = cards.by_slip(db, slip_rules.sheet_index(secret, born))
    if card is None or card.slip_sheet is None:
        raise ProblemError("slip_does_not_open")
    if card.status != "live":
        raise ProblemError("card_not_here")
    pdf = slip_rules.open_sheet(secret, born, card.slip_sheet)
    forgive_tries(store, secret)
    return card.application_id, pdf


def record_by_slip(store: Store, text: str, born: date) -> tuple[str, bytes]:
    """The application and the service record (JSON of sync.wire.ServiceRecord) that a slip and a birth date open.

    The same five tries count for both. ProblemError `slip_unreadable`, `slip_tries_spent`, `record_not_yet` (known here,
    nothing was decided yet), `slip_does_not_open`.
    """
    receipt, secret = slip_rules.read_slip(text.strip())
    with store.read() as db:
        known = tray.with_receipt(db, receipt)
        came = [row for row in known if own_records.is_here(db, row.application_id)]
    if known and not came:
        raise ProblemError("record_not_yet")
    count_try(store, secret)
    with store.read() as db:
        found = own_records.by_slip(db, slip_rules.record_index(secret, born))
    if found is None:
        raise ProblemError("slip_does_not_open")
    record = slip_rules.open_record(secret, born, found[1])
    forgive_tries(store, secret)
    return found[0], record


def count_try(store: Store, secret: bytes) -> None:
    """Counts a try at a slip before it is made. ProblemError `slip_tries_spent`."""
    with store.write() as db:
        if cards.count_try(db, _digest(secret)) > TRIES:
            raise ProblemError("slip_tries_spent")


def forgive_tries(store: Store, secret: bytes) -> None:
    """The slip opened: its tries no longer count."""
    with store.write() as db:
        cards.forgive_tries(db, _digest(secret))


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(b"slip\0" + secret).digest()
