"""What the audit calls things: acts, what they were done to, fields."""

from __future__ import annotations

from flask_babel import gettext as _gettext

from center import words


def gettext(sentence: str) -> str:
    """Flask-Babel's, with the type it has."""
    return str(_gettext(sentence))


def stream_words(code: str) -> str:
    """One of the three streams."""
    return {"done": gettext("做了"), "seen": gettext("看了"), "door": gettext("登入登出")}.get(code, code)


def act_words(code: str) -> str:
    """What was done or seen; an event of a case by the words of its history."""
    said = {
        "case_seen": gettext("看過案件"),
        "photos_seen": gettext("看案件的相片"),
        "queue_seen": gettext("看待審清單"),
        "person_seen": gettext("看志工資料"),
        "people_listed": gettext("看志工名單"),
        "people_searched": gettext("查過志工"),
        "record_sheet": gettext("下載服務履歷"),
        "cards_listed": gettext("看榮譽卡清單"),
        "card_seen": gettext("看榮譽卡"),
        "card_status": gettext("卡片狀態改變"),
        "history_seen": gettext("看操作紀錄"),
        "audit_seen": gettext("看稽核"),
        "audit_verified": gettext("檢查稽核的鏈"),
        "audit_exported": gettext("下載稽核"),
        "audit_cut": gettext("刪除到期的稽核"),
        "retention": gettext("刪除到期的資料"),
        "statistics_exported": gettext("下載統計"),
        "unit_added": gettext("新增了單位"),
        "account_added": gettext("新增了帳號"),
        "account_opened": gettext("恢復帳號"),
        "account_closed": gettext("停用帳號"),
        "tablet_code": gettext("發平板代碼"),
        "tablet_disabled": gettext("停用平板"),
        "tablet_wiped": gettext("清空平板"),
        "tablet_looked": gettext("看過平板的警示"),
        "venue_added": gettext("新增優惠場所"),
        "venue_changed": gettext("修改優惠場所"),
        "venue_off": gettext("拿掉優惠場所"),
        "signed_in": gettext("登入"),
        "signed_out": gettext("登出"),
        "sign_in_refused": gettext("登入被拒"),
    }
    return said.get(code) or words.move(code)


def entity_words(code: str) -> str:
    """What it was done to."""
    return {
        "application": gettext("案件"),
        "card": gettext("榮譽卡"),
        "person": gettext("志工"),
        "account": gettext("帳號"),
        "unit": gettext("運用單位"),
        "device": gettext("平板"),
        "venue": gettext("優惠場所"),
        "list": gettext("清單"),
        "audit": gettext("稽核紀錄"),
    }.get(code, code)


def field_words(code: str) -> str:
    """A field."""
    return {
        "state": gettext("狀態"),
        "status": gettext("卡片狀態"),
        "reasons": gettext("原因"),
        "reason": gettext("原因"),
        "rev": gettext("版次"),
        "card": gettext("卡號"),
        "name": gettext("名稱"),
        "code": gettext("代碼"),
        "role": gettext("角色"),
        "unit": gettext("單位"),
        "district": gettext("行政區"),
        "active": gettext("使用中"),
        "site": gettext("地點"),
        "asked": gettext("找的字"),
        "found": gettext("找到幾筆"),
        "identity_number": gettext("證號"),
        "birth_date": gettext("出生日期"),
        "email": gettext("電子郵件"),
        "rows": gettext("服務紀錄"),
        "photos": gettext("相片"),
        "books": gettext("紀錄冊"),
        "half_hours": gettext("時數"),
        "first_day": gettext("開始日期"),
        "last_day": gettext("最後日期"),
        "count": gettext("筆數"),
        "upto": gettext("到第幾筆"),
    }.get(code, code)


def value_words(field: str, value: str) -> str:
    """A value as people say it, where it is a code of ours."""
    if not value:
        return "—"
    if field == "state":
        return words.state(value)
    if field in ("reasons", "reason"):
        return "、".join(words.reason(code) for code in value.split())
    if field == "status":
        return {
            "live": gettext("有效"), "suspended": gettext("停用"), "revoked": gettext("註銷"), "replaced": gettext("已換發新卡"),
        }.get(value, value)  # fmt: skip
    if field == "role":
        return words.role(value)
    return value


def titles() -> list[str]:
    """The columns of the CSV."""
    return [
        gettext("序號"), gettext("類別"), gettext("時間"), gettext("帳號或平板"), gettext("誰"), gettext("代表單位"),
        gettext("做了什麼"), gettext("對象類別"), gettext("對象"), gettext("號碼"), gettext("欄位：前 → 後"), gettext("鏈"),
    ]  # fmt: skip
