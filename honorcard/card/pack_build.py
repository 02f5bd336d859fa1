"""Making a pack: sealed records sorted into buckets, files that never change, the manifest last."""

from __future__ import annotations

import hashlib
import hmac
import os
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from honorcard.card import cose, delta
from honorcard.card.manifest import (
    BUCKETS,
    CAP_FLOOR,
    CONTEXT,
    DELTAS,
    MANIFEST,
    PHOTOS,
    Manifest,
    PhotoLayer,
    SignedCount,
    buckets_for,
    manifest_bytes,
    manifest_from,
)
from honorcard.card.pack_parts import Changes, OldRecords, Sorter
from honorcard.card.record import (
    IDX,
    OVERHEAD,
    RECORD,
    SMALL_SLOT,
    LiveCard,
    derive,
    derive_photo,
    photo_plaintext,
    plaintext,
    seal,
    small_plaintext,
)
from honorcard.card.trust import Trust
from honorcard.durable import sync_folder, write_durably

MIN_RECORDS = 1_024  # a smaller pack is filled with dummies, so that its size does not count a district's cards
VALID_DAYS = 30


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
    photo_layers: tuple[str, ...] = (),
    signed: SignedCount | None = None,
) -> Manifest:
    """Write the pack of these cards: new buckets and the delta first, the manifest last, each file durable before the
    next.

    `max_seq` must come from the same database snapshot as the cards, with no lower number in flight. Cards whose
    sealed record in the directory's present pack says the same keep that record, so that only buckets with news
    change. `trust`: its key list travels in the manifest. `filler`: a secret by which the dummies of a small pack keep
    their places from version to version, as cards do; without it they are new each time. `photo_layers`: names of the
    layers in which photos lie apart, each card's in the one it names (credential.md C.4); none is one layer.
    `signed`: what the issue log holds, for all to see. Files of the pack before the present one are swept. A crash
    leaves the old pack or the new one.
    """
    directory = Path(directory)
    (directory / BUCKETS).mkdir(parents=True, exist_ok=True)
    before = _present(directory)
    size = OVERHEAD + SMALL_SLOT if photo_layers else RECORD
    alike = before if before is not None and before.record_bytes == size else None
    old = OldRecords(directory / BUCKETS, alike.bucket_sha256 if alike else (), size)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=directory) as spill:
        sorted_in = Sorter(Path(spill), size=size)
        photos = [_Photos(directory, Path(spill), layer, before) for layer in photo_layers]
        for card in cards:
            if card.seq > max_seq:
                raise ValueError("a card lies above the watermark")
            plain = small_plaintext(card) if photo_layers else plaintext(card)
            sorted_in.add(_sealed(old, *derive(card.secret), card.seq, plain))
            if photo_layers and card.photo:
                photos[photo_layers.index(card.layer)].add(card)
        for number in range(min_records - sorted_in.count):
            idx = _dummy_place(filler, number)
            sorted_in.add(old.at(idx) or idx + os.urandom(size - IDX))
        changes = Changes(old, buckets_for(sorted_in.count), follows=alike is not None and alike.version == version - 1)
        digests = _write_buckets(directory / BUCKETS, sorted_in, changes)
        layers = tuple(layer.write() for layer in photos)
    fresh = changes.write(directory, version)
    manifest = Manifest(
        pack=name,
        version=version,
        as_of=_whole(as_of),
        valid_until=_whole(valid_until or as_of + timedelta(days=VALID_DAYS)),
        max_seq=max_seq,
        cap=cap,
        count=sorted_in.count,
        bucket_sha256=digests,
        key_list=trust.signed_list if trust else b"",
        deltas=delta.prolonged(before.deltas if before else (), fresh, sorted_in.count * size),
        photo_layers=layers,
        signed=signed,
    )
    write_durably(directory / MANIFEST, cose.sign(manifest_bytes(manifest), kid, CONTEXT, key))
    named = (manifest, before) if before else (manifest,)  # the pack before: for those who are still loading it
    _sweep(directory / BUCKETS, keep={digest for one in named for digest in one.bucket_sha256})
    _sweep(directory / DELTAS, keep={entry.sha256 for one in named for entry in one.deltas})
    kept = {digest for one in named for layer in one.photo_layers for digest in layer.bucket_sha256}
    _sweep(directory / PHOTOS, keep=kept)
    return manifest


def _sealed(old: OldRecords, idx: bytes, key: bytes, seq: int, plain: bytes) -> bytes:
    """The record that says so: the old one, or one sealed now."""
    return old.same(idx, key, seq, plain) or seal(idx, key, seq, plain)


def _write_buckets(folder: Path, sorted_in: Sorter, changes: Changes | None = None) -> tuple[bytes, ...]:
    """Every bucket durable under its digest; the digests in the order of the buckets."""
    folder.mkdir(exist_ok=True)
    digests: list[bytes] = []
    for number, content in enumerate(sorted_in.buckets(buckets_for(sorted_in.count))):
        digest = hashlib.sha256(content).digest()
        digests.append(digest)
        path = folder / digest.hex()
        if content and not path.exists():
            write_durably(path, content)
        if changes is not None:
            changes.note(number, digest, content)
    return tuple(digests)


class _Photos:
    """The photos of one layer, while a pack of two layers is built."""

    def __init__(self, directory: Path, spill: Path, name: str, before: Manifest | None) -> None:
        known = {layer.name: layer.bucket_sha256 for layer in (before.photo_layers if before else ())}
        self._name = name
        self._store = directory / PHOTOS
        self._old = OldRecords(self._store, known.get(name, ()))
        folder = spill / f"photos-{name}"
        folder.mkdir()
        self._sorted_in = Sorter(folder)

    def add(self, card: LiveCard) -> None:
        """One more card's photo."""
        self._sorted_in.add(_sealed(self._old, *derive_photo(card.secret), card.seq, photo_plaintext(card)))

    def write(self) -> PhotoLayer:
        """The layer's buckets, laid down."""
        return PhotoLayer(self._name, _write_buckets(self._store, self._sorted_in))


def _dummy_place(filler: bytes | None, number: int) -> bytes:
    """Where the dummy of that number lies: as chance has it, or as the secret says."""
    if filler is None:
        return os.urandom(IDX)
    return hmac.digest(filler, b"dummy %d" % number, "sha256")[:IDX]


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
    sync_folder(store)


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
