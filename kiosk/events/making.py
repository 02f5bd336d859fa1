"""The list of events, and one that is made on the tablet, with or without a line."""

from __future__ import annotations

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from honorcard import attendance_form
from honorcard.problems import ProblemError
from kiosk import current, guard
from kiosk.events import marking
from kiosk.events.shared import bp, may_not_check
from kiosk.guard import staff_only
from kiosk.pages import page, see_other
from kiosk.store import events
from sync import wire
from sync.ids import uuid7
from web.clock import now_ms, today


@bp.get("")
def listing() -> Response | AnyResponse:
    """Events that this tablet knows; nothing about a person, so it answers without the PIN."""
    if (elsewhere := may_not_check()) is not None:
        return elsewhere
    unlocked = guard.is_unlocked()
    with current.store().read() as db:
        found = [(one, events.counts(db, one.event_id)) for one in events.every(db) if unlocked or one.state == "open"]
    return page("kiosk/events/list.html", "main", events=found, unlocked=unlocked)


@bp.route("/new", methods=["GET", "POST"])
@staff_only
def new() -> Response | AnyResponse:
    """The form, and what it makes."""
    if request.method == "GET":
        return _form()
    try:
        asked = attendance_form.read(request.form)
        event = wire.Event(event_id=uuid7(), **{name: getattr(asked, name) for name in asked.__dataclass_fields__})
        at_ms = now_ms()
        with current.store().write() as db:
            events.keep(db, event)
            marking.send(db, "event.new", event.event_id, event, at_ms)
    except ProblemError as problem:
        return _form(problem)
    marking.wake()
    return see_other(f"/events/{event.event_id}")


def _form(problem: ProblemError | None = None) -> Response:
    status = problem.problem.status if problem else 200
    return page(
        "kiosk/events/new.html", "main", status=status, problem=problem, typed=request.form, today=today(),
    )  # fmt: skip
