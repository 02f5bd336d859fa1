"""Of which units somebody is a volunteer: by an import, an entry or an event; by an application as long as one stands.

What is not here: who they are (volunteers), who may look (center.people).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select, update

from center.store import bulk, name_parts, origin
from center.store.origin import Origin
from center.store.tables import membership, person, unit


@dataclass(frozen=True)
class NewMember:
    """A volunteer of a unit. book_number: 字第號; since, until: None when nobody knows, or for one who still is."""

    person_no: int
    unit_id: str
    book_number: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Member:
    """A volunteer of a unit as it stands. source: `application` for one who only applied through it."""

    person_no: int
    unit_id: str
    unit: str
    book_number: str
    since: date | None
    until: date | None
    source: str
    source_ref: str


def join(conn: Connection, members: Iterable[NewMember], came: Origin) -> int:
    """Makes people volunteers of units; says how many were not yet. Of one who is, what is said replaces what was."""
    count = 0
    for part in origin.in_parts(members):
        one_each = list({(one.person_no, one.unit_id): one for one in part}.values())
        held = {
            (one.person_no, one.unit_id): one
            for several in memberships(conn, {one.person_no for one in one_each}).values()
            for one in several
        }
        new = [one for one in one_each if (one.person_no, one.unit_id) not in held]
        bulk.add(conn, membership, _rows(conn, new, came))
        count += len(new)
        for one in one_each:
            standing = held.get((one.person_no, one.unit_id))
            if standing is not None:
                count += standing.source == "application"
                _joined_before(conn, standing, one, came)
    return count


def applied(conn: Connection, person_nos: Collection[int], unit_id: str, now_ms: int) -> None:
    """Applications of a unit name these people: they are its volunteers as long as one stands."""
    held = memberships(conn, person_nos)
    new = [NewMember(no, unit_id) for no, several in held.items() if unit_id not in {one.unit_id for one in several}]
    rows = _rows(conn, new, Origin("office", "", now_ms))
    bulk.add(conn, membership, [{**row, "source": "application"} for row in rows])


def memberships(conn: Connection, person_nos: Collection[int]) -> dict[int, list[Member]]:
    """The units of each of these people, the first known first; those without any are in it too."""
    found: dict[int, list[Member]] = {no: [] for no in person_nos}
    for part in origin.in_parts(found, 500):
        query = (
            select(membership, unit.c.name.label("of_unit"))
            .select_from(membership.join(unit, unit.c.unit_id == membership.c.unit_id))
            .where(membership.c.person_no.in_(part))
            .order_by(membership.c.since_ms, membership.c.unit_id)
        )
        for row in conn.execute(query):
            found[row.person_no].append(
                Member(
                    row.person_no, row.unit_id, row.of_unit, row.book_number, row.since_on, row.until_on, row.source,
                    row.source_ref,
                )
            )  # fmt: skip
    return found


def _rows(conn: Connection, members: Sequence[NewMember], came: Origin) -> list[Mapping[str, Any]]:
    nos = [one.person_no for one in members]
    keys = {
        row.no: name_parts.sought(row.name_key, name_parts.english_key(row.english_name))
        for part in origin.in_parts(nos, 500)
        for row in conn.execute(
            select(person.c.no, person.c.name_key, person.c.english_name).where(person.c.no.in_(part))
        )
    }
    return [
        {
            "person_no": one.person_no, "unit_id": one.unit_id, "sought": keys[one.person_no],
            "book_number": one.book_number, "since_on": one.since, "until_on": one.until, "since_ms": came.at_ms,
            "source": came.source, "source_ref": came.ref, "entered_by": came.by,
        }
        for one in members
    ]  # fmt: skip


def _joined_before(conn: Connection, standing: Member, one: NewMember, came: Origin) -> None:
    said = replace(
        standing, book_number=one.book_number or standing.book_number, since=one.since or standing.since,
        until=one.until or standing.until,
    )  # fmt: skip
    if standing.source == "application":
        said = replace(said, source=came.source, source_ref=came.ref)
    if said != standing:
        conn.execute(
            update(membership)
            .where(membership.c.person_no == one.person_no, membership.c.unit_id == one.unit_id)
            .values(
                book_number=said.book_number, since_on=said.since, until_on=said.until, source=said.source,
                source_ref=said.source_ref, entered_by=came.by,
            )
        )  # fmt: skip
