"""The photo box: drafts' photographs as files, each encrypted on its own, gone when the draft is submitted.

A file's name is random and says nothing. What a name means stands in the store (`kiosk.store.drafts`); this module
knows no SQL.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from time import time

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.crash import crash_here

_NAME = re.compile(r"[0-9a-f]{32}")
_NONCE_BYTES = 12
_ORPHAN_AFTER_S = 3600  # younger files may belong to a request that has not committed yet


class PhotoBox:
    """Pictures under the data key (AES-256-GCM, the name authenticated with the content)."""

    def __init__(self, folder: Path, data_key: bytes) -> None:
        self._folder = folder
        # not the data key itself: that one opens the database, and one key should do one thing
        key = HKDF(SHA256(), 32, salt=None, info=b"honorcard draft photographs v1").derive(data_key)
        self._cipher = AESGCM(key)

    def put(self, data: bytes) -> str:
        """Keeps the bytes and gives their name, once they are on the disk for good. OSError when the disk is full."""
        name = secrets.token_hex(16)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, data, name.encode())
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._folder / f"{name}.new"
        try:
            with draft.open("wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            crash_here("K2")
            draft.replace(self._folder / name)
            handle = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        return name

    def get(self, name: str) -> bytes:
        """The bytes kept under that name. KeyError when there are none, or they are not as they were put."""
        path = self._path(name)
        if not path.is_file():
            raise KeyError(name)
        sealed = path.read_bytes()
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyError(name) from error

    def remove(self, *names: str) -> None:
        """Takes them out; names that are not there do not matter."""
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def sweep(self, in_use: Iterable[str], older_than_s: float = _ORPHAN_AFTER_S) -> int:
        """Removes files that no draft needs: left by a crash between the file and its row. Gives how many."""
        kept = set(in_use)
        swept = 0
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            if path.name not in kept and time() - path.stat().st_mtime > older_than_s:
                path.unlink(missing_ok=True)
                swept += 1
        return swept

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise KeyError(name)
        return self._folder / name
