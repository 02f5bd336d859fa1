"""Which figures the statistics show, in words of the reader's language; each is a picture and its table."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask_babel import gettext as _gettext
from sqlalchemy import Connection

from center import words
from center.store import tally
from center.store.tally import COUNTED, STEPS, Of
from honorcard import corrections, yearly_report
from honorcard.yearly_report import Figure, Series
from web.languages import language

AHEAD = 24  # months of which it is said how many cards run out
MOST_PLACES = 50
_KINDS = ("first", "renewal", "reissue", "correction")
_BANDS = ((0, 19), (20, 29), (30, 39), (40, 49), (50, 59), (60, 64), (65, 69), (70, 74), (75, 79), (80, 200))


def gettext(sentence: str, **figures: object) -> str:
    """Flask-Babel's, with the type it has."""
    return str(_gettext(sentence, **figures))


@dataclass(frozen=True)
class Chosen:
    """The year, and one unit or one district of it."""

    year: int
    unit_id: str = ""
    district: str = ""

    @property
    def of(self) -> Of:
        """What the sums are asked for."""
        return Of((12 * self.year, 12 * self.year + 11), self.unit_id, self.district)

    def between(self, first: int, last: int) -> Of:
        """The same places in other months."""
        return Of((first, last), self.unit_id, self.district)

    def address(self) -> str:
        """The filters as the end of an address."""
        asked = {"year": self.year, "unit": self.unit_id, "district": self.district}
        return urlencode({name: value for name, value in asked.items() if value})


@dataclass(frozen=True)
class Year:
    """What the figures and the summary both read. sums: by what, month and kind; took: cases by step and length."""

    sums: dict[tuple[str, int, str], int]
    took: dict[str, int]


def year(conn: Connection, chosen: Chosen) -> Year:
    """The sums of the year that was chosen."""
    return Year(tally.by_month(conn, chosen.of, COUNTED), tally.by_detail(conn, chosen.of, "took"))


def every(conn: Connection, chosen: Chosen, today: date, of_year: Year | None = None) -> list[Figure]:
    """All of them, in their order. of_year: where it has been read already."""
    of_year = of_year or year(conn, chosen)
    sums = of_year.sums
    places = tally.by_place(conn, chosen.of, ("submitted", "returned", "issued"))
    reasons = tally.by_place(conn, chosen.of, ("reason",), detail=True)
    tablets = tally.by_place(conn, chosen.of, ("submitted", "returned"), devices=True)
    of_tablets = tally.by_place(conn, chosen.of, ("reason",), devices=True, detail=True)
    names = {row.unit_id: row.name for row in tally.units(conn)}
    called = tally.tablets(conn, {place for place, _, _ in tablets})
    return [
        _months(chosen, sums),
        _kinds(sums),
        _outcomes(sums),
        _turnaround(of_year.took),
        _reasons(tally.by_detail(conn, chosen.of, "reason")),
        _places("units", gettext("各單位的申請和退件"), gettext("單位"), places, reasons, names),
        _places("kiosks", gettext("各平板的申請和退件"), gettext("平板"), tablets, of_tablets, called),
        *_cards(conn, chosen, today),
        *_hours(conn, chosen, names),
    ]


def summary(of_year: Year, least: int = 0) -> list[tuple[str, str]]:
    """What the year came to, in a few figures: words and value. least: fewer people than that are withheld."""
    sums: Counter[str] = Counter()
    for (what, _, _), n in of_year.sums.items():
        sums[what] += n
    whole = _durations(of_year.took).get("whole", {})

    def count(what: str) -> str:
        return yearly_report.WITHHELD if 0 < sums[what] < least else f"{sums[what]:,}"

    hides = 0 < sum(whole.values()) < least
    return [
        (gettext("申請（件）"), count("submitted")),
        (gettext("核發（張）"), count("issued")),
        (gettext("退回補正（次）"), count("returned")),
        (
            gettext("送件到決定，中位數"),
            yearly_report.WITHHELD if hides or not whole else took_words(_quantile(whole, 0.5)),
        ),
    ]


