"""What the pages of imports and exports call things: kinds, states, outcomes, values, shapes of cells."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _gettext

from center import words
from center.exchange.fields import KINDS, Kind, field
from center.store.exchange import Staged
from honorcard import problems
from web.languages import language, said_date
from web.table_sheet import address


def gettext(sentence: str, **figures: object) -> str:
    """Flask-Babel's, with the type it has."""
    return str(_gettext(sentence, **figures))


def kind(code: str) -> str:
    """What a list is of."""
    return {
        "units": gettext("單位"),
        "volunteers": gettext("志工"),
        "hours": gettext("服務時數"),
        "training": gettext("訓練"),
        "cards": gettext("榮譽卡"),
        "earlier": gettext("從前的卡"),
    }.get(code, code)


def brought(code: str) -> str:
    """What an imported list is of: cards are earlier ones there."""
    return kind("earlier" if code == "cards" else code)


def kinds() -> list[tuple[Kind, str]]:
    """The kinds that can be brought in, with their names."""
    return [(code, brought(code)) for code in KINDS]


def state(code: str) -> str:
    """How an import stands."""
    return {
        "reading": gettext("讀取中"),
        "columns": gettext("等您選欄位"),
        "broken": gettext("讀不出來"),
        "ready": gettext("試跑好了，還沒寫入"),
        "importing": gettext("寫入中"),
        "imported": gettext("已匯入"),
        "undoing": gettext("復原中"),
        "undone": gettext("已復原"),
        "dropped": gettext("已放棄"),
    }.get(code, code)


def outcome(code: str) -> str:
    """What a line is."""
    return {
        "new": gettext("新增"),
        "changed": gettext("變更"),
        "same": gettext("相同"),
        "refused": gettext("有錯"),
    }.get(code, code)


def done(code: str) -> str:
    """What the log says was done."""
    return {
        "read": gettext("試跑"),
        "import": gettext("匯入"),
        "undo": gettext("復原"),
        "drop": gettext("放棄"),
        "columns": gettext("改欄位"),
        "export": gettext("開始匯出"),
        "exported": gettext("匯出完成"),
        "broken": gettext("匯出中斷"),
    }.get(code, code)


def label(of_kind: str, code: str) -> str:
    """A column of a list."""
    if code == "kept":
        return gettext("名冊")
    found = next((one for one in (field(known, code) for known in KINDS if known == of_kind) if one), None)
    return found.label(language()) if found else code


def value(code: str, said: Any) -> str:
    """A value of a change as people read it."""
    if said is None or said == "":
        return "—"
    if code == "hours":
        return words.half_hours(int(said))
    if code in ("birth", "since", "until", "start", "end", "day", "issued", "valid_until", "counted_until"):
        return str(said_date(date.fromisoformat(str(said))))
    if code == "category":
        return words.category(str(said))
    if code == "course_kind":
        return gettext("基礎") if said == "basic" else gettext("特殊")
    if said == "application":
        return gettext("只有申請")
    if code == "kept":
        return gettext("列入名冊")
    return str(said)


def shape(code: str) -> str:
    """What kind of value a cell holds, without the value."""
    name, _, length = code.partition(" ")
    return {
        "empty": gettext("空的"),
        "formula": gettext("公式"),
        "error": gettext("錯誤值"),
        "day": gettext("日期"),
        "time": gettext("時間"),
        "number": gettext("數字"),
        "digits": gettext("%(n)s 個數字", n=length),
        "letters": gettext("%(n)s 個英文字母", n=length),
        "figures": gettext("%(n)s 個字，數字和符號", n=length),
        "mixed": gettext("%(n)s 個字，夾雜英數", n=length),
        "text": gettext("%(n)s 個字", n=length),
    }.get(name, code)


def troubles(of_kind: str, staged: Staged) -> list[tuple[str, str, str, str]]:
    """Of a refused line: each cell's place, its column, what kind of value stands there, and what to do."""
    return [
        (
            address(staged.line, column) if column >= 0 else "", label(of_kind, of), shape(shaped),
            problems.sentence(code, language(), _days(details)),
        )
        for of, column, shaped, code, details in staged.troubles
    ]  # fmt: skip


def _days(details: dict[str, Any]) -> dict[str, Any]:
    return {name: _day(said) if name in ("day", "first", "last") else said for name, said in details.items()}


def _day(said: Any) -> Any:
    try:
        return date.fromisoformat(said)
    except (TypeError, ValueError):
        return said
