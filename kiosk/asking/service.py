"""The record book's question: the numbers of the books, and the service in them, as rows or as first day, last day, hours.

The rows are in `rows`, the numbers in `books`. What is not here: which page a row stands on (places), the verdict (judging).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext
from msgspec.structs import replace

from honorcard import hours, roc
from kiosk.asking import books, rows
from kiosk.asking.forms import Reading, Trouble, day_of
from kiosk.drafting import Answers, Service

_TOTAL_FIELDS = ("first_day", "last_day", "hours", "category")


def read_book(answers: Answers, typed: Mapping[str, str], today: date) -> Reading:
    """Book numbers and service."""
    troubles: list[Trouble] = []
    numbers = books.read(answers.record, typed, today, troubles)
    service = _rows(typed, today, troubles) if typed.get("mode") == "rows" else _totals(typed, today, troubles)
    return Reading(replace(answers, books=numbers, service=service), tuple(troubles))


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
    return Service(
        first_day=first, last_day=last, half_hours=read.half_hours, category=rows.category(typed, "category")
    )


def _rows(typed: Mapping[str, str], today: date, troubles: list[Trouble]) -> Service | None:
    before = len(troubles)
    found = rows.read_all(typed, today, troubles)
    if not found and len(troubles) == before:
        troubles.append(Trouble("start-0", gettext("第 1 列"), "rows_missing"))
    return Service(rows=found) if len(troubles) == before else None


def with_the_other_way(typed: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """The fields, with those of the other way of typing the service as they were before: rows or totals.

    A page shows one way only; a wrong tap must not cost the other.
    """
    has_rows, has_totals = any(map(rows.is_field, typed)), any(name in typed for name in _TOTAL_FIELDS)
    carried = {
        name: value
        for name, value in before.items()
        if (not has_rows and rows.is_field(name)) or (not has_totals and name.removesuffix("_sure") in _TOTAL_FIELDS)
    }
    return {**carried, **typed}


def typed_from_service(answers: Answers) -> dict[str, str]:
    """The fields filled in from books and a service that were not typed here: a returned case."""
    typed = books.typed_from(answers.books)
    service = answers.service
    if service is None:
        return typed
    if service.rows:
        return {**typed, "mode": "rows", **rows.typed_from(service.rows)}
    return {
        **typed,
        "mode": "totals",
        "first_day": roc.dotted(service.first_day) if service.first_day else "",
        "last_day": roc.dotted(service.last_day) if service.last_day else "",
        "hours": hours.printed(service.half_hours or 0),
        "category": service.category,
    }
