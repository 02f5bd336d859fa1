"""The rescue file: everything sealed that a tablet still holds, as one file on a stick, for a center that no line reaches.

Layout: magic, head, the payloads one after the other, the head once more, its length, magic. The head lists every payload
with size and SHA-256 and is signed by the tablet's key, so that the place of each payload is known and a file cut short or
damaged still yields what is whole, and says what is missing. Payloads are what would have travelled anyway: operations and
photographs sealed to the center. What is not here: taking it in (center.rescuing).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlite_utils import Database

from honorcard.problems import ProblemError
from honorcard.typed import read_json
from sync import blobs, outbox
from sync.wire import Op

SUFFIX = ".hcrescue"
VERSION = 1
MAGIC, END = b"HCRESQ1\n", b"HCRESQE\n"
MAX_HEAD = 64 * 2**20
MAX_OP = 4 * 2**20
MAX_BLOB = 64 * 2**20
_PIECE = 2**20
_SIGNED = b"honorcard/1 rescue\0"


class Entry(msgspec.Struct, frozen=True):
    """One payload: its seq for an operation, its address for a photograph; its size and SHA-256."""

    kind: Literal["op", "blob"]
    name: str
    size: int
    sha256: str


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds. left_out: what lay on the tablet damaged, or without its file."""

    version: int
    device_id: str
    dev_epoch: str
    made_ms: int
    entries: tuple[Entry, ...]
    left_out: int = 0


class _Carried(msgspec.Struct, frozen=True):
    op: Op
    prev_hash: bytes
    hash: bytes


@dataclass(frozen=True)
class Rescue:
    """A rescue file about to be written: `size` bytes in all, `operations` and `photos` in it."""

    size: int
    operations: int
    photos: int
    left_out: int
    pieces: Callable[[], Iterator[bytes]]


# --- on the tablet ---


def prepare(
    db: Database, blobs_dir: Path, key: ec.EllipticCurvePrivateKey, device_id: str, made_ms: int,
    read_op: Callable[[int], Op | None],
) -> Rescue:  # fmt: skip
    """Everything sealed that is here, whatever the center has said of it: it knows again what it has.

    read_op: the operation of a seq when the file is written, later than this and on whatever thread (`outbox.whole_one`).
    """
    entries, chains, sources = [], {}, []
    named: dict[str, None] = {}
    for op in outbox.whole(db):
        chains[op.seq] = outbox.chain(db, op.seq)
        payload = _op_payload(op, chains[op.seq])
        entries.append(Entry("op", str(op.seq), len(payload), hashlib.sha256(payload).hexdigest()))
        sources.append(op.seq)
        named.update(dict.fromkeys(op.needs_blobs))
    operations, missing = len(entries), 0
    for address in named:
        try:
            size = blobs.path_of(blobs_dir, address).stat().st_size
        except OSError:
            missing += 1  # let go of, or gone
            continue
        entries.append(Entry("blob", address, size, address))
    head = Head(
        version=VERSION, device_id=device_id, dev_epoch=outbox.dev_epoch(db), made_ms=made_ms, entries=tuple(entries),
        left_out=outbox.kept(db) - operations + missing,
    )  # fmt: skip
    block = _head_block(head, key)
    tail = block + len(block).to_bytes(4, "big") + END
    body = sum(entry.size for entry in entries)

    def pieces() -> Iterator[bytes]:
        yield MAGIC + block
        for seq, entry in zip(sources, entries, strict=False):
            op = read_op(seq)
            yield _fitted(b"" if op is None else _op_payload(op, chains[seq]), entry.size)
        for entry in entries[operations:]:
            yield from _file_pieces(blobs.path_of(blobs_dir, entry.name), entry.size)
        yield tail

    size = len(MAGIC) + len(block) + body + len(tail)
    return Rescue(size, operations, len(entries) - operations, head.left_out, pieces)


def _op_payload(op: Op, chain: tuple[bytes, bytes]) -> bytes:
    return msgspec.json.encode(_Carried(op, *chain))


def _head_block(head: Head, key: ec.EllipticCurvePrivateKey) -> bytes:
    content = msgspec.json.encode(head)
    signature = key.sign(_SIGNED + content, ec.ECDSA(SHA256()))
    return (
        len(content).to_bytes(4, "big") + hashlib.sha256(content).digest() + content
        + len(signature).to_bytes(2, "big") + signature
    )  # fmt: skip


