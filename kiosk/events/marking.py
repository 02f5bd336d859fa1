"""A check-in or check-out: what was held up becomes an act on this tablet and a sealed operation, in one write.

Nothing is asked of the line: who a card belongs to is the center's to find out. What is not here: the pages (checking, listing).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from flask import current_app
from sqlite_utils import Database

from honorcard import identity, names
from honorcard.card import slip, token
from honorcard.problems import ProblemError
from kiosk import current, timing
from kiosk.store import data_key, events, syncing, tray
from kiosk.store.events import Act
from sync import clock, outbox, wire
from sync.ids import uuid7
from sync.seal import seal
from web.countries import is_country

How = Literal["card", "slip", "number", "walk_in"]
STILL_MS = 10_000  # a card that is held on is not a second visit


@dataclass(frozen=True)
class Person:
    """Who stands there, as far as can be said. who: keyed digest for this tablet; text: what the center makes a person of."""

    how: How
    who: bytes
    text: str
    name: str = ""
    birth_date: date | None = None
    nationality: str = ""


@dataclass(frozen=True)
class Marked:
    """What became of it. outcome: `in`, `out`, `already_in` and `already_out` (nothing was noted), `still` (held on), `out_only`
    (noted, though nobody had checked in here). act: the act that stands. number: the how manyeth check-in here.
    """

    outcome: Literal["in", "out", "already_in", "already_out", "still", "out_only"]
    act: Act
    number: int = 0


def of_text(event_id: str, text: str, prefix: str) -> Person:
    """Whoever holds up this code: a card's or a slip's. ProblemError `event_code_unknown` for any other."""
    try:
        token.parse(text, prefix)
    except token.TokenError:
        try:
            receipt, _ = slip.read_slip(text)
        except ProblemError as error:
            raise ProblemError("event_code_unknown") from error
        return Person("slip", _digest(event_id, "slip", receipt), text)
    return Person("card", _digest(event_id, "card", text), text)


def of_number(event_id: str, typed: str) -> Person:
    """Whoever has this identity number, or the passport number of somebody registered here. ProblemError `event_number_wrong`."""
    read = identity.read(typed)
    if read.problem is not None:
        return _of_passport(event_id, typed)
    return Person("number", digest_of_number(event_id, read.number), read.number)


def walk_in(event_id: str, name: str, typed: str, birth_date: date, nationality: str = "") -> Person:
    """Somebody who is registered on the spot; nationality: where the number is a passport's. ProblemError `event_name_missing`,
    `event_document_wrong`.
    """
    tidied = names.tidy(name)
    if not tidied or len(tidied) > 60:
        raise ProblemError("event_name_missing")
    read = identity.read(typed, passport=bool(nationality))
    if read.problem is not None or (nationality and not is_country(nationality)):
        raise ProblemError("event_document_wrong")
    who = _digest_of_passport(event_id, read.number) if nationality else digest_of_number(event_id, read.number)
    return Person("walk_in", who, read.number, tidied, birth_date, nationality)


def _of_passport(event_id: str, typed: str) -> Person:
    read = identity.read(typed, passport=True)
    who = _digest_of_passport(event_id, read.number)
    with current.store().read() as db:
        before = events.last_of(db, event_id, who)
    if before is None:
        raise ProblemError("event_number_wrong")
    return Person("number", who, read.number, nationality=before.nationality)


def mark(event: wire.Event, person: Person, what: Literal["in", "out"], now: datetime) -> Marked:
    """Notes that this person came or left. ProblemError `event_closed`, `device_not_enrolled`, `device_disabled`."""
    now_ms = int(now.timestamp() * 1000)
    doubt = timing.is_doubtful(current.store(), now)
    with current.store().write() as db:
        held = events.find(db, event.event_id)
        if held is None or held.state == "closed":
            raise ProblemError("event_closed")
        before = events.last_of(db, event.event_id, person.who)
        if before is not None and before.what == what:
            is_still = 0 <= now_ms - before.at_ms < STILL_MS and person.how == before.how
            return Marked("still" if is_still else "already_in" if what == "in" else "already_out", before)
        label = _label(db, event.event_id, person)
        act = Act(uuid7(), person.who, what, now_ms, person.how, label, person.nationality)
        events.add_act(db, event.event_id, act)
        body = wire.EventMark(
            event_id=event.event_id, mark_id=act.act_id, what=what, at_ms=now_ms, how=person.how, text=person.text,
            name=person.name, birth_date=person.birth_date, nationality=person.nationality, clock_doubt=doubt,
        )  # fmt: skip
        send(db, "event.mark", event.event_id, body, now_ms)
        number = events.counts(db, event.event_id).came
    wake()
    return Marked("out_only" if what == "out" and before is None else what, act, number)


def undo(event: wire.Event, act_id: str, now: datetime) -> bool:
    """Takes the act back that was noted last here; whether it was that one."""
    now_ms = int(now.timestamp() * 1000)
    with current.store().write() as db:
        found = events.last(db, event.event_id)
        if found is None or found.act_id != act_id:
            return False
        events.undo(db, act_id)
        body = wire.EventMark(event_id=event.event_id, mark_id=act_id, what="undo", at_ms=now_ms, how="card")
        send(db, "event.mark", event.event_id, body, now_ms)
    wake()
    return True


def send(
    db: Database, kind: Literal["event.new", "event.mark", "event.close"], event_id: str,
    body: wire.Event | wire.EventMark | wire.EventClose, now_ms: int,
) -> None:  # fmt: skip
    """Puts the sealed operation beside what it tells. ProblemError `device_not_enrolled`, `device_disabled`."""
    here = syncing.membership(db)
    if here is None:
        raise ProblemError("device_not_enrolled")
    if syncing.standing(db) == "disabled":
        raise ProblemError("device_disabled")
    sealed = seal(wire.encode(body), here.center_seal_key, "body")
    outbox.put(db, kind=kind, entity_id=event_id, base_rev=None, body=sealed, reading=clock.read(now_ms))


def wake() -> None:
    """Lets the sync thread know, where there is one."""
    worker = current_app.extensions.get("worker")
    if worker is not None:
        worker.nudge()


def digest_of_number(event_id: str, number: str) -> bytes:
    """The digest under which somebody with that number is known at this event."""
    return _digest(event_id, "number", number)


def _digest_of_passport(event_id: str, number: str) -> bytes:
    """Without the nationality, which nobody types to leave; of two states' same number at one event nobody has heard."""
    return _digest(event_id, "passport", number)


def _digest(event_id: str, how: str, text: str) -> bytes:
    key = data_key(current.settings().key_file)
    return hmac.new(key, f"event {event_id} {how} {text}".encode(), hashlib.sha256).digest()


def _label(db: Database, event_id: str, person: Person) -> str:
    """A masked name, where somebody said it or the tablet's own lists have it."""
    name = person.name or events.name_of(db, event_id, person.who)
    if name:
        return names.mask(name)
    if person.how == "slip":
        receipt, _ = slip.read_slip(person.text)
        return next((row.masked_name for row in tray.with_receipt(db, receipt)), "")
    return ""
