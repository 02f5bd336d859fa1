"""Service rows as fields of a form: read, added, taken out, summed while they are typed.

A row needs its days and its hours. The first field takes a day, a month or both ends at once (`105.11.01~105.11.30`); a month
alone is asked back once, since nobody wrote its days (§4, pitfall 7). Hours go in steps of one half (R24) or as h:mm, since
minutes are summed first and floored once (A14).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from honorcard import hours, roc
from honorcard.records import CATEGORIES
from kiosk.asking.forms import FIRST_ROC_DAY, Trouble, day_of
from sync.wire import ServiceRow

MOST_ROWS = 200
FIRST_ROWS = 3  # how many empty ones a fresh page shows
MONTH_ONLY = "（只寫到月）"  # stands before the content, so that the reviewer sees what was read out of a month
LONGEST_WORDS = 100

FIELDS = ("start", "end", "hours", "item", "content", "unit", "category", "page")
COPIED = ("item", "unit", "category", "page")  # what a further row takes over from the one above it

_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9])")
_WORDED = re.compile(r"([0-9]{1,4})(?:個?小時|時)([0-5]?[0-9])分鐘?")


@dataclass(frozen=True)
class RowReading:
    """One row as it stands: what it says, or what is wrong or asked back; neither for an empty one."""

    row: ServiceRow | None
    troubles: tuple[Trouble, ...] = ()


def read_all(typed: Mapping[str, str], today: date, troubles: list[Trouble]) -> tuple[ServiceRow, ...]:
    """Every row that is not empty; what is wrong with one is added to `troubles`."""
    found = []
    for at in range(count(typed)):
        reading = read(typed, at, today)
        troubles.extend(reading.troubles)
        if reading.row is not None:
            found.append(reading.row)
    return tuple(found)


def read(typed: Mapping[str, str], at: int, today: date) -> RowReading:
    """The row typed at that place (from 0)."""
    if is_empty(typed, at):
        return RowReading(None)
    troubles: list[Trouble] = []
    name = gettext("第 %(row)s 列", row=at + 1)
    start, end, is_month = _days(typed, at, name, today, troubles)
    minutes = _minutes(typed.get(f"hours-{at}", ""), f"hours-{at}", gettext("%(row)s時數", row=name), troubles)
    if minutes is not None and start and end and start <= end and minutes > ((end - start).days + 1) * 1440:
        troubles.append(Trouble(f"hours-{at}", gettext("%(row)s時數", row=name), "hours_more_than_time"))
    if troubles or start is None or end is None or minutes is None:
        return RowReading(None, tuple(troubles))
    content = _words(typed, "content", at)
    is_month = is_month or content.startswith(MONTH_ONLY)
    page = typed.get(f"page-{at}", "")
    return RowReading(
        ServiceRow(
            start=start,
            end=end,
            minutes=minutes,
            item=_words(typed, "item", at),
            content=(MONTH_ONLY if is_month else "") + content.removeprefix(MONTH_ONLY),
            unit=_words(typed, "unit", at),
            category=category(typed, f"category-{at}"),
            page=int(page) if page.isdecimal() and len(page) < 4 and int(page) else None,
        )
    )


def read_shown(typed: Mapping[str, str], at: int, today: date) -> tuple[RowReading, dict[str, str]]:
    """The row as a page shows it while it is typed: what it asks back is taken as meant, since the page says it at the
    same time; with the fields that bring this back when the person goes on.
    """
    sure: dict[str, str] = {}
    reading = read(typed, at, today)
    for _ in range(2):  # from and to
        sure |= {f"{trouble.field}_sure": str(trouble.details["sure"]) for trouble in reading.troubles if trouble.asks}
        reading = read({**typed, **sure}, at, today)
    return reading, sure


def shown(typed: Mapping[str, str], today: date) -> tuple[ServiceRow, ...]:
    """The rows that can be read while they are typed, for their sum."""
    readings = (read_shown(typed, at, today)[0] for at in range(count(typed)))
    return tuple(reading.row for reading in readings if reading.row is not None)


def _days(
    typed: Mapping[str, str], at: int, name: str, today: date, troubles: list[Trouble]
) -> tuple[date | None, date | None, bool]:
    """First and last day of a row and whether it names months only; what is wrong is added to `troubles`."""
    first, last = f"start-{at}", f"end-{at}"
    first_label, last_label = gettext("%(row)s開始日", row=name), gettext("%(row)s結束日", row=name)
    begun, ended = _span(typed.get(first, "")), _span(typed.get(last, ""))
    is_month = any(span is not None and span.is_month for span in (begun, ended))
    start = begun.first if begun else day_of(typed, first, first_label, troubles, latest=today)
    if ended:
        end: date | None = ended.last
    elif typed.get(last, "").strip():
        end = day_of(typed, last, last_label, troubles)
    else:  # one day, the month that was named, or both ends in the first field
        end = begun.last if begun else start
    if end and end > today:
        where, label = (last, last_label) if typed.get(last, "").strip() else (first, first_label)
        troubles.append(Trouble(where, label, "date_in_future", {"day": end}))
    elif start and end and start > end:
        troubles.append(Trouble(last, last_label, "start_after_last"))
    elif start and end and begun:
        _ask_back(typed, first, first_label, begun, troubles)
    if start and end and ended:
        _ask_back(typed, last, last_label, ended, troubles)
    return start, end, is_month


@dataclass(frozen=True)
class Span:
    """A period written into one field: a month, or two days or months with a dash between."""

    first: date
    last: date
    is_month: bool
    is_short: bool

    @property
    def sure(self) -> str:
        """What the form returns when somebody has seen how it was read."""
        return f"{self.first.isoformat()}/{self.last.isoformat()}"


def _span(text: str) -> Span | None:
    """A period in one field; None for a single day, for nothing, and for what cannot be read."""
    reading = roc.read_period(text)
    first, last = reading.first, reading.last
    is_month = "whole_month" in reading.notes
    if first is None or last is None or first < FIRST_ROC_DAY or (first == last and not is_month):
        return None
    return Span(first, last, is_month, "short_year" in reading.notes)


def _ask_back(typed: Mapping[str, str], field: str, label: str, span: Span, troubles: list[Trouble]) -> None:
    """A month, or a period with a short year, is asked back until the form returns what it was read as."""
    if (span.is_month or span.is_short) and typed.get(f"{field}_sure") != span.sure:
        details = {"first": span.first, "last": span.last, "year": span.first.year, "sure": span.sure}
        code = "row_month_only" if span.is_month else "row_short_year"
        troubles.append(Trouble(field, label, code, details, asks=True))


def month_of(text: str) -> tuple[date, date] | None:
    """First and last day of a month written without a day, `105年11月` or `105.11`; None for anything else."""
    reading = roc.read_month(text)
    if reading.first is None or reading.last is None or reading.first < FIRST_ROC_DAY:
        return None
    return reading.first, reading.last


def _minutes(text: str, field: str, label: str, troubles: list[Trouble]) -> int | None:
    squeezed = unicodedata.normalize("NFKC", text).replace(" ", "")
    if not squeezed:
        troubles.append(Trouble(field, label, "hours_missing"))
        return None
    exact = _CLOCK.fullmatch(squeezed) or _WORDED.fullmatch(squeezed)
    if exact:
        minutes = int(exact[1]) * 60 + int(exact[2])
    else:
        read = hours.read(text)
        if read.half_hours is None:
            troubles.append(Trouble(field, label, read.problem_code or "hours_unreadable"))
            return None
        minutes = read.half_hours * hours.MINUTES_PER_HALF_HOUR
    if minutes == 0:
        troubles.append(Trouble(field, label, "hours_missing"))
        return None
    return minutes


def _words(typed: Mapping[str, str], name: str, at: int) -> str:
    return typed.get(f"{name}-{at}", "").strip()[:LONGEST_WORDS]


def category(typed: Mapping[str, str], field: str) -> str:
    """The organisation's category in a field (R12); ordinary when it holds none."""
    chosen = typed.get(field, "ordinary")
    return chosen if chosen in CATEGORIES else "ordinary"


