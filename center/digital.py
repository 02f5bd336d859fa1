"""The digital card: the holder's own page with the card's QR code large, for places that take it (R48).

Its address ends in a token of 128 bits that only the server can make (issue number and an HMAC over number and secret): no
table, nothing to guess, and dead with the card, since a reissue has another number. Whoever hands out the sheet hands out the
address, and that is written down. The page shows what the front of the card shows and is nobody's proof: the code has to be
scanned. No script, nothing cached, nothing indexed, rate-limited; every other address gets one and the same answer. What is not
here: the public page, which never holds the secret (public).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.blueprints import BlueprintSetupState

from center import current, keyring, photostore
from center.card_secrets import unbox
from center.limits import Limit
from center.secrets_box import server_secret
from center.settings import Settings
from center.store import cards, venues
from center.store.cards import Card
from honorcard.card import signing
from honorcard.card.symbol import qr_png
from honorcard.venues import wanting_paper
from web.clock import today

bp = Blueprint("digital", __name__)

TOKEN_CHARACTERS = 32
BURST, PER_MINUTE = 30, 30
MODULE_PX = 12  # a symbol of 684 pixels: sharp on every phone
_MAC_BYTES = 16
_TOKEN = re.compile(r"[A-Z2-7]{32}\Z")
_POLICY = (
    "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


@bp.record
def _address(state: BlueprintSetupState) -> None:
    """Beside the public page: the path of the prefix on every card, and `my/`."""
    settings: Settings = state.app.config["SETTINGS"]
    place = f"{_root(settings)}/my/<string(length={TOKEN_CHARACTERS}):token>"
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
    return _picture(qr_png(qr_text(current.settings(), found), MODULE_PX) if found else None, "image/png")


def address(settings: Settings, card: Card) -> str:
    """Where the holder finds the digital card, whole: `https://hc.taipei/my/…`."""
    prefix = urlsplit(settings.card_prefix)
    return f"https://{prefix.netloc.lower()}{path(settings, card)}"


def path(settings: Settings, card: Card) -> str:
    """The same without the host."""
    _, secret = unbox(settings, card.seq, card.secret_box)
    number = card.seq.to_bytes(4, "big")
    token = base64.b32encode(number + _mac(settings, number, secret)).decode("ascii")
    return f"{_root(settings)}/my/{token}"


def qr_text(settings: Settings, card: Card) -> str:
    """The text of an issued card's QR code again: signatures are deterministic, so it is the very same."""
    lookup, secret = unbox(settings, card.seq, card.secret_box)
    ring = keyring.ring(settings)
    kid = next(key.kid for key in ring.trust.keys if key.use == "card" and key.seq_min <= card.seq <= key.seq_max)
    return signing.sign(settings.card_prefix, lookup, card.seq, secret, card.valid_until, kid, ring.p256(kid))


def _found(token: str) -> Card | None:
    """The live card of a token; nothing for a wrong one, found out by one and the same way."""
    settings = current.settings()
    raw = _raw(token) or bytes(4 + _MAC_BYTES)
    with current.store().read() as conn:
        found = cards.of_seq(conn, int.from_bytes(raw[:4], "big"))
    secret = unbox(settings, found.seq, found.secret_box)[1] if found is not None else bytes(16)
    right = hmac.compare_digest(_mac(settings, raw[:4], secret), raw[4:])
    good = found is not None and found.status == "live" and found.valid_until >= today()
    return found if right and good else None


def _raw(token: str) -> bytes | None:
    if not _TOKEN.match(token):
        return None
    try:
        return base64.b32decode(token)
    except binascii.Error:
        return None


def _mac(settings: Settings, number: bytes, secret: bytes) -> bytes:
    key = server_secret(settings.keys_dir, "digital")
    return hmac.new(key, b"digital card" + number + secret, hashlib.sha256).digest()[:_MAC_BYTES]


def _page(found: Card | None, status: int) -> Response:
    settings = current.settings()
    with current.store().read() as conn:
        every = venues.everywhere(conn) if found else []
    body = render_template(
        "center/digital.html", card=found, here=request.path, busy=status == 429, issuer=settings.rules_on(today()).issuer,
        taking=[one for one in every if one.accepted_form in ("digital", "both")], wary=wanting_paper(every),
    )  # fmt: skip
    return _closed(make_response(body, status))


def _picture(content: bytes | None, kind: str) -> Response:
    return _closed(make_response(content or b"", 200 if content else 404, {"Content-Type": kind}))


def _may_ask() -> bool:
    limit: Limit = current_app.extensions["digital_limit"]
    return limit.allows(request.remote_addr)


def _closed(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _root(settings: Settings) -> str:
    return urlsplit(settings.card_prefix).path.rstrip("/")
