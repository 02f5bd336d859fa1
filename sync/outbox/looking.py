"""What is in the log, for whoever wants to know: whether it is sound, what only this tablet has, what a rescue file carries."""

from __future__ import annotations

from collections.abc import Iterator

from sqlite_utils import Database

from sync.outbox.log import settle
from sync.outbox.rows import damage_of, is_sound, op_of
from sync.wire import Op


def last_seq(db: Database) -> int:
    """The highest seq ever given in this log; 0 before the first."""
    row = db.conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'op_log'").fetchone()
    return 0 if row is None else int(row[0])


def kept(db: Database) -> int:
    """How many operations are here with their bytes, sound or not."""
    return int(db.conn.execute("SELECT count(*) FROM op_log WHERE length(body) > 0").fetchone()[0])


def whole(db: Database) -> Iterator[Op]:
    """Every operation that is still here with its bytes and sound, in order: what a rescue file carries."""
    for (seq,) in db.conn.execute("SELECT seq FROM op_log WHERE length(body) > 0 ORDER BY seq").fetchall():
        op = whole_one(db, seq)
        if op is not None:
            yield op


def whole_one(db: Database, seq: int) -> Op | None:
    """That operation; None when its bytes are let go of, or not what was written."""
    for row in list(db.query("SELECT * FROM op_log WHERE seq = :seq AND length(body) > 0", {"seq": seq})):
        if is_sound(row):
            return op_of(row)
    return None


def chain(db: Database, seq: int) -> tuple[bytes, bytes]:
    """The hash before an operation, and its own."""
    row = db.conn.execute("SELECT prev_hash, hash FROM op_log WHERE seq = ?", (seq,)).fetchone()
    return bytes(row[0]), bytes(row[1])


def damaged(db: Database) -> list[int]:
    """The seqs whose bytes or place in the chain are not what was written; empty for a sound log. For the start and
    for doubts.
    """
    found = []
    before: bytes | None = None
    for row in db.query("SELECT * FROM op_log ORDER BY seq"):
        if not is_sound(row) or (before is not None and row["prev_hash"] != before):
            found.append(row["seq"])
        before = row["hash"]
    return found


def quarantine_damaged(db: Database) -> list[int]:
    """Puts every operation that is not durable and not what was written into quarantine; gives their seqs. For the
    start; must run inside a write.
    """
    found = []
    for row in list(db.query("SELECT * FROM op_log WHERE state IN ('pending', 'accepted', 'conflict', 'rejected')")):
        if not is_sound(row):
            settle(db, row["seq"], "quarantined", damage_of(row))
            found.append(row["seq"])
    return found
