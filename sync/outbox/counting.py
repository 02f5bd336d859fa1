"""How far the center counts this log without a gap, which decides what is durable and what a restored center is offered.

A gap would stop it for ever: an operation that will not come, or one that the center knows under an earlier name of this
database. The first are named to it; the second are sent once more, and it knows them again by their ids.
"""

from __future__ import annotations

from itertools import groupby

import msgspec
from sqlite_utils import Database

from sync.outbox import meta
from sync.outbox.log import MAX_BYTES, MAX_OPS, MAX_RETRIES
from sync.outbox.rows import is_sound, op_of
from sync.wire import MAX_OVER, Op

_OVER = "counted_over"


def to_count_over(db: Database, after: int | None = None) -> tuple[tuple[int, int], ...]:
    """The seqs that the center must not wait for, as (first, last): let go of here, damaged, or never taken for a reason that
    the center did not keep. Must run inside a write: those that may come after all are remembered.

    At most MAX_OVER stretches: the first ones after that seq; where it is not known how far the center counts, the last ones,
    since those before them were named when they were the last.
    """
    rows = db.conn.execute(
        """
        SELECT seq, state FROM op_log
        WHERE state = 'quarantined'
           OR (state = 'durable' AND length(body) = 0)
           OR (state = 'rejected' AND tries >= ?)
        ORDER BY seq
        """,
        (MAX_RETRIES,),
    ).fetchall()
    remember_over(db, [seq for seq, state in rows if state == "rejected"])
    runs = [[seq for _, (seq, _) in run] for _, run in groupby(enumerate(rows), lambda one: one[1][0] - one[0])]
    if after is None:
        return tuple((run[0], run[-1]) for run in runs[-MAX_OVER:])
    return tuple((run[0], run[-1]) for run in runs if run[-1] > after)[:MAX_OVER]


def counted_over(db: Database) -> list[int]:
    """The seqs over which the center has counted, or may have, although their operations came later: a restored center may
    lack them, however far it counts.
    """
    known = meta.value(db, _OVER)
    return [] if known is None else [int(seq) for seq in msgspec.json.decode(known)]


def remember_over(db: Database, seqs: list[int]) -> None:
    """Adds to them."""
    known = counted_over(db)
    if not set(seqs) <= set(known):
        meta.note(db, _OVER, msgspec.json.encode(sorted({*known, *seqs})).decode())


def settled_after(db: Database, seq: int) -> list[Op]:
    """The next operations after that seq which have had their answer and are still here, up to a batch; none while anything
    waits, since its answer comes first.
    """
    if db.conn.execute("SELECT 1 FROM op_log WHERE state = 'pending' LIMIT 1").fetchone() is not None:
        return []
    found: list[Op] = []
    size = 0
    rows = db.query(
        """
        SELECT * FROM op_log
        WHERE seq > :seq AND length(body) > 0 AND state IN ('accepted', 'durable', 'conflict', 'rejected')
        ORDER BY seq
        LIMIT :most
        """,
        {"seq": seq, "most": MAX_OPS},
    )
    for row in list(rows):
        size += len(row["body"])
        if not is_sound(row) or (found and size > MAX_BYTES):
            break
        found.append(op_of(row))
    return found


def offer_one(db: Database, op_id: str) -> None:
    """The center does not know what it had taken: it waits again."""
    db.conn.execute(
        """
        UPDATE op_log SET state = 'pending', tries = 0, next_try_mono = NULL
        WHERE op_id = ? AND state IN ('accepted', 'durable')
        """,
        (op_id,),
    )
