"""What was entered, changed or made void of a person at the office: by whom, when, in a few words.

What is not here: who saw what (audit).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from center.store.tables import person_event


@dataclass(frozen=True)
class Event:
    """Something entered, changed or made void at the office."""

    at_ms: int
    actor: str
    what: str
    entity: str
    text: str


def record(conn: Connection, no: int, *, by: str, what: str, now_ms: int, entity: str = "", text: str = "") -> None:
    """Notes that something of a person's was entered, changed or made void."""
    conn.execute(insert(person_event).values(person_no=no, at_ms=now_ms, actor=by, what=what, entity=entity, text=text))


def events(conn: Connection, person_nos: Collection[int], limit: int = 100) -> list[Event]:
    """What was done at the office, newest first."""
    query = (
        select(person_event)
        .where(person_event.c.person_no.in_(list(person_nos)))
        .order_by(person_event.c.event_id.desc())
        .limit(limit)
    )
    return [Event(row.at_ms, row.actor, row.what, row.entity, row.text) for row in conn.execute(query)]
