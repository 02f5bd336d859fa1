"""Sealed photographs as files under their SHA-256: `ab/cd/<address>`. Durable before anything names them (sync.md B.2).

Used on both ends: what the tablet sealed and what the center received are the same bytes. A file that no row names is
harmless.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from pathlib import Path
from time import time

from honorcard.durable import adopt_below, write_below

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
    write_below(folder, target, content)
    return address


def adopt(folder: Path, draft: Path, address: str) -> None:
    """Makes a finished file (same file system, already checked) the blob of that address; durable on return."""
    adopt_below(folder, path_of(folder, address), draft)


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
