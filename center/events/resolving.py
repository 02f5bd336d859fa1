"""Who it was: a card, a slip or a number that was held up at an event becomes a person, or stays open for somebody to say.

A card names nobody to a tablet; here its token leads to the card, and the card to its holder. Nothing is guessed: a number that
stands under another name stays open.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from center import numbers
from center.card_secrets import unbox
from center.indices import index_of
from center.secrets_box import server_secret
from center.settings import Settings
from center.store import cards, cases, events, people, volunteers
from honorcard import identity, names
from honorcard.card import slip, token
from honorcard.problems import ProblemError
from sync import wire

LONGEST_NAME = 60


@dataclass(frozen=True)
class Found:
    """Who was there. person_no: None when nobody can be named; who: keyed tag of what was held up; said: for a person to see."""

    who: bytes
    person_no: int | None = None
    said: str = ""
    name: str = ""
    masked_number: str = ""
    idbx: bytes | None = None
    number_box: bytes | None = None
    birth_date: date | None = None


def find(conn: Connection, settings: Settings, mark: wire.EventMark) -> Found:
    """The person, or what is known for somebody to say who it is. Never raises for what was held up."""
    if mark.how == "card":
        return _of_card(conn, settings, mark.text)
    if mark.how == "slip":
        return _of_slip(conn, settings, mark.text)
    return _of_number(conn, settings, mark)


def _of_card(conn: Connection, settings: Settings, text: str) -> Found:
    try:
        read = token.parse(text, settings.card_prefix)
    except token.TokenError:
        return Found(_tag(settings, f"text {text}"))
    who = _tag(settings, f"card {read.seq}")
    card = cards.of_seq(conn, read.seq)
    if card is None or unbox(settings, card.seq, card.secret_box) != (read.lookup, read.secret):
        return Found(who)  # forged, for practice, or of another city
    return Found(who, _no(conn, card.idbx), card.number)


def _of_slip(conn: Connection, settings: Settings, text: str) -> Found:
    try:
        receipt, secret = slip.read_slip(text)
    except ProblemError:
        return Found(_tag(settings, f"text {text}"))
    who = _tag(settings, f"slip {receipt}")
    for application_id, idbx in events.application_of_slip(conn, receipt):
        case = cases.find(conn, application_id)
        if case is not None and slip.secret_of(case.body.slip_secret) == secret:
            return Found(who, _no(conn, idbx), receipt)
    return Found(who, said=receipt)


def _of_number(conn: Connection, settings: Settings, mark: wire.EventMark) -> Found:
    passport_of = mark.nationality[:40] or None
    read = identity.read(mark.text, passport=passport_of is not None)
    if read.problem is not None:
        return Found(_tag(settings, f"text {mark.text}"), name=names.tidy(mark.name)[:LONGEST_NAME])
    idbx = index_of(settings, read.number, passport_of)
    name = names.tidy(mark.name)[:LONGEST_NAME]
    volunteer = volunteers.find(conn, [idbx]).get(idbx)
    is_same = volunteer is not None and (not name or names.fold(volunteer.name) == names.fold(name))
    return Found(
        _tag(settings, f"number {idbx.hex()}"), volunteer.no if volunteer is not None and is_same else None, "", name,
        identity.mask(read.number), idbx, numbers.seal(settings, idbx, read.number), mark.birth_date,
    )  # fmt: skip


def _no(conn: Connection, idbx: bytes) -> int | None:
    person = people.of(conn, idbx)
    return None if person is None else person.no


def _tag(settings: Settings, text: str) -> bytes:
    return hmac.digest(server_secret(settings.keys_dir, "events"), text.encode(), hashlib.sha256)
