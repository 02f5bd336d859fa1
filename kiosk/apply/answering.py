"""The questions with fields: kind, earlier card, identity number, person, record book. Kept letter by letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from flask import Response, request
from flask_babel import gettext
from msgspec.structs import replace

from honorcard import fonts
from honorcard.problems import ProblemError
from honorcard.records import CATEGORIES
from kiosk import submitting
from kiosk.apply.shared import bp, frame, onward, url
from kiosk.asking import drafted, forms, judging, previous_card, progress, questions, said, service
from kiosk.asking.drafted import Work
from kiosk.asking.forms import Reading, Trouble
from kiosk.drafting import Answers
from kiosk.guard import staff_only
from kiosk.pages import page, see_other, wants_fragment
from kiosk.store import drafts
from web.clock import today
from web.countries import countries
from web.languages import language

_READERS: dict[str, Callable[[Answers, Mapping[str, str], date], Reading]] = {
    "kind": questions.read_kind,
    "previous": questions.read_previous,
    "identity": questions.read_identity,
    "person": questions.read_person,
    "book": service.read_book,
}
_TYPED = "any(kind, previous, identity, person, book)"


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
    try:
        reading = _kept(work, step, typed, answered=True)
    except ProblemError as problem:
        if problem.code not in ("disk_full", "disk_trouble"):
            raise
        return _asked(work, step, (Trouble("main", gettext("存檔"), problem.code),), typed)
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
    return onward(application_id)


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


def _kept(work: Work, step: str, typed: dict[str, str], *, answered: bool = False) -> Reading:
    """Reads the fields and keeps both what they say and what they bear; `answered` when the person goes on."""
    troubles: tuple[Trouble, ...] = ()

    def with_these(before: Answers) -> Answers:
        nonlocal troubles
        bears = service.with_the_other_way(typed, before.typed.get("book", {})) if step == "book" else typed
        reading = _READERS[step](before, bears, today())
        troubles = reading.troubles
        answers = replace(reading.answers, typed={**reading.answers.typed, step: bears})
        if any(getattr(answers, name) != getattr(before, name) for name in ("kind", "previous", "service")):
            answers = judging.unseen(answers)
        return progress.looked_at(step, answers) if answered else answers

    answers = drafted.change(work.id, with_these)
    return Reading(answers, troubles)


def _unprintable(name: str) -> tuple[Trouble, ...]:
    """A trouble when the name bears characters this machine cannot print (§6): better said now than at the printer."""
    try:
        absent = fonts.missing_glyphs(name)
    except ProblemError:  # no fonts here at all: the doctor's business, and the center prints with its own
        return ()
    return (Trouble("name", gettext("姓名"), "glyph_missing", {"characters": absent}),) if absent else ()


def _asked(work: Work, step: str, troubles: tuple[Trouble, ...] = (), unkept: dict[str, str] | None = None) -> Response:
    """A question's page; `unkept`: what was typed and could not be saved."""
    typed = dict(work.answers.typed.get(step, {}) if unkept is None else unkept)
    context = frame(work, step)
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
    status = 507 if unkept is not None else 422 if troubles else 200
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
    return see_other(url(work.id, "book"))


def _from_qr(work: Work, text: str) -> Response:
    """The earlier card as its QR says it, or the sentence why not."""
    try:
        known = previous_card.read(text.strip(), drafted.settings())
    except ProblemError as problem:
        return _asked(work, "previous", (Trouble("qr", gettext("QR 碼"), problem.code, problem.details),))
    drafted.change(work.id, lambda before: previous_card.known_as(before, known))
    return onward(work.id)


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
