"""Printing the card: staff from the list, volunteers with slip or earlier card and birth date; as a PDF at exact size, or on the
printer.
"""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, current_app, make_response, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from honorcard.card import sheet_paper, signing
from honorcard.card import slip as slip_rules
from honorcard.card.cases import REPRINTS, HeldCard, decide, reprint_words
from honorcard.problems import ProblemError, sentence
from kiosk import by_card, by_slip, current, guard, out_of_order, practising, printer_notes, printjobs, sheets
from kiosk.pages import page, see_other
from kiosk.reading import typed_text
from kiosk.store import cards, tray
from kiosk.store.cards import Card, Job
from web.clock import now_ms, today
from web.languages import language

bp = Blueprint("printing", __name__)

TICKET = "sheet"
TEXT_LIMIT = 2_000
_ABOUT_THE_DATE = ("slip_does_not_open", "slip_tries_spent", "old_card_does_not_match", "old_card_tries_spent")
SHOWN = "digital"  # the card whose digital address this browser was just given


# --- which card ---


@bp.get("/print")
def show() -> Response:
    """The slip's way, open to everybody; and the list, when staff is here."""
    unlocked = guard.is_unlocked()
    rows = []
    if unlocked:
        with current.store().read() as db:
            rows = cards.printable(db)
        rows = practising.own(rows)
    return page("kiosk/print.html", "main", rows=rows, unlocked=unlocked)


@bp.get("/print/slip")
def hold_up() -> Response:
    """The camera, waiting for a slip or an earlier card."""
    return page("kiosk/print_slip.html", "main", step="scan")


@bp.post("/print/slip/frame")
def frame() -> Response:
    """A camera frame: nothing to say (204), or the next question once a slip or a card is in it."""
    try:
        text = by_slip.held_in_frame(request.get_data(cache=False), current.settings().card_prefix)
    except ProblemError as problem:
        return make_response("", 204) if by_slip.is_said_already(problem) else _slip_page("scan", problem, status=200)
    return make_response("", 204) if text is None else _ask_birth_date(text)


@bp.post("/print/slip/text")
def typed() -> Response | AnyResponse:
    """The text of a slip or a card from a USB scanner, as it arrived and (`keys`) as the keys were pressed."""
    said = [request.form.get(name, "")[:TEXT_LIMIT] for name in ("text", "keys")]
    text = next(iter(by_slip.slips(said)), "") or typed_text(said, current.settings().card_prefix)
    if not _is_card(text):
        try:
            slip_rules.read_slip(text.strip())
        except ProblemError as problem:
            return _slip_page("scan", problem)
    return _ask_birth_date(text.strip())


@bp.post("/print/slip")
def open_slip() -> Response | AnyResponse:
    """Slip or card, and birth date: the card's page, or what is wrong."""
    text = request.form.get("slip", "")
    try:
        born = by_slip.birth_date(request.form.get("born", ""), today())
    except ProblemError as problem:
        return _slip_page("born", problem, text)
    try:
        if _is_card(text):
            application_id, pdf = by_card.sheet(current.store(), current.settings(), text, born, now_ms())
        else:
            application_id, pdf = sheets.by_slip(current.store(), text, born)
    except ProblemError as problem:
        known = problem.code in _ABOUT_THE_DATE
        return _slip_page("born" if known else "scan", problem, text)
    _opened().drop(session.get(TICKET))
    session[TICKET] = _opened().keep(application_id, pdf)
    return see_other(url_for("printing.card", application_id=application_id))


@bp.post("/print/done")
def done() -> Response | AnyResponse:
    """Forgets what a slip opened, and goes home."""
    _opened().drop(session.pop(TICKET, None))
    return see_other("/")


# --- one card ---


@bp.get("/print/<application_id>")
def card(application_id: str) -> Response | AnyResponse:
    """One card: the PDF, the printer, and whether it was printed before."""
    if not _may(application_id):
        return guard.to_unlock()
    return _card_page(application_id)


@bp.get("/print/<application_id>/card.pdf")
def pdf(application_id: str) -> Response | AnyResponse:
    """The sheet at exact size, on A4 with marks; `?paper=folded`: as the center made it."""
    if not _may(application_id):
        return guard.to_unlock()
    _may_have_files()
    held = _card(application_id)
    sheet = _sheet(application_id)
    return make_response(
        sheet if request.args.get("paper") == "folded" else sheet_paper.on_paper(sheet, "a4"),
        {"Content-Type": "application/pdf", "Content-Disposition": f'inline; filename="card-{held.number}.pdf"'},
    )


@bp.post("/print/<application_id>/send")
def send(application_id: str) -> Response | AnyResponse:
    """To the printer."""
    if not _may(application_id):
        return guard.to_unlock()
    held = _card(application_id)
    try:
        job_id = _room().start(
            application_id,
            _sheet(application_id),
            held.number,
            reason=request.form.get("reason", ""),
            by_staff=guard.is_unlocked(),
        )
    except ProblemError as problem:
        return _card_page(application_id, problem)
    return see_other(url_for("printing.job", job_id=job_id))


@bp.post("/print/<application_id>/printed")
def printed(application_id: str) -> Response | AnyResponse:
    """A person printed the PDF: the center is told."""
    if not _may(application_id):
        return guard.to_unlock()
    _may_have_files()
    number = _card(application_id).number
    try:
        _sheet(application_id)
        _room().taken_as_pdf(application_id, number, reason=request.form.get("reason", ""))
    except ProblemError as problem:
        return _card_page(application_id, problem)
    return see_other(url_for("printing.card", application_id=application_id))


