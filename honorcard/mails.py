"""What the center's letters say: a subject and a few sentences, Chinese first and English after, and where they lead.

A letter bears a masked name and no identity number, and its link leads to a page behind the sign-in, or to one that anybody may
see. What is not here: when a letter is written and how it is sent (the center's), the spelling of a message (center.mail_message).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import idna

from honorcard import corrections, roc
from honorcard.card import cases

LONGEST_ADDRESS = 254
_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+/=?^_`{|}~.-")
_HOST = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")


@dataclass(frozen=True)
class Mail:
    """One letter. path: where its link leads on the center; empty: there is none. do: what the link is called."""

    subject_zh: str
    subject_en: str
    zh: tuple[str, ...]
    en: tuple[str, ...]
    path: str = ""
    do_zh: str = ""
    do_en: str = ""


def address_is_right(text: str) -> bool:
    """Whether that can be a mail address: one `@`, a host with a dot, both of letters of any script (RFC 6531, RFC 5890); whether
    it exists only a letter can tell.
    """
    local, at, host = text.rpartition("@")
    if not at or not local or len(local.encode("utf-8", "replace")) > 64:
        return False
    if (
        local[0] == "."
        or local[-1] == "."
        or ".." in local
        or not all(one in _LOCAL or _is_beyond_ascii(one) for one in local)
    ):
        return False
    spelled = _host_in_ascii(host)
    parts = spelled.split(".")
    return (
        len(local.encode()) + 1 + len(spelled) <= LONGEST_ADDRESS
        and len(parts) > 1
        and set(spelled) <= _HOST
        and all(part and len(part) <= 63 and part[0] != "-" and part[-1] != "-" for part in parts)
    )


def kept_address(typed: str) -> str:
    """An address as it is kept and shown: without blanks around it, a wide ＠ as the sign it stands for, letters composed (NFC), as
    RFC 6532 asks.
    """
    return unicodedata.normalize("NFC", typed.strip().replace("＠", "@"))


def on_the_wire(address: str) -> str:
    """A right address as mail servers are told it: the host in ASCII (RFC 5891), which every server knows, the rest as it is."""
    local, _, host = address.rpartition("@")
    return f"{local}@{_host_in_ascii(host)}"


def needs_utf8(address: str) -> bool:
    """Whether only servers with SMTPUTF8 (RFC 6531) can carry it: there are letters beyond ASCII before the `@`."""
    return not address.rpartition("@")[0].isascii()


def _is_beyond_ascii(one: str) -> bool:
    """A letter, mark, figure or sign that is seen: nothing that steers, hides or parts words."""
    return one > "\x7f" and unicodedata.category(one)[0] not in "CZ"


def _host_in_ascii(host: str) -> str:
    """The host as the name service knows it; empty where it can be no host."""
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")  # also 。 for a dot, as it is typed in Chinese
    except (idna.IDNAError, UnicodeError):
        return ""


_WHERE = ("/venues", "看哪裡可以用", "See where it is accepted")


def compose(kind: str, facts: Mapping[str, Any]) -> Mail:
    """The letter of that kind. KeyError for a kind there is not, or a fact that lacks."""
    return _KINDS[kind](facts)


def _issued(facts: Mapping[str, Any]) -> Mail:
    number, name, receipt = facts["number"], facts["name"], facts["receipt"]
    until = date.fromisoformat(facts["valid_until"])
    attached = bool(facts.get("attached"))
    take_zh = "卡片檔案附在這封信裡。" if attached else "請登入後下載卡片檔案。"
    take_en = "The card's file is attached to this letter." if attached else "Sign in to download the card's file."
    return Mail(
        f"榮譽卡 {number} 可以印了",
        f"Honor card {number} is ready to print",
        (
            f"{name}的志願服務榮譽卡核可了。收據 {receipt}，卡號 {number}，有效期限 {roc.dotted(until)}。",
            f"{take_zh}用白色厚紙彩色列印，比例選 100%，沿實線剪、沿虛線對折，再轉交本人。",
        ),
        (
            f"The honor card of {name} is approved. Receipt {receipt}, card number {number}, valid until {_day(until)}.",
            f"{take_en} Print it in colour on white card stock at 100 %, cut along the solid line, fold along the dashed "
            "one, and hand it to the holder.",
        ),
        f"/cards/{number}",
        "登入，印這張卡",
        "Sign in and print this card",
    )


def _reprinted(facts: Mapping[str, Any]) -> Mail:
    number, name, receipt = facts["number"], facts["name"], facts["receipt"]
    return Mail(
        f"榮譽卡 {number} 可以補印了",
        f"Honor card {number} can be printed again",
        (f"{name}的補發核可了（收據 {receipt}）。卡號、期限和 QR 碼都和原來一樣，請登入後補印，再轉交本人。",),
        (
            f"The reissue for {name} is approved (receipt {receipt}). Number, date and QR code stay as they were. Sign in, "
            "print the card again and hand it to the holder.",
        ),
        f"/cards/{number}",
        "登入，補印這張卡",
        "Sign in and print this card",
    )


def _own_issued(facts: Mapping[str, Any]) -> Mail:
    name, receipt = facts["name"], facts["receipt"]
    until = date.fromisoformat(facts["valid_until"])
    return Mail(
        "您的志願服務榮譽卡核可了",
        "Your volunteer honor card is approved",
        (
            f"{name}您好：您的志願服務榮譽卡核可了（收據 {receipt}），有效期限 {roc.dotted(until)}。",
            "請向幫您送件的單位領卡；也可以帶著收據，到公用平板自己印。",
        ),
        (
            f"Dear {name}, your honor card is approved (receipt {receipt}). It is valid until {_day(until)}.",
            "Ask the unit that applied for you for the card, or print it yourself at a public tablet with your slip.",
        ),
        *_WHERE,
    )


def _own_reprinted(facts: Mapping[str, Any]) -> Mail:
    name, receipt = facts["name"], facts["receipt"]
    return Mail(
        "您的榮譽卡可以補印了",
        "Your honor card can be printed again",
        (
            f"{name}您好：您的補發核可了（收據 {receipt}），卡號、期限和 QR 碼都和原來一樣。",
            "請向幫您送件的單位領卡；也可以帶著收據，到公用平板自己印。",
        ),
        (
            f"Dear {name}, your reissue is approved (receipt {receipt}). Number, date and QR code stay as they were.",
            "Ask the unit that applied for you for the card, or print it yourself at a public tablet with your slip.",
        ),
        *_WHERE,
    )


def _ended(facts: Mapping[str, Any]) -> Mail:
    number, name = facts["number"], facts["name"]
    ground = cases.revocation_ground(facts["ground"])
    because_zh = f"原因：{ground.zh}。" if ground is not None else ""
    because_en = f" Reason: {ground.en}." if ground is not None else ""
    return Mail(
        f"榮譽卡 {number} 註銷了",
        f"Honor card {number} was revoked",
        (
            f"{name}的志願服務榮譽卡（卡號 {number}）註銷了，不能再用。{because_zh}",
            "請通知本人，並收回卡片。有疑問請和志推中心聯絡。",
        ),
        (
            f"The honor card of {name} (number {number}) was revoked and is no longer good.{because_en}",
            "Tell the holder and take the card back. Contact the center with questions.",
        ),
        f"/cards/{number}",
        "登入，看這張卡",
        "Sign in and see this card",
    )


def _returned(facts: Mapping[str, Any]) -> Mail:
    name, receipt = facts["name"], facts["receipt"]
    more_zh = ("審查人員另有說明，在平板上看得到。",) if facts.get("more") else ()
    more_en = ("The reviewer added a note, which the tablet shows.",) if facts.get("more") else ()
    return Mail(
        f"請補正 {receipt}",
        f"Please correct {receipt}",
        (
            f"{name}的申請（收據 {receipt}）要補正：",
            *(f"・{corrections.words(code, 'zh')}" for code in facts["reasons"] if code != "other"),
            *more_zh,
            "請打開收件的平板，在「送件匣」按這一件補正。其他資料都留著，不用重填。",
        ),
        (
            f"The application of {name} (receipt {receipt}) needs a correction:",
            *(f"- {corrections.words(code, 'en')}" for code in facts["reasons"] if code != "other"),
            *more_en,
            "Open the tablet that sent it and choose this application in its tray. Everything else is kept.",
        ),
    )


def _refused(facts: Mapping[str, Any]) -> Mail:
    name, receipt = facts["name"], facts["receipt"]
    grounds = [code for code in facts["reasons"] if code != "other"]
    because_zh = f"原因：{'、'.join(corrections.label(code, 'zh') for code in grounds)}。" if grounds else ""
    because_en = f" Reason: {'; '.join(corrections.label(code, 'en') for code in grounds)}." if grounds else ""
    return Mail(
        f"{receipt} 不符規定",
        f"{receipt} was not granted",
        (
            f"{name}的申請（收據 {receipt}）經審查不符規定。{because_zh}",
            "說明在收件的平板上。有疑問請和志推中心聯絡；之後符合了，可以再申請。",
        ),
        (
            f"The application of {name} (receipt {receipt}) was reviewed and not granted.{because_en}",
            "The tablet that sent it shows the details. Contact the center with questions; once the requirements are met, "
            "apply again.",
        ),
    )


def _renewals(facts: Mapping[str, Any]) -> Mail:
    month, count, unit = date.fromisoformat(facts["month"]), int(facts["count"]), facts["unit"]
    zh, en = roc.month_written(month), f"{month:%B} {month.year}"
    return Mail(
        f"{count} 張榮譽卡 {zh}到期",
        f"{count} honor card{'' if count == 1 else 's'} running out in {en}",
        (
            f"「{unit}」有 {count} 位志工的榮譽卡在 {zh}到期。{roc.dotted(month)} 起可以申請換發。",
            "請登入看名單，印通知信給志工，並把紀錄冊的時數登到最近。",
        ),
        (
            f"Honor cards of {count} volunteer{'' if count == 1 else 's'} of {unit} run out in {en}. Renewal can be applied "
            f"for from {_day(month)}.",
            "Sign in to see the list, print letters to the volunteers, and bring their record books up to date.",
        ),
        f"/reminders?month={month:%Y-%m}",
        "登入，看到期名單",
        "Sign in and see the list",
    )


def _unit_approved(facts: Mapping[str, Any]) -> Mail:
    unit, sign_in = facts["unit"], facts["sign_in"]
    return Mail(
        "貴單位的帳號開通了",
        "Your unit's account is open",
        (f"「{unit}」的註冊核准了。請用帳號 {sign_in} 和註冊時設的密碼登入。",),
        (f"The registration of {unit} is approved. Sign in as {sign_in} with the password you chose.",),
        "/sign-in",
        "登入",
        "Sign in",
    )


def _unit_refused(facts: Mapping[str, Any]) -> Mail:
    unit, why = facts["unit"], facts["why"]
    return Mail(
        "貴單位的註冊沒有核准",
        "Your unit's registration was not approved",
        (f"「{unit}」的註冊沒有核准。原因：{why}", "請改正後再註冊一次，或和志推中心聯絡。"),
        (
            f"The registration of {unit} was not approved. Reason: {why}",
            "Correct it and register again, or contact the center.",
        ),
    )


def _address_proof(facts: Mapping[str, Any]) -> Mail:
    return Mail(
        "請確認電子郵件",
        "Confirm your mail address",
        ("有人用這個電子郵件註冊運用單位。是您的話，請按連結確認；不是的話，不用理會這封信。",),
        (
            "Somebody registered a unit with this address. If it was you, confirm it with the link; if not, ignore this letter.",
        ),
        facts["path"],
        "確認這個電子郵件",
        "Confirm this address",
    )


def _trial(_facts: Mapping[str, Any]) -> Mail:
    return Mail(
        "試寄成功",
        "The trial letter arrived",
        ("這是榮譽卡審核系統的試寄。收到這封信，就表示寄信設定正確。",),
        ("This is a trial letter of the honor card center. If you can read it, mail is set up correctly.",),
    )


_KINDS: dict[str, Callable[[Mapping[str, Any]], Mail]] = {
    "card_issued": _issued,
    "card_reprinted": _reprinted,
    "own_card_issued": _own_issued,
    "own_card_reprinted": _own_reprinted,
    "card_ended": _ended,
    "returned": _returned,
    "refused": _refused,
    "renewals_due": _renewals,
    "unit_approved": _unit_approved,
    "unit_refused": _unit_refused,
    "address_proof": _address_proof,
    "trial": _trial,
}
KINDS = tuple(_KINDS)


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
