"""What is due to be deleted and its deletion, kind by kind: rows emptied or taken away, files noted to go in the same transaction.

A case that was erased keeps what nobody can be told from: receipt, kind, unit, days, decision. Whoever has a case under way, or
another card that stands, is left alone. What is not here: when (center.retention), the office's own rows (retention_office), people
(retention_people), the audit's own cut (center.store.audit).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, delete, exists, func, insert, or_, select, update

from center.store import bulk, retention_office, retention_people
from center.store.cases import ABOUT_A_CARD
from center.store.intake import OPEN_STATES
from center.store.tables import (
    application,
    application_body,
    application_photo,
    blob,
    blob_ref,
    card,
    dead_letter,
    feed,
    history,
    performance,
    proposal,
    proposal_photo,
    retention_file,
    retention_run,
    training,
)
from honorcard.typed import convert
from sync.upcasting import decode_application
from sync.wire import ReissueBody, decode, encode

AT_ONCE = 200
FOR_THE_CARD = "headshot"  # goes with the card, not with the papers
ERASED_BIRTH = date(1900, 1, 1)


@dataclass(frozen=True)
class Until:
    """Before which moment something is too old: milliseconds, and the day of it."""

    ms: int
    day: date


@dataclass(frozen=True)
class Run:
    """What one run deleted of one kind."""

    at_ms: int
    kind: str
    count: int
    files: int


def due(kind: str, until: Until) -> Select[Any]:
    """The ids of what is due: applications, cards' issue numbers, indices or numbers of people, letters, rows of the office."""
    office = retention_office.DUE.get(kind)
    return _DUE[kind](until) if office is None else office(until.ms)


def count(conn: Connection, kind: str, until: Until) -> int:
    """How many are due."""
    return int(conn.execute(select(func.count()).select_from(due(kind, until).subquery())).scalar_one())


def take(conn: Connection, kind: str, until: Until, limit: int = AT_ONCE) -> int:
    """Deletes the next of that kind; gives how many. Inside a transaction of the one writer."""
    ids = list(conn.execute(due(kind, until).limit(limit)).scalars())
    if ids:
        _TAKE[kind](conn, ids)
    return len(ids)


def note(conn: Connection, kind: str, many: int, files: int, now_ms: int) -> None:
    """Notes what a run deleted."""
    conn.execute(insert(retention_run).values(at_ms=now_ms, kind=kind, many=many, files=files))


def runs(conn: Connection, limit: int = 100) -> list[Run]:
    """What was deleted, the newest first."""
    rows = conn.execute(select(retention_run).order_by(retention_run.c.run_id.desc()).limit(limit))
    return [Run(row.at_ms, row.kind, row.many, row.files) for row in rows]


def files_to_go(conn: Connection, limit: int = AT_ONCE) -> list[tuple[str, str]]:
    """Files that are to go: kind and address."""
    return [(row.kind, row.address) for row in conn.execute(select(retention_file).limit(limit))]


def files_waiting(conn: Connection) -> int:
    """How many files are to go."""
    return int(conn.execute(select(func.count()).select_from(retention_file)).scalar_one())


def is_needed(conn: Connection, kind: str, address: str) -> bool:
    """Whether a row names the file: the same picture may have come with another case."""
    sha256 = bytes.fromhex(address)
    asked = {
        "sealed": (application_photo.c.sealed_sha256, proposal_photo.c.sealed_sha256),
        "photo": (application_photo.c.clear_sha256, proposal_photo.c.clear_sha256, card.c.portrait_sha256),
        "face": (card.c.portrait_sha256,),
        "sheet": (card.c.sheet_sha256,),
        "certificate": (training.c.file_sha256, performance.c.sheet_sha256),
    }[kind]
    return any(conn.execute(select(column).where(column == sha256).limit(1)).first() is not None for column in asked)


def gone(conn: Connection, kind: str, address: str) -> None:
    """The file is gone, or is needed after all."""
    if kind == "sealed" and not is_needed(conn, kind, address):
        sha256 = bytes.fromhex(address)
        conn.execute(delete(blob).where(blob.c.sha256 == sha256))
        conn.execute(delete(blob_ref).where(blob_ref.c.sha256 == sha256))
    conn.execute(delete(retention_file).where(retention_file.c.kind == kind, retention_file.c.address == address))


