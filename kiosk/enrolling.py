"""The page on which a tablet is introduced to the center with a one-time code, and the six digits to compare there.

What waits here goes on after a new enrolment. The enrolment itself is kiosk.enrolment.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from honorcard.problems import ProblemError
from kiosk import current, emptying, enrolment, guard, rooms
from kiosk import settings as settings_file
from kiosk.pages import page
from kiosk.store import syncing
from web.clock import now_ms

bp = Blueprint("enrolling", __name__)


@bp.get("/staff/enrol")
@guard.staff_only
def show() -> Response:
    """Where this tablet belongs, its six digits, and the form."""
    return _page()


@bp.post("/staff/enrol")
@guard.staff_only
def enrol() -> Response:
    """Enrols it, for the first time or anew."""
    settings = current.settings().machine
    center, code = request.form.get("center", "").strip()[:300], request.form.get("code", "")[:40]
    try:
        enrolment.enrol(settings, current.line_store(), center, code)
    except ProblemError as problem:
        return _page(problem=problem, center=center, status=problem.problem.status)
    with current.line_store().write() as db:
        syncing.note_heard(db, now_ms())
    rooms.enter(current_app._get_current_object(), settings_file.load(settings.data_dir))  # type: ignore[attr-defined]
    worker = current_app.extensions.get("worker")
    if worker is not None:
        worker.nudge()
    return _page(fresh=True)


def _page(*, problem: ProblemError | None = None, fresh: bool = False, center: str = "", status: int = 200) -> Response:
    store, settings = current.line_store(), current.settings()
    with store.read() as db:
        here = syncing.membership(db)
    return page(
        "kiosk/enrol.html", "main", here=here, problem=problem, fresh=fresh, waiting=emptying.left(store),
        center=center or (here.center_url if here else settings.center_url), status=status,
    )  # fmt: skip
