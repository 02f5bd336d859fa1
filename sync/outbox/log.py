"""The log itself: operations put in, taken out to be pushed, and the center's word on each.

There is no "being sent" on the disk: what the center has not answered is `pending`, whatever happened in between. An operation
whose bytes are no longer what they were is put into quarantine before use; the others go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

import msgspec
from sqlite_utils import Database

from sync import clock
from sync.ids import uuid7
from sync.outbox.life import dev_epoch
from sync.outbox.rows import GENESIS, chained, damage_of, is_sound, op_of
from sync.wire import SCHEMA_V, Op, OpKind, OpResult

MAX_OPS = 50
MAX_BYTES = 512 * 1024
MAX_RETRIES = 20  # of an operation the center asks to send again; then a person must look (sync.md B.10)
RETRY_FIRST_MS = 2_000
RETRY_CAP_MS = 15 * 60 * 1000

_CARRIED = (
    "op_id", "kind", "entity_id", "base_rev", "schema_v", "body", "body_sha256", "needs_blobs", "wall_ms", "mono_ms",
    "boot_id",
)  # fmt: skip


def put(
    db: Database,
    *,
    kind: OpKind,
    entity_id: str,
    base_rev: int | None,
    body: bytes,
    needs_blobs: Collection[str] = (),
    reading: clock.Reading | None = None,
) -> int:
    """Appends an operation; gives its seq. `body` is sealed already. `reading`: the clocks at that moment, as
    evidence only.
    """
    values: dict[str, Any] = {
        "op_id": uuid7(),
        "kind": kind,
        "entity_id": entity_id,
        "base_rev": base_rev,
        "schema_v": SCHEMA_V,
        "body": body,
        "body_sha256": hashlib.sha256(body).digest(),
        "needs_blobs": msgspec.json.encode(list(needs_blobs)).decode(),
        "wall_ms": reading.wall_ms if reading else None,
        "mono_ms": reading.mono_ms if reading else None,
        "boot_id": reading.boot_id if reading else None,
    }
    return _append(db, values)


def adopt(db: Database, row: dict[str, Any]) -> int | None:
    """Takes an operation over from another database of this tablet: as it was sealed, under its own id, at the end of this
    log, and waiting; the center knows again what it has already. None when it is here, or not what was written.
    """
    if not row["body"] or not is_sound(row):
        return None
    if db.conn.execute("SELECT 1 FROM op_log WHERE op_id = ?", (row["op_id"],)).fetchone() is not None:
        return None
    return _append(db, {name: row[name] for name in _CARRIED})


def _append(db: Database, carried: dict[str, Any]) -> int:
    """Puts a row at the end of the chain, waiting; gives its seq."""
    dev_epoch(db)
    row = db.conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'op_log'").fetchone()
    last = db.conn.execute("SELECT hash FROM op_log ORDER BY seq DESC LIMIT 1").fetchone()
    seq: int = (row[0] if row else 0) + 1
    values = {"seq": seq, **carried, "prev_hash": last[0] if last else GENESIS, "state": "pending"}
    values["hash"] = chained(values)
    names = ", ".join(values)
    db.conn.execute(f"INSERT INTO op_log ({names}) VALUES ({', '.join(':' + name for name in values)})", values)  # noqa: S608 - names are ours
    return seq


def take(
    db: Database, mono_ms: int, *, max_ops: int = MAX_OPS, max_bytes: int = MAX_BYTES
) -> tuple[list[Op], list[tuple[Op, OpResult]]]:
    """The next operations to push, in order, and those just put into quarantine: they are not what was written.

    At least one when any is due, however large. Must run inside a write.
    """
    taken: list[Op] = []
    unsound: list[tuple[Op, OpResult]] = []
    size = 0
    rows = db.query(
        """
        SELECT * FROM op_log
        WHERE state = 'pending' AND (next_try_mono IS NULL OR next_try_mono <= :now OR next_try_mono > :now + :cap)
        ORDER BY seq
        LIMIT 500
        """,
        # a time beyond the cap was noted before a restart of the machine, when its clock had run for longer
        {"now": mono_ms, "cap": RETRY_CAP_MS},
    )
    for row in list(rows):
        if not is_sound(row):
            result = damage_of(row)
            settle(db, row["seq"], "quarantined", result)
            unsound.append((op_of(row), result))
            continue
        if taken and (len(taken) >= max_ops or size + len(row["body"]) > max_bytes):
            break
        size += len(row["body"])
        taken.append(op_of(row))
    return taken, unsound


def record(db: Database, result: OpResult, mono_ms: int) -> str | None:
    """Notes the center's word on one operation; gives its new state, None when it is not one of ours that was
    waiting.
    """
    row = next(
        iter(db.query("SELECT seq, op_id, state, tries FROM op_log WHERE op_id = :op", {"op": result.op_id})), None
    )
    if row is None or row["seq"] != result.seq or row["state"] != "pending":
        return None
    if result.status == "retry":
        tries = row["tries"] + 1
        if tries > MAX_RETRIES:
            return settle(
                db, row["seq"], "rejected", msgspec.structs.replace(result, code=result.code or "op_never_taken")
            )
        wait = min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** (tries - 1))
        db.conn.execute(
            "UPDATE op_log SET tries = ?, next_try_mono = ?, result = ? WHERE seq = ?",
            (tries, mono_ms + wait, msgspec.json.encode(result).decode(), row["seq"]),
        )
        return "pending"
    state = {"applied": "accepted", "duplicate": "accepted", "conflict": "conflict", "rejected": "rejected"}[
        result.status
    ]
    return settle(db, row["seq"], state, result)


def decided(db: Database, op_id: str) -> bool:
    """A person at the center has chosen what becomes of an operation that was a conflict: it is as good as accepted now."""
    done = db.conn.execute("UPDATE op_log SET state = 'accepted' WHERE op_id = ? AND state = 'conflict'", (op_id,))
    return bool(done.rowcount)


def settle(db: Database, seq: int, state: str, result: OpResult) -> str:
    """Gives an operation its new state."""
    db.conn.execute(
        "UPDATE op_log SET state = ?, next_try_mono = NULL, result = ? WHERE seq = ?",
        (state, msgspec.json.encode(result).decode(), seq),
    )
    return state
