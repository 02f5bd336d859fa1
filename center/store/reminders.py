"""Cards that run out in a month and have not been renewed: who holds them, and through which unit.

A card that was renewed is replaced and no longer live; one whose renewal is under way is told apart. Not here: what a letter
says (honorcard.reminder_letter), what a unit is written to (center.mail).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, exists, func, select

from center.store.tables import application, card, unit

OVER = ("issued", "refused", "withdrawn")


@dataclass(frozen=True)
class RunningOut:
    """One card that runs out. renewing: its holder has applied for the next one."""

    seq: int
    number: str
    name: str
    valid_until: date
    unit_id: str | None
    unit: str
    renewing: bool


@dataclass(frozen=True)
class OfUnit:
    """How many cards of a unit run out, and of how many the renewal is under way."""

    unit_id: str | None
    unit: str
    count: int
    renewing: int


def cards(
    conn: Connection, first: date, last: date, *, unit_id: str | None = None, limit: int = 1000, waiting: bool = False
) -> list[RunningOut]:
    """The cards whose last day lies between those days, by unit, day and number. waiting: only those nobody has applied for."""
    query = _cards(first, last, unit_id).order_by(unit.c.code, card.c.valid_until, card.c.number).limit(limit)
    if waiting:
        query = query.where(~_renewing())
    return [
        RunningOut(row.seq, row.number, row.name, row.valid_until, row.unit_id, row.unit_name or "", bool(row.renewing))
        for row in conn.execute(query)
    ]


def by_unit(conn: Connection, first: date, last: date, *, unit_id: str | None = None) -> list[OfUnit]:
    """The same counted, by the unit's code; cards of no unit last."""
    found = _cards(first, last, unit_id).subquery()
    query = (
        select(found.c.unit_id, unit.c.name, func.count().label("n"), func.sum(found.c.renewing).label("renewing"))
        .select_from(found.outerjoin(unit, unit.c.unit_id == found.c.unit_id))
        .group_by(found.c.unit_id, unit.c.name, unit.c.code)
        .order_by(case((unit.c.code.is_(None), 1), else_=0), unit.c.code)
    )
    return [OfUnit(row.unit_id, row.name or "", row.n, int(row.renewing)) for row in conn.execute(query)]


def _cards(first: date, last: date, unit_id: str | None) -> Select[Any]:
    query = (
        select(
            card.c.seq, card.c.number, card.c.name, card.c.valid_until, application.c.unit_id,
            unit.c.name.label("unit_name"), case((_renewing(), 1), else_=0).label("renewing"),
        )
        .select_from(
            card.outerjoin(application, application.c.application_id == card.c.application_id).outerjoin(
                unit, unit.c.unit_id == application.c.unit_id
            )
        )
        .where(card.c.status == "live", card.c.valid_until >= first, card.c.valid_until <= last)
    )  # fmt: skip
    return query if unit_id is None else query.where(application.c.unit_id == unit_id)


def _renewing() -> ColumnElement[bool]:
    other = application.alias("renewal")
    return exists().where(other.c.idbx == card.c.idbx, other.c.kind == "renewal", other.c.state.not_in(OVER))
