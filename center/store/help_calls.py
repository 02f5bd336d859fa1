"""Calls for help at the center: which tablet's screen calls, whose staff goes there, over. Rows go a day after they ended."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, insert, select, update

from center.store.tables import device, help_call

KEPT_MS = 86_400_000
_taker = device.alias("taker")
_CALLS: Select[tuple[str, str, int, str, int, str, str]] = (
    select(
        help_call.c.call_id, help_call.c.device_id, help_call.c.number, help_call.c.state, help_call.c.at_ms,
        device.c.name.label("place"), _taker.c.name.label("taken_by"),
    )
    .join(device, device.c.device_id == help_call.c.device_id)
    .outerjoin(_taker, _taker.c.device_id == help_call.c.taken_by)
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One call. device_id, place: the tablet whose screen calls, and its name; taken_by: the name of the one whose staff goes."""

    call_id: str
    device_id: str
    number: int
    state: str
    at_ms: int
    place: str
    taken_by: str


def find(conn: Connection, call_id: str) -> Call | None:
    """One call."""
    row = conn.execute(_CALLS.where(help_call.c.call_id == call_id)).first()
    return None if row is None else Call(**{**row._asdict(), "taken_by": row.taken_by or ""})


def add(conn: Connection, call_id: str, device_id: str, number: int, now_ms: int) -> None:
    """A new call."""
    new = {"call_id": call_id, "device_id": device_id, "number": number, "state": "waiting", "at_ms": now_ms}
    conn.execute(insert(help_call).values(**new))


def take(conn: Connection, call_id: str, device_id: str) -> bool:
    """Staff at that tablet goes there; whether they are the first."""
    mine = (help_call.c.call_id == call_id) & (help_call.c.state == "waiting")
    return conn.execute(update(help_call).where(mine).values(state="taken", taken_by=device_id)).rowcount > 0


def end(conn: Connection, call_id: str) -> bool:
    """It is over; whether it was not before."""
    mine = (help_call.c.call_id == call_id) & (help_call.c.state != "over")
    return conn.execute(update(help_call).where(mine).values(state="over")).rowcount > 0


def stale(conn: Connection, before_ms: int) -> list[str]:
    """Calls made before that moment that nobody has ended."""
    query = select(help_call.c.call_id).where(
        help_call.c.state.in_(("waiting", "taken")), help_call.c.at_ms < before_ms
    )
    return list(conn.execute(query).scalars())


def forget(conn: Connection, now_ms: int) -> None:
    """Takes away what has been over for a day."""
    old = (help_call.c.state == "over") & (help_call.c.at_ms < now_ms - KEPT_MS)
    conn.execute(delete(help_call).where(old))
