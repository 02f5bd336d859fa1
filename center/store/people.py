"""People, one row each from their first application on; and what their applications and cards say of their service.

That service is not stored a second time: it is read from the bodies of the applications whenever somebody looks
(docs/decisions). What is not here: service that came another way (service), putting it together (honorcard.collected), search
(finding), who may look (people, guard).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, or_, select, tuple_, update

from center.store import bulk, members, name_parts, volunteers
from center.store.tables import application, card, membership, person, unit
from honorcard.service_record import CardHeld
from sync.ids import uuid7

KINDS = ("first", "renewal")  # applications with service in them
OUT = ("refused", "withdrawn")  # what these brought stands in no record


@dataclass(frozen=True)
class Person:
    """One person as a list shows them."""

    person_id: str
    idbx: bytes
    name: str
    masked_number: str
    since_ms: int
    no: int = 0


@dataclass(frozen=True)
class Filed:
    """An application of a person, as its record needs it. body: JSON as stored."""

    application_id: str
    receipt: str
    state: str
    kind: str
    unit: str
    submitted_on: date
    body: bytes


@dataclass(frozen=True)
class Beside:
    """What stands beside a person in a list: units that applied for them, the newest card, whether a case is open."""

    units: tuple[str, ...] = ()
    number: str = ""
    valid_until: date | None = None
    status: str = ""
    open_case: bool = False


@dataclass(frozen=True)
class Seen:
    """A person as an application names them."""

    idbx: bytes
    name: str
    name_key: str
    masked_number: str


_KNOWN = select(person.c.no, person.c.idbx, person.c.name, person.c.name_key, person.c.moved_to).where(
    person.c.idbx.in_(bindparam("indices", expanding=True))
)


def note(conn: Connection, seen: Sequence[Seen], now_ms: int, unit_id: str | None = None) -> None:
    """Applications name these people, each another one: a new row, or the name it has, as long as no card was issued to them.

    From then on a name changes with a new card only (`rename`). unit_id: whose applications they are. Inside a transaction that
    writes alone.
    """
    asked = conn.execute(_KNOWN, {"indices": [one.idbx for one in seen]})
    known = {bytes(row.idbx): row for row in asked}
    new = [one for one in seen if one.idbx not in known]
    first = volunteers.next_no(conn) if new else 0
    rows = [
        {
            "person_id": uuid7(), "no": first + at, "idbx": one.idbx, "name": one.name, "name_key": one.name_key,
            "masked_number": one.masked_number, "since_ms": now_ms,
        }
        for at, one in enumerate(new)
    ]  # fmt: skip
    bulk.add(conn, person, rows)
    name_parts.add(conn, [(first + at, one.name_key, "") for at, one in enumerate(new)])
    for one in seen:
        held = known.get(one.idbx)
        if held is None:
            continue
        if held.moved_to is not None:
            conn.execute(update(person).where(person.c.no == held.no).values(moved_to=None))
        if (held.name, held.name_key) != (one.name, one.name_key) and not _has_card(conn, one.idbx):
            rename(conn, one.idbx, one.name, one.name_key)
    if unit_id is not None:
        numbers = [*(row.no for row in known.values()), *(first + at for at in range(len(new)))]
        members.applied(conn, numbers, unit_id, now_ms)


def rename(conn: Connection, idbx: bytes, name: str, name_key: str) -> None:
    """The person's name as it stands from now on: a card bears it."""
    row = conn.execute(select(person).where(person.c.idbx == idbx)).first()
    if row is None or (row.name, row.name_key) == (name, name_key):
        return
    conn.execute(update(person).where(person.c.no == row.no).values(name=name, name_key=name_key))
    english = name_parts.english_key(row.english_name)
    name_parts.change(conn, row.no, (row.name_key, english), (name_key, english))


def has_moved(conn: Connection, before: bytes, to: bytes) -> None:
    """A corrected identity number: the row under the wrong one is shown no more, since the other one stands for the same person."""
    other = of(conn, to)
    if before != to and other is not None:
        conn.execute(update(person).where(person.c.idbx == before).values(moved_to=other.no))


def find(conn: Connection, person_id: str, unit_id: str | None = None) -> Person | None:
    """The person; None for one whom that unit never applied for, when a unit is given."""
    row = conn.execute(shown(unit_id).where(person.c.person_id == person_id)).first()
    return None if row is None else person_of(row)


def of_application(conn: Connection, application_id: str) -> str | None:
    """The id of the person whom that application is about."""
    query = (
        select(person.c.person_id)
        .select_from(person.join(application, application.c.idbx == person.c.idbx))
        .where(application.c.application_id == application_id)
    )
    found: str | None = conn.execute(query).scalar_one_or_none()
    return found


def of(conn: Connection, idbx: bytes) -> Person | None:
    """The person of that index."""
    row = conn.execute(select(person).where(person.c.idbx == idbx)).first()
    return None if row is None else person_of(row)


