"""One sealed record of the pack: how a card's secret becomes its place and its key, and what lies inside.

`idx(16) | nonce(12) | AES-256-GCM(k, 2,048 bytes, aad = idx || seq)`; `PRK = HKDF-Extract("VHC/1", S)`. In a pack of two
layers the record is 256 bytes and names the layer in which the photo lies, in a record of its own whose place and key
come from S as well. What is not here: files, buckets and the manifest (pack.py).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from honorcard.card import cose
from honorcard.card.token import SECRET_BYTES
from honorcard.problems import ProblemError

CardStatus = Literal["live", "suspended"]

SLOT = 2_048  # bytes of plaintext, the same for every card: a length would follow a person from version to version
IDX, NONCE, TAG = 16, 12, 16
OVERHEAD = IDX + NONCE + TAG
RECORD = OVERHEAD + SLOT
SMALL_SLOT = 256  # of a record whose photo lies in another layer: room for fifty of the longest characters
LAYER_LIMIT = 7  # characters of a layer's name: a county's code
_STATUS: dict[CardStatus, int] = {"live": 0, "suspended": 1}


@dataclass(frozen=True)
class LiveCard:
    """One card that is live or suspended, as the issuer puts it in a pack. `photo`: WebP of thumbnail.py, or
    empty."""

    seq: int
    secret: bytes
    name: str
    valid_until: date
    status: CardStatus = "live"
    photo: bytes = b""
    layer: str = ""
    """In a pack of two layers, the one this card's photo lies in."""


@dataclass(frozen=True)
class Found:
    """The record of the card held up."""

    name: str
    valid_until: date
    status: CardStatus
    photo: bytes
    layer: str = ""
    """Where the photo lies when it is not in the record."""


@dataclass(frozen=True)
class Damaged:
    """The pack cannot answer for this card: its bucket fails its hash, or its record does not open."""


def derive(secret: bytes) -> tuple[bytes, bytes]:
    """(idx, key) of a card: `PRK = HKDF-Extract("VHC/1", S)`, `Expand("idx", 16)`, `Expand("rec", 32)`."""
    if len(secret) != SECRET_BYTES:
        raise ValueError("a card's secret is 16 bytes")
    return hkdf(b"VHC/1", secret, ((b"idx", IDX), (b"rec", 32)))


def derive_photo(secret: bytes) -> tuple[bytes, bytes]:
    """(idx, key) of a card's photo in a second layer: the same with `"pidx"` and `"photo"`, so that nobody who has one
    layer can tell which record of the other belongs to it."""
    if len(secret) != SECRET_BYTES:
        raise ValueError("a card's secret is 16 bytes")
    return hkdf(b"VHC/1", secret, ((b"pidx", IDX), (b"photo", 32)))


def hkdf(salt: bytes, material: bytes, outputs: tuple[tuple[bytes, int], tuple[bytes, int]]) -> tuple[bytes, bytes]:
    """Two outputs of HKDF-SHA-256 (RFC 5869) with one extract: (info, length) each."""
    extract = HMAC(salt, hashes.SHA256())
    extract.update(material)
    prk = extract.finalize()
    first, second = (HKDFExpand(hashes.SHA256(), length, info).derive(prk) for info, length in outputs)
    return first, second


def seal(idx: bytes, key: bytes, seq: int, plain: bytes) -> bytes:
    """The record's 2,092 bytes, under a fresh random nonce."""
    nonce = os.urandom(NONCE)
    return idx + nonce + AESGCM(key).encrypt(nonce, plain, _associated(idx, seq))


def unseal(record: bytes, key: bytes, seq: int) -> bytes | None:
    """The plaintext of a record; None when it does not open under this key for this issue number."""
    idx, nonce, sealed = record[:IDX], record[IDX : IDX + NONCE], record[IDX + NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, sealed, _associated(idx, seq))
    except InvalidTag:
        return None


def _associated(idx: bytes, seq: int) -> bytes:
    return idx + seq.to_bytes(4, "big")


def plaintext(card: LiveCard) -> bytes:
    """What is sealed of a card, padded to the slot. ProblemError `photo_too_rich` when it does not fit."""
    return _padded(cose.encode(_body(card, card.photo)), SLOT)


def small_plaintext(card: LiveCard) -> bytes:
    """What is sealed of a card whose photo lies in the layer it names. ProblemError `photo_too_rich` when it does not fit,
    ValueError for a layer's name out of shape."""
    if not 0 < len(card.layer) <= LAYER_LIMIT or not card.layer.isascii():
        raise ValueError("a layer's name is up to seven ASCII characters")
    return _padded(cose.encode({**_body(card, b""), "layer": card.layer}), SMALL_SLOT)


def photo_plaintext(card: LiveCard) -> bytes:
    """What is sealed of a card's photo in a second layer. ProblemError `photo_too_rich` when it does not fit."""
    return _padded(card.photo, SLOT)


def _body(card: LiveCard, photo: bytes) -> dict[str, Any]:
    return {"name": card.name, "until": card.valid_until.isoformat(), "status": _STATUS[card.status], "photo": photo}


def _padded(body: bytes, slot: int) -> bytes:
    if len(body) + 2 > slot:
        raise ProblemError("photo_too_rich")
    return len(body).to_bytes(2, "big") + body + bytes(slot - 2 - len(body))


def _unpadded(plain: bytes) -> bytes:
    return plain[2 : 2 + int.from_bytes(plain[:2], "big")]


def fits(card: LiveCard) -> bool:
    """Whether the card's record fits its slot."""
    try:
        plaintext(card)
    except ProblemError:
        return False
    return True


def opened_record(plain: bytes) -> Found:
    """The record in an opened slot; ValueError, KeyError or TypeError when it is none."""
    body: dict[str, Any] = cose.decode(_unpadded(plain))
    status: CardStatus = "suspended" if body["status"] == _STATUS["suspended"] else "live"
    if body["status"] not in _STATUS.values() or type(body["name"]) is not str or type(body["photo"]) is not bytes:
        raise ValueError("record of the wrong shape")
    layer = body.get("layer", "")
    if type(layer) is not str:
        raise ValueError("record of the wrong shape")
    return Found(body["name"], date.fromisoformat(body["until"]), status, body["photo"], layer)


def opened_photo(plain: bytes) -> bytes:
    """The photo in an opened slot of a second layer."""
    return _unpadded(plain)


def search(content: bytes, idx: bytes, record: int = RECORD) -> bytes | None:
    """The record of that idx in a sorted bucket of records of so many bytes, by halving."""
    low, high = 0, len(content) // record
    while low < high:
        middle = (low + high) // 2
        at = middle * record
        here = content[at : at + IDX]
        if here == idx:
            return content[at : at + record]
        if here < idx:
            low = middle + 1
        else:
            high = middle
    return None
