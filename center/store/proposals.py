"""What applications said revision by revision, and changes that wait for a reviewer's choice, with their photographs.

What is not here: the rule of when a change waits (sync.merge), choosing (center.choosing).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, Connection, bindparam, func, insert, literal, select, union_all, update

from center.store import bulk
from center.store.tables import account, application, application_body, blob, dedup, device, proposal, proposal_photo
from sync.upcasting import decode_application
from sync.wire import ApplicationBody, OpResult, ReissueBody, decode, encode

Body = ApplicationBody | ReissueBody


@dataclass(frozen=True)
class Said:
    """What an application said from one revision on, and the tablet that said it; None: a reviewer chose it."""

    rev: int
    body: Body
    device_id: str | None


@dataclass(frozen=True)
class ProposalPhoto:
    """A photograph of a change, as far as it has come (center.store.cases.CasePhoto)."""

    slot: str
    position: int
    clear_sha256: str
    state: str


@dataclass(frozen=True)
class Proposal:
    """A change that waits, or waited. kind: `propose` (somebody else changed the same), `request` (a reviewer had acted)."""

    op_id: str
    application_id: str
    device_id: str
    device: str
    kind: str
    base_rev: int | None
    body: Body
    clashes: tuple[str, ...]
    state: str
    at_ms: int
    person: str
    photos: tuple[ProposalPhoto, ...]


@dataclass(frozen=True)
class Waiting:
    """One line of what has to be decided: a change of that case. other: empty here."""

    application_id: str
    receipt: str
    name: str
    state: str
    kind: str
    op_id: str
    at_ms: int
    other: str = ""


# --- what was said ---


def keep_bodies(conn: Connection, said: Sequence[tuple[str, int, str]], device_id: str | None) -> None:
    """From its revision on each of these applications says this: id, revision, the body's JSON."""
    rows = [
        {"application_id": application_id, "rev": rev, "body": body, "device_id": device_id}
        for application_id, rev, body in said
    ]
    bulk.add(conn, application_body, rows)


def said_at(conn: Connection, application_id: str, rev: int, about_a_card: bool) -> Said | None:
    """What the application said at that revision; None when it is not known."""
    query = (
        select(application_body)
        .where(application_body.c.application_id == application_id, application_body.c.rev <= rev)
        .order_by(application_body.c.rev.desc())
        .limit(1)
    )
    row = conn.execute(query).first()
    return None if row is None else Said(row.rev, _body(row.body, about_a_card), row.device_id)


def says(conn: Connection, application_id: str) -> Body:
    """What the application says now."""
    row = conn.execute(
        select(application.c.body, application.c.kind).where(application.c.application_id == application_id)
    ).one()
    return _body(row.body, row.kind in ("reissue", "correction"))


def _body(text: str, about_a_card: bool) -> Body:
    if about_a_card:
        found: ReissueBody = decode(ReissueBody, text.encode())
        return found
    return decode_application(text)


# --- changes that wait ---


def add(
    conn: Connection, *, op_id: str, application_id: str, device_id: str, kind: str, base_rev: int | None, body: Body,
    clashes: Iterable[str], now_ms: int,
) -> None:  # fmt: skip
    """A change that a reviewer has to look at; its photographs are awaited."""
    conn.execute(
        insert(proposal).values(
            op_id=op_id, application_id=application_id, device_id=device_id, kind=kind, base_rev=base_rev,
            body=encode(body).decode(), clashes=json.dumps(list(clashes)), state="open", at_ms=now_ms,
        )
    )  # fmt: skip
    for photo in body.photos:
        sealed = bytes.fromhex(photo.sealed_sha256)
        stored = conn.execute(select(blob.c.sha256).where(blob.c.sha256 == sealed)).first() is not None
        conn.execute(
            insert(proposal_photo).values(
                op_id=op_id, slot=photo.slot, position=photo.position, sealed_sha256=sealed,
                clear_sha256=bytes.fromhex(photo.clear_sha256), state="stored" if stored else "awaited",
            )
        )  # fmt: skip


def find(conn: Connection, op_id: str) -> Proposal | None:
    """The change of that operation."""
    found = _listed(conn, op_id=op_id)
    return found[0] if found else None


def of_case(conn: Connection, application_id: str, states: Collection[str] = ("open",)) -> list[Proposal]:
    """The changes of a case that wait (or are in one of these states), oldest first."""
    return [entry for entry in _listed(conn, application_id=application_id) if entry.state in states]


