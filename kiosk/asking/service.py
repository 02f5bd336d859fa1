"""The record book's question: its number 字第 號, and the service in it, as rows or as first day, last day and hours.

Hours go in steps of one half (R24); a row may also say h:mm, since minutes are summed first and floored once (A14).
A row that names a month alone, 105年11月, runs from its first day to its last and says so to the reviewer (§4).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext
from msgspec.structs import replace

from honorcard import hours, roc
from honorcard.records import CATEGORIES, RecordBook
from kiosk.asking.forms import FIRST_ROC_DAY, Reading, Trouble, day_of
from kiosk.drafting import Answers, Service
from sync.wire import Book, ServiceRow

MOST_ROWS = 200
FIRST_ROWS = 3  # how many empty ones a fresh page shows
MONTH_ONLY = "（只寫到月）"  # stands before the content, so that the reviewer sees what was read out of a month
LONGEST_CONTENT = 100

_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9])")
_WORDED = re.compile(r"([0-9]{1,4})(?:個?小時|時)([0-5]?[0-9])分鐘?")
_TOTAL_FIELDS = ("first_day", "last_day", "hours", "category")
_ROW_FIELDS = ("start", "end", "hours", "content", "category")


def read_book(answers: Answers, typed: Mapping[str, str], today: date) -> Reading:
    """Book number and service."""
    troubles: list[Trouble] = []
    book = RecordBook(typed.get("book_prefix", "").strip(), typed.get("book_number", "").strip())
    wrong = book.problem()
    if wrong is not None:
        where = "book_number" if book.prefix or not book.number else "book_prefix"
        troubles.append(Trouble(where, gettext("紀錄冊編號"), wrong))
    service = _rows(typed, today, troubles) if typed.get("mode") == "rows" else _totals(typed, today, troubles)
    books = () if wrong is not None else (Book(prefix=book.prefix, number=book.number),)
    return Reading(replace(answers, books=books, service=service), tuple(troubles))


def _totals(typed: Mapping[str, str], today: date, troubles: list[Trouble]) -> Service | None:
    before = len(troubles)
    first = day_of(typed, "first_day", gettext("服務開始日"), troubles, latest=today)
    last = day_of(typed, "last_day", gettext("最近一次服務日期"), troubles, latest=today)
    read = hours.read(typed.get("hours", ""))
    label = gettext("服務時數")
    if not typed.get("hours", "").strip():
        troubles.append(Trouble("hours", label, "hours_missing"))
    elif read.problem_code is not None:
        troubles.append(Trouble("hours", label, read.problem_code))
    if first and last and first > last:
        troubles.append(Trouble("last_day", gettext("最近一次服務日期"), "start_after_last"))
    elif first and last and (read.half_hours or 0) > ((last - first).days + 1) * 48:
        troubles.append(Trouble("hours", label, "hours_more_than_time"))
    if len(troubles) > before:
        return None
    return Service(first_day=first, last_day=last, half_hours=read.half_hours, category=_category(typed, "category"))


def _rows(typed: Mapping[str, str], today: date, troubles: list[Trouble]) -> Service | None:
    before = len(troubles)
    rows = [_row(typed, at, today, troubles) for at in range(row_count(typed)) if not is_empty(typed, at)]
    if not rows:
        troubles.append(Trouble("start-0", gettext("第 1 列"), "rows_missing"))
    if len(troubles) > before:
        return None
    return Service(rows=tuple(row for row in rows if row is not None))


def _row(typed: Mapping[str, str], at: int, today: date, troubles: list[Trouble]) -> ServiceRow | None:
    """The row typed at that place, None when something is wrong with it."""
    before = len(troubles)
    name = gettext("第 %(row)s 列", row=at + 1)
    start_label, end_label = gettext("%(row)s開始日", row=name), gettext("%(row)s結束日", row=name)
    hours_label = gettext("%(row)s時數", row=name)
    start_month = month_of(typed.get(f"start-{at}", ""))
    end_text = typed.get(f"end-{at}", "")
    end_month = month_of(end_text)
    if start_month:
        start: date | None = start_month[0]
    else:
        start = day_of(typed, f"start-{at}", start_label, troubles, latest=today)
    if end_month:
        end: date | None = end_month[1]
    elif not end_text.strip():  # one day, or the month that was named
        end = start_month[1] if start_month else start
    else:
        end = day_of(typed, f"end-{at}", end_label, troubles)
    if end and end > today:
        troubles.append(Trouble(f"end-{at}", end_label, "date_in_future", {"day": end}))
    if start and end and start > end:
        troubles.append(Trouble(f"end-{at}", end_label, "start_after_last"))
    minutes = _minutes(typed.get(f"hours-{at}", ""), f"hours-{at}", hours_label, troubles)
    if minutes is not None and start and end and start <= end and minutes > ((end - start).days + 1) * 1440:
        troubles.append(Trouble(f"hours-{at}", hours_label, "hours_more_than_time"))
    if len(troubles) > before or start is None or end is None or minutes is None:
        return None
    content = typed.get(f"content-{at}", "").strip()[:LONGEST_CONTENT]
    flag = MONTH_ONLY if start_month or end_month else ""
    return ServiceRow(
        start=start, end=end, minutes=minutes, content=flag + content, category=_category(typed, f"category-{at}")
    )


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


def month_of(text: str) -> tuple[date, date] | None:
    """First and last day of a month written without a day, `105年11月` or `105.11`; None for anything else."""
    reading = roc.read_month(text)
    if reading.first is None or reading.last is None or reading.first < FIRST_ROC_DAY:
        return None
    return reading.first, reading.last


def _category(typed: Mapping[str, str], field: str) -> str:
    category = typed.get(field, "ordinary")
    return category if category in CATEGORIES else "ordinary"


# --- rows as fields ---


def row_count(typed: Mapping[str, str]) -> int:
    """How many rows the fields make up, empty ones included."""
    places = [
        int(place)
        for name in typed
        for field, _, place in [name.partition("-")]
        if field in _ROW_FIELDS and place.isdigit()
    ]
    return min(MOST_ROWS, max(places, default=-1) + 1)


def is_empty(typed: Mapping[str, str], at: int) -> bool:
    """Whether nobody typed anything in that row."""
    return not any(typed.get(f"{field}-{at}", "").strip() for field in _ROW_FIELDS[:-1])


def without_row(typed: Mapping[str, str], at: int) -> dict[str, str]:
    """The fields with one row taken out, the later ones moved up."""
    count = row_count(typed)
    kept = {name: value for name, value in typed.items() if "-" not in name}
    for new, old in enumerate(place for place in range(count) if place != at):
        for field in _ROW_FIELDS:
            for ending in ("", "_sure"):
                if f"{field}-{old}{ending}" in typed:
                    kept[f"{field}-{new}{ending}"] = typed[f"{field}-{old}{ending}"]
    kept.setdefault("start-0", "")
    return kept


def with_the_other_way(typed: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """The fields, with those of the other way of typing the service as they were before: rows or totals.

    A page shows one way only; a wrong tap must not cost the other.
    """
    carried = {
        name: value
        for name, value in before.items()
        if ("-" in name and not any("-" in other for other in typed))
        or (name.removesuffix("_sure") in _TOTAL_FIELDS and not any(other in typed for other in _TOTAL_FIELDS))
    }
    return {**carried, **typed}


def with_row(typed: Mapping[str, str]) -> dict[str, str]:
    """The fields with one more empty row; its category is the one above, as rows of one unit follow each other."""
    count = row_count(typed)
    if count >= MOST_ROWS:
        return dict(typed)
    last = typed.get(f"category-{count - 1}", "ordinary")
    return {**typed, f"start-{count}": "", f"category-{count}": last}


@dataclass(frozen=True)
class Sum:
    """What the rows typed so far come to, for the page to show while one types."""

    rows: int
    half_hours: int
    first: date | None
    last: date | None


def sum_of(typed: Mapping[str, str], today: date) -> Sum:
    """The sum over the rows that can be read."""
    ignored: list[Trouble] = []
    rows = [
        row
        for at in range(row_count(typed))
        if not is_empty(typed, at) and (row := _row(typed, at, today, ignored)) is not None
    ]
    return Sum(
        len(rows),
        hours.from_minutes(sum(row.minutes for row in rows)),
        min((row.start for row in rows), default=None),
        max((row.end for row in rows), default=None),
    )


def typed_from_service(answers: Answers) -> dict[str, str]:
    """The fields filled in from a service that was not typed here: a returned case."""
    typed: dict[str, Any] = {}
    if answers.books:
        typed |= {"book_prefix": answers.books[0].prefix, "book_number": answers.books[0].number}
    service = answers.service
    if service is None:
        return typed
    if not service.rows:
        typed["mode"] = "totals"
        typed["first_day"] = roc.dotted(service.first_day) if service.first_day else ""
        typed["last_day"] = roc.dotted(service.last_day) if service.last_day else ""
        typed["hours"] = hours.printed(service.half_hours or 0)
        typed["category"] = service.category
        return typed
    typed["mode"] = "rows"
    for at, row in enumerate(service.rows):
        typed[f"start-{at}"], typed[f"end-{at}"] = roc.dotted(row.start), roc.dotted(row.end)
        typed[f"hours-{at}"] = f"{row.minutes // 60}:{row.minutes % 60:02d}"
        typed[f"content-{at}"] = row.content
        typed[f"category-{at}"] = row.category
    return typed
