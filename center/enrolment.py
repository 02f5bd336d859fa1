"""A tablet introduces itself with a one-time code (sync.md B.14)."""

from __future__ import annotations

import json

import msgspec
from flask import Blueprint, Response, current_app, make_response, request
from flask.blueprints import BlueprintSetupState

from center import devices as codes
from center import keyring
from center.events import settling
from center.limits import Limit
from center.settings import Settings
from center.store import Store, devices, feed
from honorcard.problems import ProblemError
from sync.device import fingerprint, public_key_problem
from sync.ids import uuid7
from sync.wire import Enrol, Enrolled, decode, encode
from web.app import csrf
from web.clock import now, today

bp = Blueprint("enrolment", __name__, url_prefix="/v1")
csrf.exempt(bp)  # no browser's session is used

LONGEST_NAME = 100
BURST, PER_MINUTE = 30, 10.0  # tries of one address, which may be that of a whole event


@bp.record_once
def _limit(state: BlueprintSetupState) -> None:
    state.app.extensions["enrol_limit"] = Limit("enrol", burst=BURST, per_minute=PER_MINUTE)


@bp.post("/enrol")
def enrol() -> Response:
    """Takes the tablet in. ProblemError `enrol_code_wrong`, `_expired`, `_used`, `_spent` (403), `enrol_too_often` (429); of
    two tablets with one code one gets in.
    """
    limit: Limit = current_app.extensions["enrol_limit"]
    if not limit.allows(request.remote_addr):
        raise ProblemError("enrol_too_often")
    asked = _asked()
    store: Store = current_app.extensions["store"]
    settings: Settings = current_app.config["SETTINGS"]
    now_ms = int(now().timestamp() * 1000)
    code = codes.read_code(asked.code)
    name = codes.name_of(code) if code is not None else ""
    with store.read() as conn:
        is_known = name in devices.code_names(conn)
    # hashing is slow on purpose: where no code of that name was given out it would only be a way to keep the server busy
    code_hash = codes.hash_code(code) if code is not None and is_known else None
    fate = "wrong"
    taken, called = None, ""
    device_id = uuid7()
    with store.write() as conn:
        if code_hash is not None:
            taken = devices.take_code(conn, code_hash, device_id, now_ms)
        if taken is not None:
            called = asked.name.strip() or taken.site
            devices.add(
                conn,
                device_id=device_id,
                unit_id=taken.unit_id,
                name=called,
                profile=taken.profile,
                sign_key=asked.sign_key,
                seal_key=asked.seal_key,
                at_ms=now_ms,
                venue_code=taken.venue_code,
            )
            epoch = feed.begin_epoch(conn)
            settling.tell_newcomer(conn, device_id, taken.unit_id, now_ms)
            found = devices.find(conn, device_id)
        elif code_hash is not None:
            fate = devices.code_fate(conn, code_hash, now_ms)
            if fate == "wrong":
                fate = devices.note_wrong_code(conn, name, now_ms)
    if taken is None:
        raise ProblemError(f"enrol_code_{fate}")
    limit.forgive(request.remote_addr)
    center_key = keyring.sealing_public(settings)
    answer = Enrolled(
        device_id=device_id,
        profile=taken.profile,
        unit=found.unit if found is not None else "",
        server_epoch=epoch,
        center_seal_key=center_key,
        trust=json.loads(keyring.trust(settings).document()),
        card_prefix=settings.card_prefix,
        fingerprint=fingerprint(asked.sign_key, asked.seal_key, center_key),
        self_application=settings.rules_on(today()).self_application,
        name=called,
    )
    return make_response(encode(answer), 201, {"Content-Type": "application/json"})


def _asked() -> Enrol:
    try:
        asked: Enrol = decode(Enrol, request.get_data())
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ProblemError("enrol_malformed") from None
    if len(asked.name) > LONGEST_NAME or public_key_problem(asked.sign_key, asked.seal_key):
        raise ProblemError("enrol_malformed")
    return asked
