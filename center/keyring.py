"""The issuer's keys as the center uses them: loaded from the keys folder, made at the first start.
Two processes that start at once end up with one ring: each makes its own in a folder beside, and the first to rename
it into place wins. What is not here: what the keys sign (issue, packs) or open (intake).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import threading
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, x25519

from center.settings import Settings
from honorcard.card.keyring import KeyRing
from honorcard.card.trust import KeyUse, Trust
from honorcard.durable import sync_folder
from honorcard.problems import ProblemError
from sync.signed_time import sign_time

FOLDER = "issuer"
TRUST_FILE = "trust.json"
ROOT_FILE = "root.pem"
MADE_FILE = "issuer.made"  # beside the database: this center has its keys, wherever they are now
AHEAD = timedelta(days=90)
_RENEWED: tuple[KeyUse, ...] = ("pack", "sealing")
_changing = threading.Lock()


def ring(settings: Settings, *, at: datetime | None = None) -> KeyRing:
    """The key ring; made, good from the day before `at` (default: the machine's clock), when the keys folder has none.
    ProblemError `trust_unreadable` when it is damaged, or was there once and is gone (a disk that is not mounted): it is
    never made anew then, since cards by another root are worth nothing at any gate.
    """
    folder, made = settings.keys_dir / FOLDER, settings.data_dir / MADE_FILE
    if not folder.exists():
        if made.exists():
            raise ProblemError("trust_unreadable")
        _make(settings, folder, at or datetime.now(UTC))
    if not made.exists():
        made.touch()
    listed = folder / TRUST_FILE
    return _opened(folder, listed.stat().st_mtime_ns if listed.exists() else 0)


def renew(settings: Settings, *, at: datetime) -> list[str]:
    """Adds the next pack and sealing key 90 days before the newest one ends (credential.md C.6); returns the uses
    renewed.
    Nothing happens where the root key is kept elsewhere: its holders renew by the command line then.
    """
    with _changing:
        keys = ring(settings, at=at)
        due = [use for use in _RENEWED if _ends(keys, use) - at < AHEAD]
        if not due or not (keys.directory / ROOT_FILE).exists():
            return []
        for use in due:
            # in use at once: whoever meets the new key has the list it stands in (a manifest carries the list)
            keys.rotate(use, at=at)
    return list(due)


def trust(settings: Settings) -> Trust:
    """The signed key list that tablets and verifiers are given."""
    return ring(settings).trust


def card_key(settings: Settings, seq: int, at: datetime) -> tuple[int, ec.EllipticCurvePrivateKey]:
    """Kid and private key for the card of that issue number; ProblemError `key_unknown` when none may sign it."""
    return ring(settings).card_key(seq, at)


def signed_moment(settings: Settings, moment: datetime, nonce: str) -> str:
    """The moment as a tablet may believe it, signed with what it asked with (sync.signed_time)."""
    keys = ring(settings)
    signer = keys.current("pack")
    return sign_time(int(moment.timestamp() * 1000), nonce, signer.kid, keys.p256(signer.kid))


def sealing_private(settings: Settings) -> x25519.X25519PrivateKey:
    """The private half of the key that operations and photographs are sealed to."""
    keys = ring(settings)
    return keys.x25519(keys.current("sealing").kid)


def sealing_privates(settings: Settings) -> list[x25519.X25519PrivateKey]:
    """Every sealing key ever used, newest first: a tablet that was away may still seal to an older one (credential.md
    C.6).
    """
    keys = ring(settings)
    listed = sorted((key for key in keys.trust.keys if key.use == "sealing"), key=lambda key: key.kid, reverse=True)
    return [keys.x25519(key.kid) for key in listed]


def sealing_public(settings: Settings) -> bytes:
    """The public half, raw X25519 (32 bytes), as enrolment hands it to a tablet."""
    return ring(settings).current("sealing").public


def _ends(keys: KeyRing, use: KeyUse) -> datetime:
    return max(key.not_after for key in keys.trust.keys if key.use == use and not key.withdrawn)


@lru_cache(maxsize=8)
def _opened(folder: Path, _changed_ns: int) -> KeyRing:
    return KeyRing.open(folder)


def _make(settings: Settings, folder: Path, at: datetime) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder.parent / f".{FOLDER}.{os.getpid()}.{threading.get_ident()}.{secrets.token_hex(4)}"
    draft.mkdir(mode=0o700)
    # a day's grace: a clock that is set back a little must not leave the center without a key
    KeyRing.create(draft, at=at - timedelta(days=1), prefix=settings.card_prefix)
    with contextlib.suppress(OSError):  # not empty: another process was first, and its keys are the ones
        draft.rename(folder)
        sync_folder(folder.parent)
    if draft.exists():
        shutil.rmtree(draft)
