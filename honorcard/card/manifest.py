"""What the pack key signs: the manifest of a sealed list, and where a record lies in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from honorcard.card import cose
from honorcard.card.record import LAYER_LIMIT, OVERHEAD, SLOT, SMALL_SLOT
from honorcard.card.trust import Trust
from honorcard.problems import ProblemError

MANIFEST = "manifest.cose"
BUCKETS = "buckets"
DELTAS = "deltas"
PHOTOS = "photos"
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
class SignedCount:
    """What the center's issue log held when the pack was made: for all who read packs to see, day by day."""

    entries: int
    """Signatures ever made."""
    last_day: int
    """Those of the 24 hours before."""
    head: bytes
    """SHA-256 that binds the log's last entry to every one before it, 32 bytes."""


@dataclass(frozen=True)
class PhotoLayer:
    """Photos of some cards (a county's, say) in buckets of their own, which a tablet has or has not."""

    name: str
    bucket_sha256: tuple[bytes, ...]


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
    photo_layers: tuple[PhotoLayer, ...] = ()
    """Where photos lie that are not in the records; empty in a pack of one layer, which is what we publish."""

    signed: SignedCount | None = None
    """None in packs made before the log was a chain, or by hand."""

    @property
    def photo_sha256(self) -> tuple[bytes, ...]:
        """The photos' buckets of every layer."""
        return tuple(digest for layer in self.photo_layers for digest in layer.bucket_sha256)

    @property
    def record_bytes(self) -> int:
        """The size of each record in a bucket: small where the photos lie apart."""
        return OVERHEAD + (SMALL_SLOT if self.photo_layers else SLOT)


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
        "slot": manifest.record_bytes - OVERHEAD,
        "bucket_sha256": list(manifest.bucket_sha256),
        "keys": manifest.key_list,
    }
    if manifest.signed:
        count = manifest.signed
        body["signed"] = {"entries": count.entries, "last_day": count.last_day, "head": count.head}
    if manifest.photo_layers:
        body["photos"] = [
            {"name": layer.name, "slot": SLOT, "bucket_sha256": list(layer.bucket_sha256)}
            for layer in manifest.photo_layers
        ]
    if manifest.deltas:
        body["deltas"] = [
            {"from": delta.from_version, "to": delta.to_version, "sha256": delta.sha256, "size": delta.size}
            for delta in manifest.deltas
        ]
    return cose.encode(body)


def manifest_from(body: dict[str, Any]) -> Manifest:
    """The manifest in a decoded payload; ValueError, KeyError, TypeError or OverflowError when it is none."""
    digests = _digests(body["bucket_sha256"])
    layers = _photo_layers(body.get("photos", []))
    numbers = [
        body[field] for field in ("format", "version", "as_of", "valid_until", "max_seq", "cap", "count", "slot")
    ]
    if not all(cose.is_integer(number) and number >= 0 for number in numbers):
        raise ValueError("numbers of the wrong shape")
    if body["format"] != _FORMAT or body["slot"] != (SMALL_SLOT if layers else SLOT):
        raise ValueError("another format")
    if type(body["keys"]) is not bytes:
        raise ValueError("key list of the wrong shape")
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
        photo_layers=layers,
        signed=_signed(body["signed"]) if "signed" in body else None,
    )


def _signed(told: dict[str, Any]) -> SignedCount:
    """The count in a payload; ValueError, KeyError or TypeError when it is none."""
    count = SignedCount(told["entries"], told["last_day"], told["head"])
    if not all(cose.is_integer(number) and number >= 0 for number in (count.entries, count.last_day)):
        raise ValueError("numbers of the wrong shape")
    if type(count.head) is not bytes or len(count.head) != 32:
        raise ValueError("hash of the wrong shape")
    return count


def _digests(told: list[bytes]) -> tuple[bytes, ...]:
    """The digests of a layer's buckets; ValueError or TypeError when they are none."""
    digests = tuple(told)
    if len(digests) not in (256, 4_096) or not all(type(one) is bytes and len(one) == 32 for one in digests):
        raise ValueError("hashes of the wrong shape")
    return digests


def _photo_layers(told: list[dict[str, Any]]) -> tuple[PhotoLayer, ...]:
    """The layers of a payload; ValueError, KeyError or TypeError when they are none."""
    if type(told) is not list:
        raise ValueError("layers of the wrong shape")
    layers = tuple(PhotoLayer(layer["name"], _digests(layer["bucket_sha256"])) for layer in told)
    names = [layer.name for layer in layers]
    if not all(type(name) is str and 0 < len(name) <= LAYER_LIMIT for name in names) or len(set(names)) != len(names):
        raise ValueError("layers of the wrong name")
    if any(layer["slot"] != SLOT for layer in told):
        raise ValueError("another format")
    return layers


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
