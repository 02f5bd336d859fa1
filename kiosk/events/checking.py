"""Check-in and check-out: the camera stays open, and each card is a figure and a word on the whole screen.

Nothing about a person is shown but, to staff, the masked name of whom the tablet's own list knows. The page works like the gate
(kiosk.verify): codes are read in the page, by a scanner that types, or here from a frame.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from typing import Literal

from flask import Response, current_app, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from honorcard.problems import ProblemError
from kiosk import current, guard
from kiosk.events import marking
from kiosk.events.marking import Marked, Person
from kiosk.events.shared import ID, bp, find, may_not_check
from kiosk.pages import page, see_other, wants_fragment
from kiosk.reading import texts_in_frame, typed_text
from kiosk.store import events
from sync.wire import Event
from web.clock import now
from web.languages import language

TEXT_LIMIT = 2_000
TEXTS_LIMIT = 8
HELD_ON_S = 10.0  # the camera looks at what it has just shown again after 3 s
SOUNDS = {"in": "yes", "out": "yes", "out_only": "look", "already_in": "look", "already_out": "look"}
_mark_key = secrets.token_bytes(32)
_reading = threading.Lock()


@bp.get(f"/{ID}")
def show(event_id: str) -> Response | AnyResponse:
    """The camera, waiting; `?way=out` for people who leave."""
    if (elsewhere := may_not_check()) is not None:
        return elsewhere
    return _gate(find(event_id))


@bp.post(f"/{ID}/frame")
def frame(event_id: str) -> Response | AnyResponse:
    """A camera frame; 204 when there is nothing new in it, or another one is being read."""
    if (elsewhere := may_not_check()) is not None:
        return elsewhere
    if not _reading.acquire(blocking=False):
        return make_response("", 204)
    try:
        texts = texts_in_frame(request.get_data(cache=False))
    finally:
        _reading.release()
    return _checked(find(event_id), texts)


@bp.post(f"/{ID}/text")
def read(event_id: str) -> Response | AnyResponse:
    """The texts of the codes that the page itself read in a frame."""
    if (elsewhere := may_not_check()) is not None:
        return elsewhere
    texts = [text[:TEXT_LIMIT] for text in request.form.getlist("text")[:TEXTS_LIMIT] if text.strip()]
    return _checked(find(event_id), texts)


@bp.post(f"/{ID}/typed")
def typed(event_id: str) -> Response | AnyResponse:
    """A code's text from a scanner that types."""
    if (elsewhere := may_not_check()) is not None:
        return elsewhere
    said = [request.form.get(name, "")[:TEXT_LIMIT] for name in ("text", "keys")]
    text = typed_text(said, current.settings().card_prefix)
    return _mark(find(event_id), text) if text else _gate(find(event_id))


@bp.post(f"/{ID}/number")
def numbered(event_id: str) -> Response | AnyResponse:
    """An identity number by the keypad."""
    if (elsewhere := may_not_check()) is not None:
        return elsewhere
    event = find(event_id)
    try:
        return _noted(event, marking.of_number(event_id, request.form.get("number", "")[:40]))
    except ProblemError as problem:
        return _gate(event, problem=problem)


@bp.post(f"/{ID}/leave")
def leave(event_id: str) -> Response | AnyResponse:
    """The card that was just held up, and was checked in before, is checked out. The text comes with the form's sealed name."""
    if (elsewhere := may_not_check()) is not None:
        return elsewhere
    event = find(event_id)
    held = _held().take(request.form.get("held", ""))
    if held is None or held[0] != event_id:
        return _gate(event)
    _held().leaves(held[1].who, time.monotonic())
    return _noted(event, held[1], way="out")


@bp.post(f"/{ID}/undo")
def undo(event_id: str) -> Response | AnyResponse:
    """Takes back what was noted last."""
    if (elsewhere := may_not_check()) is not None:
        return elsewhere
    event = find(event_id)
    marking.undo(event, request.form.get("act", "")[:36], now())
    return _gate(event, undone=True) if wants_fragment() else see_other(f"/events/{event_id}")


