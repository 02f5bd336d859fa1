"""The questions with fields: kind, earlier card, identity number, person, record book. Kept letter by letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Response, abort, request
from flask_babel import gettext
from msgspec.structs import replace

from honorcard import fonts
from honorcard.card import cases
from honorcard.problems import ProblemError
from honorcard.records import CATEGORIES
from kiosk import practising, submitting
from kiosk.apply.shared import bp, frame, onward, url
from kiosk.asking import (
    again,
    books,
    drafted,
    forms,
    judging,
    places,
    previous_card,
    progress,
    questions,
    rows,
    said,
    service,
    trainings,
)
from kiosk.asking.drafted import Work
from kiosk.asking.forms import Reading, Trouble
from kiosk.drafting import Answers, Service
from kiosk.guard import applicant_or_staff
from kiosk.pages import page, see_other, wants_fragment
from kiosk.store import cards, drafts
from web.clock import today
from web.countries import countries
from web.languages import language

_READERS: dict[str, Callable[[Answers, Mapping[str, str], date], Reading]] = {
    "kind": questions.read_kind,
    "previous": questions.read_previous,
    "identity": questions.read_identity,
    "person": questions.read_person,
    "book": service.read_book,
    "training": trainings.read,
    "cause": again.read_cause,
    "old_card": again.read_old_card,
}
# a change in any of these is judged anew
_JUDGED = ("kind", "previous", "service", "books", "trainings", "service_field")
_TYPED = "any(kind, previous, identity, person, book, training, cause, old_card)"


@bp.get(f"/apply/<application_id>/<{_TYPED}:step>")
@applicant_or_staff
def ask(application_id: str, step: str) -> Response:
    """The question, with what was typed before."""
    return _asked(drafted.find(application_id), step)


@bp.post(f"/apply/<application_id>/<{_TYPED}:step>")
@applicant_or_staff
def answer(application_id: str, step: str) -> Response:
    """Keeps the answer and goes on; what cannot be read stays on the page with its sentence."""
    work = drafted.find(application_id)
    typed = forms.typed_of(request.form)
    if step in ("book", "training") and request.form.get("act"):
        return _rearranged(work, step, typed, request.form["act"])
    if step in ("previous", "old_card") and typed.get("qr", "").strip():
        return _from_qr(work, step, typed["qr"])
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
    if step == "old_card" and not typed.get("reprint_seen") and _reprint(drafted.find(application_id)):
        return _asked(drafted.find(application_id), step)
    return onward(application_id)


@bp.post(f"/apply/<application_id>/<{_TYPED}:step>/keep")
@applicant_or_staff
def keep(application_id: str, step: str) -> Response:
    """Keeps what stands in the fields now, readable or not; says nothing."""
    _kept(drafted.find(application_id), step, forms.typed_of(request.form))
    return Response(status=204)


@bp.post("/apply/<application_id>/live/<field>")
@applicant_or_staff
def live(application_id: str, field: str) -> Response:
    """What the rules say of a field while it is typed (the same rules as on the next page); of rows, each and the sum."""
    work = drafted.find(application_id)
    if not said.is_live(field):
        abort(404)
    typed = forms.typed_of(request.form)
    check = said.live(field, typed, today())
    if field != "sum":
        return page("kiosk/apply/_live.html", check=check)
    return page(
        "kiosk/apply/_sums.html", row_sum=check, row_checks=said.rows_said(typed, today()), **_sums(work, typed)
    )


def _sums(work: Work, typed: Mapping[str, str]) -> dict[str, Any]:
    """The sums of the pages, for rows as they are typed."""
    found = rows.shown(typed, today())
    answers = replace(work.answers, service=Service(rows=found))
    return {"sums_of_pages": said.page_sums(answers, work.photos) if found else []}


def _kept(work: Work, step: str, typed: dict[str, str], *, answered: bool = False) -> Reading:
    """Reads the fields and keeps both what they say and what they bear; `answered` when the person goes on."""
    troubles: tuple[Trouble, ...] = ()

    def with_these(before: Answers) -> Answers:
        nonlocal troubles
        bears = service.with_the_other_way(typed, before.typed.get("book", {})) if step == "book" else typed
        reading = _READERS[step](before, bears, today())
        troubles = reading.troubles
        answers = replace(reading.answers, typed={**reading.answers.typed, step: bears})
        if any(getattr(answers, name) != getattr(before, name) for name in _JUDGED):
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
        context |= _about_book(work, typed)
    if step == "training":
        context |= {"special_count": trainings.special_count(typed), "fields": trainings.SERVICE_FIELDS}
    if step == "cause":
        context |= {"causes": again.causes(work.answers), "cause_words": lambda code: cases.label(code, language())}
    if step == "old_card":
        context["reprint"] = _reprint(work)
    context |= {
        "typed": typed,
        "troubles": troubles,
        "wrong": {trouble.field: trouble for trouble in troubles},
        "check_of": {
            field: said.live(field, typed, today()) for field in typed if said.is_live(field) and typed[field]
        },
    }
    status = 507 if unkept is not None else 422 if troubles else 200
    return page(f"kiosk/apply/{step}.html", "main", status=status, **context)


def _about_book(work: Work, typed: dict[str, str]) -> dict[str, Any]:
    """What the book's page shows beside the fields: its books, its pages, what the rows typed so far come to."""
    shown = places.shown(work.answers, work.photos)
    is_rows = typed["mode"] == "rows"
    return {
        "row_count": max(rows.count(typed), rows.FIRST_ROWS) if is_rows else 0,
        "row_sum": said.live("sum", typed, today()),
        "row_checks": {check.field: check for check in said.rows_said(typed, today())} if is_rows else {},
        "categories": CATEGORIES,
        "category_words": said.category_words,
        "floor": said.floor(work.answers, drafted.settings().rules_on(today())),
        "books": max(books.count(typed), places.books_shown(work.answers, work.photos)),
        "book_field": books.field,
        "pages_shown": {position: said.page_words(page, position) for position, page in shown.items()},
        **(_sums(work, typed) if is_rows else {}),
    }


