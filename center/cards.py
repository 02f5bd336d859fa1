"""The cards: a list with their state, the sheet to print, printing it again with a reason, suspending and revoking.

A unit officer sees and prints the own unit's cards; reviewers see and print all; the administrator sees all. Suspending
and revoking are the second reviewer's and the administrator's. What is not here: issuing (issue), the public page behind
the QR (public).
"""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import Blueprint, Response, flash, make_response, request, session
from flask_babel import gettext
from sqlalchemy import Connection

from center import current, digital_address, ending, packing, photostore, unit_filter
from center.guard import me, right_required, who
from center.pages import page, see_other
from center.store import card_log, cards, cases
from center.store.accounts import Account
from center.store.cards import Card
from honorcard import roles
from honorcard.card import cases as card_cases
from honorcard.card import sheet_paper
from honorcard.card.cases import HeldCard
from honorcard.card.sheet import Paper
from honorcard.card.symbol import qr_png
from honorcard.problems import ProblemError
from web.clock import now, now_ms, today
from web.errors import answer
from web.languages import language

bp = Blueprint("cards", __name__)

PAGE = 50
_SHOWN = "digital_card"

_REPRINT_MS = card_cases.REPRINT_DAYS * 86_400_000
_NUMBER = re.compile(r"[0-9]{8}\Z")


@bp.get("/cards")
@right_required("see_cards")
def listing() -> Response:
    """Cards, newest first; `?number=` finds one."""
    account = me()
    below = request.args.get("below", type=int)
    asked = request.args.get("number", "").strip()[:20]
    with current.store().read() as conn:
        chosen = unit_filter.read(conn, account, request.args.get("unit", ""))
        if asked:
            found = cards.find(conn, asked)
            rows = [found] if found is not None and _is_mine(found, account) else []
        else:
            rows = cards.listing(conn, unit_id=chosen.unit_id, below=below, limit=PAGE + 1)
        printed = card_log.handed_out(conn, [row.seq for row in rows])
    more = rows[PAGE - 1].seq if len(rows) > PAGE else None
    return page(
        "center/cards.html", "main", cards=rows[:PAGE], more=more, asked=asked, today=today(), printed=printed,
        may_print=roles.may(account.role, "print_card"), may_revoke=roles.may(account.role, "revoke"), chosen=chosen,
    )  # fmt: skip


@bp.get("/cards/<number>")
@right_required("see_cards")
def card(number: str) -> Response:
    """One card: its state, its sheet, what became of it, and what may be done with it."""
    return _card_page(_find(number, me()))


def _card_page(found: Card, problem: ProblemError | None = None, link: str = "") -> Response:
    account = me()
    with current.store().read() as conn:
        printed = bool(card_log.handed_out(conn, [found.seq]))
        events = card_log.events(conn, found.number)
        again = card_log.reprints(conn, found.seq, now_ms() - _REPRINT_MS)
    may_read = roles.may(account.role, "read_history") or account.role == "unit_officer"
    return page(
        "center/card.html", "main", status=problem.problem.status if problem else 200,
        link=link, papers=_paper_words(),
        card=found, today=today(), printed=printed, events=events if may_read else [], typed=request.form,
        sentence=problem.sentence(language()) if problem else None,
        may_print=roles.may(account.role, "print_card") and found.status == "live" and found.valid_until >= today(),
        may_revoke=roles.may(account.role, "revoke") and found.status in cards.LIVE,
        may_suspend=roles.may(account.role, "suspend") and found.status in cards.LIVE,
        grounds=[(ground.code, ground.zh if language() == "zh" else ground.en) for ground in card_cases.REVOCATIONS],
        reprints=[(code, card_cases.reprint_words(code, language())) for code, _, _ in card_cases.REPRINTS],
        again=again, needs_words=again >= card_cases.REPRINTS_FREE, reprint_days=card_cases.REPRINT_DAYS,
        event_words=lambda code: card_cases.reprint_words(code, language()),
    )  # fmt: skip


@bp.get("/cards/<number>/sheet.pdf")
@right_required("print_card")
def sheet(number: str) -> Response:
    """The sheet of a live card for the first time, as it was rendered when the card was issued; that it was taken is
    written down (R39, R51). After that the card's page asks for the reason first.
    """
    account = me()
    found = _find(number, account)
    content = _sheet(found)
    with current.store().write() as conn:
        if card_log.handed_out(conn, [found.seq]):
            flash(gettext("這張卡印過了。請選補印的原因。"))
            return see_other(f"/cards/{found.number}#print")
        _log_sheet(conn, found, account, "sheet_taken", "printed", "")
    return _pdf(found, content, request.args.get("paper", ""))


@bp.post("/cards/<number>/digital")
@right_required("print_card")
def digital_card(number: str) -> Response:
    """The address of the holder's digital card, to be read off or scanned by the holder's phone; written down (R48)."""
    account = me()
    found = _find(number, account)
    card_cases.decide("lost", _held(found), today())
    if found.application_id is not None:
        with current.store().write() as conn:
            cases.record(
                conn, found.application_id, actor=account.account_id, what="digital_given", rev=0, now_ms=now_ms(),
                for_unit=account.unit_id,
            )  # fmt: skip
    session[_SHOWN] = found.number  # the picture below is for whom it was written down
    return _card_page(found, link=digital_address.path(current.settings(), found))


@bp.get("/cards/<number>/digital.png")
@right_required("print_card")
def digital_code(number: str) -> Response:
    """The same address as a code for the holder's phone."""
    found = _find(number, me())
    if session.get(_SHOWN) != found.number:
        raise ProblemError("not_found")
    png = qr_png(digital_address.address(current.settings(), found), 6)
    return make_response(png, 200, {"Content-Type": "image/png", "Cache-Control": "private, no-store"})


