"""Printing by an earlier card: the center is asked, since nothing on this tablet opens by it (credential.md C.8).

What is not here: the way by the slip (sheets), the pages (printing).
"""

from __future__ import annotations

import hashlib
from datetime import date

import httpx
import msgspec

from honorcard.card import token
from honorcard.problems import ProblemError
from kiosk import enrolment, sheets, timing
from kiosk.settings import Settings
from kiosk.store import Store, sent, syncing
from sync import digests, wire
from sync.client import problem_code
from sync.device import DeviceKeys
from sync.seal import SealError, seal

PATIENCE = httpx.Timeout(10.0, connect=4.0)  # somebody stands there


SAID = frozenset(
    {
        "old_card_does_not_match",
        "old_card_tries_spent",
        "old_card_none_good",
        "old_card_reprints_spent",
        "card_sheet_missing",
        "card_suspended",
    }
)  # what the center answers and a person at the tablet is told


def is_card(text: str, prefix: str) -> bool:
    """Whether that is the text of a card's code."""
    try:
        token.parse(text.strip(), prefix)
    except token.TokenError:
        return False
    return True


def sheet(store: Store, settings: Settings, text: str, born: date, now_ms: int) -> tuple[str, bytes]:
    """The application and the PDF of the card that the holder of this one has today; five tries a card, as at a slip.

    ProblemError `old_card_tries_spent`, `old_card_needs_line` with no line, and what the center says (center.by_card).
    """
    with store.read() as db:
        here = syncing.membership(db)
    if here is None:
        raise ProblemError("old_card_needs_line")
    code = hashlib.sha256(text.strip().encode()).digest()
    try:
        sheets.count_try(store, code)
    except ProblemError:
        raise ProblemError("old_card_tries_spent") from None
    try:
        found = _ask(store, settings, here, wire.SheetAsked(text=text.strip(), birth_date=born))
        clear = DeviceKeys.load(settings.data_dir).open(found.sealed, "sheet")
        issued: wire.CardIssued = wire.decode(wire.CardIssued, clear)
    except (httpx.HTTPError, msgspec.MsgspecError, SealError, OSError):
        sheets.forgive_tries(store, code)  # nobody has looked at the date; the center counts for itself
        raise ProblemError("old_card_needs_line") from None
    sheets.forgive_tries(store, code)
    with store.write() as db:
        until = found.valid_until.isoformat()
        sent.keep_found(db, found.application_id, found.number, until, found.printed, now_ms)
    return found.application_id, issued.sheet


def _ask(store: Store, settings: Settings, here: syncing.Membership, asked: wire.SheetAsked) -> wire.SheetFound:
    clock = enrolment.CenterClock()
    moment_ms = timing.center_ms(store)
    if moment_ms is not None:
        clock.correct(moment_ms)
    content = seal(wire.encode(asked), here.center_seal_key, "ask")
    with enrolment.line(settings, here, clock.now_ms, clock.correct) as http:
        answer = http.post(
            "/v1/sheets", content=content, headers={"Content-Type": "application/octet-stream"}, timeout=PATIENCE
        )
    if answer.status_code == 200 and digests.holds(answer.headers, answer.content):
        found: wire.SheetFound = wire.decode(wire.SheetFound, answer.content)
        return found
    code = problem_code(answer)
    if code in SAID:
        raise ProblemError(code)
    raise httpx.RemoteProtocolError("not an answer", request=answer.request)
