"""The digital card: the holder's own page with the card's QR code large, for places that take it (R48).

Whoever hands out the sheet hands out its address (digital_address), and that is written down. The page shows what the front of
the card shows and is nobody's proof: the code has to be scanned. No script, nothing cached, nothing indexed, rate-limited; every
other address gets one and the same answer. What is not here: the public page, which never holds the secret (public).
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.blueprints import BlueprintSetupState

from center import current, digital_address, photostore
from center.closed import closed
from center.limits import Limit
from center.settings import Settings
from center.store import venues
from center.store.cards import Card
from honorcard.card.symbol import qr_png
from honorcard.venues import wanting_paper
from web.clock import today

bp = Blueprint("digital", __name__)

BURST, PER_MINUTE = 30, 30
MODULE_PX = 12  # a symbol of 684 pixels: sharp on every phone


@bp.record
def _address(state: BlueprintSetupState) -> None:
    """Beside the public page: the path of the prefix on every card, and `my/`."""
    settings: Settings = state.app.config["SETTINGS"]
    place = f"{digital_address.root(settings)}/my/<string(length={digital_address.TOKEN_CHARACTERS}):token>"
    state.app.extensions["digital_limit"] = Limit("digital", burst=BURST, per_minute=PER_MINUTE)
    state.add_url_rule(place, "card", card)
    state.add_url_rule(f"{place}/photo.jpg", "photo", photo)
    state.add_url_rule(f"{place}/code.png", "code", code)


def card(token: str) -> Response:
    """The holder's page, or the one that says there is no such card."""
    if not _may_ask():
        return _page(None, 429)
    found = _found(token)
    return _page(found, 200 if found else 404)


def photo(token: str) -> Response:
    """The holder's photograph."""
    found = _found(token) if _may_ask() else None
    content = photostore.get(current.settings(), "photo", found.portrait_sha256) if found else None
    return _picture(content, "image/jpeg")


def code(token: str) -> Response:
    """The very code that is printed on the card."""
    found = _found(token) if _may_ask() else None
    return _picture(
        qr_png(digital_address.qr_text(current.settings(), found), MODULE_PX) if found else None, "image/png"
    )


def _found(token: str) -> Card | None:
    with current.store().read() as conn:
        return digital_address.card_behind(current.settings(), conn, token, today())


def _page(found: Card | None, status: int) -> Response:
    settings = current.settings()
    with current.store().read() as conn:
        every = venues.everywhere(conn) if found else []
    body = render_template(
        "center/digital.html", card=found, here=request.path, busy=status == 429, issuer=settings.rules_on(today()).issuer,
        taking=[one for one in every if one.accepted_form in ("digital", "both")], wary=wanting_paper(every),
    )  # fmt: skip
    return closed(make_response(body, status))


def _picture(content: bytes | None, kind: str) -> Response:
    return closed(make_response(content or b"", 200 if content else 404, {"Content-Type": kind}))


def _may_ask() -> bool:
    limit: Limit = current_app.extensions["digital_limit"]
    return limit.allows(request.remote_addr)
