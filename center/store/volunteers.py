"""Volunteers as the office knows them: made known by a list or an entry, of which units, their English name, what was changed.

A person is one row whoever named them first, an application or a list (people). What is not here: their service (service),
their trainings, how they are found (finding), who may look (center.people).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from center.store import bulk, name_parts, origin
from center.store.origin import Origin
from center.store.tables import application, card, membership, number_part, person, person_event, unit
from sync.ids import uuid7


@dataclass(frozen=True)
class Known:
    """A person as a list or an entry names them (center.numbers makes it from what was typed).

    number_box: the identity number under the server's key; tags: of its parts, for the search.
    """

    idbx: bytes
    name: str
    name_key: str
    masked_number: str
    number_box: bytes
    tags: tuple[bytes, ...]
    birth_date: date | None = None
    english_name: str = ""

    def __repr__(self) -> str:
        """Says nothing about the person, so that no log line can."""
        return "Known(…)"


@dataclass(frozen=True)
class Volunteer:
    """What is held of a person. number_box: None or empty when the number is not at hand; kept: known by a list or entry.

    has_card: of ours, whatever became of it: the name changes with a new card only.
    """

    person_id: str
    no: int
    idbx: bytes
    name: str
    masked_number: str
    birth_date: date | None
    english_name: str
    number_box: bytes | None
    kept: bool
    source_ref: str
    has_card: bool


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


@dataclass(frozen=True)
class Event:
    """Something entered, changed or made void at the office."""

    at_ms: int
    actor: str
    what: str
    entity: str
    text: str


# --- people ---


def find(conn: Connection, indices: Collection[bytes]) -> dict[bytes, Volunteer]:
    """The people of these indices who are here, by index."""
    found: dict[bytes, Volunteer] = {}
    for part in origin.in_parts(dict.fromkeys(indices), 500):
        for row in conn.execute(_VOLUNTEERS.where(person.c.idbx.in_(part))):
            found[bytes(row.idbx)] = _volunteer(row)
    return found


def of_no(conn: Connection, no: int) -> Volunteer | None:
    """One person by number."""
    row = conn.execute(_VOLUNTEERS.where(person.c.no == no)).first()
    return None if row is None else _volunteer(row)


def nos_of(conn: Connection, indices: Collection[bytes]) -> list[int]:
    """The numbers that rows of these people stand under, in no order."""
    return list(conn.execute(select(person.c.no).where(person.c.idbx.in_(list(indices)))).scalars())


def ids_of(conn: Connection, nos: Collection[int]) -> dict[int, str]:
    """The ids of people by their numbers."""
    found: dict[int, str] = {}
    for part in origin.in_parts(sorted(nos), 500):
        rows = conn.execute(select(person.c.no, person.c.person_id).where(person.c.no.in_(part)))
        found |= {row.no: row.person_id for row in rows}
    return found


def next_no(conn: Connection) -> int:
    """The number of the next new person. Inside a transaction that writes alone."""
    return int(conn.execute(select(func.coalesce(func.max(person.c.no), 0))).scalar_one()) + 1


def make_known(conn: Connection, people: Sequence[Known], came: Origin) -> dict[bytes, int]:
    """Makes these people known here; gives everybody's number by index, in the order given.

    Who is here already keeps the name; birth date, English name and number are filled in where they were not known. Inside a
    transaction that writes alone.
    """
    numbers: dict[bytes, int] = {}
    for part in origin.in_parts(people):
        here = find(conn, [one.idbx for one in part])
        new = [one for one in {one.idbx: one for one in part}.values() if one.idbx not in here]
        no = next_no(conn)
        rows = [
            {
                "person_id": uuid7(), "no": no + at, "idbx": one.idbx, "name": one.name, "name_key": one.name_key,
                "masked_number": one.masked_number, "since_ms": came.at_ms, "birth_date": one.birth_date,
                "english_name": one.english_name, "english_by": came.by if one.english_name else "",
                "number_box": one.number_box, "kept": 1, "source_ref": came.ref,
            }
            for at, one in enumerate(new)
        ]  # fmt: skip
        bulk.add(conn, person, rows)
        name_parts.add(
            conn, [(no + at, one.name_key, name_parts.english_key(one.english_name)) for at, one in enumerate(new)]
        )
        add_tags(conn, [(no + at, one.tags) for at, one in enumerate(new)])
        numbers |= {one.idbx: no + at for at, one in enumerate(new)}
        for one in part:
            if one.idbx in here:
                _fill_in(conn, here[one.idbx], one, came)
                numbers[one.idbx] = here[one.idbx].no
    return {one.idbx: numbers[one.idbx] for one in people}


def change(
    conn: Connection, no: int, *, by: str, now_ms: int, name: tuple[str, str] | None = None,
    english_name: str | None = None, birth_date: date | None = None,
) -> dict[str, tuple[str, str]]:  # fmt: skip
    """Changes what is given; gives what became different, as field → (before, after), and notes which fields it was.

    name: as written and folded. The name of a card holder changes with a new card only: whoever calls asks `has_card` first.
    """
    before = of_no(conn, no)
    if before is None:
        return {}
    changed: dict[str, tuple[str, str]] = {}
    values: dict[str, Any] = {}
    if name is not None and name[0] != before.name:
        changed["name"] = (before.name, name[0])
        values |= {"name": name[0], "name_key": name[1]}
    if english_name is not None and english_name != before.english_name:
        changed["english_name"] = (before.english_name, english_name)
        values |= {"english_name": english_name, "english_by": by}
    if birth_date is not None and birth_date != before.birth_date:
        changed["birth_date"] = (before.birth_date.isoformat() if before.birth_date else "", birth_date.isoformat())
        values["birth_date"] = birth_date
    if not changed:
        return {}
    keys = conn.execute(select(person.c.name_key, person.c.english_name).where(person.c.no == no)).one()
    conn.execute(update(person).where(person.c.no == no).values(**values))
    after = (values.get("name_key", keys.name_key), values.get("english_name", keys.english_name))
    name_parts.change(
        conn,
        no,
        (keys.name_key, name_parts.english_key(keys.english_name)),
        (after[0], name_parts.english_key(after[1])),
    )
    for field, (was, becomes) in changed.items():
        record(conn, no, by=by, what=f"changed_{field}", text=f"{was or '—'} → {becomes or '—'}", now_ms=now_ms)
    return changed


def take_back(conn: Connection, source_ref: str) -> int:
    """Whoever an import made known stays only as far as applications, or rows that came otherwise, speak of them; says how many
    people that are.
    """
    if not source_ref:
        return 0
    conn.execute(
        update(membership)
        .where(membership.c.source_ref == source_ref)
        .values(source="application", source_ref="", book_number="", since_on=None, until_on=None)
    )
    return conn.execute(
        update(person).where(person.c.source_ref == source_ref).values(kept=0, source_ref="")
    ).rowcount  # fmt: skip


# --- of which unit ---


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


# --- what was done, and numbers that are still to be read ---


def record(conn: Connection, no: int, *, by: str, what: str, now_ms: int, entity: str = "", text: str = "") -> None:
    """Notes that something of a person's was entered, changed or made void."""
    conn.execute(insert(person_event).values(person_no=no, at_ms=now_ms, actor=by, what=what, entity=entity, text=text))


