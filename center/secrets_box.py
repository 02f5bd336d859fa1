"""The server's own secrets: made at first use, kept in the keys folder (mode 0600), and what is encrypted under them."""

from __future__ import annotations

import contextlib
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from honorcard.durable import write_durably

SECRET_BYTES = 32


def server_secret(keys_dir: Path, name: str) -> bytes:
    """32 bytes that only this server has; two processes that start at once end up with the same ones."""
    path = keys_dir / f"{name}.key"
    with contextlib.suppress(FileNotFoundError):
        found = path.stat()
        return _read(path, found.st_ino, found.st_mtime_ns)
    keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(path, secrets.token_bytes(SECRET_BYTES), 0o600, unless_there=True)
    return path.read_bytes()


@lru_cache(maxsize=32)
def _read(path: Path, _inode: int, _changed_ns: int) -> bytes:
    """Asked for many times in one batch of a tablet, so that a file that is still the same is not read again."""
    return path.read_bytes()


def close_box(key: bytes, clear: bytes, label: bytes) -> bytes:
    """`clear` under AES-256-GCM: nonce, then ciphertext; `label` says what it is and must be the same on opening."""
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(key).encrypt(nonce, clear, label)


def open_box(key: bytes, box: bytes, label: bytes) -> bytes:
    """What `close_box` closed; cryptography.exceptions.InvalidTag when key, label or bytes are not the same."""
    return AESGCM(key).decrypt(box[:12], box[12:], label)
