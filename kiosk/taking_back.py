"""Taking an application back: whether it can still be done, and doing it (sync.md B.6).

The wish goes out behind the application it is about, so that it works with the line down. What is not here: the page that
asks whether it is meant (withdrawing).
"""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlite_utils import Database

from honorcard.problems import ProblemError
from kiosk.photos import PhotoBox
from kiosk.settings import Settings
from kiosk.store import Store, data_key, drafts, sent, syncing, tray
from kiosk.store.tray import TrayRow
from sync import clock, outbox, wire
from sync.seal import seal

OPEN = (sent.WAITING, "incomplete", "first_review", "returned", "second_review")
UNDER_WAY = ("pending", "accepted", "durable")


def possible(row: TrayRow) -> bool:
    """Whether this application can still be taken back from here."""
    taken_in = row.op_state in (*UNDER_WAY, "conflict")
    return taken_in and row.state in OPEN and row.card_status is None and row.withdraw_state not in UNDER_WAY


def withdraw(store: Store, settings: Settings, application_id: str, *, now: datetime) -> None:
    """Takes the application back: the operation that says so, in one write; a correction begun here is thrown away.

    ProblemError `not_found`, `withdraw_too_late`, `device_not_enrolled`.
    """
    with store.write() as db:
        row, here = tray.find(db, application_id), syncing.membership(db)
        if row is None:
            raise ProblemError("not_found")
        if not possible(row):
            raise ProblemError("withdraw_too_late")
        if here is None:
            raise ProblemError("device_not_enrolled")
        outbox.put(
            db,
            kind="application.withdraw",
            entity_id=application_id,
            base_rev=row.rev,
            body=seal(wire.encode(wire.Withdraw(application_id=application_id)), here.center_seal_key, "body"),
            reading=clock.read(int(now.timestamp() * 1000)),
        )
        names = _draft_of(db, application_id)
    PhotoBox(settings.photos_dir, data_key(settings.key_file)).remove(*names)
    worker = current_app.extensions.get("worker")
    if worker is not None:
        worker.nudge()


def _draft_of(db: Database, application_id: str) -> list[str]:
    """The photographs' names of a correction under way, which goes."""
    return drafts.remove(db, application_id) if drafts.find(db, application_id) is not None else []
