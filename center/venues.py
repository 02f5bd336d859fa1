"""優惠場所: the places where the card opens a gate. A page for everybody, and the administrator's list to keep (R48)."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, flash, request
from flask_babel import gettext

from center import audit_values, auditing, current, devices
from center.guard import me, right_required
from center.pages import page, see_other
from center.store import venues
from honorcard import venues as rules
from honorcard.problems import ProblemError
from honorcard.venues import ACCEPTED_FORMS, VENUE_KINDS, Venue
from web.clock import now, now_ms
from web.errors import answer
from web.languages import language

bp = Blueprint("venues", __name__)

LONGEST_NOTE = 200
STALE_MS = 7 * 86_400_000  # from then on a verifier shows the age of its list beside every verdict (credential.md C.3)
_FIELDS = ("name", "city", "district", "kind", "accepted_form", "benefit_zh", "benefit_en", "note")
_CODE = re.compile(r"[0-9A-Za-z_-]{1,32}\Z")  # it stands in an address


@bp.get("/venues")
def public() -> Response:
    """All places, or those of one city or one form; nobody has to sign in, and nobody is counted."""
    with current.store().read() as conn:
        every = venues.everywhere(conn)
    asked = {name: request.args.get(name, "") for name in ("city", "district", "kind", "form")}
    there = {one.city for one in every}
    if asked["city"] in there and asked["district"] not in {one.district for one in every if one.city == asked["city"]}:
        asked["district"] = ""  # of the city that was chosen before
    shown = [
        one for one in every
        if asked["city"] in ("", one.city) and asked["district"] in ("", one.district)
        and asked["kind"] in ("", one.kind) and asked["form"] in ("", one.accepted_form)
    ]  # fmt: skip
    return page(
        "center/venues_public.html", "main", venues=shown, known=bool(every), cities=sorted(there),
        city=asked["city"], district=asked["district"], kind=asked["kind"], form=asked["form"],
        districts=sorted({one.district for one in every if one.district and asked["city"] in ("", one.city)}),
        advice=rules.advice, benefit=rules.benefit, **_words(),
    )  # fmt: skip


@bp.get("/venues/mine")
@right_required("verify")
def mine() -> Response:
    """The place whose staff is asking: what the card gives there, its tablets, and the page to verify with."""
    with current.store().read() as conn:
        found = venues.of_account(conn, me().account_id)
        tablets = venues.verifiers(conn, found.code) if found is not None else []
    return page(
        "center/venue_mine.html", "main", venue=found, tablets=tablets, advice=rules.advice, benefit=rules.benefit,
        stale_ms=now_ms() - STALE_MS, **_words(),
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
    """One place, to be changed; who verifies there."""
    return _one(code)


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


@bp.post("/venues/list/<code>/tablet")
@right_required("manage")
def let_in(code: str) -> Response:
    """A one-time code that lets in one tablet for the gate of this place; shown on this answer only."""
    one = _existing(code)
    where = request.form.get("site", "").strip()[:60]
    site = f"{one.name} {where}".strip()
    fresh = devices.new_code(current.store(), None, site, "verifier", now(), one.code)
    with current.store().write() as conn:
        fields = [("site", "", site), ("profile", "", "verifier"), ("venue", "", one.code)]
        auditing.did(conn, "tablet_code", "device", "", fields)
    return _one(code, fresh=fresh)


@bp.post("/venues/list/<code>/account")
@right_required("manage")
def staff(code: str) -> Response:
    """An account of venue staff is of this place, or is not any more."""
    one = _existing(code)
    leaves = request.form.get("leaves") == "1"
    account_id = request.form.get("account", "")[:36]
    with current.store().write() as conn:
        if not venues.give_account(conn, account_id, "" if leaves else one.code):
            raise ProblemError("not_found")
        change = ("venue", one.code, "") if leaves else ("venue", "", one.code)
        auditing.did(conn, "account_venue", "account", account_id, [change])
    flash(gettext("帳號改好了"))
    return see_other(f"/venues/list/{one.code}")


@bp.errorhandler(ProblemError)
def _say_above_the_form(problem: ProblemError) -> Response:
    """What kept a place from being saved, with what was typed still in the fields."""
    if request.method != "POST" or not problem.code.startswith("venue_"):
        return answer(problem, "center/problem.html")
    sentence, status = problem.sentence(language()), problem.problem.status
    code = (request.view_args or {}).get("code")
    if code is None:
        return _list(sentence, status)
    return _one(code, sentence=sentence, status=status)


def _one(code: str, *, sentence: str = "", status: int = 200, fresh: str = "") -> Response:
    found = _existing(code)
    with current.store().read() as conn:
        tablets, people = venues.verifiers(conn, code), venues.staff(conn)
    return page(
        "center/venue.html", "main", status=status, venue=found, typed=request.form if sentence else {}, sentence=sentence,
        fresh=fresh, tablets=tablets, staff=people, stale_ms=now_ms() - STALE_MS, **_words(),
    )  # fmt: skip


def _list(sentence: str = "", status: int = 200) -> Response:
    with current.store().read() as conn:
        every, heard = venues.everywhere(conn), venues.heard_from(conn)
    return page(
        "center/venues.html", "main", status=status, venues=every, sentence=sentence, typed=request.form, heard=heard,
        stale_ms=now_ms() - STALE_MS, **_words(),
    )  # fmt: skip


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
        accepted, form.get("note", "").strip()[:LONGEST_NOTE], form.get("district", "").strip()[:20],
        form.get("benefit_zh", "").strip()[:100], form.get("benefit_en", "").strip()[:150],
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
