"""A sheet for the holder of an earlier card: its code and the birth date lead to the card that its holder has today.

Asked while somebody waits at a tablet, answered sealed to that tablet, and written down. What is not here: the way by the slip,
which needs no line (issue, kiosk.sheets).
"""

from __future__ import annotations

import hmac
from datetime import date

import msgspec
from flask import Blueprint, Response, make_response, request
from sqlalchemy import Connection

from center import current, keyring, photostore
from center.card_secrets import unbox
from center.devices import seal_for_device
from center.settings import Settings
from center.signed import sender
from center.store import card_log, card_tries, cards, cases, people
from center.store.cards import Card
from honorcard.card import token
from honorcard.card.cases import REPRINT_DAYS, REPRINTS_FREE, HeldCard, decide
from honorcard.problems import ProblemError
from sync import digests, wire
from sync.seal import SealError, open_sealed
from web.app import csrf
from web.clock import now_ms, today

bp = Blueprint("by_card", __name__, url_prefix="/v1")
csrf.exempt(bp)  # signed by a device, no browser's session is used

TRIES = 5  # as at a slip (credential.md C.8)


@bp.post("/sheets")
def find() -> Response:
    """The sheet, sealed to the tablet. ProblemError `not_on_this_device`, `push_malformed`, `old_card_does_not_match`,
    `old_card_tries_spent`, `old_card_none_good`, `old_card_reprints_spent`, `card_sheet_missing`, `card_suspended`.
    """
    device = sender()
    if device.profile == "verifier":
        raise ProblemError("not_on_this_device")
    settings, at_ms = current.settings(), now_ms()
    asked = _asked(settings)
    with current.store().read() as conn:
        held = _behind(conn, settings, asked.text)
    if held is None:
        raise ProblemError("old_card_does_not_match")
    with current.store().write() as conn:
        tries = card_tries.count(conn, held.seq, at_ms)
    if tries > TRIES:
        raise ProblemError("old_card_tries_spent")
    with current.store().read() as conn:
        good = _good(conn, held, asked.birth_date)
        printed = card_log.times_printed(conn, good.seq)
        again = card_log.reprints(conn, good.seq, at_ms - REPRINT_DAYS * 86_400_000)
    with current.store().write() as conn:
        card_tries.forgive(conn, held.seq)
    if good.valid_until < today():
        raise ProblemError("old_card_none_good")
    decide("lost", HeldCard(good.status, good.valid_until), today())  # type: ignore[arg-type]
    if again > REPRINTS_FREE:
        raise ProblemError("old_card_reprints_spent")
    pdf = photostore.get(settings, "sheet", good.sheet_sha256) if good.sheet_sha256 else None
    if pdf is None or good.application_id is None:
        raise ProblemError("card_sheet_missing")
    with current.store().write() as conn:
        cases.record(
            conn, good.application_id, actor=device.device_id, what="sheet_given", rev=0, now_ms=at_ms, text=good.number
        )
    issued = wire.CardIssued(number=good.number, valid_until=good.valid_until, sheet=pdf)
    content = wire.encode(
        wire.SheetFound(
            application_id=good.application_id, number=good.number, valid_until=good.valid_until, printed=printed,
            sealed=seal_for_device(device, wire.encode(issued), "sheet"),
        )
    )  # fmt: skip
    return make_response(content, 200, {"Content-Type": "application/json", digests.HEADER: digests.digest(content)})


def _behind(conn: Connection, settings: Settings, text: str) -> Card | None:
    """The card whose code that is, by what only the code holds. One that was revoked opens nothing any more."""
    try:
        read = token.parse(text, settings.card_prefix)
    except token.TokenError:
        return None
    found = cards.of_seq(conn, read.seq)
    if found is None or found.status == "revoked":
        return None
    lookup, secret = unbox(settings, found.seq, found.secret_box)
    return found if lookup == read.lookup and hmac.compare_digest(secret, read.secret) else None


def _good(conn: Connection, held: Card, born: date) -> Card:
    """The newest card of whoever holds this one, when that is the day of birth."""
    every = [card for idbx in people.indices_of(conn, held.idbx) for card in cards.of_person(conn, idbx)]
    newest = max(every, key=lambda card: card.seq, default=held)
    bodies = (cases.find(conn, card.application_id) for card in (newest, held) if card.application_id is not None)
    case = next((case for case in bodies if case is not None), None)
    if case is None or case.body.birth_date != born:
        raise ProblemError("old_card_does_not_match")
    if newest.status not in ("live", "suspended"):
        raise ProblemError("old_card_none_good")
    return newest


def _asked(settings: Settings) -> wire.SheetAsked:
    for key in keyring.sealing_privates(settings):
        try:
            asked: wire.SheetAsked = wire.decode(wire.SheetAsked, open_sealed(request.get_data(), key, "ask"))
        except SealError:
            continue
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProblemError("push_malformed") from error
        return asked
    raise ProblemError("push_malformed")
