"""One case on the reviewers' screen: everything its page shows, gathered in one reading of the store.

What is not here: the addresses (desk), what may be done with it (decisions, undo).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, request
from sqlalchemy import Connection

from center import auditing, current, decisions, filtering, findings, rounds, undo_bar
from center.decisions import May
from center.guard import me
from center.pages import page
from center.store import attention, cards, cases, earlier, leases, pending, people, proposals, queue, twins
from center.store.accounts import Account
from center.store.cases import Case
from center.store.queue import QueueRow, Within
from honorcard import corrections, identity, identity_words
from honorcard.problems import ProblemError
from web.clock import now_ms, today
from web.languages import language

QUEUES = {"first": "first_review", "second": "second_review"}
SHOWN_IN_QUEUE = 30


@dataclass(frozen=True)
class Tried:
    """A decision that was not taken: why, which one, and the rev its reviewer had on the screen."""

    problem: ProblemError
    action: str
    rev: int | None


def queue_of(account: Account) -> str:
    """`first` or `second`: whose work the account does."""
    return "second" if account.role == "second_reviewer" else "first"


def show(
    application_id: str, within: Within, *, revealed: bool = False, block: str = "main", tried: Tried | None = None
) -> Response:
    """The page of a case. A reviewer who may decide it takes it by looking at it, unless somebody else has it.

    ProblemError `case_unknown`.
    """
    account = me()
    name, settings, moment_ms = queue_of(account), current.settings(), now_ms()
    with current.store().read() as conn:
        found = existing(cases.find(conn, application_id))
        decided = pending.on_case(conn, application_id)
    auditing.saw("case_seen", "application", application_id)
    may = decisions.may(found, account) if decided is None else May(False, False, False, None)
    holder = hold(application_id, account) if may.anything else None
    with current.store().read() as conn:
        rows = queue.queue(conn, QUEUES[name], moment_ms, within=within, limit=SHOWN_IN_QUEUE)
        following = _next_free(rows, application_id, account)
        context: dict[str, Any] = {
            "waiting": queue.waiting(conn, QUEUES[name], moment_ms, within),
            "relatives": cases.relatives(conn, found.idbx, found.application_id),
            "earlier_cards": cards.of_person(conn, found.idbx),
            "brought_cards": earlier.of_indices(conn, people.indices_of(conn, found.idbx)),
            "changes": proposals.of_case(conn, application_id),
            "pairs": twins.open_of(conn, application_id),
            "since_last": rounds.last_round(conn, found),
            "moved": rounds.since(conn, found, tried.rev) if tried is not None and tried.rev is not None else None,
            "seconds": attention.seconds(conn, application_id, name),
            "median": attention.median(conn, name),
            "next_photos": _photos_of(conn, following),
            "undo": undo_bar.context(conn, settings, account, moment_ms),
        }
        if found.reissue is None:
            context |= findings.judged(conn, settings, found, today())
        else:
            context |= findings.about_card(conn, settings, found, name, today())
    body = found.body
    return page(
        "center/desk_case.html",
        block,
        status=200 if tried is None else tried.problem.problem.status,
        sentence=None if tried is None else tried.problem.sentence(language()),
        tried="" if tried is None else tried.action,
        typed=request.form,
        case=found,
        body=body,
        queue=name,
        rows=rows,
        within=filtering.address(within),
        before=_neighbour(rows, application_id, -1),
        after=_neighbour(rows, application_id, +1),
        may=may,
        decided=decided,
        left_s=undo_bar.left_s(decided, moment_ms),
        kept_waiting=undo_bar.kept_waiting(decided),
        mine=decided is not None and decided.account_id == account.account_id,
        holder=holder,
        revealed=revealed,
        number=body.identity_number if revealed else identity.mask(body.identity_number),
        number_hint=_number_hint(found) if revealed else "",
        shown=_shown(found),
        returns=corrections.returns(found.kind),
        refusals=corrections.refusals(found.kind),
        return_words={
            entry.code: corrections.words(entry.code, language()) for entry in corrections.returns(found.kind)
        },
        **context,
    )


def hold(application_id: str, account: Account) -> leases.Holder | None:
    """Takes the case for this reviewer, or renews it; who has it instead, None when it is theirs now."""
    moment_ms, settings = now_ms(), current.settings()
    whole_ms = int(settings.lease_minutes * 60_000)
    with current.store().read() as conn:  # most of the time there is nothing to write
        found = leases.holder(conn, application_id, moment_ms)
        if found is not None and (found.account_id != account.account_id or found.until_ms - moment_ms > whole_ms // 2):
            return found if found.account_id != account.account_id else None
    with current.store().write() as conn:
        return leases.take(conn, application_id, account.account_id, moment_ms, moment_ms + whole_ms)


def existing(found: Case | None) -> Case:
    """The case. ProblemError `case_unknown`."""
    if found is None:
        raise ProblemError("case_unknown")
    return found


def _next_free(rows: list[QueueRow], application_id: str, account: Account) -> str | None:
    """The case that will come up after this one."""
    mine = ("", account.account_id)
    return next(
        (row.application_id for row in rows if row.application_id != application_id and row.holder_id in mine), None
    )


def _photos_of(conn: Connection, application_id: str | None) -> list[str]:
    """Addresses of a case's photographs, the ones that are shown first in front."""
    if application_id is None:
        return []
    places = cases.photo_places(conn, application_id)
    front = [place for place in places if place[0] in ("page", "document", "form")]
    rest = [place for place in places if place not in front]
    return [f"/desk/case/{application_id}/photo/{slot}/{position}.jpg" for slot, position in [*front, *rest]]


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
