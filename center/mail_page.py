"""郵件: what was sent and what was not, for the administrator to send again or cancel; and where units are written to.

What is not here: sending (postman), what letters say (honorcard.mails).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, request
from flask_babel import gettext

from center import audit_values, auditing, current, mail_message, postman
from center import mail as mails
from center.guard import me, right_required, who
from center.mail_line import SECURITIES
from center.pages import page, see_other
from center.settings import Settings
from center.store import accounts, mail
from center.store.mail import Letter
from honorcard import roles
from honorcard.problems import ProblemError
from sync.ids import uuid7
from web.clock import now_ms
from web.errors import answer
from web.languages import language

bp = Blueprint("mail_page", __name__)

PAGE = 50
STATES = ("open", "dead", "sent", "cancelled", "off")


@bp.app_context_processor
def _waiting() -> dict[str, Any]:
    """For the menu of the administrator: how many letters wait to be seen to."""
    account = who()
    if account is None or not roles.may(account.role, "manage"):
        return {"mail_dead": 0}
    with current.store().read() as conn:
        return {"mail_dead": mail.count_dead(conn)}


@bp.get("/mail")
@right_required("manage")
def show() -> Response:
    """Letters, newest first: of one state, of one unit; and the units that nobody can write to."""
    auditing.saw("mail_seen", "list", "mail")
    return _page()


@bp.post("/mail/<string(length=36):mail_id>/<any(again, cancel):what>")
@right_required("manage")
def see_to(mail_id: str, what: str) -> Response:
    """Sends a letter again, or never. ProblemError `mail_letter_over` for one that is out or on its way, `mail_is_off`."""
    by, at_ms = me().account_id, now_ms()
    with current.store().write() as conn:
        found = mail.find(conn, mail_id)
        if found is None:
            raise ProblemError("not_found")
        if what == "again" and not postman.is_on(current.settings()):
            raise ProblemError("mail_is_off")  # it would be put aside at once, and the page have promised something
        if not (mail.retry if what == "again" else mail.cancel)(conn, mail_id, by, at_ms):
            raise ProblemError("mail_letter_over")
        fields = [("letter", found.state, "waiting" if what == "again" else "cancelled")]
        auditing.did(conn, f"mail_{what}", "mail", mail_id, fields)
    flash(gettext("這封信排進去了，馬上再寄") if what == "again" else gettext("這封信不寄了"))
    return see_other("/mail")


@bp.post("/mail/trial")
@right_required("manage")
def try_it() -> Response:
    """A letter to see whether mail works. ProblemError `mail_is_off`, `mail_address_wrong`."""
    if not postman.is_on(current.settings()):
        raise ProblemError("mail_is_off")
    to = mails.address(request.form.get("address", ""))
    if not to:
        raise ProblemError("mail_address_wrong")
    with current.store().write() as conn:
        mail.put(conn, "trial", to, {}, about=me().account_id, again=uuid7(), now_ms=now_ms())
        auditing.did(conn, "mail_trial", "list", "mail", [audit_values.personal(current.settings(), "email", "", to)])
    flash(gettext("試寄的信排進去了。幾秒後重新整理，看有沒有寄出"))
    return see_other("/mail")


@bp.post("/mail/addresses")
@right_required("manage")
def address() -> Response:
    """Where a unit or an account's person is written to; what did not go out to the address before is for this one now.

    ProblemError `mail_address_wrong`.
    """
    whose, to = request.form.get("whose", ""), mails.address(request.form.get("address", ""))
    kind, _, its_id = whose.partition(":")
    change = {"unit": mail.set_unit_address, "account": mail.set_account_address}.get(kind)
    with current.store().write() as conn:
        before = mail.account_address(conn, its_id) if kind == "account" else mail.unit_address(conn, its_id)
        if change is None or not change(conn, its_id, to):
            raise ProblemError("not_found")
        if before and to:
            mail.readdress(conn, before, to)
        field = audit_values.personal(current.settings(), "email", before, to)
        auditing.did(conn, "mail_address", kind, its_id, [field])
    flash(gettext("電子郵件存好了") if to else gettext("電子郵件拿掉了"))
    return see_other("/mail#addresses")


@bp.errorhandler(ProblemError)
def _say_on_the_page(problem: ProblemError) -> Response:
    account = who()
    if request.method == "POST" and account is not None and roles.may(account.role, "manage"):
        return _page(problem.sentence(language()), problem.problem.status)
    return answer(problem, "center/problem.html")


def _page(sentence: str = "", status: int = 200) -> Response:
    state, unit_id = request.args.get("state", ""), request.args.get("unit", "")[:36]
    state = state if state in STATES else ""
    with current.store().read() as conn:
        rows = mail.listing(
            conn, state=state, unit_id=unit_id, below=request.args.get("below", "")[:36], limit=PAGE + 1
        )
        counts, units = mail.counts(conn), mail.units(conn)
        officers = [(one, mail.account_address(conn, one.account_id)) for one in accounts.everyone(conn) if one.active]
    more = rows[PAGE - 1].mail_id if len(rows) > PAGE else ""
    said = [(code, state_words(code), sum(counts.get(one, 0) for one in _of(code))) for code in STATES]
    return page(
        "center/mail.html", "main", status=status, sentence=sentence, letters=rows[:PAGE], more=more, state=state,
        unit_id=unit_id, units=units, officers=officers, states=said, typed=request.form,
        trouble=_trouble(current.settings()), on=postman.is_on(current.settings()),
        kind_words=kind_words, state_words=state_words, why=why, about=_about,
        asked=bool(state or unit_id), unreached=[one for one in units if not one[3]],
    )  # fmt: skip


def _of(state: str) -> tuple[str, ...]:
    return mail.OPEN if state == "open" else (state,)


def _trouble(settings: Settings) -> str:
    """What keeps mail from working, by the settings alone; empty when nothing is seen."""
    if not postman.is_on(settings):
        return str(gettext("寄信沒有開：設定裡沒有郵件伺服器（smtp_host）。發卡、退件都照常，只是沒有信通知單位。"))
    try:
        mail_message.sender(settings)
    except ValueError:
        return str(gettext("寄件人（mail_from）不是電子郵件，信寄不出去。請改設定後重新啟動。"))
    if settings.smtp_security not in SECURITIES or (settings.smtp_security == "none" and settings.smtp_user):
        return str(gettext("加密方式（smtp_security）不對，信寄不出去。請改設定後重新啟動。"))
    return ""


def _about(letter: Letter) -> str:
    """Receipt, card number or month: what tells one letter from another without a name."""
    facts = letter.facts
    month = str(facts.get("month", ""))[:7]
    return " · ".join(str(said) for said in (facts.get("receipt"), facts.get("number"), month) if said)


def kind_words(kind: str) -> str:
    """What a letter is about."""
    return str(
        {
            "card_issued": gettext("卡片可以印了"),
            "card_reprinted": gettext("卡片可以補印了"),
            "own_card_issued": gettext("給志工：卡片核可了"),
            "own_card_reprinted": gettext("給志工：卡片可以補印了"),
            "card_ended": gettext("卡片註銷"),
            "returned": gettext("退件補正"),
            "refused": gettext("不符規定"),
            "renewals_due": gettext("卡片快到期"),
            "unit_approved": gettext("單位註冊核准"),
            "unit_refused": gettext("單位註冊沒有核准"),
            "address_proof": gettext("確認電子郵件"),
            "trial": gettext("試寄"),
        }.get(kind, kind)
    )


def state_words(state: str) -> str:
    """How far a letter is."""
    return str(
        {
            "open": gettext("等著寄"),
            "waiting": gettext("等著寄"),
            "sending": gettext("寄送中"),
            "sent": gettext("寄出了"),
            "dead": gettext("寄不出去，請處理"),
            "cancelled": gettext("取消了，不寄"),
            "off": gettext("沒有寄，當時寄信沒有開"),
        }.get(state, state)
    )


def why(code: str) -> str:
    """Why a letter did not go out, and what to do."""
    said = {
        "mail_off": gettext("寄信沒有開。"),
        "mail_timeout": gettext("郵件伺服器太久沒有回應。"),
        "mail_dropped": gettext("郵件伺服器中途斷線。"),
        "mail_unreachable": gettext("連不到郵件伺服器。請看主機名稱、連接埠和防火牆。"),
        "mail_tls": gettext("郵件伺服器的憑證不能信任。請看 smtp_ca_file 和主機名稱。"),
        "mail_no_tls": gettext("郵件伺服器沒有加密，所以沒有寄。"),
        "mail_password_in_clear": gettext("沒有加密就不送密碼。請把 smtp_security 改成 starttls 或 tls。"),
        "mail_settings": gettext("加密方式（smtp_security）不對。"),
        "mail_failed": gettext("沒有寄成。請看紀錄檔。"),
        "mail_refused": gettext("郵件伺服器不接受登入。"),
        "mail_no_utf8": gettext(
            "@ 前面不是英文數字，這部郵件伺服器不會寄（沒有 SMTPUTF8）。請改成英文的電子郵件，或請單位轉告本人。"
        ),
        "mail_unwritten": gettext("這封信寫不出來。請看紀錄檔。"),
        "smtp_535": gettext("郵件伺服器說帳號或密碼不對。"),
        "smtp_550": gettext("對方說沒有這個信箱（550）。請改電子郵件，再寄一次。"),
    }
    if code in said:
        return str(said[code])
    if code.startswith("smtp_"):
        return str(gettext("郵件伺服器沒有收，代碼 %(code)s。", code=code.removeprefix("smtp_")))
    return code
