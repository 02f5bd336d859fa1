"""Files of the center by content address: opened photographs, printed sheets. One small interface, so that a city can
put an object store here.

`put` says yes only when the bytes are on the disk (temporary file, fsync, rename, fsync of the folder); a file nobody
names is harmless. What is not here: the sealed bytes as they were uploaded (uploads), and who may look at a
photograph (desk, public).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import threading
from pathlib import Path
from typing import Literal

from center.settings import Settings

Kind = Literal["photo", "sheet", "face"]

_ADDRESS = re.compile(r"^[0-9a-f]{64}$")
_FOLDERS: dict[str, str] = {"sheet": "sheets", "face": "faces"}


def put(settings: Settings, kind: Kind, sha256_hex: str, content: bytes) -> None:
    """Keeps `content` durably under its address; ValueError when the address is not its SHA-256 (`face`: made from
    that photograph).
    """
    if kind != "face" and hashlib.sha256(content).hexdigest() != sha256_hex:
        raise ValueError("not the address of these bytes")
    target = _path(settings, kind, sha256_hex)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    with contextlib.suppress(OSError):  # Windows cannot open a folder
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def get(settings: Settings, kind: Kind, sha256_hex: str) -> bytes | None:
    """The bytes kept under that address; None when there are none."""
    try:
        return _path(settings, kind, sha256_hex).read_bytes()
    except FileNotFoundError:
        return None


def _path(settings: Settings, kind: Kind, address: str) -> Path:
    if not _ADDRESS.match(address):
        raise ValueError("not a content address")
    root = settings.photos_dir if kind == "photo" else settings.data_dir / _FOLDERS[kind]
    return root / address[:2] / address[2:4] / address
