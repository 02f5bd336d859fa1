"""What a reviewer decides short of issuing: pass on, return, refuse; and what may be done with a case at all.

Each is one transaction: the case's state and rev, its history, and what the tablet is told. What is not here: the
rules of who may move what (honorcard.review), issuing a card (issue), the pages (desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from center import mail, pairs, records, reissues, telling
from center.devices import seal_for_device
from center.settings import Settings
from center.store import Store, cards, cases, devices, earlier, feed, people, proposals
from center.store.accounts import Account
from center.store.cases import Case
from honorcard import corrections, review
from honorcard.claims import Claim, Verdict
from honorcard.eligibility import judge
from honorcard.problems import ProblemError
from sync import wire
from sync.claims import claim_of
from web.clock import TAIPEI


@dataclass(frozen=True)
class May:
    """What an account may do with a case. why_not: the problem's code when somebody of this role could, but this
    person not.
    """

    approve: bool
    send_back: bool
    refuse: bool
    why_not: str | None

    @property
    def anything(self) -> bool:
        """Whether there is a button to show."""
        return self.approve or self.send_back or self.refuse


def may(case: Case, account: Account) -> May:
    """What this account may do with the case now."""
    allowed: dict[str, bool] = {}
    why_not = None
    for action in review.actions(case.state, account.role):  # type: ignore[arg-type]
        try:
            review.move(case.state, action, account.role, account.account_id, case.first_reviewer)  # type: ignore[arg-type]
            allowed[action] = True
        except ProblemError as problem:
            why_not = problem.code
    return May(
        approve="pass_on" in allowed or "approve" in allowed,
        send_back="return" in allowed,
        refuse="refuse" in allowed,
        why_not=why_not,
    )


def verdict(conn: Connection, settings: Settings, case: Case) -> Verdict:
    """The verdict as it is computed here: by the rules of the day of submission (A20)."""
    return verdict_on(claim(conn, case), settings, case)


def verdict_on(asked: Claim, settings: Settings, case: Case) -> Verdict:
    """The verdict on a claim of that case."""
    return judge(asked, settings.rules_on(case.body.submitted_on))


def claim(conn: Connection, case: Case) -> Claim:
    """What the case claims, set right by our own records: hours an earlier card used up do not count again (A4), and the
    last day of a card of ours is the one we know (R21), also when the person thought this was a first application. A card of
    before that a list brought counts as well; of that and what was typed, the one that runs out later.
    """
    asked = claim_of(case.body)
    ours = cards.live_of(conn, case.idbx)
    brought = earlier.of_one(conn, people.indices_of(conn, case.idbx))
    ends = [ours.valid_until if ours is not None else asked.previous_valid_until]
    used = [cases.counted_until(conn, case.idbx)]
    if brought is not None:
        ends.append(brought.valid_until)
        used.append(brought.counted_until)
    return replace(
        asked,
        previous_valid_until=max((day for day in ends if day is not None), default=None),
        counted_until=max((day for day in used if day is not None), default=None),
    )


def approve(
    store: Store, settings: Settings, application_id: str, account: Account, *, rev: int, text: str, now: datetime
) -> None:
    """First review passed: the case waits for the second. A verdict that is no pass needs a written reason (A3)."""
    with store.write() as conn:
        case = seen(conn, application_id, rev)
        to, fresh = pass_on(conn, settings, case, account, text=text, now=now)
        tell_state(conn, case, to, fresh, _ms(now))


def pass_on(
    conn: Connection, settings: Settings, case: Case, account: Account, *, text: str, now: datetime
) -> tuple[str, int]:
    """approve inside a transaction, the tablet not told yet; gives the case's state and rev from now on."""
    to = review.move(case.state, "pass_on", account.role, account.account_id, case.first_reviewer)  # type: ignore[arg-type]
    check_reason(conn, settings, case, text, now)
    fresh = cases.move(conn, case, state=to, first=account.account_id, now_ms=_ms(now))
    by = account.account_id
    cases.record(
        conn, case.application_id, actor=by, what="approved", text=text, rev=fresh, now_ms=_ms(now),
        changed=[("state", case.state, to)],
    )  # fmt: skip
    return to, fresh


def check_reason(conn: Connection, settings: Settings, case: Case, text: str, now: datetime) -> None:
    """Whether the case may be approved with what the reviewer wrote, of either review.

    ProblemError `choice_waits` while a change waits for a choice; `override_reason_missing` for a verdict that is no pass
    and no words (A3); of a case about a card
    `papers_missing`, or what stands against it by the rules (`card_over`, `card_suspended`, `card_ended_already`).
    """
    if proposals.is_waiting(conn, case.application_id):
        raise ProblemError("choice_waits")
    if case.reissue is None:
        if not verdict(conn, settings, case).passed and not text:
            raise ProblemError("override_reason_missing")
        return
    about = reissues.look(conn, settings, case, now.astimezone(TAIPEI).date())
    if about.problem is not None:
        raise about.problem
    if about.missing:
        raise ProblemError("papers_missing")
    if about.differs_from_record and not text:
        raise ProblemError("override_reason_missing")


