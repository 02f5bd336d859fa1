"""What the desk calls things: states, moves, flags, roles, kinds. Template globals, so that a fragment has them as
well as a page.
"""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from flask_babel import gettext as _gettext

from honorcard import corrections, identity_words
from honorcard.card import cases as card_cases
from honorcard.reason_texts import CATEGORY_NAMES
from sync import merge
from web.clock import TAIPEI, now
from web.countries import country_name
from web.languages import language, said_time

FLAGS = (
    "possible_duplicate", "clock_doubt", "verdict_differs", "identity_doubt", "number_alike", "applied_alone", "holds_card",
    "photo_refused", "from_disabled_tablet",
)  # fmt: skip


def install(app: Flask) -> None:
    """Gives the words to every template of the app."""
    app.jinja_env.globals.update(
        said_kind=kind, said_flag=flag, said_move=move, said_role=role, said_profile=profile, said_reason=reason,
        said_photo=photo, said_state=state, photo_place=place, said_category=category,
        said_country=country, said_alarm=alarm, said_account=account,
    )  # fmt: skip
    app.jinja_env.filters.update(said_minutes=minutes, said_hours=half_hours, said_ms=moment, age=age)


def gettext(sentence: str, **figures: object) -> str:
    """Flask-Babel's, with the type it has."""
    return str(_gettext(sentence, **figures))


def kind(code: str) -> str:
    """What a case asks for: `first`, `renewal`, or about a card that exists `reissue`, `correction`."""
    return {
        "renewal": gettext("換發"),
        "reissue": gettext("補發"),
        "correction": gettext("更正換發"),
    }.get(code, gettext("首次申請"))


def state(code: str) -> str:
    """A case's state."""
    return {
        "incomplete": gettext("相片還沒到齊"),
        "first_review": gettext("等待初審"),
        "returned": gettext("已退回補正"),
        "second_review": gettext("等待複審"),
        "approved": gettext("已核可"),
        "issued": gettext("已發卡"),
        "refused": gettext("已判定不符規定"),
        "withdrawn": gettext("已撤回"),
    }.get(code, code)


def flag(code: str) -> str:
    """Something the reviewer should look at."""
    return {
        "possible_duplicate": gettext("同一人可能有另一件申請"),
        "clock_doubt": gettext("平板的日期可能不準，請看送件日"),
        "verdict_differs": gettext("平板的判定和這裡不同"),
        "identity_doubt": gettext("證號的檢查碼不合，請對證件"),
        "number_alike": identity_words.alike(language()),
        "applied_alone": gettext("志工自己申請，沒有經過單位"),
        "holds_card": gettext("這個人已有榮譽卡，這件應該是換發"),
        "photo_refused": gettext("有一張相片打不開，請退回重拍"),
        "from_disabled_tablet": gettext("資料來自已停用的平板，請確認是誰收的件"),
    }.get(code, code)


def alarm(code: str) -> str:
    """Why somebody should look at a tablet."""
    return {
        "seq_reused": gettext("序號重複：這台平板可能被複製，或還原過備份"),
        "rolled_back": gettext("退回到較早的樣子，或有複製品"),
        "cloned": gettext("兩台輪流連線，一台是複製品"),
    }.get(code, code)


def move(code: str) -> str:
    """An event of a case's history."""
    return {
        "submitted": gettext("送件"),
        "rescued": gettext("由救援檔收進"),
        "looked_again": gettext("沒有收的資料再看一次，收下了"),
        "completed": gettext("相片到齊"),
        "approved": gettext("初審核可"),
        "returned": gettext("已退回補正"),
        "amended": gettext("補正送回"),
        "refused": gettext("已判定不符規定"),
        "issued": gettext("複審核可，發卡"),
        "reprinted": gettext("補印卡片"),
        "printed": gettext("卡片已列印"),
        "number_shown": gettext("看過全號"),
        "sheet_taken": gettext("下載卡片 PDF"),
        "sheet_given": gettext("用舊卡在平板上找到卡片"),
        "digital_given": gettext("給電子卡的網址"),
        "revoked": gettext("註銷卡片"),
        "replaced": gettext("換發新卡，舊卡失效"),
        "suspended": gettext("停用卡片"),
        "live": gettext("恢復卡片"),
        "withdrawn": gettext("撤回"),
        "merged_in": gettext("和另一份修改合併"),
        "proposed": gettext("收到另一份修改，等人決定"),
        "chosen_taken": gettext("決定用另一份修改"),
        "chosen_part": gettext("決定用另一份修改的一部分"),
        "chosen_kept": gettext("決定用原來這一份"),
        "joined_into": gettext("併入另一件"),
        "joined_with": gettext("併案，另一件併入"),
        "told_apart": gettext("確認不是同一人"),
        "made_renewal": gettext("改成換發"),
        "taken_back": gettext("取消剛才的決定"),
    }.get(code, code)


