"""Dead letters: operations that this tablet cannot bring to the center the ordinary way (sync.md B.10), what the center was
told of each and what it said. Refused, asked for in vain too often, or damaged here; and those whose photograph broke here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import msgspec
from sqlite_utils import Database

from honorcard.typed import read_json
from sync import outbox
from sync.wire import Op, OpResult, Stuck

GIVEN_UP = "op_never_taken"
PHOTO_DAMAGED = "op_photo_damaged"

# every operation that waits for a person, and why. The second half, with the whole log, is gone through only where a file broke
_OF_OP = "o.seq, o.op_id, o.kind, o.entity_id, o.base_rev, o.schema_v, o.body_sha256, o.needs_blobs, o.state, o.result"
_DEAD = f"""
    SELECT {_OF_OP},
      CASE
        WHEN o.state = 'quarantined' THEN 'op_damaged'
        WHEN json_extract(o.result, '$.status') = 'retry' THEN 'op_never_taken'
        ELSE coalesce(json_extract(o.result, '$.code'), 'op_never_taken')
      END AS code,
      0 AS broken
    FROM op_log AS o
    WHERE o.state IN ('rejected', 'quarantined')
    UNION ALL
    SELECT {_OF_OP}, 'op_photo_damaged' AS code, count(*) AS broken
    FROM (SELECT 1 FROM blob WHERE state = 'quarantined' LIMIT 1)
    CROSS JOIN op_log AS o
    CROSS JOIN json_each(o.needs_blobs) AS named
    CROSS JOIN blob AS b ON b.sha256 = unhex(named.value)
    WHERE b.state = 'quarantined' AND o.state IN ('accepted', 'durable', 'conflict')
    GROUP BY o.seq
"""  # noqa: S608 - constants
_UNTOLD = f"""
    SELECT dead.*, a.receipt
    FROM ({_DEAD}) AS dead
    LEFT JOIN letter AS l ON l.op_id = dead.op_id
    LEFT JOIN application AS a ON a.application_id = dead.entity_id
    WHERE coalesce(l.told, '') != dead.code AND NOT (coalesce(l.done, 0) = 1 AND dead.state = 'quarantined')
    ORDER BY dead.seq
"""  # noqa: S608 - constants
# files that can still be brought: named by an operation that is whole, and that nobody has dealt with otherwise
_FILES = """
    SELECT DISTINCT b.sha256 AS sha256, b.size AS size, b.state AS state, b.upload_url AS upload_url, b.tries AS tries
    FROM op_log AS o, json_each(o.needs_blobs) AS named
    JOIN blob AS b ON b.sha256 = unhex(named.value)
    LEFT JOIN letter AS l ON l.op_id = o.op_id
    WHERE b.state = 'local' AND o.state != 'quarantined' AND NOT (o.state = 'rejected' AND coalesce(l.done, 0) = 1)