# --- rows as fields ---


def is_field(name: str) -> bool:
    """Whether a field belongs to a row."""
    stem, _, place = name.removesuffix("_sure").partition("-")
    return stem in FIELDS and place.isdigit()


def count(typed: Mapping[str, str]) -> int:
    """How many rows the fields make up, empty ones included."""
    places = [int(name.removesuffix("_sure").partition("-")[2]) for name in typed if is_field(name)]
    return min(MOST_ROWS, max(places, default=-1) + 1)


def is_empty(typed: Mapping[str, str], at: int) -> bool:
    """Whether nobody typed anything in that row; what was taken over from the row above is nothing typed."""
    return not any(typed.get(f"{field}-{at}", "").strip() for field in ("start", "end", "hours", "content"))


def without(typed: Mapping[str, str], at: int) -> dict[str, str]:
    """The fields with one row taken out, the later ones moved up."""
    kept = {name: value for name, value in typed.items() if not is_field(name)}
    for new, old in enumerate(place for place in range(count(typed)) if place != at):
        for field in FIELDS:
            for ending in ("", "_sure"):
                if f"{field}-{old}{ending}" in typed:
                    kept[f"{field}-{new}{ending}"] = typed[f"{field}-{old}{ending}"]
    kept.setdefault("start-0", "")
    return kept


