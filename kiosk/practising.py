"""The practice room from inside a request: whose seat this browser has, what it may open with it, how far its work has got.

A seat is a random token in a cookie of its own; the room's database knows its digest, so that a restart of the host changes
nothing for forty phones. A seat opens what officers do, and of the applications its own alone; the trainer's pages and the
machine's stay behind the PIN. What is done is read from what is there, not from what somebody pressed. What is not here: the
pages (training).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flask import Flask, g, request
from sqlite_utils import Database
from werkzeug.wrappers import Response

from honorcard.practice import CODES, TASKS, Task, TaskCode
from honorcard.problems import ProblemError
from kiosk import current
from kiosk.asking import progress
from kiosk.drafting import Draft
from kiosk.store import drafts, practice, sent
from kiosk.store.practice import Seat
from web.clock import now_ms

COOKIE = "seat"
COOKIE_S = 12 * 3600
SEEN_EVERY_MS = 5_000
# what officers do, which a seat opens as the PIN does elsewhere
ROOMS = frozenset({"apply", "capture", "framing", "slip", "tray", "withdrawing", "printing"})
# what leaves no trace but a note
_VERDICT: TaskCode = "verdict"
_PROGRESS: TaskCode = "progress"
_VERIFY: TaskCode = "verify"


class _OfApplication(Protocol):
    @property
    def application_id(self) -> str: ...


RowT = TypeVar("RowT", bound=_OfApplication)


@dataclass(frozen=True)
class Standing:
    """How far a seat has got: the tasks that are done, the first that is not, the application it works on."""

    done: frozenset[TaskCode]
    draft_id: str | None
    sent_id: str | None

    @property
    def here(self) -> Task | None:
        """The task to do next; None when all are done."""
        return next((one for one in TASKS if one.code not in self.done), None)

    @property
    def count(self) -> int:
        """How many are done."""
        return len(self.done)


def is_on() -> bool:
    """Whether this machine is a practice room just now."""
    return current.settings().profile == "training"


def install(app: Flask) -> None:
    """Makes `practising` known to every template of `app`, and keeps each seat to its own work."""

    @app.context_processor
    def _practising() -> dict[str, Any]:
        return {"practising": is_on()}

    @app.before_request
    def _own_work() -> None:
        if not is_on():
            return
        application_id = (request.view_args or {}).get("application_id")
        held = seat()
        if held is None or not isinstance(application_id, str) or _by_pin():
            return
        with current.store().read() as db:
            whose = practice.owner(db, application_id)
            is_there = drafts.find(db, application_id) is not None or sent.find(db, application_id) is not None
        if whose is None and is_there:  # made by this browser a moment ago: nobody else knows its name
            with current.store().write() as db:
                practice.own(db, application_id, held.number, now_ms())
                whose = practice.owner(db, application_id)
        if whose != held.number and is_there:
            raise ProblemError("not_found")

    @app.after_request
    def _note(answer: Response) -> Response:
        if is_on() and answer.status_code < 400 and request.endpoint == "apply.verdict" and request.method == "GET":
            note(_VERDICT)
        return answer


# --- the seat ---


def seat() -> Seat | None:
    """The seat of this browser; None where it has none, or the trainer has begun anew."""
    if not is_on():
        return None
    if "practice_seat" not in g:
        token = request.cookies.get(COOKIE, "")
        g.practice_seat = None
        if token:
            with current.store().read() as db:
                g.practice_seat = practice.of_token(db, digest(token))
            _see(g.practice_seat)
    held: Seat | None = g.practice_seat
    return held


def look_again() -> None:
    """The seat has changed within this request."""
    g.pop("practice_seat", None)


def was_reset() -> bool:
    """Whether this browser had a seat that the trainer has taken back since."""
    return is_on() and bool(request.cookies.get(COOKIE)) and seat() is None


def digest(token: str) -> bytes:
    """By which the room knows a browser's token."""
    return hashlib.sha256(b"seat " + token.encode()).digest()


def _see(held: Seat | None) -> None:
    """Notes that the trainee did something; not for what a page asks by itself."""
    at_ms = now_ms()
    if held is None or "X-Poll" in request.headers or abs(at_ms - held.seen_ms) < SEEN_EVERY_MS:
        return
    with current.store().write() as db:
        practice.see(db, held.number, at_ms)


def opens_room() -> bool:
    """Whether this browser's seat opens what was asked for, as the PIN does elsewhere."""
    return is_on() and request.blueprint in ROOMS and seat() is not None


def _by_pin() -> bool:
    from kiosk import guard

    return guard.has_pin()


def own(rows: Iterable[RowT]) -> list[RowT]:
    """Of a list, what this browser may see: a seat its own work, everybody else all of it."""
    held = seat()
    if held is None or _by_pin():
        return list(rows)
    with current.store().read() as db:
        mine = set(practice.work_of(db, held.number))
    return [row for row in rows if row.application_id in mine]


# --- what is done ---


def note(what: TaskCode) -> None:
    """Something was done at this browser's seat that leaves no other trace. Nothing where there is no seat."""
    held = seat()
    if held is not None:
        with current.store().write() as db:
            practice.note(db, held.number, what, now_ms())


def looked_up() -> None:
    """Somebody held a slip to the camera of this browser."""
    note(_PROGRESS)


def verified(seq: int) -> None:
    """A practice card was held to a gate: that counts for whoever holds the gate, and for the seat whose card it is."""
    if not is_on():
        return
    note(_VERIFY)
    with current.store().read() as db:
        whose = practice.card_owner(db, seq)
    if whose is not None:
        with current.store().write() as db:
            practice.note(db, whose, _VERIFY, now_ms())


def standing(db: Database, number: int) -> Standing:
    """How far that seat has got, from its drafts, its applications and what was noted."""
    done: set[TaskCode] = {code for code in CODES if code in practice.noted(db, number)}
    draft_id = sent_id = None
    for application_id in practice.work_of(db, number):
        if sent.find(db, application_id) is not None:
            sent_id = sent_id or application_id
            done |= {"person", "headshot", "book_photos", "hours", "verdict", "submit"}
            continue
        draft = drafts.find(db, application_id)
        if draft is not None:
            draft_id = draft_id or application_id
            done |= _done_in(db, draft)
    return Standing(frozenset(done), draft_id, sent_id)


def _done_in(db: Database, draft: Draft) -> set[TaskCode]:
    answers, photos = draft.answers, drafts.photos(db, draft.application_id)
    is_answered = {
        "person": all(progress.is_answered(step, answers, photos) for step in ("kind", "identity", "person")),
        "headshot": progress.is_answered("headshot", answers, photos),
        "book_photos": progress.is_answered("book_photos", answers, photos),
        "hours": answers.service is not None,
    }
    return {code for code in CODES if is_answered.get(code)}
