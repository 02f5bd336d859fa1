"""Issuing a card and ending one. Only here is a number given and a card signed (decision 8).

A second approval is one transaction: number and issue number taken, token signed, sheet rendered, the earlier card
retired, the card, the issue log, the case, its history and the feed written. What is not here: the pack (packing),
which follows from the rows; the list of cards (cards).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from center import card_secrets, keyring, photostore
from center.decisions import seen, tell_sealed, tell_state, verdict
from center.settings import Settings
from center.store import Store, accounts, cards, cases, feed
from center.store.accounts import Account
from center.store.cards import Card
from center.store.cases import Case
from honorcard import review
from honorcard.card import number as numbering
from honorcard.card import signing, slip
from honorcard.card.sheet import CardFace, render
from honorcard.eligibility import window_opens
from honorcard.fonts import missing_glyphs
from honorcard.jurisdiction import Jurisdiction, in_force
from honorcard.problems import ProblemError
from sync import wire
from web.clock import TAIPEI


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
) -> str:
    """Second approval: numbers, signs and issues the card; returns its number.

    `rev`: the rev the reviewer saw. ProblemError: `review_…` when this person may not, `case_moved_on`,
    `override_reason_missing`, `case_headshot_missing`, `glyph_missing`, `fonts_missing`, `card_numbers_spent`;
    nothing is written then.
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
        if not verdict(conn, settings, case).passed and not text:
            raise ProblemError("override_reason_missing")
        old = cards.live_of(conn, case.idbx)
        _check_window(settings, case, old)
        # The order that survives a crash: numbers are taken inside the transaction, so that a crash gives none away;
        # the sheet (which needs them) is rendered while it is open, well under a second once a case; its file is
        # written before the row that names it, so that a crash leaves at most a file nobody names. Whatever happens
        # before COMMIT, there is no card.
        made = _make(conn, settings, case, old, now)
        if old is not None:
            cards.end(conn, old.seq, status="replaced", why=f"→ {made.new.number}", now_ms=now_ms)
            _tell_ended(conn, old, "replaced", now_ms, by=account.account_id)
        photostore.put(settings, "sheet", made.new.sheet_sha256.hex(), made.sheet)
        cards.add(conn, made.new, kid=made.kid, token_sha256=made.token_sha256, by=account.account_id, now_ms=now_ms)
        fresh = cases.move(conn, case, state=to, second=account.account_id, now_ms=now_ms)
        cases.record(conn, application_id, actor=account.account_id, what="issued", text=text, rev=fresh, now_ms=now_ms)
        _tell_issued(conn, case, made, fresh, now_ms)
    return made.new.number


def end_card(
    store: Store, settings: Settings, number: str, status: str, why: str, by_account: str, *, now: datetime
) -> None:
    """Revokes, suspends or revives a card, with the reason.

    ProblemError `card_unknown`; `card_ended_already` for one that was revoked or replaced: that is for good (sync.md
    B.6).
    """
    if status not in ("revoked", "suspended", "live"):
        raise ValueError("a card is replaced by issuing another one")
    now_ms = int(now.timestamp() * 1000)
    with store.write() as conn:
        found = cards.find(conn, number)
        if found is None:
            raise ProblemError("card_unknown")
        if found.status not in cards.LIVE:
            raise ProblemError("card_ended_already")
        cards.end(conn, found.seq, status=status, why=why, now_ms=now_ms)
        _tell_ended(conn, found, status, now_ms, by=by_account, why=why)


def _make(conn: Connection, settings: Settings, case: Case, old: Card | None, now: datetime) -> _Made:
    """Takes the numbers, signs the token and renders the sheet."""
    portrait = case.photo("headshot")
    photo = (
        photostore.get(settings, "photo", portrait.clear_sha256)
        if portrait is not None and portrait.state == "opened"
        else None
    )
    if portrait is None or photo is None:
        raise ProblemError("case_headshot_missing")
    cards.lock_numbers(conn)
    approved_on = now.astimezone(TAIPEI).date()
    rules = in_force(settings.jurisdiction, approved_on)
    last_day = _valid_until(case, old, approved_on, rules)
    roc_year = approved_on.year - 1911
    serial, seq = cards.next_serial(conn, roc_year), cards.next_seq(conn)
    number = numbering.number(roc_year, serial)
    lookup, secret = signing.new_lookup(), signing.new_secret()
    kid, key = keyring.card_key(settings, seq, now)
    token = signing.sign(settings.card_prefix, lookup, seq, secret, last_day, kid, key)
    face = CardFace(
        name=case.body.name,
        number=number,
        valid_until=last_day,
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
            application_id=case.application_id,
            idbx=case.idbx,
            name=case.body.name,
            approved_on=approved_on,
            valid_until=last_day,
            counted_until=_last_service(case),
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


def _tell_issued(conn: Connection, case: Case, made: _Made, rev: int, now_ms: int) -> None:
    """State and card to the tablet that sent the case; the sealed sheet to whoever holds the slip there
    (credential.md C.8).
    """
    tell_state(conn, case, "issued", rev, now_ms)
    issued = wire.CardIssued(number=made.new.number, valid_until=made.new.valid_until, sheet=made.sheet)
    tell_sealed(conn, case, "card.issued", wire.encode(issued), "sheet", rev, now_ms)
    secret = _slip_secret(case)
    if case.device_id is None or secret is None:
        return
    sealed = slip.seal_sheet(secret, case.body.birth_date, made.sheet)
    body = wire.CardSheet(number=made.new.number, valid_until=made.new.valid_until, idx=sealed.idx, blob=sealed.blob)
    feed.append(
        conn,
        kind="card.sheet",
        entity_id=case.application_id,
        rev=rev,
        device_id=case.device_id,
        body=wire.encode(body),
        at_ms=now_ms,
    )


def _slip_secret(case: Case) -> bytes | None:
    """The slip's secret; None when the tablet sent none that can be used, which is no reason to withhold a card."""
    try:
        secret = bytes.fromhex(case.body.slip_secret)
    except ValueError:
        return None
    return secret if len(secret) == slip.SLIP_SECRET_BYTES else None


def _tell_ended(conn: Connection, card: Card, status: str, now_ms: int, *, by: str, why: str = "") -> None:
    """History and the tablet's copy of the card's state."""
    if card.application_id is None:
        return
    case = cases.find(conn, card.application_id)
    rev = case.rev if case is not None else 0
    cases.record(conn, card.application_id, actor=by, what=status, text=why, rev=rev, now_ms=now_ms)
    if card.device_id is not None:
        body = wire.encode(wire.CardStatus(number=card.number, status=status))  # type: ignore[arg-type]
        feed.append(
            conn,
            kind="card.status",
            entity_id=card.application_id,
            rev=rev,
            device_id=card.device_id,
            body=body,
            at_ms=now_ms,
        )


def _check_window(settings: Settings, case: Case, old: Card | None) -> None:
    """One person, one card (C51): while a card of ours is good and its renewal is not open, no reason written by a
    reviewer gives a second one.
    """
    if old is None:
        return
    opens = window_opens(old.valid_until, in_force(settings.jurisdiction, case.submitted_on))
    if opens is not None and case.submitted_on < opens:
        raise ProblemError("card_live_already", number=old.number)


def _check_glyphs(case: Case) -> None:
    missing = missing_glyphs(case.body.name)
    if missing:
        raise ProblemError("glyph_missing", characters=missing)


def _account(conn: Connection, account_id: str) -> Account:
    found = accounts.find(conn, account_id)
    if found is None or not found.active:
        raise ProblemError("not_allowed")
    return found
