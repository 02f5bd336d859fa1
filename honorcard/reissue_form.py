"""The reissue form, 補發申請表, to be printed, signed and photographed: what was typed stands in it already (R38).

The seeds name the form and do not show it; its fields are what a reissue needs. What is not here: how a page is set
(paper_list), what has to go with the form (card.cases).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from honorcard import paper_list, roc
from honorcard.card import cases
from honorcard.card.cases import CAUSES, Cause
from honorcard.jurisdiction import Jurisdiction
from honorcard.paper_list import Block, Column, Heading, Table, Text
from honorcard.problems import Language

_ROW_MM = 11.0  # room to write by hand
_SIGN_MM = 18.0
_CHOSEN, _OPEN = "■", "□"


@dataclass(frozen=True)
class Filled:
    """What is known already; empty or None where it is to be written by hand."""

    cause: Cause | None = None
    name: str = ""
    birth_date: date | None = None
    identity_number: str = ""
    card_number: str = ""
    valid_until: date | None = None
    old_identity: str = ""
    unit: str = ""


def title(rules: Jurisdiction) -> str:
    """The form's name, `臺北市志願服務榮譽卡補發申請表`."""
    return f"{rules.name_zh}{rules.card.title}補發申請表"


def render(filled: Filled, rules: Jurisdiction, language: Language, *, created: datetime) -> bytes:
    """The PDF, one A4 page; labels in both languages for a reader of English. ProblemError `fonts_missing`."""

    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else f"{zh} {en}"

    causes = [
        f"{_CHOSEN if cause == filled.cause else _OPEN} {say(cases.name(cause, 'zh'), cases.name(cause, 'en'))}"
        for cause in CAUSES
    ]
    papers = cases.papers(filled.cause) if filled.cause is not None else cases.papers("name")
    enclosed = [f"{_OPEN} {say(cases.name(need, 'zh'), cases.name(need, 'en'))}" for need in papers if need != "form"]
    lines = (
        (say("申請原因", "Reason"), "　".join(causes)),
        (say("姓名", "Name"), filled.name),
        (say("出生年月日", "Date of birth"), _day(filled.birth_date)),
        (say("國民身分證統一編號（或居留證、護照號碼）", "ID number"), filled.identity_number),
        (say("原卡編號", "Number of the card"), filled.card_number),
        (say("原卡有效期限", "Card valid until"), _day(filled.valid_until)),
        (say("原卡上的證號（證號更正才填）", "ID number on the card, if it changed"), filled.old_identity),
        (say("服務單位", "Unit"), filled.unit),
        (say("檢附文件", "Enclosed"), "　".join(enclosed)),
    )
    columns = (Column(say("欄位", "Item"), 2.0), Column(say("內容", "Entry"), 5.0))
    sign = (
        Column(say("申請人簽名", "Signature of the holder"), 3.0),
        Column(say("單位承辦人簽章", "Officer of the unit"), 3.0),
        Column(say("日期", "Date"), 2.0),
    )
    blocks: list[Block] = [
        Text(
            say(
                "請核對內容，空白處用筆填寫，簽名後拍照。",
                "Check the entries, fill in what is blank by hand, sign, then photograph.",
            )
        ),
        Table(columns, lines, row_mm=_ROW_MM),
        Heading(say("簽名", "Signatures")),
        Table(sign, (("", "", ""),), row_mm=_SIGN_MM),
        Text(rules.purpose_notice, soft=True),
    ]
    return paper_list.render(title(rules), blocks, language, created=created, note=rules.issuer)


def _day(day: date | None) -> str:
    return roc.written(day) if day is not None else ""
