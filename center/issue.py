"""Issuing a card. Only here is a number given and a card signed (decision 8).

A second approval is one transaction: number and issue number taken, token signed, sheet rendered, the earlier card
retired, the card, the issue log, the case, its history and the feed written. A reissue or correction goes the same way
and keeps what honorcard.card.cases says it keeps; a card that need only be printed again is handed out as it is. What is
not here: the pack (packing), which follows from the rows; the list of cards (cards); ending one (ending).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from center import card_secrets, digital_address, keyring, mail, pace, photostore, reissues
from center.decisions import check_reason, seen, tell_sealed, tell_state
from center.ending import tell_ended
from center.settings import Settings
from center.store import Store, accounts, card_log, cards, cases, feed, people
from center.store.accounts import Account
from center.store.cards import Card, NewCard
from center.store.cases import Case
from honorcard import names, review
from honorcard.card import number as numbering
from honorcard.card import signing, slip
from honorcard.card.sheet import CardFace, render
from honorcard.eligibility import window_opens
from honorcard.fonts import missing_glyphs
from honorcard.jurisdiction import Jurisdiction
from honorcard.problems import ProblemError
from sync import wire
from sync.crash import crash_here
from web.clock import TAIPEI


@dataclass(frozen=True)
class _Plan:
    """What the new card is to be, before anything is made. old: the card that ends with it. number: of a card whose number
    stays, with its ROC year, serial and next edition; None for a fresh one.
    """

    old: Card | None
    approved_on: date
    valid_until: date
    counted_until: date | None
    number: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class _Made:
    """A card made but not yet written down."""

    new: cards.NewCard
    kid: int
    token_sha256: bytes
    sheet: bytes


def issue(
    store: Store,
    settings: Settings,
    application_id: str,
    by_account: str,
    *,
    now: datetime,
    rev: int | None = None,
    text: str = "",
    valid_until: str = "",
) -> str:
    """Second approval: numbers, signs and issues the card; returns its number.

    `rev`: the rev the reviewer saw. `valid_until`: the last day of a card that is not ours, as the reviewer verified it
    (A21). ProblemError: `review_…` when this person may not, `case_moved_on`, `override_reason_missing`,
    `case_headshot_missing`, `glyph_missing`, `fonts_missing`, `card_numbers_spent`, `signing_paced`; of a case about
    a card also `papers_missing`, `card_over`, `card_suspended`, `card_ended_already`, `old_card_day_missing`, `old_card_day_far`,
    `card_sheet_missing`. Nothing is written then.
    """
    # Fonts are looked at before the transaction: the answer is the same, and nobody waits for the lock meanwhile.
    with store.read() as conn:
        _check_glyphs(seen(conn, application_id, rev))
    now_ms = int(now.timestamp() * 1000)
    with store.write() as conn:
        case = seen(conn, application_id, rev)
        account = _account(conn, by_account)
        for action in ("approve", "issue"):
            state = "approved" if action == "issue" else case.state
            to = review.move(state, action, account.role, account.account_id, case.first_reviewer)  # type: ignore[arg-type]
        check_reason(conn, settings, case, text, now)
        cards.lock_numbers(conn)
        plan = (
            _plan(conn, settings, case, now) if case.reissue is None else _again(conn, settings, case, now, valid_until)
        )
        if isinstance(plan, Card):
            return _hand_out(conn, settings, case, plan, to, account, text, now_ms)
        # The order that survives a crash: numbers are taken inside the transaction, so that a crash gives none away;
        # the sheet (which needs them) is rendered while it is open, well under a second once a case; its file is
        # written before the row that names it, so that a crash leaves at most a file nobody names. Whatever happens
        # before COMMIT, there is no card.
        made = _make(conn, settings, case, plan, now)
        if plan.old is not None:
            why = f"→ {made.new.number}" if plan.number is None else f"→ {made.new.number} ({made.new.edition})"
            cards.end(conn, plan.old.seq, status="replaced", why=why, now_ms=now_ms, by=account.account_id)
            tell_ended(conn, plan.old, "replaced", now_ms, by=account.account_id)
        photostore.put(settings, "sheet", made.new.sheet_sha256.hex(), made.sheet)
        cards.add(
            conn, made.new, kid=made.kid, token_sha256=made.token_sha256, by=account.account_id, now_ms=now_ms,
            cause=case.reissue.cause if case.reissue is not None else "",
            text=case.receipt if case.reissue is not None else "",
        )  # fmt: skip
        people.rename(conn, case.idbx, case.body.name, names.fold(case.body.name))
        if plan.old is not None:
            people.has_moved(conn, plan.old.idbx, case.idbx)
        fresh = cases.move(conn, case, state=to, second=account.account_id, now_ms=now_ms)
        cases.record(conn, application_id, actor=account.account_id, what="issued", text=text, rev=fresh, now_ms=now_ms)
        _tell_issued(conn, settings, case, made.new, made.sheet, fresh, now_ms)
        if settings.mail_card != "none":
            sha256 = made.new.sheet_sha256.hex()
            mail.tell_issued(conn, case, made.new.number, made.new.valid_until, fresh, now_ms, sheet_sha256=sha256)
        crash_here("S4")
    return made.new.number


def _plan(conn: Connection, settings: Settings, case: Case, now: datetime) -> _Plan:
    """A first card or a renewal."""
    old = cards.live_of(conn, case.idbx)
    _check_window(settings, case, old)
    approved_on = now.astimezone(TAIPEI).date()
    rules = settings.rules_on(approved_on)
    return _Plan(old, approved_on, _valid_until(case, old, approved_on, rules), _last_service(case))


def _again(conn: Connection, settings: Settings, case: Case, now: datetime, verified: str) -> _Plan | Card:
    """What a case about a card comes to: the card itself where printing it again is enough, else what replaces it."""
    today = now.astimezone(TAIPEI).date()
    about = reissues.look(conn, settings, case, today)
    decision, old = about.decision, about.card
    if decision is None:
        raise about.problem or ProblemError("card_unknown")
    if old is None:  # never issued here: our number, the last day that the second reviewer read (A7, A21)
        _check_second_card(conn, case, None)
        return _Plan(None, today, reissues.verified_day(verified, today, settings), None)
    cases.link_card(conn, case.application_id, old.seq)
    if not decision.old_ends:
        return old
    _check_second_card(conn, case, old)
    edition = cards.next_edition(conn, old.roc_year, old.serial)
    return _Plan(old, old.approved_on, old.valid_until, old.counted_until, (old.roc_year, old.serial, edition))


def _hand_out(
    conn: Connection, settings: Settings, case: Case, card: Card, to: str, account: Account, text: str, now_ms: int
) -> str:
    """The same card to whoever asked for it: nothing is made, the sheet is the very file (R39, C42)."""
    sheet = photostore.get(settings, "sheet", card.sheet_sha256) if card.sheet_sha256 else None
    if sheet is None:
        raise ProblemError("card_sheet_missing")
    cause = case.reissue.cause if case.reissue is not None else ""
    fresh = cases.move(conn, case, state=to, second=account.account_id, now_ms=now_ms)
    cases.record(
        conn, case.application_id, actor=account.account_id, what="reprinted", text=text, rev=fresh, now_ms=now_ms
    )
    card_log.note(
        conn, card.seq, what="reprinted", actor=account.account_id, now_ms=now_ms, reason=cause, text=case.receipt
    )
    _tell_issued(conn, settings, case, card, sheet, fresh, now_ms)
    if settings.mail_card != "none":
        mail.tell_issued(
            conn, case, card.number, card.valid_until, fresh, now_ms, sheet_sha256=card.sheet_sha256, reprinted=True
        )
    return card.number


def _make(conn: Connection, settings: Settings, case: Case, plan: _Plan, now: datetime) -> _Made:
    """Takes the numbers, signs the token and renders the sheet."""
    portrait = case.photo("headshot")
    photo = (
        photostore.get(settings, "photo", portrait.clear_sha256)
        if portrait is not None and portrait.state == "opened"
        else None
    )
    if portrait is None or photo is None:
        raise ProblemError("case_headshot_missing")
    rules = settings.rules_on(now.astimezone(TAIPEI).date())
    roc_year = plan.approved_on.year - 1911
    roc_year, serial, edition = plan.number or (roc_year, cards.next_serial(conn, roc_year), 1)
    seq = cards.next_seq(conn)
    number = numbering.number(roc_year, serial)
    pace.check(conn, settings, now)
    lookup, secret = signing.new_lookup(), signing.new_secret()
    kid, key = keyring.card_key(settings, seq, now)
    token = signing.sign(settings.card_prefix, lookup, seq, secret, plan.valid_until, kid, key)
    face = CardFace(
        name=case.body.name,
        number=number,
        valid_until=plan.valid_until,
        birth_date=case.body.birth_date,
        identity_number=case.body.identity_number,
        photo=photo,
        qr_text=token,
    )
    sheet = render([face], rules, created=now)
    return _Made(
        new=cards.NewCard(
            seq=seq,
            number=number,
            roc_year=roc_year,
            serial=serial,
            edition=edition,
            application_id=case.application_id,
            idbx=case.idbx,
            name=case.body.name,
            approved_on=plan.approved_on,
            valid_until=plan.valid_until,
            counted_until=plan.counted_until,
            lookup_hash=card_secrets.lookup_hash(lookup),
            secret_box=card_secrets.box(settings, seq, lookup, secret),
            portrait_sha256=bytes.fromhex(portrait.clear_sha256),
            sheet_sha256=hashlib.sha256(sheet).digest(),
        ),
        kid=kid,
        token_sha256=hashlib.sha256(token.encode()).digest(),
        sheet=sheet,
    )


def _valid_until(case: Case, old: Card | None, approved_on: date, rules: Jurisdiction) -> date:
    """A6: from the approval or the previous card's last day, the later. Our own record of that card beats what was
    typed (A21).
    """
    previous = (
        old.valid_until
        if old is not None
        else case.body.previous.valid_until
        if case.body.previous is not None
        else None
    )
    return numbering.valid_until(approved_on, previous, rules)


def _last_service(case: Case) -> date | None:
    """The last service day this card uses up (R7, A4)."""
    return max((row.end for row in case.body.rows), default=case.body.last_day)


def _tell_issued(
    conn: Connection, settings: Settings, case: Case, card: Card | NewCard, sheet: bytes, rev: int, now_ms: int
) -> None:
    """State, card and the address of its digital form to the tablet that sent the case; the sealed sheet to whoever holds the
    slip there (credential.md C.8).
    """
    tell_state(conn, case, "issued", rev, now_ms)
    issued = wire.CardIssued(
        number=card.number, valid_until=card.valid_until, sheet=sheet, digital=digital_address.address(settings, card)
    )
    tell_sealed(conn, case, "card.issued", wire.encode(issued), "sheet", rev, now_ms)
    secret = slip.secret_of(case.body.slip_secret)  # none that can be used is no reason to withhold a card
    if case.device_id is None or secret is None:
        return
    sealed = slip.seal_sheet(secret, case.body.birth_date, sheet)
    body = wire.CardSheet(number=card.number, valid_until=card.valid_until, idx=sealed.idx, blob=sealed.blob)
    feed.append(
        conn,
        kind="card.sheet",
        entity_id=case.application_id,
        rev=rev,
        device_id=case.device_id,
        body=wire.encode(body),
        at_ms=now_ms,
    )


def _check_window(settings: Settings, case: Case, old: Card | None) -> None:
    """One person, one card (C51): while a card of ours is good and its renewal is not open, no reason written by a
    reviewer gives a second one.
    """
    if old is None:
        return
    opens = window_opens(old.valid_until, settings.rules_on(case.submitted_on))
    if opens is not None and case.submitted_on < opens:
        raise ProblemError("card_live_already", number=old.number)


def _check_second_card(conn: Connection, case: Case, old: Card | None) -> None:
    """One person, one card: the number as it should be may be the number of somebody who holds a card."""
    other = cards.live_of(conn, case.idbx)
    if other is not None and (old is None or other.seq != old.seq):
        raise ProblemError("card_live_already", number=other.number)


def _check_glyphs(case: Case) -> None:
    missing = missing_glyphs(case.body.name)
    if missing:
        raise ProblemError("glyph_missing", characters=missing)


def _account(conn: Connection, account_id: str) -> Account:
    found = accounts.find(conn, account_id)
    if found is None or not found.active:
        raise ProblemError("not_allowed")
    return found


def check(
    conn: Connection, settings: Settings, case: Case, account: Account, *, text: str, valid_until: str, now: datetime
) -> None:
    """Whether `issue` would do it now, by everything that can be known without making a card; nobody else writes meanwhile.

    ProblemError as issue.
    """
    _check_glyphs(case)
    review.move(case.state, "approve", account.role, account.account_id, case.first_reviewer)  # type: ignore[arg-type]
    check_reason(conn, settings, case, text, now)
    plan = _plan(conn, settings, case, now) if case.reissue is None else _again(conn, settings, case, now, valid_until)
    if isinstance(plan, Card):
        if not plan.sheet_sha256 or photostore.get(settings, "sheet", plan.sheet_sha256) is None:
            raise ProblemError("card_sheet_missing")
        return
    portrait = case.photo("headshot")
    if portrait is None or portrait.state != "opened":
        raise ProblemError("case_headshot_missing")
