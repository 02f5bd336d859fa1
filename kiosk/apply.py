"""A new application, one question a page; each answer is kept as it is typed, so that a crash loses nothing (K1).

Every question: read the form, ask the rule, keep, then on to the next open one. Photographs
are kiosk.capture's work, what happens to a submitted application kiosk.submitting's.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext
from msgspec.structs import replace

from honorcard import fonts, names, roc
from honorcard.problems import ProblemError
from honorcard.records import CATEGORIES
from kiosk import slips, submitting
from kiosk.asking import (
    correcting,
    drafted,
    forms,
    judging,
    previous_card,
    progress,
    questions,
    said,
    service,
)
from kiosk.asking.countries import countries, country_name
from kiosk.asking.drafted import Work
from kiosk.asking.forms import Reading, Trouble
from kiosk.drafting import Answers
from kiosk.guard import staff_only
from kiosk.pages import page, see_other, wants_fragment
from kiosk.store import drafts
from sync.ids import uuid7
from web.clock import today
from web.languages import language

bp = Blueprint("apply", __name__)

_READERS: dict[str, Callable[[Answers, Mapping[str, str], date], Reading]] = {
    "kind": questions.read_kind,
    "previous": questions.read_previous,
    "identity": questions.read_identity,
    "person": questions.read_person,
    "book": service.read_book,
}
_TYPED = "any(kind, previous, identity, person, book)"


# --- beginning, going on, throwing away ---


@bp.route("/apply/new", methods=["GET", "POST"])
@staff_only
def new() -> Response:
    """The first question of a new application, and the ones that were begun; a POST begins a draft."""
    if request.method == "GET":
        with drafted.store().read() as db:
            begun = drafts.waiting(db)
        return page("kiosk/apply/new.html", "main", begun=begun, mask=names.mask, step="kind")
    settings = drafted.settings()
    if shutil.disk_usage(settings.data_dir).free < settings.free_bytes_stop:
        raise ProblemError("storage_low")
    application_id = uuid7()
    typed = forms.typed_of(request.form)
    reading = questions.read_kind(Answers(), typed, today())
    with drafted.store().write() as db:
        drafts.create(db, application_id, drafted.now_ms(), replace(reading.answers, typed={"kind": typed}))
        in_use = drafts.files_in_use(db)
    drafted.box().sweep(in_use)
    return _onward(application_id)


@bp.get("/apply/<application_id>")
@staff_only
def go_on(application_id: str) -> Response:
    """Where this application stands: its first open question."""
    return _onward(application_id)


@bp.route("/apply/<application_id>/throw_away", methods=["GET", "POST"])
@staff_only
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
    correcting.begin(drafted.store(), drafted.settings(), application_id, drafted.now_ms())
    return _onward(application_id)


# --- the questions with fields ---


@bp.get(f"/apply/<application_id>/<{_TYPED}:step>")
@staff_only
def ask(application_id: str, step: str) -> Response:
    """The question, with what was typed before."""
    return _asked(drafted.find(application_id), step)


@bp.post(f"/apply/<application_id>/<{_TYPED}:step>")
@staff_only
def answer(application_id: str, step: str) -> Response:
    """Keeps the answer and goes on; what cannot be read stays on the page with its sentence."""
    work = drafted.find(application_id)
    typed = forms.typed_of(request.form)
    if step == "book" and request.form.get("act"):
        return _rearranged(work, typed, request.form["act"])
    if step == "previous" and typed.get("qr", "").strip():
        return _from_qr(work, typed["qr"])
    reading = _kept(work, step, typed, answered=True)
    troubles = reading.troubles
    if step == "person" and reading.answers.name:
        troubles += _unprintable(reading.answers.name)
    if troubles:
        return _asked(drafted.find(application_id), step, troubles)
    if step == "previous" and not progress.is_answered(step, reading.answers, work.photos):
        missing = Trouble("photograph", gettext("舊卡的相片"), "previous_photo_missing")
        return _asked(drafted.find(application_id), step, (missing,))
    if step == "identity" and not typed.get("twin_seen") and _twin(drafted.find(application_id)):
        return _asked(drafted.find(application_id), step)  # said once; a second press goes on
    return _onward(application_id)


@bp.post(f"/apply/<application_id>/<{_TYPED}:step>/keep")
@staff_only
def keep(application_id: str, step: str) -> Response:
    """Keeps what stands in the fields now, readable or not; says nothing."""
    _kept(drafted.find(application_id), step, forms.typed_of(request.form))
    return Response(status=204)


@bp.post("/apply/<application_id>/live/<any(number, birth, valid_until, first_day, last_day, hours, sum):field>")
@staff_only
def live(application_id: str, field: str) -> Response:
    """What the rules say of a field while it is typed (the same rules as on the next page)."""
    drafted.find(application_id)
    typed = forms.typed_of(request.form)
    return page("kiosk/apply/_live.html", check=said.live(field, typed, today()))


# --- verdict, consent, check, submit ---


@bp.route("/apply/<application_id>/verdict", methods=["GET", "POST"])
@staff_only
def verdict(application_id: str) -> Response:
    """The verdict with its reasons and the day on which it would pass; a POST says it was read."""
    work = drafted.find(application_id)
    open_before = [step for step in progress.missing(work.answers, work.photos) if step in ("kind", "previous", "book")]
    if open_before:
        return see_other(_url(work.id, open_before[0]))
    found, rules = judging.judge(work.answers, drafted.settings().jurisdiction, today())
    if request.method == "POST" and found.passed:
        drafted.keep(work.id, judging.seen(work.answers))
        return _onward(work.id)
    context = _frame(work, "verdict")
    context |= said.verdict(found, rules, work.answers, today())
    return page("kiosk/apply/verdict.html", "main", bars=judging.bars(found, rules), verdict=found, **context)


@bp.route("/apply/<application_id>/consent", methods=["GET", "POST"])
@staff_only
def consent(application_id: str) -> Response:
    """The purpose notice (R36, item 9) and the consent to it."""
    work = drafted.find(application_id)
    if request.method == "POST":
        drafted.keep(work.id, replace(work.answers, consent=True))
        return _onward(work.id)
    notice = said.notice(drafted.settings(), today())
    return page("kiosk/apply/consent.html", "main", notice=notice, **_frame(work, "consent"))


@bp.get("/apply/<application_id>/check")
@staff_only
def check(application_id: str) -> Response:
    """Check your answers: everything once more, each with a way to change it."""
    return _checked(drafted.find(application_id))


@bp.post("/apply/<application_id>/submit")
@staff_only
def submit(application_id: str) -> Response:
    """Hands the application over, once; what is open, not agreed to or not yet eligible stops with its sentence."""
    try:
        work = drafted.find(application_id)
    except ProblemError:
        return _sent_before(application_id)
    missing = progress.missing(work.answers, work.photos)
    if missing:
        code = "consent_missing" if missing == ["consent"] else "draft_incomplete"
        return _checked(work, ProblemError(code))
    found, _ = judging.judge(work.answers, drafted.settings().jurisdiction, today())
    if not found.passed:  # the day may have changed since the verdict was read
        drafted.keep(work.id, judging.unseen(work.answers))
        return _checked(work, ProblemError("not_eligible_yet"))
    try:
        return _submitted(application_id)
    except ProblemError as problem:  # no room, not enrolled, a photograph lost: nothing was sent, all is kept
        return _checked(work, problem)


def _submitted(application_id: str) -> Response:
    done = submitting.submit(
        drafted.store(), drafted.settings(), application_id, now=drafted.moment(), language=language()
    )
    if done.slip_secret:  # empty on a second tap, when the first one's is remembered already
        slips.remember(done.application_id, done.receipt, done.slip_secret)
    return see_other(f"/slip/{done.application_id}")


def _sent_before(application_id: str) -> Response:
    """The slip of an application that was submitted already: a second tap, or a page left open."""
    try:
        return _submitted(application_id)
    except ProblemError:
        raise ProblemError("draft_gone") from None


# --- what the views share ---


def _url(application_id: str, step: str) -> str:
    """The address of a question, whichever room asks it."""
    return f"/apply/{application_id}/{step}"


def _onward(application_id: str) -> Response:
    """To the first open question; to the check when all are answered."""
    work = drafted.find(application_id)
    return see_other(_url(application_id, progress.next_question(work.answers, work.photos)))


def _kept(work: Work, step: str, typed: dict[str, str], *, answered: bool = False) -> Reading:
    """Reads the fields and keeps both what they say and what they bear; `answered` when the person goes on."""
    if step == "book":
        typed = service.with_the_other_way(typed, work.answers.typed.get("book", {}))
    reading = _READERS[step](work.answers, typed, today())
    answers = replace(reading.answers, typed={**reading.answers.typed, step: typed})
    if any(getattr(answers, name) != getattr(work.answers, name) for name in ("kind", "previous", "service")):
        answers = judging.unseen(answers)
    if answered:
        answers = progress.looked_at(step, answers)
    if answers != work.answers:
        drafted.keep(work.id, answers)
    return Reading(answers, reading.troubles)


def _unprintable(name: str) -> tuple[Trouble, ...]:
    """A trouble when the name bears characters this machine cannot print (§6): better said now than at the printer."""
    try:
        absent = fonts.missing_glyphs(name)
    except ProblemError:  # no fonts here at all: the doctor's business, and the center prints with its own
        return ()
    return (Trouble("name", gettext("姓名"), "glyph_missing", {"characters": absent}),) if absent else ()


def _frame(work: Work, step: str) -> dict[str, Any]:
    """What every question's page needs: where it stands, the way back, what a reviewer said."""
    asked = progress.questions(work.answers)
    before = progress.before(step, work.answers)
    back = _url(work.id, before) if before else url_for("home.show")
    if request.args.get("back") == "check" or request.form.get("back") == "check":
        back = _url(work.id, "check")
    return {
        "work": work,
        "answers": work.answers,
        "step": step,
        "place": asked.index(step) + 1 if step in asked else 1,
        "total": len(asked),
        "back": back,
        "from_check": back.endswith("/check"),
        "returned": correcting.words_for(step, work.answers, language()),
    }


