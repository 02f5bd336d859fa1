"""COSE_Sign1 as the card uses it: ES256 only, deterministic CBOR, low-S, one-byte kid.

The same envelope carries the token of a card, the manifest of a pack and the root's key list; what tells them apart
is the external data that is signed with them (RFC 9052, 4.4). What is not here: which key may sign what (trust.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

ALG_ES256 = -7  # RFC 9053, table 1
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SIGNATURE_BYTES = 64
_ALG, _KID = 1, 4  # header labels, RFC 9052, 3.1


class CoseError(ValueError):
    """The bytes are no COSE_Sign1 of the one shape we accept."""


@dataclass(frozen=True)
class Sign1:
    """One parsed envelope. Parsing proves its shape, nothing about who signed it: ask `holds`."""

    kid: int
    protected: bytes
    payload: bytes
    signature: bytes

    def to_be_signed(self, external: bytes) -> bytes:
        """The Sig_structure of RFC 9052, 4.4, with this external data."""
        return encode(["Signature1", self.protected, external, self.payload])


def encode(value: Any) -> bytes:
    """Deterministic CBOR (RFC 8949, 4.2): shortest lengths, definite, keys in the order of their bytes."""
    return cbor2.dumps(value, canonical=True)


def decode(raw: bytes) -> Any:
    """The one value in `raw`. Raises CoseError for trailing bytes and for any encoding that is not the
    deterministic one."""
    stream = BytesIO(raw)
    try:
        value = cbor2.load(stream)
        again = encode(value)
    except Exception as trouble:  # cbor2 lets errors of many kinds out for hostile input
        raise CoseError("unreadable CBOR") from trouble
    if stream.read(1) or again != raw:
        raise CoseError("not deterministic CBOR")
    return value


def is_integer(value: object) -> bool:
    """True for an int that is not a bool (CBOR tells them apart, Python's `isinstance` does not)."""
    return type(value) is int


def sign(payload: bytes, kid: int, external: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """The envelope round `payload`, signed deterministically (RFC 6979) and normalised to low-S."""
    if not 0 <= kid <= 0xFF:
        raise ValueError("kid is one byte")
    protected = encode({_ALG: ALG_ES256, _KID: bytes([kid])})
    unsigned = Sign1(kid, protected, payload, b"")
    der = key.sign(unsigned.to_be_signed(external), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(der)
    s = min(s, P256_ORDER - s)
    return encode([protected, {}, payload, r.to_bytes(32, "big") + s.to_bytes(32, "big")])


def parse(raw: bytes) -> Sign1:
    """The envelope in `raw`; raises CoseError unless it is exactly what `sign` writes, but for the signature's
    truth."""
    outer = decode(raw)
    if not isinstance(outer, list) or len(outer) != 4:
        raise CoseError("not four parts")
    protected, unprotected, payload, signature = outer
    if type(protected) is not bytes or type(payload) is not bytes or type(signature) is not bytes:
        raise CoseError("parts of the wrong type")
    if unprotected != {} or not isinstance(unprotected, dict) or len(signature) != SIGNATURE_BYTES:
        raise CoseError("parts of the wrong shape")
    header = decode(protected)
    if not isinstance(header, dict) or set(header) != {_ALG, _KID}:
        raise CoseError("other headers than alg and kid")
    kid = header[_KID]
    if not is_integer(header[_ALG]) or header[_ALG] != ALG_ES256 or type(kid) is not bytes or len(kid) != 1:
        raise CoseError("another algorithm or kid")
    return Sign1(kid[0], protected, payload, signature)


def holds(envelope: Sign1, external: bytes, key: ec.EllipticCurvePublicKey) -> bool:
    """True when `key` made this signature over payload and external data; a high-S twin is refused."""
    return signature_holds(envelope.signature, envelope.to_be_signed(external), key)


def signature_holds(signature: bytes, message: bytes, key: ec.EllipticCurvePublicKey) -> bool:
    """True when `signature` (r || s, 64 bytes) is this key's ECDSA over SHA-256 of the message, in its low-S form."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < P256_ORDER and 0 < s <= P256_ORDER // 2):
        return False
    try:
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """The key as an uncompressed point, 65 bytes: what a browser's WebCrypto imports as "raw"."""
    numbers = key.public_numbers()
    return b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def public_key(raw: bytes) -> ec.EllipticCurvePublicKey:
    """The P-256 key of an uncompressed point; ValueError when it is none."""
    if len(raw) != 65 or raw[0] != 4:
        raise ValueError("not an uncompressed P-256 point")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
