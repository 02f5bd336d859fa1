"""Which operations of a tablet were answered, and how: written inside the batch's transaction, so that an effect and the
memory of it stand or fall together (sync.md B.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from center.store import bulk
from center.store.tables import dedup
from sync.wire import Op, OpResult, decode, encode


@dataclass(frozen=True)
class Known:
    """An operation that was answered before: its digest and the answer."""

    device_id: str
    sha256: bytes
    result: OpResult


def find(conn: Connection, device_id: str, dev_epoch: str, op: Op) -> Known | None:
    """The answer this operation got before: by its place in the tablet's log, or by its own id."""
    place = (dedup.c.device_id == device_id, dedup.c.dev_epoch == dev_epoch, dedup.c.seq == op.seq)
    row = conn.execute(select(dedup).where(*place)).first()
    if row is None:
        row = conn.execute(select(dedup).where(dedup.c.op_id == op.op_id)).first()
    if row is None:
        return None
    return Known(row.device_id, bytes(row.sha256), decode(OpResult, row.result.encode()))


def unheard(conn: Connection, device_id: str, dev_epoch: str, ops: Iterable[Op]) -> set[str]:
    """Those of a batch, by id, that were never answered: neither in their place of the tablet's log nor under their id."""
    places = {op.seq: op.op_id for op in ops}
    here = select(dedup.c.seq).where(dedup.c.device_id == device_id, dedup.c.dev_epoch == dev_epoch)
    taken = {places[seq] for seq in conn.execute(here.where(dedup.c.seq.in_(list(places)))).scalars()}
    named = select(dedup.c.op_id).where(dedup.c.op_id.in_(list(places.values())))
    return set(places.values()) - taken - set(conn.execute(named).scalars())


def has_heard(conn: Connection, device_id: str, dev_epoch: str) -> bool:
    """Whether operations of that life of the tablet's database have been answered."""
    query = select(dedup.c.seq).where(dedup.c.device_id == device_id, dedup.c.dev_epoch == dev_epoch).limit(1)
    return conn.execute(query).first() is not None


def remember(conn: Connection, device_id: str, dev_epoch: str, op: Op, result: OpResult, now_ms: int) -> None:
    """Keeps the answer to an operation."""
    remember_all(conn, device_id, dev_epoch, [(op, result)], now_ms)


def remember_all(
    conn: Connection, device_id: str, dev_epoch: str, answered: Sequence[tuple[Op, OpResult]], now_ms: int
) -> None:
    """Keeps the answers to operations."""
    rows = [
        {
            "device_id": device_id,
            "dev_epoch": dev_epoch,
            "seq": op.seq,
            "op_id": op.op_id,
            "sha256": bytes.fromhex(op.sha256),
            "result": encode(result).decode(),
            "at_ms": now_ms,
        }
        for op, result in answered
    ]
    bulk.add(conn, dedup, rows)


def lock_device(conn: Connection, device_id: str) -> None:
    """Two requests of one tablet take turns (sync.md S9), even where a write did not ask to be alone."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext(%s))", (device_id,))
