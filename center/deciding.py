"""需要人決定: what waits for a person, and the pages on which two versions or two cases stand beside each other.

For both reviewers. What is not here: what a decision writes (choosing), the values in words (side_by_side).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, make_response, request
from flask_babel import gettext

from center import auditing, choosing, current, decisions, photostore, side_by_side
from center.guard import me, right_required, who
from center.pages import page, see_other
from center.store import cases, proposals, twins
from center.store.audit import Act
from center.store.cases import Case
from center.store.proposals import Proposal
from honorcard import identity, roles
from honorcard.problems import ProblemError
from honorcard.review import MOVES
from web.clock import now
from web.errors import answer
from web.languages import language

bp = Blueprint("deciding", __name__)


@dataclass(frozen=True)
class Side:
    """One of two cases beside each other. verdict: whether it meets the conditions; None for a case about a card."""

    case: Case
    number: str
    passed: bool | None
    can_go: bool
    can_stay: bool
    can_return: bool
    can_refuse: bool


@bp.app_context_processor
def _waiting() -> dict[str, Any]:
    """For the menu of those who decide: how many things wait for a person."""
    account = who()
    if account is None or not any(roles.may(account.role, right) for right in ("first_review", "second_review")):
        return {"to_decide": 0}
    with current.store().read() as conn:
        return {"to_decide": proposals.count_waiting(conn) + twins.count_waiting(conn)}


@bp.get("/decide")
@right_required("first_review", "second_review")
def listing() -> Response:
    """Changes of one case that two people made, and cases that may be one person's; what has waited longest first."""
    with current.store().read() as conn:
        changes, pairs = proposals.all_waiting(conn), twins.all_waiting(conn)
        counts = (proposals.count_waiting(conn), twins.count_waiting(conn))
    auditing.saw("queue_seen", "list", "decide")
    return page("center/decide.html", "main", changes=changes, pairs=pairs, counts=counts)


@bp.get("/decide/<string(length=36):application_id>/<string(length=36):op_id>")
@right_required("first_review", "second_review")
def change(application_id: str, op_id: str) -> Response:
    """What stands and the change that waits, beside each other."""
    return _change_page(application_id, op_id)


@bp.post("/decide/<string(length=36):application_id>/<string(length=36):op_id>")
@right_required("first_review", "second_review")
def choose(application_id: str, op_id: str) -> Response:
    """What was chosen, field by field or as a whole."""
    case, found = _both(application_id, op_id)
    unlike = [row.field for row in side_by_side.rows(_body_of(case), found.body) if row.differs]
    whole = request.form.get("whole", "")
    chosen = {name for name in unlike if (whole or request.form.get(f"of {name}")) == "there"}
    choosing.choose(
        current.store(), current.settings(), application_id, op_id, me(), rev=_rev("rev"), take=chosen, text=_text(), now=now()
    )  # fmt: skip
    flash(gettext("已記下您的決定，兩台平板都會收到"))
    return see_other("/decide")


@bp.get("/decide/<string(length=36):application_id>/<string(length=36):op_id>/photo/<slot>/<int:position>.jpg")
@right_required("first_review", "second_review")
def photo(application_id: str, op_id: str, slot: str, position: int) -> Response:
    """A photograph of the change that waits; no copy stays in a cache."""
    with current.store().read() as conn:
        found = proposals.find(conn, op_id)
        mine = found is not None and found.application_id == application_id
        address = proposals.photo_address(conn, op_id, slot, position) if mine else None
    auditing.saw("photos_seen", "application", application_id)
    content = photostore.get(current.settings(), "photo", address) if address else None
    if content is None:
        raise ProblemError("case_photo_missing")
    return make_response(content, 200, {"Content-Type": "image/jpeg", "Cache-Control": "private, no-store"})


@bp.get("/decide/<string(length=36):application_id>/twin/<string(length=36):other>")
@right_required("first_review", "second_review")
def pair(application_id: str, other: str) -> Response:
    """Two cases that may be one person's, beside each other."""
    return _pair_page(application_id, other)


