"""快到期: the cards that run out in a month, by unit; a letter a person on paper, one mail a unit, a list for the city.

A unit officer sees the own unit's. Nobody gets a letter who has renewed or applied for it. What is not here: the mail's words
(honorcard.mails), the paper's (honorcard.reminder_letter).
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from datetime import date, timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, make_response, request
from flask_babel import gettext

from center import auditing, current, mail, postman
from center.guard import me, right_required
from center.pages import page, see_other
from center.store import accounts, reminders
from center.store import mail as outbox
from center.store.reminders import RunningOut
from honorcard import reminder_letter, roc, roles
from honorcard.problems import ProblemError
from honorcard.reminder_letter import Holder
from web.clock import now, now_ms, today
from web.languages import language

bp = Blueprint("reminders", __name__)

LETTERS = 500  # in one PDF
SHOWN = 300
MONTHS = 12
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])\Z")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would work out


@bp.get("/reminders")
@right_required("see_cards")
def show() -> Response:
    """The cards of one month, next month's where none was asked for, of all units or of one."""
    first, unit_id = _month(), _unit()
    account = me()
    auditing.saw("cards_listed", "list", _about(first))
    with current.store().read() as conn:
        units = reminders.by_unit(conn, first, _last(first))
        cards = reminders.cards(conn, first, _last(first), unit_id=unit_id, limit=SHOWN)
        told = {one.unit_id: one for one in outbox.about(conn, _about(first))}
        reached = {
            one.unit_id: bool(one.unit_id and outbox.addresses_of_unit(conn, one.unit_id)) for one in units
        }  # fmt: skip
        known = accounts.units(conn) if account.unit_id is None else []
    mine = [one for one in units if unit_id is None or one.unit_id == unit_id]
    return page(
        "center/reminders.html", "main", first=first, months=_months(), month_words=_month_words, units=mine,
        cards=cards, told=told, reached=reached, known=known, unit_id=unit_id or "", query=_query(first, unit_id),
        count=sum(one.count for one in mine), waiting=sum(one.count - one.renewing for one in mine),
        may_send=roles.may(account.role, "manage"), may_export=roles.may(account.role, "exchange"),
        mail_on=postman.is_on(current.settings()), shown=SHOWN, today=today(),
    )  # fmt: skip


@bp.get("/reminders/letters.pdf")
@right_required("see_cards")
def letters() -> Response:
    """A letter to each who has not applied yet, to be printed. ProblemError `reminders_too_many`, `not_found` for nobody."""
    first, unit_id = _month(), _unit()
    found = _waiting(first, unit_id, LETTERS + 1)
    if len(found) > LETTERS:
        with current.store().read() as conn:
            units = reminders.by_unit(conn, first, _last(first), unit_id=unit_id)
        raise ProblemError(
            "reminders_too_many", count=sum(one.count - one.renewing for one in units), limit=LETTERS
        )  # fmt: skip
    if not found:
        raise ProblemError("not_found")
    count = [("count", "", str(len(found)))]
    auditing.saw("reminder_letters", "list", _about(first), count, every=True)
    holders = [Holder(one.name, one.number, one.valid_until, one.unit) for one in found]
    document = reminder_letter.render(holders, current.settings().rules_on(today()), created=now())
    return _file(document, "application/pdf", f"letters-{first:%Y-%m}.pdf")


@bp.get("/reminders/cards.csv")
@right_required("exchange")
def listing() -> Response:
    """The cards as a table, for the city alone (R60); who took it stands in the audit."""
    first, unit_id = _month(), _unit()
    with current.store().read() as conn:
        found = reminders.cards(conn, first, _last(first), unit_id=unit_id, limit=1_000_000)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [gettext("卡號"), gettext("姓名"), gettext("有效期限"), gettext("單位"), gettext("換發審查中")]
    )  # fmt: skip
    for one in found:
        renewing = gettext("是") if one.renewing else gettext("否")
        row = [one.number, one.name, one.valid_until.isoformat(), one.unit, renewing]
        writer.writerow([_plain(value) for value in row])
    content = out.getvalue().encode("utf-8-sig")
    fields = [("unit", "", unit_id or ""), ("count", "", str(len(found))), ("sha256", "", hashlib.sha256(content).hexdigest())]
    auditing.saw("reminder_list", "list", _about(first), fields, every=True)
    return _file(content, "text/csv; charset=utf-8", f"cards-{first:%Y-%m}.csv")


@bp.post("/reminders")
@right_required("manage")
def send() -> Response:
    """One mail to each unit of whose cards somebody has not applied yet: how many, and where to look. A unit that was written to
    about that month is not written to again. ProblemError `mail_is_off`.
    """
    if not postman.is_on(current.settings()):
        raise ProblemError("mail_is_off")
    first, unit_id = _month(), _unit()
    sent = 0
    with current.store().write() as conn:
        for one in reminders.by_unit(conn, first, _last(first), unit_id=unit_id):
            count = one.count - one.renewing
            if count and one.unit_id is not None:
                facts = {"month": first.isoformat(), "count": count, "unit": one.unit}
                sent += bool(
                    mail.to_unit(conn, one.unit_id, "renewals_due", facts, about=_about(first), now_ms=now_ms())
                )
        fields = [("unit", "", unit_id or ""), ("count", "", str(sent))]
        auditing.did(conn, "reminders_sent", "list", _about(first), fields)
    flash(gettext("已通知 %(n)s 個單位", n=sent) if sent else gettext("沒有要通知的單位：都通知過了，或沒有電子郵件"))
    return see_other(f"/reminders?{_query(first, unit_id)}")


def _waiting(first: date, unit_id: str | None, limit: int) -> list[RunningOut]:
    with current.store().read() as conn:
        return reminders.cards(conn, first, _last(first), unit_id=unit_id, limit=limit, waiting=True)


def _month() -> date:
    """The month that was asked for by its first day; next month."""
    asked = _MONTH.match(request.values.get("month", ""))
    return date(int(asked[1]), int(asked[2]), 1) if asked else roc.months_after(today().replace(day=1), 1)


def _months() -> list[date]:
    begin = today().replace(day=1)
    return [roc.months_after(begin, number) for number in range(MONTHS + 1)]


def _month_words(first: date) -> str:
    return roc.month_written(first) if language() == "zh" else f"{first:%B} {first.year}"


def _last(first: date) -> date:
    return roc.months_after(first, 1) - timedelta(days=1)


def _unit() -> str | None:
    """The unit that was asked for; an officer's own, whatever was asked."""
    account = me()
    if account.role == "unit_officer":
        return account.unit_id or ""
    asked = request.values.get("unit", "")[:36]
    return asked if asked.isprintable() and asked else None


def _about(first: date) -> str:
    return f"renewals {first:%Y-%m}"


def _query(first: date, unit_id: str | None) -> str:
    return urlencode({"month": f"{first:%Y-%m}", **({"unit": unit_id} if unit_id else {})})


def _plain(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {
        "Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store",
    }  # fmt: skip
    return make_response(content, 200, headers)
