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
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, x25519

from center.settings import Settings
from honorcard.card import key_dates
from honorcard.card.keyring import ROOT_FILE, TRUST_FILE, KeyRing
from honorcard.card.trust import Trust
from honorcard.durable import sync_folder
from honorcard.problems import ProblemError
from sync.signed_time import sign_time

FOLDER = "issuer"
MADE_FILE = "issuer.made"  # beside the database: this center has its keys, wherever they are now
LATE = timedelta(days=2)  # renewing goes with each new list, and there is one every day
SETTLED = timedelta(days=1)  # so long after another card key began, nothing is still being signed by the one before
_changing = threading.Lock()


def ring(settings: Settings, *, at: datetime | None = None) -> KeyRing:
    """The key ring; made, good from the day before `at` (default: the machine's clock), when the keys folder has none.
    ProblemError `trust_unreadable` when it is damaged, or was there once and is gone (a disk that is not mounted): it is
    never made anew then, since cards by another root are worth nothing at any gate.
    """
    folder, made = settings.keys_dir / FOLDER, settings.data_dir / MADE_FILE
    had_one = made.exists()  # looked at first: another first start may end between this look and the next
    if not folder.exists():
        if had_one:
            raise ProblemError("trust_unreadable")
        _make(settings, folder, at or datetime.now(UTC))
    if not had_one:
        made.touch()
    listed = folder / TRUST_FILE
    return _opened(folder, listed.stat().st_mtime_ns if listed.exists() else 0)


def renew(settings: Settings, *, at: datetime, last_seq: Callable[[int], int | None] | None = None) -> list[str]:
    """Publishes the next key of each use ninety days before the one in use ends (credential.md C.6); returns the uses
    renewed. With `last_seq` (the highest issue number that a key signed) the range of a card key that was followed by
    another is closed where it ended.

    Nothing happens where the root key is kept elsewhere: its holders do it by the command line then.
    """
    with _changing:
        keys = ring(settings, at=at)
        if not (keys.directory / ROOT_FILE).exists():
            return []
        done = []
        for found in key_dates.due(keys.trust, at, within=timedelta()):
            if found.what == "close":
                continue
            now = key_dates.in_use(keys.trust, found.use, at)
            # where there is none to wait for, at once: whoever meets the new key has the list it stands in
            keys.rotate(found.use, at=at, starts=at if now is None else max(at + key_dates.AHEAD, key_dates.ends(now)))
            done.append(str(found.use))
        for key in key_dates.superseded(keys.trust, at - SETTLED) if last_seq else ():
            assert last_seq is not None
            keys.close(key.kid, at=at, last_seq=last_seq(key.kid) or 0)
    return done


def due(settings: Settings, at: datetime) -> list[key_dates.DueKey]:
    """What somebody is to do about the keys: all of it where the root is kept elsewhere, else what `renew` should have done
    and has not."""
    here = (ring(settings).directory / ROOT_FILE).exists()
    found = key_dates.due(trust(settings), at, within=-LATE if here else key_dates.WARN)
    return [one for one in found if not (here and one.what == "close")]


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
