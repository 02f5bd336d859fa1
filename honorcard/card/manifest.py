"""What the pack key signs: the manifest of a sealed list, and where a record lies in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from honorcard.card import cose
from honorcard.card.record import SLOT
from honorcard.card.trust import Trust
from honorcard.problems import ProblemError

MANIFEST = "manifest.cose"
BUCKETS = "buckets"
DELTAS = "deltas"
CONTEXT = b"VHC1-pack"
EMPTY_BUCKET = hashlib.sha256(b"").digest()
CAP_FLOOR = 20_000  # credential.md C.3: issue numbers may jump so far after a restore
_FORMAT = 1


@dataclass(frozen=True)
class DeltaEntry:
    """A file that leads from one version to the next (delta.py), named by its digest."""

    from_version: int
    to_version: int
    sha256: bytes
    size: int


@dataclass(frozen=True)
class Manifest:
    """What the pack key signed."""

    pack: str
    version: int
    as_of: datetime
    valid_until: datetime
    max_seq: int
    cap: int
    count: int
    bucket_sha256: tuple[bytes, ...]
    key_list: bytes
    """The root's signed key list of that day (`Trust.newest`), or empty."""
    deltas: tuple[DeltaEntry, ...] = ()
    """A chain, newest last, that ends at this version; empty when the buckets are to be fetched whole."""


def cap_for(issued_in_14_days: int) -> int:
    """How far above the watermark an issue number may lie: 14 days of issuing, at least 20,000."""
    return max(issued_in_14_days, CAP_FLOOR)


def buckets_for(count: int) -> int:
    """256 buckets up to 100,000 records (60 slots each at 15,000), 4,096 above."""
    return 256 if count <= 100_000 else 4_096


def read_manifest(raw: bytes, trust: Trust) -> Manifest:
    """The manifest in signed bytes, when a pack key of the trust signed it. ProblemError `pack_unreadable`,
    `pack_unsigned`."""
    try:
        envelope = cose.parse(raw)
    except cose.CoseError:
        raise ProblemError("pack_unreadable") from None
    key = trust.key(envelope.kid, "pack")
    if key is None or key.withdrawn or not cose.holds(envelope, CONTEXT, key.verifying_key):
        raise ProblemError("pack_unsigned")
    try:
        return manifest_from(cose.decode(envelope.payload))
    except (ValueError, KeyError, TypeError, OverflowError):
        raise ProblemError("pack_unreadable") from None


def bucket_of(idx: bytes, buckets: int) -> int:
    """The bucket of a record: the leading 8 bits of idx, or 12 of 4,096 buckets."""
    return idx[0] if buckets == 256 else int.from_bytes(idx[:2], "big") >> 4


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as it is signed."""
    body: dict[str, Any] = {
        "format": _FORMAT,
        "pack": manifest.pack,
        "version": manifest.version,
        "as_of": int(manifest.as_of.timestamp()),
        "valid_until": int(manifest.valid_until.timestamp()),
        "max_seq": manifest.max_seq,
        "cap": manifest.cap,
        "count": manifest.count,
        "slot": SLOT,
        "bucket_sha256": list(manifest.bucket_sha256),
        "keys": manifest.key_list,
    }
    if manifest.deltas:
        body["deltas"] = [
            {"from": delta.from_version, "to": delta.to_version, "sha256": delta.sha256, "size": delta.size}
            for delta in manifest.deltas
        ]
    return cose.encode(body)


def manifest_from(body: dict[str, Any]) -> Manifest:
    """The manifest in a decoded payload; ValueError, KeyError, TypeError or OverflowError when it is none."""
    digests = tuple(body["bucket_sha256"])
    numbers = [
        body[field] for field in ("format", "version", "as_of", "valid_until", "max_seq", "cap", "count", "slot")
    ]
    if not all(cose.is_integer(number) and number >= 0 for number in numbers):
        raise ValueError("numbers of the wrong shape")
    if body["format"] != _FORMAT or body["slot"] != SLOT or len(digests) not in (256, 4_096):
        raise ValueError("another format")
    if not all(type(digest) is bytes and len(digest) == 32 for digest in digests) or type(body["keys"]) is not bytes:
        raise ValueError("hashes of the wrong shape")
    return Manifest(
        pack=str(body["pack"]),
        version=body["version"],
        as_of=datetime.fromtimestamp(body["as_of"], UTC),
        valid_until=datetime.fromtimestamp(body["valid_until"], UTC),
        max_seq=body["max_seq"],
        cap=body["cap"],
        count=body["count"],
        bucket_sha256=digests,
        key_list=body["keys"],
        deltas=_chain(body.get("deltas", []), body["version"]),
    )


def _chain(entries: list[dict[str, Any]], version: int) -> tuple[DeltaEntry, ...]:
    """The deltas of a payload; ValueError, KeyError or TypeError unless each leads on from the one before, up to
    `version`."""
    if type(entries) is not list:
        raise ValueError("deltas of the wrong shape")
    chain = tuple(DeltaEntry(entry["from"], entry["to"], entry["sha256"], entry["size"]) for entry in entries)
    onwards = [*(delta.from_version for delta in chain[1:]), version]
    for delta, onward in zip(chain, onwards, strict=False):
        if not all(cose.is_integer(number) for number in (delta.from_version, delta.to_version, delta.size)):
            raise ValueError("numbers of the wrong shape")
        if (
            not 0 <= delta.from_version < delta.to_version <= 0xFFFFFFFF
            or delta.to_version != onward
            or delta.size <= 0
        ):
            raise ValueError("no chain")
        if type(delta.sha256) is not bytes or len(delta.sha256) != 32:
            raise ValueError("hashes of the wrong shape")
    return chain
