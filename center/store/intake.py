"""What came in from tablets: which operations were answered and how, the applications they made, the photographs
awaited.

Written inside the batch's transaction, so that an effect and the memory of it stand or fall together (sync.md B.3).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, tuple_, update

from center.store import people, proposals
from center.store.tables import application, application_photo, blob, blob_ref, dedup, proposal_photo
from honorcard import identity
from sync.wire import ApplicationBody, Op, OpResult, Photo, ReissueBody, decode, encode

Body = ApplicationBody | ReissueBody

OPEN_STATES = ("incomplete", "first_review", "returned", "second_review")


@dataclass(frozen=True)
class Known:
    """An operation that was answered before: its digest and the answer."""

    device_id: str
    sha256: bytes
    result: OpResult


@dataclass(frozen=True)
class Standing:
    """Where an application stands, as intake needs to know it."""

    application_id: str
    receipt: str
    rev: int
    state: str
    unit_id: str | None
    device_id: str | None
    flags: tuple[str, ...]
    kind: str


def answered(conn: Connection, device_id: str, dev_epoch: str, op: Op) -> Known | None:
    """The answer this operation got before: by its place in the tablet's log, or by its own id."""
    place = (dedup.c.device_id == device_id, dedup.c.dev_epoch == dev_epoch, dedup.c.seq == op.seq)
    row = conn.execute(select(dedup).where(*place)).first()
    if row is None:
        row = conn.execute(select(dedup).where(dedup.c.op_id == op.op_id)).first()
    if row is None:
        return None
    return Known(row.device_id, bytes(row.sha256), decode(OpResult, row.result.encode()))


def has_heard(conn: Connection, device_id: str, dev_epoch: str) -> bool:
    """Whether operations of that life of the tablet's database have been answered."""
    query = select(dedup.c.seq).where(dedup.c.device_id == device_id, dedup.c.dev_epoch == dev_epoch).limit(1)
    return conn.execute(query).first() is not None


def remember(conn: Connection, device_id: str, dev_epoch: str, op: Op, result: OpResult, now_ms: int) -> None:
    """Keeps the answer to an operation."""
    conn.execute(
        insert(dedup).values(
            device_id=device_id,
            dev_epoch=dev_epoch,
            seq=op.seq,
            op_id=op.op_id,
            sha256=bytes.fromhex(op.sha256),
            result=encode(result).decode(),
            at_ms=now_ms,
        )
    )


def lock_device(conn: Connection, device_id: str) -> None:
    """Two requests of one tablet take turns (sync.md S9), even where a write did not ask to be alone."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext(%s))", (device_id,))


def standing(conn: Connection, application_id: str) -> Standing | None:
    """Where the application stands; None when it is not here."""
    row = conn.execute(select(application).where(application.c.application_id == application_id)).first()
    if row is None:
        return None
    return Standing(
        row.application_id, row.receipt, row.rev, row.state, row.unit_id, row.device_id,
        tuple(json.loads(row.flags)), row.kind,
    )  # fmt: skip


def others_open(conn: Connection, idbx: bytes, but: str) -> list[str]:
    """Other applications of the same person that are not decided yet."""
    query = select(application.c.application_id).where(
        application.c.idbx == idbx, application.c.application_id != but, application.c.state.in_(OPEN_STATES)
    )
    return list(conn.execute(query.order_by(application.c.received_ms)).scalars())


def is_under(conn: Connection, application_id: str, idbx: bytes) -> bool:
    """Whether the application is that person's."""
    query = select(application.c.idbx).where(application.c.application_id == application_id)
    return bytes(conn.execute(query).scalar_one_or_none() or b"") == idbx


def under(conn: Connection, indices: Sequence[bytes], name_key: str) -> list[str]:
    """The applications of somebody of that folded name under one of these indices of identity numbers, newest first."""
    if not indices:
        return []
    query = select(application.c.application_id).where(
        application.c.idbx.in_(indices), application.c.name_key == name_key, application.c.state != "withdrawn"
    )
    return list(conn.execute(query.order_by(application.c.received_ms.desc()).limit(10)).scalars())