@bp.post("/decide/<string(length=36):application_id>/twin/<string(length=36):other>/<any(join, apart, refuse):what>")
@right_required("first_review", "second_review")
def settle(application_id: str, other: str, what: str) -> Response:
    """併案, 不是同一人, or one of them refused; `which` names the case it is done to."""
    seen = {application_id: _rev("rev_here"), other: _rev("rev_there")}
    asked = request.form.get("which", "")
    which = asked if asked in seen else application_id
    rest = other if which == application_id else application_id
    revs = (seen[which], seen[rest])
    if what == "join":  # which: the case that stays
        choosing.join(current.store(), which, rest, me(), revs=revs, text=_text(), now=now())
        flash(gettext("已併案。另一件撤回，相片和紀錄留著當佐證"))
    elif what == "apart":
        choosing.tell_apart(
            current.store(), current.settings(), which, rest, me(), revs=revs,
            mistyped=which if asked in seen else None, text=_text(), now=now(),
        )  # fmt: skip
        flash(gettext("已記下不是同一人"))
    else:
        choosing.refuse_one(current.store(), which, rest, me(), revs=revs, text=_text(), now=now())
        flash(gettext("已判定不符規定"))
    return see_other("/decide")


@bp.post("/desk/case/<string(length=36):application_id>/renewal")
@right_required("first_review", "second_review")
def renewal(application_id: str) -> Response:
    """A first application of a card holder becomes a renewal and is judged as one."""
    choosing.make_renewal(current.store(), current.settings(), application_id, me(), rev=_rev("rev"), now=now())
    flash(gettext("已改成換發，並照換發的條件重新判定"))
    return see_other(f"/desk/case/{application_id}")


@bp.errorhandler(ProblemError)
def _say_beside_them(problem: ProblemError) -> Response:
    """A decision that was not taken: the page as it stands, the sentence above it."""
    seen, account = request.view_args or {}, who()
    if request.method != "POST" or account is None or problem.code in ("case_unknown", "choice_made", "not_allowed"):
        return answer(problem, "center/problem.html")
    if not (roles.may(account.role, "first_review") or roles.may(account.role, "second_review")):
        return answer(problem, "center/problem.html")
    if "op_id" in seen:
        return _change_page(seen["application_id"], seen["op_id"], problem)
    if "other" in seen:
        return _pair_page(seen["application_id"], seen["other"], problem)
    return answer(problem, "center/problem.html")


def _change_page(application_id: str, op_id: str, problem: ProblemError | None = None) -> Response:
    case, found = _both(application_id, op_id)
    auditing.saw("case_seen", "application", application_id)
    here = _body_of(case)
    photos = {(photo.slot, photo.position): photo.state for photo in found.photos}
    return page(
        "center/decide_change.html",
        "main",
        status=200 if problem is None else problem.problem.status,
        sentence=None if problem is None else problem.sentence(language()),
        typed=request.form,
        case=case,
        change=found,
        rows=side_by_side.rows(here, found.body, found.clashes if found.kind == "propose" else ()),
        photos_there=photos,
        decided=case.state in choosing.DECIDED,
    )


def _pair_page(application_id: str, other: str, problem: ProblemError | None = None) -> Response:
    account = me()
    with current.store().read() as conn:
        link = twins.find(conn, application_id, other)
        one, two = cases.find(conn, application_id), cases.find(conn, other)
        if link is None or one is None or two is None:
            raise ProblemError("case_unknown")
        sides = []
        for case in (one, two):
            may = decisions.may(case, account)
            passed = decisions.verdict(conn, current.settings(), case).passed if case.reissue is None else None
            number = identity.normalise(case.body.identity_number)
            sides.append(
                Side(
                    case, number if link.why == "alike" else identity.mask(number), passed,
                    can_go=(case.state, "withdraw") in MOVES, can_stay=case.state not in ("refused", "withdrawn"),
                    can_return=may.send_back, can_refuse=may.refuse,
                )
            )  # fmt: skip
    auditing.saw_all([Act("case_seen", "application", case.application_id) for case in (one, two)])
    rows = side_by_side.rows(one.body, two.body, photos=False) if one.reissue is None and two.reissue is None else []
    return page(
        "center/decide_pair.html",
        "main",
        status=200 if problem is None else problem.problem.status,
        sentence=None if problem is None else problem.sentence(language()),
        typed=request.form,
        sides=sides,
        link=link,
        rows=rows,
    )


def _body_of(case: Case) -> proposals.Body:
    """What a case says, in its own shape."""
    return case.reissue if case.reissue is not None else case.body


def _both(application_id: str, op_id: str) -> tuple[Case, Proposal]:
    with current.store().read() as conn:
        case, found = cases.find(conn, application_id), proposals.find(conn, op_id)
    if case is None or found is None or found.application_id != application_id:
        raise ProblemError("case_unknown")
    return case, found


def _rev(name: str) -> int:
    try:
        return int(request.form.get(name, ""))
    except ValueError:
        raise ProblemError("case_moved_on") from None


def _text() -> str:
    return request.form.get("text", "").strip()[:1000]