@bp.post("/print/<application_id>/digital")
def digital(application_id: str) -> Response | AnyResponse:
    """The address of the digital card, for the holder's phone to scan; by staff alone, and the center is told."""
    if not guard.is_unlocked():
        return guard.to_unlock()
    if not _digital(application_id):
        raise ProblemError("card_not_here")
    _room().gave_digital(application_id, _card(application_id).number)
    session[SHOWN] = application_id  # the picture below is for whom the center was told
    return _card_page(application_id, shown=True)


@bp.get("/print/<application_id>/digital.png")
def digital_code(application_id: str) -> Response | AnyResponse:
    """The same address as a code."""
    if not guard.is_unlocked():
        return guard.to_unlock()
    address = _digital(application_id) if session.get(SHOWN) == application_id else ""
    if not address:
        raise ProblemError("not_found")
    return make_response(signing.qr_png(address, 6), {"Content-Type": "image/png"})


@bp.get("/print/job/<job_id>")
def job(job_id: str) -> Response | AnyResponse:
    """How the job stands; asks for itself anew while it is under way."""
    held = _room().look(job_id)
    if held is None:
        raise ProblemError("not_found")
    if not _may(held.application_id):
        return guard.to_unlock()
    number = _card(held.application_id).number
    return page(
        "kiosk/print_job.html", "main", job=held, words=_job_words(held), number=number, end=_room().ended(job_id),
        out=_out_of_order(), unlocked=guard.is_unlocked(), files=_hands_out_files(),
    )  # fmt: skip


def _digital(application_id: str) -> str:
    """The address of a good card's digital form; empty where the center sent none, or this tablet cannot open it."""
    held = _card(application_id)
    try:
        decide("lost", HeldCard(held.status, date.fromisoformat(held.valid_until)), today())  # type: ignore[arg-type]
        return sheets.issued(current.store(), current.settings(), application_id).digital
    except ProblemError:
        return ""


def _card_page(application_id: str, problem: ProblemError | None = None, *, shown: bool = False) -> Response:
    held = _card(application_id)
    with current.store().read() as db:
        row = tray.find(db, application_id)
        before = cards.times_printed(db, application_id)
    uri = current.settings().printer_uri
    return page(
        "kiosk/print_card.html",
        "main",
        card=held,
        row=row,
        before=before,
        printer_uri=uri,
        by_slip=not guard.is_unlocked(),
        digital=guard.is_unlocked() and bool(_digital(application_id)),
        digital_shown=shown,
        files=_hands_out_files(),
        out=_out_of_order(),
        problem=problem,
        reasons=reason_words(),
        status=problem.problem.status if problem else 200,
    )


def _out_of_order() -> str:
    """What the printer is out of order with, in words; empty when it is not, or when there is none."""
    if not current.settings().printer_uri:
        return ""
    with current.store().read() as db:
        trouble = out_of_order.look(db)
    return printer_notes.trouble_words(trouble) if trouble else ""


def reason_words() -> dict[str, str]:
    """Why a card is printed again, by the code that is kept."""
    return {code: reprint_words(code, language()) for code, _, _ in REPRINTS}


def _job_words(held: Job) -> str:
    if held.state == "completed":
        return str(gettext("印好了，請拿卡片"))
    if held.trouble:
        return printer_notes.trouble_words(held.trouble)  # type: ignore[arg-type]
    return str(gettext("正在列印") if held.state == "printing" else gettext("正在送到印表機"))


def _is_card(text: str) -> bool:
    return by_card.is_card(text, current.settings().card_prefix)


def _ask_birth_date(text: str) -> Response:
    return page("kiosk/print_slip.html", "main", step="born", slip=text, is_card=_is_card(text))


def _slip_page(step: str, problem: ProblemError, text: str = "", *, status: int = 0) -> Response:
    words = sentence(problem.code, language(), problem.details)
    return page(
        "kiosk/print_slip.html",
        "main",
        step=step,
        slip=text,
        is_card=_is_card(text),
        problem=problem,
        words=words,
        born=request.form.get("born", ""),
        status=status or problem.problem.status,
    )


def _may(application_id: str) -> bool:
    """Staff may; and the browser whose slip opened exactly this card."""
    return _opened().find(session.get(TICKET), application_id) is not None or guard.is_unlocked()


def _hands_out_files() -> bool:
    """Not on a public screen: a PDF stays open there when its visitor has gone. Staff has it anywhere."""
    return current.settings().profile != "public" or guard.is_unlocked()


def _may_have_files() -> None:
    if not _hands_out_files():
        raise ProblemError("no_files_here")


def _sheet(application_id: str) -> bytes:
    """The sheet; ProblemError in words for a card that ended, is suspended or past its last day (A22)."""
    held = _card(application_id)
    decide("lost", HeldCard(held.status, date.fromisoformat(held.valid_until)), today())  # type: ignore[arg-type]
    opened = _opened().find(session.get(TICKET), application_id)
    return opened or sheets.for_staff(current.store(), current.settings(), application_id)


def _card(application_id: str) -> Card:
    with current.store().read() as db:
        held = cards.find(db, application_id)
    if held is None:
        raise ProblemError("card_not_here")
    return held


def _opened() -> sheets.Opened:
    return sheets.opened(current_app._get_current_object(), TICKET)  # type: ignore[attr-defined]


def _room() -> printjobs.PrintRoom:
    return printjobs.room(current_app._get_current_object())  # type: ignore[attr-defined]
