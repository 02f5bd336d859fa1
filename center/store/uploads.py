"""Uploads under way and files received, by content address (sync.md B.4). How far an upload came is told by its file,
not by a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, insert, select, update

from center.store import bulk
from center.store.tables import application_photo, blob, blob_ref, proposal_photo, upload


@dataclass(frozen=True)
class Upload:
    """One upload under way. is_stored: its file was here already, whole and checked, when the row was read."""

    upload_id: str
    device_id: str
    sha256: str
    length: int
    expires_ms: int
    is_stored: bool = False


# what every photograph asks is made once (as in intake)
_sha256: BindParameter[bytes] = bindparam("of_sha256")
_device_id: BindParameter[str] = bindparam("of_device")
_IS_NAMED = select(blob_ref.c.sha256).where(blob_ref.c.device_id == _device_id, blob_ref.c.sha256 == _sha256)
_IS_STORED = select(blob.c.sha256).where(blob.c.sha256 == _sha256)
_OF_FILE = (upload.c.device_id == _device_id, upload.c.sha256 == _sha256)
_BEFORE = select(upload.c.upload_id).where(*_OF_FILE)
_FORGET = delete(upload).where(*_OF_FILE)
_BEGIN = insert(upload)
_FIND = (
    select(upload, blob.c.stored_ms)
    .outerjoin(blob, blob.c.sha256 == upload.c.sha256)
    .where(upload.c.upload_id == bindparam("of_upload"))
)
_ARRIVED = [
    update(table).where(table.c.sealed_sha256 == _sha256, table.c.state == "awaited").values(state="stored")
    for table in (application_photo, proposal_photo)
]
# rows of finished uploads stay for a week, for whoever asks again: they are no longer under way
_UNDER_WAY = select(func.coalesce(func.sum(upload.c.length), 0)).where(
    upload.c.device_id == _device_id, ~select(blob.c.sha256).where(blob.c.sha256 == upload.c.sha256).exists()
)


def is_named(conn: Connection, device_id: str, address: str) -> bool:
    """Whether an accepted operation of that tablet names the file."""
    of_file = {"of_device": device_id, "of_sha256": bytes.fromhex(address)}
    return conn.execute(_IS_NAMED, of_file).first() is not None


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
    sha256 = bytes.fromhex(new.sha256)
    of_file = {"of_device": new.device_id, "of_sha256": sha256}
    before = conn.execute(_BEFORE, of_file).scalar()
    if before is not None:
        conn.execute(_FORGET, of_file)
    conn.execute(
        _BEGIN,
        {
            "upload_id": new.upload_id,
            "device_id": new.device_id,
            "sha256": sha256,
            "length": new.length,
            "expires_ms": new.expires_ms,
        },
    )
    return None if before is None else str(before)


def find(conn: Connection, upload_id: str) -> Upload | None:
    """The upload of that id."""
    row = conn.execute(_FIND, {"of_upload": upload_id}).first()
    if row is None:
        return None
    is_stored = row.stored_ms is not None
    return Upload(row.upload_id, row.device_id, row.sha256.hex(), row.length, row.expires_ms, is_stored)


def bytes_under_way(conn: Connection, device_id: str) -> int:
    """How many bytes the tablet's unfinished uploads may come to."""
    return int(conn.execute(_UNDER_WAY, {"of_device": device_id}).scalar_one())


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
    return conn.execute(_IS_STORED, {"of_sha256": bytes.fromhex(address)}).first() is not None


def note_stored(conn: Connection, address: str, size: int, now_ms: int) -> None:
    """The file lies on the disk, whole and checked; photographs that awaited it can be opened."""
    sha256 = bytes.fromhex(address)
    bulk.add(conn, blob, [{"sha256": sha256, "size": size, "stored_ms": now_ms}], unless_there=True)
    for statement in _ARRIVED:
        conn.execute(statement, {"of_sha256": sha256})
