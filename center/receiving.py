"""Bytes of uploads under way: a file each, whose length is the offset; whole and checked, it becomes a blob (sync.md
B.4).

The order at the end: hash of the whole file, fsync, rename, fsync of the folder, then the row, then the answer. What
is not here: the protocol (uploads). Uploads under way are files even where an object store keeps what is whole: any
process of the center must see the folder they lie in.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time

from center import photostore
from center.settings import Settings
from center.store import Store, uploads
from center.store.uploads import Upload
from sync.crash import crash_here

ORPHAN_AFTER_S = 24 * 3600
_PARTS = "partial"


class OffsetError(Exception):
    """The bytes do not begin where the file ends; `offset` is where it does."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class WrongContentError(Exception):
    """The whole file is not what its address says; it was thrown away."""


def offset(store: Store, settings: Settings, upload: Upload, now_ms: int) -> int:
    """How many bytes are held. A file that was whole when the process stopped is finished first (crash point S3)."""
    if upload.is_stored:
        return upload.length
    with _held(settings, upload) as part:
        size = part.stat().st_size
        if size < upload.length:
            return size
        try:
            _finish(store, settings, upload, part, now_ms)
        except WrongContentError:
            return 0
    return upload.length


def append(store: Store, settings: Settings, upload: Upload, at: int, chunk: bytes, now_ms: int) -> int:
    """Adds a chunk that begins at `at`; gives the new offset, the whole length when the file is complete, checked and
    kept.

    OffsetError when it begins elsewhere or goes past the end; WrongContentError at the end; OSError when the disk is
    full (then nothing of the chunk is kept).
    """
    if upload.is_stored:
        raise OffsetError(upload.length)
    with _held(settings, upload) as part:
        size = part.stat().st_size
        if at != size or size + len(chunk) > upload.length:
            raise OffsetError(size)
        with part.open("r+b") as file:
            try:
                file.seek(size)
                file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), size)
                raise
        if size + len(chunk) == upload.length:
            _finish(store, settings, upload, part, now_ms)
        return size + len(chunk)


def take_whole(store: Store, settings: Settings, upload: Upload, content: bytes, now_ms: int) -> str | None:
    """Keeps a file that came in one piece, and notes its upload as finished; gives the id of the upload whose place it took.

    WrongContentError when it is not what its address says; OSError when the disk is full. Nothing of it is kept then.
    """
    try:
        photostore.put(settings, "sealed", upload.sha256, content)
    except ValueError:
        raise WrongContentError from None
    _is_kept()
    with store.write() as conn:
        before = uploads.begin(conn, upload)
        uploads.note_stored(conn, upload.sha256, len(content), now_ms)
    return before


def discard(settings: Settings, upload_id: str) -> None:
    """Throws away what is held of an upload."""
    _part(settings, upload_id).unlink(missing_ok=True)


def sweep(store: Store, settings: Settings, now_ms: int) -> int:
    """Throws away expired uploads, and parts without a row a day after their last byte; gives how many files."""
    with store.write() as conn:
        gone = set(uploads.take_expired(conn, now_ms))
    for upload_id in gone:
        discard(settings, upload_id)
    swept = len(gone)
    for part in (settings.blobs_dir / _PARTS).glob("*"):
        with store.read() as conn:
            orphan = uploads.find(conn, part.name) is None
        if orphan and time() - part.stat().st_mtime > ORPHAN_AFTER_S:
            part.unlink(missing_ok=True)
            swept += 1
    return swept


def _finish(store: Store, settings: Settings, upload: Upload, part: Path, now_ms: int) -> None:
    with part.open("rb") as file:
        address = hashlib.file_digest(file, "sha256").hexdigest()
    if address != upload.sha256:
        part.unlink()
        raise WrongContentError
    photostore.adopt(settings, "sealed", address, part)
    _is_kept()
    with store.write() as conn:
        uploads.note_stored(conn, address, upload.length, now_ms)


def _is_kept() -> None:
    """The file has its place under its address, and no row says so yet."""
    crash_here("S3")


@contextmanager
def _held(settings: Settings, upload: Upload) -> Iterator[Path]:
    """The upload's file, locked against other requests; made empty when it is not there."""
    part = _part(settings, upload.upload_id)
    part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not part.exists():  # finished by the request that held it before us
            part.touch(0o600)
        yield part
    finally:
        os.close(handle)


def _part(settings: Settings, upload_id: str) -> Path:
    if "/" in upload_id or "\\" in upload_id or upload_id.startswith("."):
        raise ValueError("not an upload's id")
    return settings.blobs_dir / _PARTS / upload_id
