"""Rows to be taken out, read a thousand at a time in an order that new rows do not change: volunteers, service, trainings, cards.

What is not here: which columns a file has and how they are written (center.exchange.layout, exporting), what came in (exchange).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from center.store import Store
from center.store.tables import application, card, membership, person, service_row, training, unit

AT_ONCE = 1000
VOLUNTEER_STATES = ("all", "active", "left")
HOURS_STATES = ("all", "ordinary")
CARD_STATES = ("all", "live", "expired", "suspended", "revoked", "replaced")


@dataclass(frozen=True)
class Wanted:
    """Which rows. unit_id: of one unit, empty for all; since, until: of the day that the kind goes by, inclusive; today: by which a
    volunteer is still one, and a card runs out.
    """

    unit_id: str = ""
    since: date | None = None
    until: date | None = None
    state: str = "all"
    today: date = date.min


def rows(store: Store, kind: str, wanted: Wanted) -> Iterator[Mapping[Any, Any]]:
    """The rows of a kind, each handful in a transaction of its own."""
    query, keys = _QUERIES[kind](wanted)
    after: tuple[Any, ...] | None = None
    while True:
        part = query if after is None else query.where(_beyond(keys, after))
        with store.read() as conn:
            found = conn.execute(part.order_by(*keys).limit(AT_ONCE)).mappings().all()
        yield from found
        if len(found) < AT_ONCE:
            return
        after = tuple(found[-1][f"key_{at}"] for at in range(len(keys)))


def count(conn: Connection, kind: str, wanted: Wanted) -> int:
    """How many rows there are now."""
    query, _ = _QUERIES[kind](wanted)
    return int(conn.execute(select(func.count()).select_from(query.subquery())).scalar_one())


def _beyond(keys: list[Any], after: tuple[Any, ...]) -> ColumnElement[bool]:
    """Rows after that one, in the order of the keys."""
    return or_(
        *(
            and_(*(one == value for one, value in zip(keys[:at], after[:at], strict=True)), keys[at] > after[at])
            for at in range(len(keys))
        )
    )


def _said(keys: list[Any]) -> list[Any]:
    return [one.label(f"key_{at}") for at, one in enumerate(keys)]


_PERSON = (
    person.c.idbx, person.c.name, person.c.masked_number, person.c.number_box, person.c.birth_date, person.c.english_name,
)  # fmt: skip
_UNIT = (unit.c.code.label("unit_code"), unit.c.name.label("unit_name"), unit.c.district)


def _between(column: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [] if wanted.since is None else [column >= wanted.since]
    return found if wanted.until is None else [*found, column <= wanted.until]


def _volunteers(wanted: Wanted) -> tuple[Select[Any], list[Any]]:
    keys = [person.c.no, func.coalesce(membership.c.unit_id, "")]
    query = (
        select(*_PERSON, *_UNIT, membership.c.book_number, membership.c.since_on, membership.c.until_on, *_said(keys))
        .select_from(
            person.outerjoin(membership, membership.c.person_no == person.c.no).outerjoin(
                unit, unit.c.unit_id == membership.c.unit_id
            )
        )
        .where(or_(person.c.kept == 1, membership.c.unit_id.is_not(None)), person.c.moved_to.is_(None))
        .where(*_between(membership.c.since_on, wanted))
    )
    if wanted.unit_id:
        query = query.where(membership.c.unit_id == wanted.unit_id)
    still = or_(membership.c.until_on.is_(None), membership.c.until_on >= wanted.today)
    if wanted.state in ("active", "left"):
        query = query.where(still if wanted.state == "active" else membership.c.until_on < wanted.today)
    return query, keys


def _hours(wanted: Wanted) -> tuple[Select[Any], list[Any]]:
    keys = [service_row.c.row_id]
    query = (
        select(
            *_PERSON, func.coalesce(unit.c.code, "").label("unit_code"),
            func.coalesce(unit.c.name, service_row.c.unit_name).label("unit_name"), unit.c.district, service_row.c.start_on,
            service_row.c.end_on, service_row.c.half_hours, service_row.c.item, service_row.c.content,
            service_row.c.category, *_said(keys),
        )
        .select_from(
            service_row.join(person, person.c.no == service_row.c.person_no).outerjoin(
                unit, unit.c.unit_id == service_row.c.unit_id
            )
        )
        .where(service_row.c.void_ms.is_(None), *_between(service_row.c.end_on, wanted))
    )  # fmt: skip
    if wanted.unit_id:
        query = query.where(service_row.c.unit_id == wanted.unit_id)
    if wanted.state == "ordinary":
        query = query.where(service_row.c.category == "ordinary")
    return query, keys


def _training(wanted: Wanted) -> tuple[Select[Any], list[Any]]:
    keys = [training.c.training_id]
    query = (
        select(
            *_PERSON, training.c.kind.label("course_kind"), training.c.field, training.c.course, training.c.half_hours,
            training.c.completed_on, training.c.certificate, *_said(keys),
        )
        .select_from(training.join(person, person.c.no == training.c.person_no))
        .where(training.c.void_ms.is_(None), *_between(training.c.completed_on, wanted))
    )  # fmt: skip
    if wanted.unit_id:
        of_unit = and_(membership.c.person_no == person.c.no, membership.c.unit_id == wanted.unit_id)
        query = query.where(exists().where(of_unit))
    return query, keys


def _cards(wanted: Wanted) -> tuple[Select[Any], list[Any]]:
    keys = [card.c.seq]
    query = (
        select(
            card.c.idbx, card.c.name, person.c.masked_number, person.c.number_box, person.c.birth_date,
            person.c.english_name, *_UNIT, card.c.number.label("card"), card.c.approved_on, card.c.valid_until,
            card.c.counted_until, card.c.status, *_said(keys),
        )
        .select_from(
            card.outerjoin(person, person.c.idbx == card.c.idbx)
            .outerjoin(application, application.c.application_id == card.c.application_id)
            .outerjoin(unit, unit.c.unit_id == application.c.unit_id)
        )
        .where(*_between(card.c.approved_on, wanted))
    )  # fmt: skip
    if wanted.unit_id:
        query = query.where(application.c.unit_id == wanted.unit_id)
    if wanted.state == "expired":
        query = query.where(card.c.status == "live", card.c.valid_until < wanted.today)
    elif wanted.state == "live":
        query = query.where(card.c.status == "live", card.c.valid_until >= wanted.today)
    elif wanted.state != "all":
        query = query.where(card.c.status == wanted.state)
    return query, keys


_QUERIES = {"volunteers": _volunteers, "hours": _hours, "training": _training, "cards": _cards}
