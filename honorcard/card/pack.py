"""The sealed list of live cards: a directory of flat files that opens one record for each card held up, and no other.

    manifest.cose     COSE_Sign1 by a pack key: version, dates, watermark, cap, count and the SHA-256 of every bucket
    buckets/<sha256>  records of one bucket, 2,092 bytes each, sorted; named by content, so that they never change
    photos/<sha256>   photos of a second layer, in the same way; we publish one layer, tablet and browser fetch and read two
    deltas/<sha256>   what changed from one version to the next (delta.py), for those who have the older one

A record's place and key come from the card's secret S, which only its QR code holds (record.py): a thief of the
directory reads nothing, and there is no list to show. Dummies fill a small pack. What is not here: making one
(pack_build.py), fetching (the apps), the decision (verdict.py). `Pack.open` refuses what is unsigned or older than
one used.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from honorcard.card.manifest import (
    BUCKETS,
    CAP_FLOOR,
    DELTAS,
    EMPTY_BUCKET,
    MANIFEST,
    PHOTOS,
    Manifest,
    bucket_of,
    cap_for,
    read_manifest,
)
from honorcard.card.pack_build import build
from honorcard.card.record import (
    CardStatus,
    Damaged,
    Found,
    LiveCard,
    derive,
    derive_photo,
    opened_photo,
    opened_record,
    search,
    unseal,
)
from honorcard.card.token import CardToken
from honorcard.card.trust import Trust
from honorcard.problems import ProblemError

__all__ = [
    "BUCKETS",
    "CAP_FLOOR",
    "DELTAS",
    "MANIFEST",
    "CardStatus",
    "Damaged",
    "Found",
    "LiveCard",
    "Manifest",
    "Pack",
    "bucket_of",
    "build",
    "cap_for",
    "derive",
]

_MANIFEST_LIMIT = 1 << 20


class Pack:
    """A pack opened for look-ups. It holds no names: each `find` opens at most the record of the card held up."""

    def __init__(self, directory: Path, manifest: Manifest) -> None:
        self.directory = directory
        self.manifest = manifest

    @classmethod
    def open(cls, directory: Path | str, trust: Trust, *, high_water: int = 0) -> Pack:
        """The pack in a directory. Buckets are checked when they are read, so that opening takes no time.

        `high_water` is the highest version this verifier ever used. ProblemError: `pack_unreadable`, `pack_unsigned`
        (also by a withdrawn key), `pack_rolled_back`.
        """
        directory = Path(directory)
        try:
            with (directory / MANIFEST).open("rb") as file:
                raw = file.read(_MANIFEST_LIMIT + 1)
        except OSError:
            raise ProblemError("pack_unreadable") from None
        manifest = read_manifest(raw, trust)
        if manifest.version < high_water:
            raise ProblemError("pack_rolled_back", version=manifest.version, high_water=high_water)
        return cls(directory, manifest)

    def find(self, token: CardToken) -> Found | Damaged | None:
        """The record of this card; None when the (undamaged) bucket does not list it."""
        idx, key = derive(token.secret)
        digest = self.manifest.bucket_sha256[bucket_of(idx, len(self.manifest.bucket_sha256))]
        try:
            content = self.bucket(digest)
        except OSError:
            return Damaged()
        size = self.manifest.record_bytes
        if hashlib.sha256(content).digest() != digest or len(content) % size:
            return Damaged()
        record = search(content, idx, size)
        if record is None:
            return None
        plain = unseal(record, key, token.seq)
        try:
            found = None if plain is None else opened_record(plain)
        except (ValueError, KeyError, TypeError):
            found = None
        if found is None:
            return Damaged()
        return replace(found, photo=self._photo(token, found.layer)) if found.layer else found

    def _photo(self, token: CardToken, name: str) -> bytes:
        """The photo from the layer of that name; empty when it is not on this tablet, or damaged."""
        layer = next((layer for layer in self.manifest.photo_layers if layer.name == name), None)
        if layer is None:
            return b""
        idx, key = derive_photo(token.secret)
        digest = layer.bucket_sha256[bucket_of(idx, len(layer.bucket_sha256))]
        try:
            content = (self.directory / PHOTOS / digest.hex()).read_bytes()
        except OSError:
            return b""
        record = search(content, idx) if hashlib.sha256(content).digest() == digest else None
        plain = None if record is None else unseal(record, key, token.seq)
        return b"" if plain is None else opened_photo(plain)

    def bucket(self, digest: bytes) -> bytes:
        """The bytes of a bucket's file as they are now; OSError when it is missing."""
        return b"" if digest == EMPTY_BUCKET else (self.directory / BUCKETS / digest.hex()).read_bytes()

    def damaged_buckets(self) -> list[int]:
        """Numbers of the buckets that are missing or fail their hash: what to fetch again."""
        return self._damaged(BUCKETS, self.manifest.bucket_sha256)

    def damaged_photos(self) -> dict[str, list[int]]:
        """The same of each photo layer, by its name; a layer that is whole is not named."""
        layers = {layer.name: self._damaged(PHOTOS, layer.bucket_sha256) for layer in self.manifest.photo_layers}
        return {name: numbers for name, numbers in layers.items() if numbers}

    def _damaged(self, folder: str, digests: tuple[bytes, ...]) -> list[int]:
        bad = []
        for number, digest in enumerate(digests):
            try:
                content = b"" if digest == EMPTY_BUCKET else (self.directory / folder / digest.hex()).read_bytes()
                sound = hashlib.sha256(content).digest() == digest
            except OSError:
                sound = False
            if not sound:
                bad.append(number)
        return bad