# --- what is due ---


def _nothing_open(idbx: ColumnElement[Any]) -> ColumnElement[bool]:
    other = application.alias("other")
    return ~exists().where(other.c.idbx == idbx, other.c.state.in_(OPEN_STATES))


def _refused(until: Until) -> Select[Any]:
    return select(application.c.application_id).where(
        application.c.state.in_(("refused", "withdrawn")), application.c.changed_ms < until.ms, application.c.name != ""
    )  # fmt: skip


def _pages(until: Until) -> Select[Any]:
    return (
        select(application.c.application_id)
        .where(
            application.c.state == "issued", application.c.changed_ms < until.ms, _nothing_open(application.c.idbx),
            exists().where(
                application_photo.c.application_id == application.c.application_id, application_photo.c.slot != FOR_THE_CARD
            ),
        )
    )  # fmt: skip


def _card_photos(until: Until) -> Select[Any]:
    return select(card.c.seq).where(
        or_(card.c.valid_until < until.day, card.c.ended_ms < until.ms), func.length(card.c.portrait_sha256) > 0,
        _nothing_open(card.c.idbx),
    )  # fmt: skip


def _people(until: Until) -> Select[Any]:
    later = card.alias("later")
    return (
        select(card.c.idbx)
        .where(
            card.c.name != "", card.c.valid_until < until.day, _nothing_open(card.c.idbx),
            ~exists().where(later.c.idbx == card.c.idbx, later.c.valid_until >= until.day),
        )
        .distinct()
    )  # fmt: skip


def _letters(until: Until) -> Select[Any]:
    return select(dead_letter.c.op_id).where(dead_letter.c.state != "open", dead_letter.c.decided_ms < until.ms)


_DUE = {
    "refused": _refused, "pages": _pages, "card_photos": _card_photos, "people": _people, "letters": _letters,
    "known": retention_people.known,
}  # fmt: skip


# --- deleting ---


def _erase(conn: Connection, ids: Sequence[str]) -> None:
    """What applications said goes, with all their photographs, and the person's row when nothing else stands for it."""
    _drop_photos(conn, ids)
    rows = conn.execute(
        select(application.c.application_id, application.c.idbx, application.c.kind, application.c.body).where(
            application.c.application_id.in_(ids)
        )
    ).all()
    for row in rows:
        mark = hashlib.sha256(b"erased\0" + row.application_id.encode()).digest()
        conn.execute(
            update(application)
            .where(application.c.application_id == row.application_id)
            .values(name="", name_key="", body=_emptied(row.kind, row.body), verdict="{}", idbx=mark)
        )
    proposals = select(proposal.c.op_id).where(proposal.c.application_id.in_(ids))
    _to_go(conn, "photo", _addresses(conn, proposal_photo.c.clear_sha256, proposal_photo.c.op_id.in_(proposals)))
    _to_go(conn, "sealed", _addresses(conn, proposal_photo.c.sealed_sha256, proposal_photo.c.op_id.in_(proposals)))
    conn.execute(delete(proposal_photo).where(proposal_photo.c.op_id.in_(proposals)))
    conn.execute(delete(proposal).where(proposal.c.application_id.in_(ids)))
    conn.execute(delete(application_body).where(application_body.c.application_id.in_(ids)))
    conn.execute(delete(feed).where(feed.c.entity_id.in_(ids)))
    conn.execute(update(history).where(history.c.application_id.in_(ids)).values(text=""))
    retention_people.forget(conn, {bytes(row.idbx) for row in rows})