@bp.post("/cards/<number>/reprint")
@right_required("print_card")
def reprint(number: str) -> Response:
    """The very same sheet once more, with the reason: no review, and written down (R39, C42). One that is printed again and
    again needs words to it.
    """
    account = me()
    found = _find(number, account)
    reason = request.form.get("reason", "")
    if reason not in {code for code, _, _ in card_cases.REPRINTS}:
        raise ProblemError("card_reason_missing")
    content, words = _sheet(found), _text()
    with current.store().write() as conn:
        count = card_log.reprints(conn, found.seq, now_ms() - _REPRINT_MS)
        if count >= card_cases.REPRINTS_FREE and not words:
            raise ProblemError("reprint_words_missing", count=count, days=card_cases.REPRINT_DAYS)
        _log_sheet(conn, found, account, "reprinted", "reprinted", reason, words)
    return _pdf(found, content, request.form.get("paper", ""))


@bp.post("/cards/<number>/revoke")
@right_required("revoke")
def revoke(number: str) -> Response:
    """Ends a card for good, with the ground and what was written to it (A22)."""
    account = me()
    found = _find(number, account)
    ground = request.form.get("ground", "other")
    why = card_cases.revocation_words(ground, _text(), language())
    ending.end_card(
        current.store(), current.settings(), found.number, "revoked", why, account.account_id, now=now(), ground=ground
    )
    packing.after_change()
    flash(gettext("卡片 %(number)s 已註銷", number=found.number))
    return see_other(f"/cards/{found.number}")


@bp.post("/cards/<number>/<any(suspend, reinstate):what>")
@right_required("suspend")
def suspend(number: str, what: str) -> Response:
    """Stops a card for the time being, or lets it be good again; both with the reason in words (A22)."""
    account = me()
    found = _find(number, account)
    why = _text()
    if not why:
        raise ProblemError("card_reason_missing")
    status = "suspended" if what == "suspend" else "live"
    ending.end_card(current.store(), current.settings(), found.number, status, why, account.account_id, now=now())
    packing.after_change()
    said = gettext("卡片 %(number)s 已停用", number=found.number)
    flash(said if status == "suspended" else gettext("卡片 %(number)s 已恢復", number=found.number))
    return see_other(f"/cards/{found.number}")


@bp.errorhandler(ProblemError)
def _say_on_the_card(problem: ProblemError) -> Response:
    """What was not done: the card as it stands, the sentence above it, what was written still there."""
    number = (request.view_args or {}).get("number", "")
    account = who()
    if request.method != "POST" or account is None or problem.code in ("card_unknown", "not_allowed"):
        return answer(problem, "center/problem.html")
    return _card_page(_find(number, account), problem)


def _sheet(found: Card) -> bytes:
    """The sheet as it was rendered. ProblemError when the card may not be printed any more, or its file is gone."""
    card_cases.decide("lost", _held(found), today())
    content = photostore.get(current.settings(), "sheet", found.sheet_sha256) if found.sheet_sha256 else None
    if content is None:
        raise ProblemError("card_sheet_missing")
    return content


def _held(found: Card) -> HeldCard:
    return HeldCard(found.status, found.valid_until)  # type: ignore[arg-type]


def _paper_words() -> list[tuple[Paper, str]]:
    """The papers that a finished sheet can be put on, as it was made first."""
    return [
        ("folded", gettext("對折卡片 9 × 12 公分，四周有剪裁線")),
        ("a4", gettext("A4 紙，中間一張卡片")),
        ("card", gettext("裁好的卡紙 9 × 12 公分")),
        ("two-pages", gettext("卡片印表機，正反面各一頁 9 × 6 公分")),
    ]


def _log_sheet(
    conn: Connection, found: Card, account: Account, move: str, what: str, reason: str, words: str = ""
) -> None:  # fmt: skip
    """In the card's log and in the history of the case it was issued on."""
    at_ms = now_ms()
    card_log.note(conn, found.seq, what=what, actor=account.account_id, now_ms=at_ms, reason=reason, text=words)
    if found.application_id is not None:
        reasons = [reason] if reason else []
        cases.record(
            conn, found.application_id, actor=account.account_id, what=move, rev=0, now_ms=at_ms, reasons=reasons,
            for_unit=account.unit_id, text=words,
        )  # fmt: skip


def _pdf(found: Card, content: bytes, paper: str) -> Response:
    """The sheet as it was made, or the same drawing on other paper."""
    name = f"榮譽卡-{found.number}.pdf"
    other = next((one for one, _ in _paper_words() if one == paper and one != "folded"), None)
    return make_response(
        sheet_paper.on_paper(content, other) if other else content,
        200,
        {
            "Content-Type": "application/pdf",
            "Content-Disposition": f"attachment; filename=\"{found.number}.pdf\"; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "private, no-store",
        },
    )


def _text() -> str:
    return request.form.get("text", "").strip()[:500]


def _find(number: str, account: Account) -> Card:
    """The card, when this account may know of it; otherwise there is none."""
    with current.store().read() as conn:
        found = cards.find(conn, number) if _NUMBER.match(number) else None
    if found is None or not _is_mine(found, account):
        raise ProblemError("card_unknown")
    return found


def _is_mine(found: Card, account: Account) -> bool:
    return account.role != "unit_officer" or (account.unit_id is not None and found.unit_id == account.unit_id)
