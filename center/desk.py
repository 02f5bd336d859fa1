"""The review desk: two queues, oldest first; one case with its photographs beside its data; approve, return or refuse
with one key.

A decision leads to the next case. What may be done is asked of honorcard.review, on the page and again when a form
arrives. What is not here: the writing of a decision (decisions, issue), who may enter (guard).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, request
from flask_babel import gettext

from center import current, decisions, faces, findings, issue, packing, photostore
from center.guard import me, right_required, who
from center.pages import page, see_other
from center.store import cards, cases, proposals, twins
from center.store.accounts import Account
from center.store.cases import Case, QueueRow
from honorcard import corrections, identity, identity_words, roles
from honorcard.problems import ProblemError
from web.clock import now, now_ms, today
from web.errors import answer
from web.languages import language

bp = Blueprint("desk", __name__)

QUEUES = {"first": "first_review", "second": "second_review"}
SHOWN_IN_QUEUE = 30


@bp.get("/desk/first")
@right_required("first_review")
def first() -> Response:
    """The oldest case waiting for its first review."""
    return _head_of("first")


@bp.get("/desk/second")
@right_required("second_review")
def second() -> Response:
    """The oldest case waiting for its second review."""
    return _head_of("second")


@bp.get("/desk/case/<string(length=36):application_id>")
@right_required("first_review", "second_review")
def case(application_id: str) -> Response:
    """One case."""
    return _case_page(application_id)


@bp.post("/desk/case/<string(length=36):application_id>/number")
@right_required("first_review", "second_review")
def reveal(application_id: str) -> Response:
    """The whole identity number, for comparing it with the photograph; that somebody looked is written down (A19)."""
    store = current.store()
    with store.write() as conn:
        found = _existing(cases.find(conn, application_id))
        cases.record(
            conn, found.application_id, actor=me().account_id, what="number_shown", rev=found.rev, now_ms=now_ms()
        )
    return _case_page(found.application_id, revealed=True, block="identity_number")


@bp.post("/desk/case/<string(length=36):application_id>/approve")
@right_required("first_review", "second_review")
def approve(application_id: str) -> Response:
    """First review: on to the second. Second review: the card is numbered, signed and issued."""
    account, rev, text = _form()
    if account.role == "second_reviewer":
        number = issue.issue(
            current.store(), current.settings(), application_id, account.account_id,
            now=now(), rev=rev, text=text, valid_until=request.form.get("valid_until", "")[:40],
        )  # fmt: skip
        flash(gettext("已發卡，卡號 %(number)s", number=number))
        packing.after_change()
    else:
        decisions.approve(current.store(), current.settings(), application_id, account, rev=rev, text=text, now=now())
        flash(gettext("已核可，送複審"))
    return _onward(account)


@bp.post("/desk/case/<string(length=36):application_id>/return")
@right_required("first_review", "second_review")
def send_back(application_id: str) -> Response:
    """Back to whoever submitted it, with what to correct."""
    account, rev, text = _form()
    decisions.send_back(
        current.store(), current.settings(), application_id, account,
        rev=rev, reasons=request.form.getlist("reason"), slots=request.form.getlist("slot"), text=text, now=now(),
    )  # fmt: skip
    flash(gettext("已退回補正"))
    return _onward(account)


@bp.post("/desk/case/<string(length=36):application_id>/refuse")
@right_required("first_review", "second_review")
def refuse(application_id: str) -> Response:
    """Not granted, with the rule."""
    account, rev, text = _form()
    decisions.refuse(
        current.store(),
        current.settings(),
        application_id,
        account,
        rev=rev,
        reasons=request.form.getlist("reason"),
        text=text,
        now=now(),
    )
    flash(gettext("已判定不符規定"))
    return _onward(account)


@bp.get("/desk/case/<string(length=36):application_id>/photo/<slot>/<int:position>.jpg")
@right_required("first_review", "second_review")
def photo(application_id: str, slot: str, position: int) -> Response:
    """A photograph of the case, for reviewers alone; no copy stays in a cache."""
    with current.store().read() as conn:
        address = cases.photo_address(conn, application_id, slot, position)
    content = photostore.get(current.settings(), "photo", address) if address else None
    return _picture(content, "image/jpeg")


@bp.get("/desk/case/<string(length=36):application_id>/face.webp")
@right_required("first_review", "second_review")
def face(application_id: str) -> Response:
    """The headshot, small, for the queue."""
    with current.store().read() as conn:
        address = cases.photo_address(conn, application_id, "headshot")
    return _picture(faces.face(current.settings(), address) if address else None, "image/webp")


@bp.get("/desk/case/<string(length=36):application_id>/card_face.webp")
@right_required("first_review", "second_review")
def card_face(application_id: str) -> Response:
    """The face on the card that the case is about, to hold beside the new headshot."""
    with current.store().read() as conn:
        found = _existing(cases.find(conn, application_id))
        card = cards.of_seq(conn, found.card_seq) if found.card_seq is not None else None
    return _picture(faces.face(current.settings(), card.portrait_sha256) if card else None, "image/webp")


@bp.errorhandler(ProblemError)
def _say_on_the_case(problem: ProblemError) -> Response:
    """A decision that was not taken: the case as it stands, the sentence above it, what was written still there."""
    application_id = (request.view_args or {}).get("application_id", "")
    account = who()
    action = (request.endpoint or "").removeprefix("desk.")
    if request.method != "POST" or account is None or not _reviews(account) or problem.code == "case_unknown":
        return answer(problem, "center/problem.html")
    return _case_page(application_id, problem=problem, tried=action)


def _head_of(queue: str) -> Response:
    with current.store().read() as conn:
        rows = cases.queue(conn, QUEUES[queue], limit=1)
    if rows:
        return _case_page(rows[0].application_id)
    return page("center/desk_empty.html", "main", queue=queue)


def _case_page(
    application_id: str,
    *,
    revealed: bool = False,
    block: str = "main",
    problem: ProblemError | None = None,
    tried: str = "",
) -> Response:
    account = me()
    queue = "second" if account.role == "second_reviewer" else "first"
    with current.store().read() as conn:
        found = _existing(cases.find(conn, application_id))
        rows = cases.queue(conn, QUEUES[queue], limit=SHOWN_IN_QUEUE)
        context: dict[str, Any] = {
            "waiting": cases.waiting(conn, QUEUES[queue]),
            "relatives": cases.relatives(conn, found.idbx, found.application_id),
            "last_card": cards.latest_of(conn, found.idbx),
            "changes": proposals.of_case(conn, application_id),
            "pairs": twins.open_of(conn, application_id),
        }
        if found.reissue is None:
            context |= findings.judged(conn, current.settings(), found, today())
        else:
            context |= findings.about_card(conn, current.settings(), found, queue, today())
    body = found.body
    return page(
        "center/desk_case.html",
        block,
        status=200 if problem is None else problem.problem.status,
        sentence=None if problem is None else problem.sentence(language()),
        tried=tried,
        typed=request.form,
        case=found,
        body=body,
        queue=queue,
        rows=rows,
        before=_neighbour(rows, application_id, -1),
        after=_neighbour(rows, application_id, +1),
        may=decisions.may(found, account),
        revealed=revealed,
        number=body.identity_number if revealed else identity.mask(body.identity_number),
        number_hint=_number_hint(found) if revealed else "",
        shown=_shown(found),
        returns=corrections.returns(found.kind),
        refusals=corrections.refusals(found.kind),
        **context,
    )


def _reviews(account: Account) -> bool:
    return roles.may(account.role, "first_review") or roles.may(account.role, "second_review")


def _number_hint(found: Case) -> str:
    """What to compare with the document where the check digit of the number cannot tell."""
    passport = found.body.identity_kind == "passport"
    return identity_words.hint(identity.read(found.body.identity_number, passport), language())


def _shown(found: Case) -> int:
    """Which photograph is large at first: the one asked for, else the first inside page, or what proves a correction, or
    the form, else the first of all.
    """
    asked = request.args.get("photo", "")
    opened = [entry for entry in found.photos if entry.state == "opened"]
    for place, entry in enumerate(opened):
        named = f"{entry.slot}-{entry.position}"
        if asked in (named, named.removesuffix("-0")):
            return place
    for slot in ("page", "document", "form"):
        for place, entry in enumerate(opened):
            if entry.slot == slot:
                return place
    return 0


def _neighbour(rows: list[QueueRow], application_id: str, step: int) -> str | None:
    ids = [row.application_id for row in rows]
    if application_id not in ids:
        return ids[0] if ids else None
    place = ids.index(application_id) + step
    return ids[place] if 0 <= place < len(ids) else None


def _form() -> tuple[Account, int, str]:
    """Who decides, the rev they saw, and what they wrote."""
    try:
        rev = int(request.form.get("rev", ""))
    except ValueError:
        raise ProblemError("case_moved_on") from None
    return me(), rev, request.form.get("text", "").strip()[:1000]


def _onward(account: Account) -> Response:
    return see_other("/desk/second" if account.role == "second_reviewer" else "/desk/first")


def _picture(content: bytes | None, mime: str) -> Response:
    if content is None:
        raise ProblemError("case_photo_missing")
    return make_response(content, 200, {"Content-Type": mime, "Cache-Control": "private, no-store"})


def _existing(found: Case | None) -> Case:
    if found is None:
        raise ProblemError("case_unknown")
    return found
