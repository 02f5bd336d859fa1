"""The start page: one verb a tile, nothing about a person. Answers without the PIN; so do the state strip and
`/healthz`.
"""

from __future__ import annotations

import platform

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from kiosk import current, guard, printer_notes
from kiosk.pages import page, see_other
from kiosk.store import syncing
from kiosk.version import app_version
from web.clock import now

bp = Blueprint("home", __name__)


@bp.get("/")
def show() -> Response | AnyResponse:
    """The verbs. A public tablet offers to apply only where volunteers may do so alone, or to staff (A11)."""
    guard.end_alone()
    with current.store().read() as db:
        emptied = syncing.was_emptied(db)
    if emptied:
        return see_other(url_for("enrolling.show"))
    unlocked = guard.is_unlocked()
    public = current.settings().profile == "public"
    may_apply = unlocked or not public or guard.may_apply_alone()
    return page("kiosk/home.html", "main", unlocked=unlocked, may_apply=may_apply, public=public)


@bp.get("/state")
def state() -> Response | AnyResponse:
    """The state strip alone; while it is asked for, the printer is looked after too.

    Every page asks for it every ten seconds: where the tablet has locked itself meanwhile, the page gives way to the PIN.
    """
    if guard.went_idle() and request.headers.get("HX-Current-URL"):
        return guard.to_unlock()
    if guard.left_alone() and request.headers.get("HX-Current-URL"):
        return see_other("/")
    printer_notes.look_soon(current_app._get_current_object(), current.settings().printer_uri)  # type: ignore[attr-defined]
    return page("kiosk/_state_strip.html")


@bp.get("/healthz")
def health() -> Response:
    """Whether the machine works, for a program: versions and queue length, nothing about a person."""
    moment = now()
    with current.store().read() as db:
        facts = syncing.facts(db, int(moment.timestamp() * 1000))
        trouble = syncing.trouble(db)
    settings = current.settings()
    return jsonify(
        {
            "ok": True,
            "version": app_version(),
            "python": platform.python_version(),
            "sqlite": current.store().sqlite_version(),
            "profile": settings.profile,
            "queue": facts.unsent,
            "photos_left": facts.photos_left,
            "line": facts.line,
            "sync_replaced": trouble.replaced,
            "time": moment.isoformat(timespec="seconds"),
        }
    )
