"""Applications as a list, by unit and by state, for whoever follows them up; and a unit's figures in one look.

What is not here: the reviewers' queue (queue), one case (cases).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from center.store.tables import application, card, unit

STATES = (
    "incomplete", "first_review", "second_review", "returned", "issued", "refused", "withdrawn"
)  # fmt: skip


@dataclass(frozen=True)
class Filed:
    """An application as a list shows it."""

    application_id: str
    receipt: str
    name: str
    kind: str
    state: str
    unit: str
    received_ms: int
    changed_ms: int


@dataclass(frozen=True)
class CardFigures:
    """A unit's cards: good today, and of those how many end until the given day."""

    good: int
    ending: int


def by_state(conn: Connection, unit_id: str | None = None) -> dict[str, int]:
    """How many applications are in each state; of one unit, or of all."""
    query = select(application.c.state, func.count()).group_by(application.c.state)
    if unit_id is not None:
        query = query.where(application.c.unit_id == unit_id)
    return {row[0]: int(row[1]) for row in conn.execute(query)}


def by_unit(conn: Connection, state: str = "") -> dict[str, int]:
    """How many applications each unit has, in that state or in any."""
    query = select(application.c.unit_id, func.count()).where(application.c.unit_id.is_not(None))
    if state:
        query = query.where(application.c.state == state)
    return {row[0]: int(row[1]) for row in conn.execute(query.group_by(application.c.unit_id))}


def listing(
    conn: Connection,
    *,
    unit_id: str | None = None,
    state: str = "",
    below: tuple[int, str] | None = None,
    limit: int = 50,
) -> list[Filed]:
    """Applications, the newest first, from the one below `below` (received_ms, application_id) on."""
    a = application.c
    query = (
        select(
            a.application_id, a.receipt, a.name, a.kind, a.state, a.received_ms, a.changed_ms, unit.c.name.label("unit")
        )
        .select_from(application.outerjoin(unit, unit.c.unit_id == a.unit_id))
        .order_by(a.received_ms.desc(), a.application_id.desc())
        .limit(limit)
    )
    if unit_id is not None:
        query = query.where(a.unit_id == unit_id)
    if state:
        query = query.where(a.state == state)
    if below is not None:
        received_ms, application_id = below
        query = query.where(
            (a.received_ms < received_ms) | ((a.received_ms == received_ms) & (a.application_id < application_id))
        )
    return [
        Filed(
            row.application_id,
            row.receipt,
            row.name,
            row.kind,
            row.state,
            row.unit or "",
            row.received_ms,
            row.changed_ms,
        )
        for row in conn.execute(query)
    ]


def card_figures(conn: Connection, unit_id: str, today: date, until: date) -> CardFigures:
    """The unit's cards that are good today, and how many of them end by `until`."""
    good = (
        select(func.count())
        .select_from(card.join(application, application.c.application_id == card.c.application_id))
        .where(application.c.unit_id == unit_id, card.c.status == "live", card.c.valid_until >= today)
    )
    ending = good.where(card.c.valid_until <= until)
    return CardFigures(int(conn.execute(good).scalar_one()), int(conn.execute(ending).scalar_one()))


def count_people(conn: Connection, unit_id: str) -> int:
    """How many people the unit has applied for."""
    query = select(func.count(application.c.idbx.distinct())).where(application.c.unit_id == unit_id)
    return int(conn.execute(query).scalar_one())