def _asked(work: Work, step: str, troubles: tuple[Trouble, ...] = ()) -> Response:
    """A question's page."""
    typed = dict(work.answers.typed.get(step, {}))
    context = _frame(work, step)
    if step == "identity":
        typed["document"] = request.args.get("document") or typed.get("document", "id")
        context["countries"] = countries(language())
        context["twin"] = _twin(work)
    if step == "book":
        typed.setdefault("mode", "totals")
        context["row_count"] = max(service.row_count(typed), service.FIRST_ROWS) if typed["mode"] == "rows" else 0
        context["row_sum"] = said.live("sum", typed, today())
        context["categories"] = CATEGORIES
        context["category_words"] = said.category_words
        context["floor"] = said.floor(work.answers, drafted.settings().jurisdiction, today())
    context |= {
        "typed": typed,
        "troubles": troubles,
        "wrong": {trouble.field: trouble for trouble in troubles},
        "check_of": {field: said.live(field, typed, today()) for field in said.LIVE if typed.get(field)},
    }
    status = 422 if troubles else 200
    return page(f"kiosk/apply/{step}.html", "main", status=status, **context)


def _rearranged(work: Work, typed: dict[str, str], act: str) -> Response:
    """Rows added or taken out, or the other way of typing the service; nothing typed is lost."""
    name, _, place = act.partition("-")
    if name == "add":
        typed = service.with_row(typed)
    elif name == "remove" and place.isdigit():
        typed = service.without_row(typed, int(place))
    elif name in ("rows", "totals"):
        typed["mode"] = name
    _kept(work, "book", typed)
    if wants_fragment():
        return _asked(drafted.find(work.id), "book")
    return see_other(_url(work.id, "book"))


