"""The page behind the QR: name, photograph and last valid day of a card that is good today, and nothing else (R47,
C45).

Unknown, revoked, suspended, replaced and expired cards get one and the same page, found or not by one and the same
query. No script runs here (the fragment holds the card's secret), nothing is cached, and W is written nowhere. What
is not here: the verifier, which works with no line.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.blueprints import BlueprintSetupState

from center import current, photostore
from center.card_secrets import lookup_hash
from center.closed import closed
from center.limits import Limit
from center.settings import Settings
from center.store import cards
from center.store.cards import Card
from web.clock import today

bp = Blueprint("public", __name__)

_LOOKUP = re.compile(r"[A-Z2-7]{16}\Z")
BURST, PER_MINUTE = 60, 60


@bp.record
def _address(state: BlueprintSetupState) -> None:
    """The card's own address: the path of the prefix on every card (`HTTPS://HC.TAIPEI/` → `/<W>`)."""
    settings: Settings = state.app.config["SETTINGS"]
    root = urlsplit(settings.card_prefix).path.rstrip("/")
    place = "<string(length=16):lookup>"
    state.app.extensions["public_limit"] = Limit("public", burst=BURST, per_minute=PER_MINUTE)
    state.add_url_rule(f"{root}/{place}", "card", card)
    state.add_url_rule(f"{root}/{place}/photo.jpg", "photo", photo)


def card(lookup: str) -> Response:
    """The card behind W, or the one page that says there is none."""
    if not _may_ask():
        return _page(None, lookup, 429)
    found = _found(lookup)
    return _page(found, lookup, 200 if found else 404)


def photo(lookup: str) -> Response:
    """The holder's photograph, as long as the page itself would show it."""
    settings = current.settings()
    found = _found(lookup) if _may_ask() else None
    content = photostore.get(settings, "photo", found.portrait_sha256) if found else None
    if content is None:
        return closed(make_response(b"", 404, {"Content-Type": "image/jpeg"}))
    return closed(make_response(content, 200, {"Content-Type": "image/jpeg"}))


def _found(lookup: str) -> Card | None:
    store = current.store()
    # a text that can be no W is asked for as well, so that its answer takes as long
    hashed = lookup_hash(lookup if _LOOKUP.match(lookup) else "")
    with store.read() as conn:
        return cards.shown_to_public(conn, hashed, today())


def _page(found: Card | None, lookup: str, status: int) -> Response:
    settings = current.settings()
    rules = settings.rules_on(today())
    body = render_template(
        "center/public.html",
        card=found,
        photo=f"{request.path}/photo.jpg" if found else None,
        issuer=rules.issuer,
        busy=status == 429,
    )
    return closed(make_response(body, status))


def _may_ask() -> bool:
    limit: Limit = current_app.extensions["public_limit"]
    return limit.allows(request.remote_addr)
