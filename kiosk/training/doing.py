"""The trainee's own pages: the tasks, the panel that stays with them, the practice card on their phone, and beginning anew."""

from __future__ import annotations

from flask import Response, make_response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from honorcard.card import slip as slip_rules
from honorcard.card.symbol import qr_png
from honorcard.problems import ProblemError
from kiosk import current, guard, practising, slips
from kiosk.asking import drafted
from kiosk.pages import page, see_other, wants_fragment
from kiosk.store import cards, practice, tray
from kiosk.training import shared
from kiosk.training.shared import bp, seated
from web.clock import now_ms

MODULE_PX = 8


@bp.get("/training")
@seated
def show() -> Response:
    """The tasks, with the one to do next on top."""
    with current.store().read() as db:
        session = practice.session(db)
    return page("kiosk/training/tasks.html", "main", panel=shared.look(), session=session)


@bp.get("/training/panel")
def panel() -> Response | AnyResponse:
    """The panel alone, which every page asks for anew; to the seats where the trainer has begun anew."""
    if practising.was_reset() and request.headers.get("HX-Current-URL"):
        return see_other(url_for("training.sit"))
    return page("kiosk/training/_panel.html")


@bp.post("/training/help")
@seated
def call() -> AnyResponse:
    """Asks for the trainer, or takes it back; the page it stands on stays as it is, with what was typed there."""
    held = practising.seat()
    assert held is not None
    with current.store().write() as db:
        practice.call(db, held.number, None if held.help_ms else now_ms())
    if wants_fragment():
        practising.look_again()
        return page("kiosk/training/_panel.html")
    return see_other(guard.local_path(request.form.get("back"), url_for("training.show")))


@bp.route("/training/again", methods=["GET", "POST"])
@seated
def again() -> Response | AnyResponse:
    """Asks once, then throws this seat's work away; the seat stays."""
    held = practising.seat()
    assert held is not None
    if request.method == "GET":
        return page("kiosk/training/again.html", "main")
    with current.store().write() as db:
        freed = practice.clear_seat(db, held.number, leave=False)
    drafted.box().remove(*freed)
    return see_other(url_for("training.show"))


@bp.get("/training/card")
@seated
def card() -> Response | AnyResponse:
    """Slip and practice card of what was sent last: to be scanned by another device, or tried by this one."""
    application_id = _sent()
    with current.store().read() as db:
        row = tray.find(db, application_id)
        held = cards.find(db, application_id)
        text = practice.card_text(db, application_id)
    if row is None:
        raise ProblemError("not_found")
    secret = slips.recall(application_id)
    slip_text = slip_rules.slip_text(row.receipt, secret) if secret else ""
    return page(
        "kiosk/training/card.html", "main", row=row, card=held, card_text=text, slip_text=slip_text, panel=shared.look()
    )


@bp.get("/training/card.png")
@seated
def card_code() -> Response:
    """The practice card's code as a picture."""
    with current.store().read() as db:
        text = practice.card_text(db, _sent())
    if not text:
        raise ProblemError("not_found")
    return make_response(qr_png(text, MODULE_PX), {"Content-Type": "image/png", "Cache-Control": "no-store"})


def _sent() -> str:
    held = practising.seat()
    assert held is not None
    with current.store().read() as db:
        found = practising.standing(db, held.number).sent_id
    if found is None:
        raise ProblemError("practice_not_sent")
    return found
