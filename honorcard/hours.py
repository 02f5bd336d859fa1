"""Hours as people write them, read into half hours; half hours and minutes printed back.

Source: R24 (steps of half an hour), A14 (minutes are summed first, then floored once). What is not here: which count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

HoursProblem = Literal["unreadable", "step", "range"]

HALF_HOURS_LIMIT = 200_000  # 100,000 hours: more than eleven years day and night, so a slip of the keyboard
MINUTES_PER_HALF_HOUR = 30  # R24

_SPACES = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
_COMMAS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])")
_DECIMAL = re.compile(r"(-?)([0-9]*)(?:\.([0-9]+))?(?:個?小時|時|hours?|hrs?\.?|h)?", re.IGNORECASE)
_WITH_MINUTES = re.compile(r"(-?)([0-9]+)(?:個?小時|時|h)([0-9]{1,2})(?:分鐘?|m|min)", re.IGNORECASE)


@dataclass(frozen=True)
class HoursReading:
    """Hours as read: half hours, or why there are none."""

    text: str
    half_hours: int | None
    problem: HoursProblem | None = None

    @property
    def problem_code(self) -> str | None:
        """The code of the problem catalogue (`hours_step` …), None when the hours were read."""
        return None if self.problem is None else f"hours_{self.problem}"


def read(text: str) -> HoursReading:
    """The half hours a text says: `300.5`, `３００小時`, `1,234.5`, `300½`, `12小時30分`; never raises.

    0.3 hours is refused (`step`): hours are booked in halves, and rounding is not the person's to do. Source: R24.
    """
    # Before NFKC, which would make "3001/2" of 300½.
    squeezed = _SPACES.sub("", unicodedata.normalize("NFKC", text.replace("½", ".5")))
    squeezed = _COMMAS.sub(lambda match: match[0].replace(",", ""), squeezed, count=1)
    with_minutes = _WITH_MINUTES.fullmatch(squeezed)
    if with_minutes:
        sign, whole, minutes = with_minutes.groups()
        if int(minutes) >= 60:
            return HoursReading(text, None, "unreadable")
        return _checked(text, sign, whole, {0: "", 30: "5"}.get(int(minutes), "3"))
    decimal = _DECIMAL.fullmatch(squeezed)
    if decimal is None or not (decimal[2] or decimal[3]):
        return HoursReading(text, None, "unreadable")
    return _checked(text, decimal[1], decimal[2], decimal[3] or "")


def _checked(text: str, sign: str, whole: str, fraction: str) -> HoursReading:
    """The reading of `whole.fraction` hours, the step looked at before the range."""
    fraction = fraction.rstrip("0")
    if fraction not in ("", "5"):
        return HoursReading(text, None, "step")
    whole = whole.lstrip("0") or "0"
    # The length first: Python refuses to convert thousands of digits.
    if len(whole) > 6:
        return HoursReading(text, None, "range")
    half_hours = 2 * int(whole) + (1 if fraction else 0)
    if half_hours > HALF_HOURS_LIMIT or (sign and half_hours):
        return HoursReading(text, None, "range")
    return HoursReading(text, half_hours)


def from_minutes(minutes: int) -> int:
    """Half hours in a sum of minutes, the remainder dropped: 18,010 are 600 (A14). Give it the sum, not rows."""
    return minutes // MINUTES_PER_HALF_HOUR


@dataclass(frozen=True)
class Steps:
    """Rows in steps of half an hour, as the national system takes them, summing to what counts (A14).

    rows: half hours of each, floored. remainder: half hours that only the sum of the rows makes, for a row of their own.
    minutes_over: less than half an hour, dropped once.
    """

    rows: tuple[int, ...]
    remainder: int
    minutes_over: int


def in_steps(minutes: Sequence[int]) -> Steps:
    """The minutes of rows in half hours, nothing lost but what the sum itself drops: 6010 + 6010 + 5990 give 600."""
    total = sum(minutes)
    rows = tuple(from_minutes(amount) for amount in minutes)
    return Steps(rows, from_minutes(total) - sum(rows), total % MINUTES_PER_HALF_HOUR)


def printed(half_hours: int) -> str:
    """Half hours as hours for a screen: 600 → `300`, 599 → `299.5`."""
    return f"{half_hours // 2}{'.5' if half_hours % 2 else ''}"
