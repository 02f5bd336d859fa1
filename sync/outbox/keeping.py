"""How long an operation is kept: until a backup of the center has held it for long; and when it is offered again (sync.md B.5)."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlite_utils import Database

from sync.outbox.counting import counted_over, remember_over


def mark_durable(db: Database, through: int, server_ms: int | None = None) -> None:
    """The center's backup covers everything up to that seq. server_ms: when it said so, by its own clock."""
    db.conn.execute(
        "UPDATE op_log SET state = 'durable', durable_ms = ? WHERE state = 'accepted' AND seq <= ?",
        (server_ms, through),
    )


def awaits_durable(db: Database) -> bool:
    """Whether the center has taken something of which no backup is known yet."""
    return db.conn.execute("SELECT 1 FROM op_log WHERE state = 'accepted' LIMIT 1").fetchone() is not None


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
    db.conn.execute("UPDATE blob SET state = 'local', upload_url = NULL WHERE state IN ('stored', 'durable')")
    done = db.conn.execute(
        """
        UPDATE op_log SET state = 'pending', tries = 0, next_try_mono = NULL
        WHERE state IN ('accepted', 'durable', 'conflict') AND length(body) > 0
          AND (seq > :through OR seq IN (SELECT value FROM json_each(:over)))
        """,
        {"through": contiguous_through, "over": msgspec.json.encode(counted_over(db)).decode()},
    )
    return int(done.rowcount)


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
        RETURNING entity_id, seq
        """,
        {"newest": newest, "kinds": msgspec.json.encode(list(kinds)).decode()},
    )
    offered = done.fetchall()
    remember_over(db, [row[1] for row in offered])  # the center has counted its refusals
    return [row[0] for row in offered]
