"""People found by name, number or part of either, a page at a time, with a million of them here (docs/decisions/0015).

Whole names come first, then names that begin so, then those in which it stands, then numbers. Every question reads one index in
its order and stops when a page is full; of one unit, that unit's own index. What is not here: the lines themselves (name_parts,
volunteers), what was typed (center.people), and never a log of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, case, select, tuple_

from center.store import name_parts, people
from center.store.people import Person
from center.store.tables import card, membership, name_part, number_part, person

AT_ONCE = 200  # candidates a question
_LAST = "\U0010ffff"  # after every character of a name

EXACT, HEAD, PART, NUMBER = range(4)


@dataclass(frozen=True)
class Place:
    """Where a page begins: the kind of hit, and the last one shown."""

    stage: int = EXACT
    key: str = ""
    no: int = 0


@dataclass(frozen=True)
class Asked:
    """What was typed, as it may be meant. name_key: folded; idbx: of a whole number; card: number of a card; tags: of each three
    characters in a row of a part of a number, those that fewest people have first; holds: whether a person's sealed number has
    that part, asked as (index, box); None when the tag alone says so.
    """

    name_key: str = ""
    idbx: bytes | None = None
    card: str = ""
    tags: tuple[bytes, ...] = ()
    holds: Callable[[bytes, bytes | None], bool] | None = None


@dataclass(frozen=True)
class Found:
    """A page of people, the best first; following: where the next one begins, None at the end."""

    people: tuple[Person, ...]
    following: Place | None


def page(
    conn: Connection, asked: Asked, *, unit_id: str | None = None, after: Place | None = None, limit: int
) -> Found:
    """A page of those who are found, of one unit when it is given."""
    begin = after or Place()
    hits: list[tuple[Person, Place]] = []
    for hit in _all(conn, asked, unit_id, begin):
        hits.append(hit)
        if len(hits) > limit:
            break
    shown = hits[:limit]
    return Found(tuple(one for one, _ in shown), shown[-1][1] if len(hits) > limit else None)


def _all(conn: Connection, asked: Asked, unit_id: str | None, begin: Place) -> Iterator[tuple[Person, Place]]:
    exact = _exact(conn, asked, unit_id)
    if begin.stage == EXACT:
        yield from ((one, Place(EXACT, "", one.no)) for one in exact if one.no > begin.no)
    known = {one.no for one in exact}
    if asked.name_key:
        names = _names_of_all(conn, asked.name_key, begin) if unit_id is None else _names(conn, asked, unit_id, begin)
        yield from ((one, at) for one, at in names if one.no not in known)
    if asked.tags and asked.idbx is None:
        yield from ((one, at) for one, at in _numbers(conn, asked, unit_id, begin) if one.no not in known)


def _exact(conn: Connection, asked: Asked, unit_id: str | None) -> list[Person]:
    """Whoever the whole number, or the number of a card, is of."""
    indices = [] if asked.idbx is None else [asked.idbx]
    if asked.card:
        of_card = select(card.c.idbx).where(
            card.c.roc_year == int(asked.card[:3]), card.c.serial == int(asked.card[3:]), card.c.number == asked.card
        )
        indices += [bytes(idbx) for idbx in conn.execute(of_card).scalars()]
    if not indices:
        return []
    rows = conn.execute(people.shown(unit_id).where(person.c.idbx.in_(indices)).order_by(person.c.no))
    return [people.person_of(row) for row in rows]


def _names_of_all(conn: Connection, key: str, begin: Place) -> Iterator[tuple[Person, Place]]:
    """By the lines of the names, heads first; each person once, where the best line of theirs stands."""
    low = key[: name_parts.LONGEST]
    for stage, head in ((HEAD, 1), (PART, 0)):
        if begin.stage > stage:
            continue
        at = (begin.key, begin.no) if begin.stage == stage else (low, -1)
        while True:
            lines = conn.execute(
                select(name_part.c.part, name_part.c.person_no)
                .where(
                    name_part.c.head == head,
                    name_part.c.part < low + _LAST,
                    tuple_(name_part.c.part, name_part.c.person_no) > at,
                )
                .order_by(name_part.c.part, name_part.c.person_no)
                .limit(AT_ONCE)
            ).all()
            rows = _shown(conn, [line.person_no for line in lines], None)
            for line in lines:
                row = rows.get(line.person_no)
                if row is not None and (1 - head, line.part) == _best(row, key, low):
                    yield people.person_of(row), Place(stage, line.part, line.person_no)
            if len(lines) < AT_ONCE:
                break
            at = (lines[-1].part, lines[-1].person_no)


def _best(row: Row[Any], key: str, low: str) -> tuple[int, str] | None:
    """The line at which a person is shown, as (0 for a head, part); None when the names do not have all that was asked."""
    english = name_parts.english_key(row.english_name)
    if key not in row.name_key and key not in english:
        return None
    fitting = (
        (1 - head, part)
        for whole in (row.name_key, english) if key in whole
        for head, part in name_parts.lines(whole) if part.startswith(low)
    )  # fmt: skip
    return min(fitting, default=None)


def _names(conn: Connection, asked: Asked, unit_id: str, begin: Place) -> Iterator[tuple[Person, Place]]:
    """By the names of one unit's people, read from that unit's index: whole names, beginnings, parts."""
    key, end = asked.name_key, name_parts.END
    if begin.stage > PART:
        return
    sought = membership.c.sought
    rank = case(
        (sought.contains(f"{end}{key}{end}", autoescape=True), 0), (sought.contains(f"{end}{key}", autoescape=True), 1),
        else_=2,
    )  # fmt: skip
    order = (rank, sought, membership.c.person_no)
    place = begin.key[:1]
    after = (int(place), begin.key[1:], begin.no) if begin.stage == PART and place in ("0", "1", "2") else None
    while True:
        query = select(rank.label("rank"), sought, membership.c.person_no).where(
            membership.c.unit_id == unit_id, sought.contains(key, autoescape=True)
        )
        if after is not None:
            query = query.where(tuple_(*order) > after)
        lines = conn.execute(query.order_by(*order).limit(AT_ONCE)).all()
        rows = _shown(conn, [line.person_no for line in lines], unit_id)
        for line in lines:
            if line.person_no in rows:
                yield people.person_of(rows[line.person_no]), Place(PART, f"{line.rank}{line.sought}", line.person_no)
        if len(lines) < AT_ONCE:
            return
        after = (lines[-1].rank, lines[-1].sought, lines[-1].person_no)


def _numbers(conn: Connection, asked: Asked, unit_id: str | None, begin: Place) -> Iterator[tuple[Person, Place]]:
    """By the tags of parts of numbers; what the tags cannot say, whether they stand in a row, the sealed number says."""
    at = begin.no if begin.stage == NUMBER else -1
    first, *others = asked.tags
    also = []
    for tag in others:
        other = number_part.alias()
        also.append(
            select(other.c.tag).where(other.c.tag == tag, other.c.person_no == number_part.c.person_no).exists()
        )
    if unit_id is not None:
        also.append(
            select(membership.c.unit_id)
            .where(membership.c.unit_id == unit_id, membership.c.person_no == number_part.c.person_no)
            .exists()
        )
    while True:
        query = select(number_part.c.person_no).where(number_part.c.tag == first, number_part.c.person_no > at, *also)
        nos = list(conn.execute(query.order_by(number_part.c.person_no).limit(AT_ONCE)).scalars())
        rows = _shown(conn, nos, unit_id)
        for no in nos:
            row = rows.get(no)
            if row is not None and (asked.holds is None or asked.holds(bytes(row.idbx), row.number_box)):
                yield people.person_of(row), Place(NUMBER, "", no)
        if len(nos) < AT_ONCE:
            return
        at = nos[-1]


def _shown(conn: Connection, nos: Sequence[int], unit_id: str | None) -> dict[int, Row[Any]]:
    """Those of these people who may be shown, by number."""
    if not nos:
        return {}
    return {row.no: row for row in conn.execute(people.shown(unit_id).where(person.c.no.in_(nos)))}
