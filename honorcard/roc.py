"""ROC dates: reading what people write, printing what the card prints, and the calendar sums of the rules.

Source: domain rules §4 (forms and pitfalls) and §2.4 (full years, half years). What is not here: "today", which is
always an argument elsewhere, and whether a date is plausible for a birth or a service.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Literal

DateProblem = Literal["unreadable", "no_such_day", "year_out_of_range", "before_roc"]
DateNote = Literal["short_year"]
PeriodNote = Literal["short_year", "whole_month"]

ROC_OFFSET = 1911  # ROC 1 = 1912
LAST_ROC_YEAR = 200  # §4: 1..200 is read as ROC
FIRST_GREGORIAN_YEAR = 1900  # §4: 1900 and later is read as Gregorian

# Spaces are dropped wherever they stand ("108 .06. 02"); the invisible ones arrive with pasted text.
_SPACES = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
_WEEKDAY = (
    r"[(\[【〔](?:(?:星期|禮拜|週|周)?[一二三四五六日天]"
    r"|mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\.?[)\]】〕]"
)
_WEEKDAY_AT_AN_END = re.compile(rf"^{_WEEKDAY}|{_WEEKDAY}$", re.IGNORECASE)
_BEFORE_ROC = re.compile(r"(?:中華)?民國?前")
_PREFIX = re.compile(r"(?:中華)?民國")
_PARTED = re.compile(r"([0-9]+)[年./-]([0-9]{1,2})[月./-]([0-9]{1,2})日?")
_PLAIN = re.compile(r"([0-9]{2,4})([0-9]{2})([0-9]{2})")
_MONTH = re.compile(r"([0-9]+)[年./-]([0-9]{1,2})(?:月份?)?")
_PLAIN_MONTH = re.compile(r"([0-9]{3})([0-9]{2})")  # four or six digits could as well be a year, or a day
# Between two days; not the hyphen, which stands inside a day as well. NFKC makes ~ of the full-width tilde.
_UP_TO = re.compile(r"[~〜至到—–]")


@dataclass(frozen=True)
class DateReading:
    """What a written date says: the day, or why there is none.

    text: as given. date: None when there is a problem. note `short_year`: the year had one or two digits and no 民國
    before it, so a screen asks back before it believes the day.
    """

    text: str
    date: date | None
    problem: DateProblem | None = None
    note: DateNote | None = None

    @property
    def problem_code(self) -> str | None:
        """The code of the problem catalogue (`date_unreadable` …), None when the date was read."""
        return None if self.problem is None else f"date_{self.problem}"


@dataclass(frozen=True)
class PeriodReading:
    """What a written period says: its first and last day, both inclusive, or why there is none.

    notes: `whole_month` when only a month was written and the days are its first and last, which is said to the
    reviewer (§4, pitfall 7); `short_year` as for a day. A period may end before it begins: that is judged elsewhere.
    """

    text: str
    first: date | None
    last: date | None
    problem: DateProblem | None = None
    notes: tuple[PeriodNote, ...] = ()

    @property
    def problem_code(self) -> str | None:
        """The code of the problem catalogue (`date_unreadable` …), None when the period was read."""
        return None if self.problem is None else f"date_{self.problem}"


def read(text: str) -> DateReading:
    """What a date in any of the forms people write says; never raises.

    ROC years 1..200, Gregorian years from 1900; `108.06.02`, `108/6/2`, `民國108年6月2日`, `1080602`, `420330`,
    `2019-06-02`, full-width or with spaces, a weekday in brackets ignored. Source: §4.
    """
    squeezed = _SPACES.sub("", unicodedata.normalize("NFKC", text))
    squeezed = _WEEKDAY_AT_AN_END.sub("", squeezed, count=1)
    if _BEFORE_ROC.match(squeezed):
        return DateReading(text, None, "before_roc")
    prefix = _PREFIX.match(squeezed)
    digits = squeezed[prefix.end() :] if prefix else squeezed
    parts = _PARTED.fullmatch(digits) or _PLAIN.fullmatch(digits)
    if parts is None:
        return DateReading(text, None, "unreadable")
    year = _gregorian_year(parts[1])
    if year is None:
        return DateReading(text, None, "year_out_of_range")
    try:
        day = date(year, int(parts[2]), int(parts[3]))
    except ValueError:
        return DateReading(text, None, "no_such_day")
    return DateReading(text, day, note="short_year" if len(parts[1]) <= 2 and not prefix else None)


def read_month(text: str) -> PeriodReading:
    """The first and last day of a month that was written without days; never raises.

    `105.11`, `105年11月`, `民國105年11月份`, `10511`, `2016-11`. A row of the book may say only its month: §4, pitfall 7.
    """
    squeezed = _SPACES.sub("", unicodedata.normalize("NFKC", text))
    if _BEFORE_ROC.match(squeezed):
        return PeriodReading(text, None, None, "before_roc")
    prefix = _PREFIX.match(squeezed)
    digits = squeezed[prefix.end() :] if prefix else squeezed
    parts = _MONTH.fullmatch(digits) or _PLAIN_MONTH.fullmatch(digits)
    if parts is None:
        return PeriodReading(text, None, None, "unreadable")
    year = _gregorian_year(parts[1])
    if year is None:
        return PeriodReading(text, None, None, "year_out_of_range")
    month = int(parts[2])
    if not 1 <= month <= 12:
        return PeriodReading(text, None, None, "no_such_day")
    short: tuple[PeriodNote, ...] = ("short_year",) if len(parts[1]) <= 2 and not prefix else ()
    return PeriodReading(text, date(year, month, 1), _clamped(year, month, 31), notes=("whole_month", *short))


def read_period(text: str) -> PeriodReading:
    """The days from and to, as a row of the book writes them; never raises.

    One day, one month, or two of a kind with `~`, 至 or 到 between them: `105.11.01~105.11.30`, `105年11月至106年1月`.
    """
    ends = _UP_TO.split(unicodedata.normalize("NFKC", text))
    if len(ends) > 2:
        return PeriodReading(text, None, None, "unreadable")
    readings = [_day_or_month(end) for end in ends]
    problem = next((reading.problem for reading in readings if reading.problem), None)
    # `105.11.01~11.12` means 12 November, not December of ROC 11: nobody guesses.
    if problem is None and len({"whole_month" in reading.notes for reading in readings}) > 1:
        problem = "unreadable"
    if problem is not None:
        return PeriodReading(text, None, None, problem)
    notes = tuple(dict.fromkeys(note for reading in readings for note in reading.notes))
    return PeriodReading(text, readings[0].first, readings[-1].last, notes=notes)


def _day_or_month(text: str) -> PeriodReading:
    """A day as a period of one day, else a month; the problem of the day when it is neither."""
    day = read(text)
    if day.date is not None:
        return PeriodReading(text, day.date, day.date, notes=("short_year",) if day.note else ())
    month = read_month(text) if day.problem == "unreadable" else None
    return month if month and month.problem != "unreadable" else PeriodReading(text, None, None, day.problem)


def _gregorian_year(digits: str) -> int | None:
    """The Gregorian year meant by the digits of a year; None when no year of either calendar is meant."""
    significant = digits.lstrip("0")
    if not 1 <= len(significant) <= 4:  # year 0, or longer than a calendar reaches
        return None
    year = int(significant)
    if year <= LAST_ROC_YEAR:
        return year + ROC_OFFSET
    return year if year >= FIRST_GREGORIAN_YEAR else None


def roc_year(day: date) -> int:
    """The ROC year of a day. ValueError before 1912: there is no ROC year 0 (§4, pitfall 6)."""
    if day.year <= ROC_OFFSET:
        raise ValueError("no ROC year before 1912")
    return day.year - ROC_OFFSET


def dotted(day: date) -> str:
    """The day as the card's front prints it, `108.06.02` (R43). ValueError before 1912."""
    return f"{roc_year(day):03d}.{day.month:02d}.{day.day:02d}"


