"""Which tablet a request comes from: its signature, checked before anything else is looked at (RFC 9421; sync.md
B.14).
"""

from __future__ import annotations

from urllib.parse import quote

from flask import g, request
from sqlalchemy.exc import SQLAlchemyError

from center import busy, current, keyring
from center.store import devices
from center.store.devices import Device
from honorcard.problems import ProblemError
from sync.device import Received, SignatureError, verify
from sync.signed_time import nonce_of
from web.clock import now

SEEN_EVERY_MS = 60_000
_PATH_SAFE = "/:@!$&'()*+,;=-._~"


def sender(*, stopped_too: bool = False) -> Device:
    """The tablet that signed this request.

    stopped_too: also one that was disabled: what citizens handed in there is taken, and it hears what is to become of it.

    ProblemError: `signature_wrong` (401) for anything unsigned, altered or by a stranger; `clock_skew` (401, with
    the time, signed as an answer to that very signature) for a good signature at the wrong time; `device_disabled` (403).
    """
    if "sender" not in g:
        g.sender = _verified()
    found: Device = g.sender
    if found.disabled_ms is not None and not stopped_too:
        raise ProblemError("device_disabled")
    return found


def _verified() -> Device:
    store = current.store()
    settings = current.settings()
    known: dict[str, Device] = {}
    trouble: list[SQLAlchemyError] = []

    def public_key(device_id: str) -> str | None:
        try:
            with store.read() as conn:
                found = devices.find(conn, device_id)
        except SQLAlchemyError as error:  # says nothing about the signature, which the library would answer for
            trouble.append(error)
            raise
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
        if trouble:
            raise trouble[0] from None
        if error.skew:
            signed = keyring.signed_moment(settings, moment, nonce_of(request.headers.get("Signature", "")))
            raise ProblemError("clock_skew", server_ms=int(moment.timestamp() * 1000), time=signed) from None
        raise ProblemError("signature_wrong") from None
    busy.charge(device.device_id)
    now_ms = int(moment.timestamp() * 1000)
    if device.seen_ms is None or abs(now_ms - device.seen_ms) > SEEN_EVERY_MS:
        with store.write(alone=False) as conn:
            devices.note_seen(conn, device.device_id, now_ms)
    return device
