"""The text in a card's QR code: VHC/1, read strictly.

    HTTPS://<host>/<W>#<D>
    W = 16 characters of RFC 4648 base32: the public page's look-up token
    D = decimal of (0x01 || COSE_Sign1);  payload {4: exp, -65537: [seq, S]};  external data "VHC1" || W

The text carries no name, number or birthday (R47, A18). Upper case matters: what we print is upper case, so the
prefix and W are compared letter for letter, and our own host in any other case is a card that was altered. What is
not here: making the text (signing.py), and whether the card is valid (verdict.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

from honorcard.card import cose

DEFAULT_PREFIX = "HTTPS://HC.TAIPEI/"
TEXT_LIMIT = 400  # characters; the card's own text is about 305
LOOKUP_CHARACTERS = 16
SECRET_BYTES = 16
SEQ_FIRST = 100_000  # so that a token is 112 bytes from the first card on
SEQ_LIMIT = 0xFFFFFFFF
TAIPEI = timezone(timedelta(hours=8))  # no daylight saving; a fixed offset needs no time zone database
CLAIM_EXP = 4  # RFC 8392, 3.1.4
CLAIM_CARD = -65537  # private use: [seq, secret]

TokenTrouble = Literal["not_a_card", "foreign", "bad_signature"]

_LOOKUP = re.compile(r"[A-Z2-7]{16}\Z")
_LOOKUP_ANY_CASE = re.compile(r"[A-Za-z2-7]{16}\Z")
_DIGITS = re.compile(r"[1-9][0-9]*\Z")
_FOREIGN = re.compile(r"[Hh][Tt][Tt][Pp][Ss]://[^/?#\s]+/(?:[^?#\s]*/)?[A-Z2-7]{16}#[0-9]+\Z")
_MOSTLY_DIGITS = 20  # a fragment with so many digits was a token, whatever happened to the rest


class TokenError(ValueError):
    """The text is not a sound card of ours; `code` says which row of the decision table it is."""

    def __init__(self, code: TokenTrouble) -> None:
        self.code: TokenTrouble = code
        super().__init__(code)


@dataclass(frozen=True)
class CardToken:
    """What a card's QR says. Sound in shape; whether its signature holds is asked with `signature_holds`."""

    kid: int
    exp: int
    """Unix time of the end (24:00, UTC+8) of the last valid day."""
    seq: int
    secret: bytes
    lookup: str
    envelope: cose.Sign1

    @property
    def last_valid_day(self) -> date:
        """The last day on which the card is good, in UTC+8 (one second before `exp`)."""
        return datetime.fromtimestamp(self.exp - 1, TAIPEI).date()

    @property
    def external(self) -> bytes:
        """The external data that binds the look-up token to the signature."""
        return external_data(self.lookup)

    @property
    def signed(self) -> bytes:
        """The bytes the signature covers."""
        return self.envelope.to_be_signed(self.external)

    @property
    def signature(self) -> bytes:
        """r || s, 64 bytes."""
        return self.envelope.signature


def external_data(lookup: str) -> bytes:
    """`"VHC1" || W`: costs no byte in the symbol and keeps two cards' halves from being joined."""
    return b"VHC1" + lookup.encode("ascii")


def end_of_day(day: date) -> int:
    """Unix time at which that day ends in UTC+8 (24:00): valid to 23:59:59, over from here on."""
    return int(datetime(day.year, day.month, day.day, tzinfo=TAIPEI).timestamp()) + 86_400


def parse(text: str, prefix: str = DEFAULT_PREFIX) -> CardToken:
    """The token in the text of a QR code.

    Raises TokenError: `not_a_card` (no card's address at all), `foreign` (a card's address of another host),
    `bad_signature` (ours by its address, but shortened, altered or not in the one permitted encoding).
    """
    if not text.startswith(prefix) or len(text) > TEXT_LIMIT:
        raise TokenError(_kind_of(text, prefix))
    lookup, mark, digits = text[len(prefix) :].partition("#")
    if not mark or not _LOOKUP.match(lookup) or not _DIGITS.match(digits):
        raise TokenError(_kind_of(text, prefix))
    number = int(digits)
    framed = number.to_bytes((number.bit_length() + 7) // 8, "big")
    if framed[0] != 1:
        raise TokenError("bad_signature")
    try:
        envelope = cose.parse(framed[1:])
        exp, seq, secret = _claims(cose.decode(envelope.payload))
    except cose.CoseError:
        raise TokenError("bad_signature") from None
    return CardToken(envelope.kid, exp, seq, secret, lookup, envelope)


def signature_holds(token: CardToken, public_key: ec.EllipticCurvePublicKey) -> bool:
    """True when this key signed this token together with this look-up token."""
    return cose.holds(token.envelope, token.external, public_key)


def _claims(payload: object) -> tuple[int, int, bytes]:
    if not isinstance(payload, dict) or set(payload) != {CLAIM_EXP, CLAIM_CARD}:
        raise cose.CoseError("other claims")
    exp, card = payload[CLAIM_EXP], payload[CLAIM_CARD]
    if not isinstance(card, list) or len(card) != 2:
        raise cose.CoseError("card claim of the wrong shape")
    seq, secret = card
    if not cose.is_integer(exp) or not cose.is_integer(seq) or type(secret) is not bytes:
        raise cose.CoseError("claims of the wrong type")
    if not 0 < exp <= SEQ_LIMIT or not 0 < seq <= SEQ_LIMIT or len(secret) != SECRET_BYTES:
        raise cose.CoseError("claims out of range")
    return exp, seq, secret


def _kind_of(text: str, prefix: str) -> TokenTrouble:
    """Which row of the decision table an unreadable text belongs to."""
    if text[: len(prefix)].upper() == prefix.upper():
        lookup, _, fragment = text[len(prefix) :].partition("#")
        digits = sum(character in "0123456789" for character in fragment)
        return "bad_signature" if _LOOKUP_ANY_CASE.match(lookup) or digits >= _MOSTLY_DIGITS else "not_a_card"
    if len(text) <= TEXT_LIMIT and _FOREIGN.match(text):
        return "foreign"
    return "not_a_card"
