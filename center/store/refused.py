"""Dead letters: operations that the center did not take, or that a tablet cannot bring, until somebody here has seen to each
(sync.md B.10); and how many photographs wait.

A letter is noted when an operation is refused, or when its tablet reports it. It holds the sealed operation where that is
whole, so that it can be taken later without the tablet. What is not here: taking it (center.second_try).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from center.store.tables import account, application, application_photo, dead_letter, dedup, device, durable, unit
from honorcard.typed import read_json
from sync.wire import Op, decode, encode

LEFT = (
    "op_left"  # kept as the answer to an operation that its tablet reported: when it comes after all, it is looked at
)


@dataclass(frozen=True)
class Letter:
    """A dead letter. code: of the problem that says why; op: the sealed operation, None when its bytes are not here.

    state: `open`, `taken` (it was applied in the end), `done` (a person dealt with it otherwise, and said how in `text`).
    name: of the case, when that is here.
    """

    op_id: str
    device_id: str
    device: str
    unit: str
    dev_epoch: str
    seq: int
    kind: str
    entity_id: str
    op: Op | None
    receipt: str
    code: str
    details: dict[str, int]
    tries: int
    since_ms: int
    state: str
    person: str
    decided_ms: int | None
    text: str
    name: str
    unit_id: str | None = None  # of the tablet


def note(
    conn: Connection, device_id: str, dev_epoch: str, op: Op, *, code: str, now_ms: int,
    details: Mapping[str, int] | None = None, receipt: str = "", whole: bool = True,
) -> None:  # fmt: skip
    """Opens a letter, or notes on the one that is there why it was not taken this time. whole: its bytes are what they were."""
    values: dict[str, Any] = {
        "device_id": device_id, "dev_epoch": dev_epoch, "seq": op.seq, "kind": op.kind[:64], "entity_id": op.entity_id[:64],
        "code": code[:64], "details": msgspec.json.encode(dict(details or {})).decode(), "state": "open",
    }  # fmt: skip
    if whole:
        values["op"] = encode(op)
    if receipt:
        values["receipt"] = receipt[:16]
    mine = dead_letter.c.op_id == op.op_id
    if conn.execute(select(dead_letter.c.op_id).where(mine)).first() is None:
        conn.execute(insert(dead_letter).values(op_id=op.op_id, since_ms=now_ms, **values))
    else:
        conn.execute(update(dead_letter).where(mine).values(tries=dead_letter.c.tries + 1, **values))


def fill(conn: Connection, op: Op, *, receipt: str, whole: bool) -> None:
    """The tablet says more about a letter that is here: its bytes, what it is, its receipt."""
    values: dict[str, Any] = {"kind": op.kind[:64], "entity_id": op.entity_id[:64]}
    if whole:
        values["op"] = encode(op)
    if receipt:
        values["receipt"] = receipt[:16]
    conn.execute(update(dead_letter).where(dead_letter.c.op_id == op.op_id).values(**values))


def decide(conn: Connection, op_id: str, state: str, *, now_ms: int, by: str | None = None, text: str = "") -> bool:
    """The letter is `taken` or `done`; False when it is not open."""
    query = update(dead_letter).where(dead_letter.c.op_id == op_id, dead_letter.c.state == "open")
    return bool(conn.execute(query.values(state=state, by_account=by, decided_ms=now_ms, text=text)).rowcount)


def find(conn: Connection, op_id: str) -> Letter | None:
    """That letter."""
    row = conn.execute(_letters().where(dead_letter.c.op_id == op_id)).first()
    return None if row is None else _letter(row)


def waiting(conn: Connection, limit: int = 200) -> list[Letter]:
    """The open ones of all tablets; what has waited longest first."""
    query = _letters().where(dead_letter.c.state == "open").order_by(dead_letter.c.since_ms, dead_letter.c.op_id)
    return [_letter(row) for row in conn.execute(query.limit(limit))]


def settled(conn: Connection, limit: int = 20) -> list[Letter]:
    """Those that were seen to, the last one first."""
    query = (
        _letters().where(dead_letter.c.state != "open").order_by(dead_letter.c.decided_ms.desc(), dead_letter.c.op_id)
    )
    return [_letter(row) for row in conn.execute(query.limit(limit))]


def count_waiting(conn: Connection) -> int:
    """How many are open."""
    query = select(func.count()).select_from(dead_letter).where(dead_letter.c.state == "open")
    return int(conn.execute(query).scalar_one())


def forget(conn: Connection, op_id: str) -> None:
    """The answer to this operation does not count any more: it is looked at again.

    A backup that covers its place in the log holds the refusal, so that the log is durable only up to it for now.
    """
    row = conn.execute(select(dedup).where(dedup.c.op_id == op_id)).first()
    if row is None:
        return
    conn.execute(delete(dedup).where(dedup.c.op_id == op_id))
    log = (durable.c.device_id == row.device_id, durable.c.dev_epoch == row.dev_epoch, durable.c.through >= row.seq)
    conn.execute(update(durable).where(*log).values(through=row.seq - 1))


def photos_waiting(conn: Connection, at_most: int) -> int:
    """How many photographs wait to be opened, counted up to `at_most`."""
    some = select(application_photo.c.slot).where(application_photo.c.state == "stored").limit(at_most).subquery()
    return int(conn.execute(select(func.count()).select_from(some)).scalar_one())


def _letters() -> Any:
    return (
        select(
            dead_letter, device.c.name.label("device_name"), device.c.unit_id, unit.c.name.label("unit_name"),
            account.c.person,
            application.c.name.label("case_name"), application.c.receipt.label("case_receipt"),
        )
        .join(device, device.c.device_id == dead_letter.c.device_id)
        .outerjoin(unit, unit.c.unit_id == device.c.unit_id)
        .outerjoin(account, account.c.account_id == dead_letter.c.by_account)
        .outerjoin(application, application.c.application_id == dead_letter.c.entity_id)
    )  # fmt: skip


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        op_id=row.op_id, device_id=row.device_id, device=row.device_name, unit=row.unit_name or "",
        dev_epoch=row.dev_epoch, seq=row.seq, kind=row.kind, entity_id=row.entity_id,
        op=None if row.op is None else decode(Op, bytes(row.op)), receipt=row.receipt or row.case_receipt or "",
        code=row.code, details=read_json(row.details, dict[str, int]), tries=row.tries,
        since_ms=row.since_ms, state=row.state, person=row.person or "", decided_ms=row.decided_ms, text=row.text,
        name=row.case_name or "", unit_id=row.unit_id,
    )  # fmt: skip