def year_words(year: int, after: str = "") -> str:
    """A year: 「115 年」, in English 2026; and what follows it."""
    if language() == "zh":
        return f"{year - 1911} 年{after}"
    return f"{after} {year}".strip()


def took_words(minutes: float) -> str:
    """A duration, for people: minutes, then hours, then days."""
    if minutes < 60:
        return gettext("%(n)s 分鐘", n=round(minutes))
    if minutes < 48 * 60:
        return gettext("%(n)s 小時", n=f"{minutes / 60:.1f}")
    return gettext("%(n)s 天", n=f"{minutes / 1440:.1f}")


def _months(chosen: Chosen, sums: dict[tuple[str, int, str], int]) -> Figure:
    months = range(12 * chosen.year, 12 * chosen.year + 12)
    by: Counter[tuple[str, int]] = Counter()
    for (what, month, _), n in sums.items():
        by[what, month] += n
    series = tuple(
        Series(said, tuple(by[what, month] for month in months))
        for what, said in (
            ("submitted", gettext("申請件數")), ("issued", gettext("核發")), ("returned", gettext("退回")),
            ("refused", gettext("判定不符")),
        )
    )  # fmt: skip
    most = max(months, key=lambda month: by["submitted", month])
    title = gettext("每月的申請和核發")
    if by["submitted", most]:
        title = gettext("%(month)s申請最多", month=_month_words(most % 12 + 1))
    return Figure(
        "months", title, gettext("月"), tuple(_month_words(at + 1) for at in range(12)), series, shape="columns", drawn=2,
    )  # fmt: skip


def _kinds(sums: dict[tuple[str, int, str], int]) -> Figure:
    by: Counter[tuple[str, str]] = Counter()
    for (what, _, kind), n in sums.items():
        by[what, kind] += n
    return Figure(
        "kinds", gettext("申請的種類"), gettext("種類"), tuple(words.kind(kind) for kind in _KINDS),
        (
            Series(gettext("申請件數"), tuple(by["submitted", kind] for kind in _KINDS)),
            Series(gettext("核發"), tuple(by["issued", kind] for kind in _KINDS)),
        ),
    )  # fmt: skip


def _outcomes(sums: dict[tuple[str, int, str], int]) -> Figure:
    by: Counter[str] = Counter()
    for (what, _, _), n in sums.items():
        by[what] += n
    shown = ("approved", "returned", "issued", "reprinted", "refused", "withdrawn")
    return Figure(
        "outcomes", gettext("審查的決定"), gettext("決定"), tuple(words.move(what) for what in shown),
        (Series(gettext("次數"), tuple(by[what] for what in shown)),),
    )  # fmt: skip


def _turnaround(details: dict[str, int]) -> Figure:
    by = _durations(details)
    said = {
        "first": gettext("等待並完成初審"), "second": gettext("等待並完成複審"), "correction": gettext("退回到補正送回"),
        "whole": gettext("送件到決定"),
    }  # fmt: skip
    medians = tuple(round(_quantile(by[step], 0.5) / 60, 1) if by.get(step) else "—" for step in STEPS)
    late = tuple(took_words(_quantile(by.get(step, {}), 0.9)) if by.get(step) else "—" for step in STEPS)
    middle = tuple(took_words(_quantile(by.get(step, {}), 0.5)) if by.get(step) else "—" for step in STEPS)
    whole = by.get("whole")
    title = gettext("每一步要多久")
    if whole:
        title = gettext("送件到決定，一半在 %(time)s以內", time=took_words(_quantile(whole, 0.5)))
    return Figure(
        "turnaround", title, gettext("步驟"), tuple(said[step] for step in STEPS),
        (
            Series(gettext("中位數（小時）"), medians, counts=False), Series(gettext("中位數"), middle, counts=False),
            Series(gettext("九成在這之內"), late, counts=False),
            Series(gettext("件數"), tuple(sum(by.get(step, {}).values()) for step in STEPS)),
        ),
        note=gettext("含夜間與假日。"),
    )  # fmt: skip


