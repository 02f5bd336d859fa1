"""Trainings that came with an import, an event or an entry at the office, each with its certificate where one was handed in (R61).

What is not here: what applications name of trainings (people), whether they are complete (honorcard.training), the files
(photostore).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from center.store import bulk, origin
from center.store.origin import Mark, Origin
from center.store.tables import training
from sync.ids import uuid7

Kind = Literal["basic", "special"]


@dataclass(frozen=True)
class NewTraining:
    """A training to be added. field: of a special one, 衛生福利 …; half_hours, completed_on: None when nobody knows."""

    person_no: int
    kind: Kind
    field: str = ""
    course: str = ""
    half_hours: int | None = None
    completed_on: date | None = None
    certificate: str = ""
    file_sha256: bytes | None = None
    unit_id: str | None = None


@dataclass(frozen=True)
class Trained:
    """A training as it stands. file_sha256: address of the certificate's picture, None without one."""

    training_id: str
    person_no: int
    kind: Kind
    field: str
    course: str
    half_hours: int | None
    completed_on: date | None
    certificate: str
    file_sha256: bytes | None
    unit_id: str | None
    mark: Mark


def add(conn: Connection, rows: Iterable[NewTraining], came: Origin) -> list[str]:
    """Adds trainings, many in a statement; gives their ids in the same order."""
    ids: list[str] = []
    for part in origin.in_parts(rows):
        values = [
            {
                "training_id": uuid7(), "person_no": row.person_no, "kind": row.kind, "field": row.field,
                "course": row.course, "half_hours": row.half_hours, "completed_on": row.completed_on,
                "certificate": row.certificate, "file_sha256": row.file_sha256, "unit_id": row.unit_id, **came.columns,
            }
            for row in part
        ]  # fmt: skip
        bulk.add(conn, training, values)
        ids += [str(value["training_id"]) for value in values]
    return ids


def void_of(
    conn: Connection, source_ref: str, *, by: str, why: str, now_ms: int, but_people: Collection[int] = ()
) -> int:
    """Takes back everything that an import or event brought; says how many. Nothing for an empty reference.

    but_people: whose trainings stay.
    """
    if not source_ref:
        return 0
    which = training.c.source_ref == source_ref
    if but_people:
        which = which & training.c.person_no.not_in(but_people)
    return origin.void(conn, training, which, by=by, why=why, now_ms=now_ms)


def bring_back(conn: Connection, source_ref: str, why: str, *, but_people: Collection[int] = ()) -> int:
    """Trainings of an import's people that were made void for that reason stand again. but_people: whose stay void."""
    people = select(training.c.person_no).where(training.c.source_ref == source_ref)
    which = training.c.person_no.in_(people) & (training.c.void_why == why)
    if but_people:
        which = which & training.c.person_no.not_in(but_people)
    return origin.bring_back(conn, training, which)


def void(conn: Connection, training_id: str, *, by: str, why: str, now_ms: int) -> bool:
    """Makes one void; whether it stood until now."""
    return origin.void(conn, training, training.c.training_id == training_id, by=by, why=why, now_ms=now_ms) > 0


def keep_file(conn: Connection, training_id: str, file_sha256: bytes) -> None:
    """The certificate of a training has been handed in; an earlier one is replaced."""
    conn.execute(update(training).where(training.c.training_id == training_id).values(file_sha256=file_sha256))


def find(conn: Connection, training_id: str) -> Trained | None:
    """One training, also a void one."""
    row = conn.execute(select(training).where(training.c.training_id == training_id)).first()
    return None if row is None else _trained(row)


def of_people(
    conn: Connection, person_nos: Collection[int], *, with_void: bool = False, but_not: str = ""
) -> dict[int, list[Trained]]:
    """The trainings of each of these people, oldest entry first; those without any are in it too. but_not: leaves out that
    import.
    """
    found: dict[int, list[Trained]] = {no: [] for no in person_nos}
    for part in origin.in_parts(found, 500):
        query = select(training).where(training.c.person_no.in_(part)).order_by(training.c.training_id)
        if not with_void:
            query = query.where(training.c.void_ms.is_(None))
        if but_not:
            query = query.where(training.c.source_ref != but_not)
        for row in conn.execute(query):
            found[row.person_no].append(_trained(row))
    return found


def _trained(row: Row[Any]) -> Trained:
    return Trained(
        row.training_id, row.person_no, row.kind, row.field, row.course, row.half_hours, row.completed_on,
        row.certificate, None if row.file_sha256 is None else bytes(row.file_sha256), row.unit_id, Mark.of(row),
    )  # fmt: skip
