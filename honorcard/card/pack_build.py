"""Making a pack: sealed records sorted into buckets, files that never change, the manifest last."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from honorcard.card import cose
from honorcard.card.manifest import (
    BUCKETS,
    CAP_FLOOR,
    CONTEXT,
    EMPTY_BUCKET,
    MANIFEST,
    Manifest,
    bucket_of,
    buckets_for,
    manifest_bytes,
    manifest_from,
)
from honorcard.card.record import IDX, RECORD, LiveCard, derive, plaintext, seal, search, unseal
from honorcard.card.trust import Trust
from honorcard.durable import sync_folder, write_durably

MIN_RECORDS = 1_024  # a smaller pack is filled with dummies, so that its size does not count a district's cards
VALID_DAYS = 30
SPILL_BYTES = 128 << 20
_PARTS = 4_096  # the finest buckets there are; coarser ones are runs of them
_KEPT_BUCKETS = 256  # of the old pack, held while the new one is built


def build(
    directory: Path | str,
    cards: Iterable[LiveCard],
    *,
    version: int,
    as_of: datetime,
    max_seq: int,
    kid: int,
    key: ec.EllipticCurvePrivateKey,
    cap: int = CAP_FLOOR,
    name: str = "cards",
    valid_until: datetime | None = None,
    trust: Trust | None = None,
    min_records: int = MIN_RECORDS,
) -> Manifest:
    """Write the pack of these cards: new buckets first, the manifest last, each file durable before the next.

    `max_seq` must come from the same database snapshot as the cards, with no lower number in flight. Cards whose
    sealed record in the directory's present pack says the same keep that record, so that only buckets with news
    change. `trust`: its key list travels in the manifest. Files of the pack before the present one are swept. A crash
    leaves the old pack or the new one.
    """
    directory = Path(directory)
    store = directory / BUCKETS
    store.mkdir(parents=True, exist_ok=True)
    before = _present(directory)
    old = _OldRecords(store, before)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=directory) as spill:
        sorted_in = _Sorter(Path(spill))
        for card in cards:
            if card.seq > max_seq:
                raise ValueError("a card lies above the watermark")
            idx, secret_key = derive(card.secret)
            plain = plaintext(card)
            sorted_in.add(old.same(idx, secret_key, card.seq, plain) or seal(idx, secret_key, card.seq, plain))
        while sorted_in.count < min_records:
            sorted_in.add(os.urandom(RECORD))
        digests: list[bytes] = []
        for content in sorted_in.buckets(buckets_for(sorted_in.count)):
            digest = hashlib.sha256(content).digest()
            digests.append(digest)
            path = store / digest.hex()
            if content and not path.exists():
                write_durably(path, content)
    manifest = Manifest(
        pack=name,
        version=version,
        as_of=_whole(as_of),
        valid_until=_whole(valid_until or as_of + timedelta(days=VALID_DAYS)),
        max_seq=max_seq,
        cap=cap,
        count=sorted_in.count,
        bucket_sha256=tuple(digests),
        key_list=trust.signed_list if trust else b"",
    )
    write_durably(directory / MANIFEST, cose.sign(manifest_bytes(manifest), kid, CONTEXT, key))
    _sweep(store, keep={*digests, *(before.bucket_sha256 if before else ())})
    return manifest


class _Sorter:
    """Records into buckets in the order of their idx, spilled to disk before they fill the memory (a million are 2
    GB)."""

    def __init__(self, folder: Path, limit_bytes: int = SPILL_BYTES) -> None:
        self.count = 0
        self._folder = folder
        self._limit = limit_bytes // RECORD
        self._held = 0
        self._parts: dict[int, list[bytes]] = {}

    def add(self, record: bytes) -> None:
        """One more record."""
        self._parts.setdefault(bucket_of(record[:IDX], _PARTS), []).append(record)
        self.count += 1
        self._held += 1
        if self._held >= self._limit:
            for part, records in self._parts.items():
                with (self._folder / str(part)).open("ab") as file:
                    file.write(b"".join(records))
            self._parts.clear()
            self._held = 0

    def buckets(self, count: int) -> Iterator[bytes]:
        """The bytes of each bucket, sorted. ValueError when two records share their place, that is, two cards a
        secret."""
        for number in range(count):
            parts = range(number * _PARTS // count, (number + 1) * _PARTS // count)
            records = sorted(record for part in parts for record in self._read(part))
            places = [record[:IDX] for record in records]
            if len(set(places)) != len(places):
                raise ValueError("two cards share a secret")
            yield b"".join(records)

    def _read(self, part: int) -> list[bytes]:
        path = self._folder / str(part)
        spilled = path.read_bytes() if path.exists() else b""
        return [spilled[at : at + RECORD] for at in range(0, len(spilled), RECORD)] + self._parts.get(part, [])


class _OldRecords:
    """Sealed records of the pack that is being replaced."""

    def __init__(self, store: Path, manifest: Manifest | None) -> None:
        self._store = store
        self._digests = manifest.bucket_sha256 if manifest else ()
        self._read: dict[int, bytes] = {}

    def same(self, idx: bytes, key: bytes, seq: int, plain: bytes) -> bytes | None:
        """The old record of this card, when it opens to the same plaintext."""
        if not self._digests:
            return None
        number = bucket_of(idx, len(self._digests))
        if number not in self._read:
            if len(self._read) >= _KEPT_BUCKETS:
                self._read.pop(next(iter(self._read)))
            digest = self._digests[number]
            try:
                content = b"" if digest == EMPTY_BUCKET else (self._store / digest.hex()).read_bytes()
            except OSError:
                content = b""
            self._read[number] = content if hashlib.sha256(content).digest() == digest else b""
        record = search(self._read[number], idx)
        if record is None:
            return None
        return record if unseal(record, key, seq) == plain else None


def _present(directory: Path) -> Manifest | None:
    """The directory's manifest as it stands. Unverified: it only spares work, each record taken over is opened
    first."""
    try:
        return manifest_from(cose.decode(cose.parse((directory / MANIFEST).read_bytes()).payload))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None


def _sweep(store: Path, keep: set[bytes]) -> None:
    names = {digest.hex() for digest in keep}
    for path in store.iterdir():
        if path.name not in names:
            path.unlink(missing_ok=True)
    sync_folder(store)


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
