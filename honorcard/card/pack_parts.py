"""What a pack is built with: records sorted into buckets, those of the pack before, and what changed between the two."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from honorcard.card import delta
from honorcard.card.manifest import DELTAS, EMPTY_BUCKET, DeltaEntry, bucket_of
from honorcard.card.record import IDX, RECORD, search, unseal
from honorcard.durable import write_durably

SPILL_BYTES = 128 << 20
_PARTS = 4_096  # the finest buckets there are; coarser ones are runs of them
_KEPT_BUCKETS = 256  # of the old pack, held while the new one is built


class Sorter:
    """Records into buckets in the order of their idx, spilled to disk before they fill the memory (a million are 2
    GB)."""

    def __init__(self, folder: Path, limit_bytes: int = SPILL_BYTES, size: int = RECORD) -> None:
        self.count = 0
        self._folder = folder
        self._size = size
        self._limit = limit_bytes // size
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
        return [spilled[at : at + self._size] for at in range(0, len(spilled), self._size)] + self._parts.get(part, [])


class OldRecords:
    """Sealed records of the pack that is being replaced."""

    def __init__(self, store: Path, digests: tuple[bytes, ...], size: int = RECORD) -> None:
        self._store = store
        self.digests = digests
        self.size = size
        self._read: dict[int, bytes] = {}

    def same(self, idx: bytes, key: bytes, seq: int, plain: bytes) -> bytes | None:
        """The old record of this card, when it opens to the same plaintext."""
        record = self.at(idx)
        return record if record is not None and unseal(record, key, seq) == plain else None

    def at(self, idx: bytes) -> bytes | None:
        """The old record in that place."""
        if not self.digests:
            return None
        number = bucket_of(idx, len(self.digests))
        if number not in self._read:
            if len(self._read) >= _KEPT_BUCKETS:
                self._read.pop(next(iter(self._read)))
            self._read[number] = self.bucket(number) or b""
        return search(self._read[number], idx, self.size)

    def bucket(self, number: int) -> bytes | None:
        """The old bucket's bytes; None when they are missing or damaged."""
        digest = self.digests[number]
        try:
            content = b"" if digest == EMPTY_BUCKET else (self._store / digest.hex()).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).digest() == digest else None


class Changes:
    """What the new pack changes of the old one, as a delta, where one can be made."""

    def __init__(self, old: OldRecords, buckets: int, follows: bool) -> None:
        self._old = old
        self._buckets = buckets
        self._made: dict[int, delta.Change] | None = {} if follows and len(old.digests) == buckets else None

    def note(self, number: int, digest: bytes, content: bytes) -> None:
        """One bucket of the new pack. An old one that cannot be read makes the delta impossible."""
        if self._made is None or digest == self._old.digests[number]:
            return
        old = self._old.bucket(number)
        change = None if old is None else delta.change_between(old, content, self._old.size)
        if change is None:
            self._made = None
        else:
            self._made[number] = change

    def write(self, directory: Path, version: int) -> DeltaEntry | None:
        """Lays the delta to `version` down and returns what the manifest says of it; None when there is none."""
        if self._made is None:
            return None
        raw = delta.encode(version - 1, version, self._buckets, self._made)
        entry = DeltaEntry(version - 1, version, hashlib.sha256(raw).digest(), len(raw))
        (directory / DELTAS).mkdir(exist_ok=True)
        write_durably(directory / DELTAS / entry.sha256.hex(), raw)
        return entry
