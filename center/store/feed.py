"""The feed: what the center has to say to tablets, in the order in which it was decided (sync.md B.5).

The lsn of a committed item is never lower than one a reader has already passed: on SQLite because there is one writer,
on PostgreSQL because a transaction that writes alone holds the writers' lock until its end, and any other that appends
waits for an advisory lock held as long (plain sequences commit out of order).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import Connection, func, insert, select, union_all

from center.store import bulk
from center.store.tables import feed, meta
from sync.wire import FeedItem

PAGE_ITEMS = 500
PAGE_BYTES = 2 * 2**20
_LOCK = 0x48434645  # "HCFE": the feed's advisory lock
_EPOCH = "server_epoch"
WIPE = "wipe"
_APPEND = insert(feed).returning(feed.c.lsn)


def append(
    conn: Connection, *, kind: str, entity_id: str, rev: int, device_id: str | None, body: bytes, at_ms: int
) -> int:
    """Adds an item for one tablet, or for all when `device_id` is None; gives its lsn. Inside the transaction it
    reports.
    """
    _take_turns(conn)
    values = {"kind": kind, "entity_id": entity_id, "rev": rev, "device_id": device_id, "body": body, "at_ms": at_ms}
    (lsn,) = conn.execute(_APPEND, values).one()
    return int(lsn)


def append_all(
    conn: Connection, said: Sequence[tuple[str, bytes]], *, kind: str, rev: int, device_id: str, at_ms: int
) -> None:
    """Adds an item for each of these, entity and body, in their order; as `append` otherwise."""
    _take_turns(conn)
    rows = [
        {"kind": kind, "entity_id": entity_id, "rev": rev, "device_id": device_id, "body": body, "at_ms": at_ms}
        for entity_id, body in said
    ]
    bulk.add(conn, feed, rows)


def _take_turns(conn: Connection) -> None:
    if conn.dialect.name == "postgresql" and not conn.get_execution_options().get("alone"):
        conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def page(
    conn: Connection, device_id: str, cursor: int, limit: int = PAGE_ITEMS, max_bytes: int = PAGE_BYTES
) -> tuple[list[FeedItem], bool]:
    """The tablet's items after `cursor` (its own and everybody's), and whether more follow; at least one if there is
    any.
    """
    limit = max(1, min(limit, PAGE_ITEMS))
    # each half by its own index: asked for with OR, SQLite reads and sorts all that is left for each page of it
    halves = [
        select(feed.c.lsn, func.length(feed.c.body).label("size"))
        .where(feed.c.lsn > cursor, whose)
        .order_by(feed.c.lsn)
        .limit(limit + 1)
        .subquery()
        for whose in (feed.c.device_id == device_id, feed.c.device_id.is_(None))
    ]
    both = union_all(*(half.select() for half in halves)).order_by("lsn").limit(limit + 1)
    listed = conn.execute(both).all()
    chosen: list[int] = []
    size = 0
    for lsn, length in listed[:limit]:
        if chosen and size + length > max_bytes:
            break
        chosen.append(lsn)
        size += length
    return _items(conn, chosen), len(listed) > len(chosen)


def page_of_stopped(conn: Connection, device_id: str, cursor: int) -> list[FeedItem]:
    """What a tablet that is told no news hears all the same: that it is to be emptied."""
    query = select(feed.c.lsn).where(feed.c.lsn > cursor, feed.c.device_id == device_id, feed.c.kind == WIPE)
    return _items(conn, conn.execute(query.order_by(feed.c.lsn).limit(1)).scalars().all())


def asked_to_wipe(conn: Connection) -> set[str]:
    """The tablets that were told to empty themselves."""
    return set(conn.execute(select(feed.c.device_id).where(feed.c.kind == WIPE)).scalars())


def _items(conn: Connection, lsns: Sequence[int]) -> list[FeedItem]:
    rows = conn.execute(select(feed).where(feed.c.lsn.in_(lsns)).order_by(feed.c.lsn))
    return [FeedItem(lsn=row.lsn, kind=row.kind, entity_id=row.entity_id, rev=row.rev, body=row.body) for row in rows]


def server_epoch(conn: Connection) -> str | None:
    """The name of this database's life: written at the first start, to be renewed at every restore."""
    value = conn.execute(select(meta.c.v).where(meta.c.k == _EPOCH)).scalar()
    return None if value is None else str(value)


def begin_epoch(conn: Connection) -> str:
    """The server epoch, begun when there is none yet. Inside a write."""
    known = server_epoch(conn)
    if known is not None:
        return known
    epoch = str(uuid4())
    conn.execute(insert(meta).values(k=_EPOCH, v=epoch))
    return epoch
