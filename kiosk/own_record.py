"""A volunteer's own service record at the kiosk: slip and birth date open it, for that browser alone, with or without a line.

The figures are reckoned for today from the rows the center sent after its last decision. What is not here: opening what
is sealed (sheets), the words (web.records), the sheet (honorcard.record_sheet).
"""

from __future__ import annotations

from datetime import date

import msgspec
from flask import Blueprint, Response, current_app, make_response, request, session
from werkzeug.wrappers import Response as AnyResponse

from honorcard import record_sheet
from honorcard.card import slip as slip_rules
from honorcard.collected import History, Look, look
from honorcard.problems import ProblemError, sentence
from honorcard.record_sheet import Holder
from kiosk import by_slip, current, sheets
from kiosk.pages import page, see_other
from sync import wire
from sync.records import unpacked
from web.clock import now, today
from web.languages import language
from web.records import told

bp = Blueprint("own_record", __name__)

TICKET = "record"
_MINE = "mine"  # what a ticket of this room opens


@bp.get("/record")
def hold_up() -> Response:
    """The camera, waiting for a slip."""
    return _ask("scan")


@bp.post("/record/frame")
def frame() -> Response:
    """A camera frame: nothing to say (204), or the next question once a slip is in it."""
    try:
        text = by_slip.slip_in_frame(request.get_data(cache=False))
    except ProblemError as problem:
        return make_response("", 204) if by_slip.is_said_already(problem) else _ask("scan", problem, status=200)
    return make_response("", 204) if text is None else _ask("born", slip=text)


@bp.post("/record/text")
def typed() -> Response:
    """The slip's text from a USB scanner."""
    text = request.form.get("text", "").strip()
    try:
        slip_rules.read_slip(text)
    except ProblemError as problem:
        return _ask("scan", problem)
    return _ask("born", slip=text)


@bp.post("/record")
def open_slip() -> Response | AnyResponse:
    """Slip and birth date: the record, or what is wrong."""
    text = request.form.get("slip", "")
    try:
        born = by_slip.birth_date(request.form.get("born", ""), today())
    except ProblemError as problem:
        return _ask("born", problem, text)
    try:
        _, record = sheets.record_by_slip(current.store(), text, born)
    except ProblemError as problem:
        asks_again = problem.code in ("slip_does_not_open", "slip_tries_spent")
        return _ask("born" if asks_again else "scan", problem, text)
    _opened().drop(session.get(TICKET))
    session[TICKET] = _opened().keep(_MINE, record)
    return see_other("/record/mine")


@bp.get("/record/mine")
def show() -> Response | AnyResponse:
    """The record that this browser opened."""
    held = _mine()
    if held is None:
        return see_other("/record")
    holder, history, seen, made_on = held
    return page("kiosk/record.html", "main", holder=holder, told=told(history, seen, language()), made_on=made_on)


@bp.get("/record/mine.pdf")
def pdf() -> Response | AnyResponse:
    """The same on paper."""
    held = _mine()
    if held is None:
        return see_other("/record")
    if current.settings().profile == "public":  # a file stays on the screen when its visitor has gone
        raise ProblemError("no_files_here")
    holder, _, seen, _ = held
    return make_response(
        record_sheet.render(holder, seen, language(), created=now()),
        {"Content-Type": "application/pdf", "Content-Disposition": 'inline; filename="service-record.pdf"'},
    )


@bp.post("/record/done")
def done() -> Response | AnyResponse:
    """Forgets what the slip opened, and goes home."""
    _opened().drop(session.pop(TICKET, None))
    return see_other("/")


def _mine() -> tuple[Holder, History, Look, date] | None:
    """What the browser's ticket opened, reckoned for today; None when there is none any more."""
    content = _opened().find(session.get(TICKET), _MINE)
    if content is None:
        return None
    try:
        record: wire.ServiceRecord = wire.decode(wire.ServiceRecord, content)
        holder, history = unpacked(record)
    except (msgspec.MsgspecError, ValueError):  # sent by a center that knows more than this kiosk
        raise ProblemError("record_unreadable") from None
    rules = current.settings().rules_on(today())
    return holder, history, look(history, today(), rules), record.made_on


def _ask(step: str, problem: ProblemError | None = None, slip: str = "", *, status: int = 0) -> Response:
    return page(
        "kiosk/record_slip.html",
        "main",
        step=step,
        slip=slip,
        problem=problem,
        words=sentence(problem.code, language(), problem.details) if problem else "",
        born=request.form.get("born", ""),
        status=status or (problem.problem.status if problem else 200),
    )


def _opened() -> sheets.Opened:
    return sheets.opened(current_app._get_current_object(), TICKET)  # type: ignore[attr-defined]
