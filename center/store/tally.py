"""What the statistics ask of the sums: by month, unit, tablet and kind. A question about the whole city is answered from sums that
know of no unit, so that it costs the same however many units there are.

What is not here: counting (tally_counting), words and pictures (center.statistics).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from center.store.tables import device, meta, service_sum, tally, tally_whole, unit
from honorcard.roc import ROC_OFFSET

COUNTED = ("submitted", "approved", "returned", "refused", "issued", "withdrawn", "reprinted")
STEPS = ("first", "second", "correction", "whole")
# how far events of cases and of cards are counted: by place, for the whole city
MARKS = (("tally_history", "tally_whole_history"), ("tally_cards", "tally_whole_cards"))
_STEP = math.log(1.05)


@dataclass(frozen=True)
class Of:
    """What the sums are asked for. months: first and last, both counted; whole years for durations. unit_id or district: only
    theirs.
    """

    months: tuple[int, int]
    unit_id: str = ""
    district: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the whole city is asked about."""
        return not (self.unit_id or self.district)


def month_of(day: date) -> int:
    """The number of a month."""
    return 12 * day.year + day.month - 1


def bucket(minutes: float) -> int:
    """The step of a duration."""
    return round(math.log1p(max(0.0, minutes)) / _STEP)


def minutes_of(step: int) -> float:
    """The duration in the middle of a step."""
    return math.expm1(step * _STEP)


# --- what the statistics ask ---


def by_month(conn: Connection, of: Of, whats: Collection[str]) -> dict[tuple[str, int, str], int]:
    """Sums by what, month and kind."""
    named = ("what", "month", "kind")
    query = _of_whole(of, whats, *named) if _has_whole(conn, of) else _sums(of, whats, *(tally.c[one] for one in named))
    return {(row.what, row.month, row.kind): int(row.n) for row in conn.execute(query)}


def by_detail(conn: Connection, of: Of, what: str) -> dict[str, int]:
    """Sums of one thing by its detail."""
    query = _of_whole(of, [what], "detail") if _has_whole(conn, of) else _sums(of, [what], tally.c.detail)
    return {row.detail: int(row.n) for row in conn.execute(query)}


def by_place(
    conn: Connection, of: Of, whats: Collection[str], *, devices: bool = False, detail: bool = False
) -> dict[tuple[str, str, str], int]:
    """Sums by unit, or by tablet: (its id, what, detail); the detail only where it is asked for."""
    place = tally.c.device_id if devices else tally.c.unit_id
    columns = [place, tally.c.what, *([tally.c.detail] if detail else [])]
    return {
        (row[0], row.what, row.detail if detail else ""): int(row.n) for row in conn.execute(_sums(of, whats, *columns))
    }


def by_district(conn: Connection, of: Of, what: str) -> dict[str, int]:
    """Sums of one thing by the district of the unit."""
    found: Counter[str] = Counter()
    if what == "card" and _has_whole(conn, of):
        by_unit = select(tally_whole.c.detail.label("unit_id"), func.sum(tally_whole.c.n).label("n"))
        by_unit = by_unit.where(tally_whole.c.what == "card_of", tally_whole.c.month.between(*of.months))
        query = by_unit.group_by(tally_whole.c.detail).subquery()
    else:
        query = _sums(of, [what], tally.c.unit_id).subquery()
    rows = conn.execute(
        select(unit.c.district, query.c.n).select_from(query.outerjoin(unit, unit.c.unit_id == query.c.unit_id))
    )
    for row in rows:
        found[row.district or ""] += int(row.n)
    return dict(found)


def entered_hours(conn: Connection, of: Of) -> dict[tuple[int, str], int]:
    """Whole hours of service that came with an import, an event or an entry at the office, by year and unit."""
    query = select(service_sum.c.roc_year, service_sum.c.unit_id, func.sum(service_sum.c.half_hours)).where(
        service_sum.c.roc_year.between(of.months[0] // 12 - ROC_OFFSET, of.months[1] // 12 - ROC_OFFSET),
        service_sum.c.category == "ordinary",
    )
    if of.unit_id:
        query = query.where(service_sum.c.unit_id == of.unit_id)
    if of.district:
        query = query.where(service_sum.c.unit_id.in_(select(unit.c.unit_id).where(unit.c.district == of.district)))
    rows = conn.execute(query.group_by(service_sum.c.roc_year, service_sum.c.unit_id))
    return {(year + ROC_OFFSET, unit_id): int(n) // 2 for year, unit_id, n in rows}


def years(conn: Connection) -> list[int]:
    """The years in which anything happened, the newest first."""
    query = select(func.min(tally.c.month), func.max(tally.c.month)).where(tally.c.what == "submitted")
    first, last = conn.execute(query).one()
    return [] if first is None else list(range(last // 12, first // 12 - 1, -1))


def units(conn: Connection) -> list[Any]:
    """Every unit: unit_id, code, name, district; by code."""
    return list(
        conn.execute(select(unit.c.unit_id, unit.c.code, unit.c.name, unit.c.district).order_by(unit.c.code)).all()
    )


def tablets(conn: Connection, ids: Collection[str]) -> dict[str, str]:
    """The names of these tablets."""
    rows = conn.execute(select(device.c.device_id, device.c.name).where(device.c.device_id.in_(ids)))
    return {row.device_id: row.name for row in rows}


def _has_whole(conn: Connection, of: Of) -> bool:
    """Whether the sums of the whole city answer it: they are as far as the others."""
    if not of.is_whole:
        return False
    query = select(meta.c.k, meta.c.v).where(meta.c.k.in_([mark for marks in MARKS for mark in marks]))
    at: dict[str, str] = {row.k: row.v for row in conn.execute(query)}
    return all(at.get(by_place) == at.get(whole) for by_place, whole in MARKS)


def _of_whole(of: Of, whats: Collection[str], *names: str) -> Select[Any]:
    columns = [tally_whole.c[name] for name in names]
    return (
        select(*columns, func.sum(tally_whole.c.n).label("n"))
        .where(tally_whole.c.what.in_(whats), tally_whole.c.month.between(*of.months))
        .group_by(*columns)
    )


def _sums(of: Of, whats: Collection[str], *columns: ColumnElement[Any]) -> Select[Any]:
    query = (
        select(*columns, func.sum(tally.c.n).label("n"))
        .where(tally.c.what.in_(whats), tally.c.month.between(*of.months))
        .group_by(*columns)
    )
    if of.unit_id:
        query = query.where(tally.c.unit_id == of.unit_id)
    if of.district:
        query = query.where(tally.c.unit_id.in_(select(unit.c.unit_id).where(unit.c.district == of.district)))
    return query