class Held:
    """Who was just held up, for the one press that checks them out: in memory, for a minute, under a name that serves once."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, Person]] = {}
        self._left: dict[bytes, float] = {}
        self._lock = threading.Lock()

    def put(self, event_id: str, person: Person) -> str:
        """Keeps a person; gives the name under which to ask."""
        name = secrets.token_urlsafe(12)
        with self._lock:
            while len(self._held) >= 50:
                self._held.pop(next(iter(self._held)))
            self._held[name] = (event_id, person)
        return name

    def take(self, name: str) -> tuple[str, Person] | None:
        """The event and the person, once."""
        with self._lock:
            return self._held.pop(name, None)

    def leaves(self, who: bytes, at: float) -> None:
        """Whoever pressed that they leave, the card still held up."""
        with self._lock:
            self._left = {one: seen for one, seen in self._left.items() if at - seen < HELD_ON_S}
            self._left[who] = at

    def is_held_on(self, who: bytes, at: float) -> bool:
        """Whether this is that card, never put down since: what is seen again within HELD_ON_S is the same holding up."""
        with self._lock:
            seen = self._left.get(who)
            if seen is None or at - seen >= HELD_ON_S:
                return False
            self._left[who] = at
            return True


def _held() -> Held:
    held: Held = current_app.extensions.setdefault("event_held", Held())
    return held


def _checked(event: Event, texts: list[str]) -> Response:
    """What the camera saw, but for the card that the page has just shown (X-Seen: its mark)."""
    seen = request.headers.get("X-Seen", "")
    new = [text for text in texts if not (seen and hmac.compare_digest(_mark_of(text), seen))]
    if not new:
        return make_response("", 204)
    prefix = current.settings().card_prefix
    return _mark(event, next((text for text in new if text.startswith(prefix)), new[0]))


def _mark(event: Event, text: str) -> Response:
    try:
        person = marking.of_text(event.event_id, text.strip(), current.settings().card_prefix)
        return _noted(event, person, text=text)
    except ProblemError as problem:
        return _gate(event, problem=problem, text=text)


def _noted(event: Event, person: Person, *, way: str = "", text: str = "") -> Response:
    """The act, and the page that tells of it. A camera does not check in again whom the button has just checked out."""
    what: Literal["in", "out"] = "out" if (way or _way()) == "out" else "in"
    if text and what == "in" and _held().is_held_on(person.who, time.monotonic()):
        return make_response("", 204)
    try:
        marked = marking.mark(event, person, what, now())
    except ProblemError as problem:
        return _gate(event, problem=problem, text=text)
    guard.note_use()
    if marked.outcome == "still":
        return make_response("", 204)
    held = _held().put(event.event_id, person) if marked.outcome == "already_in" else ""
    return _gate(event, marked=marked, held=held, text=text)


def _gate(
    event: Event, *, marked: Marked | None = None, problem: ProblemError | None = None, held: str = "", text: str = "",
    undone: bool = False,
) -> Response:  # fmt: skip
    unlocked = guard.is_unlocked()
    with current.store().read() as db:
        counts, last = events.counts(db, event.event_id), events.last(db, event.event_id)
        event = events.find(db, event.event_id) or event
    sound = SOUNDS[marked.outcome] if marked and marked.outcome in SOUNDS else "no" if problem else ""
    return page(
        "kiosk/events/gate.html", "gate", event=event, way=_way(), marked=marked, counts=counts, last=last, held=held,
        problem=problem and problem.sentence(language()), sound=sound, seen_mark=_mark_of(text) if text else "",
        undone=undone, unlocked=unlocked, label=marked.act.label if marked and unlocked else "",
    )  # fmt: skip


def _way() -> str:
    return "out" if request.args.get("way") == "out" else "in"


def _mark_of(text: str) -> str:
    return hmac.digest(_mark_key, text.encode(), "sha256").hex()[:24]
