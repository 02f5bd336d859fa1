"""Ten seconds to take a decision back (Settings.undo_s): it is pressed, it waits, it takes effect.

What was pressed is a row (center.store.pending) from which the effects follow, whoever dies in between; nothing is issued, sealed
to a tablet or told before its time, so that nothing ever has to be unsaid. Passing on to the second review moves the case at once,
since nobody outside hears of it; the tablet is told later. What is not here: what a decision does (decisions, issue).
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from sqlalchemy import Connection

from center import decisions, issue
from center.objects import AwayError
from center.settings import Settings
from center.store import Store, accounts, attention, cards, cases, intake, leases, pending
from center.store.accounts import Account
from center.store.cases import Case
from center.store.pending import Form, Pending
from honorcard.problems import ProblemError
from sync.crash import crash_here
from sync.ids import uuid7

AGAIN_MS = 5_000  # something it needs is away: tried again after that
KEPT_MS = 86_400_000  # history has it then; a failed one was long enough on its reviewer's screen

log = logging.getLogger("honorcard.center.undo")


def action_of(account: Account, verb: str) -> str:
    """What a button means for that reviewer: `approve` passes on or issues."""
    if verb != "approve":
        return verb
    return "issue" if account.role == "second_reviewer" else "pass_on"


def press(
    store: Store, settings: Settings, application_id: str, account: Account, verb: str, *,
    rev: int, form: Form, now: datetime, seconds: int = 0, batch: str = "",
) -> str:  # fmt: skip
    """A decision: `approve`, `return` or `refuse`. Gives the card's number where a card was issued at once, else nothing.

    seconds: of attention. batch: what is pressed together. ProblemError as decisions and issue, and `case_held`,
    `case_decided`; nothing is written then.
    """
    action = action_of(account, verb)
    now_ms = _ms(now)
    if settings.undo_s <= 0:
        with store.read() as conn:
            _is_free(conn, application_id, account, now_ms)
        number = _do(store, settings, application_id, account, action, rev=rev, form=form, now=now)
        with store.write() as conn:
            _is_over(conn, application_id, account, action, seconds, now_ms)
        return number
    with store.write() as conn:
        case = decisions.seen(conn, application_id, rev)
        _is_free(conn, application_id, account, now_ms)
        match action:
            case "pass_on":
                decisions.pass_on(conn, settings, case, account, text=form.text, now=now)
            case "issue":
                issue.check(conn, settings, case, account, text=form.text, valid_until=form.valid_until, now=now)
            case "return":
                decisions.check_return(case, account, form.reasons, form.text)
            case _:
                decisions.check_refusal(case, account, form.reasons, form.text)
        pending_id = uuid7()
        pending.add(
            conn, pending_id, batch or pending_id, application_id, account.account_id, action,
            rev=rev, form=form, now_ms=now_ms, due_ms=now_ms + int(settings.undo_s * 1000),
        )  # fmt: skip
        _is_over(conn, application_id, account, action, seconds, now_ms)
    return ""


def take_back(store: Store, settings: Settings, pending_id: str, account: Account, *, now: datetime) -> list[str]:
    """What was pressed with that decision is undone; gives the cases, each where it was and this reviewer's again.

    ProblemError `case_unknown` for somebody else's, `undo_too_late`.
    """
    now_ms = _ms(now)
    with store.write() as conn:
        found = pending.find(conn, pending_id)
        if found is None or found.account_id != account.account_id:
            raise ProblemError("case_unknown")
        undone = [one for one in pending.of_batch(conn, found.batch) if _take_back(conn, one, now_ms)]
        if not undone:
            raise ProblemError("undo_too_late")
        until = now_ms + int(settings.lease_minutes * 60_000)
        leases.take(conn, undone[0].application_id, account.account_id, now_ms, until)
    return [one.application_id for one in undone]


def _take_back(conn: Connection, one: Pending, now_ms: int) -> bool:
    """Whether it could be: it has no effect yet, and nobody did anything with the case since."""
    case = cases.find(conn, one.application_id)
    if one.state != "open" or case is None:
        return False
    step, fresh = "second", case.rev
    if one.action == "pass_on":
        if case.state != "second_review" or case.rev != one.rev + 1 or pending.on_case(conn, one.application_id):
            return False
        step, fresh = "first", cases.move(conn, case, state="first_review", now_ms=now_ms)
        intake.forget_first_review(conn, one.application_id)
    elif case.rev != one.rev:
        return False
    elif case.state == "first_review":
        step = "first"
    pending.change(conn, one.pending_id, of=("open",), to="undone")
    attention.reopen(conn, one.application_id, step)
    cases.record(conn, one.application_id, actor=one.account_id, what="taken_back", rev=fresh, now_ms=now_ms)
    return True


def settle_due(store: Store, settings: Settings, *, now: datetime) -> int:
    """Lets everything take effect whose time has come; gives how many did. One that cannot does not hold up the others."""
    now_ms = _ms(now)
    with store.read() as conn:
        due = pending.due(conn, now_ms)
    return sum(_settle(store, settings, one, now_ms) for one in due)


def sweep(store: Store, now_ms: int) -> None:
    """Forgets what is over."""
    with store.write() as conn:
        pending.forget(conn, now_ms - KEPT_MS)
        leases.forget(conn, now_ms - KEPT_MS)


def _settle(store: Store, settings: Settings, one: Pending, now_ms: int) -> bool:
    if one.action == "pass_on":
        return _tell(store, one, now_ms)
    with store.write() as conn:  # from here on it cannot be taken back
        if not pending.change(conn, one.pending_id, of=pending.LIVE, to="settling"):
            return False
    crash_here("U1")
    try:
        result = _take_effect(store, settings, one)
    except ProblemError as problem:
        if problem.problem.status >= 500:
            return _later(store, one, now_ms, problem.code)
        log.warning("decision %s did not take effect: %s", one.pending_id, problem.code)
        with store.write() as conn:
            pending.change(conn, one.pending_id, of=("settling",), to="failed", result=problem.code)
        return False
    except Exception as error:  # the class alone: a message may quote what is in a row
        return _later(store, one, now_ms, "files_away" if isinstance(error, AwayError) else type(error).__name__)
    crash_here("U2")
    with store.write() as conn:
        pending.change(conn, one.pending_id, of=("settling",), to="done", result=result)
    return True


def _take_effect(store: Store, settings: Settings, one: Pending) -> str:
    with store.read() as conn:
        account = accounts.find(conn, one.account_id)
    if account is None or not account.active:
        raise ProblemError("not_allowed")
    pressed = datetime.fromtimestamp(one.at_ms / 1000, UTC)  # the day of approval is the day it was pressed
    try:
        return _do(store, settings, one.application_id, account, one.action, rev=one.rev, form=one.form, now=pressed)
    except ProblemError as problem:
        if problem.code != "case_moved_on":
            raise
        with store.read() as conn:  # it did take effect, and then whoever did it died
            case = cases.find(conn, one.application_id)
            if case is None or not _is_mine(case, one, account):
                raise
            made = cards.of_application(conn, one.application_id) if one.action == "issue" else None
        return "" if made is None else made.number


def _is_mine(case: Case, one: Pending, account: Account) -> bool:
    """Whether the case's next rev after the one that was seen is this very decision."""
    moves = {"issue": ("issued", "reprinted"), "return": ("returned",), "refuse": ("refused",)}[one.action]
    return any(
        event.rev == one.rev + 1 and event.move in moves and event.at_ms == one.at_ms and event.actor == account.person
        for event in case.history
    )


