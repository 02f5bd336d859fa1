"""Many second reviews with one press: only cases where every rule is met and nothing asks to be looked at.

Each is a decision of its own, in the history and against the rule of two persons; all of one press can be taken back together.
What is not here: a single case (desk), what a decision does (undo).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, flash, request
from flask_babel import gettext
from sqlalchemy import Connection

from center import auditing, current, decisions, filtering, findings, packing, undo, undo_bar
from center.guard import me, right_required
from center.pages import page, see_other
from center.settings import Settings
from center.store import cases, proposals, queue, twins
from center.store.accounts import Account
from center.store.cases import Case
from center.store.pending import Form
from center.store.queue import UNFLAGGED, Within
from honorcard import remarks
from honorcard.problems import ProblemError, sentence
from sync.ids import uuid7
from web.clock import now, now_ms, today
from web.errors import answer
from web.languages import language

bp = Blueprint("together", __name__)

MOST = 25  # cases of one press: as many as a person can have looked through
LOOKED_THROUGH = 75  # waiting cases that are looked through for clean ones


@dataclass(frozen=True)
class Clean:
    """A case that can be approved with others: what it is, and the figures of its verdict."""

    case: Case
    half_hours: int
    counting_from: date | None
    years_complete_on: date | None


@bp.get("/desk/together")
@right_required("second_review")
def listing() -> Response:
    """The oldest clean cases, with their figures."""
    return _page(filtering.read(request.args))


@bp.post("/desk/together")
@right_required("second_review")
def approve() -> Response:
    """Approves what was ticked, each for itself; what is no longer clean stays where it is, and is named."""
    account, batch = me(), uuid7()
    within = filtering.parse(request.form.get("within", ""))
    ticked = list(dict.fromkeys(request.form.getlist("case")))[:MOST]
    if not ticked:
        raise ProblemError("together_none")
    refused: list[tuple[str, str, str]] = []
    done = 0
    for said in ticked:
        application_id, _, rev = said.partition(".")
        try:
            _approve(application_id, rev, account, batch)
            done += 1
        except ProblemError as problem:
            refused.append((application_id, _name(application_id), sentence(problem.code, language(), problem.details)))
    if done and current.settings().undo_s <= 0:
        flash(gettext("已核可 %(n)s 件", n=done))
        packing.after_change()
    if refused:
        return _page(within, refused=refused, status=409)
    return see_other(filtering.path("/desk/together", within))


@bp.errorhandler(ProblemError)
def _say_above(problem: ProblemError) -> Response:
    if request.method != "POST" or problem.code != "together_none":
        return answer(problem, "center/problem.html")
    within = filtering.parse(request.form.get("within", ""))
    return _page(within, sentence_said=problem.sentence(language()), status=problem.problem.status)


def clean(conn: Connection, settings: Settings, case: Case, account: Account, day: date) -> Clean | None:
    """The case with its figures when it may be approved with others; None when a person has to look at it.

    Every rule is met and nothing remarked, no flag, no change or pair waits, no photograph was doubted, the card before it is the
    one that was named, and this person did not do the first review.
    """
    if case.state != "second_review" or case.reissue is not None or case.flags or findings.hinted(case):
        return None
    if any(photo.state != "opened" for photo in case.photos) or case.photo("headshot") is None:
        return None
    if not decisions.may(case, account).approve:
        return None
    if proposals.is_waiting(conn, case.application_id) or twins.open_of(conn, case.application_id):
        return None
    claim = decisions.claim(conn, case)
    said = case.body.previous.valid_until if case.body.previous is not None else None
    if claim.previous_valid_until != said:
        return None
    verdict = decisions.verdict_on(claim, settings, case)
    rules = settings.rules_on(case.body.submitted_on)
    if not verdict.passed or verdict.notes or remarks.at_decision(verdict, day, rules):
        return None
    return Clean(case, verdict.half_hours or 0, verdict.counting_from, verdict.years_complete_on)


def _approve(application_id: str, rev: str, account: Account, batch: str) -> None:
    store, settings = current.store(), current.settings()
    with store.read() as conn:
        case = cases.find(conn, application_id)
        if case is None:
            raise ProblemError("case_unknown")
        if str(case.rev) != rev:
            raise ProblemError("case_moved_on")
        if clean(conn, settings, case, account, today()) is None:
            raise ProblemError("together_not_clean")
    undo.press(store, settings, application_id, account, "approve", rev=case.rev, form=Form(), now=now(), batch=batch)


def _page(
    within: Within, *, refused: list[tuple[str, str, str]] | None = None, sentence_said: str = "", status: int = 200
) -> Response:
    account, moment_ms, settings = me(), now_ms(), current.settings()
    found: list[Clean] = []
    with current.store().read() as conn:
        rows = queue.queue(
            conn, "second_review", moment_ms, within=within if within.flag else _unflagged(within),
            free_for=account.account_id, limit=LOOKED_THROUGH,
        )  # fmt: skip
        for row in rows:
            if row.flags or row.kind not in ("first", "renewal") or row.outcome != "pass":
                continue
            case = cases.find(conn, row.application_id)
            one = clean(conn, settings, case, account, today()) if case is not None else None
            if one is not None:
                found.append(one)
            if len(found) >= MOST:
                break
        said = undo_bar.context(conn, settings, account, moment_ms)
        waiting = queue.waiting(conn, "second_review", moment_ms, within)
    auditing.saw("queue_seen", "list", "together")
    return page(
        "center/desk_together.html",
        "main",
        status=status,
        found=found,
        waiting=waiting,
        refused=refused or [],
        sentence=sentence_said,
        most=MOST,
        ticked={said.partition(".")[0] for said in request.form.getlist("case")},
        within=filtering.address(within),
        undo=said,
    )


def _unflagged(within: Within) -> Within:
    return Within(within.unit, within.district, within.kind, within.age, UNFLAGGED)


def _name(application_id: str) -> str:
    with current.store().read() as conn:
        case = cases.find(conn, application_id)
    return case.body.name if case is not None else ""
