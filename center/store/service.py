"""Rows of service that came with an import, an event or an entry at the office, and their sums by unit and year.

In half hours (R24). What applications brought is not here and never copied here: it is read from their bodies (people,
docs/decisions/0007 and 0014). What is not here either: whether two rows are one service (honorcard.collected).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, text

from center.store import bulk, origin
from center.store.origin import Mark, Origin
from center.store.tables import service_row, service_sum, unit
from honorcard import roc


@dataclass(frozen=True)
class NewService:
    """A row to be added. start, end: first and last day, inclusive. unit_id: None for a unit of another city (A17), by its name.

    category: ordinary or one that is excluded (R12).
    """

    person_no: int
    unit_id: str | None
    start: date
    end: date
    half_hours: int
    item: str = ""
    content: str = ""
    category: str = "ordinary"
    unit_name: str = ""


@dataclass(frozen=True)
class Service:
    """A row as it stands. unit: the name to show."""

    row_id: int
    person_no: int
    unit_id: str | None
    unit: str
    start: date
    end: date
    half_hours: int
    item: str
    content: str
    category: str
    mark: Mark


@dataclass(frozen=True)
class Sum:
    """What a unit's volunteers served in a ROC year. unit_id: empty for units of other cities."""

    unit_id: str
    roc_year: int
    category: str
    rows: int
    half_hours: int


def add(conn: Connection, rows: Iterable[NewService], came: Origin) -> int:
    """Adds rows, thousands in a statement, with their sums; says how many. Inside a transaction that writes alone."""
    count = 0
    for part in origin.in_parts(rows):
        sums: dict[tuple[str, int, str], list[int]] = {}
        values = []
        for row in part:
            year = row.end.year - roc.ROC_OFFSET
            values.append(
                {
                    "person_no": row.person_no, "unit_id": row.unit_id,
                    "unit_name": "" if row.unit_id is not None else row.unit_name,
                    "start_on": row.start, "end_on": row.end, "roc_year": year, "half_hours": row.half_hours,
                    "item": row.item, "content": row.content, "category": row.category, **came.columns,
                }
            )  # fmt: skip
            held = sums.setdefault((row.unit_id or "", year, row.category), [0, 0])
            held[0] += 1
            held[1] += row.half_hours
        bulk.add(conn, service_row, values)
        _change_sums(conn, sums, 1)
        count += len(part)
    return count


def void_of(
    conn: Connection, source_ref: str, *, by: str, why: str, now_ms: int, but_people: Collection[int] = ()
) -> int:
    """Takes back everything that an import or event brought; says how many rows. Nothing for an empty reference.

    but_people: whose rows stay.
    """
    which = service_row.c.source_ref == source_ref
    if but_people:
        which = which & service_row.c.person_no.not_in(but_people)
    return _void(conn, which, by, why, now_ms) if source_ref else 0


def bring_back(conn: Connection, source_ref: str, why: str, *, but_people: Collection[int] = ()) -> int:
    """Rows of an import's people that were made void for that reason count again; says how many. but_people: whose stay void."""
    people = select(service_row.c.person_no).where(service_row.c.source_ref == source_ref)
    which = service_row.c.person_no.in_(people) & (service_row.c.void_why == why)
    if but_people:
        which = which & service_row.c.person_no.not_in(but_people)
    _change_sums(conn, _sums_of(conn, which & service_row.c.void_ms.is_not(None)), 1)
    return origin.bring_back(conn, service_row, which)


def void(conn: Connection, row_id: int, *, by: str, why: str, now_ms: int) -> bool:
    """Makes one row void; whether it counted until now."""
    return _void(conn, service_row.c.row_id == row_id, by, why, now_ms) > 0


def find(conn: Connection, row_id: int) -> Service | None:
    """One row, also a void one."""
    row = conn.execute(_ROWS.where(service_row.c.row_id == row_id)).first()
    return None if row is None else _service(row)


