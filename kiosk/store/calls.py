"""Calls for help: from this machine's screens, and those that the center tells of other machines of the unit. Which one, since
when, who goes there, over. Nothing about the person who called.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from sqlite_utils import Database

from honorcard.typed import convert
from sync import wire

KEPT_MS = 15 * 60 * 1000  # a call that nobody ended is over after so long, by whatever clock there is
FORGOTTEN_MS = 2 * 3600 * 1000
NUMBERS = 99
State = Literal["waiting", "taken", "over"]
_WHAT: dict[str, Literal["call", "take", "end"]] = {"waiting": "call", "taken": "take", "over": "end"}


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call; `number` is what stands on the caller's screen and on the staff's.

    place: the machine that calls, empty for this one. taken_by: the machine whose staff goes there. told: what the center has
    heard or said of it; empty: nothing yet.
    """

    call_id: str
    number: int
    at_ms: int
    taken_ms: int | None = None
    done_ms: int | None = None
    place: str = ""
    taken_by: str = ""
    told: str = ""

    @property
    def state(self) -> State:
        """How it stands here."""
        return "over" if self.done_ms is not None else "taken" if self.taken_ms is not None else "waiting"

    def is_stale(self, now_ms: int) -> bool:
        """Whether it has ended by itself."""
        return abs(now_ms - self.at_ms) > KEPT_MS


def add(db: Database, call_id: str, now_ms: int) -> Call:
    """A new call of this machine, with the next number. Those that are over for long are let go of."""
    _forget(db, now_ms)
    row = db.conn.execute("SELECT number FROM help_call WHERE place = '' ORDER BY rowid DESC LIMIT 1").fetchone()
    call = Call(call_id=call_id, number=(row[0] if row else 0) % NUMBERS + 1, at_ms=now_ms)
    db.table("help_call").insert(msgspec.to_builtins(call))
    return call


def find(db: Database, call_id: str) -> Call | None:
    """One call."""
    return next((convert(row, Call) for row in db.query(_ALL + "WHERE call_id = ?", [call_id])), None)


def waiting(db: Database, now_ms: int) -> list[Call]:
    """Those that are not over, the longest waiting first; those that somebody took come last."""
    rows = db.query(
        _ALL + "WHERE done_ms IS NULL AND abs(:now - at_ms) <= :kept ORDER BY taken_ms IS NOT NULL, rowid",
        {"now": now_ms, "kept": KEPT_MS},
    )
    return [convert(row, Call) for row in rows]


def take(db: Database, call_id: str, now_ms: int, by: str = "") -> None:
    """Somebody at the machine of that name is on the way; the first one counts."""
    sql = "UPDATE help_call SET taken_ms = ?, taken_by = ? WHERE call_id = ? AND taken_ms IS NULL AND done_ms IS NULL"
    db.conn.execute(sql, (now_ms, by, call_id))


def end(db: Database, call_id: str, now_ms: int) -> None:
    """It is over: help was given, or is no longer wanted."""
    db.conn.execute("UPDATE help_call SET done_ms = ? WHERE call_id = ? AND done_ms IS NULL", (now_ms, call_id))


def untold(db: Database, now_ms: int) -> list[wire.HelpWord]:
    """What the center has not heard yet of calls that are not too old. One that was over before it was told needs no telling."""
    rows = (convert(row, Call) for row in db.query(_ALL + "ORDER BY rowid"))
    words = []
    for call in rows:
        if call.told == call.state or call.is_stale(now_ms) or (call.state == "over" and not call.told):
            continue
        if not call.told:  # the center has to know the call before it hears who took it
            words.append(wire.HelpWord(call_id=call.call_id, number=call.number, what="call"))
        if call.state != "waiting":
            words.append(wire.HelpWord(call_id=call.call_id, number=call.number, what=_WHAT[call.state]))
    return words[: wire.CALLS_AT_ONCE]


def heard(db: Database, said: wire.HelpCall, now_ms: int) -> None:
    """What the center says of a call, this machine's or another's. Its word on who goes there stands."""
    _forget(db, now_ms)
    known = find(db, said.call_id)
    if known is None:
        if said.state != "over" and said.place:
            new = Call(call_id=said.call_id, number=said.number, at_ms=now_ms, place=said.place)
            db.table("help_call").insert(msgspec.to_builtins(new))
    else:
        said = msgspec.structs.replace(said, taken_by=said.taken_by or known.taken_by)
    db.conn.execute(
        """
        UPDATE help_call
        SET
          told = :state,
          taken_by = :by,
          taken_ms = CASE WHEN :state = 'taken' THEN coalesce(taken_ms, :now) ELSE taken_ms END,
          done_ms = CASE WHEN :state = 'over' THEN coalesce(done_ms, :now) ELSE done_ms END
        WHERE call_id = :id
        """,
        {"state": said.state, "by": said.taken_by, "now": now_ms, "id": said.call_id},
    )


def _forget(db: Database, now_ms: int) -> None:
    sql = "DELETE FROM help_call WHERE abs(:now - at_ms) > :kept"
    db.conn.execute(sql, {"now": now_ms, "kept": FORGOTTEN_MS})


_ALL = "SELECT call_id, number, at_ms, taken_ms, done_ms, place, taken_by, told FROM help_call "
