"""Uploads under way and files received, by content address (sync.md B.4). How far an upload came is told by its file,
not by a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from center.store.tables import application_photo, blob, blob_ref, proposal_photo, upload


@dataclass(frozen=True)
class Upload:
    """One upload under way."""

    upload_id: str
    device_id: str
    sha256: str
    length: int
    expires_ms: int


def is_named(conn: Connection, device_id: str, address: str) -> bool:
    """Whether an accepted operation of that tablet names the file."""
    query = select(blob_ref.c.sha256).where(
        blob_ref.c.device_id == device_id, blob_ref.c.sha256 == bytes.fromhex(address)
    )
    return conn.execute(query).first() is not None


def missing(conn: Connection, device_id: str, addresses: Iterable[str]) -> list[str]:
    """Which of these files are not here, of those the tablet has named; about others nothing is said."""
    asked = [bytes.fromhex(address) for address in addresses]
    named = set(
        conn.execute(
            select(blob_ref.c.sha256).where(blob_ref.c.device_id == device_id, blob_ref.c.sha256.in_(asked))
        ).scalars()
    )
    here = set(conn.execute(select(blob.c.sha256).where(blob.c.sha256.in_(asked))).scalars())
    wanted = {bytes(address) for address in named} - {bytes(address) for address in here}
    return [address.hex() for address in dict.fromkeys(asked) if address in wanted]


def begin(conn: Connection, new: Upload) -> str | None:
    """Notes a new upload; gives the id of the one it takes the place of (same tablet, same file)."""
    of_file = (upload.c.device_id == new.device_id, upload.c.sha256 == bytes.fromhex(new.sha256))
    before = conn.execute(select(upload.c.upload_id).where(*of_file)).scalar()
    conn.execute(delete(upload).where(*of_file))
    conn.execute(
        insert(upload).values(
            upload_id=new.upload_id,
            device_id=new.device_id,
            sha256=bytes.fromhex(new.sha256),
            length=new.length,
            expires_ms=new.expires_ms,
        )
    )
    return None if before is None else str(before)


def find(conn: Connection, upload_id: str) -> Upload | None:
    """The upload of that id."""
    row = conn.execute(select(upload).where(upload.c.upload_id == upload_id)).first()
    return None if row is None else Upload(row.upload_id, row.device_id, row.sha256.hex(), row.length, row.expires_ms)


def bytes_under_way(conn: Connection, device_id: str) -> int:
    """How many bytes the tablet's unfinished uploads may come to."""
    # rows of finished uploads stay for a week, for whoever asks again: they are no longer under way
    finished = select(blob.c.sha256).where(blob.c.sha256 == upload.c.sha256).exists()
    query = select(func.coalesce(func.sum(upload.c.length), 0)).where(upload.c.device_id == device_id, ~finished)
    return int(conn.execute(query).scalar_one())


def end(conn: Connection, upload_id: str) -> None:
    """Forgets an upload."""
    conn.execute(delete(upload).where(upload.c.upload_id == upload_id))


def take_expired(conn: Connection, now_ms: int) -> list[str]:
    """Forgets the uploads whose time is over; gives their ids."""
    gone = [
        str(found) for found in conn.execute(select(upload.c.upload_id).where(upload.c.expires_ms <= now_ms)).scalars()
    ]
    conn.execute(delete(upload).where(upload.c.upload_id.in_(gone)))
    return gone


def is_stored(conn: Connection, address: str) -> bool:
    """Whether the file is here, whole and checked."""
    return conn.execute(select(blob.c.sha256).where(blob.c.sha256 == bytes.fromhex(address))).first() is not None


def note_stored(conn: Connection, address: str, size: int, now_ms: int) -> None:
    """The file lies on the disk, whole and checked; photographs that awaited it can be opened."""
    if not is_stored(conn, address):
        conn.execute(insert(blob).values(sha256=bytes.fromhex(address), size=size, stored_ms=now_ms))
    for table in (application_photo, proposal_photo):
        conn.execute(
            update(table)
            .where(table.c.sealed_sha256 == bytes.fromhex(address), table.c.state == "awaited")
            .values(state="stored")
        )
