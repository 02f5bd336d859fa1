"""The applications that tablets' operations made: how each stands, its content as last accepted, its flags.

What is not here: which operations were answered (answers), the photographs (photographs), the case as reviewers see it (cases).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from center.store import bulk, people, proposals
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
_HERE = select(application.c.application_id).where(
    application.c.application_id.in_(bindparam("application_ids", expanding=True))
)
_UNDER = (
    select(
        application.c.application_id,
        application.c.idbx,
        application.c.name_key,
        application.c.state,
        application.c.flags,
    )
    .where(
        or_(
            application.c.idbx.in_(bindparam("indices", expanding=True)),
            application.c.idbx.in_(bindparam("alike", expanding=True))
            & application.c.name_key.in_(bindparam("name_keys", expanding=True)),
        )
    )
    .order_by(application.c.received_ms)
)


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


def are_here(conn: Connection, application_ids: Collection[str]) -> bool:
    """Whether any of these applications has come in."""
    return conn.execute(_HERE, {"application_ids": list(application_ids)}).first() is not None


def is_under(conn: Connection, application_id: str, idbx: bytes) -> bool:
    """Whether the application is that person's."""
    query = select(application.c.idbx).where(application.c.application_id == application_id)
    return bytes(conn.execute(query).scalar_one_or_none() or b"") == idbx


@dataclass(frozen=True)
class Under:
    """An application under an index of an identity number."""

    application_id: str
    idbx: bytes
    name_key: str
    state: str
    flags: tuple[str, ...]


def under(
    conn: Connection, indices: Collection[bytes], alike: Collection[bytes], name_keys: Collection[str]
) -> list[Under]:
    """Applications under one of these indices of identity numbers, and of people of these folded names under one of those
    `alike`; oldest first.
    """
    asked = {"indices": list(indices), "alike": list(alike), "name_keys": list(name_keys)}
    return [
        Under(row.application_id, bytes(row.idbx), row.name_key, row.state, tuple(json.loads(row.flags)))
        for row in conn.execute(_UNDER, asked)
    ]


@dataclass(frozen=True)
class Facts:
    """What the center makes of a body: the person's index and folded name, the verdict, the flags, the card of ours it is
    about.
    """

    idbx: bytes
    name_key: str
    verdict: dict[str, Any]
    flags: tuple[str, ...]
    card_seq: int | None = None


def add(
    conn: Connection, new: Sequence[tuple[Body, Facts]], *, unit_id: str | None, device_id: str, now_ms: int
) -> None:
    """New applications, rev 1, incomplete until their photographs are here."""
    rows = [
        {
            "application_id": body.application_id,
            "receipt": body.receipt,
            "rev": 1,
            "state": "incomplete",
            "unit_id": unit_id,
            "device_id": device_id,
            "received_ms": now_ms,
            **_content(body, facts, now_ms),
        }
        for body, facts in new
    ]
    bulk.add(conn, application, rows)
    proposals.keep_bodies(conn, [(row["application_id"], 1, row["body"]) for row in rows], device_id)
    people.note(conn, [_seen(body, facts) for body, facts in new], now_ms, unit_id)


def replace(
    conn: Connection, before: Standing, body: Body, facts: Facts, *, device_id: str | None, now_ms: int,
    state: str = "incomplete",
) -> int:  # fmt: skip
    """The corrected application in the place of the one before; gives its rev. Its place in the queue stays.

    device_id: the tablet that hears of it from now on; None leaves that as it is (a reviewer chose).
    """
    content = _content(body, facts, now_ms)
    conn.execute(
        update(application)
        .where(application.c.application_id == before.application_id)
        .values(rev=before.rev + 1, state=state, device_id=device_id or before.device_id, **content)
    )
    proposals.keep_bodies(conn, [(before.application_id, before.rev + 1, content["body"])], device_id)
    people.note(conn, [_seen(body, facts)], now_ms, before.unit_id)
    return before.rev + 1


def _seen(body: Body, facts: Facts) -> people.Seen:
    masked = identity.mask(identity.normalise(body.identity_number))
    return people.Seen(facts.idbx, body.name, facts.name_key, masked)


def _content(body: Body, facts: Facts, now_ms: int) -> dict[str, Any]:
    return {
        "kind": body.kind,
        "idbx": facts.idbx,
        "card_seq": facts.card_seq,
        "name": body.name,
        "name_key": facts.name_key,
        "body": encode(body).decode(),
        "verdict": json.dumps(facts.verdict, ensure_ascii=False, sort_keys=True),
        "outcome": facts.verdict["outcome"],
        "flags": json.dumps(facts.flags),
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
