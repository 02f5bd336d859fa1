"""Calls for help: what one tablet says of them, every other one of its unit hears. Who was first to go there is decided here.

A tablet of no unit (the center's own, or one at a gate) tells those of no unit that stand at the same place. What is not here:
the plate and the list of calls (kiosk.calling).
"""

from __future__ import annotations

from typing import cast

import msgspec
from flask import Blueprint, Response, make_response, request
from sqlalchemy import Connection

from center import current
from center.signed import sender
from center.store import Store, devices, feed, help_calls
from center.store.devices import Device
from honorcard.problems import ProblemError
from sync import digests, wire
from web.app import csrf
from web.clock import now_ms

bp = Blueprint("helping", __name__, url_prefix="/v1")
csrf.exempt(bp)  # signed by a device, no browser's session is used

STALE_MS = 15 * 60 * 1000  # whoever still waits calls again


@bp.post("/calls")
def take() -> Response:
    """What a tablet says of calls; answers how each of them stands now. Nobody hears the same twice."""
    device = sender()
    words = _words()
    at_ms = now_ms()
    with current.store().write() as conn:
        near = devices.near(conn, device.device_id)
        calls = [_heard(conn, device, near, word, at_ms) for word in words]
    content = wire.encode(wire.HelpCalls(calls=tuple(calls)))
    return make_response(content, 200, {"Content-Type": "application/json", digests.HEADER: digests.digest(content)})


def end_stale(store: Store, at_ms: int) -> int:
    """Ends calls that nobody ended in a quarter of an hour, and tells so; how many there were."""
    with store.read() as conn:
        old = help_calls.stale(conn, at_ms - STALE_MS)
    if not old:
        return 0
    with store.write() as conn:
        for call_id in old:
            found = help_calls.find(conn, call_id)
            if found is not None and help_calls.end(conn, call_id):
                near = devices.near(conn, found.device_id)
                _tell(conn, _of(conn, call_id), [found.device_id, *near], at_ms)
        help_calls.forget(conn, at_ms)
    return len(old)


def _heard(conn: Connection, device: Device, near: list[str], word: wire.HelpWord, at_ms: int) -> wire.HelpCall:
    """One word. Of a call that is not known, or not this unit's, it is said that it is over, and no more."""
    found = help_calls.find(conn, word.call_id)
    if found is None and word.what == "call":
        help_calls.add(conn, word.call_id, device.device_id, word.number, at_ms)
        changed = True
    elif found is None or found.device_id not in (device.device_id, *near):
        return wire.HelpCall(call_id=word.call_id, number=word.number, state="over", place="")
    elif word.what == "take":
        changed = help_calls.take(conn, word.call_id, device.device_id)
    else:
        changed = word.what == "end" and help_calls.end(conn, word.call_id)
    call = _of(conn, word.call_id)
    if changed:
        _tell(conn, call, near, at_ms)
    return call


def _of(conn: Connection, call_id: str) -> wire.HelpCall:
    found = help_calls.find(conn, call_id)
    assert found is not None
    return wire.HelpCall(
        call_id=call_id, number=found.number, state=found.state, place=found.place, taken_by=found.taken_by  # type: ignore[arg-type]
    )  # fmt: skip


def _tell(conn: Connection, call: wire.HelpCall, tablets: list[str], at_ms: int) -> None:
    body = wire.encode(call)
    for tablet in tablets:
        feed.append(conn, kind="help.call", entity_id=call.call_id, rev=1, device_id=tablet, body=body, at_ms=at_ms)


def _words() -> tuple[wire.HelpWord, ...]:
    try:
        said = cast(wire.HelpWords, wire.decode(wire.HelpWords, request.get_data()))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProblemError("push_malformed") from error
    sound = all(len(word.call_id) == 36 and 0 < word.number < 1_000 for word in said.words)
    if not sound or len(said.words) > wire.CALLS_AT_ONCE:
        raise ProblemError("push_malformed")
    return said.words