def field(code: str) -> str:
    """A field of an application (sync.merge.PARTS), or a photograph."""
    if code.startswith("photo "):
        return corrections.slot_words(code.removeprefix("photo "), language())
    return {
        "kind": gettext("申請種類和舊卡"),
        "cause": gettext("原因"),
        "card": gettext("舊卡"),
        "identity": gettext("證號"),
        "name": gettext("姓名"),
        "english_name": gettext("英文姓名"),
        "birth_date": gettext("出生年月日"),
        "email": gettext("電子郵件"),
        "books": gettext("紀錄冊"),
        "service": gettext("服務紀錄"),
        "service_field": gettext("服務領域"),
        "trainings": gettext("訓練"),
    }.get(code, code)


def role(code: str) -> str:
    """An account's role."""
    return {
        "unit_officer": gettext("運用單位承辦人"),
        "first_reviewer": gettext("初審"),
        "second_reviewer": gettext("複審"),
        "administrator": gettext("系統管理員"),
        "auditor": gettext("稽核"),
        "venue": gettext("優惠場所"),
    }.get(code, code)


def account(code: str) -> str:
    """What was done to an account."""
    return {
        "added": gettext("新增帳號"),
        "registered": gettext("核准單位註冊"),
        "closed": gettext("停用帳號"),
        "opened": gettext("恢復帳號"),
        "role_changed": gettext("改角色"),
        "unit_added": gettext("加上一個單位"),
        "unit_removed": gettext("移除一個單位"),
        "password_changed": gettext("自己改了密碼"),
        "password_reset": gettext("管理員給新密碼"),
        "factor_set": gettext("設定驗證碼"),
        "factor_off": gettext("關掉驗證碼"),
        "factor_reset": gettext("管理員取消驗證碼"),
        "codes_new": gettext("換了一份備用碼"),
        "code_spent": gettext("用一組備用碼登入"),
        "signed_out": gettext("管理員登出所有裝置"),
    }.get(code, code)


def profile(code: str) -> str:
    """What a tablet is for."""
    return {
        "staff": gettext("工作人員"),
        "public": gettext("公用"),
        "verifier": gettext("驗卡"),
        "hosted": gettext("代管"),
        "training": gettext("訓練"),
    }.get(code, code)


def category(code: str) -> str:
    """The kind of organisation a row was served under (R12)."""
    names = CATEGORY_NAMES.get(code)
    if names is None:
        return code
    return names[0] if language() == "zh" else names[1][0].upper() + names[1][1:]


def country(code: str) -> str:
    """A passport's country by its ISO 3166 code."""
    return country_name(code, language())


def reason(code: str) -> str:
    """The short word for a reason: of returning, of refusing, of printing again."""
    if code in merge.PARTS or code.startswith("photo "):  # a field that was chosen
        return field(code)
    said = corrections.label(code, language())
    return card_cases.reprint_words(code, language()) if said == code else said


def place(found: object) -> str:
    """`cover`, `page-2`: the name of a photograph's place."""
    slot, position = getattr(found, "slot", ""), getattr(found, "position", 0)
    return f"{slot}-{position}" if position else str(slot)


def photo(found: object) -> str:
    """A photograph's place in words."""
    return corrections.slot_words(place(found), language())


def minutes(amount: int) -> str:
    """Minutes of a service row as hours: `14.5`, or to the minute where they are no half hours."""
    if amount % 30 == 0:
        return f"{amount / 60:.1f}"
    return gettext("%(h)s 時 %(m)s 分", h=amount // 60, m=amount % 60)


def half_hours(amount: int) -> str:
    """Half hours as hours with one decimal."""
    return f"{amount / 2:,.1f}"


def moment(moment_ms: int) -> str:
    """A stored moment for people."""
    return said_time(datetime.fromtimestamp(moment_ms / 1000, TAIPEI))


def age(since_ms: int) -> str:
    """How long ago: days, else hours, else minutes."""
    passed = max(0, int(now().timestamp() - since_ms / 1000))
    if passed >= 86_400:
        return gettext("%(n)s 天", n=passed // 86_400)
    if passed >= 3_600:
        return gettext("%(n)s 小時", n=passed // 3_600)
    return gettext("%(n)s 分鐘", n=passed // 60)