def of_people(
    conn: Connection, person_nos: Collection[int], *, with_void: bool = False, but_not: str = ""
) -> dict[int, list[Service]]:
    """The rows of each of these people, oldest first; those without any are in it too. but_not: leaves out that import."""
    found: dict[int, list[Service]] = {no: [] for no in person_nos}
    for part in origin.in_parts(found, 500):
        query = _ROWS.where(service_row.c.person_no.in_(part)).order_by(service_row.c.end_on, service_row.c.row_id)
        if not with_void:
            query = query.where(service_row.c.void_ms.is_(None))
        if but_not:
            query = query.where(service_row.c.source_ref != but_not)
        for row in conn.execute(query):
            found[row.person_no].append(_service(row))
    return found


def of_person(conn: Connection, person_nos: Collection[int], *, with_void: bool = False) -> list[Service]:
    """The rows of one person under every number they have had, oldest first."""
    held = of_people(conn, person_nos, with_void=with_void)
    return sorted((row for rows in held.values() for row in rows), key=lambda row: (row.end, row.row_id))


def sums(conn: Connection, *, unit_id: str | None = None, roc_years: Sequence[int] = ()) -> list[Sum]:
    """Hours by unit, year and category, the newest year first; of one unit, of some years. Read from kept sums."""
    query = select(service_sum).order_by(service_sum.c.roc_year.desc(), service_sum.c.unit_id, service_sum.c.category)
    if unit_id is not None:
        query = query.where(service_sum.c.unit_id == unit_id)
    if roc_years:
        query = query.where(service_sum.c.roc_year.in_(roc_years))
    return [
        Sum(row.unit_id, row.roc_year, row.category, row.service_rows, row.half_hours)
        for row in conn.execute(query.where(service_sum.c.service_rows > 0))
    ]


_ROWS = select(service_row, unit.c.name.label("of_unit")).select_from(
    service_row.outerjoin(unit, unit.c.unit_id == service_row.c.unit_id)
)


def _service(row: Row[Any]) -> Service:
    return Service(
        row.row_id, row.person_no, row.unit_id, row.of_unit or row.unit_name, row.start_on, row.end_on, row.half_hours,
        row.item, row.content, row.category, Mark.of(row),
    )  # fmt: skip


def _void(conn: Connection, which: ColumnElement[bool], by: str, why: str, now_ms: int) -> int:
    _change_sums(conn, _sums_of(conn, which & service_row.c.void_ms.is_(None)), -1)
    return origin.void(conn, service_row, which, by=by, why=why, now_ms=now_ms)


def _sums_of(conn: Connection, which: ColumnElement[bool]) -> dict[tuple[str, int, str], list[int]]:
    """(unit, year, category) → rows and half hours of these rows."""
    unit_id = func.coalesce(service_row.c.unit_id, "")
    found = conn.execute(
        select(
            unit_id.label("of_unit"), service_row.c.roc_year, service_row.c.category, func.count().label("number"),
            func.sum(service_row.c.half_hours).label("half_hours"),
        )
        .where(which)
        .group_by(unit_id, service_row.c.roc_year, service_row.c.category)
    ).all()  # fmt: skip
    return {(row.of_unit, row.roc_year, row.category): [row.number, int(row.half_hours)] for row in found}


_CHANGE_SUM = text(
    """
    INSERT INTO service_sum (unit_id, roc_year, category, service_rows, half_hours)
    VALUES (:unit_id, :roc_year, :category, :service_rows, :half_hours)
    ON CONFLICT (unit_id, roc_year, category) DO UPDATE
    SET service_rows = service_sum.service_rows + excluded.service_rows,
      half_hours = service_sum.half_hours + excluded.half_hours
    """
)


def _change_sums(conn: Connection, sums: dict[tuple[str, int, str], list[int]], sign: int) -> None:
    if sums:
        conn.execute(
            _CHANGE_SUM,
            [
                {
                    "unit_id": unit_id, "roc_year": year, "category": category, "service_rows": sign * rows,
                    "half_hours": sign * half_hours,
                }
                for (unit_id, year, category), (rows, half_hours) in sums.items()
            ],
        )  # fmt: skip
