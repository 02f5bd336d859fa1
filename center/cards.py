"""The cards: a list with their state, the sheet to print, and revoking one with a reason.

A unit officer sees and prints the own unit's cards; reviewers see and print all; the administrator sees all. Revoking
is the second reviewer's and the administrator's. What is not here: issuing (issue), the public page behind the QR
(public).
"""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import Blueprint, Response, current_app, flash, make_response, request
from flask_babel import gettext

from center import issue, packing, photostore
from center.guard import me, right_required
from center.pages import page, see_other
from center.settings import Settings
from center.store import Store, cards, cases
from center.store.accounts import Account
from center.store.cards import Card
from honorcard import roles
from honorcard.card import cases as card_cases
from honorcard.problems import ProblemError
from web.clock import now, today
from web.languages import language

bp = Blueprint("cards", __name__)

PAGE = 50

_NUMBER = re.compile(r"[0-9]{8}\Z")


@bp.get("/cards")
@right_required("see_cards")
def listing() -> Response:
    """Cards, newest first; `?number=` finds one."""
    account = me()
    below = request.args.get("below", type=int)
    asked = request.args.get("number", "").strip()[:20]
    with _store().read() as conn:
        if asked:
            found = cards.find(conn, asked)
            rows = [found] if found is not None and _is_mine(found, account) else []
        else:
            unit_id = account.unit_id if account.role == "unit_officer" else None
            rows = cards.listing(conn, unit_id=unit_id, below=below, limit=PAGE + 1)
    more = rows[PAGE - 1].seq if len(rows) > PAGE else None
    return page(
        "center/cards.html", "main", cards=rows[:PAGE], more=more, asked=asked, today=today(),
        may_print=roles.may(account.role, "print_card"), may_revoke=roles.may(account.role, "revoke"),
    )  # fmt: skip


@bp.get("/cards/<number>")
@right_required("see_cards")
def card(number: str) -> Response:
    """One card: its state, its sheet, and what may be done with it."""
    account = me()
    found = _find(number, account)
    return page(
        "center/card.html", "main", card=found, today=today(),
        may_print=roles.may(account.role, "print_card") and found.status == "live",
        may_revoke=roles.may(account.role, "revoke") and found.status in cards.LIVE,
        grounds=[(ground.code, ground.zh if language() == "zh" else ground.en) for ground in card_cases.REVOCATIONS],
    )  # fmt: skip


@bp.get("/cards/<number>/sheet.pdf")
@right_required("print_card")
def sheet(number: str) -> Response:
    """The sheet of a live card, as it was rendered when the card was issued; that it was taken is written down (R39,
    R51).
    """
    account = me()
    found = _find(number, account)
    if found.status != "live":
        raise ProblemError("card_ended_already")
    content = photostore.get(_settings(), "sheet", found.sheet_sha256) if found.sheet_sha256 else None
    if content is None:
        raise ProblemError("card_sheet_missing")
    if found.application_id is not None:
        with _store().write() as conn:
            cases.record(
                conn,
                found.application_id,
                actor=account.account_id,
                what="sheet_taken",
                rev=0,
                now_ms=int(now().timestamp() * 1000),
            )
    name = f"榮譽卡-{found.number}.pdf"
    return make_response(
        content,
        200,
        {
            "Content-Type": "application/pdf",
            "Content-Disposition": f"attachment; filename=\"{found.number}.pdf\"; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "private, no-store",
        },
    )


@bp.post("/cards/<number>/revoke")
@right_required("revoke")
def revoke(number: str) -> Response:
    """Ends a card for good, with the ground and what was written to it (A22)."""
    account = me()
    found = _find(number, account)
    why = card_cases.revocation_words(
        request.form.get("ground", "other"), request.form.get("text", "").strip()[:500], language()
    )
    issue.end_card(_store(), _settings(), found.number, "revoked", why, account.account_id, now=now())
    packing.after_change()
    flash(gettext("卡片 %(number)s 已註銷", number=found.number))
    return see_other(f"/cards/{found.number}")


def _find(number: str, account: Account) -> Card:
    """The card, when this account may know of it; otherwise there is none."""
    with _store().read() as conn:
        found = cards.find(conn, number) if _NUMBER.match(number) else None
    if found is None or not _is_mine(found, account):
        raise ProblemError("card_unknown")
    return found


def _is_mine(found: Card, account: Account) -> bool:
    return account.role != "unit_officer" or (account.unit_id is not None and found.unit_id == account.unit_id)


def _store() -> Store:
    store: Store = current_app.extensions["store"]
    return store


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
