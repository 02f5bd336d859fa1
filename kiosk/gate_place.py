"""Which place this gate is at: said once by staff, from the center's list, so that a verdict can name what the card gives here
and which form of it is taken (R48). What is not here: the list itself (places), the verdict (verify).
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from kiosk import current, guard
from kiosk.pages import page, see_other
from kiosk.store import gate, venues

bp = Blueprint("gate_place", __name__)


@bp.get("/verify/place")
@guard.staff_only
def show() -> Response:
    """The list, and the place that is chosen."""
    with current.store().read() as db:
        every, here = venues.everywhere(db), gate.place(db)
    return page("kiosk/gate_place.html", "main", every=every, here=here)


@bp.post("/verify/place")
@guard.staff_only
def choose() -> Response | AnyResponse:
    """Chooses one, or none."""
    code = request.form.get("code", "")
    with current.store().write() as db:
        if code and all(one.code != code for one in venues.everywhere(db)):
            abort(400)
        gate.set_place(db, code)
    return see_other("/verify")
