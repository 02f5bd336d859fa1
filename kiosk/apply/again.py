"""What only a card to be issued again is asked: its papers, with the form to print and sign (R38)."""

from __future__ import annotations

from flask import Response, make_response

from honorcard import reissue_form
from honorcard.card import cases
from honorcard.problems import ProblemError
from honorcard.reissue_form import Filled
from kiosk.apply.shared import bp, frame, onward
from kiosk.asking import drafted, progress, said
from kiosk.asking.drafted import Work
from kiosk.drafting import ABOUT_A_CARD
from kiosk.guard import applicant_or_staff
from kiosk.pages import page
from kiosk.store import syncing
from web.clock import now, today
from web.languages import language


@bp.get("/apply/<application_id>/papers")
@applicant_or_staff
def papers(application_id: str) -> Response:
    """The papers of a card to be issued again: each photographed, or still to be."""
    return _papers(_about_a_card(application_id))


@bp.post("/apply/<application_id>/papers")
@applicant_or_staff
def papers_done(application_id: str) -> Response:
    """On, when all of them are there. ProblemError `papers_incomplete`, said on the page."""
    work = _about_a_card(application_id)
    answers = drafted.change(work.id, lambda before: progress.looked_at("papers", before))
    if not progress.is_answered("papers", answers, work.photos):
        return _papers(drafted.find(work.id), ProblemError("papers_incomplete"))
    return onward(work.id)


@bp.get("/apply/<application_id>/form.pdf")
@applicant_or_staff
def form(application_id: str) -> Response:
    """The reissue form with what was typed; kept nowhere. ProblemError `fonts_missing`."""
    work = _about_a_card(application_id)
    answers, old = work.answers, work.answers.old_card
    with drafted.store().read() as db:
        here = syncing.membership(db)
    filled = Filled(
        cause=answers.cause,
        name=answers.name,
        birth_date=answers.birth_date,
        identity_number=answers.identity.number if answers.identity is not None else "",
        card_number=old.number if old is not None else "",
        valid_until=old.valid_until if old is not None else None,
        old_identity=old.identity_number if old is not None else "",
        unit=here.unit if here is not None else "",
    )
    pdf = reissue_form.render(filled, drafted.settings().rules_on(today()), language(), created=now())
    return make_response(
        pdf,
        {
            "Content-Type": "application/pdf",
            "Content-Disposition": 'inline; filename="reissue-form.pdf"',
            "Cache-Control": "no-store",
        },
    )


def _about_a_card(application_id: str) -> Work:
    work = drafted.find(application_id)
    if work.answers.kind not in ABOUT_A_CARD:
        raise ProblemError("not_found")
    return work


def _papers(work: Work, problem: ProblemError | None = None) -> Response:
    needed = [need for need in progress.papers_of(work.answers) if need != "headshot"]
    photos = {need: next(iter(work.of_slot(need)), None) for need in needed}
    return page(
        "kiosk/apply/papers.html", "main", status=problem.problem.status if problem else 200,
        needed=needed, photos=photos, problem=problem, hint_words=said.hint_words,
        paper_words=lambda need: cases.label(need, language()), **frame(work, "papers"),
    )  # fmt: skip
