"""Which tablet a request comes from: its signature, checked before anything else is looked at (RFC 9421; sync.md
B.14).
"""

from __future__ import annotations

from urllib.parse import quote

from flask import current_app, g, request

from center import busy
from center.store import Store, devices
from center.store.devices import Device
from honorcard.problems import ProblemError
from sync.device import Received, SignatureError, verify
from web.clock import now

SEEN_EVERY_MS = 60_000
_PATH_SAFE = "/:@!$&'()*+,;=-._~"


def sender() -> Device:
    """The tablet that signed this request.

    ProblemError: `signature_wrong` (401) for anything unsigned, altered or by a stranger; `clock_skew` (401, with
    `server_ms`) for a good signature at the wrong time; `device_disabled` (403).
    """
    if "sender" not in g:
        g.sender = _verified()
    found: Device = g.sender
    return found


def _verified() -> Device:
    store: Store = current_app.extensions["store"]
    known: dict[str, Device] = {}

    def public_key(device_id: str) -> str | None:
        with store.read() as conn:
            found = devices.find(conn, device_id)
        if found is None:
            return None
        known[device_id] = found
        return found.sign_key

    moment = now()
    path = quote(request.environ["PATH_INFO"].encode("latin-1"), safe=_PATH_SAFE)
    query = request.environ.get("QUERY_STRING", "")
    url = f"{request.scheme}://{request.host}{path}{'?' + query if query else ''}"
    message = Received(request.method, url, dict(request.headers.items()))
    try:
        device = known[verify(message, request.get_data(), public_key, moment)]
    except SignatureError as error:
        if error.skew:
            raise ProblemError("clock_skew", server_ms=int(moment.timestamp() * 1000)) from None
        raise ProblemError("signature_wrong") from None
    if device.disabled_ms is not None:
        raise ProblemError("device_disabled")
    busy.charge(device.device_id)
    now_ms = int(moment.timestamp() * 1000)
    if device.seen_ms is None or abs(now_ms - device.seen_ms) > SEEN_EVERY_MS:
        with store.write(alone=False) as conn:
            devices.note_seen(conn, device.device_id, now_ms)
    return device
