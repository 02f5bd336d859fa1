"""撤回: an application that the applicant wants no more, asked once before it is done (sync.md B.6).

Works with the line down: the wish goes out behind the application it is about. Once the case is decided the center refuses
it in words, which the tray shows. What is not here: the tray's list (tray).
"""

from __future__ import annotations

from flask import Blueprint, Response

from honorcard.problems import ProblemError
from kiosk import current, guard, taking_back
from kiosk.pages import page, see_other
from kiosk.store import tray
from web.clock import now

bp = Blueprint("withdrawing", __name__)


@bp.get("/tray/<application_id>/withdraw")
@guard.staff_only
def ask(application_id: str) -> Response:
    """Whether that is really meant."""
    with current.store().read() as db:
        row = tray.find(db, application_id)
    if row is None:
        raise ProblemError("not_found")
    if not taking_back.possible(row):
        raise ProblemError("withdraw_too_late")
    return page("kiosk/withdraw.html", "main", row=row)


@bp.post("/tray/<application_id>/withdraw")
@guard.staff_only
def done(application_id: str) -> Response:
    """It is."""
    taking_back.withdraw(current.store(), current.settings(), application_id, now=now())
    return see_other("/tray")
