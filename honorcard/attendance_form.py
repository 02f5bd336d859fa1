"""An event as somebody types it, at the center or on a tablet: days, times, hours, course; read by one rule at both.

What is not here: what comes of the people who were there (attendance).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from honorcard import hours, roc
from honorcard.attendance import LONGEST_MS, TAIPEI, Counting, Course, EventKind
from honorcard.problems import ProblemError

LONGEST_TITLE = 60
HALF_HOURS_A_DAY = 48
_TIME = re.compile(r"([01]?[0-9]|2[0-4]):?([0-5][0-9])")


@dataclass(frozen=True)
class Asked:
    """An event as it was asked for; moments in milliseconds of Unix time. half_hours: 0 where the clock counts."""

    kind: EventKind
    title: str
    place: str
    starts_ms: int
    ends_ms: int
    counting: Counting
    half_hours: int
    item: str
    course: Course
    field: str


def read(form: Mapping[str, str]) -> Asked:
    """The event in a form's fields `kind`, `title`, `place`, `day`, `until_day`, `from`, `to`, `counting`, `hours`, `item`,
    `course`, `field`. ProblemError with an `event_` code for what is missing or cannot be.
    """
    title = _line(form.get("title", ""))
    if not title or len(title) > LONGEST_TITLE:
        raise ProblemError("event_title_missing")
    kind: EventKind = "training" if form.get("kind") == "training" else "activity"
    first = _day(form.get("day", ""))
    last = _day(form["until_day"]) if form.get("until_day", "").strip() else first
    starts_ms, ends_ms = at(first, form.get("from", "")), at(last, form.get("to", ""))
    if not starts_ms < ends_ms <= starts_ms + LONGEST_MS:
        raise ProblemError("event_times_wrong")
    counting: Counting = "fixed" if form.get("counting") == "fixed" else "clock"
    half_hours = _fixed(form.get("hours", ""), (last - first).days + 1) if counting == "fixed" else 0
    course: Course = ""
    field = ""
    if kind == "training":
        course = "basic" if form.get("course") == "basic" else "special" if form.get("course") == "special" else ""
        field = _line(form.get("field", ""))[:LONGEST_TITLE] if course == "special" else ""
        if not course or (course == "special" and not field):
            raise ProblemError("event_course_missing")
    place, item = (_line(form.get(name, ""))[:LONGEST_TITLE] for name in ("place", "item"))
    return Asked(kind, title, place, starts_ms, ends_ms, counting, half_hours, item, course, field)


def at(day: date, typed: str) -> int:
    """The moment of that time of that day in Taiwan, `09:00`, `0900` or `24:00`. ProblemError `event_times_wrong`."""
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", typed).strip())
    if found is None:
        raise ProblemError("event_times_wrong")
    hour, minute = int(found[1]), int(found[2])
    midnight = int(datetime.combine(day, time(0, 0), TAIPEI).timestamp()) * 1000
    if hour == 24 and minute:
        raise ProblemError("event_times_wrong")
    return midnight + (hour * 60 + minute) * 60_000


def _day(typed: str) -> date:
    found = roc.read(typed).date
    if found is None:
        raise ProblemError("event_day_wrong")
    return found


def _fixed(typed: str, number_of_days: int) -> int:
    found = hours.read(typed).half_hours
    if not found or not 0 < found <= number_of_days * HALF_HOURS_A_DAY:
        raise ProblemError("event_hours_wrong")
    return found


def _line(typed: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in typed).split())
