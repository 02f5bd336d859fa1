"""A trainee's word at the end of a training, as a tablet brings it, in the batch's transaction. Told twice, it is there once."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Connection

from center import bodies
from center.store import training_feedback
from center.store.devices import Device
from honorcard.practice import EASE, LONGEST_SESSION, LONGEST_WORDS
from honorcard.problems import ProblemError
from sync import wire
from sync.wire import Op, OpResult

KIND = "training.feedback"
_MOST_MS = 4_102_444_800_000  # the year 2100
_MOST_TASKS = 40
_LONGEST_CODE = 24


def take(conn: Connection, keys: Sequence[X25519PrivateKey], device: Device, op: Op, now_ms: int) -> OpResult:
    """Keeps it. ProblemError `op_malformed`."""
    said: wire.TrainingFeedback = bodies.opened(op, keys, lambda clear: wire.decode(wire.TrainingFeedback, clear))
    if said.feedback_id != op.entity_id or not _is_sound(said):
        raise ProblemError("op_malformed")
    training_feedback.add(conn, said, device_id=device.device_id, unit_id=device.unit_id, now_ms=now_ms)
    return OpResult(seq=op.seq, op_id=op.op_id, status="applied", rev=1)


def _is_sound(said: wire.TrainingFeedback) -> bool:
    short = len(said.session) <= LONGEST_SESSION and len(said.words) <= LONGEST_WORDS
    # a newer tablet may know other tasks: their codes are kept
    tasks = len(said.tasks) <= _MOST_TASKS and all(0 < len(code) <= _LONGEST_CODE for code in said.tasks)
    counted = 0 <= said.done <= said.of <= _MOST_TASKS
    return (
        len(said.feedback_id) == 36 and said.ease in EASE and short and tasks and counted and 0 < said.at_ms < _MOST_MS
    )