def add(
    conn: Connection, body: Body, *, unit_id: str | None, device_id: str, idbx: bytes, name_key: str,
    verdict: dict[str, Any], flags: Iterable[str], now_ms: int, card_seq: int | None = None,
) -> None:  # fmt: skip
    """A new application, rev 1, incomplete until its photographs are here. card_seq: the card of ours it is about."""
    conn.execute(
        insert(application).values(
            application_id=body.application_id,
            receipt=body.receipt,
            rev=1,
            state="incomplete",
            unit_id=unit_id,
            device_id=device_id,
            idbx=idbx,
            received_ms=now_ms,
            card_seq=card_seq,
            **_content(body, name_key, verdict, flags, now_ms),
        )
    )
    proposals.keep_body(conn, body.application_id, 1, body, device_id)
    people.note(conn, idbx, body.name, name_key, _masked(body), now_ms)


def replace(
    conn: Connection, before: Standing, body: Body, *, device_id: str | None, idbx: bytes, name_key: str,
    verdict: dict[str, Any], flags: Iterable[str], now_ms: int, card_seq: int | None = None, state: str = "incomplete",
) -> int:  # fmt: skip
    """The corrected application in the place of the one before; gives its rev. Its place in the queue stays.

    device_id: the tablet that hears of it from now on; None leaves that as it is (a reviewer chose).
    """
    conn.execute(
        update(application)
        .where(application.c.application_id == before.application_id)
        .values(
            rev=before.rev + 1,
            state=state,
            device_id=device_id or before.device_id,
            idbx=idbx,
            card_seq=card_seq,
            **_content(body, name_key, verdict, flags, now_ms),
        )
    )
    proposals.keep_body(conn, before.application_id, before.rev + 1, body, device_id)
    people.note(conn, idbx, body.name, name_key, _masked(body), now_ms)
    return before.rev + 1


def _masked(body: Body) -> str:
    return identity.mask(identity.normalise(body.identity_number))


def _content(
    body: Body, name_key: str, verdict: dict[str, Any], flags: Iterable[str], now_ms: int
) -> dict[str, Any]:
    return {
        "kind": body.kind,
        "name": body.name,
        "name_key": name_key,
        "body": encode(body).decode(),
        "verdict": json.dumps(verdict, ensure_ascii=False, sort_keys=True),
        "outcome": verdict["outcome"],
        "flags": json.dumps(list(flags)),
        "submitted_on": body.submitted_on,
        "changed_ms": now_ms,
    }


def add_flag(conn: Connection, application_id: str, flag: str) -> None:
    """Adds one flag, if it is not there."""
    found = standing(conn, application_id)
    if found is not None and flag not in found.flags:
        flags = json.dumps([*found.flags, flag])
        conn.execute(update(application).where(application.c.application_id == application_id).values(flags=flags))


def drop_flag(conn: Connection, application_id: str, flag: str) -> None:
    """Takes one flag away, if it is there."""
    found = standing(conn, application_id)
    if found is not None and flag in found.flags:
        flags = json.dumps([other for other in found.flags if other != flag])
        conn.execute(update(application).where(application.c.application_id == application_id).values(flags=flags))


def forget_first_review(conn: Connection, application_id: str) -> None:
    """What the first reviewer passed on is changed: both reviews begin anew (C50)."""
    conn.execute(
        update(application)
        .where(application.c.application_id == application_id)
        .values(first_reviewer=None, first_ms=None)
    )


def set_state(conn: Connection, application_id: str, state: str, now_ms: int) -> int:
    """Moves an application on; gives its new rev."""
    moved = conn.execute(
        update(application)
        .where(application.c.application_id == application_id)
        .values(state=state, rev=application.c.rev + 1, changed_ms=now_ms)
        .returning(application.c.rev)
    )
    return int(moved.scalar_one())


def hand_over(conn: Connection, application_id: str, device_id: str) -> None:
    """The tablet that hears of the application from now on."""
    conn.execute(update(application).where(application.c.application_id == application_id).values(device_id=device_id))


# --- photographs ---


def expect_photos(conn: Connection, application_id: str, photos: Collection[Photo]) -> None:
    """These photographs belong to the application now: those it had already stay as they are, others are awaited."""
    had = {
        (row.slot, row.position): bytes(row.sealed_sha256)
        for row in conn.execute(
            select(application_photo).where(application_photo.c.application_id == application_id)
        )
    }  # fmt: skip
    wanted = {(photo.slot, photo.position): photo for photo in photos}
    gone = [place for place, address in had.items()
            if place not in wanted or bytes.fromhex(wanted[place].sealed_sha256) != address]  # fmt: skip
    for slot, position in gone:
        conn.execute(
            delete(application_photo).where(
                application_photo.c.application_id == application_id,
                application_photo.c.slot == slot,
                application_photo.c.position == position,
            )
        )
    fresh = [photo for place, photo in wanted.items() if place not in had or place in gone]
    if not fresh:
        return
    addresses = [bytes.fromhex(photo.sealed_sha256) for photo in fresh]
    stored = {bytes(found) for found in conn.execute(select(blob.c.sha256).where(blob.c.sha256.in_(addresses))).scalars()}
    conn.execute(
        insert(application_photo),
        [
            {
                "application_id": application_id, "slot": photo.slot, "position": photo.position,
                "sealed_sha256": sealed, "clear_sha256": bytes.fromhex(photo.clear_sha256),
                "state": "stored" if sealed in stored else "awaited",
            }
            for photo, sealed in zip(fresh, addresses, strict=True)
        ],
    )  # fmt: skip


