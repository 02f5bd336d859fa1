"""The applications that tablets' operations made: how each stands, its content as last accepted, its flags.

What is not here: which operations were answered (answers), the photographs (photographs), the case as reviewers see it (cases).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from center.store import people, proposals
from center.store.tables import application, application_photo
from honorcard import identity
from sync.wire import ApplicationBody, ReissueBody, encode

Body = ApplicationBody | ReissueBody

OPEN_STATES = ("incomplete", "first_review", "returned", "second_review")

# what every operation of a batch asks is made once: building a statement costs SQLAlchemy more than sending it
_STANDING = select(
    application.c.application_id, application.c.receipt, application.c.rev, application.c.state, application.c.unit_id,
    application.c.device_id, application.c.flags, application.c.kind,
).where(application.c.application_id == bindparam("application_id"))  # fmt: skip
_OTHERS_OPEN = (
    select(application.c.application_id, application.c.flags)
    .where(
        application.c.idbx == bindparam("idbx"),
        application.c.application_id != bindparam("but"),
        application.c.state.in_(OPEN_STATES),
    )
    .order_by(application.c.received_ms)
)
_UNDER = (
    select(application.c.application_id)
    .where(
        application.c.idbx.in_(bindparam("indices", expanding=True)),
        application.c.name_key == bindparam("name_key"),
        application.c.state != "withdrawn",
        application.c.application_id != bindparam("but"),
    )
    .order_by(application.c.received_ms.desc())
    .limit(10)
)
_ADD = insert(application)


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


def standing(conn: Connection, application_id: str) -> Standing | None:
    """Where the application stands; None when it is not here."""
    row = conn.execute(_STANDING, {"application_id": application_id}).first()
    if row is None:
        return None
    return Standing(
        row.application_id, row.receipt, row.rev, row.state, row.unit_id, row.device_id,
        tuple(json.loads(row.flags)), row.kind,
    )  # fmt: skip


def others_open(conn: Connection, idbx: bytes, but: str) -> dict[str, tuple[str, ...]]:
    """Other applications of the same person that are not decided yet, oldest first, each with its flags."""
    rows = conn.execute(_OTHERS_OPEN, {"idbx": idbx, "but": but})
    return {row.application_id: tuple(json.loads(row.flags)) for row in rows}


def is_under(conn: Connection, application_id: str, idbx: bytes) -> bool:
    """Whether the application is that person's."""
    query = select(application.c.idbx).where(application.c.application_id == application_id)
    return bytes(conn.execute(query).scalar_one_or_none() or b"") == idbx


def under(conn: Connection, indices: Sequence[bytes], name_key: str, but: str) -> list[str]:
    """Other applications of somebody of that folded name under one of these indices of identity numbers, newest first."""
    if not indices:
        return []
    return list(conn.execute(_UNDER, {"indices": indices, "name_key": name_key, "but": but}).scalars())


def add(
    conn: Connection, body: Body, *, unit_id: str | None, device_id: str, idbx: bytes, name_key: str,
    verdict: dict[str, Any], flags: Iterable[str], now_ms: int, card_seq: int | None = None,
) -> None:  # fmt: skip
    """A new application, rev 1, incomplete until its photographs are here. card_seq: the card of ours it is about."""
    values = {
        "application_id": body.application_id,
        "receipt": body.receipt,
        "rev": 1,
        "state": "incomplete",
        "unit_id": unit_id,
        "device_id": device_id,
        "idbx": idbx,
        "received_ms": now_ms,
        "card_seq": card_seq,
    }
    conn.execute(_ADD, values | _content(body, name_key, verdict, flags, now_ms))
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


def _content(body: Body, name_key: str, verdict: dict[str, Any], flags: Iterable[str], now_ms: int) -> dict[str, Any]:
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


def all_settled(conn: Connection, limit: int) -> list[str]:
    """Applications that wait for nothing but to be moved on: incomplete, with every photograph opened or refused."""
    waiting = select(application_photo.c.application_id).where(
        application_photo.c.application_id == application.c.application_id,
        application_photo.c.state.in_(("awaited", "stored")),
    )
    query = select(application.c.application_id).where(application.c.state == "incomplete", ~waiting.exists())
    return list(conn.execute(query.order_by(application.c.received_ms).limit(limit)).scalars())
