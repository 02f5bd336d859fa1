"""Events and trainings at the center: their rows, and who came and left as it was told.

Acts may come before their event, twice by two tablets, and after its end; nothing is overwritten, what was taken back is `undone`.
What is not here: what comes of them (center.events.settling), who a card is (center.events.resolving).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from center.store.tables import application, event, event_act, service_row, training, unit


@dataclass(frozen=True)
class Event:
    """An event as it stands. missing_in_ms, missing_out_ms: for all whose coming or leaving nobody noted."""

    event_id: str
    unit_id: str | None
    unit: str
    kind: str
    title: str
    place: str
    starts_ms: int
    ends_ms: int
    counting: str
    half_hours: int
    item: str
    course: str
    field: str
    state: str
    made_by: str
    missing_in_ms: int | None
    missing_out_ms: int | None


@dataclass(frozen=True)
class NewAct:
    """An act to be added. what: in, out, fix. person_no: None as long as nobody knows who it is."""

    act_id: str
    event_id: str
    unit_id: str | None
    told_by: str
    what: str
    at_ms: int | None
    told_ms: int
    how: str
    who: bytes
    until_ms: int | None = None
    doubt: int = 0
    why: str = ""
    person_no: int | None = None
    said: str = ""
    name: str = ""
    masked_number: str = ""
    idbx: bytes | None = None
    number_box: bytes | None = None
    birth_date: date | None = None

    def __repr__(self) -> str:
        return f"NewAct({self.act_id}, …)"


class Act(NewAct):
    """An act as it stands; what was taken back is not listed."""


@dataclass(frozen=True)
class Brought:
    """A row that an event has brought, service or training. key: its id; ours: whether the event's own change made it void."""

    key: str
    person_no: int
    start: date | None
    end: date | None
    half_hours: int | None
    is_void: bool
    void_why: str


def add(conn: Connection, new: dict[str, Any]) -> None:
    """Adds an event; columns by name."""
    conn.execute(insert(event).values(**new))


def find(conn: Connection, event_id: str) -> Event | None:
    """One event."""
    row = conn.execute(_EVENTS.where(event.c.event_id == event_id)).first()
    return None if row is None else _event(row)


def listing(conn: Connection, unit_id: str | None = None, limit: int = 200) -> list[Event]:
    """Events, open ones first, then the latest; of one unit when it is given."""
    query = _EVENTS.order_by(event.c.state.desc(), event.c.starts_ms.desc(), event.c.event_id).limit(limit)
    if unit_id is not None:
        query = query.where(event.c.unit_id == unit_id)
    return [_event(row) for row in conn.execute(query)]


def open_of(conn: Connection, unit_id: str) -> list[Event]:
    """The unit's events that are open, oldest first."""
    query = _EVENTS.where(event.c.unit_id == unit_id, event.c.state == "open").order_by(event.c.starts_ms)
    return [_event(row) for row in conn.execute(query)]


def close(
    conn: Connection, event_id: str, *, by: str, now_ms: int, missing_in_ms: int | None, missing_out_ms: int | None
) -> bool:
    """Ends an event; whether it was open. A time for the missing that was given before stays unless another is given."""
    values: dict[str, Any] = {"state": "closed", "closed_by": by, "closed_ms": now_ms}
    if missing_in_ms is not None:
        values["missing_in_ms"] = missing_in_ms
    if missing_out_ms is not None:
        values["missing_out_ms"] = missing_out_ms
    done = conn.execute(update(event).where(event.c.event_id == event_id, event.c.state == "open").values(**values))
    return done.rowcount > 0


def add_act(conn: Connection, new: NewAct) -> None:
    """Adds an act; one that is here already stays as it was told first."""
    if conn.execute(select(event_act.c.act_id).where(event_act.c.act_id == new.act_id)).first() is None:
        conn.execute(insert(event_act).values(**{name: getattr(new, name) for name in new.__dataclass_fields__}))


