"""The review desk: two queues, oldest first; one case with its photographs beside its data; approve, return or refuse
with one key.

A decision leads to the next case and can be taken back for a while (undo). What may be done is asked of honorcard.review, on the
page and again when a form arrives. What is not here: the list of what waits (queueing), the photographs (desk_photos), what the
page shows (case_page), the writing of a decision (decisions, issue), who may enter (guard).
"""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, request
from flask_babel import gettext

from center import case_page, current, decisions, filtering, packing, rounds, undo, undo_bar
from center.case_page import QUEUES, Tried, existing, queue_of
from center.guard import me, right_required, who
from center.pages import page, see_other
from center.store import attention, cases, leases, pending, queue
from center.store.accounts import Account
from center.store.pending import Form
from honorcard import roles
from honorcard.problems import ProblemError
from web.clock import now, now_ms
from web.errors import answer

bp = Blueprint("desk", __name__)

HEADS = 8  # cases that are tried in turn when several reviewers reach for the next one at once


@bp.get("/desk/first")
@right_required("first_review")
def first() -> Response:
    """The oldest case waiting for its first review that nobody else works on."""
    return _head_of("first")


@bp.get("/desk/second")
@right_required("second_review")
def second() -> Response:
    """The oldest case waiting for its second review that nobody else works on."""
    return _head_of("second")


@bp.get("/desk/case/<string(length=36):application_id>")
@right_required("first_review", "second_review")
def case(application_id: str) -> Response:
    """One case."""
    return case_page.show(application_id, filtering.read(request.args))


@bp.post("/desk/case/<string(length=36):application_id>/number")
@right_required("first_review", "second_review")
def reveal(application_id: str) -> Response:
    """The whole identity number, for comparing it with the photograph; that somebody looked is written down (A19)."""
    store = current.store()
    with store.write() as conn:
        found = existing(cases.find(conn, application_id))
        cases.record(
            conn, found.application_id, actor=me().account_id, what="number_shown", rev=found.rev, now_ms=now_ms()
        )
    return case_page.show(
        found.application_id, filtering.parse(request.form.get("within", "")), revealed=True, block="identity_number"
    )


@bp.post("/desk/case/<string(length=36):application_id>/approve")
@right_required("first_review", "second_review")
def approve(application_id: str) -> Response:
    """First review: on to the second. Second review: the card is numbered, signed and issued."""
    number = _decide(application_id, "approve")
    if number:
        flash(gettext("已發卡，卡號 %(number)s", number=number))
        packing.after_change()
    elif current.settings().undo_s <= 0:
        flash(gettext("已核可，送複審"))
    return _onward(me())


@bp.post("/desk/case/<string(length=36):application_id>/return")
@right_required("first_review", "second_review")
def send_back(application_id: str) -> Response:
    """Back to whoever submitted it, with what to correct."""
    _decide(application_id, "return")
    if current.settings().undo_s <= 0:
        flash(gettext("已退回補正"))
    return _onward(me())


@bp.post("/desk/case/<string(length=36):application_id>/refuse")
@right_required("first_review", "second_review")
def refuse(application_id: str) -> Response:
    """Not granted, with the rule."""
    _decide(application_id, "refuse")
    if current.settings().undo_s <= 0:
        flash(gettext("已判定不符規定"))
    return _onward(me())


@bp.post("/desk/case/<string(length=36):application_id>/attention")
@right_required("first_review", "second_review")
def attend(application_id: str) -> Response:
    """The reviewer was at it for some seconds more: it stays theirs. Empty, or what has changed about it meanwhile."""
    account, seen_rev = me(), _rev()
    with current.store().read() as conn:
        found = existing(cases.find(conn, application_id))
        moved = rounds.since(conn, found, seen_rev)
        decided = pending.on_case(conn, application_id)
    if found.rev != seen_rev:
        return page("center/_moved.html", moved=moved, case=found, holder=None)
    if decided is not None or not decisions.may(found, account).anything:
        return make_response("", 204)
    holder = case_page.hold(application_id, account)
    if holder is not None:
        return page("center/_moved.html", moved=None, case=found, holder=holder)
    _attended(application_id, account)
    return make_response("", 204)


@bp.post("/desk/case/<string(length=36):application_id>/leave")
@right_required("first_review", "second_review")
def leave(application_id: str) -> Response:
    """The reviewer has left the case: anybody may take it."""
    account = me()
    _attended(application_id, account)
    with current.store().write() as conn:
        leases.let_go(conn, application_id, account.account_id)
    return make_response("", 204)


