"""The columns of a unit's list, found by their names: in any order, under title rows, in one row of headings or two.

What is not here: what the cells below say (cells) and what follows from it (the package itself).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from honorcard.problems import Language, ProblemError
from honorcard.roster.cells import Cell, CellTrouble, Merged, is_blank, text

Field = Literal[
    "name", "identity", "passport", "birth", "start", "last", "period", "day", "hours", "minutes", "previous", "category",
    "kind", "book",
]  # fmt: skip

SEARCHED_LINES = 40  # headings stand among the first lines that hold anything

LABELS: dict[Field, tuple[str, str]] = {
    "name": ("姓名", "Name"),
    "identity": ("身分證字號", "ID number"),
    "passport": ("護照號碼", "Passport number"),
    "birth": ("出生日期", "Birth date"),
    "start": ("服務開始日", "First day of service"),
    "last": ("最近服務日", "Latest day of service"),
    "period": ("服務期間", "Period of service"),
    "day": ("服務日期", "Day of service"),
    "hours": ("服務時數", "Hours"),
    "minutes": ("服務分鐘", "Minutes"),
    "previous": ("前卡到期日", "Old card valid until"),
    "category": ("服務種類", "Kind of service"),
    "kind": ("申請類別", "First card or renewal"),
    "book": ("紀錄冊", "Record book"),
}

# Names as they are folded: no spaces, brackets, punctuation, capitals. Of two columns the one named earlier is taken.
_NAMES: dict[Field, str] = {
    "name": (
        "志工姓名 姓名 中文姓名 申請人姓名 持卡人姓名 志工名字 名字 志工 申請人 持卡人 volunteername fullname "
        "name volunteer applicant"
    ),
    "identity": (
        "身分證字號 身分證統一編號 國民身分證統一編號 身分證號碼 身分證號 身分證 國民身分證 國民身分證字號 "
        "統一證號 居留證號 居留證號碼 證件號碼 證號 idnumber nationalid nationalidnumber identitynumber idno "
        "id"
    ),
    "passport": "護照號碼 護照 護照號 passportnumber passportno passport",
    "birth": "出生年月日 出生日期 生日 出生日 出生 birthdate dateofbirth birthday dob",
    "start": (
        "本次申請服務紀錄冊登載之服務開始日期 服務開始日 服務開始日期 服務起始日 服務起始日期 服務起日 "
        "服務開始 服務起始 開始服務日 開始服務日期 服務日期起 服務期間起 服務期間起日 服務起 服務年資起 "
        "首次服務日 首次服務日期 第一次服務日期 起日 開始日 開始日期 起始日 起始日期 開始 起始 起 自 "
        "firstdayofservice firstservice firstserviceday firstday servicestart servicefrom startdate start "
        "from"
    ),
    "last": (
        "手冊上最近一次服務日期 最近服務日 最近服務日期 最近一次服務日 最近一次服務日期 最近一次服務 "
        "最後服務日 最後服務日期 最後一次服務日 最後一次服務日期 最後一次服務 服務結束日 服務結束日期 "
        "服務迄日 服務訖日 服務截止日 服務日期迄 服務日期訖 服務期間迄 服務期間訖 服務期間迄日 服務期間訖日 "
        "服務期間止 服務日期止 服務迄 服務訖 服務年資迄 服務年資訖 迄日 訖日 止日 結束日 結束日期 截止日 "
        "截止日期 結束 迄 訖 止 至 latestdayofservice lastdayofservice latestservice lastservice "
        "lastserviceday lastday latestday serviceend serviceto enddate end to"
    ),
    "period": (
        "服務期間 服務起訖 服務起迄 服務起訖日 服務起迄日 服務起訖日期 服務起迄日期 起訖日期 起迄日期 起訖 "
        "起迄 periodofservice serviceperiod period"
    ),
    "day": "服務日期 服務日 日期 dayofservice servicedate serviceday date",
    "hours": (
        "採計時數 累計服務時數 累積服務時數 服務總時數 服務時數合計 累計時數 累積時數 總時數 時數合計 "
        "合計時數 服務時數 服務小時 服務小時數 時數 小時數 小時 總小時 totalhours hoursofservice servicehours "
        "hours"
    ),
    "minutes": "服務分鐘 服務分鐘數 分鐘數 分鐘 totalminutes serviceminutes minutes",
    "previous": (
        "前卡到期日 前卡到期日期 前卡有效期限 前卡有效日期 前張卡到期日 前張卡片到期日 前一張榮譽卡到期日 "
        "前一張榮譽卡有效期限 前次榮譽卡到期日 前次榮譽卡有效期限 原卡到期日 原卡有效期限 舊卡到期日 "
        "舊卡有效期限 舊卡到期 前卡到期 榮譽卡到期日 榮譽卡有效期限 榮譽卡效期 卡片到期日 卡片有效期限 "
        "有效期限 到期日 效期 previousvaliduntil previouscardvaliduntil oldcardvaliduntil previousexpiry "
        "cardexpiry cardvaliduntil validuntil expirydate expiry expires"
    ),
    "category": (
        "服務種類 服務類別 志工類別 志工種類 身分類別 組織類別 類別 種類 kindofservice servicecategory category"
    ),
    "kind": (
        "申請類別 申請種類 申請別 申請項目 新領或換發 首次或換發 首次換發 申請 firstcardorrenewal "
        "applicationkind applicationtype application"
    ),
    "book": "紀錄冊 服務紀錄冊 志願服務紀錄冊 有無紀錄冊 是否有紀錄冊 有紀錄冊 記錄冊 recordbook hasrecordbook",
}
_EXACT: dict[str, tuple[Field, int]] = {
    name: (of, rank) for of, names in _NAMES.items() for rank, name in enumerate(names.split())
}
# Longer headings by what they contain; the first that fits decides, an empty field means none of ours.
_OTHERS = re.compile(
    r"英文|緊急|聯絡|承辦|督導|隊長|主管|家長|監護|填表|介紹|代理|單位|訓練|受訓|研習|本月|當月|今年|本年|年度|電話|地址|核發日|發卡日"
    r"|(?<!統一)編號|english|emergency|contact|training|month"
)
_PARTS: tuple[tuple[re.Pattern[str], Field], ...] = (
    (re.compile(r"身[分份]證|統一證號|居留證"), "identity"),
    (re.compile(r"護照|passport"), "passport"),
    (re.compile(r"出生|生日|birth"), "birth"),
    (re.compile(r"[卡證].*(到期|有效|效期|期限)|card.*(valid|expir)"), "previous"),
    (re.compile(r"服務.*(開始|起始|起日)|first.*service|service.*(start|from)"), "start"),
    (re.compile(r"(最近|最後|最末).*服務|服務.*(結束|迄日|訖日)|(last|latest).*service|service.*(end|until)"), "last"),
    (re.compile(r"服務.*時數|時數.*(計|總)|service.*hours|hours.*served"), "hours"),
    (re.compile(r"姓名$"), "name"),
)
_PART_RANK = 1000
_BRACKETS = re.compile(r"[(\[{【〔「《<].*?[)\]}】〕」》>]")
_NOISE = re.compile(r"[\W_]+")
_NEEDED_ONCE: tuple[Field, ...] = ("name", "start", "last", "hours", "previous")


@dataclass(frozen=True)
class Header:
    """Where the columns stand. at: number of the column from 0; titles: what the file calls it; below: index of the
    first line that is data; its own lines are `lines[first:below]`.
    """

    at: dict[Field, int]
    titles: dict[Field, str]
    first: int
    below: int


@dataclass
class _Found:
    at: dict[Field, int] = field(default_factory=dict)
    titles: dict[Field, str] = field(default_factory=dict)
    rank: dict[Field, int] = field(default_factory=dict)
    doubled: dict[Field, tuple[int, str]] = field(default_factory=dict)

    def twice(self) -> str:
        """The heading of two columns of which nobody can say which is meant; empty when there is none."""
        return next((title for of, (rank, title) in self.doubled.items() if rank == self.rank[of]), "")

    def missing(self) -> list[Field]:
        """The columns without which nothing can be judged."""
        lacking: list[Field] = [] if "name" in self.at else ["name"]
        if "period" not in self.at and "day" not in self.at:
            lacking += [of for of in ("start", "last") if of not in self.at]
        if "hours" not in self.at and "minutes" not in self.at:
            lacking.append("hours")
        return lacking


def label(of: Field, language: Language) -> str:
    """What a column is called where we name it."""
    return LABELS[of][0 if language == "zh" else 1]


def find(lines: Sequence[Sequence[Cell]]) -> Header:
    """The headings among the first lines. Raises `roster_columns_missing`, `roster_column_twice` or `roster_empty`."""
    held = [at for at, cells in enumerate(lines) if any(not is_blank(cell) for cell in cells)][:SEARCHED_LINES]
    if not held:
        raise ProblemError("roster_empty")
    best = _Found()
    for height in (1, 2):  # a title above one row of headings must not pass for the upper of two
        for at in held:
            found = _headings(lines, at, height)
            if found is None:
                continue
            if not found.missing():
                below = _headings(lines, at, 2) if height == 1 and "period" in found.at else None
                if below is not None and {"start", "last"} <= below.at.keys():
                    found, height = below, 2  # 服務期間 over 起 and 迄: the lower row decides
                if found.twice():
                    raise ProblemError("roster_column_twice", column=found.twice())
                return Header(found.at, found.titles, at, at + height)
            best = max(best, found, key=lambda known: len(known.at))
    missing = best.missing()
    raise ProblemError(
        "roster_columns_missing",
        columns="、".join(LABELS[of][0] for of in missing),
        columns_en=", ".join(LABELS[of][1] for of in missing),
    )


def of_people(lines: Sequence[Sequence[Cell]]) -> Header | None:
    """The headings of a list that only says who: name and identity number; None when it has not both."""
    held = [at for at, cells in enumerate(lines) if any(not is_blank(cell) for cell in cells)][:SEARCHED_LINES]
    for at in held:
        found = _headings(lines, at, 1)
        if found is not None and {"name", "identity"} <= found.at.keys() and not found.twice():
            return Header(found.at, found.titles, at, at + 1)
    return None


def _headings(lines: Sequence[Sequence[Cell]], at: int, height: int) -> _Found | None:
    """What one row of headings says, or two together; None where the rows cannot be that."""
    upper = _titles(lines[at])
    if height == 1:
        return _matched([[title] for title in upper])
    if at + 1 == len(lines) or sum(map(bool, upper)) < 2:
        return None
    return _matched(_joined(upper, _titles(lines[at + 1])))


def _titles(cells: Sequence[Cell]) -> list[str]:
    """What a line's cells say as headings; a cell that says nothing usable is empty."""
    said = []
    for cell in cells:
        try:
            said.append("" if isinstance(cell, Merged) else text(cell))
        except CellTrouble:
            said.append("")
    return said


