"""What a reviewer decides between: two changes of one case, two cases of one person, a first application of a card holder.

Each is one transaction: what stands from now on, its history with who and why, and what the tablets are told (sync.md B.6,
B.7). What is not here: how a change comes to wait (taking), the pages (deciding).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from center import audit_values, decisions, pairs, taking, telling
from center.facts import Judge
from center.settings import Settings
from center.store import Store, cards, cases, earlier, intake, people, photographs, proposals, twins
from center.store.accounts import Account
from center.store.audit import Change
from center.store.cases import Case
from honorcard import review
from honorcard.problems import ProblemError
from sync import merge
from sync.wire import PreviousCard

DECIDED = ("approved", "issued", "refused", "withdrawn")


def choose(
    store: Store, settings: Settings, application_id: str, op_id: str, account: Account, *,
    rev: int, take: Collection[str], text: str, now: datetime,
) -> str:  # fmt: skip
    """Between what stands and a change that waits, field by field; take: the fields as the change has them.

    Gives what became of it (sync.wire.Decided). What a reviewer has passed on is reviewed anew from the first review.
    ProblemError `case_unknown`, `case_moved_on`, `choice_made`, `choice_reason_missing`, `choice_too_late` (a decided case
    keeps what was decided on), `choice_does_not_fit` (rows without their pages).
    """
    _need_words(text)
    now_ms = int(now.timestamp() * 1000)
    with store.write() as conn:
        case = decisions.seen(conn, application_id, rev)
        change = proposals.find(conn, op_id)
        if change is None or change.application_id != application_id:
            raise ProblemError("case_unknown")
        if change.state != "open":
            raise ProblemError("choice_made")
        stands = proposals.says(conn, application_id)
        unlike = merge.differing(change.body, stands)
        taken = [name for name in unlike if name in take]
        if taken and case.state in DECIDED:
            raise ProblemError("choice_too_late")
        used = "kept" if not taken else "taken" if len(taken) == len(unlike) else "part"
        fresh, changed = case.rev, list[Change]()
        if taken:
            body = merge.combine(stands, change.body, taken)
            if not merge.rows_have_their_pages(body):
                raise ProblemError("choice_does_not_fit")
            fresh = _write(conn, settings, case, body, now)
            changed = audit_values.differing(settings, stands, body)
        proposals.decide(conn, op_id, used, by=account.account_id, rev=fresh, now_ms=now_ms)
        cases.record(
            conn, application_id, actor=account.account_id, what=f"chosen_{used}", rev=fresh, now_ms=now_ms,
            reasons=taken, text=text, changed=changed,
        )  # fmt: skip
        telling.decided(conn, application_id, op_id, used, fresh, now_ms)
        if not taken or not taking.move_on(conn, application_id, now_ms):
            telling.again(conn, application_id, now_ms)
    return used


def _write(conn: Connection, settings: Settings, case: Case, body: proposals.Body, now: datetime) -> int:
    """What was chosen stands from now on; it goes back to the first review, or waits for its photographs."""
    now_ms = int(now.timestamp() * 1000)
    before = intake.standing(conn, case.application_id)
    if before is None:
        raise ProblemError("case_unknown")
    if case.state == "second_review":
        intake.forget_first_review(conn, case.application_id)
    close = pairs.near(conn, settings, body)
    facts = Judge(settings, now).of(conn, body, close)
    doubted = [flag for flag in case.flags if flag == "clock_doubt" and flag not in facts.flags]
    facts = replace(facts, flags=(*facts.flags, *doubted))
    fresh = intake.replace(conn, before, body, facts, device_id=None, now_ms=now_ms)
    photographs.expect(conn, case.application_id, body.photos)
    pairs.link(conn, body, close, now_ms)
    return fresh


def join(
    store: Store, keep: str, away: str, account: Account, *, revs: tuple[int, int], text: str, now: datetime
) -> None:
    """併案: `keep` becomes the person's case; `away` is withdrawn into it, its photographs and rows stay as evidence.

    revs: of keep and away as the reviewer saw them. ProblemError `case_unknown`, `case_moved_on`, `choice_made`,
    `choice_reason_missing`, `join_impossible` (one of them is decided).
    """
    _need_words(text)
    now_ms = int(now.timestamp() * 1000)
    with store.write() as conn:
        stays, goes = _pair(conn, keep, away, revs)
        if stays.state in ("refused", "withdrawn") or (goes.state, "withdraw") not in review.MOVES:
            raise ProblemError("join_impossible")
        fresh = cases.move(conn, goes, state="withdrawn", now_ms=now_ms)
        pairs.part(conn, away, keep, "merged", now_ms, by=account.account_id)
        by = account.account_id
        cases.record(
            conn, away, actor=by, what="joined_into", rev=fresh, now_ms=now_ms, reasons=[stays.receipt], text=text
        )
        cases.record(
            conn, keep, actor=by, what="joined_with", rev=stays.rev, now_ms=now_ms, reasons=[goes.receipt], text=text
        )
        pairs.leave(conn, away, fresh, now_ms, by)
        telling.state(conn, away, "withdrawn", fresh, now_ms)


def tell_apart(
    store: Store, settings: Settings, one: str, other: str, account: Account, *,
    revs: tuple[int, int], mistyped: str | None, text: str, now: datetime,
) -> None:  # fmt: skip
    """不是同一人: the pair is decided; the case whose number was mistyped goes back for correction, when it is one of them.

    ProblemError as join, and as decisions.send_back.
    """
    _need_words(text)
    now_ms = int(now.timestamp() * 1000)
    with store.write() as conn:
        pair = _pair(conn, one, other, revs)
        pairs.part(conn, one, other, "different", now_ms, by=account.account_id)
        for case in pair:
            cases.record(
                conn, case.application_id, actor=account.account_id, what="told_apart", rev=case.rev, now_ms=now_ms,
                text=text,
            )  # fmt: skip
        telling.again(conn, one, now_ms)
        if mistyped is not None:
            case = next((case for case in pair if case.application_id == mistyped), pair[0])
            about_a_card = case.kind in cases.ABOUT_A_CARD
            reason = "identity_unlike_document" if about_a_card else "identity_differs"
            decisions.give_back(conn, case, account, reasons=(reason,), slots=(), text="", now_ms=now_ms)


def refuse_one(
    store: Store, refused: str, other: str, account: Account, *, revs: tuple[int, int], text: str, now: datetime
) -> None:
    """One of the two is refused, because the person has the other. ProblemError as join, and as decisions.refuse."""
    _need_words(text)
    now_ms = int(now.timestamp() * 1000)
    with store.write() as conn:
        case, _ = _pair(conn, refused, other, revs)
        pairs.part(conn, refused, other, "refused", now_ms, by=account.account_id)
        decisions.turn_down(conn, case, account, reasons=("duplicate",), text=text, now_ms=now_ms)


def make_renewal(
    store: Store, settings: Settings, application_id: str, account: Account, *, rev: int, now: datetime
) -> None:
    """A first application of somebody who holds a card of ours, or had one by what a list says, becomes a renewal, judged by its
    rules (R18 to R22).

    ProblemError `case_unknown`, `case_moved_on`, `card_unknown` (there is no such card), `choice_too_late`.
    """
    now_ms = int(now.timestamp() * 1000)
    with store.write() as conn:
        case = decisions.seen(conn, application_id, rev)
        ours = cards.live_of(conn, case.idbx)
        card = ours or earlier.of_one(conn, people.indices_of(conn, case.idbx))
        before = intake.standing(conn, application_id)
        if card is None or before is None:
            raise ProblemError("card_unknown")
        if case.kind != "first" or case.state not in ("incomplete", "first_review", "second_review"):
            raise ProblemError("choice_too_late")
        seq = ours.seq if ours is not None else None
        previous = PreviousCard(valid_until=card.valid_until, source="typed", seq=seq, number=card.number)
        body = msgspec.structs.replace(case.body, kind="renewal", previous=previous, verdict={})
        facts = Judge(settings, now).of(conn, body, pairs.near(conn, settings, body))
        kept = tuple(flag for flag in case.flags if flag not in ("holds_card", "verdict_differs"))
        facts = replace(facts, flags=kept)
        fresh = intake.replace(conn, before, body, facts, device_id=None, now_ms=now_ms, state=case.state)
        cases.record(
            conn, application_id, actor=account.account_id, what="made_renewal", rev=fresh, now_ms=now_ms,
            reasons=[card.number],
        )  # fmt: skip
        telling.again(conn, application_id, now_ms)


def _pair(conn: Connection, one: str, other: str, revs: tuple[int, int]) -> tuple[Case, Case]:
    """Both cases as they were seen, while nothing is decided about them."""
    pair = twins.find(conn, one, other)
    if pair is None:
        raise ProblemError("case_unknown")
    if pair.state != "open":
        raise ProblemError("choice_made")
    return decisions.seen(conn, one, revs[0]), decisions.seen(conn, other, revs[1])


def _need_words(text: str) -> None:
    if not text:
        raise ProblemError("choice_reason_missing")
