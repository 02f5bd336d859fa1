"""The issuer's keys: a directory of PEM files (0600) beside the trust.json they make.

    root.pem          signs the key list; kept off the server, two holders
    card-<kid>.pem    signs cards, one a year, each for its own range of issue numbers
    practice-<kid>.pem, pack-<kid>.pem, sealing-<kid>.pem (X25519, for HPKE)

Never on a tablet. What is not here: what these keys sign (signing.py, pack.py) and who may ask for it (the center).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519

from honorcard.card import cose
from honorcard.card.token import DEFAULT_PREFIX, SEQ_FIRST, SEQ_LIMIT
from honorcard.card.trust import KEY_USES, KeyUse, Trust, TrustedKey, sign_list
from honorcard.durable import write_durably
from honorcard.problems import ProblemError

PrivateKey = ec.EllipticCurvePrivateKey | x25519.X25519PrivateKey
# Only characters that a QR code packs as alphanumeric; up to 31 of them the symbol stays version 8.
_PREFIX = re.compile(r"HTTPS://[0-9A-Z.:-]+(?:/[0-9A-Z.-]+)*/\Z")
_ROOT_FILE = "root.pem"
_TRUST_FILE = "trust.json"
# Credential C.6: a card key signs for a year and its cards live three more; packs and sealing change by the quarter.
_LIFE: dict[KeyUse, timedelta] = {
    "card": timedelta(days=4 * 366),
    "practice": timedelta(days=4 * 366),
    "pack": timedelta(days=366),
    "sealing": timedelta(days=366),
}


class KeyRing:
    """Keys in a directory, and the trust they make. Every change writes the private key first and trust.json last."""

    def __init__(self, directory: Path, trust: Trust, passphrase: bytes | None = None) -> None:
        self.directory = directory
        self.trust = trust
        self._passphrase = passphrase

    @classmethod
    def create(
        cls,
        directory: Path | str,
        *,
        at: datetime,
        prefix: str = DEFAULT_PREFIX,
        first_seq: int = SEQ_FIRST,
        passphrase: bytes | None = None,
    ) -> KeyRing:
        """A fresh root with one key for each use. ProblemError `keys_exist` when the directory has a root already,
        `card_data` for a prefix that is no upper-case https address ending in a slash.

        `passphrase` encrypts the root's file; the others are opened by services and stay readable by their owner
        only.
        """
        if not _PREFIX.match(prefix):
            raise ProblemError("card_data", field="prefix")
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        if (directory / _ROOT_FILE).exists():
            raise ProblemError("keys_exist")
        root = ec.generate_private_key(ec.SECP256R1())
        _write_private(directory / _ROOT_FILE, root, passphrase)
        keys = [_fresh(directory, kid, use, at, first_seq) for kid, use in enumerate(KEY_USES, start=1)]
        ring = cls(directory, sign_list(keys, version=1, issued=at, prefix=prefix, root=root), passphrase)
        ring._write_trust()
        return ring

    @classmethod
    def open(cls, directory: Path | str, passphrase: bytes | None = None) -> KeyRing:
        """The ring in a directory; ProblemError `trust_unreadable` or `trust_unsigned` when its list does not
        hold."""
        directory = Path(directory)
        return cls(directory, Trust.load(directory / _TRUST_FILE), passphrase)

    def rotate(
        self, use: KeyUse, *, at: datetime, starts: datetime | None = None, first_seq: int | None = None
    ) -> TrustedKey:
        """A new key of that use, in the list from now on and in use from `starts` (default `at`).

        For a card key `first_seq` is needed: the ranges of the older card keys end just below it.
        """
        if use == "card" and first_seq is None:
            raise ValueError("a card key needs the issue number it begins with")
        first = first_seq if use == "card" and first_seq is not None else SEQ_FIRST
        kid = max(key.kid for key in self.trust.keys) + 1
        if kid > 0xFF:
            raise ValueError("all 255 key numbers are used")
        fresh = _fresh(self.directory, kid, use, starts or at, first)
        older = [
            replace(key, seq_max=min(key.seq_max, first - 1)) if use == "card" == key.use else key
            for key in self.trust.keys
        ]
        self._relist([*older, fresh], at)
        return fresh

    def withdraw(self, kid: int, *, at: datetime) -> TrustedKey:
        """Withdraw a key: what it signed is believed only where the pack vouches for it. ProblemError
        `key_unknown`."""
        if self.trust.key(kid) is None:
            raise ProblemError("key_unknown", kid=kid)
        self._relist([replace(key, withdrawn=True) if key.kid == kid else key for key in self.trust.keys], at)
        found = self.trust.key(kid)
        assert found is not None
        return found

    def card_key(self, seq: int, at: datetime | None = None) -> tuple[int, ec.EllipticCurvePrivateKey]:
        """Kid and private key that sign the card of this issue number. ProblemError `key_unknown` when none may."""
        for key in self.trust.keys:
            if key.use == "card" and not key.withdrawn and key.seq_min <= seq <= key.seq_max and _in_use(key, at):
                return key.kid, self.p256(key.kid)
        raise ProblemError("key_unknown", kid=seq)

    def current(self, use: KeyUse, at: datetime | None = None) -> TrustedKey:
        """The newest key of a use that is neither withdrawn nor before its time. ProblemError `key_unknown`."""
        usable = [key for key in self.trust.keys if key.use == use and not key.withdrawn and _in_use(key, at)]
        if not usable:
            raise ProblemError("key_unknown", kid=use)
        return max(usable, key=lambda key: (key.not_before, key.kid))

    def p256(self, kid: int) -> ec.EllipticCurvePrivateKey:
        """The private key of a card, practice or pack key."""
        key = self._private(kid)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key

    def x25519(self, kid: int) -> x25519.X25519PrivateKey:
        """The private half of a sealing key."""
        key = self._private(kid)
        assert isinstance(key, x25519.X25519PrivateKey)
        return key

    def _private(self, kid: int) -> PrivateKey:
        key = self.trust.key(kid)
        if key is None:
            raise ProblemError("key_unknown", kid=kid)
        return _read_private(self.directory / f"{key.use}-{kid}.pem", None)

    def _relist(self, keys: list[TrustedKey], at: datetime) -> None:
        root = _read_private(self.directory / _ROOT_FILE, self._passphrase)
        assert isinstance(root, ec.EllipticCurvePrivateKey)
        self.trust = sign_list(keys, version=self.trust.version + 1, issued=at, prefix=self.trust.prefix, root=root)
        self._write_trust()

    def _write_trust(self) -> None:
        write_durably(self.directory / _TRUST_FILE, self.trust.document().encode())


def _fresh(directory: Path, kid: int, use: KeyUse, starts: datetime, first_seq: int) -> TrustedKey:
    if use == "sealing":
        sealing = x25519.X25519PrivateKey.generate()
        public = sealing.public_key().public_bytes_raw()
        _write_private(directory / f"{use}-{kid}.pem", sealing, None)
    else:
        signing = ec.generate_private_key(ec.SECP256R1())
        public = cose.public_bytes(signing.public_key())
        _write_private(directory / f"{use}-{kid}.pem", signing, None)
    seq_min = first_seq if use == "card" else 1
    starts = starts.astimezone(UTC).replace(microsecond=0)
    return TrustedKey(kid, use, public, starts, starts + _LIFE[use], seq_min, SEQ_LIMIT)


def _write_private(path: Path, key: PrivateKey, passphrase: bytes | None) -> None:
    encryption: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    write_durably(path, pem, 0o600)


def _read_private(path: Path, passphrase: bytes | None) -> PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), passphrase)
    except (OSError, ValueError, TypeError):
        raise ProblemError("key_unreadable", file=path.name) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | x25519.X25519PrivateKey):
        raise ProblemError("key_unreadable", file=path.name)
    return key


def _in_use(key: TrustedKey, at: datetime | None) -> bool:
    return at is None or key.not_before <= at < key.not_after