def note_named(conn: Connection, device_id: str, addresses: Iterable[str]) -> None:
    """The tablet named these files in an operation that was accepted: it may send them and ask about them."""
    wanted = {bytes.fromhex(address) for address in addresses}
    known = set(
        conn.execute(
            select(blob_ref.c.sha256).where(blob_ref.c.device_id == device_id, blob_ref.c.sha256.in_(wanted))
        ).scalars()
    )
    rows = [{"device_id": device_id, "sha256": one} for one in sorted(wanted - {bytes(found) for found in known})]
    if rows:
        conn.execute(insert(blob_ref), rows)


def photos_of(conn: Connection, application_id: str) -> dict[str, int]:
    """How many photographs of the application are in each state."""
    found = {"awaited": 0, "stored": 0, "opened": 0, "refused": 0}
    query = select(application_photo.c.state).where(application_photo.c.application_id == application_id)
    for state in conn.execute(query).scalars():
        found[state] += 1
    return found


@dataclass(frozen=True)
class ToOpen:
    """A photograph that has arrived sealed. application_id: of a change that waits for a reviewer, its operation's id."""

    application_id: str
    slot: str
    position: int
    sealed_sha256: str
    clear_sha256: str
    proposed: bool = False


def to_open(conn: Connection, limit: int, after: tuple[str, str, int] = ("", "", -1)) -> list[ToOpen]:
    """Photographs waiting to be opened and checked, those after `after` in their order."""
    found = []
    for table, owner in ((application_photo, application_photo.c.application_id), (proposal_photo, proposal_photo.c.op_id)):
        place = (owner, table.c.slot, table.c.position)
        rows = conn.execute(
            select(table, owner.label("owner"))
            .where(table.c.state == "stored", tuple_(*place) > tuple_(*after))
            .order_by(*place)
            .limit(limit)
        )
        found += [
            ToOpen(
                row.owner, row.slot, row.position, row.sealed_sha256.hex(), row.clear_sha256.hex(),
                table is proposal_photo,
            )
            for row in rows
        ]  # fmt: skip
    return sorted(found, key=lambda photo: (photo.application_id, photo.slot, photo.position))[:limit]


def waits_to_open(conn: Connection, photo: ToOpen) -> bool:
    """Whether the photograph still waits to be opened."""
    return conn.execute(select(_table(photo).c.slot).where(*_still(photo))).first() is not None


def settle_photo(conn: Connection, photo: ToOpen, state: str, problem: str | None = None) -> bool:
    """Notes what came of opening a photograph; False when it was replaced meanwhile."""
    noted = conn.execute(update(_table(photo)).where(*_still(photo)).values(state=state, problem=problem))
    return noted.rowcount == 1


def _table(photo: ToOpen) -> Table:
    return proposal_photo if photo.proposed else application_photo


def _still(photo: ToOpen) -> tuple[ColumnElement[bool], ...]:
    columns = _table(photo).c
    return (
        (columns.op_id if photo.proposed else columns.application_id) == photo.application_id,
        columns.slot == photo.slot,
        columns.position == photo.position,
        columns.sealed_sha256 == bytes.fromhex(photo.sealed_sha256),
        columns.state == "stored",
    )


def all_settled(conn: Connection, limit: int) -> list[str]:
    """Applications that wait for nothing but to be moved on: incomplete, with every photograph opened or refused."""
    waiting = select(application_photo.c.application_id).where(
        application_photo.c.application_id == application.c.application_id,
        application_photo.c.state.in_(("awaited", "stored")),
    )
    query = select(application.c.application_id).where(application.c.state == "incomplete", ~waiting.exists())
    return list(conn.execute(query.order_by(application.c.received_ms).limit(limit)).scalars())
