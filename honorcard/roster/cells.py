"""One cell of a unit's list, whatever a spreadsheet made of it: text, a day, a time of service.

Text, numbers and real dates are all read; ROC and Gregorian days, Excel's serial numbers, full-width digits, hours as
`300.5`, `12:30` or a duration. What is not here: which column a cell stands in (columns), files (web.tables).
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from honorcard import hours, roc

Plain = str | int | float | date | time | timedelta | None

EXCEL_EPOCH = date(1899, 12, 30)  # day 0 of a workbook's serial numbers from March 1900 on
EXCEL_EPOCH_1904 = date(1904, 1, 1)  # day 0 of a workbook that counts from 1904
# Five digits and no more: from the first that cannot be a ROC year with its month (100.01 to 200.12) to 2099.
SERIALS = range(20_013, 73_051)
EARLIEST_SERVICE = date(1960, 1, 1)  # a day before it is a slip: a year of the wrong calendar, hours shown as a date
MINUTES_LIMIT = hours.HALF_HOURS_LIMIT * hours.MINUTES_PER_HALF_HOUR

_EDGES = " \t\r\n\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
_CLOCK_AFTER_DAY = re.compile(
    r"[\sT]+(?:上午|下午|AM|PM)?\s*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:AM|PM)?$", re.IGNORECASE
)
_FIVE_DIGITS = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_CLOCK = re.compile(r"([0-9]{1,6}):([0-5][0-9])(?::00)?")
_MINUTES = re.compile(r"([0-9]{1,9})(?:\.0+)?(?:分鐘?|min(?:utes?)?)?", re.IGNORECASE)
_BETWEEN_DAYS = re.compile(r"\s*(?:[~至到–—―]|\s-\s)\s*")


@dataclass(frozen=True)
class Unusable:
    """A cell that shows something no program can use: a formula nobody calculated, or an error value. where: `F7`."""

    code: Literal["roster_formula", "roster_cell_error"]
    where: str


@dataclass(frozen=True)
class Merged:
    """A cell that belongs to a merged one above it, and that one's value."""

    value: Plain


Cell = Plain | Unusable | Merged


class CellTrouble(Exception):
    """What keeps a cell from being read: a code of the problem catalogue and its details."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def is_blank(cell: Cell) -> bool:
    """Whether there is nothing to read in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip(_EDGES))


def text(cell: Cell) -> str:
    """The text a cell shows, a whole number without its point; empty for nothing. Raises CellTrouble."""
    if isinstance(cell, Unusable):
        raise CellTrouble(cell.code, where=cell.where)
    value = cell.value if isinstance(cell, Merged) else cell
    if value is None:
        return ""
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value).strip(_EDGES)


def _number(value: float) -> str:
    """A number as it would be typed; what the binary fraction adds behind the sixth place is dropped."""
    if not math.isfinite(value) or abs(value) >= 1e15:
        return str(value)
    return f"{value:.6f}".rstrip("0").rstrip(".")


def day(cell: Cell, epoch: date, *, service: bool = True) -> date | None:
    """The day a cell says, None for an empty one. epoch: day 0 of the file's serial numbers. Raises CellTrouble.

    service: the day of a service or a card, where a very early one is a slip; a birth may lie further back.
    """
    if isinstance(cell, Merged) and service:
        raise CellTrouble("roster_merged")
    value = cell.value if isinstance(cell, Merged) else cell
    if isinstance(value, datetime):
        found: date | None = value.date()
    elif isinstance(value, date):
        found = value
    elif isinstance(value, time | timedelta):
        raise CellTrouble("date_unreadable")
    else:
        found = _written_day(text(cell), epoch)
    if found is not None and service and found < EARLIEST_SERVICE:
        raise CellTrouble("roster_day_too_early", day=found)
    return found


def _written_day(written: str, epoch: date) -> date | None:
    """The day of a text or number. Raises CellTrouble."""
    if not written:
        return None
    folded = unicodedata.normalize("NFKC", written).strip(_EDGES)
    if _FIVE_DIGITS.fullmatch(folded) and int(folded[:5]) in SERIALS:
        return epoch + timedelta(days=int(folded[:5]))
    reading = roc.read(_CLOCK_AFTER_DAY.sub("", folded))
    if reading.date is None:
        raise CellTrouble(reading.problem_code or "date_unreadable")
    return reading.date


def days(cell: Cell, epoch: date) -> tuple[date | None, date | None]:
    """First and last day of a period written in one cell, `112.11.01~115.10.31`; a single day is both."""
    if isinstance(cell, str):
        parts = _BETWEEN_DAYS.split(unicodedata.normalize("NFKC", cell).strip(_EDGES))
        if len(parts) == 2:
            return day(parts[0], epoch), day(parts[1], epoch)
    only = day(cell, epoch)
    return only, only


def minutes(cell: Cell, *, in_minutes: bool = False) -> int | None:
    """The minutes of service a cell says, None for an empty one. Raises CellTrouble.

    Hours unless `in_minutes`; hours go in steps of 0.5 as everywhere (R24), a time of the form 12:30 by the minute.
    """
    if isinstance(cell, Merged):
        raise CellTrouble("roster_merged")
    if isinstance(cell, date):
        raise CellTrouble("roster_hours_are_a_day")
    if isinstance(cell, time):
        return cell.hour * 60 + cell.minute
    if isinstance(cell, timedelta):
        return _in_range(round(cell.total_seconds() / 60))
    written = text(cell)
    if not written:
        return None
    folded = unicodedata.normalize("NFKC", written).strip(_EDGES)
    clock = _CLOCK.fullmatch(folded)
    if clock:
        return _in_range(int(clock[1]) * 60 + int(clock[2]))
    if in_minutes:
        whole = _MINUTES.fullmatch(folded.replace(",", ""))
        if whole is None:
            raise CellTrouble("roster_minutes_unreadable")
        return _in_range(int(whole[1]))
    reading = hours.read(written)
    if reading.half_hours is None:
        raise CellTrouble(reading.problem_code or "hours_unreadable")
    return reading.half_hours * hours.MINUTES_PER_HALF_HOUR


def _in_range(found: int) -> int:
    if not 0 <= found <= MINUTES_LIMIT:
        raise CellTrouble("hours_range")
    return found
