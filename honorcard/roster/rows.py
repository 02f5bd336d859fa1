"""One row of a unit's list: its cells read by the columns they stand in, and everything that is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from honorcard import identity, names
from honorcard.reason_texts import CATEGORY_NAMES
from honorcard.records import EXCLUDED_CATEGORIES, Category
from honorcard.roster import cells
from honorcard.roster.cells import Cell, CellTrouble, Merged, is_blank
from honorcard.roster.columns import LABELS, Field, Header

Value = TypeVar("Value")

_NOISE = re.compile(r"[\W_]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SUMS = _words("合計 總計 小計 共計 總和 平均 total subtotal sum average")
_NO = _words("無 沒有 否 未領 尚無 尚未 未有 無紀錄冊 沒有紀錄冊 no n none false x 0")
_RENEWAL = _words("換發 換領 續卡 續領 續發 換卡 舊卡換新卡 換新卡 重新申請 到期換發 renewal renew")
_FIRST = _words("首次 首次申請 新申請 新領 新辦 初次 初次申請 初領 第一次 第一次申請 first new firstcard")
# Fields of service, as lists have them under 類別: all of them are ordinary units (A10 asks for the organisation).
_ORDINARY = _words(
    "一般 一般志工 普通 社會福利 社福 祥和 祥和計畫 文化 教育 環保 環境保護 衛生 衛生保健 保健 醫療 體育 交通 觀光 "
    "文教 綜合 農業 科學 國際合作 青年 財稅 戶政 地政 司法 法務 勞工 客家 原住民 消費者保護 圖書 圖書館 "
    "導覽 社區 學校 高齡 身心障礙 兒童 婦女 ordinary ordinaryvolunteers general"
)
_EXCLUDED: dict[str, Category] = {
    "民防": "civil_defence", "civildefence": "civil_defence",
    "義勇警察": "volunteer_police", "義警": "volunteer_police", "volunteerpolice": "volunteer_police",
    "義勇交通警察": "volunteer_traffic_police", "義交": "volunteer_traffic_police", "義勇交警": "volunteer_traffic_police",
    "volunteertrafficpolice": "volunteer_traffic_police",
    "義勇消防": "volunteer_fire", "義消": "volunteer_fire", "volunteerfire": "volunteer_fire",
    "volunteerfireservice": "volunteer_fire",
    "守望相助": "neighbourhood_watch", "neighbourhoodwatch": "neighbourhood_watch",
    "neighborhoodwatch": "neighbourhood_watch", "neighbourhoodwatchundercivildefence": "neighbourhood_watch",
    "山地義勇警察": "mountain_police", "山地義警": "mountain_police", "mountainpolice": "mountain_police",
    "mountainvolunteerpolice": "mountain_police",
    "災害防救團體": "disaster_relief_group", "disasterreliefgroup": "disaster_relief_group",
    "disasterreliefgroups": "disaster_relief_group",
    "災害防救志願組織": "disaster_relief_organisation", "災害防救志願組織編組成員": "disaster_relief_organisation",
    "disasterrelieforganisation": "disaster_relief_organisation",
    "disasterreliefvolunteerorganisations": "disaster_relief_organisation",
}  # fmt: skip
_TAIL = re.compile(r"(?:大隊|中隊|分隊|小隊|總隊|隊|團|人員|隊員|志工|類別|類|志願服務|服務)+$")
_PASSPORT_BEFORE = re.compile(r"^\s*(?:護照(?:號碼)?|passport)\s*[:：]?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Trouble:
    """What is wrong in one cell. column: what the file calls it, empty for the whole row. code: of the catalogue."""

    line: int
    column: str
    code: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One row as read. identity_number: normalised, empty when there is none that may be used. minutes: of service.

    cells: as they stand in the file, to tell the same row twice. troubles: empty when the row can be judged.
    """

    line: int
    cells: tuple[Cell, ...]
    titles: dict[Field, str]
    name: str = ""
    identity_number: str = ""
    birth: date | None = None
    start: date | None = None
    last: date | None = None
    minutes: int | None = None
    previous: date | None = None
    category: Category = "ordinary"
    record_book: bool = True
    troubles: tuple[Trouble, ...] = ()

    def trouble(self, of: Field, code: str, **details: Any) -> Trouble:
        """A trouble in this row's cell of that column."""
        return Trouble(self.line, self.titles.get(of, LABELS[of][0]), code, details)


def is_aside(found: Sequence[Cell], header: Header) -> bool:
    """Whether a line is nobody's: a sum below a page, a banner merged over several columns."""
    held = [cell for cell in found if not is_blank(cell) and not isinstance(cell, Merged)]
    if any(isinstance(cell, str) and _folded(cell) in SUMS for cell in held):
        days = [at for of in ("start", "last", "period", "day", "identity") if (at := header.at.get(of)) is not None]
        return all(at >= len(found) or is_blank(found[at]) for at in days)
    return False


class _Reader:
    """The cells of one row by field; what cannot be read becomes a trouble."""

    def __init__(self, line: int, found: Sequence[Cell], header: Header) -> None:
        self.line, self.found, self.header = line, found, header
        self.troubles: list[Trouble] = []

    def cell(self, of: Field) -> Cell:
        at = self.header.at.get(of)
        return None if at is None or at >= len(self.found) else self.found[at]

    def say(self, of: Field, code: str, **details: Any) -> None:
        self.troubles.append(Trouble(self.line, self.header.titles.get(of, ""), code, details))

    def read(self, of: Field, how: Callable[[Cell], Value], otherwise: Value) -> Value:
        try:
            return how(self.cell(of))
        except CellTrouble as trouble:
            self.say(of, trouble.code, **trouble.details)
            return otherwise

    def has(self, of: Field) -> bool:
        return any(trouble.column == self.header.titles.get(of) for trouble in self.troubles)