def _emptied(kind: str, body: str) -> str:
    """The body without anybody in it, so that the case can still be read as one."""
    nobody: dict[str, Any] = {
        "identity_number": "", "nationality": "", "name": "", "birth_date": ERASED_BIRTH, "email": "", "photos": (),
        "slip_secret": "",
    }  # fmt: skip
    said: Any
    if kind in ABOUT_A_CARD:
        said = decode(ReissueBody, body.encode())
        nobody |= {"card": convert({}, type(said.card))}
    else:
        said = decode_application(body)
        nobody |= {"books": (), "rows": (), "previous": None, "verdict": {}}
    known = {name: value for name, value in nobody.items() if name in said.__struct_fields__}
    return encode(msgspec.structs.replace(said, **known)).decode()


def _drop_photos(conn: Connection, ids: Sequence[str], *, papers_only: bool = False) -> None:
    which: ColumnElement[bool] = application_photo.c.application_id.in_(ids)
    if papers_only:
        which &= application_photo.c.slot != FOR_THE_CARD
    _to_go(conn, "photo", _addresses(conn, application_photo.c.clear_sha256, which))
    _to_go(conn, "sealed", _addresses(conn, application_photo.c.sealed_sha256, which))
    if not papers_only:
        _to_go(conn, "face", _addresses(conn, application_photo.c.clear_sha256, which))
    conn.execute(delete(application_photo).where(which))


def _drop_papers(conn: Connection, ids: Sequence[str]) -> None:
    _drop_photos(conn, ids, papers_only=True)


def _drop_portraits(conn: Connection, seqs: Sequence[int]) -> None:
    """Portrait, small face and sheet of cards; the headshots of the cases they were issued on."""
    which = card.c.seq.in_(seqs)
    rows = conn.execute(select(card.c.application_id, card.c.portrait_sha256, card.c.sheet_sha256).where(which)).all()
    portraits = {bytes(row.portrait_sha256) for row in rows}
    _to_go(conn, "photo", portraits)
    _to_go(conn, "face", portraits)
    _to_go(conn, "sheet", {bytes(row.sheet_sha256) for row in rows if row.sheet_sha256})
    cases = [row.application_id for row in rows if row.application_id]
    shots = application_photo.c.application_id.in_(cases) & (application_photo.c.slot == FOR_THE_CARD)
    _to_go(conn, "sealed", _addresses(conn, application_photo.c.sealed_sha256, shots))
    conn.execute(delete(application_photo).where(shots))
    conn.execute(update(card).where(which).values(portrait_sha256=b"", sheet_sha256=None))
    conn.execute(delete(feed).where(feed.c.entity_id.in_(cases), feed.c.kind.in_(("card.sheet", "card.issued"))))


def _drop_people(conn: Connection, indices: Sequence[bytes]) -> None:
    """Everything about people whose last card ran out long ago; numbers and days of their cards stay."""
    seqs = list(conn.execute(select(card.c.seq).where(card.c.idbx.in_(indices))).scalars())
    ids = list(conn.execute(select(application.c.application_id).where(application.c.idbx.in_(indices))).scalars())
    _drop_portraits(conn, seqs)
    for seq in seqs:
        mark = hashlib.sha256(b"erased\0%d" % seq).digest()
        conn.execute(update(card).where(card.c.seq == seq).values(name="", idbx=mark))
    if ids:
        _erase(conn, ids)
    retention_people.forget(conn, {bytes(idbx) for idbx in indices})


def _drop_letters(conn: Connection, ids: Sequence[str]) -> None:
    conn.execute(delete(dead_letter).where(dead_letter.c.op_id.in_(ids)))


_TAKE: dict[str, Any] = {
    "refused": _erase, "pages": _drop_papers, "card_photos": _drop_portraits, "people": _drop_people,
    "letters": _drop_letters, "known": retention_people.drop_known, **retention_office.TAKE,
}  # fmt: skip


def _addresses(conn: Connection, column: ColumnElement[Any], which: ColumnElement[bool]) -> set[bytes]:
    return {bytes(found) for found in conn.execute(select(column).where(which)).scalars()}


def _to_go(conn: Connection, kind: str, addresses: Iterable[bytes] | Collection[bytes]) -> None:
    rows = [{"kind": kind, "address": address.hex()} for address in sorted(addresses) if len(address) == 32]
    bulk.add(conn, retention_file, rows, unless_there=True)
