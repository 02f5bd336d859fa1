"""A practice card on the spot: what the center makes of an application in a week is there at once in a practice room.

Drawn from the draft just before it goes, sealed as the center would seal it: to the room's own key, for the list, and under slip
and birth date. What is not here: the room's keys (honorcard.card.practice_issuer), the pages.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from honorcard import roc
from honorcard.card import number, practice_issuer, sheet, slip
from honorcard.card.portrait import drawn_portrait
from honorcard.card.sheet import CardFace
from honorcard.problems import ProblemError
from kiosk import current, practising
from kiosk.asking import drafted
from kiosk.settings import Settings
from kiosk.store import Store, drafts, practice, sent, story
from kiosk.submitting import Submitted
from sync import wire
from sync.device import DeviceKeys
from sync.seal import seal
from web.clock import TAIPEI

log = logging.getLogger("honorcard.kiosk.practice")


@dataclass(frozen=True)
class Applied:
    """What a card needs of a draft that is about to go."""

    name: str
    birth_date: date
    identity_number: str
    headshot: bytes


def before(application_id: str) -> Applied | None:
    """What the practice card will need; None outside a practice room, or where there is no whole draft."""
    if not practising.is_on():
        return None
    with current.store().read() as db:
        draft = drafts.find(db, application_id)
        photos = drafts.photos(db, application_id)
    if draft is None or draft.answers.identity is None or draft.answers.birth_date is None:
        return None
    headshot = next((photo.result for photo in photos if photo.slot == "headshot" and photo.result), None)
    picture = b""
    if headshot is not None:
        with suppress(KeyError):
            picture = drafted.box().get(headshot)
    answers, identity = draft.answers, draft.answers.identity
    return Applied(answers.name, draft.answers.birth_date, identity.number, picture or drawn_portrait(1))


def issue(applied: Applied | None, done: Submitted, now: datetime) -> None:
    """Makes the card of what was just submitted; nothing on a second tap. A name that cannot be drawn leaves it without one."""
    if applied is None or not done.slip_secret:
        return
    try:
        _issue(current.store(), current.settings(), applied, done, now.astimezone(TAIPEI))
    except ProblemError as problem:  # the application stands, as it would at the center
        log.warning("no practice card: %s", problem.code)


def _issue(store: Store, room: Settings, applied: Applied, done: Submitted, now: datetime) -> None:
    application_id, today = done.application_id, now.date()
    until = roc.years_after(today, 3)
    with store.write() as db:
        seq = practice.next_card(db, application_id)
    text = practice_issuer.open_or_make(room.data_dir, at=now).card(seq, until)
    said = number.number(roc.roc_year(today), seq % 100_000)
    face = CardFace(
        applied.name, said, until, applied.birth_date, applied.identity_number, applied.headshot, text, practice=True
    )
    pdf = sheet.render([face], room.rules_on(today), created=now)
    issued = wire.CardIssued(number=said, valid_until=until, sheet=pdf)
    to_room = seal(wire.encode(issued), DeviceKeys.load(room.data_dir).seal_public, "sheet")
    under_slip = slip.seal_sheet(done.slip_secret, applied.birth_date, pdf)
    now_ms = int(now.timestamp() * 1000)
    with store.write() as db:
        practice.keep_card(db, application_id, text)
        sent.set_state(db, application_id, "issued", 1, now_ms)
        sent.keep_device_sheet(db, application_id, said, until.isoformat(), to_room, now_ms)
        sent.keep_slip_sheet(db, application_id, said, until.isoformat(), under_slip.idx, under_slip.blob, now_ms)
        story.note(db, application_id, "state", now_ms, "issued")
