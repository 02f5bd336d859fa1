"""Letters to volunteers whose cards run out: one A4 page each, with what the next card needs (R18 to R22).

What is not here: who gets one (the center's), how a page is set (paper_list).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from honorcard import paper_list, roc
from honorcard.eligibility import counting_floor, window_opens
from honorcard.jurisdiction import Jurisdiction
from honorcard.paper_list import Block, Column, Heading, Table, Text

_ROW_MM = 9.0


@dataclass(frozen=True)
class Holder:
    """Whose card runs out, and through which unit it was applied for; unit empty where that is not known."""

    name: str
    number: str
    valid_until: date
    unit: str = ""


def render(holders: Sequence[Holder], rules: Jurisdiction, *, created: datetime) -> bytes:
    """The PDF, a page a person, in the order given. ProblemError `fonts_missing`; ValueError for nobody."""
    if not holders:
        raise ValueError("a letter needs somebody to go to")
    title = f"{rules.card.title}到期通知"
    pages = [_blocks(holder, rules, created.date()) for holder in holders]
    return paper_list.render_each(title, pages, "zh", created=created, note=rules.issuer)


def _blocks(holder: Holder, rules: Jurisdiction, today: date) -> list[Block]:
    opens = window_opens(holder.valid_until, rules)
    facts = [("卡號", holder.number), ("有效期限", _day(holder.valid_until))]
    if opens is not None:
        facts.append(("可以申請換發的日子", f"{_day(opens)}起"))
    if holder.unit:
        facts.append(("服務單位", holder.unit))
    hours = f"{rules.half_hours_needed / 2:g}"
    return [
        Text(f"{holder.name} 您好："),
        Text(f"您的{rules.card.title}快到期了。繼續服務的志工可以申請換發，請和服務單位的承辦人聯絡。"),
        Table((Column("項目", 2.0), Column("內容", 5.0)), tuple(facts), row_mm=_ROW_MM),
        Heading("換發要符合"),
        Text(f"・服務年資滿 {rules.years} 年，從 {_day(counting_floor(holder.valid_until, rules))}起算。"),
        Text(f"・同一期間的服務時數滿 {hours} 小時。上一張卡用過的年資和時數不再計算。"),
        Text(f"・申請前 {rules.recency_months} 個月內有服務紀錄。"),
        Heading("請準備"),
        Text("・服務紀錄冊，時數登到最近；也可以用全國志工資訊系統印出的紀錄。"),
        Text("・這張卡，和身分證明文件。大頭照在現場拍，不用自備。"),
        Text(f"已經申請換發的，不用理會這封信。{_day(today)}印製。", soft=True),
    ]


def _day(day: date) -> str:
    return roc.written(day)
