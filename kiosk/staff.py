"""The PIN page and what lies behind it: unlock, lock, a first PIN, the recovery code, and the printer's address."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from flask import Blueprint, Response, current_app, request
from werkzeug.wrappers import Response as AnyResponse

from honorcard.problems import ProblemError
from kiosk import current, guard, out_of_order, pins, printer_notes, printers
from kiosk import settings as settings_file
from kiosk.pages import page, see_other

bp = Blueprint("staff", __name__)


@bp.get("/unlock")
def unlock() -> Response | AnyResponse:
    """The keypad; straight on when this browser is unlocked already."""
    then = guard.local_path(request.args.get("next"))
    if guard.is_unlocked():
        return see_other(then)
    if not pins.is_set(current.line_store()):
        return page("kiosk/unlock.html", "main", view="new" if _at_the_machine() else "unset", then=then)
    return page("kiosk/unlock.html", "main", view="pin", then=then, check=pins.status(current.line_store()))


@bp.post("/unlock")
def try_pin() -> Response | AnyResponse:
    """One try."""
    then = guard.local_path(request.form.get("next"))
    if not pins.is_set(current.line_store()):
        return see_other("/unlock")
    check = pins.check(current.line_store(), request.form.get("pin", ""))
    if check.ok:
        guard.unlock()
        return see_other(then)
    return page("kiosk/unlock.html", "main", view="pin", then=then, check=check, wrong=check.counted, status=403)


@bp.post("/lock")
def lock() -> Response | AnyResponse:
    """Locks this browser and goes back to the start page."""
    guard.lock()
    return see_other("/")


@bp.post("/unlock/new")
def first_pin() -> Response:
    """The first PIN of a machine that has none, typed at the machine itself."""
    if pins.is_set(current.line_store()) or not _at_the_machine():
        raise ProblemError("not_allowed")
    then = guard.local_path(request.form.get("next"))
    if (problem := _pin_problem()) is not None:
        return page("kiosk/unlock.html", "main", view="new", then=then, problem=problem, status=422)
    code = pins.set_pin(current.line_store(), request.form["pin"])
    guard.unlock()
    return page("kiosk/unlock.html", "main", view="code", code=code, then=then)


@bp.get("/unlock/recovery")
def recovery() -> Response:
    """Where the recovery code and a new PIN are typed."""
    return page("kiosk/unlock.html", "main", view="recovery", then="/")


@bp.post("/unlock/recovery")
def recover() -> Response:
    """With the right code: a new PIN, everything else locked, and the next code to write down."""
    problem = _pin_problem()
    code = None if problem else pins.recover(current.line_store(), request.form.get("code", ""), request.form["pin"])
    if code is None:
        wrong = problem or ProblemError("recovery_wrong")
        return page("kiosk/unlock.html", "main", view="recovery", then="/", problem=wrong, status=wrong.problem.status)
    guard.lock_all()
    guard.unlock()
    return page("kiosk/unlock.html", "main", view="code", code=code, then="/")


@bp.get("/staff/printer")
@guard.staff_only
def printer() -> Response:
    """The printer's address and what the printer says of itself."""
    return _printer_page()


@bp.post("/staff/printer")
@guard.staff_only
def set_printer() -> Response:
    """Keeps the address (or none) and asks the printer at once."""
    uri = request.form.get("uri", "").strip()
    if uri and not printers.is_address(uri):
        return _printer_page(typed=uri, problem=ProblemError("printer_address_wrong"), status=422)
    paper: Literal["auto", "a4"] = "a4" if request.form.get("paper") == "a4" else "auto"
    changed = replace(current.settings(), printer_uri=uri, print_paper=paper)
    settings_file.save(changed)
    current_app.config["SETTINGS"] = changed
    return _printer_page(asked=True, cleared=True)


@bp.post("/staff/printer/clear")
@guard.staff_only
def clear_printer() -> Response:
    """Somebody has seen to the printer: it is asked, and when it is ready, it prints again for everybody."""
    return _printer_page(asked=True, cleared=True)


def _printer_page(
    *,
    typed: str | None = None,
    problem: ProblemError | None = None,
    asked: bool = False,
    cleared: bool = False,
    status: int = 200,
) -> Response:
    uri = current.settings().printer_uri
    seen = printer_notes.look(current_app._get_current_object(), uri) if uri and problem is None else None  # type: ignore[attr-defined]
    words = printer_notes.trouble_words(seen.trouble) if seen and not seen.ready else ""
    with current.store().write() as db:
        if cleared and (seen is None or seen.ready):
            out_of_order.clear(db)
        out = out_of_order.look(db) if uri else ""
    shown = uri if typed is None else typed
    return page(
        "kiosk/printer.html", "main", uri=shown, seen=seen, words=words, problem=problem, asked=asked, status=status,
        out=printer_notes.trouble_words(out) if out else "", paper=current.settings().print_paper,
        papers=printer_notes.paper_words(seen.loaded) if seen else [],
    )  # fmt: skip


def _at_the_machine() -> bool:
    """Whether the browser runs on this machine, not somewhere on the network."""
    hosted = current.settings().profile == "hosted"  # behind a proxy everybody seems to sit at the machine
    return not hosted and request.remote_addr in ("127.0.0.1", "::1")


def _pin_problem() -> ProblemError | None:
    pin, again = request.form.get("pin", ""), request.form.get("again", "")
    if not pins.is_usable(pin):
        return ProblemError("pin_too_short")
    return None if pin == again else ProblemError("pin_differs")
