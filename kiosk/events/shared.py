"""What the pages of an event share: the blueprint, the event of an address, who may check in, words of moments."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response
from werkzeug.wrappers import Response as AnyResponse

from honorcard.attendance import TAIPEI
from honorcard.problems import ProblemError
from kiosk import current, guard
from kiosk.store import events
from sync.wire import Event

bp = Blueprint("events", __name__, url_prefix="/events")
ID = "<string(length=36):event_id>"


@bp.app_template_filter("clock_of")
def clock_of(at_ms: int) -> str:
    """The time of day of a moment, `09:02`."""
    return moment(at_ms).strftime("%H:%M")


@bp.app_template_filter("day_of")
def day_of(at_ms: int) -> object:
    """The civil day of a moment in Taiwan."""
    return moment(at_ms).date()


def moment(at_ms: int) -> datetime:
    """The moment as a time in Taiwan."""
    return datetime.fromtimestamp(at_ms / 1000, TAIPEI)


def find(event_id: str) -> Event:
    """The event. ProblemError `event_unknown`."""
    with current.store().read() as db:
        found = events.find(db, event_id)
    if found is None:
        raise ProblemError("event_unknown")
    return found


def may_not_check() -> Response | AnyResponse | None:
    """Where people hold up their own cards no PIN is needed, as at a gate; a host of many browsers wants it."""
    if current.settings().profile in ("staff", "public") or guard.is_unlocked():
        return None
    return guard.to_unlock()
