"""Cards: numbers taken, cards added and ended, and what the pack, the lists and the public page ask.

Numbers are taken inside the write transaction that adds the card, so that a crash gives none away and none is given
twice. What is not here: signing and rendering (issue), and who may ask.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update

from center.store import card_log, issued
from center.store.tables import application, card, issue_log, meta
from honorcard.card.token import SEQ_FIRST

LIVE = ("live", "suspended")
_ISSUE_LOCK = 0x48_43_49_53  # any number of our own: PostgreSQL's advisory lock for taking numbers
_CHANGES = "card_changes"
BUILT = "pack_built"
VERSION = "pack_version"
SEQ_FLOOR = "seq_floor"  # raised after a restore from a backup (sync.md S7)


@dataclass(frozen=True)
class NewCard:
    """A card about to be added."""

    seq: int
    number: str
    roc_year: int
    serial: int
    application_id: str
    idbx: bytes
    name: str
    approved_on: date
    valid_until: date
    counted_until: date | None
    lookup_hash: bytes
    secret_box: bytes
    portrait_sha256: bytes
    sheet_sha256: bytes
    edition: int = 1


@dataclass(frozen=True)
class Card:
    """A card as it stands."""

    seq: int
    number: str
    application_id: str | None
    idbx: bytes
    name: str
    approved_on: date
    valid_until: date
    status: str
    secret_box: bytes
    portrait_sha256: str
    sheet_sha256: str | None
    issued_ms: int
    ended_ms: int | None
    ended_why: str
    unit_id: str | None
    device_id: str | None
    roc_year: int
    serial: int
    edition: int
    counted_until: date | None


@dataclass(frozen=True)
class Snapshot:
    """What the pack is built from, read in one transaction: cards that are live or suspended, and the watermark."""

    cards: tuple[Card, ...]
    max_seq: int
    changes: int
    issued_lately: int


def lock_numbers(conn: Connection) -> None:
    """Serialises the taking of numbers. SQLite: BEGIN IMMEDIATE has done so already; PostgreSQL: an advisory lock
    until COMMIT.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(_ISSUE_LOCK)))


def next_serial(conn: Connection, roc_year: int) -> int:
    """The serial after the highest one of that ROC year, known here or heard of."""
    given = conn.execute(select(func.max(card.c.serial)).where(card.c.roc_year == roc_year)).scalar_one() or 0
    return max(given, int(read_meta(conn, serial_floor(roc_year)) or 0)) + 1


def serial_floor(roc_year: int) -> str:
    """Where `meta` keeps the serial of that ROC year above which the next one is given, after a restore (sync.md S7)."""
    return f"serial_floor:{roc_year}"


def next_seq(conn: Connection) -> int:
    """The issue number after every one that was ever signed (credential.md C.2: from 100,000, never reused)."""
    return highest_seq(conn) + 1


def highest_seq(conn: Connection) -> int:
    """The highest issue number that was signed here or is not to be given for another reason."""
    highest = [
        conn.execute(select(func.max(card.c.seq))).scalar_one() or 0,
        conn.execute(select(func.max(issue_log.c.seq))).scalar_one() or 0,
        int(read_meta(conn, SEQ_FLOOR) or 0),
        SEQ_FIRST - 1,
    ]
    return max(highest)


def add(
    conn: Connection, new: NewCard, *, kid: int, token_sha256: bytes, by: str, now_ms: int, cause: str = "", text: str = ""
) -> None:  # fmt: skip
    """Adds the card and the line of the issue log; the card it replaces must have been ended before. cause: of a reissue or
    correction, with its receipt as text.
    """
    conn.execute(
        insert(card).values(
            seq=new.seq,
            number=new.number,
            roc_year=new.roc_year,
            serial=new.serial,
            edition=new.edition,
            application_id=new.application_id,
            idbx=new.idbx,
            name=new.name,
            approved_on=new.approved_on,
            valid_until=new.valid_until,
            counted_until=new.counted_until,
            status="live",
            lookup_hash=new.lookup_hash,
            secret_box=new.secret_box,
            portrait_sha256=new.portrait_sha256,
            sheet_sha256=new.sheet_sha256,
            issued_ms=now_ms,
        )
    )
    issued.note(conn, new.seq, kid=kid, token_sha256=token_sha256, by=by, now_ms=now_ms)
    card_log.note(conn, new.seq, what="issued", actor=by, now_ms=now_ms, reason=cause, text=text)
    _touch(conn)