def listing(
    conn: Connection, *, unit_id: str | None = None, below: tuple[int, int] | None = None, limit: int = 50
) -> list[tuple[Person, int]]:
    """People, the newest first, each with the moment its place goes by, from the one below (moment, number) on. Of a unit: by when
    they became its volunteers.
    """
    if unit_id is None:
        moment, no, query = person.c.since_ms, person.c.no, shown(None)
        query = query.add_columns(moment.label("moment"))
    else:
        moment, no = membership.c.since_ms, membership.c.person_no
        query = shown(unit_id).add_columns(moment.label("moment"))
        query = query.join(membership, membership.c.person_no == person.c.no).where(membership.c.unit_id == unit_id)
    if below is not None:
        query = query.where(tuple_(moment, no) < below)
    rows = conn.execute(query.order_by(moment.desc(), no.desc()).limit(limit))
    return [(person_of(row), row.moment) for row in rows]


def beside(conn: Connection, people: Sequence[Person]) -> dict[bytes, Beside]:
    """What a list shows beside each of them, by idbx; two questions for a whole page."""
    wanted = [one.idbx for one in people]
    found = {idbx: Beside() for idbx in wanted}
    if not wanted:
        return found
    cases = (
        select(application.c.idbx, application.c.state, unit.c.name)
        .select_from(application.outerjoin(unit, unit.c.unit_id == application.c.unit_id))
        .where(application.c.idbx.in_(wanted))
        .order_by(application.c.received_ms)
    )
    units: dict[bytes, dict[str, None]] = {idbx: {} for idbx in wanted}
    busy: set[bytes] = set()
    for row in conn.execute(cases):
        if row.name:
            units[bytes(row.idbx)][row.name] = None
        if row.state not in (*OUT, "issued"):
            busy.add(bytes(row.idbx))
    joined = (
        select(person.c.idbx, unit.c.name)
        .select_from(
            person.join(membership, membership.c.person_no == person.c.no).join(
                unit, unit.c.unit_id == membership.c.unit_id
            )
        )
        .where(person.c.idbx.in_(wanted), membership.c.source != "application")
        .order_by(membership.c.since_ms)
    )
    for of_unit in conn.execute(joined):
        units[bytes(of_unit.idbx)].setdefault(of_unit.name)
    newest = {
        bytes(row.idbx): row
        for row in conn.execute(
            select(card.c.idbx, card.c.number, card.c.valid_until, card.c.status)
            .where(card.c.idbx.in_(wanted))
            .order_by(card.c.seq)
        )
    }
    for idbx in wanted:
        held = newest.get(idbx)
        found[idbx] = Beside(
            tuple(units[idbx]),
            held.number if held else "",
            held.valid_until if held else None,
            held.status if held else "",
            idbx in busy,
        )
    return found


def indices_of(conn: Connection, idbx: bytes) -> list[bytes]:
    """Every index this person has stood under: a correction of the identity number keeps the card's number (A24)."""
    numbers = select(card.c.number).where(card.c.idbx == idbx)
    others = conn.execute(select(card.c.idbx).where(card.c.number.in_(numbers)).distinct()).scalars()
    return list(dict.fromkeys([idbx, *(bytes(other) for other in others)]))


def filed(conn: Connection, indices: Sequence[bytes]) -> list[Filed]:
    """The person's applications that stand or are under review, oldest first."""
    query = (
        select(application, unit.c.name.label("unit_name"))
        .select_from(application.outerjoin(unit, unit.c.unit_id == application.c.unit_id))
        .where(application.c.idbx.in_(indices), application.c.kind.in_(KINDS), application.c.state.not_in(OUT))
        .order_by(application.c.received_ms, application.c.application_id)
    )
    return [
        Filed(
            row.application_id, row.receipt, row.state, row.kind, row.unit_name or "", row.submitted_on,
            row.body.encode(),
        )
        for row in conn.execute(query)
    ]  # fmt: skip


def cards_of(conn: Connection, indices: Sequence[bytes]) -> list[CardHeld]:
    """The person's cards of ours, each number once, as its newest edition stands."""
    held: dict[str, CardHeld] = {}
    for row in conn.execute(select(card).where(card.c.idbx.in_(indices)).order_by(card.c.seq)):
        before = held.get(row.number)
        held[row.number] = CardHeld(
            row.number,
            row.approved_on,
            row.valid_until,
            max((day for day in (row.counted_until, before and before.counted_until) if day), default=None),
            row.status != "revoked",
        )
    return list(held.values())


def shown(unit_id: str | None) -> Select[Any]:
    """Those of whom a list or an entry says something, or an application that stands or is under review; of one unit when it is
    given.
    """
    standing = exists().where(
        application.c.idbx == person.c.idbx,
        application.c.state.not_in(OUT),
        *([application.c.unit_id == unit_id] if unit_id is not None else []),
    )
    known: ColumnElement[bool] = person.c.kept == 1
    if unit_id is not None:
        member = membership.alias()  # a list of a unit's people joins the table itself
        known = exists().where(
            member.c.person_no == person.c.no, member.c.unit_id == unit_id, member.c.source != "application"
        )
    return select(person).where(or_(known, standing), person.c.moved_to.is_(None))


def person_of(row: Row[Any]) -> Person:
    """As a list shows them."""
    return Person(row.person_id, bytes(row.idbx), row.name, row.masked_number, row.since_ms, row.no)


def _has_card(conn: Connection, idbx: bytes) -> bool:
    return conn.execute(select(card.c.seq).where(card.c.idbx == idbx).limit(1)).first() is not None