def written(day: date) -> str:
    """The day as the card's back prints a birth date, `042年03月30日` (R41). ValueError before 1912."""
    return f"{roc_year(day):03d}年{day.month:02d}月{day.day:02d}日"


def month_written(first: date) -> str:
    """The month of a day, `105年11月`: how a row is shown whose days nobody knows. ValueError before 1912."""
    return f"{roc_year(first):03d}年{first.month:02d}月"


def end_of_previous_month(day: date) -> date:
    """The last day of the month before: to where the city advises to settle the book (R9, R16): 105.11.15 → 105.10.31.

    The calendar's first day when there is no month before.
    """
    return day.replace(day=1) - timedelta(days=1) if day.replace(day=1) > date.min else date.min


def last_day_of_years(start: date, years: int = 3) -> date:
    """The last day, inclusive, needed for full years beginning on `start`.

    105.11.01 → 108.10.31; a start on 29 February ends on the last of February when the year has no 29th (Civil Code
    121-II), not on the day before it. OverflowError beyond the calendar's year 9999. Source: §2.4, A1.
    """
    year = start.year + years
    if year > MAXYEAR:
        raise OverflowError("beyond the last year of the calendar")
    if (start.month, start.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28)
    return date(year, start.month, start.day) - timedelta(days=1)


def years_after(day: date, years: int) -> date:
    """The same day some years later, 29 February becoming 28 (A6). OverflowError beyond year 9999."""
    year = day.year + years
    if year > MAXYEAR:
        raise OverflowError("beyond the last year of the calendar")
    return _clamped(year, day.month, day.day)


def years_before(day: date, years: int) -> date:
    """The same day some years earlier, 29 February becoming 28 (R18); the calendar's first day when there is none."""
    return months_before(day, 12 * years)


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, clamped to the month's end (§2.4): 106.08.31 − 6 → 106.02.28.

    The calendar's first day when the result would lie before it, so that a comparison still comes out right.
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return _clamped(year, month + 1, day.day) if year >= MINYEAR else date.min


def months_after(day: date, months: int) -> date:
    """The same day some months later, clamped to the month's end; the calendar's last day when there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return _clamped(year, month + 1, day.day) if year <= MAXYEAR else date.max


def _clamped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
