"""The sealed list of live cards: a directory of flat files that opens one record for each card held up, and no other.

    manifest.cose     COSE_Sign1 by a pack key: version, dates, watermark, cap, count and the SHA-256 of every bucket
    buckets/<sha256>  records of one bucket, 2,092 bytes each, sorted; named by content, so that they never change

A record's place and key come from the card's secret S, which only its QR code holds (record.py): a thief of the
directory
reads nothing, and there is no list to show. Dummies fill a small pack.
What is not here: fetching (the apps), the decision (verdict.py). `Pack.open` refuses what is unsigned or older than
one used.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from honorcard.card import cose
from honorcard.card.keyring import sync_directory, write_durably
from honorcard.card.record import (
    IDX,
    RECORD,
    SLOT,
    CardStatus,
    Damaged,
    Found,
    LiveCard,
    derive,
    opened_record,
    plaintext,
    seal,
    search,
    unseal,
)
from honorcard.card.token import CardToken
from honorcard.card.trust import Trust
from honorcard.problems import ProblemError

MIN_RECORDS = 1_024  # a smaller pack is filled with dummies, so that its size does not count a district's cards
CAP_FLOOR = 20_000  # credential.md C.3: issue numbers may jump so far after a restore
VALID_DAYS = 30
MANIFEST = "manifest.cose"
BUCKETS = "buckets"
__all__ = ["CardStatus", "Damaged", "Found", "LiveCard", "Manifest", "Pack", "build", "cap_for", "derive"]

_CONTEXT = b"VHC1-pack"
_FORMAT = 1
_MANIFEST_LIMIT = 1 << 20


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


def cap_for(issued_in_14_days: int) -> int:
    """How far above the watermark an issue number may lie: 14 days of issuing, at least 20,000."""
    return max(issued_in_14_days, CAP_FLOOR)


def buckets_for(count: int) -> int:
    """256 buckets up to 100,000 records (60 slots each at 15,000), 4,096 above."""
    return 256 if count <= 100_000 else 4_096


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
    sealed record
    in the directory's present pack says the same keep that record, so that only buckets with news change. `trust`:
    its key list
    travels in the manifest. Files of the pack before the present one are swept. A crash leaves the old pack or the
    new one.
    """
    directory = Path(directory)
    store = directory / BUCKETS
    store.mkdir(parents=True, exist_ok=True)
    before = _present(directory)
    old = _OldRecords(store, before)
    records: dict[bytes, bytes] = {}
    for card in cards:
        idx, secret_key = derive(card.secret)
        if idx in records:
            raise ValueError("two cards share a secret")
        if card.seq > max_seq:
            raise ValueError("a card lies above the watermark")
        plain = plaintext(card)
        records[idx] = old.same(idx, secret_key, card.seq, plain) or seal(idx, secret_key, card.seq, plain)
    for _ in range(min_records - len(records)):
        dummy = os.urandom(RECORD)
        records[dummy[:IDX]] = dummy
    buckets: list[list[bytes]] = [[] for _ in range(buckets_for(len(records)))]
    for idx in sorted(records):
        buckets[bucket_of(idx, len(buckets))].append(records[idx])
    digests: list[bytes] = []
    for bucket in buckets:
        content = b"".join(bucket)
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
        count=len(records),
        bucket_sha256=tuple(digests),
        key_list=trust.signed_list if trust else b"",
    )
    write_durably(directory / MANIFEST, cose.sign(_body(manifest), kid, _CONTEXT, key))
    _sweep(store, keep={*digests, *(before.bucket_sha256 if before else ())})
    return manifest


class Pack:
    """A pack opened for look-ups. It holds no names: each `find` opens at most the record of the card held up."""

    def __init__(self, directory: Path, manifest: Manifest) -> None:
        self.directory = directory
        self.manifest = manifest

    @classmethod
    def open(cls, directory: Path | str, trust: Trust, *, high_water: int = 0) -> Pack:
        """The pack in a directory. Buckets are checked when they are read, so that opening takes no time.

        `high_water` is the highest version this verifier ever used. ProblemError: `pack_unreadable`,
        `pack_unsigned` (also by a
        withdrawn key), `pack_rolled_back`.
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
        if hashlib.sha256(content).digest() != digest or len(content) % RECORD:
            return Damaged()
        record = search(content, idx)
        if record is None:
            return None
        plain = unseal(record, key, token.seq)
        try:
            return Damaged() if plain is None else opened_record(plain)
        except (ValueError, KeyError, TypeError):
            return Damaged()

    def bucket(self, digest: bytes) -> bytes:
        """The bytes of a bucket's file as they are now; OSError when it is missing."""
        return b"" if digest == _EMPTY else (self.directory / BUCKETS / digest.hex()).read_bytes()

    def damaged_buckets(self) -> list[int]:
        """Numbers of the buckets that are missing or fail their hash: what to fetch again."""
        bad = []
        for number, digest in enumerate(self.manifest.bucket_sha256):
            try:
                sound = hashlib.sha256(self.bucket(digest)).digest() == digest
            except OSError:
                sound = False
            if not sound:
                bad.append(number)
        return bad


def read_manifest(raw: bytes, trust: Trust) -> Manifest:
    """The manifest in signed bytes, when a pack key of the trust signed it. ProblemError `pack_unreadable`,
    `pack_unsigned`."""
    try:
        envelope = cose.parse(raw)
    except cose.CoseError:
        raise ProblemError("pack_unreadable") from None
    key = trust.key(envelope.kid, "pack")
    if key is None or key.withdrawn or not cose.holds(envelope, _CONTEXT, key.verifying_key):
        raise ProblemError("pack_unsigned")
    try:
        return _manifest_from(cose.decode(envelope.payload))
    except (ValueError, KeyError, TypeError, OverflowError):
        raise ProblemError("pack_unreadable") from None


def bucket_of(idx: bytes, buckets: int) -> int:
    """The bucket of a record: the leading 8 bits of idx, or 12 of 4,096 buckets."""
    return idx[0] if buckets == 256 else int.from_bytes(idx[:2], "big") >> 4


_EMPTY = hashlib.sha256(b"").digest()


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
            digest = self._digests[number]
            try:
                content = b"" if digest == _EMPTY else (self._store / digest.hex()).read_bytes()
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
        return _manifest_from(cose.decode(cose.parse((directory / MANIFEST).read_bytes()).payload))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None


def _sweep(store: Path, keep: set[bytes]) -> None:
    names = {digest.hex() for digest in keep}
    for path in store.iterdir():
        if path.name not in names:
            path.unlink(missing_ok=True)
    sync_directory(store)


def _body(manifest: Manifest) -> bytes:
    return cose.encode(
        {
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
    )


def _manifest_from(body: dict[str, Any]) -> Manifest:
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
    )


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
