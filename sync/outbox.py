"""The outbox: an append-only log of sealed operations in the caller's database, beside the blobs they name (sync.md
B.2).

Every function takes the database inside the caller's transaction, so that an operation is written together with the
fact it reports. There is no "being sent" on the disk: what the center has not answered is `pending`, whatever happened
in between. An operation whose bytes are no longer what they were is put into quarantine before use; the others go on.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlite_utils import Database

from sync import clock
from sync.ids import uuid7
from sync.wire import SCHEMA_V, Op, OpKind, OpResult

MAX_OPS = 50
MAX_BYTES = 512 * 1024
MAX_RETRIES = 20  # of an operation the center asks to send again; then a person must look (sync.md B.10)
RETRY_FIRST_MS = 2_000
RETRY_CAP_MS = 15 * 60 * 1000

_GENESIS = bytes(32)
_CARRIED = (
    "op_id", "kind", "entity_id", "base_rev", "schema_v", "body", "body_sha256", "needs_blobs", "wall_ms", "mono_ms",
    "boot_id",
)  # fmt: skip


@dataclass(frozen=True)
class Blob:
    """A sealed file that belongs to an operation: its address (hex), size, and what is known of its upload."""

    sha256: str
    size: int
    state: str
    upload_url: str | None
    tries: int


def dev_epoch(db: Database) -> str:
    """The random number of this database's life, made at first use: a restored or copied tablet shows by it (sync.md
    B.1).
    """
    row = db.conn.execute("SELECT v FROM meta WHERE k = 'dev_epoch'").fetchone()
    if row is not None:
        return str(row[0])
    epoch = secrets.token_hex(8)
    db.conn.execute("INSERT INTO meta (k, v) VALUES ('dev_epoch', ?)", (epoch,))
    return epoch


def part(db: Database, op_ids: Collection[str] = ()) -> None:
    """Gives this database another name: the center has heard more under the present one, so that this is a copy, or was set
    back. What waits here is sent under the new name; by its own ids nothing is taken twice.

    op_ids: the operations whose place in the log was taken; for each this is done once.
    """
    _remember(db, "dev_epoch", secrets.token_hex(8))
    _remember(db, "parted", "untold")
    if op_ids:
        _remember(db, "parted_for", msgspec.json.encode(sorted({*parted_for(db), *op_ids})).decode())


def has_parted(db: Database) -> bool:
    """Whether the center is still to be told that this database has another name now."""
    row = db.conn.execute("SELECT v FROM meta WHERE k = 'parted'").fetchone()
    return row is not None and row[0] == "untold"


def told_parted(db: Database) -> None:
    """The center has heard of it."""
    db.conn.execute("UPDATE meta SET v = 'told' WHERE k = 'parted' AND v = 'untold'")


def parted_for(db: Database) -> set[str]:
    """The operations for which it got another name before."""
    row = db.conn.execute("SELECT v FROM meta WHERE k = 'parted_for'").fetchone()
    return set() if row is None else set(msgspec.json.decode(row[0]))


def last_seq(db: Database) -> int:
    """The highest seq ever given in this log; 0 before the first."""
    row = db.conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'op_log'").fetchone()
    return 0 if row is None else int(row[0])


def not_brought(db: Database) -> int:
    """How many operations and files only this tablet has: waiting, not taken by the center, or damaged."""
    ops = db.conn.execute("SELECT count(*) FROM op_log WHERE state IN ('pending', 'rejected', 'quarantined')").fetchone()
    files = db.conn.execute("SELECT count(*) FROM blob WHERE state IN ('local', 'quarantined')").fetchone()
    return int(ops[0]) + int(files[0])


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


def _remember(db: Database, key: str, value: str) -> None:
    db.conn.execute("INSERT INTO meta (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v", (key, value))


def _append(db: Database, carried: dict[str, Any]) -> int:
    """Puts a row at the end of the chain, waiting; gives its seq."""
    dev_epoch(db)
    row = db.conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'op_log'").fetchone()
    last = db.conn.execute("SELECT hash FROM op_log ORDER BY seq DESC LIMIT 1").fetchone()
    seq: int = (row[0] if row else 0) + 1
    values = {"seq": seq, **carried, "prev_hash": last[0] if last else _GENESIS, "state": "pending"}
    values["hash"] = _hash(values)
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
        if not _is_sound(row):
            result = _damage_of(row)
            _settle(db, row["seq"], "quarantined", result)
            unsound.append((_op(row), result))
            continue
        if taken and (len(taken) >= max_ops or size + len(row["body"]) > max_bytes):
            break
        size += len(row["body"])
        taken.append(_op(row))
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
            return _settle(
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
    return _settle(db, row["seq"], state, result)


def decided(db: Database, op_id: str) -> bool:
    """A person at the center has chosen what becomes of an operation that was a conflict: it is as good as accepted now."""
    done = db.conn.execute("UPDATE op_log SET state = 'accepted' WHERE op_id = ? AND state = 'conflict'", (op_id,))
    return bool(done.rowcount)


def mark_durable(db: Database, through: int, server_ms: int | None = None) -> None:
    """The center's backup covers everything up to that seq. server_ms: when it said so, by its own clock."""
    db.conn.execute(
        "UPDATE op_log SET state = 'durable', durable_ms = ? WHERE state = 'accepted' AND seq <= ?", (server_ms, through)
    )


