"""The PIN's record in the store: hash, recovery hash, failed tries and the wait that is left."""

from __future__ import annotations

import msgspec
from sqlite_utils import Database

from honorcard.typed import read_json

KEY = "pin"


class PinRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept about the PIN. `wait_s` counts from `at_s` on the clock of boot `boot`."""

    pin_hash: str
    recovery_hash: str  # hex SHA-256 of the recovery code; empty once it was used
    failed: int = 0
    wait_s: float = 0.0
    at_s: float = 0.0
    boot: str = ""
    locked: bool = False


def find(db: Database) -> PinRecord | None:
    """The record, None while no PIN is set."""
    row = db.conn.execute("SELECT v FROM meta WHERE k = ?", (KEY,)).fetchone()
    return read_json(row[0], PinRecord) if row else None


def save(db: Database, record: PinRecord) -> None:
    """Writes the record (call inside `store.write()`)."""
    db.conn.execute(
        "INSERT INTO meta (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
        (KEY, msgspec.json.encode(record).decode()),
    )
