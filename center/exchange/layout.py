"""The columns of a file that goes out: heading, what stands in it, how days are written. The administrator changes them.

The layout to begin with is ours (docs/exchange.md): nobody has seen the national system's own. What is not here: rows
(center.store.exchange_out), encodings (exporting).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, get_args

from honorcard import hours, roc
from honorcard.problems import Language, ProblemError
from honorcard.reason_texts import CATEGORY_NAMES

OutKind = Literal["volunteers", "hours", "training", "cards"]
KINDS: tuple[OutKind, ...] = get_args(OutKind)
Days = Literal["roc", "roc_dots", "roc_slashes", "iso", "slashes", "plain"]
DAYS: tuple[Days, ...] = get_args(Days)
FIXED = "fixed"
MOST_COLUMNS = 60
LONGEST = 100

_WHO = {
    "name": ("姓名", "Name"), "number": ("身分證字號", "ID number"), "birth_date": ("出生日期", "Birth date"),
    "english_name": ("英文姓名", "English name"),
}  # fmt: skip
_UNIT = {
    "unit_code": ("單位代碼", "Unit code"), "unit_name": ("運用單位", "Unit"), "district": ("行政區", "District")
}  # fmt: skip
# what a row of each kind has, in the order of the layout to begin with
SOURCES: dict[OutKind, dict[str, tuple[str, str]]] = {
    "volunteers": {
        **_WHO, **_UNIT, "book_number": ("紀錄冊字號", "Record book number"), "since_on": ("加入日期", "Joined on"),
        "until_on": ("離開日期", "Left on"),
    },
    "hours": {
        **_WHO, **_UNIT, "start_on": ("服務起日", "First day"), "end_on": ("服務迄日", "Last day"),
        "half_hours": ("服務時數", "Hours"), "item": ("服務項目", "Kind of work"), "content": ("服務內容", "What was done"),
        "category": ("服務種類", "Kind of service"),
    },
    "training": {
        **_WHO, "course_kind": ("訓練種類", "Kind of training"), "field": ("領域", "Field"), "course": ("課程名稱", "Course"),
        "half_hours": ("訓練時數", "Hours"), "completed_on": ("結業日期", "Completed on"),
        "certificate": ("證書字號", "Certificate number"),
    },
    "cards": {
        **_WHO, **_UNIT, "card": ("卡號", "Card number"), "approved_on": ("發卡日期", "Issued on"),
        "valid_until": ("有效日期", "Valid until"), "counted_until": ("採計至", "Service counted until"),
        "status": ("卡片狀態", "State of the card"),
    },
}  # fmt: skip
_LEFT_OUT = {"english_name", "unit_code", "district", "counted_until"}  # of the layout to begin with
_STATUS = {"live": "有效", "suspended": "停用", "revoked": "註銷", "replaced": "換發失效", "expired": "到期"}


@dataclass(frozen=True)
class Column:
    """One column. of: what stands in it, or `fixed` for `text`; days: how a day is written."""

    heading: str
    of: str
    text: str = ""
    days: Days = "roc"


def default(kind: OutKind) -> list[Column]:
    """The layout to begin with."""
    return [Column(zh, of) for of, (zh, _) in SOURCES[kind].items() if of not in _LEFT_OUT]


def stored(columns: list[Column]) -> list[dict[str, str]]:
    """As the store keeps them."""
    return [asdict(one) for one in columns]


def read(kind: OutKind, said: Any) -> list[Column]:
    """From what the store keeps; the layout to begin with for nothing."""
    return [Column(**one) for one in said] if said else default(kind)


def checked(kind: OutKind, columns: list[Column]) -> list[Column]:
    """The columns as typed. ProblemError `exchange_layout` for none, one without heading, or a value there is not."""
    for one in columns:
        known = one.of in SOURCES[kind] or (one.of == FIXED and bool(one.text))
        if not one.heading or not known or one.days not in DAYS or max(len(one.heading), len(one.text)) > LONGEST:
            raise ProblemError("exchange_layout")
    if not columns or len(columns) > MOST_COLUMNS:
        raise ProblemError("exchange_layout")
    return columns


def label(kind: OutKind, of: str, language: Language) -> str:
    """What stands in a column, in words."""
    return SOURCES[kind][of][0 if language == "zh" else 1]


def writer(
    columns: list[Column], number_of: Callable[[Mapping[str, Any]], str], today: date
) -> Callable[[Mapping[str, Any]], list[str]]:
    """A function from a row of the store to the texts of a line. number_of: the whole identity number."""

    def text_of(column: Column, row: Mapping[str, Any]) -> str:
        if column.of == FIXED:
            return column.text
        if column.of == "number":
            return number_of(row)
        if column.of == "status":
            return _STATUS["expired" if row["status"] == "live" and row["valid_until"] < today else row["status"]]
        value = row[column.of]
        if value is None:
            return ""
        if column.of == "half_hours":
            return hours.printed(value)
        if column.of == "category":
            return CATEGORY_NAMES[value][0] if value in CATEGORY_NAMES else ""
        if column.of == "course_kind":
            return "基礎訓練" if value == "basic" else "特殊訓練"
        return written(value, column.days) if isinstance(value, date) else str(value)

    return lambda row: [text_of(column, row) for column in columns]


def written(day: date, days: Days) -> str:
    """A day: 1151122, 115.11.22, 115/11/22, 2026-11-22, 2026/11/22 or 20261122."""
    if days == "iso":
        return day.isoformat()
    if days == "slashes":
        return f"{day:%Y/%m/%d}"
    if days == "plain" or day.year <= roc.ROC_OFFSET:
        return f"{day:%Y%m%d}"
    dotted = roc.dotted(day)
    return dotted if days == "roc_dots" else dotted.replace(".", "/" if days == "roc_slashes" else "")
