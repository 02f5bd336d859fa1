"""The device's data key: in a file of its own, or wrapped by a passphrase that people type at the start (sync.md B.2).

Wrapped, the key is in this process' memory from the unlocking on and nowhere else; before that `data_key` raises. What is
not here: the page where the passphrase is typed (kiosk.locked), the PIN (kiosk.pins).
"""

from __future__ import annotations

import os
import secrets
import unicodedata
from collections.abc import Callable
from pathlib import Path

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from honorcard.durable import sync_folder, write_durably
from honorcard.problems import ProblemError
from honorcard.typed import read_json
from sync.device import keep_wrapped

KEY_BYTES = 32
MIN_PASSPHRASE = 10
WRAPPED = "data.wrapped"  # beside the key file
TRIES = "data.tries"
FREE_TRIES = 5
WAITS_S = (30, 60, 300, 900, 3600)  # after the fifth wrong try, the sixth …; the last for every further one
_MEMORY_KIB = 64 * 1024
_PASSES = 3
_AAD = b"honorcard/1 data key"

Clock = Callable[[], tuple[str, float]]
_opened: dict[Path, bytes] = {}


class KeyLockedError(RuntimeError):
    """The data key is wrapped and nobody has typed the passphrase since this process began."""


class _Wrapped(msgspec.Struct, frozen=True):
    salt: bytes
    memory_kib: int
    passes: int
    nonce: bytes
    box: bytes


class _Tries(msgspec.Struct, frozen=True):
    failed: int = 0
    wait_s: float = 0.0
    at_s: float = 0.0
    boot: str = ""


def data_key(path: Path) -> bytes:
    """The device's data key, made at first use (mode 0600). Losing it loses the drafts: it exists nowhere else.

    KeyLockedError when it is wrapped and was not unlocked.
    """
    held = _opened.get(path.resolve())
    if held is not None:
        return held
    if path.exists():
        return path.read_bytes()
    if is_wrapped(path):
        raise KeyLockedError
    _write(path, secrets.token_bytes(KEY_BYTES), first=True)
    return path.read_bytes()


def is_wrapped(path: Path) -> bool:
    """Whether the key of that file is wrapped by a passphrase."""
    return not path.exists() and path.with_name(WRAPPED).exists()


def is_open(path: Path) -> bool:
    """Whether the key can be had without a passphrase now."""
    return path.resolve() in _opened or not is_wrapped(path)


def problem_with(passphrase: str) -> ProblemError | None:
    """Why this may not be a passphrase; None when it may."""
    return (
        None if len(_folded(passphrase)) >= MIN_PASSPHRASE else ProblemError("passphrase_short", least=MIN_PASSPHRASE)
    )


def wrap(path: Path, passphrase: str) -> bytes:
    """Wraps the key under that passphrase (one made now, when there is none yet) and takes the bare file away; it stays open.

    ProblemError `passphrase_short`. The key itself does not change: nothing needs to be encrypted anew.
    """
    if (problem := problem_with(passphrase)) is not None:
        raise problem
    key = data_key(path) if path.exists() or path.resolve() in _opened else secrets.token_bytes(KEY_BYTES)
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    box = AESGCM(_stretched(passphrase, salt, _MEMORY_KIB, _PASSES)).encrypt(nonce, key, _AAD)
    _write(path.with_name(WRAPPED), msgspec.json.encode(_Wrapped(salt, _MEMORY_KIB, _PASSES, nonce, box)))
    if path.exists():
        with path.open("r+b") as bare:  # what a disk of magnets would keep; flash needs its own encryption
            bare.write(bytes(KEY_BYTES))
            bare.flush()
            os.fsync(bare.fileno())
        path.unlink()
        sync_folder(path.parent)
    _opened[path.resolve()] = key
    keep_wrapped(path.parent, key)  # the tablet's own keys open returned cases: they are not to lie beside in clear
    return key


def open_with(path: Path, passphrase: str, clock: Clock) -> int:
    """Tries the passphrase: 0 when the key is open now, else the seconds until the next try (at least 1).

    A try is counted and on the disk before the passphrase is looked at (sync.md K13); while a wait runs nothing is tried.
    """
    boot, now_s = clock()
    if (left := wait_s(path, clock)) > 0:
        held = _tries(path)
        if held.boot != boot:  # the machine was off, nobody knows for how long: the wait runs from now
            _keep_tries(path, msgspec.structs.replace(held, boot=boot, at_s=now_s))
        return left
    failed = _tries(path).failed + 1
    wait = 0 if failed < FREE_TRIES else WAITS_S[min(failed - FREE_TRIES, len(WAITS_S) - 1)]
    _keep_tries(path, _Tries(failed, float(wait), now_s, boot))
    wrapped = read_json(path.with_name(WRAPPED).read_bytes(), _Wrapped)
    try:
        stretched = _stretched(passphrase, wrapped.salt, wrapped.memory_kib, wrapped.passes)
        key = AESGCM(stretched).decrypt(wrapped.nonce, wrapped.box, _AAD)
    except InvalidTag:
        return max(1, wait)
    _keep_tries(path, _Tries())
    _opened[path.resolve()] = key
    keep_wrapped(path.parent, key)
    return 0


def wait_s(path: Path, clock: Clock) -> int:
    """Seconds until the passphrase may be tried again."""
    held, (boot, now_s) = _tries(path), clock()
    left = held.wait_s if held.boot != boot else min(held.wait_s, held.wait_s - (now_s - held.at_s))
    return max(0, int(-(-left // 1)))


def forget(path: Path) -> None:
    """Locks the key again: this process does not hold it any more."""
    _opened.pop(path.resolve(), None)


def _stretched(passphrase: str, salt: bytes, memory_kib: int, passes: int) -> bytes:
    return hash_secret_raw(_folded(passphrase).encode(), salt, passes, memory_kib, 1, KEY_BYTES, Type.ID)


def _folded(passphrase: str) -> str:
    return unicodedata.normalize("NFKC", passphrase).strip()


def _tries(path: Path) -> _Tries:
    try:
        return read_json(path.with_name(TRIES).read_bytes(), _Tries)
    except FileNotFoundError:
        return _Tries()
    except msgspec.MsgspecError:  # torn or tampered with: the longest wait
        return _Tries(FREE_TRIES + len(WAITS_S), float(WAITS_S[-1]))


def _keep_tries(path: Path, tries: _Tries) -> None:
    _write(path.with_name(TRIES), msgspec.json.encode(tries))


def _write(path: Path, content: bytes, *, first: bool = False) -> None:
    """Writes a file of mode 0600: a database outlives no key. first: where there is one already, it stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(path, content, 0o600, unless_there=first)