def undo(conn: Connection, act_id: str, told_by: str) -> bool:
    """Takes an act back that this tablet told; whether there is one."""
    mine = (event_act.c.act_id == act_id) & (event_act.c.told_by == told_by)
    return conn.execute(update(event_act).where(mine).values(undone=1)).rowcount > 0


def acts(conn: Connection, of: Event) -> list[Act]:
    """What the tablets of its unit, and people at the center, told of an event, in the order of the moments told."""
    rows = conn.execute(
        select(event_act)
        .where(event_act.c.event_id == of.event_id, event_act.c.undone == 0)
        .order_by(event_act.c.told_ms, event_act.c.act_id)
    )
    return [
        Act(**{name: getattr(row, name) for name in NewAct.__dataclass_fields__})
        for row in rows
        if row.unit_id == of.unit_id
    ]


def counts(conn: Connection, event_ids: Collection[str]) -> dict[str, int]:
    """How many different people or cards were told of each of these events."""
    whose = func.coalesce(event_act.c.person_no, -1)
    pairs = (
        select(event_act.c.event_id, whose.label("no"), func.max(event_act.c.act_id).label("any"))
        .where(event_act.c.event_id.in_(list(event_ids)), event_act.c.undone == 0, event_act.c.person_no.is_not(None))
        .group_by(event_act.c.event_id, whose)
        .subquery()
    )
    known: dict[str, int] = {
        row[0]: row[1] for row in conn.execute(select(pairs.c.event_id, func.count()).group_by(pairs.c.event_id))
    }
    strangers = (
        select(event_act.c.event_id, event_act.c.who)
        .where(event_act.c.event_id.in_(list(event_ids)), event_act.c.undone == 0, event_act.c.person_no.is_(None))
        .group_by(event_act.c.event_id, event_act.c.who)
        .subquery()
    )
    others: dict[str, int] = {
        row[0]: row[1]
        for row in conn.execute(select(strangers.c.event_id, func.count()).group_by(strangers.c.event_id))
    }
    return {event_id: known.get(event_id, 0) + others.get(event_id, 0) for event_id in event_ids}


def match(conn: Connection, event_id: str, who: bytes, person_no: int) -> int:
    """A person has said who it is; says of how many acts."""
    mine = (event_act.c.event_id == event_id) & (event_act.c.who == who) & event_act.c.person_no.is_(None)
    return conn.execute(update(event_act).where(mine).values(person_no=person_no)).rowcount


def service_of(conn: Connection, event_id: str) -> list[Brought]:
    """The service rows that an event has brought, void ones too."""
    rows = conn.execute(
        select(service_row).where(service_row.c.source_ref == event_id, service_row.c.source == "event")
    )
    return [
        Brought(str(r.row_id), r.person_no, r.start_on, r.end_on, r.half_hours, r.void_ms is not None, r.void_why)
        for r in rows
    ]


def trainings_of(conn: Connection, event_id: str) -> list[Brought]:
    """The trainings that an event has brought, void ones too."""
    rows = conn.execute(select(training).where(training.c.source_ref == event_id, training.c.source == "event"))
    return [
        Brought(
            str(r.training_id),
            r.person_no,
            r.completed_on,
            r.completed_on,
            r.half_hours,
            r.void_ms is not None,
            r.void_why,
        )
        for r in rows
    ]


def application_of_slip(conn: Connection, receipt: str) -> list[tuple[str, bytes]]:
    """(application id, person's index) of the applications with that receipt."""
    query = select(application.c.application_id, application.c.idbx).where(application.c.receipt == receipt).limit(5)
    return [(row.application_id, bytes(row.idbx)) for row in conn.execute(query)]


_EVENTS = select(event, unit.c.name.label("of_unit")).select_from(
    event.outerjoin(unit, unit.c.unit_id == event.c.unit_id)
)


def _event(row: Row[Any]) -> Event:
    values = {name: getattr(row, name) for name in Event.__dataclass_fields__ if name != "unit"}
    return Event(unit=row.of_unit or "", **values)