def read_row(line: int, found: tuple[Cell, ...], header: Header, on: date, epoch: date) -> Row:
    """A row with all its troubles. on: the day of the check, after which no service can lie (A25)."""
    reader = _Reader(line, found, header)
    name = reader.read("name", name_in, "")
    number = _identity(reader)
    birth = reader.read("birth", lambda cell: cells.day(cell, epoch, service=False), None)
    if birth is not None and birth > on:
        reader.say("birth", "birth_in_future")
    ordinary: Category = "ordinary"
    category = reader.read("category", category_in, ordinary)
    record_book = reader.read("book", lambda cell: _folded(cells.text(cell)) not in _NO, True)
    previous = reader.read("previous", lambda cell: cells.day(_unmerged(cell), epoch), None)
    if (
        previous is None
        and not reader.has("previous")
        and "renewal" in (_kind(reader, "kind"), _kind(reader, "category"))
    ):
        reader.say("previous" if "previous" in header.at else "kind", "roster_previous_missing")
    start, last, minutes = None, None, None
    if record_book:
        start, last = _days(reader, epoch)
        minutes = _minutes(reader)
        if start and last and start > last:
            reader.say(_last_column(header), "roster_start_after_last", first=start, last=last)
        elif category not in EXCLUDED_CATEGORIES:
            _check_service(reader, start, last, minutes, on)
    return Row(
        line, found, header.titles, name, number, birth, start, last, minutes, previous, category, record_book,
        tuple(reader.troubles),
    )  # fmt: skip


def name_in(cell: Cell) -> str:
    name = names.tidy(cells.text(cell))
    problem = names.problem(name)
    if problem is not None:
        raise CellTrouble("roster_name_missing" if problem == "name_empty" else problem)
    if any(lost in name for lost in "?？\ufffd"):  # what Big5 leaves of 堃 and other rare characters
        raise CellTrouble("roster_name_lost")
    return name


def _identity(reader: _Reader) -> str:
    """The identity number of a row, normalised; a passport only where the list says that it is one (§3.1)."""
    of: Field = "identity"
    written = reader.read("identity", cells.text, "")
    passport = False
    if not written:
        of, passport = "passport", True
        written = reader.read("passport", cells.text, "")
    elif _PASSPORT_BEFORE.match(written):
        written, passport = _PASSPORT_BEFORE.sub("", written), True
    if not written:
        return ""
    reading = identity.read(written.removeprefix("'"), passport=passport)
    if reading.problem is None:
        return reading.number
    code = {"length": "roster_id_length", "characters": "roster_id_characters", "check_digit": "roster_id_check_digit"}
    reader.say(of, reading.problem_code or "" if passport else code[reading.problem])
    return ""


def _unmerged(cell: Cell) -> Cell:
    """What stands in a merged cell: the old card's day is one and the same for all rows of a person."""
    return cell.value if isinstance(cell, Merged) else cell


def category_in(cell: Cell) -> Category:
    """The category a cell names (R12); none is ordinary. Raises CellTrouble for a word nobody knows."""
    folded = _folded(cells.text(cell))
    for word in (folded, _TAIL.sub("", folded)):
        if not word or word in _ORDINARY or word in _FIRST or word in _RENEWAL:
            return "ordinary"
        if word in _EXCLUDED:
            return _EXCLUDED[word]
    raise CellTrouble(
        "roster_category",
        categories="、".join(zh for zh, _ in CATEGORY_NAMES.values()),
        categories_en=", ".join(en for _, en in CATEGORY_NAMES.values()),
    )


def _kind(reader: _Reader, of: Field) -> str:
    """`renewal` where a cell says so; anything else is no matter, the old card's day decides."""
    try:
        return "renewal" if _folded(cells.text(reader.cell(of))) in _RENEWAL else ""
    except CellTrouble:
        return ""


def _days(reader: _Reader, epoch: date) -> tuple[date | None, date | None]:
    """First and last day of a row, from whichever columns the list has."""
    start = reader.read("start", lambda cell: cells.day(cell, epoch), None)
    last = reader.read("last", lambda cell: cells.day(cell, epoch), None)
    nothing: tuple[date | None, date | None] = (None, None)
    for of in ("period", "day"):
        if start is None and last is None and not (reader.has("start") or reader.has("last")):
            start, last = reader.read(of, lambda cell: cells.days(cell, epoch), nothing)
    return start, last


def _minutes(reader: _Reader) -> int | None:
    """The service of a row in minutes: hours, minutes, or both added."""
    hours = reader.read("hours", cells.minutes, None)
    more = reader.read("minutes", lambda cell: cells.minutes(cell, in_minutes=True), None)
    return (hours or 0) + (more or 0) if (hours, more) != (None, None) else None


def _check_service(reader: _Reader, start: date | None, last: date | None, minutes: int | None, on: date) -> None:
    """Says what of the service lacks or cannot be."""
    if not any(reader.has(of) for of in ("start", "last", "period", "day")):
        needed: tuple[tuple[Field, date | None], ...] = (("start", start), ("last", last))
        for of, known in needed:
            column = of if of in reader.header.at else _last_column(reader.header)
            if known is None and not reader.has(column):
                reader.say(column, "roster_day_missing")
        if last and last > on:
            reader.say(_last_column(reader.header), "roster_day_to_come", day=last)
    if minutes is None and not (reader.has("hours") or reader.has("minutes")):
        reader.say("hours" if "hours" in reader.header.at else "minutes", "roster_hours_missing")


def _last_column(header: Header) -> Field:
    """The column in which the latest day stands."""
    known: tuple[Field, ...] = ("last", "period", "day")
    return next((of for of in known if of in header.at), "last")


def _folded(word: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", word).casefold())
