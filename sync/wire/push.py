"""How operations and photographs go up: batches of sealed operations and the center's word on each, files asked about."""

from __future__ import annotations

from typing import Literal

import msgspec

PROTO = 1
STUCK_AT_ONCE = 50
MAX_OVER = 1000  # stretches of a log that are counted over, in one push

OpKind = Literal[
    "application.submit", "application.amend", "application.reissue", "application.withdraw", "card.print_ack",
    "event.new", "event.mark", "event.close", "training.feedback",
]  # fmt: skip


class Op(msgspec.Struct, frozen=True, kw_only=True):
    """One operation as it travels; `body` is the sealed bytes (base64 in JSON), `sha256` their digest in hex."""

    seq: int
    op_id: str
    kind: str
    entity_id: str
    base_rev: int | None
    schema_v: int
    sha256: str
    needs_blobs: tuple[str, ...]
    body: bytes
    wall_ms: int | None = None
    mono_ms: int | None = None
    boot_id: str | None = None


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of operations in seq order: at most 50, or 512 KiB. parted: the tablet found that the center had heard more
    under the name of its database than it knows of itself, and has given it another one. over: the seqs of this log, as
    (first, last), that the center counts over, since they will not come, or not soon.
    """

    proto: int
    device_id: str
    dev_epoch: str
    ops: tuple[Op, ...]
    parted: bool = False
    over: tuple[tuple[int, int], ...] = ()


class OpResult(msgspec.Struct, frozen=True, kw_only=True):
    """The center's word on one operation (sync.md B.3)."""

    seq: int
    op_id: str
    status: Literal["applied", "duplicate", "conflict", "rejected", "retry"]
    rev: int | None = None
    receipt: str | None = None
    code: str | None = None
    details: dict[str, int] | None = None  # the figures of the code's sentence


class PushAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the center answers to a push, after its COMMIT."""

    server_epoch: str
    server_time: str
    results: tuple[OpResult, ...]
    contiguous_through: int
    durable_through: int
    max_ops: int = 50
    retry_after_s: float = 0.0


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """Which of these blobs (hex) the center lacks: asked, and answered with the subset."""

    hashes: tuple[str, ...]


class Stuck(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that a tablet cannot bring. code: why, of the problem catalogue; details: the figures of its sentence.

    The operation's body is empty when its bytes are no longer what they were. receipt: of the application, when known.
    """

    op: Op
    code: str
    details: dict[str, int] | None = None
    receipt: str = ""


class StuckReport(msgspec.Struct, frozen=True, kw_only=True):
    """Operations that wait on a tablet for a person, at most fifty at a time (sync.md B.10)."""

    device_id: str
    dev_epoch: str
    items: tuple[Stuck, ...]


class StuckAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the center made of them, by op_id: kept for a person; settled by one already; taken, to be offered once more."""

    kept: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
