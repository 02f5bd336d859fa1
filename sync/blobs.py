"""Sealed photographs as files under their SHA-256: `ab/cd/<address>`. Durable before anything names them (sync.md B.2).

Used on both ends: what the tablet sealed and what the center received are the same bytes. A file that no row names is
harmless.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Collection
from pathlib import Path
from time import time

from sync.device import sync_folder

ORPHAN_AFTER_S = 24 * 3600.0

_ADDRESS = re.compile(r"[0-9a-f]{64}")


class BlobDamagedError(Exception):
    """A blob is not on the disk, or no longer what its address says."""


def path_of(folder: Path, address: str) -> Path:
    """Where the blob of that address lies. ValueError for anything but 64 hex digits: a path is never made of foreign
    text.
    """
    if not _ADDRESS.fullmatch(address):
        raise ValueError("not a content address")
    return folder / address[:2] / address[2:4] / address


def put(folder: Path, content: bytes) -> str:
    """Keeps the bytes and gives their address, once they are on the disk for good. OSError when the disk is full."""
    address = hashlib.sha256(content).hexdigest()
    target = path_of(folder, address)
    if target.exists() and intact(folder, address):
        return address
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f".{address}.{secrets.token_hex(4)}.new")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync_upwards(folder, target)
    return address


def adopt(folder: Path, draft: Path, address: str) -> None:
    """Makes a finished file (same file system, already checked) the blob of that address; durable on return."""
    target = path_of(folder, address)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.replace(target)
    _sync_upwards(folder, target)


def get(folder: Path, address: str) -> bytes:
    """The bytes of that address, checked. BlobDamagedError when they are gone or changed; OSError when they cannot be
    read now (too many open files, a disk in trouble), which says nothing about them.
    """
    try:
        content = path_of(folder, address).read_bytes()
    except FileNotFoundError as error:
        raise BlobDamagedError(address) from error
    if hashlib.sha256(content).hexdigest() != address:
        raise BlobDamagedError(address)
    return content


def intact(folder: Path, address: str) -> bool:
    """Whether the blob is there and is what its address says."""
    try:
        get(folder, address)
    except BlobDamagedError:
        return False
    return True


def remove(folder: Path, address: str) -> None:
    """Takes a blob out; one that is not there does not matter."""
    path_of(folder, address).unlink(missing_ok=True)


def sweep(folder: Path, known: Collection[str], older_than_s: float = ORPHAN_AFTER_S) -> int:
    """Removes files that no row names and that are older than a day; gives how many. Younger ones may get their row yet."""
    keep = set(known)
    swept = 0
    for path in folder.glob("??/??/*") if folder.is_dir() else ():
        if path.name not in keep and time() - path.stat().st_mtime > older_than_s:
            path.unlink(missing_ok=True)
            swept += 1
    return swept


def _sync_upwards(folder: Path, target: Path) -> None:
    # the folder's own name too: it may have been made for this very file
    for parent in (target.parent, target.parent.parent, folder, folder.parent):
        sync_folder(parent)