def with_further(typed: Mapping[str, str]) -> dict[str, str]:
    """The fields with one more row that takes over item, unit, category and page, as rows of one unit follow each other."""
    at = count(typed)
    if at >= MOST_ROWS:
        return dict(typed)
    above = {name: typed.get(f"{name}-{at - 1}", "") for name in COPIED} if at else {}
    return {**typed, f"start-{at}": ""} | {f"{name}-{at}": value for name, value in above.items() if value}


@dataclass(frozen=True)
class Sum:
    """What the rows typed so far come to, for the page to show while one types. pages: half hours by photographed page."""

    rows: int
    half_hours: int
    first: date | None
    last: date | None
    pages: tuple[tuple[int, int], ...] = ()


def sum_of(rows: tuple[ServiceRow, ...]) -> Sum:
    """The sum over rows, and over the rows of each page; minutes are summed before they are floored (A14)."""
    pages: dict[int, int] = {}
    for row in rows:
        if row.page:
            pages[row.page] = pages.get(row.page, 0) + row.minutes
    return Sum(
        len(rows),
        hours.from_minutes(sum(row.minutes for row in rows)),
        min((row.start for row in rows), default=None),
        max((row.end for row in rows), default=None),
        tuple((page, hours.from_minutes(minutes)) for page, minutes in sorted(pages.items())),
    )


def typed_from(rows: tuple[ServiceRow, ...]) -> dict[str, str]:
    """The fields filled in from rows that were not typed here: a returned case."""
    typed: dict[str, Any] = {}
    for at, row in enumerate(rows):
        month = roc.read_month(roc.month_written(row.start)) if row.start >= FIRST_ROC_DAY else None
        if row.content.startswith(MONTH_ONLY) and month and (month.first, month.last) == (row.start, row.end):
            typed[f"start-{at}"], typed[f"end-{at}"] = roc.month_written(row.start), ""
            typed[f"start-{at}_sure"] = f"{row.start.isoformat()}/{row.end.isoformat()}"
            content = row.content.removeprefix(MONTH_ONLY)
        else:
            typed[f"start-{at}"], typed[f"end-{at}"] = roc.dotted(row.start), roc.dotted(row.end)
            content = row.content
        typed[f"hours-{at}"] = f"{row.minutes // 60}:{row.minutes % 60:02d}"
        typed[f"item-{at}"], typed[f"unit-{at}"] = row.item, row.unit
        typed[f"content-{at}"] = content
        typed[f"category-{at}"] = row.category
        if row.page:
            typed[f"page-{at}"] = str(row.page)
    return typed