def release(db: Database, server_ms: int, keep_ms: int) -> list[str]:
    """Lets go of what has been durable at the center for that long: the sealed bytes; the row stays, so that the chain of
    hashes still holds. Gives the addresses of the files nobody needs any more, to be removed after the commit.

    By the center's clock at both ends: this tablet's own may have been wrong.
    """
    db.conn.execute(
        "UPDATE op_log SET body = x'' WHERE state = 'durable' AND length(body) > 0 AND durable_ms <= ?",
        (server_ms - keep_ms,),
    )
    free = db.conn.execute(
        """
        DELETE FROM blob
        WHERE state IN ('stored', 'durable')
          AND NOT EXISTS (
            SELECT 1 FROM op_log AS o, json_each(o.needs_blobs) AS named
            WHERE length(o.body) > 0 AND unhex(named.value) = blob.sha256
          )
        RETURNING sha256
        """
    )
    return [row[0].hex() for row in free.fetchall()]


def reoffer(db: Database, contiguous_through: int) -> int:
    """The center was restored: what it may have forgotten waits again, photographs included. Gives how many
    operations (sync.md B.5).
    """
    forgotten = "state IN ('accepted', 'durable', 'conflict') AND length(body) > 0 AND seq > ?"
    db.conn.execute("UPDATE blob SET state = 'local', upload_url = NULL WHERE state IN ('stored', 'durable')")
    done = db.conn.execute(
        f"UPDATE op_log SET state = 'pending', tries = 0, next_try_mono = NULL WHERE {forgotten}",  # noqa: S608 - constant
        (contiguous_through,),
    )
    return int(done.rowcount)


def quarantine_damaged(db: Database) -> list[int]:
    """Puts every operation that is not durable and not what was written into quarantine; gives their seqs. For the
    start; must run inside a write.
    """
    found = []
    for row in list(db.query("SELECT * FROM op_log WHERE state IN ('pending', 'accepted', 'conflict', 'rejected')")):
        if not _is_sound(row):
            _settle(db, row["seq"], "quarantined", _damage_of(row))
            found.append(row["seq"])
    return found


def adopt(db: Database, row: dict[str, Any]) -> int | None:
    """Takes an operation over from another database of this tablet: as it was sealed, under its own id, at the end of this
    log, and waiting; the center knows again what it has already. None when it is here, or not what was written.
    """
    if not row["body"] or not _is_sound(row):
        return None
    if db.conn.execute("SELECT 1 FROM op_log WHERE op_id = ?", (row["op_id"],)).fetchone() is not None:
        return None
    return _append(db, {name: row[name] for name in _CARRIED})


