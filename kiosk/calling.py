"""Calling for help: a button on every screen that is not unlocked, a large plate that says which screen calls, and the list for
staff, who take a call and end it.

Every unlocked browser of this machine sees a call in its header at once, a hosted kiosk's telephones therefore all of them; with a
line those of the unit's other machines too (calling_out). On a tablet that stands alone the plate, its sound and its light call
whoever is near. `install(app)` gives every template `calls`.
"""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint, Flask, current_app, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from kiosk import current, guard, practising
from kiosk.pages import page, see_other
from kiosk.store import calls, syncing
from kiosk.store.calls import Call
from sync.ids import uuid7
from web.clock import now_ms

bp = Blueprint("calling", __name__)

CALL = "call"


def install(app: Flask) -> None:
    """Makes `calls` known: those that wait, for staff; None where the reader is no staff and may call, who has `own_call`: the
    one made in this visit, while it lasts.
    """

    @app.context_processor
    def _calls() -> dict[str, Any]:
        if not guard.has_pin():  # a seat of the practice room calls its trainer
            return {"calls": None if practising.seat() is None else [], "own_call": _own()}
        with current.store().read() as db:
            return {"calls": calls.waiting(db, now_ms())}


@bp.post("/call")
def call() -> AnyResponse:
    """Calls; pressed again it is the same call."""
    with current.store().write() as db:
        held = _mine(db)
        if held is None or held.state == "over" or held.is_stale(now_ms()):
            held = _screens_own(db) or calls.add(db, uuid7(), now_ms())
    _tell()
    session[CALL] = held.call_id
    return see_other(url_for("calling.show", back=guard.local_path(request.form.get("back"))))


@bp.get("/call")
def show() -> AnyResponse:
    """The plate, for as long as the call lasts; looks by itself whether somebody comes."""
    with current.store().read() as db:
        held = _mine(db)
    if held is None:
        return see_other("/")
    back = guard.local_path(request.args.get("back"))
    return page("kiosk/call.html", "main", call=held, stale=held.is_stale(now_ms()), reach=_reach(held), back=back)


@bp.post("/call/end")
def end() -> AnyResponse:
    """Whoever called needs nobody any more."""
    with current.store().write() as db:
        calls.end(db, session.pop(CALL, ""), now_ms())
    _tell()
    return see_other(guard.local_path(request.form.get("back")))


@bp.get("/staff/calls")
@guard.staff_only
def listing() -> AnyResponse:
    """Who waits, for staff."""
    with current.store().read() as db:
        waiting = calls.waiting(db, now_ms())
    return page("kiosk/calls.html", "main", waiting=waiting, now_ms=now_ms())


@bp.post("/staff/calls/<call_id>/<any(take, end):what>")
@guard.staff_only
def answer(call_id: str, what: str) -> AnyResponse:
    """Staff is on the way, or is done."""
    with current.store().write() as db:
        if what == "take":
            calls.take(db, call_id, now_ms(), current.settings().station)
        else:
            calls.end(db, call_id, now_ms())
    _tell()
    return see_other(url_for("calling.listing"))


def _own() -> Call | None:
    """What a reader who went on meanwhile still waits for."""
    if not session.get(CALL):
        return None
    with current.store().read() as db:
        held = _mine(db)
    return held if held is not None and held.state != "over" and not held.is_stale(now_ms()) else None


def _mine(db: Any) -> Call | None:
    return calls.find(db, session.get(CALL, ""))


def _screens_own(db: Any) -> Call | None:
    """The call of this very screen, where a machine has one alone: the visit may have ended since it was made."""
    if current.settings().profile == "hosted":
        return None
    return next((call for call in calls.waiting(db, now_ms()) if not call.place), None)


def _reach(held: Call) -> Literal["all", "soon", "here"]:
    """Who hears of it: the unit's other machines too, or soon; or whoever is near and this machine alone."""
    if held.told:
        return "all"
    with current.store().read() as db:
        line = syncing.facts(db, now_ms()).line
    return "soon" if line == "good" else "here"


def _tell() -> None:
    worker = current_app.extensions.get("worker")
    if worker is not None:
        worker.nudge()
