"""One batch of operations inside its transaction, pushed or brought as a file: each is answered for itself (sync.md B.3).

A savepoint for what is taken together; the answer is kept in the same transaction as the effect, so that a batch sent again
changes nothing. What is not here: the request (intake), what an operation does (taking).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from center import taking
from center.store import answers, devices, intake, refused
from center.store.devices import SEQ_REUSED, Device
from honorcard.problems import ProblemError
from sync.wire import Op, OpResult

log = logging.getLogger("honorcard.center.batch")

FROM_STOPPED = "from_disabled_tablet"  # a case's flag
NOT_KNOWN_YET = "op_kind_unknown"  # the one refusal that a newer center takes back (sync.md B.9)


class Batch:
    """One batch inside its transaction, pushed or brought as a file: each operation is answered for itself."""

    def __init__(self, conn: Connection, device: Device, dev_epoch: str, desk: taking.Desk) -> None:
        self._conn = conn
        self._device = device
        self._dev_epoch = dev_epoch
        self._desk = desk

    def take_all(self, ops: Sequence[Op]) -> list[OpResult]:
        """The answers to operations, in their order. Applications that begin are taken together as far as they do not touch
        each other; where that fails, each for itself.
        """
        unheard = answers.unheard(self._conn, self._device.device_id, self._dev_epoch, ops)
        results: list[OpResult] = []
        together: list[taking.First] = []
        traces: set[object] = set()
        seqs: set[int] = set()

        def settle() -> None:
            results.extend(self._begin(together))
            together.clear()
            traces.clear()

        for op in ops:
            is_unheard = op.op_id in unheard and op.seq not in seqs  # a file may bring one twice
            unheard.discard(op.op_id)
            seqs.add(op.seq)
            first = self._first_word(op) if is_unheard else None
            if first is None:
                settle()
                results.append(self.take(op, is_unheard))
                continue
            if not traces.isdisjoint(first.traces):
                settle()
            together.append(first)
            traces |= first.traces
        settle()
        return results

    def _first_word(self, op: Op) -> taking.First | None:
        """What it begins, if it does and can be read; what is wrong with it otherwise, `take` says."""
        if hashlib.sha256(op.body).hexdigest() != op.sha256:
            return None
        try:
            return self._desk.first_word(op)
        except Exception:  # nothing was written
            return None

    def _begin(self, firsts: Sequence[taking.First]) -> list[OpResult]:
        if not firsts:
            return []
        device, now_ms = self._device, self._desk.now_ms
        savepoint = self._conn.begin_nested()
        try:
            results = self._desk.begin(self._conn, device, firsts)
            answered = [(first.op, result) for first, result in zip(firsts, results, strict=True)]
            answers.remember_all(self._conn, device.device_id, self._dev_epoch, answered, now_ms)
            self._mark_stopped([first.op for first in firsts])
            savepoint.commit()
        except (DataError, IntegrityError):
            savepoint.rollback()
        except SQLAlchemyError:
            raise
        except Exception:  # one of them; which, and what becomes of it, is found one by one
            savepoint.rollback()
        else:
            return results
        return [self.take(first.op) for first in firsts]

    def _mark_stopped(self, ops: Sequence[Op]) -> None:
        if self._device.disabled_ms is not None:
            for op in ops:
                if op.kind.startswith("application."):
                    intake.add_flag(self._conn, op.entity_id, FROM_STOPPED)

    def take(self, op: Op, is_unheard: bool = False) -> OpResult:
        """The answer to one operation: the one it got before, or a fresh one that is kept. is_unheard: none was given."""
        known = None if is_unheard else answers.find(self._conn, self._device.device_id, self._dev_epoch, op)
        before = known
        if known is not None and _is_not_final(known, op):
            refused.forget(self._conn, op.op_id)
        elif known is not None:
            return self._again(op, known)
        if hashlib.sha256(op.body).hexdigest() != op.sha256:
            # damaged on the way or on the tablet's disk; not kept, the tablet looks at its own copy before it sends
            # again
            return OpResult(seq=op.seq, op_id=op.op_id, status="retry", code="op_digest_wrong")
        savepoint = self._conn.begin_nested()
        try:
            result = self._desk.take(self._conn, self._device, op)
            if result.status != "retry":
                answers.remember(self._conn, self._device.device_id, self._dev_epoch, op, result, self._desk.now_ms)
            self._mark_stopped([op])
            if before is not None and result.status != "retry":
                refused.decide(self._conn, op.op_id, "taken", now_ms=self._desk.now_ms)
            savepoint.commit()
        except ProblemError as error:
            savepoint.rollback()
            figures = {name: figure for name, figure in error.details.items() if isinstance(figure, int)} or None
            result = OpResult(seq=op.seq, op_id=op.op_id, status="rejected", code=error.code, details=figures)
            answers.remember(self._conn, self._device.device_id, self._dev_epoch, op, result, self._desk.now_ms)
            refused.note(
                self._conn, self._device.device_id, self._dev_epoch, op, code=error.code, now_ms=self._desk.now_ms,
                details=figures,
            )  # fmt: skip
        except (DataError, IntegrityError) as error:  # what is in it does not fit
            savepoint.rollback()
            result = self._unforeseen(op, error)
        except SQLAlchemyError:
            raise  # the database, not this operation: the whole batch is tried again
        except Exception as error:  # one bad operation must never hold up the others (sync.md B.10)
            savepoint.rollback()
            result = self._unforeseen(op, error)
        return result

    def _again(self, op: Op, known: answers.Known) -> OpResult:
        if known.sha256.hex() != op.sha256:
            devices.sound_alarm(self._conn, self._device.device_id, SEQ_REUSED)
            return OpResult(seq=op.seq, op_id=op.op_id, status="rejected", code="op_seq_reused")
        if known.device_id != self._device.device_id:
            if hashlib.sha256(op.body).hexdigest() != op.sha256:
                return OpResult(seq=op.seq, op_id=op.op_id, status="retry", code="op_digest_wrong")
            self._desk.hand_over(self._conn, known.device_id, self._device, op, known.result)
        status: Any = "duplicate" if known.result.status == "applied" else known.result.status
        return msgspec.structs.replace(known.result, seq=op.seq, op_id=op.op_id, status=status)

    def _unforeseen(self, op: Op, error: Exception) -> OpResult:
        # the class alone: its message may quote what is in the operation
        log.error("operation %s of %s failed: %s", op.op_id, self._device.device_id, type(error).__name__)
        return OpResult(seq=op.seq, op_id=op.op_id, status="retry", code="op_failed")


def _is_not_final(known: answers.Known, op: Op) -> bool:
    """Whether an operation that was answered before is looked at again: this center is newer than the one that answered; or
    its tablet had given it up, and it came after all.
    """
    if known.result.code == refused.LEFT:
        return known.result.op_id == op.op_id
    return known.result.code == NOT_KNOWN_YET and known.sha256.hex() == op.sha256