def send_back(
    store: Store, settings: Settings, application_id: str, account: Account, *,
    rev: int, reasons: Sequence[str], slots: Sequence[str], text: str, now: datetime,
) -> None:  # fmt: skip
    """Back for correction: at least one reason; `other` needs a sentence. The tablet that sent it gets the case back,
    sealed to it.
    """
    now_ms = _ms(now)
    with store.write() as conn:
        case = seen(conn, application_id, rev)
        give_back(conn, case, account, reasons=reasons, slots=slots, text=text, now_ms=now_ms)


def give_back(
    conn: Connection, case: Case, account: Account, *,
    reasons: Sequence[str], slots: Sequence[str], text: str, now_ms: int,
) -> None:  # fmt: skip
    """send_back inside a transaction of its own decision."""
    known, to = check_return(case, account, reasons, text)
    places = {place_of(photo.slot, photo.position) for photo in case.photos}
    retake = tuple(slot for slot in slots if slot in places)
    second = account.account_id if case.state == "second_review" else None
    fresh = cases.move(conn, case, state=to, second=second, now_ms=now_ms)
    cases.record(
        conn,
        case.application_id,
        actor=account.account_id,
        what="returned",
        reasons=known,
        text=text,
        rev=fresh,
        now_ms=now_ms,
        changed=[("state", case.state, to)],
    )
    said = {"reasons": tuple(known), "text": text, "slots": retake}
    body = wire.encode(
        wire.Returned(**said, application=case.body)  # type: ignore[arg-type]
        if case.reissue is None
        else wire.ReissueReturned(**said, application=case.reissue)  # type: ignore[arg-type]
    )
    tell_sealed(conn, case, "application.returned", body, "returned", fresh, now_ms)
    mail.tell_returned(conn, case, known, text, fresh, now_ms)
    tell_state(conn, case, to, fresh, now_ms)


def refuse(
    store: Store,
    settings: Settings,
    application_id: str,
    account: Account,
    *,
    rev: int,
    reasons: Sequence[str],
    text: str,
    now: datetime,
) -> None:
    """Not granted, with the rule; `other` needs a sentence."""
    now_ms = _ms(now)
    with store.write() as conn:
        case = seen(conn, application_id, rev)
        turn_down(conn, case, account, reasons=reasons, text=text, now_ms=now_ms)


def turn_down(
    conn: Connection, case: Case, account: Account, *, reasons: Sequence[str], text: str, now_ms: int
) -> None:
    """refuse inside a transaction of its own decision."""
    known, to = check_refusal(case, account, reasons, text)
    fresh = cases.move(conn, case, state=to, second=account.account_id, now_ms=now_ms)
    cases.record(
        conn,
        case.application_id,
        actor=account.account_id,
        what="refused",
        reasons=known,
        text=text,
        rev=fresh,
        now_ms=now_ms,
        changed=[("state", case.state, to)],
    )
    pairs.leave(conn, case.application_id, fresh, now_ms, account.account_id)
    mail.tell_refused(conn, case, known, fresh, now_ms)
    tell_state(conn, case, to, fresh, now_ms)


def check_return(case: Case, account: Account, reasons: Sequence[str], text: str) -> tuple[list[str], str]:
    """The reasons as they are known here, and where the case goes.

    ProblemError `reason_missing`, `reason_text_missing`, `review_…`.
    """
    known = [code for code in reasons if corrections.is_return(code)]
    _need_reasons(known, text)
    return known, review.move(case.state, "return", account.role, account.account_id, case.first_reviewer)  # type: ignore[arg-type]


def check_refusal(case: Case, account: Account, reasons: Sequence[str], text: str) -> tuple[list[str], str]:
    """As check_return, for refusing."""
    known = [code for code in reasons if corrections.is_refusal(code)]
    _need_reasons(known, text)
    return known, review.move(case.state, "refuse", account.role, account.account_id, case.first_reviewer)  # type: ignore[arg-type]


def seen(conn: Connection, application_id: str, rev: int | None) -> Case:
    """The case at the rev that its reviewer saw. ProblemError `case_unknown`, `case_moved_on`."""
    case = cases.find(conn, application_id)
    if case is None:
        raise ProblemError("case_unknown")
    if rev is not None and case.rev != rev:
        raise ProblemError("case_moved_on")
    return case


def tell_state(conn: Connection, case: Case, state: str, rev: int, now_ms: int) -> None:
    """Where the case stands now, for the tablet that sent it; and what that makes of the person's service record."""
    if case.device_id is None:
        return
    records.tell(conn, case, rev, now_ms)
    telling.state(conn, case.application_id, state, rev, now_ms)


def tell_sealed(conn: Connection, case: Case, kind: str, body: bytes, label: str, rev: int, now_ms: int) -> None:
    """Something about a person, sealed to the tablet that sent the case; to none when that tablet is gone."""
    device = devices.find(conn, case.device_id) if case.device_id else None
    if device is None:
        return
    sealed = seal_for_device(device, body, label)  # type: ignore[arg-type]
    feed.append(
        conn, kind=kind, entity_id=case.application_id, rev=rev, device_id=device.device_id, body=sealed, at_ms=now_ms
    )


def place_of(slot: str, position: int) -> str:
    """The name of a photograph's place as the tablet spells it: `cover`, `cover-2` of the second book, `page-2`."""
    return f"{slot}-{position}" if position else slot


def _need_reasons(known: Sequence[str], text: str) -> None:
    if not known:
        raise ProblemError("reason_missing")
    if "other" in known and not text:
        raise ProblemError("reason_text_missing")


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
