"""Taking in a rescue file: the same way as a push, with the same memory of what was answered, so that a file may be brought
any number of times, before or after the tablet itself has found a line (sync.md B.3).

The tablet's signature is checked against the key it was enrolled with. One that was disabled meanwhile is taken too (what
citizens handed in is not theirs to lose), and its cases bear the flag that a push of such a tablet gives them. What is not
here: the file itself (sync.rescue), the page (rescue).
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import Connection

from center import keyring, photostore, taking
from center.batch import Batch
from center.intake import MAX_OPS
from center.settings import Settings
from center.store import Store, answers, cases, devices, uploads
from center.store.devices import Device
from honorcard.problems import ProblemError
from sync.rescue import Reader
from sync.wire import Op, OpResult

log = logging.getLogger("honorcard.center.rescue")

MOVE = "rescued"


@dataclass
class Outcome:
    """What came of a file. refused: how many operations by the code of the reason. waiting: could not be applied just now,
    bring the file again. damaged: not whole in the file. left_out: not whole on the tablet already.
    """

    device: Device
    made_ms: int
    taken: int = 0
    known: int = 0
    waiting: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    damaged: int = 0
    photos: int = 0
    photos_known: int = 0
    photos_refused: int = 0
    photos_damaged: int = 0
    left_out: int = 0

    @property
    def whole(self) -> bool:
        """Whether everything the tablet held has arrived."""
        return not (self.waiting or self.damaged or self.photos_damaged or self.left_out)


def take(store: Store, settings: Settings, file: BinaryIO, actor: str, now: datetime) -> Outcome:
    """Takes in what is whole in `file`. actor: the account that brought it, for the history.

    ProblemError `rescue_unreadable`, `rescue_newer`, `rescue_foreign`, `rescue_unsigned`: then nothing was taken.
    """
    reader = Reader(file)
    with store.read() as conn:
        device = devices.find(conn, reader.head.device_id)
    if device is None:
        raise ProblemError("rescue_foreign")
    reader.check(device.sign_key)
    outcome = Outcome(device, reader.head.made_ms, left_out=reader.head.left_out)
    desk = taking.Desk(settings, keyring.sealing_privates(settings), now)
    batch: list[Op] = []
    for op in reader.operations():
        if op is None:
            outcome.damaged += 1
            continue
        batch.append(op)
        if len(batch) == MAX_OPS:
            _take_batch(store, desk, reader, batch, actor, outcome)
            batch = []
    _take_batch(store, desk, reader, batch, actor, outcome)
    for address, content in reader.photos():
        _take_photo(store, settings, device, address, content, desk.now_ms, outcome)
    log.info(
        "rescue file of tablet %s: %s taken, %s known, %s refused, %s photographs",
        device.device_id, outcome.taken, outcome.known, sum(outcome.refused.values()), outcome.photos,
    )  # fmt: skip
    return outcome


def _take_batch(store: Store, desk: taking.Desk, reader: Reader, ops: list[Op], actor: str, outcome: Outcome) -> None:
    """One transaction, as a push is; the tablet is not heard from by it, so that only its place in the log is noted."""
    if not ops:
        return
    epoch = reader.head.dev_epoch
    results: list[tuple[Op, OpResult]] = []
    with store.write() as conn:
        answers.lock_device(conn, outcome.device.device_id)
        known = devices.find(conn, outcome.device.device_id) or outcome.device
        answered = Batch(conn, known, epoch, desk).take_all(ops)
        for op, result in zip(ops, answered, strict=True):
            results.append((op, result))
            if result.status == "applied":
                _note(conn, op, actor, result, desk.now_ms)
        if known.dev_epoch in (None, epoch):
            seen_ms = known.seen_ms if known.seen_ms is not None else known.enrolled_ms
            devices.note_push(conn, known, epoch, max(op.seq for op in ops), seen_ms)
    for _, result in results:
        if result.status == "applied":
            outcome.taken += 1
        elif result.status == "duplicate":
            outcome.known += 1
        elif result.status == "retry":
            outcome.waiting += 1
        else:
            outcome.refused[result.code or "op_failed"] += 1


def _note(conn: Connection, op: Op, actor: str, result: OpResult, now_ms: int) -> None:
    """The history says that it came by hand, and by whose."""
    if not op.kind.startswith("application."):
        return
    cases.record(conn, op.entity_id, actor=actor, what=MOVE, rev=result.rev or 0, now_ms=now_ms)


def _take_photo(
    store: Store, settings: Settings, device: Device, address: str, content: bytes | None, now_ms: int, outcome: Outcome
) -> None:
    """A photograph is kept only when an operation of that tablet names it, as with uploads."""
    with store.read() as conn:
        named, stored = uploads.is_named(conn, device.device_id, address), uploads.is_stored(conn, address)
    if stored:
        outcome.photos_known += 1
    elif content is None:
        outcome.photos_damaged += 1
    elif not named:
        outcome.photos_refused += 1
    else:
        photostore.put(settings, "sealed", address, content)
        with store.write() as conn:
            uploads.note_stored(conn, address, len(content), now_ms)
        outcome.photos += 1
