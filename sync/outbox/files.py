"""The sealed files that operations name, and how far each has come. Their bytes: sync.blobs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True)
class Blob:
    """A sealed file that belongs to an operation: its address (hex), size, and what is known of its upload."""

    sha256: str
    size: int
    state: str
    upload_url: str | None
    tries: int


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


def waits(db: Database) -> bool:
    """Whether anything is still to be brought to the center: an operation, or a file."""
    pending = db.conn.execute("SELECT 1 FROM op_log WHERE state = 'pending' LIMIT 1").fetchone()
    return pending is not None or blobs_left(db) > 0


def blobs_left(db: Database) -> int:
    """How many files the center has not confirmed, of operations that it has not refused: it would not take the others."""
    if db.conn.execute("SELECT 1 FROM blob WHERE state = 'local' LIMIT 1").fetchone() is None:
        return 0
    found = db.conn.execute(
        """
        SELECT count(DISTINCT b.sha256)
        FROM op_log AS o, json_each(o.needs_blobs) AS named
        JOIN blob AS b ON b.sha256 = unhex(named.value)
        WHERE o.state IN ('pending', 'accepted', 'durable', 'conflict') AND b.state = 'local'
        """
    )
    return int(found.fetchone()[0])


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
