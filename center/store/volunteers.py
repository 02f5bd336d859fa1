"""Volunteers as the office knows them: made known by a list or an entry, their English name, their sealed number.

A person is one row whoever named them first, an application or a list (people). What is not here: their units
(members), service (service) and trainings, what was done (person_log), how they are found (finding), who may look (center.people).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from center.store import bulk, name_parts, origin, person_log
from center.store.origin import Origin
from center.store.tables import application, card, membership, number_part, person
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
        person_log.record(
            conn, no, by=by, what=f"changed_{field}", text=f"{was or '—'} → {becomes or '—'}", now_ms=now_ms
        )
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


# --- numbers that are still to be read ---


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