def end(conn: Connection, seq: int, *, status: str, why: str, now_ms: int, by: str, ground: str = "") -> None:
    """Sets the card's status with the reason and the moment; `live` again clears both. ground: a code of it."""
    card_log.note(conn, seq, what=status, actor=by, now_ms=now_ms, reason=ground, text=why)
    ended = None if status == "live" else now_ms
    conn.execute(
        update(card).where(card.c.seq == seq).values(status=status, ended_ms=ended, ended_why=why if ended else None)
    )
    _touch(conn)


def next_edition(conn: Connection, roc_year: int, serial: int) -> int:
    """The edition after the newest one of that number."""
    query = select(func.max(card.c.edition)).where(card.c.roc_year == roc_year, card.c.serial == serial)
    return (conn.execute(query).scalar_one() or 0) + 1


def of_seq(conn: Connection, seq: int) -> Card | None:
    """The card of that issue number."""
    row = conn.execute(_cards().where(card.c.seq == seq)).first()
    return _card(row) if row else None


def live_of(conn: Connection, idbx: bytes) -> Card | None:
    """The person's card that is live or suspended; the schema allows one at most."""
    row = conn.execute(_cards().where(card.c.idbx == idbx, card.c.status.in_(LIVE))).first()
    return _card(row) if row else None


@dataclass(frozen=True)
class Held:
    """What a person holds, or held. live: a card of ours that is live or suspended, or one of before (earlier.held).
    counted_until: the last service day that a card used up (A4).
    """

    live: bool = False
    counted_until: date | None = None


_HELD = select(card.c.idbx, card.c.status, card.c.counted_until).where(
    card.c.idbx.in_(bindparam("indices", expanding=True))
)


def held(conn: Connection, indices: Collection[bytes]) -> dict[bytes, Held]:
    """What each of these people holds or held, by index; nothing for whom no card was issued."""
    found: dict[bytes, Held] = {}
    for row in conn.execute(_HELD, {"indices": list(indices)}):
        idbx, before = bytes(row.idbx), found.get(bytes(row.idbx), Held())
        days = (day for day in (before.counted_until, row.counted_until) if day is not None)
        found[idbx] = Held(before.live or row.status in LIVE, max(days, default=None))
    return found


def latest_of(conn: Connection, idbx: bytes) -> Card | None:
    """The person's newest card, whatever became of it."""
    row = conn.execute(_cards().where(card.c.idbx == idbx).order_by(card.c.seq.desc()).limit(1)).first()
    return _card(row) if row else None


def of_person(conn: Connection, idbx: bytes, limit: int = 10) -> list[Card]:
    """Every card of that person, newest first."""
    query = _cards().where(card.c.idbx == idbx).order_by(card.c.seq.desc()).limit(limit)
    return [_card(row) for row in conn.execute(query)]


def find(conn: Connection, number: str) -> Card | None:
    """The card of that number, the newest issue of it."""
    row = conn.execute(_cards().where(card.c.number == number).order_by(card.c.seq.desc()).limit(1)).first()
    return _card(row) if row else None


def of_application(conn: Connection, application_id: str) -> Card | None:
    """The newest card issued on that application."""
    row = conn.execute(
        _cards().where(card.c.application_id == application_id).order_by(card.c.seq.desc()).limit(1)
    ).first()
    return _card(row) if row else None


