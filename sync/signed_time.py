"""The center's time, signed: the one word about the moment that a tablet lets move its clock (sync.md B.8).

A pack key of the trust list signs the moment together with what the tablet asked with, so that an old answer cannot pass
for a new one. Text, base64, so that it fits into a JSON member. What is not here: what a tablet makes of it (clock).
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.hazmat.primitives.asymmetric import ec

from honorcard.card import cose
from honorcard.card.trust import Trust

CONTEXT = b"VHC1-time"
NONCE_BYTES = 16
NONCE_CHARACTERS = 2 * NONCE_BYTES
_LONGEST = 1024


def new_nonce() -> str:
    """What a tablet asks with: 32 hex characters that were never used before."""
    return secrets.token_hex(NONCE_BYTES)


def nonce_of(signature: str) -> str:
    """What a request that was refused for its moment has asked with: the digest of its own Signature header."""
    return hashlib.sha256(signature.encode()).hexdigest()[:NONCE_CHARACTERS]


def is_nonce(text: str) -> bool:
    """Whether that can be signed along."""
    return len(text) == NONCE_CHARACTERS and set(text) <= set("0123456789abcdef")


def sign_time(moment_ms: int, nonce: str, kid: int, key: ec.EllipticCurvePrivateKey) -> str:
    """The moment (milliseconds since 1970) as an answer to `nonce`, signed."""
    signed = cose.sign(cose.encode({"ms": moment_ms, "nonce": nonce}), kid, CONTEXT, key)
    return base64.b64encode(signed).decode()


def read_time(text: object, nonce: str, trust: Trust) -> int | None:
    """The moment in a signed answer to this very nonce; None for anything else."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    try:
        envelope = cose.parse(base64.b64decode(text, validate=True))
        key = trust.key(envelope.kid, "pack")
        if key is None or key.withdrawn or not cose.holds(envelope, CONTEXT, key.verifying_key):
            return None
        said = cose.decode(envelope.payload)
        moment, asked = said["ms"], said["nonce"]
    except (ValueError, KeyError, TypeError):
        return None
    return moment if asked == nonce and type(moment) is int and 0 <= moment < 2**48 else None
