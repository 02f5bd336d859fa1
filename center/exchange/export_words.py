"""What the pages of export say: forms of the file, states, days, and the filter that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from center.exchange import words
from center.exchange.layout import OutKind
from center.exchange.words import gettext
from center.store import exchange


def said_filter(details: Mapping[str, Any], units: Mapping[str, str]) -> str:
    """The filter of an export in words; the figures of an import."""
    parts = []
    if details.get("unit"):
        parts.append(units.get(details["unit"], ""))
    if details.get("since") or details.get("until"):
        parts.append(f"{words.value('start', details.get('since'))} – {words.value('end', details.get('until'))}")
    if details.get("state", "all") != "all":
        parts.append(state(details["state"]))
    if details.get("form"):
        parts.append(dict(forms()).get(details["form"], ""))
    parts += [f"{words.outcome(code)} {details[code]:,}" for code in exchange.OUTCOMES if details.get(code)]
    if details.get("kept"):
        parts.append(gettext("留著 %(n)s 列", n=details["kept"]))
    return gettext("、").join(part for part in parts if part)


def forms() -> list[tuple[str, str]]:
    """Each form of the file, with its words."""
    return [
        ("utf8_mark", gettext("CSV，UTF-8（有 BOM，Excel 打開不會亂碼）")), ("utf8", gettext("CSV，UTF-8")),
        ("big5", gettext("CSV，Big5")), ("xlsx", "XLSX"),
    ]  # fmt: skip


def state(code: str) -> str:
    """Which of a kind's rows are asked for."""
    return {
        "all": gettext("全部"), "active": gettext("還在的"), "left": gettext("已經離開的"),
        "ordinary": gettext("只要一般志工的"), "live": gettext("有效的"), "expired": gettext("到期的"),
        "suspended": gettext("停用的"), "revoked": gettext("註銷的"), "replaced": gettext("換發後失效的"),
    }.get(code, code)  # fmt: skip


def day(kind: OutKind) -> str:
    """Which of a row's days the filter looks at."""
    return {
        "volunteers": gettext("加入日期"), "hours": gettext("服務迄日"), "training": gettext("結業日期"),
        "cards": gettext("發卡日期"),
    }[kind]  # fmt: skip