def _reasons(details: dict[str, int]) -> Figure:
    ordered = sorted(details.items(), key=lambda one: (-one[1], one[0]))
    whole = sum(details.values())
    title = gettext("退回補正的原因")
    if ordered:
        title = gettext("退回補正，最多的是「%(reason)s」", reason=corrections.label(ordered[0][0], language()))
    return Figure(
        "reasons", title, gettext("原因"), tuple(corrections.label(code, language()) for code, _ in ordered),
        (
            Series(gettext("次數"), tuple(n for _, n in ordered)),
            Series(gettext("占全部"), tuple(f"{100 * n / whole:.0f} %" for _, n in ordered), counts=False),
        ),
    )  # fmt: skip


def _places(
    code: str, title: str, first: str, sums: dict[tuple[str, str, str], int], reasons: dict[tuple[str, str, str], int],
    names: dict[str, str],
) -> Figure:  # fmt: skip
    """A line for each unit or tablet, those with most applications first, with the reason it was sent back for most."""
    ids = sorted(
        {place for place, _, _ in sums}, key=lambda one: (-sums.get((one, "submitted", ""), 0), names.get(one, ""))
    )
    often: dict[str, Counter[str]] = defaultdict(Counter)
    for (place, _, reason), n in reasons.items():
        often[place][reason] += n
    shown = ids[:MOST_PLACES]
    came = tuple(sums.get((one, "submitted", ""), 0) for one in shown)
    back = tuple(sums.get((one, "returned", ""), 0) for one in shown)
    most = tuple(corrections.label(often[one].most_common(1)[0][0], language()) if often[one] else "" for one in shown)
    shares = tuple(f"{100 * gone / came_in:.0f} %" if came_in else "" for gone, came_in in zip(back, came, strict=True))
    note = "" if len(ids) <= MOST_PLACES else gettext("只列申請最多的 %(n)s 個。", n=MOST_PLACES)
    return Figure(
        code, title, first, tuple(names.get(one) or gettext("沒有單位") if one else gettext("沒有單位") for one in shown),
        (
            Series(gettext("申請件數"), came), Series(gettext("退回"), back),
            Series(gettext("退回率"), shares, counts=False),
            Series(gettext("最常見的原因"), most, counts=False),
        ),
        note=note,
    )  # fmt: skip


def _cards(conn: Connection, chosen: Chosen, today: date) -> list[Figure]:
    """Cards that are good now: when they run out, how old their holders are, in which district."""
    here = tally.month_of(today)
    ahead = chosen.between(here, here + AHEAD - 1)
    by: Counter[int] = Counter()
    for (_, month, _), n in tally.by_month(conn, ahead, ("card",)).items():
        by[month] += n
    months = range(here, here + AHEAD)
    most = max(months, key=lambda month: by[month])
    title = gettext("每月到期的卡片")
    if by[most]:
        title = gettext("%(month)s到期的卡片最多", month=_full_month(most))
    live = chosen.between(here, here + 1200)
    ages: Counter[tuple[int, int]] = Counter()
    unknown = 0
    for born, n in tally.by_detail(conn, live, "card").items():
        band = next((band for band in _BANDS if born and band[0] <= today.year - int(born) <= band[1]), None)
        if band is None:
            unknown += n
        else:
            ages[band] += n
    districts = sorted(tally.by_district(conn, live, "card").items(), key=lambda one: (-one[1], one[0]))
    bands = [(_band_words(band), ages[band]) for band in _BANDS] + ([(gettext("不明"), unknown)] if unknown else [])
    return [
        Figure(
            "expiring", title, gettext("月"), tuple(_full_month(month) for month in months),
            (Series(gettext("到期（張）"), tuple(by[month] for month in months)),), shape="columns",
            note=gettext("從這個月起 24 個月。"),
        ),
        Figure(
            "ages", gettext("持卡人的年齡"), gettext("年齡"), tuple(name for name, _ in bands),
            (Series(gettext("有效的卡（張）"), tuple(n for _, n in bands)),), note=gettext("今年減出生年。"),
        ),
        Figure(
            "districts", gettext("持卡人單位所在的行政區"), gettext("行政區"),
            tuple(name or gettext("不明") for name, _ in districts),
            (Series(gettext("有效的卡（張）"), tuple(n for _, n in districts)),),
        ),
    ]  # fmt: skip


