"""What imports write that has no room of its own, and what an undo asks: units, people's details.

What is not here: batches and lines (exchange), service, trainings, cards of before and volunteers themselves (service, training,
earlier, volunteers).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, exists, func, or_, select, update

from center.store import bulk, origin
from center.store.tables import (
    card,
    earlier_card,
    insurance,
    membership,
    metadata,
    performance,
    person,
    service_row,
    training,
    unit,
)
from sync.ids import uuid7


@dataclass(frozen=True)
class UnitRow:
    """A unit as lists name it."""

    unit_id: str
    code: str
    name: str
    district: str


# --- units ---


def units(conn: Connection) -> list[UnitRow]:
    """All units."""
    return [UnitRow(row.unit_id, row.code, row.name, row.district) for row in conn.execute(select(unit))]


def add_units(conn: Connection, rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Adds units (code, name, district); gives their ids in the same order."""
    values = [
        {"unit_id": uuid7(), "code": code, "name": name, "district": district} for code, name, district in rows
    ]  # fmt: skip
    bulk.add(conn, unit, values)
    return [str(one["unit_id"]) for one in values]


def change_unit(conn: Connection, unit_id: str, **values: str) -> None:
    """Sets name or district of a unit."""
    conn.execute(update(unit).where(unit.c.unit_id == unit_id).values(**values))


def unit_of(conn: Connection, unit_id: str) -> UnitRow | None:
    """One unit."""
    row = conn.execute(select(unit).where(unit.c.unit_id == unit_id)).first()
    return None if row is None else UnitRow(row.unit_id, row.code, row.name, row.district)


def remove_unit(conn: Connection, unit_id: str) -> bool:
    """Takes a unit away that nothing speaks of; False when something does."""
    if _is_named(conn, unit, unit_id):
        return False
    conn.execute(delete(unit).where(unit.c.unit_id == unit_id))
    return True


def _is_named(conn: Connection, of: Table, key: str) -> bool:
    """Whether a row of any table points to that one, or keeps its id."""
    (primary,) = of.primary_key.columns
    for table in metadata.sorted_tables:
        pointing = [one for one in table.columns if one.name == primary.name and table is not of]
        pointing += [one.parent for one in table.foreign_keys if one.column is primary and one.parent not in pointing]
        if pointing and conn.execute(select(exists().where(or_(*(one == key for one in pointing))))).scalar_one():
            return True
    return False


# --- cards of ours ---


def holders_of(conn: Connection, numbers: Collection[str]) -> dict[str, bytes]:
    """Whose index each card number of ours bears."""
    found: dict[str, bytes] = {}
    for part in origin.in_parts(dict.fromkeys(numbers), 500):
        query = select(card.c.number, card.c.idbx).where(card.c.number.in_(part)).order_by(card.c.seq)
        found |= {row.number: bytes(row.idbx) for row in conn.execute(query)}
    return found


# --- people ---


def set_person(conn: Connection, no: int, **values: Any) -> None:
    """Sets columns of a person that no search is kept for."""
    conn.execute(update(person).where(person.c.no == no).values(**values))


def set_membership(conn: Connection, no: int, unit_id: str, **values: Any) -> None:
    """Sets columns of a membership."""
    which = (membership.c.person_no == no, membership.c.unit_id == unit_id)
    conn.execute(update(membership).where(*which).values(**values))


def needed_since(conn: Connection, batch_id: str) -> set[int]:
    """People made known by a batch of whom rows stand here that came another way."""
    ours = select(person.c.no).where(person.c.source_ref == batch_id)
    found: set[int] = set()
    for table in (service_row, training, insurance, earlier_card):
        query = select(table.c.person_no).where(
            table.c.person_no.in_(ours), table.c.void_ms.is_(None), table.c.source_ref != batch_id
        )
        found |= set(conn.execute(query.distinct()).scalars())
    others = select(membership.c.person_no).where(
        membership.c.person_no.in_(ours), membership.c.source != "application", membership.c.source_ref != batch_id
    )
    return found | set(conn.execute(others.distinct()).scalars())


def keep_people(conn: Connection, nos: Collection[int]) -> None:
    """These stay whatever becomes of the import that made them known."""
    for part in origin.in_parts(nos, 500):
        conn.execute(update(person).where(person.c.no.in_(part)).values(source_ref=""))


def certified_since(conn: Connection, batch_id: str, since_ms: int) -> set[int]:
    """People of a batch's service for whom a certificate was made since that counts a row of it."""
    query = (
        select(service_row.c.person_no)
        .select_from(service_row.join(performance, performance.c.person_no == service_row.c.person_no))
        .where(
            service_row.c.source_ref == batch_id, service_row.c.void_ms.is_(None), performance.c.void_ms.is_(None),
            performance.c.made_ms >= since_ms, performance.c.from_on <= service_row.c.end_on,
            performance.c.until_on >= service_row.c.start_on,
        )
        .distinct()
    )  # fmt: skip
    return set(conn.execute(query).scalars())


def handed_in_since(conn: Connection, batch_id: str) -> set[int]:
    """People of whose trainings from a batch a certificate was handed in since."""
    query = select(training.c.person_no).where(
        training.c.source_ref == batch_id, training.c.void_ms.is_(None), training.c.file_sha256.is_not(None)
    )
    return set(conn.execute(query.distinct()).scalars())


def count(conn: Connection, table: Table, batch_id: str) -> int:
    """How many rows of a batch stand."""
    query = select(func.count()).where(table.c.source_ref == batch_id, table.c.void_ms.is_(None))
    return int(conn.execute(query).scalar_one())
