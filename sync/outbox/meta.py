"""What sync remembers by name in the caller's database: the log's name, the feed's cursor, the center's epoch."""

from __future__ import annotations

from sqlite_utils import Database


def value(db: Database, key: str) -> str | None:
    """What is noted under that key; None when nothing is."""
    row = db.conn.execute("SELECT v FROM meta WHERE k = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def note(db: Database, key: str, value: str) -> None:
    """Notes it, in the place of what was noted before."""
    db.conn.execute("INSERT INTO meta (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v", (key, value))