def _joined(upper: list[str], lower: list[str]) -> list[list[str]]:
    """Two rows of headings as the names each column may have: both together (the upper one may span), or either."""
    names = []
    spanning = ""
    for at in range(max(len(upper), len(lower))):
        top = upper[at] if at < len(upper) else ""
        bottom = lower[at] if at < len(lower) else ""
        spanning = top or (spanning if bottom else "")
        names.append([spanning + bottom, bottom, top] if bottom else [top])
    return names


def _matched(columns: list[list[str]]) -> _Found:
    """The fields the columns stand for; of several names of a column the first known one counts."""
    found = _Found()
    for at, names in enumerate(columns):
        for name in names:
            match = _field(name)
            if match is None:
                continue
            of, rank = match
            if of in found.at and rank == found.rank[of] and of in _NEEDED_ONCE:
                found.doubled[of] = (rank, name)
            if of not in found.at or rank < found.rank[of]:
                found.at[of], found.rank[of], found.titles[of] = at, rank, " ".join(name.split())
            break
    return found


def _field(title: str) -> tuple[Field, int] | None:
    """The field a heading names and how exactly (0 is best); None for another column."""
    if not title or len(title) > 60:
        return None
    folded = unicodedata.normalize("NFKC", title).casefold().replace("份證", "分證")
    whole, bare = _NOISE.sub("", folded), _NOISE.sub("", _BRACKETS.sub("", folded))
    if bare in _EXACT and bare != whole and "分" in whole.removeprefix(bare) and _EXACT[bare][0] == "hours":
        return ("minutes", _PART_RANK)  # 服務時數(分鐘)
    for name in (whole, bare):
        if name in _EXACT:
            return _EXACT[name]
    if _OTHERS.search(bare):
        return None
    return next(((of, _PART_RANK) for pattern, of in _PARTS if pattern.search(whole)), None)
