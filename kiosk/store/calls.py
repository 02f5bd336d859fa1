"""Calls for help from this machine's screens: which one, since when, taken, over. Nothing about the person who called."""

from __future__ import annotations

import msgspec
from sqlite_utils import Database

KEPT_MS = 2 * 3600 * 1000  # a call that nobody ended is over after so long, by whatever clock there is
NUMBERS = 99


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call; `number` is what stands on the caller's screen and on the staff's."""

    call_id: str
    number: int
    at_ms: int
    taken_ms: int | None = None
    done_ms: int | None = None


def add(db: Database, call_id: str, now_ms: int) -> Call:
    """A new call, with the next number. Those that are over for long are let go of."""
    db.conn.execute("DELETE FROM help_call WHERE abs(:now - at_ms) > :kept", {"now": now_ms, "kept": KEPT_MS})
    row = db.conn.execute("SELECT number FROM help_call ORDER BY rowid DESC LIMIT 1").fetchone()
    call = Call(call_id=call_id, number=(row[0] if row else 0) % NUMBERS + 1, at_ms=now_ms)
    db.table("help_call").insert(msgspec.to_builtins(call))
    return call


def find(db: Database, call_id: str) -> Call | None:
    """One call."""
    return next((msgspec.convert(row, Call) for row in db.query(_ALL + "WHERE call_id = ?", [call_id])), None)


def waiting(db: Database, now_ms: int) -> list[Call]:
    """Those that are not over, the longest waiting first; those that somebody took come last."""
    rows = db.query(
        _ALL + "WHERE done_ms IS NULL AND abs(:now - at_ms) <= :kept ORDER BY taken_ms IS NOT NULL, rowid",
        {"now": now_ms, "kept": KEPT_MS},
    )
    return [msgspec.convert(row, Call) for row in rows]


def take(db: Database, call_id: str, now_ms: int) -> None:
    """Somebody is on the way; the first one counts."""
    db.conn.execute("UPDATE help_call SET taken_ms = ? WHERE call_id = ? AND taken_ms IS NULL", (now_ms, call_id))


def end(db: Database, call_id: str, now_ms: int) -> None:
    """It is over: help was given, or is no longer wanted."""
    db.conn.execute("UPDATE help_call SET done_ms = ? WHERE call_id = ? AND done_ms IS NULL", (now_ms, call_id))


_ALL = "SELECT call_id, number, at_ms, taken_ms, done_ms FROM help_call "
