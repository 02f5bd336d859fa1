"""優惠場所: the places where the card opens a gate. A page for everybody, and the administrator's list to keep (R48)."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, flash, request
from flask_babel import gettext

from center import audit_values, auditing, current
from center.guard import right_required
from center.pages import page, see_other
from center.store import venues
from honorcard import venues as rules
from honorcard.problems import ProblemError
from honorcard.venues import ACCEPTED_FORMS, VENUE_KINDS, Venue
from web.clock import now_ms
from web.errors import answer
from web.languages import language

bp = Blueprint("venues", __name__)

LONGEST_NOTE = 200
_FIELDS = ("name", "city", "kind", "accepted_form", "note")
_CODE = re.compile(r"[0-9A-Za-z_-]{1,32}\Z")  # it stands in an address


@bp.get("/venues")
def public() -> Response:
    """All places, or those of one city or one form; nobody has to sign in, and nobody is counted."""
    with current.store().read() as conn:
        every = venues.everywhere(conn)
    city, form = request.args.get("city", ""), request.args.get("form", "")
    shown = [one for one in every if city in ("", one.city) and form in ("", one.accepted_form)]
    return page(
        "center/venues_public.html", "main", venues=shown, known=bool(every), city=city, form=form,
        cities=sorted({one.city for one in every}), advice=rules.advice, **_words(),
    )  # fmt: skip


@bp.get("/venues/list")
@right_required("manage")
def listing() -> Response:
    """The list, and the form for a new place."""
    return _list()


@bp.post("/venues/list")
@right_required("manage")
def add() -> Response:
    """Adds a place. ProblemError `venue_field_missing`, `venue_name_too_long`, `venue_code_wrong`, `venue_code_taken`."""
    code = request.form.get("code", "").strip()
    if code and not _CODE.match(code):
        raise ProblemError("venue_code_wrong")
    one = _typed(code)
    with current.store().write() as conn:
        venues.add(conn, [one], now_ms())
        auditing.did(conn, "venue_added", "venue", one.code, audit_values.plain(_FIELDS, None, one))
    flash(gettext("已新增 %(name)s，平板下次連線就有", name=one.name))
    return see_other("/venues/list")


@bp.get("/venues/list/<code>")
@right_required("manage")
def edit(code: str) -> Response:
    """One place, to be changed."""
    return page("center/venue.html", "main", venue=_existing(code), **_words())


@bp.post("/venues/list/<code>")
@right_required("manage")
def change(code: str) -> Response:
    """Changes a place."""
    before, one = _existing(code), _typed(code)
    with current.store().write() as conn:
        venues.change(conn, one, now_ms())
        auditing.did(conn, "venue_changed", "venue", code, audit_values.plain(_FIELDS, before, one))
    flash(gettext("已更新 %(name)s，平板下次連線就有", name=one.name))
    return see_other("/venues/list")


@bp.post("/venues/list/<code>/off")
@right_required("manage")
def take_off(code: str) -> Response:
    """Takes a place off the list."""
    one = _existing(code)
    with current.store().write() as conn:
        venues.take_off(conn, code, now_ms())
        auditing.did(conn, "venue_off", "venue", code)
    flash(gettext("已從名單拿掉 %(name)s", name=one.name))
    return see_other("/venues/list")


@bp.errorhandler(ProblemError)
def _say_above_the_form(problem: ProblemError) -> Response:
    """What kept a place from being saved, with what was typed still in the fields."""
    if request.method != "POST" or not problem.code.startswith("venue_"):
        return answer(problem, "center/problem.html")
    sentence, status = problem.sentence(language()), problem.problem.status
    code = (request.view_args or {}).get("code")
    if code is None:
        return _list(sentence, status)
    return page(
        "center/venue.html",
        "main",
        status=status,
        venue=_existing(code),
        typed=request.form,
        sentence=sentence,
        **_words(),
    )


def _list(sentence: str = "", status: int = 200) -> Response:
    with current.store().read() as conn:
        every = venues.everywhere(conn)
    return page(
        "center/venues.html", "main", status=status, venues=every, sentence=sentence, typed=request.form, **_words()
    )


def _words() -> dict[str, Any]:
    return {
        "forms": [(code, rules.form_words(code, language())) for code in ACCEPTED_FORMS],
        "kinds": [(code, rules.kind_words(code, language())) for code in VENUE_KINDS],
        "form_words": rules.form_words,
        "kind_words": rules.kind_words,
    }


def _typed(code: str) -> Venue:
    """The place in the form. ProblemError for what is missing, too long, or a choice there is not."""
    form = request.form
    kind, accepted = form.get("kind", ""), form.get("accepted_form", "")
    if kind not in VENUE_KINDS or accepted not in ACCEPTED_FORMS:
        raise ProblemError("venue_field_missing")
    one = Venue(
        code, form.get("name", "").strip(), form.get("city", "").strip()[:32], kind,
        accepted, form.get("note", "").strip()[:LONGEST_NOTE],
    )  # fmt: skip
    wrong = one.problem()
    if wrong is not None:
        raise ProblemError(wrong)
    return one


def _existing(code: str) -> Venue:
    with current.store().read() as conn:
        found = venues.find(conn, code)
    if found is None:
        raise ProblemError("not_found")
    return found
