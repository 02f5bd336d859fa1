"""What somebody should look at on this tablet: a file that is gone, an operation whose bytes changed, a database set aside.

A kind and which one it is, never anything about a person; the words are kiosk.care's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlite_utils import Database

Kind = Literal["op_damaged", "blob_missing", "blob_damaged", "database_set_aside", "copy_failed"]


@dataclass(frozen=True)
class Alarm:
    """One of them. what: a seq, the beginning of an address, a file's name."""

    kind: str
    what: str
    at_ms: int


def sound(db: Database, kind: Kind, what: str, now_ms: int) -> None:
    """Somebody should look; the same thing again is the same alarm, until it was looked at."""
    db.conn.execute(
        """
        INSERT INTO alarm (kind, what, at_ms) VALUES (?, ?, ?)
        ON CONFLICT (kind, what) DO UPDATE SET at_ms = excluded.at_ms, seen_ms = NULL WHERE seen_ms IS NOT NULL
        """,
        (kind, what, now_ms),
    )


def standing(db: Database) -> list[Alarm]:
    """Those that nobody has looked at yet, the newest first."""
    rows = db.conn.execute("SELECT kind, what, at_ms FROM alarm WHERE seen_ms IS NULL ORDER BY alarm_id DESC")
    return [Alarm(*row) for row in rows]


def look(db: Database, now_ms: int) -> None:
    """Somebody has looked at all of them."""
    db.conn.execute("UPDATE alarm SET seen_ms = ? WHERE seen_ms IS NULL", (now_ms,))


def quiet(db: Database, kind: Kind) -> None:
    """That trouble is over."""
    db.conn.execute("DELETE FROM alarm WHERE kind = ?", (kind,))
