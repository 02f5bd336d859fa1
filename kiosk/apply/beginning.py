"""Beginning an application, going on with one, throwing one away, correcting one that came back."""

from __future__ import annotations

from flask import Response, request, url_for
from msgspec.structs import replace
from werkzeug.wrappers import Response as AnyResponse

from honorcard import names
from kiosk import guard, practising
from kiosk.apply.shared import bp, onward
from kiosk.asking import correcting, drafted, forms, questions
from kiosk.drafting import Answers
from kiosk.guard import applicant_or_staff, staff_only
from kiosk.pages import page, see_other
from kiosk.store import drafts
from sync.ids import uuid7
from sync.wire import AppliedBy
from web.clock import today


@bp.route("/apply/new", methods=["GET", "POST"])
def new() -> Response | AnyResponse:
    """The first question of a new application, and for staff the ones that were begun; a POST begins a draft."""
    unlocked = guard.is_unlocked()
    if not unlocked and not guard.may_apply_alone():
        return guard.to_unlock()
    if request.method == "GET":
        with drafted.store().read() as db:
            begun = drafts.waiting(db) if unlocked else []
        begun = practising.own(begun)
        return page("kiosk/apply/new.html", "main", begun=begun, mask=names.mask, step="kind")
    settings = drafted.settings()
    drafted.may_begin()
    application_id = uuid7()
    typed = forms.typed_of(request.form)
    if not unlocked and (begun_alone := _untouched(typed)) is not None:
        return onward(begun_alone)
    reading = questions.read_kind(Answers(), typed, today())
    with drafted.store().write() as db:
        gate = settings.rules_on(today()).training_gate
        applied_by: AppliedBy = "unit" if unlocked else "self"
        answers = replace(reading.answers, typed={"kind": typed}, training_gate=gate, applied_by=applied_by)
        drafts.create(db, application_id, drafted.now_ms(), answers)
        in_use = drafts.files_in_use(db)
    drafted.box().sweep(in_use)
    if not unlocked:
        guard.begin_alone(application_id)
    return onward(application_id)


def _untouched(typed: dict[str, str]) -> str | None:
    """What this volunteer has just begun with the same answer and not gone on with: a button pressed over and over leaves one
    draft.
    """
    held = guard.alone_with()
    if held is None:
        return None
    with drafted.store().read() as db:
        draft = drafts.find(db, held)
    return held if draft is not None and draft.answers.typed == {"kind": typed} else None


@bp.get("/apply/<application_id>")
@applicant_or_staff
def go_on(application_id: str) -> Response:
    """Where this application stands: its first open question."""
    return onward(application_id)


@bp.route("/apply/<application_id>/throw_away", methods=["GET", "POST"])
@applicant_or_staff
def throw_away(application_id: str) -> Response:
    """Asks whether the draft is to go, then removes it with its photographs."""
    work = drafted.find(application_id)
    if request.method == "GET":
        return page("kiosk/apply/throw_away.html", "main", work=work, mask=names.mask)
    with drafted.store().write() as db:
        freed = drafts.remove(db, application_id)
    drafted.box().remove(*freed)
    return see_other(url_for("home.show"))


@bp.post("/apply/correct/<application_id>")
@staff_only
def correct(application_id: str) -> Response:
    """A draft made from a returned case, the kept photographs in place; one that is there already goes on."""
    correcting.begin(drafted.store(), drafted.settings(), application_id, drafted.now_ms(), today())
    return onward(application_id)
