"""The center in figures, for whoever watches over it: what waits, since when, how much there is. Nothing about a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, func, select

from center.store.tables import (
    api_key,
    application,
    application_photo,
    backup,
    blob,
    card,
    dead_letter,
    device,
    feed,
    metadata,
    pending,
    proposal,
    twin,
    upload,
)

OPEN = ("incomplete", "first_review", "second_review", "returned")
AT_MOST = 100_000  # what waits is counted no further


@dataclass(frozen=True)
class Waiting:
    """How many wait, and since when the oldest does (milliseconds); None where nothing waits or it is not known."""

    count: int
    since_ms: int | None = None


@dataclass(frozen=True)
class Figures:
    """All that is cheap to ask at any moment."""

    cases: dict[str, Waiting]
    decisions: Waiting
    photos: Waiting
    letters: Waiting
    choices: Waiting
    uploads: Waiting
    upload_bytes: int
    mail: Waiting | None
    tablets: int
    tablets_seen: int
    feed_lsn: int
    backup_ms: int | None
    backup_elsewhere_ms: int | None
    pack_behind: int
    keys_of_systems: int


@dataclass(frozen=True)
class Sizes:
    """What has to be counted through: asked for every few minutes only."""

    blobs: int
    blob_bytes: int
    cards: dict[str, int]


def figures(conn: Connection, now_ms: int) -> Figures:
    """The figures of this moment."""
    a, u = application.c, upload.c
    cases = {
        state: Waiting(count, since)
        for state, count, since in conn.execute(
            select(a.state, func.count(), func.min(a.received_ms)).where(a.state.in_(OPEN)).group_by(a.state)
        )
    }
    under_way = (u.expires_ms > now_ms, ~select(blob.c.sha256).where(blob.c.sha256 == u.sha256).exists())
    uploads, size = conn.execute(select(func.count(), func.coalesce(func.sum(u.length), 0)).where(*under_way)).one()
    seen = select(func.count()).where(device.c.disabled_ms.is_(None), device.c.seen_ms > now_ms - 3_600_000)
    made = {
        bool(elsewhere): at_ms
        for elsewhere, at_ms in conn.execute(
            select(backup.c.elsewhere, func.max(backup.c.at_ms)).group_by(backup.c.elsewhere)
        )
    }
    latest = max(made.values(), default=None)
    return Figures(
        cases={state: cases.get(state, Waiting(0)) for state in OPEN},
        decisions=_waiting(conn, pending, pending.c.due_ms, pending.c.state.in_(("open", "settling"))),
        photos=Waiting(_few(conn, select(application_photo.c.slot).where(application_photo.c.state == "stored"))),
        letters=_waiting(conn, dead_letter, dead_letter.c.since_ms, dead_letter.c.state == "open"),
        choices=Waiting(
            _few(conn, select(proposal.c.op_id).where(proposal.c.state == "open"))
            + _few(conn, select(twin.c.low).where(twin.c.state == "open"))
        ),
        uploads=Waiting(uploads),
        upload_bytes=int(size),
        mail=_mail(conn),
        tablets=conn.execute(select(func.count()).where(device.c.disabled_ms.is_(None))).scalar_one(),
        tablets_seen=conn.execute(seen).scalar_one(),
        feed_lsn=int(conn.execute(select(func.max(feed.c.lsn))).scalar_one() or 0),
        backup_ms=latest,
        backup_elsewhere_ms=made.get(True),
        pack_behind=_pack_behind(conn),
        keys_of_systems=conn.execute(
            select(func.count()).where(api_key.c.revoked_ms.is_(None), api_key.c.expires_ms > now_ms)
        ).scalar_one(),
    )


def sizes(conn: Connection) -> Sizes:
    """What is counted through."""
    count, size = conn.execute(select(func.count(), func.coalesce(func.sum(blob.c.size), 0)).select_from(blob)).one()
    cards = {
        str(status): int(many)
        for status, many in conn.execute(select(card.c.status, func.count()).group_by(card.c.status))
    }
    return Sizes(int(count), int(size), cards)


def _waiting(conn: Connection, table: Table, since: Column[int], condition: ColumnElement[bool]) -> Waiting:
    count, oldest = conn.execute(select(func.count(), func.min(since)).select_from(table).where(condition)).one()
    return Waiting(int(count), oldest)


def _few(conn: Connection, query: Select[Any]) -> int:
    some = query.limit(AT_MOST).subquery()
    return int(conn.execute(select(func.count()).select_from(some)).scalar_one())


def _mail(conn: Connection) -> Waiting | None:
    """Mail that waits to be sent, where this center keeps any."""
    table = metadata.tables.get("mail")
    if table is None or not {"state", "at_ms"} <= set(table.c.keys()):
        return None
    return _waiting(conn, table, table.c.at_ms, table.c.state.in_(("waiting", "sending")))


def _pack_behind(conn: Connection) -> int:
    """Changes to cards since the newest pack was built."""
    from center.store import cards

    return max(0, cards.changes(conn) - cards.built(conn)[0])
