"""The address of a holder's digital card: made from the card and a key that only the server has, so that no table holds it.

Issue number and an HMAC over number and secret, 128 bits of it: nothing to guess, and dead with the card, since a reissue has
another number. What is not here: the page (digital), who hands the address out (cards).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from datetime import date
from urllib.parse import urlsplit

from sqlalchemy import Connection

from center import keyring
from center.card_secrets import unbox
from center.secrets_box import server_secret
from center.settings import Settings
from center.store import cards
from center.store.cards import Card, NewCard
from honorcard.card import signing

TOKEN_CHARACTERS = 32
_MAC_BYTES = 16
_TOKEN = re.compile(r"[A-Z2-7]{32}\Z")


def address(settings: Settings, card: Card | NewCard) -> str:
    """Where the holder finds the digital card, whole: `https://hc.taipei/my/…`."""
    prefix = urlsplit(settings.card_prefix)
    return f"https://{prefix.netloc.lower()}{path(settings, card)}"


def path(settings: Settings, card: Card | NewCard) -> str:
    """The same without the host."""
    _, secret = unbox(settings, card.seq, card.secret_box)
    number = card.seq.to_bytes(4, "big")
    token = base64.b32encode(number + _mac(settings, number, secret)).decode("ascii")
    return f"{root(settings)}/my/{token}"


def qr_text(settings: Settings, card: Card) -> str:
    """The text of an issued card's QR code again: signatures are deterministic, so it is the very same."""
    lookup, secret = unbox(settings, card.seq, card.secret_box)
    ring = keyring.ring(settings)
    kid = next(key.kid for key in ring.trust.keys if key.use == "card" and key.seq_min <= card.seq <= key.seq_max)
    return signing.sign(settings.card_prefix, lookup, card.seq, secret, card.valid_until, kid, ring.p256(kid))


def card_behind(settings: Settings, conn: Connection, token: str, today: date) -> Card | None:
    """The card of a token when it is good today; nothing for a wrong one, found out by one and the same way."""
    raw = _raw(token) or bytes(4 + _MAC_BYTES)
    found = cards.of_seq(conn, int.from_bytes(raw[:4], "big"))
    secret = unbox(settings, found.seq, found.secret_box)[1] if found is not None else bytes(16)
    right = hmac.compare_digest(_mac(settings, raw[:4], secret), raw[4:])
    good = found is not None and found.status == "live" and found.valid_until >= today
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


def root(settings: Settings) -> str:
    """The path of the prefix on every card: `HTTPS://HC.TAIPEI/V/` → `/V`."""
    return urlsplit(settings.card_prefix).path.rstrip("/")