def _fitted(content: bytes, size: int) -> bytes:
    """Exactly that many bytes: what changed meanwhile is padded, and found out by its digest."""
    return content[:size].ljust(size, b"\0")


def _file_pieces(path: Path, size: int) -> Iterator[bytes]:
    left = size
    try:
        with path.open("rb") as file:
            while left and (piece := file.read(min(_PIECE, left))):
                left -= len(piece)
                yield piece
    except OSError:
        pass
    while left:
        yield bytes(min(_PIECE, left))
        left -= min(_PIECE, left)


# --- at the center ---


class Reader:
    """A rescue file, read piece by piece. What it holds counts only after `check`.

    ProblemError: `rescue_unreadable` when neither end tells what is in it, `rescue_newer`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._length = file.seek(0, 2)
        found = self._at_front() or self._at_end()
        if found is None:
            raise ProblemError("rescue_unreadable")
        self._content, self._signature, self._start = found
        try:
            self.head = read_json(self._content, Head)
        except msgspec.MsgspecError as error:
            raise ProblemError("rescue_newer" if _is_newer(self._content) else "rescue_unreadable") from error
        if self.head.version != VERSION:
            raise ProblemError("rescue_newer")

    def check(self, sign_public: str) -> None:
        """ProblemError `rescue_unsigned` unless that tablet (its public key, PEM) signed the list of what is in it."""
        key = load_pem_public_key(sign_public.encode())
        try:
            if not isinstance(key, ec.EllipticCurvePublicKey):
                raise InvalidSignature
            key.verify(self._signature, _SIGNED + self._content, ec.ECDSA(SHA256()))
        except InvalidSignature as error:
            raise ProblemError("rescue_unsigned") from error

    def operations(self) -> Iterator[Op | None]:
        """Each operation in order; None for one that is damaged or cut off."""
        for _, content in self._payloads("op", MAX_OP):
            try:
                yield None if content is None else read_json(content, _Carried).op
            except msgspec.MsgspecError:
                yield None

    def photos(self) -> Iterator[tuple[str, bytes | None]]:
        """Address and sealed bytes of each photograph; None for one that is damaged or cut off."""
        return self._payloads("blob", MAX_BLOB)

    def _payloads(self, kind: str, limit: int) -> Iterator[tuple[str, bytes | None]]:
        at = self._start
        for entry in self.head.entries:
            if entry.kind == kind:
                whole = 0 <= entry.size <= limit and at + entry.size <= self._length
                yield entry.name, self._read(at, entry) if whole else None
            at += max(0, entry.size)

    def _read(self, at: int, entry: Entry) -> bytes | None:
        self._file.seek(at)
        content = self._file.read(entry.size)
        return content if hashlib.sha256(content).hexdigest() == entry.sha256 else None

    def _at_front(self) -> tuple[bytes, bytes, int] | None:
        self._file.seek(0)
        if self._file.read(len(MAGIC)) != MAGIC:
            return None
        return self._block(len(MAGIC))

    def _at_end(self) -> tuple[bytes, bytes, int] | None:
        """The head that stands at the end, when the one in front is damaged."""
        last = len(END) + 4
        if self._length < last:
            return None
        self._file.seek(self._length - last)
        tail = self._file.read(last)
        size = int.from_bytes(tail[:4], "big")
        if tail[4:] != END or size > self._length - last:
            return None
        found = self._block(self._length - last - size)
        return None if found is None else (found[0], found[1], len(MAGIC) + size)

    def _block(self, at: int) -> tuple[bytes, bytes, int] | None:
        self._file.seek(at)
        size = int.from_bytes(self._file.read(4), "big")
        digest = self._file.read(32)
        if not 0 < size <= min(MAX_HEAD, self._length):
            return None
        content = self._file.read(size)
        if hashlib.sha256(content).digest() != digest:
            return None
        signature = self._file.read(int.from_bytes(self._file.read(2), "big"))
        return content, signature, self._file.tell()


def _is_newer(content: bytes) -> bool:
    try:
        version = msgspec.json.decode(content).get("version")
    except (msgspec.MsgspecError, AttributeError):
        return False
    return isinstance(version, int) and version > VERSION
