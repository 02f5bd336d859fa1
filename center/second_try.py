"""What an administrator decides about a dead letter: it is looked at once more, or was dealt with otherwise; and that its
tablet hears of it (sync.md B.10).

A second look needs no tablet: the sealed operation lies here, and goes through the same batch as a push, with the same
memory of what was answered. What is not here: the pages (letters), what tablets report (stuck).
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import Connection

from center import keyring, taking
from center.batch import Batch
from center.settings import Settings
from center.store import Store, answers, audit, cases, devices, feed, refused
from center.store.refused import Letter
from honorcard.problems import ProblemError
from sync.wire import OpResult, OpWord, encode

log = logging.getLogger("honorcard.center.second_try")


def again(store: Store, settings: Settings, op_id: str, actor: str, now: datetime) -> OpResult:
    """Takes the operation as if it had come just now; gives the answer. Taken, its tablet offers it once more and learns so.

    ProblemError `letter_unknown`, `letter_settled`, `letter_without_bytes`.
    """
    desk = taking.Desk(settings, keyring.sealing_privates(settings), now)
    with store.write() as conn:
        letter = _open(conn, op_id)
        device = devices.find(conn, letter.device_id)
        if letter.op is None or device is None:
            raise ProblemError("letter_without_bytes")
        answers.lock_device(conn, device.device_id)
        known = answers.find(conn, device.device_id, letter.dev_epoch, letter.op)
        if known is not None and known.result.status == "rejected" and known.sha256.hex() == letter.op.sha256:
            refused.forget(conn, op_id)
        result = Batch(conn, device, letter.dev_epoch, desk).take(letter.op)
        if result.status in ("applied", "duplicate", "conflict"):
            refused.decide(conn, op_id, "taken", now_ms=desk.now_ms, by=actor)
            if letter.op.kind.startswith("application."):
                cases.record(
                    conn, letter.entity_id, actor=actor, what="looked_again", rev=result.rev or 0, now_ms=desk.now_ms
                )
            _tell(conn, "op.again", letter, desk.now_ms)
        elif result.status == "retry":  # a fresh refusal is noted by the batch itself
            refused.note(
                conn, letter.device_id, letter.dev_epoch, letter.op, code=result.code or letter.code, now_ms=desk.now_ms
            )
    log.info("operation %s looked at again: %s %s", op_id, result.status, result.code or "")
    return result


def settle(store: Store, op_id: str, actor: str, text: str, now: datetime) -> None:
    """It was dealt with otherwise, as `text` says. ProblemError `letter_unknown`, `letter_settled`, `letter_unexplained`."""
    if not text:
        raise ProblemError("letter_unexplained")
    now_ms = int(now.timestamp() * 1000)
    with store.write() as conn:
        letter = _open(conn, op_id)
        refused.decide(conn, op_id, "done", now_ms=now_ms, by=actor, text=text)
        audit.note(
            conn, "letter_settled", actor=actor, now_ms=now_ms, entity_kind="application", entity=letter.entity_id or op_id,
            fields=[("letter", letter.state, "done")],
        )  # fmt: skip
        _tell(conn, "op.settled", letter, now_ms)


def _open(conn: Connection, op_id: str) -> Letter:
    letter = refused.find(conn, op_id)
    if letter is None:
        raise ProblemError("letter_unknown")
    if letter.state != "open":
        raise ProblemError("letter_settled")
    return letter


def _tell(conn: Connection, kind: str, letter: Letter, now_ms: int) -> None:
    body = encode(OpWord(op_id=letter.op_id))
    feed.append(
        conn, kind=kind, entity_id=letter.entity_id or letter.op_id, rev=0, device_id=letter.device_id, body=body,
        at_ms=now_ms,
    )  # fmt: skip
