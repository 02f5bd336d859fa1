"""tus 1.0 at the center: core, creation, creation-with-upload, checksum, expiration, termination (sync.md B.4).

A file is taken only when an accepted operation of that tablet names it. What is not here: the bytes (receiving).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from uuid import uuid4

from flask import Blueprint, Response, current_app, make_response, request

from center import current, receiving, shedding
from center.signed import sender
from center.store import uploads as rows
from center.store.uploads import Upload
from honorcard.problems import ProblemError
from sync import uploads as tus
from web.app import csrf
from web.clock import now_ms

bp = Blueprint("uploads", __name__, url_prefix="/v1/uploads")
csrf.exempt(bp)  # signed by a device, no browser's session is used

LIFE_MS = 7 * 24 * 3600 * 1000
QUOTA_BYTES = 200 * 2**20


@bp.after_request
def _say_version(answer: Response) -> Response:
    answer.headers["Tus-Resumable"] = tus.VERSION
    if answer.status_code == 412:
        answer.headers["Tus-Version"] = tus.VERSION
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.route("", methods=["OPTIONS"])
def options() -> Response:
    """What this server can do; needs no signature."""
    return make_response(
        "",
        204,
        {
            "Tus-Version": tus.VERSION,
            "Tus-Extension": tus.EXTENSIONS,
            "Tus-Max-Size": str(tus.MAX_SIZE),
            "Tus-Checksum-Algorithm": ",".join(tus.CHECKSUMS),
        },
    )


@bp.post("")
def create() -> Response:
    """Begins an upload; takes its first bytes at once when they come along."""
    device = sender(stopped_too=True)
    _check_version()
    length = _number("Upload-Length")
    if length > tus.MAX_SIZE:
        raise ProblemError("upload_too_large", limit=tus.MAX_SIZE)
    address = _address()
    chunk = request.get_data()
    if chunk:
        _check_chunk(chunk)
    shedding.room_for_photos()
    at_ms = now_ms()
    new = Upload(str(uuid4()), device.device_id, address, length, at_ms + LIFE_MS)
    store, settings = current.store(), current.settings()
    if len(chunk) == length > 0 and _take_whole(new, chunk, at_ms):
        return _created(new, length)
    with store.write() as conn:
        if not rows.is_named(conn, device.device_id, address):
            raise ProblemError("upload_not_named")
        new = replace(new, is_stored=rows.is_stored(conn, address))
        before = rows.begin(conn, new)
        if rows.bytes_under_way(conn, device.device_id) > QUOTA_BYTES:
            raise ProblemError("upload_quota")
    if before is not None:
        receiving.discard(settings, before)
    held = _append(new, 0, chunk) if chunk or length == 0 else 0
    return _created(new, held)


def _take_whole(new: Upload, content: bytes, at_ms: int) -> bool:
    """A file that came in one piece: kept at once, without being under way first; False when it is here already."""
    store, settings = current.store(), current.settings()
    with store.read() as conn:
        if not rows.is_named(conn, new.device_id, new.sha256):
            raise ProblemError("upload_not_named")
        if rows.is_stored(conn, new.sha256):
            return False
    try:
        before = receiving.take_whole(store, settings, new, content, at_ms)
    except receiving.WrongContentError:
        raise ProblemError("upload_checksum") from None
    if before is not None:
        receiving.discard(settings, before)
    _nudge()
    return True


def _created(new: Upload, held: int) -> Response:
    headers = {"Location": f"/v1/uploads/{new.upload_id}", "Upload-Offset": str(held), **_expiry(new)}
    return make_response("", 201, headers)


@bp.route("/<upload_id>", methods=["HEAD"])
def look(upload_id: str) -> Response:
    """How far an upload has come: the truth after any break."""
    upload = _mine(upload_id)
    held = receiving.offset(current.store(), current.settings(), upload, now_ms())
    headers = {
        "Upload-Offset": str(held),
        "Upload-Length": str(upload.length),
        "Upload-Metadata": tus.metadata({"sha256": upload.sha256}),
        **_expiry(upload),
    }
    return make_response("", 200, headers)


@bp.patch("/<upload_id>")
def go_on(upload_id: str) -> Response:
    """Takes the next bytes."""
    upload = _mine(upload_id)
    at = _number("Upload-Offset")
    chunk = request.get_data()
    _check_chunk(chunk)
    shedding.room_for_photos()
    held = _append(upload, at, chunk)
    return make_response("", 204, {"Upload-Offset": str(held), **_expiry(upload)})


@bp.delete("/<upload_id>")
def end(upload_id: str) -> Response:
    """Gives an upload up."""
    upload = _mine(upload_id)
    with current.store().write() as conn:
        rows.end(conn, upload.upload_id)
    receiving.discard(current.settings(), upload.upload_id)
    return make_response("", 204)


def _append(upload: Upload, at: int, chunk: bytes) -> int:
    try:
        held = receiving.append(current.store(), current.settings(), upload, at, chunk, now_ms())
    except receiving.OffsetError as error:
        raise ProblemError("upload_offset", offset=error.offset) from None
    except receiving.WrongContentError:
        raise ProblemError("upload_checksum") from None
    if held == upload.length:
        _nudge()
    return held


def _nudge() -> None:
    worker = current_app.extensions.get("worker")
    if worker is not None:
        worker.nudge()


def _mine(upload_id: str) -> Upload:
    device = sender(stopped_too=True)
    _check_version()
    with current.store().read() as conn:
        found = rows.find(conn, upload_id)
    if found is None or found.device_id != device.device_id or found.expires_ms <= now_ms():
        raise ProblemError("upload_unknown")
    return found


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != tus.VERSION:
        raise ProblemError("tus_version", known=tus.VERSION)


def _check_chunk(chunk: bytes) -> None:
    if request.headers.get("Content-Type", "").split(";")[0].strip().lower() != tus.CONTENT_TYPE:
        raise ProblemError("upload_content_type")
    said = request.headers.get("Upload-Checksum")
    if said is None:
        return
    try:
        holds = tus.checksum_holds(said, chunk)
    except ValueError:
        raise ProblemError("upload_malformed", header="Upload-Checksum") from None
    if not holds:
        raise ProblemError("upload_checksum")


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise ProblemError("upload_malformed", header=header)
    return int(text)


def _address() -> str:
    try:
        address = tus.read_metadata(request.headers.get("Upload-Metadata", "")).get("sha256", "")
    except ValueError:
        raise ProblemError("upload_malformed", header="Upload-Metadata") from None
    if len(address) != 64 or not set(address) <= set("0123456789abcdef"):
        raise ProblemError("upload_malformed", header="Upload-Metadata")
    return address


def _expiry(upload: Upload) -> dict[str, str]:
    moment = datetime.fromtimestamp(upload.expires_ms // 1000, UTC)
    return {"Upload-Expires": format_datetime(moment, usegmt=True)}