def _from_qr(work: Work, text: str) -> Response:
    """The earlier card as its QR says it, or the sentence why not."""
    try:
        known = previous_card.read(text.strip(), drafted.settings())
    except ProblemError as problem:
        return _asked(work, "previous", (Trouble("qr", gettext("QR 碼"), problem.code, problem.details),))
    typed = {"valid_until": roc.dotted(known.valid_until)}
    answers = replace(work.answers, previous=known, typed={**work.answers.typed, "previous": typed})
    drafted.keep(work.id, judging.unseen(answers))
    return _onward(work.id)


def _twin(work: Work) -> str:
    """Where the same person already is on this tablet (B.7: warn at once): `draft`, `sent`, or empty."""
    known = work.answers.identity
    if known is None:
        return ""
    mac = submitting.identity_mac(drafted.settings(), known.number)
    with drafted.store().read() as db:
        if drafts.open_case_of(db, mac, work.id):
            return "sent"
        others = [draft.answers.identity for draft in drafts.waiting(db) if draft.application_id != work.id]
    return "draft" if any(other and other.number == known.number for other in others) else ""


def _checked(work: Work, problem: ProblemError | None = None) -> Response:
    """The check page, with what stands in the way of sending."""
    missing = progress.missing(work.answers, work.photos)
    context = _frame(work, "check")
    context |= {
        "missing": missing,
        "problem": problem,
        "sum": said.service_sum(work.answers),
        "notice": said.notice(drafted.settings(), today()),
        "both": said.both,
        "kind_words": said.kind_words,
        "category_words": said.category_words,
        "country": country_name(work.answers.identity.nationality, language()) if work.answers.identity else "",
        "written": roc.written,
        "returned": correcting.words_for("check", work.answers, language()),
    }
    return page("kiosk/apply/check.html", "main", status=problem.problem.status if problem else 200, **context)
