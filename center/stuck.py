"""What a tablet reports that it cannot bring: refused here, asked for too often in vain, or damaged on its own disk. Each
becomes a dead letter that somebody here owns (sync.md B.10); a tablet that is to be emptied waits for this.
"""

from __future__ import annotations

import hashlib

import msgspec
from flask import Blueprint, Response, current_app, make_response, request
from sqlalchemy import Connection

from center import shedding
from center.bodies import MAX_PHOTOS
from center.signed import sender
from center.store import Store, answers, photographs, refused
from center.store.devices import Device
from honorcard.problems import ProblemError
from sync import digests
from sync.wire import STUCK_AT_ONCE, OpResult, Stuck, StuckAnswer, StuckReport, decode, encode
from web.app import csrf
from web.clock import now

bp = Blueprint("stuck", __name__, url_prefix="/v1")
csrf.exempt(bp)  # signed by a device, no browser's session is used

PHOTO_DAMAGED = "op_photo_damaged"  # of an operation that was taken: one of its photographs cannot come


@bp.post("/stuck")
def take() -> Response:
    """Keeps what is reported; answers which of it is kept, and what became of what was seen to already."""
    device = sender(stopped_too=True)
    shedding.room_for_operations()
    report = _report(device)
    now_ms = int(now().timestamp() * 1000)
    fates: dict[str, list[str]] = {"kept": [], "done": [], "taken": []}
    store: Store = current_app.extensions["store"]
    with store.write() as conn:
        answers.lock_device(conn, device.device_id)
        for item in report.items:
            fate = _keep(conn, device, report.dev_epoch, item, now_ms)
            fates[fate].append(item.op.op_id)
    said = StuckAnswer(kept=tuple(fates["kept"]), settled=tuple(fates["done"]), taken=tuple(fates["taken"]))
    content = encode(said)
    return make_response(content, 200, {"Content-Type": "application/json", digests.HEADER: digests.digest(content)})


def _keep(conn: Connection, device: Device, dev_epoch: str, item: Stuck, now_ms: int) -> str:
    op = item.op
    whole = bool(op.body) and hashlib.sha256(op.body).hexdigest() == op.sha256
    letter = refused.find(conn, op.op_id)
    known = answers.find(conn, device.device_id, dev_epoch, op)
    about_photo = item.code == PHOTO_DAMAGED
    if letter is not None and letter.state == "done" and letter.code == item.code:
        return "done"
    if not about_photo and known is not None and known.result.op_id == op.op_id and known.result.status != "rejected":
        refused.decide(conn, op.op_id, "taken", now_ms=now_ms)
        # broken there, so that it names no photographs; and a tablet enrolled anew has named none under this name
        photographs.note_named(conn, device.device_id, photographs.awaited(conn, op.entity_id))
        return "taken"
    if letter is None or letter.state != "open" or (letter.code, letter.device_id) != (item.code, device.device_id):
        refused.note(
            conn, device.device_id, dev_epoch, op, code=item.code, now_ms=now_ms, details=item.details,
            receipt=item.receipt, whole=whole,
        )  # fmt: skip
    elif (letter.op is None and whole) or (item.receipt and not letter.receipt):
        refused.fill(conn, op, receipt=item.receipt, whole=whole)
    if known is None and not about_photo:  # else its place in the log would hold up all that comes after it
        result = OpResult(seq=op.seq, op_id=op.op_id, status="rejected", code=refused.LEFT)
        answers.remember(conn, device.device_id, dev_epoch, op, result, now_ms)
    if whole and len(op.needs_blobs) <= MAX_PHOTOS:
        photographs.note_named(conn, device.device_id, op.needs_blobs)
    return "kept"


def _report(device: Device) -> StuckReport:
    try:
        report: StuckReport = decode(StuckReport, request.get_data())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProblemError("push_malformed") from error
    ids = [item.op.op_id for item in report.items]
    sound = report.device_id == device.device_id and 0 < len(report.dev_epoch) <= 36 and len(set(ids)) == len(ids)
    if not sound or len(ids) > STUCK_AT_ONCE or not all(_is_sound(item) for item in report.items):
        raise ProblemError("push_malformed")
    return report


def _is_sound(item: Stuck) -> bool:
    op = item.op
    lengths = len(op.op_id) == 36 and len(op.kind) <= 64 and len(op.entity_id) <= 64 and 0 < len(item.code) <= 64
    return (
        lengths
        and len(item.receipt) <= 16
        and 0 < op.seq < 2**53
        and all(map(_is_address, (op.sha256, *op.needs_blobs)))
    )


def _is_address(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")
