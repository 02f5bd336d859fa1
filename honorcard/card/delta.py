"""What changed between two packs: one file from a version to the next, record by record.

    b"VHC1-delta" | u32 from | u32 to | u16 buckets | for each touched bucket, ascending:
    u16 bucket | u16 removed | removed × idx(16), ascending | u16 added | added × record, ascending by idx

Numbers are big-endian; a record that was sealed anew is removed and added. The file is believed for nothing: it is as
long and has the digest that the signed manifest says, and what it makes of a bucket counts only when that has the
bucket's own digest. What is not here: which deltas a manifest names (manifest.py), fetching (the apps).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from honorcard.card.manifest import DeltaEntry, Manifest, bucket_of
from honorcard.card.record import IDX, RECORD

MAGIC = b"VHC1-delta"
CHAIN_LIMIT = 30  # versions
PACK_SHARE = 10  # a chain is at most this part of the pack
_U16 = 0xFFFF
_U32 = 0xFFFFFFFF


class DeltaUnfit(ValueError):
    """The bytes are no delta of these versions, or do not fit the bucket they are applied to."""


@dataclass(frozen=True)
class Change:
    """What becomes of one bucket. Both ascending."""

    removed: tuple[bytes, ...]
    """Places (idx, 16 bytes) of the records that go."""
    added: tuple[bytes, ...]
    """Whole records that come."""


def change_between(old: bytes, new: bytes, size: int = RECORD) -> Change | None:
    """What leads from one bucket's bytes to another's; None when more changed than a delta can count."""
    before, after = _records(old, size), _records(new, size)
    removed = tuple(sorted(idx for idx, record in before.items() if after.get(idx) != record))
    added = tuple(record for idx, record in sorted(after.items()) if before.get(idx) != record)
    return Change(removed, added) if max(len(removed), len(added)) <= _U16 else None


def encode(from_version: int, to_version: int, buckets: int, changes: Mapping[int, Change]) -> bytes:
    """The file of these changes, by number of bucket."""
    parts = [MAGIC, _u32(from_version), _u32(to_version), _u16(buckets)]
    for number, change in sorted(changes.items()):
        parts += [_u16(number), _u16(len(change.removed)), *change.removed, _u16(len(change.added)), *change.added]
    return b"".join(parts)


def decode(raw: bytes, entry: DeltaEntry, buckets: int, size: int = RECORD) -> dict[int, Change]:
    """The changes in a file, by number of bucket. DeltaUnfit unless it is exactly what `encode` writes for these versions,
    so many buckets, and records of so many bytes."""
    head = encode(entry.from_version, entry.to_version, buckets, {})
    if raw[: len(head)] != head:
        raise DeltaUnfit("of other versions or buckets")
    reader = _Reader(raw, len(head))
    changes: dict[int, Change] = {}
    last = -1
    while reader.more:
        number = reader.number()
        if not last < number < buckets:
            raise DeltaUnfit("buckets out of order")
        removed = tuple(reader.runs(IDX))
        added = tuple(reader.runs(size))
        if not removed and not added:
            raise DeltaUnfit("a bucket without a change")
        for places in (removed, tuple(record[:IDX] for record in added)):
            if any(bucket_of(idx, buckets) != number for idx in places) or not _ascends(places):
                raise DeltaUnfit("records out of order")
        changes[number] = Change(removed, added)
        last = number
    return changes


def applied(content: bytes, change: Change, size: int = RECORD) -> bytes:
    """The bucket after the change; DeltaUnfit when it does not hold what goes, or holds what comes."""
    records = _records(content, size)
    for idx in change.removed:
        if records.pop(idx, None) is None:
            raise DeltaUnfit("a record to remove is not there")
    for record in change.added:
        if record[:IDX] in records:
            raise DeltaUnfit("a record to add is there")
        records[record[:IDX]] = record
    return b"".join(record for _, record in sorted(records.items()))


def chain_to(manifest: Manifest, from_version: int) -> tuple[DeltaEntry, ...]:
    """The deltas that lead from that version to the manifest's, in order; empty when its chain does not."""
    for place, entry in enumerate(manifest.deltas):
        if entry.from_version == from_version:
            return manifest.deltas[place:]
    return ()


def prolonged(chain: Iterable[DeltaEntry], fresh: DeltaEntry | None, pack_bytes: int) -> tuple[DeltaEntry, ...]:
    """The chain with a link more, shortened from its oldest end to `CHAIN_LIMIT` versions and a tenth of the pack. Empty
    without that link, since nothing leads to the new version then."""
    if fresh is None:
        return ()
    kept = [entry for entry in chain if entry.to_version <= fresh.from_version]
    if kept and kept[-1].to_version != fresh.from_version:
        kept = []
    kept = [*kept, fresh][-CHAIN_LIMIT:]
    while kept and sum(entry.size for entry in kept) > pack_bytes // PACK_SHARE:
        kept.pop(0)
    return tuple(kept)


def is_worth(chain: Iterable[DeltaEntry], before: Manifest, manifest: Manifest) -> bool:
    """Whether these deltas are fewer bytes than the buckets that differ, by the mean size of a bucket."""
    differ = sum(one != other for one, other in zip(before.bucket_sha256, manifest.bucket_sha256, strict=True))
    return sum(entry.size for entry in chain) < differ * manifest.count * manifest.record_bytes // len(
        manifest.bucket_sha256
    )


class _Reader:
    def __init__(self, raw: bytes, at: int) -> None:
        self._raw, self._at = raw, at

    @property
    def more(self) -> bool:
        return self._at < len(self._raw)

    def number(self) -> int:
        return int.from_bytes(self._take(2), "big")

    def runs(self, size: int) -> Iterator[bytes]:
        for _ in range(self.number()):
            yield self._take(size)

    def _take(self, size: int) -> bytes:
        taken = self._raw[self._at : self._at + size]
        if len(taken) != size:
            raise DeltaUnfit("cut short")
        self._at += size
        return taken


def _records(content: bytes, size: int) -> dict[bytes, bytes]:
    if len(content) % size:
        raise DeltaUnfit("no whole records")
    return {content[at : at + IDX]: content[at : at + size] for at in range(0, len(content), size)}


def _ascends(places: tuple[bytes, ...]) -> bool:
    return all(one < other for one, other in pairwise(places))


def _u16(number: int) -> bytes:
    if not 0 <= number <= _U16:
        raise ValueError("beyond two bytes")
    return number.to_bytes(2, "big")


def _u32(number: int) -> bytes:
    if not 0 <= number <= _U32:
        raise ValueError("beyond four bytes")
    return number.to_bytes(4, "big")
