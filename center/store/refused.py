"""What the center did not take, for the administrator to look at: operations refused, by tablet; and how many photographs wait."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, delete, func, select

from center.store.tables import application_photo, dedup, device, unit
from sync.wire import Op, OpResult, decode

# the answers are kept as they were sent: JSON with its members in order
_REFUSED = '%"status":"rejected"%'


@dataclass(frozen=True)
class Refused:
    """An operation that was answered for good, and not taken. code: of the problem that says why."""

    device_id: str
    device: str
    unit: str
    seq: int
    op_id: str
    at_ms: int
    code: str
    details: dict[str, int]


def refused_lately(conn: Connection, limit: int = 200) -> list[Refused]:
    """Of all tablets, the newest first."""
    rows = conn.execute(
        select(dedup, device.c.name.label("device_name"), unit.c.name.label("unit_name"))
        .join(device, device.c.device_id == dedup.c.device_id)
        .outerjoin(unit, unit.c.unit_id == device.c.unit_id)
        .where(dedup.c.result.like(_REFUSED))
        .order_by(dedup.c.at_ms.desc(), dedup.c.seq.desc())
        .limit(limit)
    )
    found = []
    for row in rows:
        try:
            result: OpResult = decode(OpResult, row.result.encode())
        except msgspec.MsgspecError:
            continue
        found.append(
            Refused(
                row.device_id, row.device_name, row.unit_name or "", row.seq, row.op_id, row.at_ms, result.code or "",
                result.details or {},
            )
        )  # fmt: skip
    return found


def forget(conn: Connection, op: Op) -> None:
    """The answer to this operation does not count any more: it is looked at again."""
    conn.execute(delete(dedup).where(dedup.c.op_id == op.op_id))


def photos_waiting(conn: Connection, at_most: int) -> int:
    """How many photographs wait to be opened, counted up to `at_most`."""
    some = select(application_photo.c.slot).where(application_photo.c.state == "stored").limit(at_most).subquery()
    return int(conn.execute(select(func.count()).select_from(some)).scalar_one())