"""


@dataclass(frozen=True)
class Untold:
    """A letter that the center was not told of as it is now, and the code under which it would be."""

    stuck: Stuck
    code: str


def untold(db: Database, at_most: int, max_bytes: int) -> list[Untold]:
    """The next ones, in order of the log: at least one when there is any."""
    found: list[Untold] = []
    size = 0
    for row in list(db.query(f"{_UNTOLD} LIMIT :n", {"n": at_most})):
        whole = (
            outbox.whole_one(db, row["seq"]) if row["code"] != PHOTO_DAMAGED and row["state"] == "rejected" else None
        )
        size += len(whole.body) if whole is not None else 0
        if found and size > max_bytes:
            break
        op = whole or Op(
            seq=row["seq"], op_id=row["op_id"], kind=row["kind"], entity_id=row["entity_id"], base_rev=row["base_rev"],
            schema_v=row["schema_v"], sha256=row["body_sha256"].hex(), needs_blobs=(), body=b"",
        )  # fmt: skip
        details = {"n": row["broken"]} if row["code"] == PHOTO_DAMAGED else _figures(row["result"])
        stuck = Stuck(op=op, code=row["code"], details=details, receipt=row["receipt"] or "")
        found.append(Untold(stuck, row["code"]))
    return found


def told(db: Database, letters: Collection[Untold]) -> None:
    """The center keeps these now."""
    for one in letters:
        db.conn.execute(
            """
            INSERT INTO letter (op_id, told) VALUES (?, ?)
            ON CONFLICT (op_id) DO UPDATE SET told = excluded.told, done = 0
            """,
            (one.stuck.op.op_id, one.code),
        )


def settle(db: Database, op_id: str) -> str | None:
    """A person at the center has dealt with it otherwise, as it is now; gives whose it is, None when it is none of ours."""
    db.conn.execute(
        f"""
        INSERT INTO letter (op_id, told, done) SELECT op_id, code, 1 FROM ({_DEAD}) WHERE op_id = :op
        ON CONFLICT (op_id) DO UPDATE SET told = excluded.told, done = 1
        """,  # noqa: S608 - constants
        {"op": op_id},
    )
    return _entity(db, op_id)


def offer_again(db: Database, op_id: str) -> str | None:
    """The center takes it now: it waits once more. Gives whose it is; None when it is not here, or is no letter."""
    row = db.conn.execute(
        """
        UPDATE op_log SET state = 'pending', tries = 0, next_try_mono = NULL
        WHERE op_id = ? AND state = 'rejected' AND length(body) > 0
        RETURNING seq, entity_id
        """,
        (op_id,),
    ).fetchone()
    if row is None:
        return None
    outbox.remember_over(db, [row[0]])  # a restored center may lack it, however far it counts
    db.conn.execute("UPDATE letter SET told = NULL, done = 0 WHERE op_id = ?", (op_id,))
    return str(row[1])


def is_there(db: Database, op_id: str) -> str | None:
    """The center has it whole; what broke is this tablet's copy alone, so that only its photographs are still brought. Gives
    whose it is; None when it is not here, or did not break.
    """
    row = db.conn.execute(
        "UPDATE op_log SET state = 'accepted', result = NULL WHERE op_id = ? AND state = 'quarantined' RETURNING entity_id",
        (op_id,),
    ).fetchone()
    if row is None:
        return None
    db.conn.execute("UPDATE letter SET told = NULL, done = 0 WHERE op_id = ?", (op_id,))
    return str(row[0])


def tell_all_again(db: Database) -> None:
    """The center came back from a backup, or knows this tablet under another name now: it is told once more."""
    db.conn.execute("UPDATE letter SET told = NULL WHERE done = 0")


def files_of_told(db: Database, limit: int = 200) -> list[outbox.Blob]:
    """Photographs of refused operations that the center keeps a letter of: it takes them, if they are brought."""
    rows = db.query(
        f"{_FILES} AND o.state = 'rejected' AND l.told IS NOT NULL ORDER BY b.tries > 2, b.sha256 LIMIT :n",
        {"n": limit},
    )
    return [
        outbox.Blob(row["sha256"].hex(), row["size"], row["state"], row["upload_url"], row["tries"]) for row in rows
    ]


def in_the_way(db: Database) -> int:
    """How many operations and files keep this tablet from being emptied: what can still be brought, and what the center does
    not know to be lost. What was refused or broke here does not, once the center keeps a letter of it.
    """
    ops = db.conn.execute("SELECT count(*) FROM op_log WHERE state = 'pending'").fetchone()[0]
    letters = db.conn.execute(f"SELECT count(*) FROM ({_UNTOLD})").fetchone()[0]  # noqa: S608 - constants
    files = db.conn.execute(f"SELECT count(*) FROM ({_FILES})").fetchone()[0]  # noqa: S608 - constants
    return int(ops) + int(letters) + int(files)


def _entity(db: Database, op_id: str) -> str | None:
    row = db.conn.execute("SELECT entity_id FROM op_log WHERE op_id = ?", (op_id,)).fetchone()
    return None if row is None else str(row[0])


def _figures(result: str | None) -> dict[str, int] | None:
    try:
        return read_json(result, OpResult).details if result else None
    except msgspec.MsgspecError:
        return None
