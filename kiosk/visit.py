"""A visit of somebody who is no staff: what this browser holds of it, and its end, after which nothing of it is left.

`install(app)` gives every template `term` (honorcard.terms) and `visit`: whether the screen asks 「還在嗎？」 when nobody touches
it (static/js/idle.js), and after how many seconds. What the browser itself keeps, it throws away itself; here the session ends, and
with it every ticket, so that the back button, a reload and a form sent again find nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, current_app, request, session
from werkzeug.wrappers import Response

from honorcard.terms import TERMS
from kiosk import current, guard, sheets
from kiosk.pages import see_other
from web import languages

bp = Blueprint("visit", __name__)

LEAST_ANSWER_S = 20  # WCAG 2.2.1: twenty seconds to ask for more time
LONGER = 10  # times as long, for whoever asks for it


@dataclass(frozen=True)
class Visit:
    """What a page needs to know. rest: nothing of anybody is on this page, so that nobody is asked."""

    watched: bool
    ask_s: int
    answer_s: int
    rest: bool
    longer: int = LONGER


def install(app: Flask) -> None:
    """Makes `visit` known to every template of `app`."""

    @app.context_processor
    def _visit() -> dict[str, Any]:
        return {"visit": look()}

    app.jinja_env.globals["term"] = TERMS.__getitem__


def look() -> Visit:
    """This browser's visit."""
    settings = current.settings()
    held = any(key in session for key in (guard.ALONE, *sheets.TICKETS))
    watched = (settings.profile == "public" or (held and settings.profile != "training")) and not guard.is_unlocked()
    return Visit(
        watched=watched,
        ask_s=max(settings.idle_ask_s, 1),
        answer_s=max(settings.idle_answer_s, LEAST_ANSWER_S),
        rest=request.endpoint == "home.show" and not held and languages.language() == "zh",
    )


@bp.post("/visit/end")
def end() -> Response:
    """Forgets everything of this visit, locks, speaks Chinese again, and goes home."""
    sheets.forget(current_app._get_current_object(), session)  # type: ignore[attr-defined]
    guard.end_alone()
    guard.lock()
    session.clear()
    answer = see_other("/")
    answer.delete_cookie(languages.COOKIE, samesite="Strict", httponly=True)
    return answer