def events(conn: Connection, person_nos: Collection[int], limit: int = 100) -> list[Event]:
    """What was done at the office, newest first."""
    query = (
        select(person_event)
        .where(person_event.c.person_no.in_(list(person_nos)))
        .order_by(person_event.c.event_id.desc())
        .limit(limit)
    )
    return [Event(row.at_ms, row.actor, row.what, row.entity, row.text) for row in conn.execute(query)]


def unread(conn: Connection, limit: int) -> list[tuple[int, bytes, str | None]]:
    """(number, index, newest body) of people whose identity number is not sealed yet; the body is None where there is none."""
    body = (
        select(application.c.body)
        .where(application.c.idbx == person.c.idbx)
        .order_by(application.c.received_ms.desc(), application.c.application_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(person.c.no, person.c.idbx, body.label("body")).where(person.c.number_box.is_(None))
    return [(row.no, bytes(row.idbx), row.body) for row in conn.execute(query.order_by(person.c.no).limit(limit))]


def keep_number(
    conn: Connection, no: int, number_box: bytes, tags: Iterable[bytes], birth_date: date | None, english_name: str
) -> None:
    """What an application says of a person: the sealed number (empty when it has none), the birth date, the English name as
    long as nobody entered another.
    """
    before = conn.execute(select(person).where(person.c.no == no)).one()
    values: dict[str, Any] = {"number_box": number_box}
    if birth_date is not None and not before.kept:
        values["birth_date"] = birth_date
    if english_name and not before.english_by and english_name != before.english_name:
        values["english_name"] = english_name
        name_parts.change(
            conn, no, (before.name_key, name_parts.english_key(before.english_name)),
            (before.name_key, name_parts.english_key(english_name)),
        )  # fmt: skip
    conn.execute(update(person).where(person.c.no == no).values(**values))
    add_tags(conn, [(no, tags)])


def add_tags(conn: Connection, people: Iterable[tuple[int, Iterable[bytes]]]) -> None:
    """The tags that parts of identity numbers are found by."""
    rows = [{"tag": tag, "person_no": no} for no, tags in people for tag in dict.fromkeys(tags)]
    bulk.add(conn, number_part, rows, unless_there=True)


_VOLUNTEERS = select(
    person, select(card.c.seq).where(card.c.idbx == person.c.idbx).exists().label("has_card")
)  # fmt: skip


def _volunteer(row: Row[Any]) -> Volunteer:
    return Volunteer(
        row.person_id, row.no, bytes(row.idbx), row.name, row.masked_number, row.birth_date, row.english_name,
        None if row.number_box is None else bytes(row.number_box), bool(row.kept), row.source_ref, bool(row.has_card),
    )  # fmt: skip


def _fill_in(conn: Connection, here: Volunteer, one: Known, came: Origin) -> None:
    values: dict[str, Any] = {"moved_to": None}
    if not here.kept:
        values |= {"kept": 1, "source_ref": came.ref}
    if not here.number_box:
        values["number_box"] = one.number_box
        add_tags(conn, [(here.no, one.tags)])
    conn.execute(update(person).where(person.c.no == here.no).values(**values))
    change(
        conn, here.no, by=came.by, now_ms=came.at_ms,
        english_name=one.english_name if one.english_name and not here.english_name else None,
        birth_date=one.birth_date if here.birth_date is None else None,
    )  # fmt: skip


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
