"""The end of an application: the verdict, the consent, the answers once more, and off it goes."""

from __future__ import annotations

from flask import Response, request
from msgspec.structs import replace

from honorcard import roc
from honorcard.card import cases
from honorcard.problems import ProblemError
from kiosk import practice_cards, slips, submitting
from kiosk.apply.shared import bp, frame, onward, url
from kiosk.asking import correcting, counted, drafted, judging, places, progress, said
from kiosk.asking.drafted import Work
from kiosk.drafting import ABOUT_A_CARD
from kiosk.guard import applicant_or_staff
from kiosk.pages import page, see_other
from kiosk.store import drafts
from web.clock import today
from web.countries import country_name
from web.languages import language


@bp.route("/apply/<application_id>/verdict", methods=["GET", "POST"])
@applicant_or_staff
def verdict(application_id: str) -> Response:
    """The verdict with its reasons and the day on which it would pass; a POST says it was read."""
    work = drafted.find(application_id)
    open_before = [
        step for step in progress.missing(work.answers, work.photos) if step in ("kind", "previous", "book", "training")
    ]
    if open_before:
        return see_other(url(work.id, open_before[0]))
    rules = drafted.settings().rules_on(today())
    found = judging.judge(work.answers, work.photos, rules, today())
    if request.method == "POST" and found.passed:
        # seen is what was judged: answers changed in another window meanwhile are judged anew
        drafted.change(work.id, lambda now: judging.seen(now) if now == work.answers else now)
        return onward(work.id)
    context = frame(work, "verdict")
    context |= said.verdict(found, rules, work, today())
    context["counted"] = counted.counted(work.answers, work.photos, rules, today(), language())
    return page("kiosk/apply/verdict.html", "main", bars=judging.bars(found, rules), verdict=found, **context)


@bp.route("/apply/<application_id>/consent", methods=["GET", "POST"])
@applicant_or_staff
def consent(application_id: str) -> Response:
    """The purpose notice (R36, item 9) and the consent to it."""
    work = drafted.find(application_id)
    if request.method == "POST":
        drafted.change(work.id, lambda before: replace(before, consent=True))
        return onward(work.id)
    notice = said.notice(drafted.settings(), today())
    return page("kiosk/apply/consent.html", "main", notice=notice, **frame(work, "consent"))


@bp.get("/apply/<application_id>/check")
@applicant_or_staff
def check(application_id: str) -> Response:
    """Check your answers: everything once more, each with a way to change it."""
    return _checked(drafted.find(application_id))


@bp.post("/apply/<application_id>/submit")
@applicant_or_staff
def submit(application_id: str) -> Response:
    """Hands the application over, once; what is open, not agreed to or not yet eligible stops with its sentence."""
    try:
        work = drafted.find(application_id)
    except ProblemError:
        return _sent_before(application_id)
    missing = progress.missing(work.answers, work.photos)
    if missing:
        code = "consent_missing" if missing == ["consent"] else "draft_incomplete"
        return _held_up(work, ProblemError(code))
    about_a_card = work.answers.kind in ABOUT_A_CARD
    found = (
        None
        if about_a_card
        else judging.judge(work.answers, work.photos, drafted.settings().rules_on(today()), today())
    )
    if found is not None and not found.passed:  # the day may have changed since the verdict was read
        drafted.change(work.id, judging.unseen)
        return _checked(work, ProblemError("not_eligible_yet"))
    try:
        with drafted.room_on_disk():
            return _submitted(application_id)
    except ProblemError as problem:  # no room, not enrolled, a photograph lost: nothing was sent, all is kept
        return _held_up(work, problem)


def _submitted(application_id: str) -> Response:
    to_practise = practice_cards.before(application_id)
    done = submitting.submit(
        drafted.store(), drafted.settings(), application_id, now=drafted.moment(), language=language()
    )
    practice_cards.issue(to_practise, done, drafted.moment())
    if done.slip_secret:  # empty on a second tap, when the first one's is remembered already
        slips.remember(done.application_id, done.receipt, done.slip_secret)
    return see_other(f"/slip/{done.application_id}")


def _held_up(work: Work, problem: ProblemError) -> Response:
    """What stands in the way; the slip instead when a second press was overtaken by the first, which took the draft's
    photographs away while this one was looking at them.
    """
    with drafted.store().read() as db:
        gone = drafts.find(db, work.id) is None
    return _sent_before(work.id) if gone else _checked(work, problem)


def _sent_before(application_id: str) -> Response:
    """The slip of an application that was submitted already: a second tap, or a page left open."""
    try:
        return _submitted(application_id)
    except ProblemError:
        raise ProblemError("draft_gone") from None


def _checked(work: Work, problem: ProblemError | None = None) -> Response:
    """The check page, with what stands in the way of sending."""
    missing = progress.missing(work.answers, work.photos)
    context = frame(work, "check")
    context |= {
        "missing": missing,
        "problem": problem,
        "sum": said.service_sum(work.answers),
        "sums_of_pages": said.page_sums(work.answers, work.photos),
        "pages_shown": places.shown(work.answers, work.photos),
        "page_words": said.page_words,
        "unnumbered": places.unnumbered(work.answers, work.photos),
        "training_words": said.training_words(work.answers),
        "notice": said.notice(drafted.settings(), today()),
        "both": said.both,
        "kind_words": said.kind_words,
        "category_words": said.category_words,
        "country": country_name(work.answers.identity.nationality, language()) if work.answers.identity else "",
        "written": roc.written,
        "returned": correcting.words_for("check", work.answers, language()),
    }
    name = "check"
    if work.answers.kind in ABOUT_A_CARD:
        name = "check_again"
        context |= {
            "needed": [need for need in progress.papers_of(work.answers) if need != "headshot"],
            "card_words": lambda code: cases.label(code, language()),
        }
    return page(f"kiosk/apply/{name}.html", "main", status=problem.problem.status if problem else 200, **context)
