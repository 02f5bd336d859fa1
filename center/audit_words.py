"""What the audit calls things: acts, what they were done to, fields."""

from __future__ import annotations

from functools import lru_cache

from flask_babel import get_locale
from flask_babel import gettext as _gettext

from center import words
from center.exchange import words as exchange_words
from center.exchange.fields import KINDS


def gettext(sentence: str) -> str:
    """Flask-Babel's, with the type it has."""
    return str(_gettext(sentence))


def stream_words(code: str) -> str:
    """One of the three streams."""
    return {"done": gettext("做了"), "seen": gettext("看了"), "door": gettext("登入登出")}.get(code, code)


def act_words(code: str) -> str:
    """What was done or seen; an event of a case by the words of its history."""
    return _act(str(get_locale()), code)


@lru_cache(maxsize=2_048)
def _act(_locale: str, code: str) -> str:
    """Kept by the language that is spoken: a page of the audit asks for hundreds."""
    said = {
        "case_seen": gettext("看過案件"),
        "photos_seen": gettext("看案件的相片"),
        "queue_seen": gettext("看待審清單"),
        "person_seen": gettext("看志工資料"),
        "people_listed": gettext("看志工名單"),
        "people_searched": gettext("查過志工"),
        "person_changed": gettext("改志工資料"),
        "event_made": gettext("建立活動"),
        "event_closed": gettext("結束報到"),
        "event_matched": gettext("說出到場的是誰"),
        "event_fixed": gettext("更正出席時間"),
        "event_seen": gettext("看活動的出席"),
        "event_sheet": gettext("下載出席證明"),
        "added_service": gettext("登錄服務"),
        "added_training": gettext("登錄訓練"),
        "added_certificate": gettext("收下證書"),
        "added_insurance": gettext("登錄保險"),
        "voided_service": gettext("作廢服務紀錄"),
        "voided_training": gettext("作廢訓練紀錄"),
        "voided_insurance": gettext("作廢保險紀錄"),
        "certificate_seen": gettext("看訓練證書"),
        "performance_made": gettext("開服務績效證明書"),
        "performance_void": gettext("作廢服務績效證明書"),
        "performance_sheet": gettext("下載服務績效證明書"),
        "record_sheet": gettext("下載服務履歷"),
        "cards_listed": gettext("看榮譽卡清單"),
        "reminder_letters": gettext("下載到期提醒信"),
        "reminder_list": gettext("下載快到期的卡片清單"),
        "reminders_sent": gettext("通知單位卡片快到期"),
        "card_seen": gettext("看榮譽卡"),
        "card_status": gettext("卡片狀態改變"),
        "history_seen": gettext("看操作紀錄"),
        "audit_seen": gettext("看稽核"),
        "audit_verified": gettext("檢查稽核的鏈"),
        "audit_compared": gettext("比對公布過的鏈首"),
        "audit_exported": gettext("下載稽核"),
        "audit_cut": gettext("刪除到期的稽核"),
        "retention": gettext("刪除到期的資料"),
        "training_exported": gettext("下載研習意見"),
        "statistics_exported": gettext("下載統計"),
        "mail_seen": gettext("看郵件"),
        "mail_again": gettext("再寄一次信"),
        "mail_cancel": gettext("取消一封信"),
        "mail_trial": gettext("試寄一封信"),
        "mail_address": gettext("改收信的電子郵件"),
        "exchange_begun": gettext("送來一份清單"),
        "exchange_read": gettext("試讀一份清單"),
        "exchange_columns": gettext("改匯入匯出的欄位"),
        "exchange_set_out": gettext("開始寫入或復原清單"),
        "exchange_import": gettext("寫入一份清單"),
        "exchange_undo": gettext("復原一份清單"),
        "exchange_drop": gettext("放棄一份清單"),
        "exchange_export": gettext("匯出資料"),
        "exchange_exported": gettext("匯出的檔案送完"),
        "exchange_broken": gettext("匯出中斷"),
        "exchange_seen": gettext("看匯入的清單"),
        "exchange_errors": gettext("下載匯入的錯誤"),
        "exchange_rare": gettext("看匯出的罕用字"),
        "api_key_made": gettext("發介接金鑰"),
        "api_key_revoked": gettext("註銷介接金鑰"),
        "api_uses_seen": gettext("看金鑰的使用"),
        "api_person_seen": gettext("介接系統查志工"),
        "api_rows_added": gettext("介接系統送服務紀錄"),
        "unit_added": gettext("新增了單位"),
        "unit_changed": gettext("修改單位"),
        "registration_asked": gettext("單位來註冊"),
        "registration_proved": gettext("單位證明了電子郵件"),
        "registration_approved": gettext("讓註冊的單位加入"),
        "registration_refused": gettext("退回單位的註冊"),
        "registrations_seen": gettext("看單位註冊"),
        "account_added": gettext("新增了帳號"),
        "account_registered": gettext("註冊的單位有了帳號"),
        "account_opened": gettext("恢復帳號"),
        "account_closed": gettext("停用帳號"),
        "account_role_changed": gettext("改帳號的角色"),
        "account_unit_added": gettext("帳號多代表一個單位"),
        "account_unit_removed": gettext("帳號少代表一個單位"),
        "account_acts_for": gettext("換了代表的單位"),
        "account_venue": gettext("改帳號的場所"),
        "account_password_changed": gettext("改了自己的密碼"),
        "account_password_reset": gettext("重設帳號的密碼"),
        "account_factor_set": gettext("設定了驗證碼"),
        "account_factor_off": gettext("關掉了驗證碼"),
        "account_factor_reset": gettext("取消帳號的驗證碼"),
        "account_codes_new": gettext("換了新的備用碼"),
        "account_code_spent": gettext("用了一組備用碼"),
        "account_signed_out": gettext("讓帳號在所有裝置登出"),
        "account_sessions_ended": gettext("結束了自己在其他裝置的登入"),
        "tablet_code": gettext("發平板代碼"),
        "tablet_disabled": gettext("停用平板"),
        "tablet_wiped": gettext("清空平板"),
        "tablet_looked": gettext("看過平板的警示"),
        "letters_seen": gettext("看未收資料"),
        "letter_settled": gettext("處理完未收資料"),
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
    return _entity(str(get_locale()), code)


@lru_cache(maxsize=2_048)
def _entity(_locale: str, code: str) -> str:
    return {
        "application": gettext("案件"),
        "card": gettext("榮譽卡"),
        "person": gettext("志工"),
        "account": gettext("帳號"),
        "unit": gettext("運用單位"),
        "device": gettext("平板"),
        "venue": gettext("優惠場所"),
        "list": gettext("清單"),
        "registration": gettext("單位註冊"),
        "event": gettext("活動"),
        "mail": gettext("信"),
        "exchange": gettext("匯入匯出"),
        "api_key": gettext("介接金鑰"),
        "api_batch": gettext("介接送來的資料"),
        "audit": gettext("稽核紀錄"),
    }.get(code, code)


def field_words(code: str) -> str:
    """A field."""
    return _field(str(get_locale()), code)


@lru_cache(maxsize=2_048)
def _field(_locale: str, code: str) -> str:
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
        "start": gettext("開始日期"),
        "last_day": gettext("最後日期"),
        "end": gettext("最後日期"),
        "completed_on": gettext("結業日期"),
        "kind": gettext("種類"),
        "category": gettext("類別"),
        "entry": gettext("登錄"),
        "certificate": gettext("證書"),
        "english_name": gettext("英文姓名"),
        "unit_id": gettext("單位"),
        "units": gettext("單位"),
        "account": gettext("帳號"),
        "venue": gettext("優惠場所"),
        "profile": gettext("用途"),
        "letter": gettext("處理"),
        "exchange": gettext("清單"),
        "sha256": gettext("檔案的摘要"),
        "scopes": gettext("可以做的事"),
        "networks": gettext("可以來的位址"),
        "purpose": gettext("用途"),
        "form": gettext("檔案格式"),
        "since": gettext("從"),
        "until": gettext("到"),
        "count": gettext("筆數"),
        "people": gettext("人數"),
        "person": gettext("志工"),
        "upto": gettext("到第幾筆"),
    }.get(code, code)


def value_words(field: str, value: str) -> str:
    """A value as people say it, where it is a code of ours."""
    if not value:
        return "—"
    if field == "state":
        said = words.state(value)  # of a case; else of a list that was brought in
        return said if said != value else exchange_words.state(value)
    if field == "kind" and value in KINDS:
        return exchange_words.brought(value)
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