def whole(db: Database) -> Iterator[Op]:
    """Every operation that is still here with its bytes and sound, in order: what a rescue file carries."""
    for (seq,) in db.conn.execute("SELECT seq FROM op_log WHERE length(body) > 0 ORDER BY seq").fetchall():
        op = whole_one(db, seq)
        if op is not None:
            yield op


def whole_one(db: Database, seq: int) -> Op | None:
    """That operation; None when its bytes are let go of, or not what was written."""
    for row in list(db.query("SELECT * FROM op_log WHERE seq = :seq AND length(body) > 0", {"seq": seq})):
        if _is_sound(row):
            return _op(row)
    return None


def kept(db: Database) -> int:
    """How many operations are here with their bytes, sound or not."""
    return int(db.conn.execute("SELECT count(*) FROM op_log WHERE length(body) > 0").fetchone()[0])


def chain(db: Database, seq: int) -> tuple[bytes, bytes]:
    """The hash before an operation, and its own."""
    row = db.conn.execute("SELECT prev_hash, hash FROM op_log WHERE seq = ?", (seq,)).fetchone()
    return bytes(row[0]), bytes(row[1])


def not_understood(db: Database) -> int:
    """How many operations the center refused because it did not know their kind or schema."""
    sql = "SELECT count(*) FROM op_log WHERE state = 'rejected' AND json_extract(result, '$.code') = 'op_kind_unknown'"
    return int(db.conn.execute(sql).fetchone()[0])


def offer_understood(db: Database, kinds: Collection[str], newest: int) -> list[str]:
    """What the center refused because it did not know it yet, and knows now, after its update: it waits again. Gives whose
    operations they are. newest: the newest schema it reads.
    """
    done = db.conn.execute(
        """
        UPDATE op_log SET state = 'pending', tries = 0, next_try_mono = NULL
        WHERE state = 'rejected' AND json_extract(result, '$.code') = 'op_kind_unknown'
          AND schema_v <= :newest AND kind IN (SELECT value FROM json_each(:kinds))
        RETURNING entity_id
        """,
        {"newest": newest, "kinds": msgspec.json.encode(list(kinds)).decode()},
    )
    return [row[0] for row in done.fetchall()]


def damaged(db: Database) -> list[int]:
    """The seqs whose bytes or place in the chain are not what was written; empty for a sound log. For the start and
    for doubts.
    """
    found = []
    before: bytes | None = None
    for row in db.query("SELECT * FROM op_log ORDER BY seq"):
        if not _is_sound(row) or (before is not None and row["prev_hash"] != before):
            found.append(row["seq"])
        before = row["hash"]
    return found


# --- blobs ---


def add_blob(db: Database, sha256: str, size: int) -> None:
    """Notes a sealed file that lies on the disk already; the same file twice is one."""
    db.conn.execute(
        """
        INSERT INTO blob (sha256, size, mime, state) VALUES (?, ?, 'application/octet-stream', 'local')
        ON CONFLICT (sha256) DO NOTHING
        """,
        (bytes.fromhex(sha256), size),
    )


def offered_blobs(db: Database, limit: int = 200) -> list[Blob]:
    """Files that the center may be asked about: not stored there yet, and named by an operation it has accepted, or keeps
    for a reviewer to choose.
    """
    if not blobs_left(db):  # as a rule: spares reading the whole log
        return []
    rows = db.query(
        """
        SELECT b.sha256, b.size, b.state, b.upload_url, b.tries, min(o.seq) AS first
        FROM op_log AS o, json_each(o.needs_blobs) AS named
        JOIN blob AS b ON b.sha256 = unhex(named.value)
        WHERE o.state IN ('accepted', 'durable', 'conflict') AND b.state = 'local'
        GROUP BY b.sha256
        ORDER BY b.tries > 2, first, b.sha256
        LIMIT :limit
        """,
        {"limit": limit},
    )
    return [Blob(row["sha256"].hex(), row["size"], row["state"], row["upload_url"], row["tries"]) for row in rows]


