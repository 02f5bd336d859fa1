"""Making a card's text: the issuer's half of VHC/1. Only the center calls it; no tablet holds a key that it could
sign with."""

from __future__ import annotations

import base64
import secrets
from datetime import date

from cryptography.hazmat.primitives.asymmetric import ec

from honorcard.card import cose
from honorcard.card.symbol import qr_matrix, qr_png
from honorcard.card.token import (
    CLAIM_CARD,
    CLAIM_EXP,
    LOOKUP_CHARACTERS,
    SECRET_BYTES,
    SEQ_LIMIT,
    end_of_day,
    external_data,
    parse,
)

__all__ = ["new_lookup", "new_secret", "qr_matrix", "qr_png", "sign"]


def new_lookup() -> str:
    """A fresh look-up token W: 80 random bits as 16 base32 characters."""
    return base64.b32encode(secrets.token_bytes(LOOKUP_CHARACTERS * 5 // 8)).decode("ascii")


def new_secret() -> bytes:
    """A fresh card secret S, 16 random bytes; never derived from anything about the person or the card."""
    return secrets.token_bytes(SECRET_BYTES)


def sign(
    prefix: str,
    lookup: str,
    seq: int,
    secret: bytes,
    last_valid_day: date,
    kid: int,
    private_key: ec.EllipticCurvePrivateKey,
) -> str:
    """The text of a card's QR code. ValueError when a part is out of shape; what comes back parses by
    `token.parse`."""
    if not 0 < seq <= SEQ_LIMIT or len(secret) != SECRET_BYTES:
        raise ValueError("seq is a uint32 above zero, the secret 16 bytes")
    payload = cose.encode({CLAIM_EXP: end_of_day(last_valid_day), CLAIM_CARD: [seq, secret]})
    token = cose.sign(payload, kid, external_data(lookup), private_key)
    number = int.from_bytes(b"\x01" + token, "big")
    text = f"{prefix}{lookup}#{number}"
    parse(text, prefix)  # a text that we would refuse ourselves never reaches paper
    return text