def _hours(conn: Connection, chosen: Chosen, names: dict[str, str]) -> list[Figure]:
    """Hours by the year they were served in: of the record books on which cards were issued, and of the rows kept here."""
    years = range(chosen.year - 9, chosen.year + 1)
    span = chosen.between(12 * years[0], 12 * years[-1] + 11)
    books: Counter[int] = Counter()
    for (_, month, _), n in tally.by_month(conn, span, ("minutes",)).items():
        books[month // 12] += n
    rows = tally.entered_hours(conn, span)
    entered: Counter[int] = Counter()
    for (year, _), n in rows.items():
        entered[year] += n
    of_books = {place: n // 60 for (place, _, _), n in tally.by_place(conn, chosen.of, ("minutes",)).items()}
    of_rows = {place: n for (year, place), n in rows.items() if year == chosen.year}
    shown = sorted({*of_books, *of_rows}, key=lambda one: (-of_books.get(one, 0) - of_rows.get(one, 0), one))[
        :MOST_PLACES
    ]
    in_books, here = gettext("發卡時計入（小時）"), gettext("登錄（小時）")
    note = gettext("登錄是匯入、活動和單位登錄的時數，可能和紀錄冊重複，不要相加。")
    return [
        Figure(
            "hours", gettext("服務時數"), gettext("年"), tuple(year_words(year) for year in years),
            (
                Series(in_books, tuple(books[year] // 60 for year in years), counts=False),
                Series(here, tuple(entered[year] for year in years), counts=False),
            ),
            note=note, shape="columns", drawn=2,
        ),
        Figure(
            "unit_hours", gettext("各單位%(year)s的服務時數", year=year_words(chosen.year)), gettext("單位"),
            tuple(names.get(place) or gettext("沒有單位") for place in shown),
            (
                Series(in_books, tuple(of_books.get(place, 0) for place in shown), counts=False),
                Series(here, tuple(of_rows.get(place, 0) for place in shown), counts=False),
            ),
            note=note,
        ),
    ]  # fmt: skip


def _durations(details: dict[str, int]) -> dict[str, dict[int, int]]:
    """How many took how long, by step."""
    by: dict[str, dict[int, int]] = defaultdict(dict)
    for detail, n in details.items():
        step, _, size = detail.partition(":")
        by[step][int(size)] = n
    return by


def _quantile(sizes: dict[int, int], part: float) -> float:
    """The duration, in minutes, within which that part of them fell; 0 of none."""
    whole, seen = sum(sizes.values()), 0
    for size in sorted(sizes):
        seen += sizes[size]
        if seen >= part * whole:
            return tally.minutes_of(size)
    return 0.0


def _month_words(month: int) -> str:
    return f"{month} 月" if language() == "zh" else date(2000, month, 1).strftime("%b")


def _full_month(month: int) -> str:
    year, at = divmod(month, 12)
    return f"{year - 1911}.{at + 1:02d}" if language() == "zh" else f"{date(2000, at + 1, 1):%b} {year}"


def _band_words(band: tuple[int, int]) -> str:
    first, last = band
    if first == 0:
        return gettext("%(n)s 歲以下", n=last)
    if last == 200:
        return gettext("%(n)s 歲以上", n=first)
    return gettext("%(a)s–%(b)s 歲", a=first, b=last)
