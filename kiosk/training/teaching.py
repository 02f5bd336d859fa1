"""The trainer's pages, behind the PIN: everybody's progress, who waits for help, the session's name, the record books to print, and
beginning anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, make_response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from honorcard import practice_book
from honorcard.practice import LONGEST_SESSION, TASKS
from honorcard.problems import ProblemError
from kiosk import current, practising
from kiosk.asking import drafted
from kiosk.guard import staff_only
from kiosk.pages import page, see_other
from kiosk.store import practice
from kiosk.store.practice import SEATS, Seat
from kiosk.training.shared import bp, number_of
from web.clock import now, now_ms, today
from web.languages import language


@dataclass(frozen=True)
class Row:
    """A seat on the trainer's screen. task: what it does now, empty when all is done; quiet_ms: since its last action."""

    seat: Seat
    done: int
    task: str
    quiet_ms: int


@bp.get("/training/room")
@staff_only
def room() -> Response:
    """The room as it is now; asks for itself anew."""
    return _page()


@bp.get("/training/room/seats")
@staff_only
def seats() -> Response:
    """The seats alone, which the page asks for anew."""
    return _page("seats")


@bp.post("/training/room")
@staff_only
def name() -> AnyResponse:
    """Names the session."""
    said = " ".join(request.form.get("session", "").split())[:LONGEST_SESSION]
    with current.store().write() as db:
        practice.name_session(db, said)
    return see_other(url_for("training.room"))


@bp.post("/training/room/<int:number>/helped")
@staff_only
def helped(number: int) -> AnyResponse:
    """The trainer was there."""
    with current.store().write() as db:
        practice.call(db, number, None)
    return see_other(url_for("training.room"))


@bp.route("/training/room/<int:number>/reset", methods=["GET", "POST"])
@staff_only
def reset_seat(number: int) -> Response | AnyResponse:
    """Asks once, then frees one seat with all its work."""
    if request.method == "GET":
        return page("kiosk/training/reset.html", "main", number=number)
    with current.store().write() as db:
        freed = practice.clear_seat(db, number, leave=True)
    drafted.box().remove(*freed)
    return see_other(url_for("training.room"))


@bp.route("/training/room/reset", methods=["GET", "POST"])
@staff_only
def reset() -> Response | AnyResponse:
    """Asks once, then everything that was practised goes, and every seat is free. What was found unclear stays."""
    if request.method == "GET":
        with current.store().read() as db:
            count = len(practice.seats(db))
        return page("kiosk/training/reset.html", "main", number=None, count=count)
    with current.store().write() as db:
        freed = practice.clear_room(db)
    drafted.box().remove(*freed)
    return see_other(url_for("training.room"))


@bp.get("/training/books.pdf")
@staff_only
def books() -> Response:
    """Record books to photograph, for the seats from `first` to `last`. ProblemError `seat_unknown`, `fonts_missing`."""
    first, last = number_of(request.args.get("first", "1")), number_of(request.args.get("last", str(SEATS)))
    if first is None or last is None or first > last:
        raise ProblemError("seat_unknown")
    made = practice_book.render(range(first, last + 1), today(), created=now())
    named = f'inline; filename="practice-books-{first}-{last}.pdf"'
    return make_response(made, {"Content-Type": "application/pdf", "Content-Disposition": named})


def _page(block: str = "main") -> Response:
    at_ms = now_ms()
    with current.store().read() as db:
        session, told = practice.session(db), practice.unclear(db)
        rows = {seat.number: _row(seat, practising.standing(db, seat.number), at_ms) for seat in practice.seats(db)}
    waiting = sorted((row for row in rows.values() if row.seat.help_ms), key=lambda row: row.seat.help_ms or 0)
    return page(
        "kiosk/training/room.html", block, rows=[rows.get(number) for number in range(1, SEATS + 1)], session=session,
        waiting=waiting, now_ms=at_ms, total=len(TASKS), told=len(told), seated=len(rows),
        finished=sum(row.done == len(TASKS) for row in rows.values()),
        joining="joining.show" in current_app.view_functions, most=SEATS,
    )  # fmt: skip


def _row(seat: Seat, standing: practising.Standing, at_ms: int) -> Row:
    here = standing.here
    return Row(seat, standing.count, here.name(language()) if here else "", max(0, at_ms - seat.seen_ms))