def listing(conn: Connection, *, unit_id: str | None = None, below: int | None = None, limit: int = 50) -> list[Card]:
    """Cards, newest first, from the one below `below` on; only that unit's when one is given."""
    query = _cards().order_by(card.c.seq.desc()).limit(limit)
    if unit_id is not None:
        query = query.where(application.c.unit_id == unit_id)
    if below is not None:
        query = query.where(card.c.seq < below)
    return [_card(row) for row in conn.execute(query)]


def shown_to_public(conn: Connection, lookup_hash: bytes, today: date) -> Card | None:
    """The card behind a look-up token when it is good today; unknown, ended and expired ones are all the same empty
    answer.
    """
    query = _cards().where(card.c.lookup_hash == lookup_hash, card.c.status == "live", card.c.valid_until >= today)
    row = conn.execute(query).first()
    return _card(row) if row else None


def snapshot(conn: Connection, since_ms: int, today: date) -> Snapshot:
    """Cards for the pack with the watermark of the same transaction; `issued_lately` counts from `since_ms`.

    Expired cards are left out: the verifier answers `expired` from the date before it looks at the list.
    """
    rows = conn.execute(_cards().where(card.c.status.in_(LIVE), card.c.valid_until >= today).order_by(card.c.seq))
    lately = select(func.count()).select_from(card).where(card.c.issued_ms >= since_ms)
    return Snapshot(
        tuple(_card(row) for row in rows),
        conn.execute(select(func.max(card.c.seq))).scalar_one() or SEQ_FIRST - 1,
        int(read_meta(conn, _CHANGES) or 0),
        conn.execute(lately).scalar_one(),
    )


def changes(conn: Connection) -> int:
    """Counts every change to the cards; a pack built at a lower count is behind."""
    return int(read_meta(conn, _CHANGES) or 0)


def built(conn: Connection) -> tuple[int, int]:
    """(count of changes, moment in ms) of the newest pack; (-1, 0) before the first."""
    changed, _, moment = (read_meta(conn, BUILT) or "-1:0").partition(":")
    return int(changed), int(moment)


def take_version(conn: Connection) -> int:
    """The next version number of the pack; versions only rise."""
    version = int(read_meta(conn, VERSION) or 0) + 1
    write_meta(conn, VERSION, str(version))
    return version


def set_built(conn: Connection, changed: int, now_ms: int) -> None:
    """Notes which changes the newest pack holds."""
    write_meta(conn, BUILT, f"{changed}:{now_ms}")


def _touch(conn: Connection) -> None:
    write_meta(conn, _CHANGES, str(changes(conn) + 1))


def read_meta(conn: Connection, key: str) -> str | None:
    """What the table of single facts says under that key."""
    return conn.execute(select(meta.c.v).where(meta.c.k == key)).scalar_one_or_none()


def write_meta(conn: Connection, key: str, value: str) -> None:
    """Puts it there."""
    if conn.execute(update(meta).where(meta.c.k == key).values(v=value)).rowcount == 0:
        conn.execute(insert(meta).values(k=key, v=value))


def _cards() -> Select[Any]:
    return select(card, application.c.unit_id, application.c.device_id).select_from(
        card.outerjoin(application, application.c.application_id == card.c.application_id)
    )


def _card(row: Row[Any]) -> Card:
    return Card(
        seq=row.seq,
        number=row.number,
        application_id=row.application_id,
        idbx=bytes(row.idbx),
        name=row.name,
        approved_on=row.approved_on,
        valid_until=row.valid_until,
        status=row.status,
        secret_box=bytes(row.secret_box),
        portrait_sha256=bytes(row.portrait_sha256).hex(),
        sheet_sha256=bytes(row.sheet_sha256).hex() if row.sheet_sha256 is not None else None,
        issued_ms=row.issued_ms,
        ended_ms=row.ended_ms,
        ended_why=row.ended_why or "",
        unit_id=row.unit_id,
        device_id=row.device_id,
        roc_year=row.roc_year,
        serial=row.serial,
        edition=row.edition,
        counted_until=row.counted_until,
    )
