"""What tablets send: a batch of sealed operations, each answered for itself (sync.md B.3).

One transaction a batch. What is not here: what becomes of the operations in it (batch), opening photographs (opening), what
reviewers do (desk).
"""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
from flask import Blueprint, Response, current_app, make_response, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy import Connection

from center import keyring, shedding, taking
from center.batch import Batch
from center.limits import Limit
from center.settings import Settings
from center.signed import sender
from center.store import Store, answers, backups, devices, feed, uploads
from center.store.devices import Device
from honorcard.problems import ProblemError
from sync import digests, signed_time
from sync.crash import crash_here
from sync.uploads import MAX_SIZE
from sync.wire import MAX_OVER, PROTO, SCHEMA_V, Hello, Need, OpKind, Push, PushAnswer, decode, encode
from web.app import csrf
from web.clock import now
from web.counting import counters

bp = Blueprint("intake", __name__, url_prefix="/v1")
csrf.exempt(bp)  # signed by a device, no browser's session is used

MAX_OPS = 50
MAX_UNPACKED = 2 * 2**20
NEED_AT_ONCE = 1000
HELLO_BURST = 300  # signed moments for one address: a whole office may sit behind it
HELLO_PER_MINUTE = 600.0


@bp.record_once
def _limit(state: BlueprintSetupState) -> None:
    state.app.extensions["hello_limit"] = Limit("hello", burst=HELLO_BURST, per_minute=HELLO_PER_MINUTE)


@bp.get("/hello")
def hello() -> Response:
    """Versions, limits and the time; needs no signature. `?nonce=`, 32 hex characters, has the time signed with it."""
    store: Store = current_app.extensions["store"]
    settings: Settings = current_app.config["SETTINGS"]
    with store.read() as conn:
        epoch = feed.server_epoch(conn)
    moment = now()
    known = Hello(
        proto=(PROTO, PROTO),
        schema=(1, SCHEMA_V),
        kinds=get_args(OpKind),
        min_app=settings.min_app,
        min_app_from=settings.min_app_from,
        server_epoch=epoch,
        server_time=moment.astimezone(UTC).isoformat(),
        limits={"max_ops": MAX_OPS, "max_bytes": MAX_UNPACKED, "max_photo_bytes": MAX_SIZE},
        time=_signed_time(settings, request.args.get("nonce", ""), moment),
    )
    answer = _json(encode(known))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _signed_time(settings: Settings, nonce: str, moment: datetime) -> str:
    limit: Limit = current_app.extensions["hello_limit"]
    if not signed_time.is_nonce(nonce) or not limit.allows(request.remote_addr):
        return ""
    return keyring.signed_moment(settings, moment, nonce)


@bp.post("/ops")
def take() -> Response:
    """Takes a batch; answers after the commit."""
    device = sender(stopped_too=True)
    push = _push(device)
    if push.ops:
        shedding.room_for_operations()
    moment = now()
    now_ms = int(moment.timestamp() * 1000)
    store: Store = current_app.extensions["store"]
    settings: Settings = current_app.config["SETTINGS"]
    keys = keyring.sealing_privates(settings)
    with store.write() as conn:
        answers.lock_device(conn, device.device_id)
        known = devices.find(conn, device.device_id) or device
        crash_here("S9")
        _watch_for_copies(conn, known, push)
        batch = Batch(conn, known, push.dev_epoch, taking.Desk(settings, keys, moment))
        results = tuple(batch.take_all(sorted(push.ops, key=lambda op: op.seq)))
        high_seq = max((op.seq for op in push.ops), default=0)
        final = frozenset(result.seq for result in results if result.status != "retry")
        contiguous = devices.note_push(conn, known, push.dev_epoch, high_seq, now_ms, final=final, over=push.over)
        epoch = feed.begin_epoch(conn)
        durable = backups.durable_through(conn, device.device_id, push.dev_epoch)
        crash_here("S1")
    crash_here("S2")
    kinds = {op.seq: op.kind for op in push.ops}
    for result in results:
        kind = kinds.get(result.seq, "")
        counters().add("honorcard_operations_total", kind=kind if kind in get_args(OpKind) else "other", result=result.status)
    answer = PushAnswer(
        server_epoch=epoch,
        server_time=moment.astimezone(UTC).isoformat(),
        results=results,
        contiguous_through=contiguous,
        durable_through=durable,
        max_ops=MAX_OPS,
    )
    return _json(encode(answer))


@bp.post("/blobs/need")
def need() -> Response:
    """Which of these files are missing, of those that this tablet has named."""
    device = sender(stopped_too=True)
    asked: Need = _decoded(Need, request.get_data())
    if len(asked.hashes) > NEED_AT_ONCE or not all(_is_address(address) for address in asked.hashes):
        raise ProblemError("push_malformed")
    store: Store = current_app.extensions["store"]
    with store.read() as conn:
        missing = uploads.missing(conn, device.device_id, asked.hashes)
    return _json(encode(Need(hashes=tuple(missing))))


def _watch_for_copies(conn: Connection, known: Device, push: Push) -> None:
    """Two tablets under one name, or one set back: its log has parted, or an earlier life of it speaks again (sync.md B.5)."""
    if push.parted:
        devices.sound_alarm(conn, known.device_id, devices.ROLLED_BACK)
    if known.dev_epoch not in (None, push.dev_epoch) and answers.has_heard(conn, known.device_id, push.dev_epoch):
        devices.sound_alarm(conn, known.device_id, devices.CLONED)


def _push(device: Device) -> Push:
    content = request.get_data()
    if request.headers.get("Content-Encoding", "identity").strip().lower() == "gzip":
        content = _unpacked(content)
    header = _decoded(_Header, content)
    if header.proto != PROTO:
        raise ProblemError("proto_unknown", proto=header.proto, known=PROTO)
    push: Push = _decoded(Push, content)
    if push.device_id != device.device_id or not 0 < len(push.dev_epoch) <= 36:
        raise ProblemError("push_malformed")
    if len(push.ops) > MAX_OPS:
        raise ProblemError("push_too_large", max_ops=MAX_OPS)
    seqs = [op.seq for op in push.ops]
    ids = [op.op_id for op in push.ops]
    sound = len(set(seqs)) == len(seqs) and len(set(ids)) == len(ids) and all(0 < seq < 2**53 for seq in seqs)
    sound = sound and len(push.over) <= MAX_OVER and all(0 < first <= last < 2**53 for first, last in push.over)
    if not sound or not all(len(op_id) == 36 for op_id in ids) or not all(_is_address(op.sha256) for op in push.ops):
        raise ProblemError("push_malformed")
    return push


class _Header(msgspec.Struct):
    proto: int


def _unpacked(content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            clear = packed.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, ValueError) as error:
        raise ProblemError("push_malformed") from error
    if len(clear) > MAX_UNPACKED:
        raise ProblemError("push_too_large", max_ops=MAX_OPS)
    return clear


def _decoded(kind: type[Any], content: bytes) -> Any:
    try:
        return decode(kind, content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProblemError("push_malformed") from error


def _is_address(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _json(content: bytes) -> Response:
    return make_response(content, 200, {"Content-Type": "application/json", digests.HEADER: digests.digest(content)})