def _listed(conn: Connection, *, op_id: str = "", application_id: str = "") -> list[Proposal]:
    query = (
        select(
            proposal,
            application.c.kind.label("case_kind"),
            device.c.name.label("device_name"),
            account.c.person,
        )
        .select_from(
            proposal.join(application, application.c.application_id == proposal.c.application_id)
            .outerjoin(device, device.c.device_id == proposal.c.device_id)
            .outerjoin(account, account.c.account_id == proposal.c.by_account)
        )
        .where(proposal.c.op_id == op_id if op_id else proposal.c.application_id == application_id)
        .order_by(proposal.c.at_ms, proposal.c.op_id)
    )
    return [
        Proposal(
            op_id=row.op_id,
            application_id=row.application_id,
            device_id=row.device_id,
            device=row.device_name or "",
            kind=row.kind,
            base_rev=row.base_rev,
            body=_body(row.body, row.case_kind in ("reissue", "correction")),
            clashes=tuple(json.loads(row.clashes)),
            state=row.state,
            at_ms=row.at_ms,
            person=row.person or "",
            photos=_photos(conn, row.op_id),
        )
        for row in conn.execute(query).all()
    ]


def _photos(conn: Connection, op_id: str) -> tuple[ProposalPhoto, ...]:
    rows = conn.execute(
        select(proposal_photo)
        .where(proposal_photo.c.op_id == op_id)
        .order_by(proposal_photo.c.slot, proposal_photo.c.position)
    )
    return tuple(ProposalPhoto(row.slot, row.position, bytes(row.clear_sha256).hex(), row.state) for row in rows)


_IS_WAITING = (
    select(proposal.c.op_id)
    .where(proposal.c.application_id == bindparam("application_id"), proposal.c.state == "open")
    .limit(1)
)


def is_waiting(conn: Connection, application_id: str) -> bool:
    """Whether a change of that case waits for a reviewer."""
    return conn.execute(_IS_WAITING, {"application_id": application_id}).first() is not None


def count_waiting(conn: Connection) -> int:
    """How many changes wait."""
    return int(conn.execute(select(func.count()).select_from(proposal).where(proposal.c.state == "open")).scalar_one())


def all_waiting(conn: Connection, limit: int = 100) -> list[Waiting]:
    """The changes that wait, oldest first."""
    query = (
        select(proposal, application.c.receipt, application.c.name, application.c.state.label("case_state"))
        .select_from(proposal.join(application, application.c.application_id == proposal.c.application_id))
        .where(proposal.c.state == "open")
        .order_by(proposal.c.at_ms, proposal.c.op_id)
        .limit(limit)
    )
    return [
        Waiting(row.application_id, row.receipt, row.name, row.case_state, row.kind, row.op_id, row.at_ms)
        for row in conn.execute(query)
    ]


def decide(conn: Connection, op_id: str, state: str, *, by: str | None, rev: int, now_ms: int) -> bool:
    """Notes what became of a change; False when that is decided already. The operation sent again is answered as taken in."""
    done = conn.execute(
        update(proposal)
        .where(proposal.c.op_id == op_id, proposal.c.state == "open")
        .values(state=state, by_account=by, decided_ms=now_ms)
    )
    if done.rowcount != 1:
        return False
    text = conn.execute(select(dedup.c.result).where(dedup.c.op_id == op_id)).scalar_one_or_none()
    if text is not None:
        known: OpResult = decode(OpResult, text.encode())
        answer = OpResult(seq=known.seq, op_id=op_id, status="applied", rev=rev, receipt=known.receipt)
        conn.execute(update(dedup).where(dedup.c.op_id == op_id).values(result=encode(answer).decode()))
    return True


_OF_CASE: BindParameter[str] = bindparam("of_case")
_said = union_all(
    select(application.c.device_id, literal(0).label("turn"), literal(0).label("at"))
    .where(application.c.application_id == _OF_CASE),
    select(application_body.c.device_id, literal(1), application_body.c.rev)
    .where(application_body.c.application_id == _OF_CASE),
    select(proposal.c.device_id, literal(2), proposal.c.at_ms).where(proposal.c.application_id == _OF_CASE),
).subquery()  # fmt: skip
_TABLETS_OF = (
    select(_said.c.device_id).join(device, device.c.device_id == _said.c.device_id).order_by(_said.c.turn, _said.c.at)
)


def tablets_of(conn: Connection, application_id: str) -> list[str]:
    """The tablets that have sent anything of the case: all of them hear of it."""
    return list(dict.fromkeys(conn.execute(_TABLETS_OF, {"of_case": application_id}).scalars()))


def photo_address(conn: Connection, op_id: str, slot: str, position: int) -> str | None:
    """The address (hex) of an opened photograph of a change; None when there is none yet."""
    found = conn.execute(
        select(proposal_photo.c.clear_sha256).where(
            proposal_photo.c.op_id == op_id,
            proposal_photo.c.slot == slot,
            proposal_photo.c.position == position,
            proposal_photo.c.state == "opened",
        )
    ).scalar_one_or_none()
    return bytes(found).hex() if found is not None else None
