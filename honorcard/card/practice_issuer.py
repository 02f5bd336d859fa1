"""The issuer of a practice room: a key list with one practice key, made on the spot and believed in that room alone.

There is no card key in it, so that nothing it signs can ever be a good card, not even there; the root that signed the list is
thrown away at once. Its address leads nowhere (RFC 2606), so that any other gate takes its cards for another issuer's, and its own
gate takes a real card for one. What is not here: a center's practice key (keyring), the sheet (sheet).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from honorcard.card import cose, signing
from honorcard.card.keyring import TRUST_FILE
from honorcard.card.token import SEQ_LIMIT
from honorcard.card.trust import Trust, TrustedKey, sign_list
from honorcard.durable import write_durably
from honorcard.problems import ProblemError

PREFIX = "HTTPS://PRACTICE.INVALID/"
KEY_FILE = "practice-1.pem"
_KID = 1
_LIFE = timedelta(days=4 * 366)


@dataclass(frozen=True)
class PracticeIssuer:
    """What the room believes, and the key of its cards."""

    trust: Trust
    key: ec.EllipticCurvePrivateKey

    def card(self, seq: int, last_valid_day: date) -> str:
        """The text of a fresh practice card's QR code."""
        return signing.sign(
            self.trust.prefix, signing.new_lookup(), seq, signing.new_secret(), last_valid_day, _KID, self.key
        )


def open_or_make(folder: Path, *, at: datetime) -> PracticeIssuer:
    """The room's issuer; a new one where there is none, or one that cannot be read: cards printed before are then unknown."""
    try:
        return _open(folder)
    except (OSError, ValueError, ProblemError):
        return _make(folder, at)


def _open(folder: Path) -> PracticeIssuer:
    trust = Trust.load(folder / TRUST_FILE)
    key = serialization.load_pem_private_key((folder / KEY_FILE).read_bytes(), None)
    listed = trust.key(_KID, "practice")
    if not isinstance(key, ec.EllipticCurvePrivateKey) or listed is None:
        raise ValueError("not a practice room's keys")
    if listed.public != cose.public_bytes(key.public_key()):
        raise ValueError("another list's key")
    return PracticeIssuer(trust, key)


def _make(folder: Path, at: datetime) -> PracticeIssuer:
    folder.mkdir(parents=True, exist_ok=True)
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    # whatever the clock of a host says that was asleep for a year: practice needs no dates
    starts = at.astimezone(UTC).replace(microsecond=0) - timedelta(days=1)
    listed = TrustedKey(_KID, "practice", cose.public_bytes(key.public_key()), starts, starts + _LIFE, 1, SEQ_LIMIT)
    trust = sign_list([listed], version=1, issued=at, prefix=PREFIX, root=root)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    write_durably(folder / KEY_FILE, pem, 0o600)
    write_durably(folder / TRUST_FILE, trust.document().encode())
    return PracticeIssuer(trust, key)
