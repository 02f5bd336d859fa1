"""HPKE (RFC 9180): bytes that only one receiver opens. X25519, HKDF-SHA-256, AES-256-GCM.

What is sealed for one purpose does not open as another: the label goes into the key schedule. A sealed thing is 48
bytes longer than what is in it. What is not here: who holds which key (sync.device on the tablet, the key ring at the
center).
"""

from __future__ import annotations

from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

Label = Literal["body", "photo", "ask", "returned", "sheet"]
"""What is sealed: an operation's body, a photograph and a question (to the center); a returned case and an issued card (to a
tablet).
"""

OVERHEAD = 48  # bytes: the encapsulated key and the tag

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class SealError(ValueError):
    """These bytes do not open: sealed to another key or for another purpose, or damaged."""


def seal(clear: bytes, receiver: bytes, label: Label) -> bytes:
    """`clear` for the holder of the X25519 key whose public half is `receiver` (32 raw bytes)."""
    return _SUITE.encrypt(clear, X25519PublicKey.from_public_bytes(receiver), info=_info(label))


def open_sealed(sealed: bytes, private: X25519PrivateKey, label: Label) -> bytes:
    """What `seal` closed under that label. SealError when it does not open."""
    try:
        return _SUITE.decrypt(sealed, private, info=_info(label))
    except (InvalidTag, ValueError) as error:
        raise SealError(label) from error


def _info(label: Label) -> bytes:
    return b"honorcard/1 " + label.encode()
