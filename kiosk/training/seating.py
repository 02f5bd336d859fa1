"""Taking a seat: the number on the table, or the next one that is free. No name is asked."""

from __future__ import annotations

import secrets

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from honorcard.problems import ProblemError
from kiosk import current, practising
from kiosk.pages import page, see_other
from kiosk.store import practice
from kiosk.training.shared import bp, number_of
from web.clock import now_ms


@bp.get("/training/seat")
def sit() -> Response | AnyResponse:
    """The free seats; straight on for whoever has one."""
    if practising.seat() is not None:
        return see_other(url_for("training.show"))
    return _page()


@bp.post("/training/seat")
def take() -> Response | AnyResponse:
    """Takes a seat. One that is taken is said, with those that are free."""
    if practising.seat() is not None:
        return see_other(url_for("training.show"))
    typed = request.form.get("number", "").strip()
    number = number_of(typed)
    if typed and number is None:
        return _page(ProblemError("seat_unknown"))
    token = secrets.token_urlsafe(24)
    with current.store().write() as db:
        taken = practice.take(db, number, practising.digest(token), now_ms())
    if taken is None:
        return _page(ProblemError("seat_taken" if number else "seats_full"))
    answer = see_other(url_for("training.show"))
    answer.set_cookie(
        practising.COOKIE,
        token,
        max_age=practising.COOKIE_S,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    return answer


def _page(problem: ProblemError | None = None) -> Response:
    with current.store().read() as db:
        taken = {seat.number for seat in practice.seats(db)}
        session = practice.session(db)
    return page(
        "kiosk/training/seat.html", "main", problem=problem, session=session, all=range(1, practice.SEATS + 1), taken=taken,
        begun_anew=practising.was_reset(), status=problem.problem.status if problem else 200,
    )  # fmt: skip
