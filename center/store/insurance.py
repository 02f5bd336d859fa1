"""Volunteers' insurance (art. 16), as information: no rule of a card asks for it (R63)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from center.store import bulk, origin
from center.store.origin import Mark, Origin
from center.store.tables import insurance, unit
from sync.ids import uuid7


@dataclass(frozen=True)
class NewInsurance:
    """An insurance to be added. start, end: first and last day it covers, inclusive. unit_id: who took it out."""

    person_no: int
    unit_id: str | None
    insurer: str
    start: date
    end: date
    policy: str = ""


@dataclass(frozen=True)
class Insured:
    """An insurance as it stands. unit: the name to show."""

    insurance_id: str
    person_no: int
    unit_id: str | None
    unit: str
    insurer: str
    policy: str
    start: date
    end: date
    mark: Mark


def add(conn: Connection, rows: Iterable[NewInsurance], came: Origin) -> list[str]:
    """Adds insurances, many in a statement; gives their ids in the same order."""
    ids: list[str] = []
    for part in origin.in_parts(rows):
        values = [
            {
                "insurance_id": uuid7(), "person_no": row.person_no, "unit_id": row.unit_id, "insurer": row.insurer,
                "policy": row.policy, "from_on": row.start, "until_on": row.end, **came.columns,
            }
            for row in part
        ]  # fmt: skip
        bulk.add(conn, insurance, values)
        ids += [str(value["insurance_id"]) for value in values]
    return ids


def void_of(conn: Connection, source_ref: str, *, by: str, why: str, now_ms: int) -> int:
    """Takes back everything that an import brought; says how many. Nothing for an empty reference."""
    if not source_ref:
        return 0
    return origin.void(conn, insurance, insurance.c.source_ref == source_ref, by=by, why=why, now_ms=now_ms)


def void(conn: Connection, insurance_id: str, *, by: str, why: str, now_ms: int) -> bool:
    """Makes one void; whether it stood until now."""
    return origin.void(conn, insurance, insurance.c.insurance_id == insurance_id, by=by, why=why, now_ms=now_ms) > 0


def find(conn: Connection, insurance_id: str) -> Insured | None:
    """One insurance, also a void one."""
    row = conn.execute(_INSURANCES.where(insurance.c.insurance_id == insurance_id)).first()
    return None if row is None else _insured(row)


def of_people(conn: Connection, person_nos: Collection[int], *, with_void: bool = False) -> dict[int, list[Insured]]:
    """The insurances of each of these people, the last to end first; those without any are in it too."""
    found: dict[int, list[Insured]] = {no: [] for no in person_nos}
    for part in origin.in_parts(found, 500):
        query = _INSURANCES.where(insurance.c.person_no.in_(part)).order_by(
            insurance.c.until_on.desc(), insurance.c.insurance_id
        )
        if not with_void:
            query = query.where(insurance.c.void_ms.is_(None))
        for row in conn.execute(query):
            found[row.person_no].append(_insured(row))
    return found


_INSURANCES = select(insurance, unit.c.name.label("of_unit")).select_from(
    insurance.outerjoin(unit, unit.c.unit_id == insurance.c.unit_id)
)


def _insured(row: Row[Any]) -> Insured:
    return Insured(
        row.insurance_id, row.person_no, row.unit_id, row.of_unit or "", row.insurer, row.policy, row.from_on, row.until_on,
        Mark.of(row),
    )  # fmt: skip