def _tell(store: Store, one: Pending, now_ms: int) -> bool:
    """Tells the tablet that its case was passed on, if that is still how it stands."""
    with store.write() as conn:
        if not pending.change(conn, one.pending_id, of=pending.LIVE, to="done"):
            return False
        case = cases.find(conn, one.application_id)
        if case is not None and case.state == "second_review" and case.rev == one.rev + 1:
            decisions.tell_state(conn, case, case.state, case.rev, now_ms)
    return True


def _later(store: Store, one: Pending, now_ms: int, why: str) -> bool:
    log.error("decision %s cannot take effect now: %s", one.pending_id, why)
    with store.write() as conn:
        pending.postpone(conn, one.pending_id, now_ms + AGAIN_MS, why)
    return False


def _do(
    store: Store, settings: Settings, application_id: str, account: Account, action: str, *,
    rev: int, form: Form, now: datetime,
) -> str:  # fmt: skip
    """The decision itself, each in one transaction of its own; gives the number of an issued card."""
    match action:
        case "pass_on":
            decisions.approve(store, settings, application_id, account, rev=rev, text=form.text, now=now)
        case "issue":
            return issue.issue(
                store, settings, application_id, account.account_id,
                now=now, rev=rev, text=form.text, valid_until=form.valid_until,
            )  # fmt: skip
        case "return":
            decisions.send_back(
                store, settings, application_id, account,
                rev=rev, reasons=form.reasons, slots=form.slots, text=form.text, now=now,
            )  # fmt: skip
        case _:
            decisions.refuse(
                store, settings, application_id, account, rev=rev, reasons=form.reasons, text=form.text, now=now
            )
    return ""


def _is_free(conn: Connection, application_id: str, account: Account, now_ms: int) -> None:
    """ProblemError `case_held` while somebody else works on it, `case_decided` once somebody has pressed."""
    holder = leases.holder(conn, application_id, now_ms)
    if holder is not None and holder.account_id != account.account_id:
        raise ProblemError("case_held")
    if pending.on_case(conn, application_id) is not None:
        raise ProblemError("case_decided")


def _is_over(conn: Connection, application_id: str, account: Account, action: str, seconds: int, now_ms: int) -> None:
    """The reviewer is done with the case."""
    leases.let_go(conn, application_id, account.account_id)
    step = "second" if account.role == "second_reviewer" else "first"
    attention.add(conn, application_id, step, seconds, decided_ms=now_ms)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
