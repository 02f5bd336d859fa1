"""Making a pack: sealed records sorted into buckets, files that never change, the manifest last."""

from __future__ import annotations

import hashlib
import hmac
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from honorcard.card import cose, delta
from honorcard.card.keyring import sync_directory, write_durably
from honorcard.card.manifest import (
    BUCKETS,
    CAP_FLOOR,
    CONTEXT,
    DELTAS,
    EMPTY_BUCKET,
    MANIFEST,
    DeltaEntry,
    Manifest,
    bucket_of,
    buckets_for,
    manifest_bytes,
    manifest_from,
)
from honorcard.card.record import IDX, RECORD, LiveCard, derive, plaintext, seal, search, unseal
from honorcard.card.trust import Trust

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
    filler: bytes | None = None,
) -> Manifest:
    """Write the pack of these cards: new buckets and the delta first, the manifest last, each file durable before the
    next.

    `max_seq` must come from the same database snapshot as the cards, with no lower number in flight. Cards whose
    sealed record in the directory's present pack says the same keep that record, so that only buckets with news
    change. `trust`: its key list travels in the manifest. `filler`: a secret by which the dummies of a small pack keep
    their places from version to version, as cards do; without it they are new each time. Files of the pack before the
    present one are swept. A crash leaves the old pack or the new one.
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
        for number in range(min_records - sorted_in.count):
            idx = _dummy_place(filler, number)
            sorted_in.add(old.at(idx) or idx + os.urandom(RECORD - IDX))
        digests: list[bytes] = []
        changes = _Changes(
            old, buckets_for(sorted_in.count), follows=before is not None and before.version == version - 1
        )
        for number, content in enumerate(sorted_in.buckets(buckets_for(sorted_in.count))):
            digest = hashlib.sha256(content).digest()
            digests.append(digest)
            path = store / digest.hex()
            if content and not path.exists():
                write_durably(path, content)
            changes.note(number, digest, content)
    fresh = changes.write(directory, version)
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
        deltas=delta.prolonged(before.deltas if before else (), fresh, sorted_in.count * RECORD),
    )
    write_durably(directory / MANIFEST, cose.sign(manifest_bytes(manifest), kid, CONTEXT, key))
    named = (manifest, before) if before else (manifest,)  # the pack before: for those who are still loading it
    _sweep(store, keep={digest for one in named for digest in one.bucket_sha256})
    _sweep(directory / DELTAS, keep={entry.sha256 for one in named for entry in one.deltas})
    return manifest


def _dummy_place(filler: bytes | None, number: int) -> bytes:
    """Where the dummy of that number lies: as chance has it, or as the secret says."""
    if filler is None:
        return os.urandom(IDX)
    return hmac.digest(filler, b"dummy %d" % number, "sha256")[:IDX]


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
        self.digests = manifest.bucket_sha256 if manifest else ()
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
        return search(self._read[number], idx)

    def bucket(self, number: int) -> bytes | None:
        """The old bucket's bytes; None when they are missing or damaged."""
        digest = self.digests[number]
        try:
            content = b"" if digest == EMPTY_BUCKET else (self._store / digest.hex()).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).digest() == digest else None


class _Changes:
    """What the new pack changes of the old one, as a delta, where one can be made."""

    def __init__(self, old: _OldRecords, buckets: int, follows: bool) -> None:
        self._old = old
        self._buckets = buckets
        self._made: dict[int, delta.Change] | None = {} if follows and len(old.digests) == buckets else None

    def note(self, number: int, digest: bytes, content: bytes) -> None:
        """One bucket of the new pack. An old one that cannot be read makes the delta impossible."""
        if self._made is None or digest == self._old.digests[number]:
            return
        old = self._old.bucket(number)
        change = None if old is None else delta.change_between(old, content)
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


def _present(directory: Path) -> Manifest | None:
    """The directory's manifest as it stands. Unverified: it only spares work, each record taken over is opened
    first."""
    try:
        return manifest_from(cose.decode(cose.parse((directory / MANIFEST).read_bytes()).payload))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None


def _sweep(store: Path, keep: set[bytes]) -> None:
    if not store.is_dir():
        return
    names = {digest.hex() for digest in keep}
    for path in store.iterdir():
        if path.name not in names:
            path.unlink(missing_ok=True)
    sync_directory(store)


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
