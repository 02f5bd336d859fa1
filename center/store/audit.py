"""Who saw and who changed what: entries that are only added, each stream a chain like the issue log's (docs/decisions/0012).

An entry's link is the SHA-256 of the link before it and of all the entry says. A change is noted in the transaction that makes it;
what somebody looked at is written down before it is shown (`saw`) and bound by the worker (`gather`). Personal values come here as
digests (center.audit_values): the log is no second register of people. What is not here: the page (center.audit).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select, text

from center.store import bulk
from center.store.tables import account, application, audit, audit_cut, audit_seen, card, device, person, unit
from honorcard.card import cose

BEGIN = bytes(32)
SEEN, DONE, DOOR = "seen", "done", "door"
GATHERED = 2_000  # entries bound in one transaction
_LOCK = 0x48_43_41_55  # any number of our own: PostgreSQL's advisory lock for adding an entry

# the unit that whoever is asking acts for; set for each request
ACTING: ContextVar[str] = ContextVar("acting", default="")

Change = tuple[str, str, str]  # field, before, after; a personal value as its digest


@dataclass(frozen=True)
class Act:
    """Something that was done or seen. entity_kind: application, card, person, account, unit, device, venue, list …"""

    act: str
    entity_kind: str = ""
    entity: str = ""
    fields: Sequence[Change] = ()


@dataclass(frozen=True)
class Entry:
    """An entry as the auditor reads it. who: an account's person, a tablet's name, or the id where nobody has it any more.
    called: the receipt, number or name under which the entity is known on other pages.
    """

    entry: int
    stream: str
    at_ms: int
    actor: str
    who: str
    unit: str
    act: str
    entity_kind: str
    entity: str
    called: str
    fields: tuple[Change, ...]
    link: str


@dataclass(frozen=True)
class Asked:
    """What the auditor looks for; an empty one lets everything through. entities: ids that one person or thing is known by."""

    actor: str = ""
    act: str = ""
    stream: str = ""
    unit_id: str = ""
    entities: frozenset[str] | None = None
    from_ms: int | None = None
    before_ms: int | None = None


@dataclass(frozen=True)
class Checked:
    """What reading the chains came to. broken: the first entry of each stream that does not follow from those before it."""

    entries: int
    broken: dict[str, int]
    heads: dict[str, str]
    cuts: int

    @property
    def is_whole(self) -> bool:
        """Whether every entry follows from those before it."""
        return not self.broken


# one question, and made once: every batch of a tablet asks it
_HEAD = select(
    func.coalesce(
        select(audit.c.link)
        .where(audit.c.stream == bindparam("of_stream"))
        .order_by(audit.c.entry.desc())
        .limit(1)
        .scalar_subquery(),
        select(audit_cut.c.link)
        .where(audit_cut.c.stream == bindparam("of_stream"))
        .order_by(audit_cut.c.cut_id.desc())
        .limit(1)
        .scalar_subquery(),
    )
)


# from one to the next by the index: neither database does so for DISTINCT by itself
_ACTS = """
WITH RECURSIVE known (act) AS (
  SELECT min(act) FROM audit
  UNION ALL
  SELECT (SELECT min(act) FROM audit WHERE audit.act > known.act) FROM known WHERE known.act IS NOT NULL
)
SELECT act FROM known WHERE act IS NOT NULL ORDER BY act
"""


def link(before: bytes, row: Sequence[Any]) -> bytes:
    """The link of an entry that says so, after one with the link `before`; 32 bytes. row: stream, at_ms, actor, unit_id, act,
    entity_kind, entity, fields.
    """
    return hashlib.sha256(before + cose.encode(list(row))).digest()


def note(
    conn: Connection, act: str, *, actor: str, now_ms: int, entity_kind: str = "", entity: str = "",
    fields: Iterable[Change] = (), stream: str = DONE, unit_id: str | None = None,
) -> None:  # fmt: skip
    """Adds one entry, in the transaction of what it is about. unit_id: the unit acted for, of the request when not given."""
    note_all(
        conn, [Act(act, entity_kind, entity, tuple(fields))], actor=actor, now_ms=now_ms, stream=stream, unit_id=unit_id
    )


def note_all(
    conn: Connection, acts: Sequence[Act], *, actor: str, now_ms: int, stream: str = DONE, unit_id: str | None = None
) -> None:
    """Adds entries of one actor and moment, in this order."""
    acting = ACTING.get() if unit_id is None else unit_id
    _bind(conn, stream, [_row(stream, now_ms, actor, acting, act) for act in acts])


def saw(conn: Connection, acts: Sequence[Act], *, actor: str, now_ms: int, stream: str = SEEN) -> None:
    """Writes down what is about to be shown; a single statement, so that nobody waits for anybody."""
    rows = [dict(zip(_SAID, _row(stream, now_ms, actor, ACTING.get(), act), strict=True)) for act in acts]
    bulk.add(conn, audit_seen, rows)


def waiting(conn: Connection) -> bool:
    """Whether anything waits to be bound."""
    return conn.execute(select(audit_seen.c.seen_id).limit(1)).first() is not None


def gather(conn: Connection, limit: int = GATHERED) -> int:
    """Binds what was seen since the last time; gives how many. Inside a transaction of the one writer."""
    rows = conn.execute(select(audit_seen).order_by(audit_seen.c.seen_id).limit(limit)).all()
    for stream in dict.fromkeys(row.stream for row in rows):
        _bind(conn, stream, [tuple(getattr(row, name) for name in _SAID) for row in rows if row.stream == stream])
    if rows:
        conn.execute(delete(audit_seen).where(audit_seen.c.seen_id.in_([row.seen_id for row in rows])))
    return len(rows)


def head(conn: Connection, stream: str) -> bytes:
    """The last link of a stream; where all of it was cut off, the link it goes on from."""
    found = conn.execute(_HEAD, {"of_stream": stream}).scalar_one()
    return BEGIN if found is None else bytes(found)


def cut(conn: Connection, stream: str, before_ms: int, now_ms: int) -> int:
    """Takes the entries of a stream away that are older; what stands goes on from the link of the last that went. Gives how many.

    The place of the cut is an entry itself, so that a cut that nobody made does not go unseen.
    """
    last = conn.execute(
        select(func.max(audit.c.entry)).where(audit.c.stream == stream, audit.c.at_ms < before_ms)
    ).scalar_one()
    if last is None:
        return 0
    # a clock that was set back may have left newer moments among older entries: those stay, and all behind them
    young = conn.execute(
        select(func.min(audit.c.entry)).where(audit.c.stream == stream, audit.c.at_ms >= before_ms)
    ).scalar_one()
    gone = [audit.c.stream == stream, audit.c.entry <= last, *([] if young is None else [audit.c.entry < young])]
    upto, many = conn.execute(select(func.max(audit.c.entry), func.count()).where(*gone)).one()
    if not many:
        return 0
    kept = bytes(conn.execute(select(audit.c.link).where(audit.c.entry == upto)).scalar_one())
    note(
        conn, "audit_cut", actor="center", now_ms=now_ms, entity_kind="audit", entity=stream, unit_id="",
        fields=[("upto", "", str(upto)), ("count", "", str(many)), ("link", "", kept.hex())],
    )  # fmt: skip
    conn.execute(insert(audit_cut).values(stream=stream, at_ms=now_ms, upto=upto, many=many, link=kept))
    conn.execute(delete(audit).where(*gone))
    return int(many)


def old(conn: Connection, stream: str, before_ms: int) -> int:
    """How many entries of a stream are older."""
    query = select(func.count()).select_from(audit).where(audit.c.stream == stream, audit.c.at_ms < before_ms)
    return int(conn.execute(query).scalar_one())


def verify(conn: Connection) -> Checked:
    """Reads every entry and follows the chains."""
    broken: dict[str, int] = {}
    heads = {stream: _start(conn, stream) for stream in (DONE, SEEN, DOOR)}
    entries = 0
    said: set[tuple[str, str]] = set()
    for row in _all(conn):
        entries += 1
        here = link(heads[row.stream], [getattr(row, name) for name in _SAID])
        if here != bytes(row.link):
            broken.setdefault(row.stream, row.entry)
        heads[row.stream] = bytes(row.link)
        if row.act == "audit_cut":
            said.add((row.entity, json.loads(row.fields)[0][2]))
    cuts = conn.execute(select(audit_cut).order_by(audit_cut.c.cut_id)).all()
    done_cut = max((row.upto for row in cuts if row.stream == DONE), default=0)
    for row in cuts:  # a cut is said in the chain of changes, unless that part of it was cut off later
        if row.upto >= done_cut and (row.stream, str(row.upto)) not in said:
            broken.setdefault(row.stream, row.upto)
    return Checked(entries, broken, {stream: value.hex() for stream, value in heads.items()}, len(cuts))


def holds(conn: Connection, noted: str) -> bool:
    """Whether a link (hexadecimal) that was noted once is in the log, or was when a cut was made there."""
    try:
        wanted = bytes.fromhex(noted)
    except ValueError:
        return False
    if wanted == BEGIN:
        return True
    queries = (
        select(audit.c.entry).where(audit.c.link == wanted),
        select(audit_cut.c.cut_id).where(audit_cut.c.link == wanted),
    )
    return any(conn.execute(query.limit(1)).first() is not None for query in queries)


def listing(conn: Connection, asked: Asked, *, below: int | None = None, limit: int = 100) -> list[Entry]:
    """Entries, newest first, from the one below `below` on."""
    query = (
        select(
            audit, account.c.person, device.c.name.label("device_name"), unit.c.name.label("unit_name"),
            application.c.receipt,
        )
        .select_from(
            audit.outerjoin(account, account.c.account_id == audit.c.actor)
            .outerjoin(device, device.c.device_id == audit.c.actor)
            .outerjoin(unit, unit.c.unit_id == audit.c.unit_id)
            .outerjoin(application, application.c.application_id == audit.c.entity)
        )
        .order_by(audit.c.entry.desc())
        .limit(limit)
    )  # fmt: skip
    for value, column in (
        (asked.actor, audit.c.actor), (asked.act, audit.c.act), (asked.stream, audit.c.stream), (asked.unit_id, audit.c.unit_id),
    ):  # fmt: skip
        if value:
            query = query.where(column == value)
    if asked.entities is not None:
        query = query.where(audit.c.entity.in_(asked.entities))
    if asked.from_ms is not None:
        query = query.where(audit.c.at_ms >= asked.from_ms)
    if asked.before_ms is not None:
        query = query.where(audit.c.at_ms < asked.before_ms)
    if below is not None:
        query = query.where(audit.c.entry < below)
    rows = conn.execute(query).all()
    names = _names(conn, rows)
    return [
        Entry(
            row.entry, row.stream, row.at_ms, row.actor, row.person or row.device_name or "", row.unit_name or "", row.act,
            row.entity_kind, row.entity, row.receipt or names.get(row.entity, ""),
            tuple((str(name), str(old_), str(new)) for name, old_, new in json.loads(row.fields)), bytes(row.link).hex(),
        )
        for row in rows
    ]  # fmt: skip


def about(conn: Connection, *, text: str = "", indices: Collection[bytes] = ()) -> frozenset[str]:
    """Every id under which what was looked for stands in the log: of a person by the indices of a number, of a case by its
    receipt, of a card by its number.
    """
    of_person = select(application.c.idbx).where(application.c.receipt == text.upper())
    of_card = select(card.c.idbx).where(card.c.number == text)
    known = [*indices, *(bytes(found) for query in (of_person, of_card) for found in conn.execute(query).scalars())]
    found: set[str] = {text} if text else set()
    if known:
        found |= set(conn.execute(select(application.c.application_id).where(application.c.idbx.in_(known))).scalars())
        found |= set(conn.execute(select(card.c.number).where(card.c.idbx.in_(known))).scalars())
        found |= set(conn.execute(select(person.c.person_id).where(person.c.idbx.in_(known))).scalars())
    return frozenset(found)


def acts(conn: Connection) -> list[str]:
    """Every act that stands in the log."""
    return list(conn.execute(text(_ACTS)).scalars())


def actors(conn: Connection) -> list[tuple[str, str]]:
    """Accounts by id and person, to choose from."""
    query = select(account.c.account_id, account.c.person, account.c.name).order_by(account.c.person, account.c.name)
    return [(row.account_id, f"{row.person}（{row.name}）") for row in conn.execute(query)]


_SAID = ("stream", "at_ms", "actor", "unit_id", "act", "entity_kind", "entity", "fields")


def _row(stream: str, now_ms: int, actor: str, unit_id: str, act: Act) -> tuple[Any, ...]:
    fields = json.dumps([list(change) for change in act.fields], ensure_ascii=False, separators=(",", ":"))
    return (stream, now_ms, actor[:64], unit_id, act.act[:32], act.entity_kind[:16], act.entity[:64], fields)


def _bind(conn: Connection, stream: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    if conn.dialect.name == "postgresql":  # SQLite has one writer anyway
        conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    before = head(conn, stream)
    bound = []
    for row in rows:
        before = link(before, row)
        bound.append({**dict(zip(_SAID, row, strict=True)), "link": before})
    bulk.add(conn, audit, bound)


def _start(conn: Connection, stream: str) -> bytes:
    query = select(audit_cut.c.link).where(audit_cut.c.stream == stream).order_by(audit_cut.c.cut_id.desc()).limit(1)
    found = conn.execute(query).scalar_one_or_none()
    return BEGIN if found is None else bytes(found)


def _all(conn: Connection) -> Iterator[Row[Any]]:
    """Every entry in order, some thousand in memory at a time."""
    below = 0
    while rows := conn.execute(
        select(audit).where(audit.c.entry > below).order_by(audit.c.entry).limit(5_000)
    ).all():  # fmt: skip
        yield from rows
        below = rows[-1].entry


def _names(conn: Connection, rows: Sequence[Row[Any]]) -> dict[str, str]:
    """What accounts, units and tablets are called; people and cards stand by their ids and numbers."""
    ids = [row.entity for row in rows if row.entity_kind in ("account", "unit", "device")]
    if not ids:
        return {}
    named = (
        select(account.c.account_id, account.c.person).where(account.c.account_id.in_(ids)),
        select(unit.c.unit_id, unit.c.name).where(or_(unit.c.unit_id.in_(ids), unit.c.code.in_(ids))),
        select(device.c.device_id, device.c.name).where(device.c.device_id.in_(ids)),
    )
    return {row[0]: row[1] for query in named for row in conn.execute(query)}
