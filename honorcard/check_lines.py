"""`honorcard check`: one application a line of JSON, one answer each, whatever the line holds.

The contract is in the design's command line chapter; the judging itself is eligibility's. Here a line is turned into
a claim, with one error for the first thing that keeps it from being one, and a verdict into JSON.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, TypeGuard

from honorcard import eligibility
from honorcard.claims import Claim, Reason, Verdict
from honorcard.jurisdiction import DEFAULT, check_overrides, in_force, overridden
from honorcard.problems import ProblemError
from honorcard.records import CATEGORIES, Category, ServiceRow

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_FIELDS = ("applied_on", "first_service", "last_service", "previous_valid_until", "counted_until")
# Python refuses to convert or print integers of more than 4,300 digits; below this even a sum of many can be printed.
_LONGEST_INTEGER = 4_000


class _LineError(Exception):
    """The first thing that keeps a line from being judged."""

    def __init__(self, code: str, rule: str, **details: Any) -> None:
        super().__init__(code)
        self.reason = Reason(code, rule, details)


def judge_lines(lines: Iterable[str | bytes], jurisdiction: str = DEFAULT) -> Iterator[dict[str, Any]]:
    """One answer a line, in order; see judge_line."""
    return (judge_line(line, jurisdiction) for line in lines)


def judge_line(line: str | bytes, jurisdiction: str = DEFAULT) -> dict[str, Any]:
    """The answer to one line: `id`, `outcome`, `reasons`, figures and notes, ready for json.dumps.

    Judged by the jurisdiction's settings of the line's own day; `rules` on the line overrides them. A null counts as
    absent. `id` is null when the line has none. Raises nothing but `jurisdiction_unknown`.
    """
    fields: dict[str, Any] = {}
    try:
        fields = _object(line)
        overrides = _overrides(fields)
        claim = _claim(fields)
        verdict = eligibility.judge(claim, overridden(in_force(jurisdiction, claim.applied_on), overrides))
    except _LineError as error:
        verdict = Verdict("error", (error.reason,))
    return _answer(_id(fields), verdict)


def _object(line: str | bytes) -> dict[str, Any]:
    """The line's JSON object. Raises `malformed` for anything else."""
    try:
        text = line.decode() if isinstance(line, bytes) else line
        fields = json.loads(text.removeprefix("\ufeff"), parse_int=_integer)
    except (ValueError, RecursionError):
        raise _malformed()
    if not isinstance(fields, dict):
        raise _malformed()
    return fields


def _integer(digits: str) -> int | float:
    """The integer; infinity, which is no integer, for one longer than Python converts."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else math.inf


def _malformed(**details: Any) -> _LineError:
    return _LineError("malformed", "R36", **details)


def _id(fields: dict[str, Any]) -> str | int | float | bool | None:
    """The line's id as it goes back: text or a number; None for what JSON could not carry back."""
    value = fields.get("id")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int) else None


def _overrides(fields: dict[str, Any]) -> dict[str, Any]:
    """The settings the line gives itself. Raises `malformed` naming one that cannot be used."""
    settings = fields.get("rules")
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        raise _malformed(field="rules")
    try:
        check_overrides(settings)
    except ProblemError as error:
        raise _malformed(field=f"rules.{error.details['setting']}")
    return settings


def _claim(fields: dict[str, Any]) -> Claim:
    """The claim a line makes. Raises the first error: malformed, bad_category, bad_hours, bad_date, in this order."""
    category, record_book = _shape(fields)
    rows = fields.get("entries") or []
    _check_categories(fields, rows)
    _check_hours(fields, rows)
    dates = {name: _date(fields[name], name) for name in _DATE_FIELDS if fields.get(name) is not None}
    entries = tuple(_row(row, place) for place, row in enumerate(rows, start=1))
    return Claim(
        applied_on=dates["applied_on"],
        first_service=dates.get("first_service"),
        last_service=dates.get("last_service"),
        half_hours=fields.get("half_hours"),
        entries=None if fields.get("entries") is None else entries,
        previous_valid_until=dates.get("previous_valid_until"),
        counted_until=dates.get("counted_until"),
        category=category,
        record_book=record_book,
    )


def _shape(fields: dict[str, Any]) -> tuple[Category, bool]:
    """Category and record book, once the line is known to have what it needs. Raises `malformed`."""
    for name in ("id", "applied_on"):
        if fields.get(name) is None:
            raise _malformed(field=name)
    if _id(fields) is None:
        raise _malformed(field="id")
    record_book = fields.get("record_book", True)
    record_book = True if record_book is None else record_book
    if not isinstance(record_book, bool):
        raise _malformed(field="record_book")
    entries = fields.get("entries")
    if entries is not None and not (isinstance(entries, list) and all(isinstance(row, dict) for row in entries)):
        raise _malformed(field="entries")
    category: Category = "ordinary" if fields.get("category") is None else fields["category"]
    typed = [name for name in ("first_service", "last_service", "half_hours") if fields.get(name) is None]
    # One that is in no list is not ordinary either: it is told as bad_category, not as figures left out.
    if entries is None and typed and record_book and category == "ordinary":
        raise _malformed(field=typed[0])
    return category, record_book


def _check_categories(fields: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Raises `bad_category` for one that is not in the list; an absent one is ordinary."""
    for place, holder in enumerate([fields, *rows]):
        category = holder.get("category")
        if category is not None and not (isinstance(category, str) and category in CATEGORIES):
            raise _LineError("bad_category", "R12", **({"row": place} if place else {}))


def _check_hours(fields: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Raises `bad_hours` for half hours or minutes that are no integer from 0."""
    half_hours = fields.get("half_hours")
    if half_hours is not None and not _is_count(half_hours):
        raise _LineError("bad_hours", "R24", field="half_hours")
    for place, row in enumerate(rows, start=1):
        if not _is_count(row.get("minutes")):
            raise _LineError("bad_hours", "R24", field="minutes", row=place)


def _is_count(value: object) -> TypeGuard[int]:
    """Whether a value is an integer from 0; true and false are none, though Python takes them for 1 and 0."""
    return type(value) is int and value >= 0


def _date(value: object, field: str, **details: Any) -> date:
    """An ISO day, `2019-11-01` and nothing else. Raises `bad_date` naming the field."""
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # of the right shape, but no such day
    raise _LineError("bad_date", "R36", field=field, **details)


def _row(row: dict[str, Any], place: int) -> ServiceRow:
    """One entry as a service row. Raises `bad_date`."""
    return ServiceRow(
        start=_date(row.get("from"), "from", row=place),
        end=_date(row.get("to"), "to", row=place),
        minutes=row["minutes"],
        category=row.get("category") or "ordinary",
    )


def _answer(line_id: str | int | float | bool | None, verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON holds it. Figures are null on lines that have no dates to judge."""
    dated = verdict.outcome in ("pass", "fail") and (
        verdict.counting_from is not None or verdict.half_hours is not None
    )
    return {
        "id": line_id,
        "outcome": verdict.outcome,
        "reasons": [_reason(reason) for reason in verdict.reasons],
        "counting_from": _plain(verdict.counting_from),
        "years_complete_on": _plain(verdict.years_complete_on),
        "half_hours": verdict.half_hours,
        "notes": [note.code for note in verdict.notes] if dated else None,
        "eligible_on": _plain(verdict.eligible_on),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "rule": reason.rule} | {key: _plain(value) for key, value in reason.details.items()}


def _plain(value: Any) -> Any:
    """A day as ISO text; anything else as it is."""
    return value.isoformat() if isinstance(value, date) else value