def blobs_left(db: Database) -> int:
    """How many files the center has not confirmed."""
    return int(db.conn.execute("SELECT count(*) FROM blob WHERE state = 'local'").fetchone()[0])


def unsettled_blobs(db: Database) -> list[str]:
    """The addresses of the files that must lie here: those of operations that are not let go of."""
    rows = db.conn.execute("SELECT sha256 FROM blob WHERE state != 'quarantined' ORDER BY sha256")
    return [row[0].hex() for row in rows]


def mend_blob(db: Database, sha256: str) -> None:
    """The file is whole again: it waits for the center once more, which says whether it needs it."""
    db.conn.execute(
        "UPDATE blob SET state = 'local' WHERE sha256 = ? AND state = 'quarantined'", (bytes.fromhex(sha256),)
    )


def quarantined_blobs(db: Database) -> list[str]:
    """The addresses of the files found damaged or gone."""
    return [row[0].hex() for row in db.conn.execute("SELECT sha256 FROM blob WHERE state = 'quarantined'")]


def blob_addresses(db: Database) -> set[str]:
    """The addresses of all files there is a row for."""
    return {row[0].hex() for row in db.conn.execute("SELECT sha256 FROM blob")}


def note_upload(db: Database, sha256: str, url: str | None, offset: int) -> None:
    """Where an upload goes on, and how far it came (for the screen; the center's offset is the truth)."""
    db.conn.execute(
        "UPDATE blob SET upload_url = ?, up_offset = ? WHERE sha256 = ?", (url, offset, bytes.fromhex(sha256))
    )


def forget_uploads(db: Database) -> None:
    """Another enrolment: uploads under way belong to the old one, and are begun anew."""
    db.conn.execute("UPDATE blob SET upload_url = NULL, up_offset = 0, tries = 0")


def note_refused(db: Database, sha256: str) -> None:
    """This file could not be brought to the center; it is tried again, after the others."""
    db.conn.execute("UPDATE blob SET tries = tries + 1, upload_url = NULL WHERE sha256 = ?", (bytes.fromhex(sha256),))


def settle_blob(db: Database, sha256: str, state: str) -> None:
    """`stored`: the center has it, whole. `quarantined`: the file here is no longer what its address says."""
    db.conn.execute("UPDATE blob SET state = ?, upload_url = NULL WHERE sha256 = ?", (state, bytes.fromhex(sha256)))


# --- inside ---


def _settle(db: Database, seq: int, state: str, result: OpResult) -> str:
    db.conn.execute(
        "UPDATE op_log SET state = ?, next_try_mono = NULL, result = ? WHERE seq = ?",
        (state, msgspec.json.encode(result).decode(), seq),
    )
    return state


def _damage_of(row: dict[str, Any]) -> OpResult:
    return OpResult(seq=row["seq"], op_id=row["op_id"], status="rejected", code="op_damaged")


def _is_sound(row: dict[str, Any]) -> bool:
    released = row["state"] == "durable" and not row["body"]  # its bytes are let go, by `release`
    whole = released or hashlib.sha256(row["body"]).digest() == row["body_sha256"]
    return bool(whole and _hash(row) == row["hash"])


def _hash(row: dict[str, Any]) -> bytes:
    named = [row[name] for name in ("seq", "op_id", "kind", "entity_id", "base_rev", "schema_v", "needs_blobs")]
    return hashlib.sha256(row["prev_hash"] + row["body_sha256"] + msgspec.json.encode(named)).digest()


def _op(row: dict[str, Any]) -> Op:
    return Op(
        seq=row["seq"],
        op_id=row["op_id"],
        kind=row["kind"],
        entity_id=row["entity_id"],
        base_rev=row["base_rev"],
        schema_v=row["schema_v"],
        sha256=row["body_sha256"].hex(),
        needs_blobs=tuple(msgspec.json.decode(row["needs_blobs"])),
        body=row["body"],
        wall_ms=row["wall_ms"],
        mono_ms=row["mono_ms"],
        boot_id=row["boot_id"],
    )
