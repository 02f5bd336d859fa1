"""The API for other city systems, 臺北卡 and care stations among them (R33, R64): JSON, keys with scopes, one document.

A request goes through the same steps whatever it asks: its key, the key's share of the minute, the scope, the fields, then the
operation, then the log of uses. What is not here: the operations (cards, people, places, service), what they are declared by
(declared), keys (keys), the administrator's page of keys (center.systems).
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, cast

import msgspec
from flask import Blueprint, Flask, Response, current_app, g, make_response, request
from flask.blueprints import BlueprintSetupState

from center import current
from center.api import cards, document, keys, people, places, service
from center.api.declared import OPERATIONS, Call, Operation
from center.limits import Limit
from center.pages import page
from center.store import api_keys, audit
from center.store.api_keys import Key
from center.store.audit import Act
from honorcard.problems import ProblemError
from honorcard.typed import convert, read_json
from web.app import csrf
from web.clock import now_ms

bp = Blueprint("api", __name__)
csrf.exempt(bp)

LARGEST_BODY = 2**20
PUBLIC_BURST, PUBLIC_PER_MINUTE = 60, 120
WRONG_KEYS_BURST, WRONG_KEYS_PER_MINUTE = 30, 30
ROOMS = (cards, people, places, service)  # each declares its operations when it is loaded
_WHERE = re.compile(r"at `(\$[^`]*)`\Z")


@bp.record
def _addresses(state: BlueprintSetupState) -> None:
    app = cast(Flask, state.app)
    app.extensions["api_shares"] = keys.Shares()
    app.extensions["api_public"] = Limit("api", burst=PUBLIC_BURST, per_minute=PUBLIC_PER_MINUTE)
    app.extensions["api_wrong_keys"] = Limit("api keys", burst=WRONG_KEYS_BURST, per_minute=WRONG_KEYS_PER_MINUTE)
    for one in OPERATIONS:
        state.add_url_rule(
            one.route, one.name, _view(one), methods=[one.method], provide_automatic_options=False, strict_slashes=True
        )


@bp.get("/api/openapi.json")
def openapi() -> Response:
    """The document, OpenAPI 3.1; for anybody."""
    return _with_etag(document.as_json(), "public, max-age=300")


@bp.get("/api/")
def readable() -> Response:
    """The same as a page."""
    return page("center/api.html", "main", groups=document.readable())


def _view(one: Operation) -> Any:
    """The view of an operation: what is the same for all of them."""

    def view(**path: str) -> Response:
        g.api_operation = one
        request.max_content_length = LARGEST_BODY
        call = Call(_entered(one), {})
        g.api_call = call
        call.values = _values(one, path)
        if one.body is not None:
            call.raw, call.body = _body(one)
        reply = one.handler(call)
        content = msgspec.json.encode(reply)
        if one.method == "GET":
            return _with_etag(content, "no-store" if one.scope else "public, max-age=60")
        return make_response(content, 200, {"Content-Type": "application/json"})

    return view


def _entered(one: Operation) -> Key | None:
    if one.scope is None:
        public: Limit = _extension("api_public")
        if not public.allows(request.remote_addr):
            raise ProblemError("api_too_many")
        return None
    key = keys.of_request()
    keys.take(key)
    keys.require(key, one.scope)
    return key


def _values(one: Operation, path: dict[str, str]) -> dict[str, Any]:
    """The parameters, each checked by its type. ProblemError `api_field` for a wrong, a missing, a doubled, an unknown one."""
    known = {param.name for param in one.params if param.place == "query"}
    for name in request.args:
        if name not in known or len(request.args.getlist(name)) > 1:
            raise ProblemError("api_field", field=name if name in known else "query")
    values: dict[str, Any] = {}
    for param in one.params:
        said = {
            "path": path.get(param.name), "query": request.args.get(param.name), "header": request.headers.get(param.name)
        }[param.place]  # fmt: skip
        if said is None:
            if param.required:
                raise ProblemError("api_field", field=param.name)
            values[param.name] = param.default
            continue
        try:
            values[param.name] = convert(said, param.kind, strict=False)
        except msgspec.ValidationError:
            raise ProblemError("api_field", field=param.name) from None
    return values


def _body(one: Operation) -> tuple[bytes, Any]:
    """The body as it came and as it is read. ProblemError `api_media_type`, `api_body`, `api_field`."""
    if request.mimetype != "application/json":
        raise ProblemError("api_media_type")
    raw = request.get_data()
    try:
        return raw, read_json(raw, one.body)
    except msgspec.ValidationError as error:  # its words may quote a value: only the place is told
        found = _WHERE.search(str(error))
        raise ProblemError("api_field", field=found[1] if found else "$") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise ProblemError("api_body") from None


def _with_etag(content: bytes, cache: str) -> Response:
    reply = make_response(content, 200, {"Content-Type": "application/json", "Cache-Control": cache})
    reply.set_etag(hashlib.sha256(content).hexdigest()[:32])
    return make_response(reply.make_conditional(request))


def _extension(name: str) -> Any:
    return current_app.extensions[name]


@bp.after_request
def _told(reply: Response) -> Response:
    """What is left of the key's minute, and the line of the log of uses."""
    reply.headers.pop("Set-Cookie", None)
    share: keys.Share | None = g.get("api_share")
    if share is not None:
        reply.headers.update(share.headers())
    elif reply.status_code == 429:
        reply.headers["Retry-After"] = "60"
    if reply.status_code == 401:
        reply.headers["WWW-Authenticate"] = 'Bearer realm="honorcard"'
    key: Key | None = g.get("api_key")
    one: Operation | None = g.get("api_operation")
    if key is not None and one is not None:
        call: Call = g.get("api_call") or Call(key, {})
        with current.store().write(alone=False) as conn:
            api_keys.note_use(
                conn, key.key_id, at_ms=now_ms(), operation=one.name, status=reply.status_code, purpose=call.purpose,
                about=call.about,
            )  # fmt: skip
            if call.about:  # somebody was found: shown to that system from now on
                seen = Act("api_person_seen", "person", call.about, [("purpose", "", call.purpose)] if call.purpose else [])
                audit.saw(conn, [seen], actor=f"api:{key.key_id}", now_ms=now_ms())
    return reply
