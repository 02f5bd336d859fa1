"""Service records that came for slips: sealed under the slip's secret and the birth date, unreadable here."""

from __future__ import annotations

from sqlite_utils import Database


def keep(db: Database, application_id: str, idx: bytes, sealed: bytes, rev: int, now_ms: int) -> None:
    """A record as it came, in place of an older one of the same application."""
    db.conn.execute(
        """
        INSERT INTO own_record (application_id, slip_idx, sealed, rev, received_ms)
        VALUES (:id, :idx, :sealed, :rev, :now)
        ON CONFLICT (application_id) DO UPDATE
        SET slip_idx = excluded.slip_idx, sealed = excluded.sealed, rev = excluded.rev, received_ms = excluded.received_ms
        WHERE excluded.rev >= rev
        """,
        {"id": application_id, "idx": idx, "sealed": sealed, "rev": rev, "now": now_ms},
    )


def by_slip(db: Database, idx: bytes) -> tuple[str, bytes] | None:
    """(application, sealed record) that a slip and a birth date lead to."""
    row = db.conn.execute("SELECT application_id, sealed FROM own_record WHERE slip_idx = ?", (idx,)).fetchone()
    return None if row is None else (str(row[0]), bytes(row[1]))


def is_here(db: Database, application_id: str) -> bool:
    """Whether a record came for that application."""
    sql = "SELECT count(*) FROM own_record WHERE application_id = ?"
    return bool(db.conn.execute(sql, (application_id,)).fetchone()[0])


def forget_revs(db: Database) -> None:
    """The center was restored: what it sends from now on counts, even with a lower rev than before."""
    db.conn.execute("UPDATE own_record SET rev = 0")