def _rearranged(work: Work, step: str, typed: dict[str, str], act: str) -> Response:
    """Rows, books or trainings added, rows taken out, or the other way of typing the service; nothing typed is lost."""
    name, _, place = act.partition("-")
    at = ""
    if step == "training":
        typed = trainings.with_further(typed)
        at = f"special_field-{trainings.special_count(typed)}"
    elif name == "add":
        typed = rows.with_further(typed)
        at = f"start-{rows.count(typed) - 1}"
    elif name == "book":
        typed = books.with_book(typed)
        at = books.field("book_prefix", books.count(typed))
    elif name == "remove" and place.isdigit():
        typed = rows.without(typed, int(place))
    elif name in ("rows", "totals"):
        typed["mode"] = name
    _kept(work, step, typed)
    if wants_fragment():
        return _asked(drafted.find(work.id), step)
    return see_other(url(work.id, step) + (f"#{at}" if at else ""))


def _from_qr(work: Work, step: str, text: str) -> Response:
    """The earlier card as its QR says it, or the sentence why not."""
    try:
        known = previous_card.read(text.strip(), drafted.settings())
    except ProblemError as problem:
        return _asked(work, step, (Trouble("qr", gettext("QR 碼"), problem.code, problem.details),))
    drafted.change(work.id, lambda before: previous_card.known_as(before, known))
    return see_other(url(work.id, step)) if step == "old_card" else onward(work.id)


def _reprint(work: Work) -> str:
    """What is enough instead of a reissue, when a card of this system is only lost or damaged (R39, A7): the case whose
    card can be printed on this very tablet, `slip` when it is ours and lies elsewhere, empty when nobody knows it to be.
    """
    card = work.answers.old_card
    if card is None or work.answers.kind != "reissue":
        return ""
    if card.number:
        with drafted.store().read() as db:
            held = cards.live_of_number(db, card.number)
        if held is not None:
            return held.application_id
    return "slip" if card.source == "qr" else ""


def _twin(work: Work) -> str:
    """Where the same person already is on this tablet (B.7: warn at once): `draft`, `sent`, or empty."""
    known = work.answers.identity
    if known is None:
        return ""
    mac = submitting.identity_mac(drafted.settings(), known.number)
    with drafted.store().read() as db:
        if drafts.open_case_of(db, mac, work.id):
            return "sent"
        waiting = practising.own(drafts.waiting(db))
    others = [draft.answers.identity for draft in waiting if draft.application_id != work.id]
    return "draft" if any(other and other.number == known.number for other in others) else ""
