"""What was submitted here and what the center said about it since: one row an application, one a card. Sealed, or
masked, throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlite_utils import Database

from sync.wire import FeedItem

WAITING = "waiting"  # saved here, the center has not answered yet


@dataclass(frozen=True)
class Sent:
    """An application as submitted."""

    application_id: str
    receipt: str
    state: str
    rev: int


def find(db: Database, application_id: str) -> Sent | None:
    """The submitted application; None when there is none here."""
    sql = "SELECT application_id, receipt, state, rev FROM application WHERE application_id = ?"
    row = db.conn.execute(sql, (application_id,)).fetchone()
    return None if row is None else Sent(*row)


def add(
    db: Database, *, application_id: str, receipt: str, masked_name: str, kind: str, photos: int, now_ms: int,
    identity_mac: bytes,
) -> None:  # fmt: skip
    """A first submission."""
    db.table("application").insert(
        {
            "application_id": application_id,
            "receipt": receipt,
            "masked_name": masked_name,
            "kind": kind,
            "state": WAITING,
            "rev": 0,
            "photos": photos,
            "created_ms": now_ms,
            "changed_ms": now_ms,
            "identity_mac": identity_mac,
        }
    )


def amend(
    db: Database, application_id: str, *, masked_name: str, photos: int, now_ms: int, identity_mac: bytes
) -> None:
    """A correction was submitted: it waits again, and what the reviewer sent is not needed any more. The number may be
    another one now.
    """
    db.conn.execute(
        """
        UPDATE application
        SET state = ?, masked_name = ?, photos = ?, changed_ms = ?, returned = NULL, identity_mac = ?
        WHERE application_id = ?
        """,
        (WAITING, masked_name, photos, now_ms, identity_mac, application_id),
    )


def set_state(
    db: Database, application_id: str, state: str, rev: int, now_ms: int, notices: Sequence[str] = ()
) -> bool:
    """The center's word on a case; False when it is not one of ours, or older than what is known. notices: what the
    applicant is to know besides (sync.wire.ApplicationState).
    """
    done = db.conn.execute(
        "UPDATE application SET state = ?, rev = ?, changed_ms = ?, notices = ? WHERE application_id = ? AND rev <= ?",
        (state, rev, now_ms, msgspec.json.encode(notices).decode(), application_id, rev),
    )
    return bool(done.rowcount)


def keep_returned(db: Database, application_id: str, sealed: bytes, rev: int, now_ms: int) -> None:
    """A case came back: what must be corrected, sealed to this tablet."""
    if set_state(db, application_id, "returned", rev, now_ms):
        db.conn.execute("UPDATE application SET returned = ? WHERE application_id = ?", (sealed, application_id))


def accepted(db: Database, application_id: str, rev: int | None, now_ms: int) -> None:
    """The center has taken the operation."""
    db.conn.execute(
        """
        UPDATE application
        SET state = 'incomplete', rev = max(rev, ?), changed_ms = ?
        WHERE application_id = ? AND state = ?
        """,
        (rev or 0, now_ms, application_id, WAITING),
    )


def forget_revs(db: Database) -> None:
    """The center was restored: what it says from now on counts, even with a lower rev than before."""
    db.conn.execute("UPDATE application SET rev = 0")


# --- cards ---


def keep_device_sheet(
    db: Database, application_id: str, number: str, valid_until: str, sealed: bytes, now_ms: int
) -> None:
    """The card's sheet for printing by staff, as it came: sealed to this tablet."""
    _card(db, application_id, number, valid_until, now_ms)
    db.conn.execute("UPDATE card SET device_sheet = ? WHERE application_id = ?", (sealed, application_id))


def keep_slip_sheet(
    db: Database, application_id: str, number: str, valid_until: str, idx: bytes, sealed: bytes, now_ms: int
) -> None:
    """The card's sheet for printing with the slip: sealed under the slip's secret and the birth date (credential.md
    C.8).
    """
    _card(db, application_id, number, valid_until, now_ms)
    db.conn.execute(
        "UPDATE card SET slip_idx = ?, slip_sheet = ? WHERE application_id = ?", (idx, sealed, application_id)
    )


def keep_found(db: Database, application_id: str, number: str, valid_until: str, printed: int, now_ms: int) -> None:
    """A card that the center found by an earlier one; printed: how often, as far as it knows. No sheet of it stays here."""
    _card(db, application_id, number, valid_until, now_ms)
    db.conn.execute(
        "UPDATE card SET status = 'live', printed_elsewhere = ? WHERE application_id = ?", (printed, application_id)
    )


def set_card_status(db: Database, application_id: str, number: str, status: str) -> None:
    """A card was revoked, suspended, replaced or is live again; one that is not here does not matter.

    By the case it was issued on: a corrected card bears the number of the one that ended.
    """
    db.conn.execute(
        "UPDATE card SET status = ? WHERE number = ? AND application_id = ?", (status, number, application_id)
    )


def _card(db: Database, application_id: str, number: str, valid_until: str, now_ms: int) -> None:
    db.conn.execute(
        """
        INSERT INTO card (application_id, number, valid_until, status, received_ms)
        VALUES (:id, :number, :until, 'live', :now)
        ON CONFLICT (application_id) DO UPDATE SET
          -- another number is another card: what was sealed for the old one is not its sheet
          slip_idx = CASE WHEN number = excluded.number THEN slip_idx END,
          slip_sheet = CASE WHEN number = excluded.number THEN slip_sheet END,
          device_sheet = CASE WHEN number = excluded.number THEN device_sheet END,
          status = CASE WHEN number = excluded.number THEN status ELSE 'live' END,
          number = excluded.number,
          valid_until = excluded.valid_until
        """,
        {"id": application_id, "number": number, "until": valid_until, "now": now_ms},
    )


def keep_raw(db: Database, item: FeedItem) -> None:
    """An item this version does not understand, kept for one that does (sync.md B.5)."""
    db.conn.execute(
        "INSERT OR REPLACE INTO inbox (lsn, kind, entity_id, rev, body) VALUES (?, ?, ?, ?, ?)",
        (item.lsn, item.kind, item.entity_id, item.rev, item.body),
    )
