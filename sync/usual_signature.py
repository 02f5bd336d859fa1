"""A request's signature in the very words in which `sync.device.sign` writes it, checked without a parser.

A general parser of RFC 9421 costs more than all else about a request that brings a piece of a photograph. What is read here is a
part of what the library takes: other words for the same, and every refusal, are left to it (sync.device.verify).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from http_message_signatures import HTTPSignatureComponentResolver
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from sync import digests

COVERED = ("@method", "@authority", "@path", "@query")
LABEL = "device"
TAG = "honorcard-device"

_DIGEST = "content-digest"
_INPUT = re.compile(
    rf'{LABEL}=(\({" ".join(f"{chr(34)}{name}{chr(34)}" for name in COVERED)}( "{_DIGEST}")?\)'
    r';created=([1-9][0-9]{0,14});keyid="([0-9A-Za-z-]{1,64})";alg="ecdsa-p256-sha256"'
    rf';tag="{TAG}")'
)
_SIGNATURE = re.compile(rf"{LABEL}=:([A-Za-z0-9+/]{{86}}==):")


class Request(Protocol):
    """A request as the receiver saw it (sync.device.Received)."""

    method: str
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Signed:
    """Who says to have signed a request, when (seconds since 1970), and what has to hold for it."""

    device_id: str
    created: int
    holds: Callable[[ec.EllipticCurvePublicKey], bool]


def read(message: Request, body: bytes) -> Signed | None:
    """The signature of a request whose content is what its digest says; None when it is written in other words, or is wrong."""
    headers: dict[str, str] = {}
    for name, value in message.headers.items():
        if headers.setdefault(name.lower(), value) is not value:
            return None
    asked = _INPUT.fullmatch(headers.get("signature-input", ""))
    said = _SIGNATURE.fullmatch(headers.get("signature", ""))
    if asked is None or said is None:
        return None
    covered = list(COVERED)
    if body or _DIGEST in headers:
        if not asked[2] or headers.get(_DIGEST) != digests.digest(body):
            return None
        covered.append(_DIGEST)
    elif asked[2]:
        return None
    try:
        asked_for: Any = HTTPSignatureComponentResolver(message)  # type: ignore[no-untyped-call]
        parts = (asked_for.get_method, asked_for.get_authority, asked_for.get_path, asked_for.get_query)
        values = [*(str(part()) for part in parts), headers.get(_DIGEST, "")]
        signature = base64.b64decode(said[1], validate=True)
    except (HTTPMessageSignaturesException, binascii.Error, ValueError):
        return None
    if not all(value.isascii() and value.isprintable() and value == value.strip() for value in values):
        return None
    lines = [f'"{name}": {value}' for name, value in zip(covered, values, strict=False)]
    base = "\n".join((*lines, f'"@signature-params": {asked[1]}')).encode()
    half = len(signature) // 2
    both = encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))

    def holds(key: ec.EllipticCurvePublicKey) -> bool:
        try:
            key.verify(both, base, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True

    return Signed(asked[4], int(asked[3]), holds)