@bp.get("/desk/undo/<string(length=36):pending_id>")
@right_required("first_review", "second_review")
def undo_state(pending_id: str) -> Response:
    """The bar of a decision as it stands now."""
    account = me()
    with current.store().read() as conn:
        found = pending.find(conn, pending_id)
        if found is None or found.account_id != account.account_id:
            raise ProblemError("case_unknown")
        said = undo_bar.context(conn, current.settings(), account, now_ms())
    return page("center/_undo.html", undo=said, within=filtering.address(filtering.read(request.args)))


@bp.post("/desk/undo/<string(length=36):pending_id>")
@right_required("first_review", "second_review")
def take_back(pending_id: str) -> Response:
    """What was just decided is undone, and is on the screen again."""
    within = filtering.parse(request.form.get("within", ""))
    undone = undo.take_back(current.store(), current.settings(), pending_id, me(), now=now())
    flash(
        gettext("已取消，這 %(n)s 件還沒有決定", n=len(undone))
        if len(undone) > 1
        else gettext("已取消，這件還沒有決定")
    )
    return see_other(filtering.path(f"/desk/case/{undone[0]}", within))


@bp.post("/desk/undo/<string(length=36):pending_id>/read")
@right_required("first_review", "second_review")
def read(pending_id: str) -> Response:
    """The reviewer has read that a decision could not take effect; leads to its case."""
    with current.store().write() as conn:
        found = pending.find(conn, pending_id)
        if found is None or found.account_id != me().account_id:
            raise ProblemError("case_unknown")
        pending.change(conn, pending_id, of=("failed",), to="seen", result=found.result)
    return see_other(f"/desk/case/{found.application_id}")


@bp.errorhandler(ProblemError)
def _say_on_the_case(problem: ProblemError) -> Response:
    """A decision that was not taken: the case as it stands, the sentence above it, what was written still there."""
    application_id = (request.view_args or {}).get("application_id", "")
    account = who()
    action = (request.endpoint or "").removeprefix("desk.")
    if request.method != "POST" or account is None or not _reviews(account) or problem.code == "case_unknown":
        return answer(problem, "center/problem.html")
    if not application_id or action in ("attend", "leave"):
        return answer(problem, "center/problem.html")
    try:
        rev = _rev()
    except ProblemError:
        rev = None
    return case_page.show(
        application_id, filtering.parse(request.form.get("within", "")), tried=Tried(problem, action, rev)
    )


def _head_of(name: str) -> Response:
    within, account = filtering.read(request.args), me()
    with current.store().read() as conn:
        rows = queue.queue(conn, QUEUES[name], now_ms(), within=within, free_for=account.account_id, limit=HEADS)
    for row in rows:  # somebody may be quicker: the next one then
        if case_page.hold(row.application_id, account) is None:
            return case_page.show(row.application_id, within)
    moment_ms = now_ms()
    with current.store().read() as conn:
        said = undo_bar.context(conn, current.settings(), account, moment_ms)
        held = queue.queue(conn, QUEUES[name], moment_ms, within=within, limit=HEADS)
        every = queue.waiting(conn, QUEUES[name], moment_ms)
    return page(
        "center/desk_empty.html",
        "main",
        queue=name,
        undo=said,
        held=held,
        every=every,
        within=filtering.address(within),
    )


def _decide(application_id: str, verb: str) -> str:
    form = Form(
        tuple(request.form.getlist("reason")),
        tuple(request.form.getlist("slot")),
        request.form.get("text", "").replace("\0", "").strip()[:1000],
        request.form.get("valid_until", "").replace("\0", "")[:40],
    )
    return undo.press(
        current.store(), current.settings(), application_id, me(), verb,
        rev=_rev(), form=form, now=now(), seconds=_seconds(),
    )  # fmt: skip


def _attended(application_id: str, account: Account) -> None:
    seconds = _seconds()
    if seconds:
        with current.store().write() as conn:
            attention.add(conn, application_id, queue_of(account), seconds)


def _reviews(account: Account) -> bool:
    return roles.may(account.role, "first_review") or roles.may(account.role, "second_review")


def _rev() -> int:
    """The rev that the reviewer saw."""
    try:
        return int(request.form.get("rev", ""))
    except ValueError:
        raise ProblemError("case_moved_on") from None


def _seconds() -> int:
    """Seconds of attention since the page last told of any."""
    said = request.form.get("seconds", "")
    return min(int(said), attention.MOST_S) if said.isascii() and said.isdigit() and len(said) < 6 else 0


def _onward(account: Account) -> Response:
    return see_other(filtering.path(f"/desk/{queue_of(account)}", filtering.parse(request.form.get("within", ""))))
