"""A service record as both apps' pages show it: figures, years and reasons in words of the language that is spoken.

What is not here: the figures themselves (honorcard.collected, honorcard.service_record), the sheet (honorcard.record_sheet).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from honorcard import hours
from honorcard import service_record_words as words
from honorcard.collected import History, Look
from honorcard.problems import Language
from honorcard.records import ServiceRow
from honorcard.service_record import Fate, Sum, YearLine


@dataclass(frozen=True)
class UnitLine:
    """One unit within a year. hours: with halves."""

    unit: str
    first: date
    last: date
    rows: int
    hours: str
    over_new_year: bool


@dataclass(frozen=True)
class Year:
    """One year with its units."""

    name: str
    hours: str
    units: tuple[UnitLine, ...]


@dataclass(frozen=True)
class Row:
    """One row of the book. worth: what it is worth for the next card, or that it is under review."""

    first: date
    last: date
    unit: str
    what: str
    hours: str
    worth: str
    fate: Fate | None


@dataclass(frozen=True)
class Told:
    """A record in words. opens: the day on which a renewal opens, only while it lies ahead; short: hours missing, or "0"."""

    passed: bool
    total: str
    counted: str
    short: str
    opens: date | None
    summary: tuple[str, ...]
    years: tuple[Year, ...]
    waiting: str
    waiting_years: tuple[Year, ...]
    ahead: tuple[str, ...]
    why: tuple[str, ...]
    trainings: tuple[str, ...]
    cards: tuple[str, ...]
    rows: tuple[Row, ...]
    only_totals: bool


def told(history: History, seen: Look, language: Language) -> Told:
    """The record of a history as of the day it was looked at."""
    record, ahead, on = seen.record, seen.ahead, seen.record.on
    return Told(
        passed=ahead.verdict.passed,
        total=hours.printed(record.total.half_hours),
        counted=hours.printed(ahead.verdict.half_hours or 0),
        short=hours.printed(ahead.half_hours_short),
        opens=ahead.opens if ahead.opens is not None and ahead.opens > on else None,
        summary=tuple(words.summary(record, language)),
        years=_years(record.lines, language),
        waiting=words.under_review(seen.waiting_total, language) if seen.waiting else "",
        waiting_years=_years(seen.waiting, language),
        ahead=tuple(words.next_card(ahead, on, language)),
        why=tuple(words.why(ahead, on, language)),
        trainings=tuple(words.training(done, language) for done in record.trainings),
        cards=tuple(words.card(held, on, language) for held in record.cards),
        rows=_rows(history, seen, language),
        only_totals=history.only_totals,
    )


def _years(lines: tuple[YearLine, ...], language: Language) -> tuple[Year, ...]:
    """Lines come newest year first."""
    years = []
    for roc_year, group in groupby(lines, key=lambda line: line.roc_year):
        of_year = list(group)
        minutes = sum(line.total.half_hours * hours.MINUTES_PER_HALF_HOUR + line.total.minutes_over for line in of_year)
        units = tuple(
            UnitLine(
                words.unit(line.unit, language), line.first, line.last, line.total.rows,
                hours.printed(line.total.half_hours), line.over_new_year,
            )
            for line in of_year
        )  # fmt: skip
        years.append(Year(words.year(roc_year, language), hours.printed(hours.from_minutes(minutes)), units))
    return tuple(years)


def _rows(history: History, seen: Look, language: Language) -> tuple[Row, ...]:
    """Every row, the latest first; those under review say so instead of a worth."""
    settled = zip(history.person.rows, seen.record.fates, strict=True)
    under_review = "審查中" if language == "zh" else "under review"
    rows = [(row, words.fate(fate, language), fate) for row, fate in settled]
    waiting: list[tuple[ServiceRow, str, Fate | None]] = [(row, under_review, None) for row in history.under_review]
    return tuple(
        Row(
            row.start,
            row.end,
            words.unit(row.unit.strip(), language),
            " ".join(part for part in (row.item, row.content) if part),
            words.amount(Sum.of([row]), language),
            worth,
            fate,
        )
        for row, worth, fate in sorted([*rows, *waiting], key=lambda one: (one[0].end, one[0].start), reverse=True)
    )
