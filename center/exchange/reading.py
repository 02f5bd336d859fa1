"""A line of a list → what it says, or what is wrong with which cell. Values stay out of troubles: only their shape is kept.

What is not here: whether such a unit or person is known, and what the line would change (comparing).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from center.exchange.fields import FIELDS, Field, Kind
from center.exchange.headings import Head, folded, shown
from honorcard import hours, identity, names
from honorcard.roster import Cell, Line, Merged, Unusable, cells
from honorcard.roster.cells import CellTrouble, is_blank
from honorcard.roster.rows import SUMS, category_in, name_in
from web.countries import countries, is_country

HALF_HOURS_A_DAY = 48
_ID_CODES = {"length": "roster_id_length", "characters": "roster_id_characters", "check_digit": "roster_id_check_digit"}
_KEPT_AS_TEXT = re.compile(
    r"^'(?=[\d=+\-@＝＋－＠])"
)  # how a CSV for spreadsheets keeps a number's zeros, and a text a text


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a cell. of: the field; column: from 0, -1 for one the list has not; shape: what kind of value it is."""

    of: str
    column: int
    shape: str
    code: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Read:
    """A line as read. entry: values by field (days as ISO text, hours as half hours); empty when there is a trouble.

    cells: the line as it stood. It says nothing about anybody where it is printed.
    """

    line: int
    cells: tuple[str, ...]
    entry: dict[str, Any]
    troubles: list[Trouble] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"Read(line={self.line}, …)"


class Reader:
    """Reads the lines of one list. today: no service lies behind it; epoch: day 0 of the file's serial numbers."""

    def __init__(self, kind: Kind, head: Head, today: date, epoch: date) -> None:
        self._kind, self._head, self._today, self._epoch = kind, head, today, epoch
        self._fields = [one for one in FIELDS[kind] if one.code in head.at]
        self._titles = [folded(title) for title in head.titles]
        self._ways: dict[str, Callable[[Cell, Field], Any]] = {
            "code": _code, "text": _text, "name": _name, "english": _english, "identity": _plain, "passport": _plain,
            "country": _country, "birth": self._birth, "day": self._day, "later": self._later, "hours": _half_hours,
            "unit": _text, "category": _category, "course": _course,
        }  # fmt: skip

    def is_aside(self, line: Line) -> bool:
        """Whether a line is nobody's: above the headings, the headings again, a sum."""
        if line.number <= self._head.line:
            return True
        held = [shown(cell) for cell in line.cells if not is_blank(cell) and not isinstance(cell, Merged)]
        if not held:
            return True
        key = self._head.at.get("identity", self._head.at.get("code", -1))
        if not 0 <= key < len(line.cells) or is_blank(line.cells[key]):
            return any(folded(said) in SUMS for said in held)
        return [folded(shown(cell)) for cell in line.cells] == self._titles[: len(line.cells)]

    def read(self, line: Line) -> Read:
        """The line's values, each checked by itself and with the others of its line."""
        found = Read(line.number, tuple(shown(cell) for cell in line.cells), {})
        for one in self._fields:
            cell = self._cell(line, one.code)
            if is_blank(cell):
                if one.needed:
                    found.troubles.append(self.trouble(line, one.code, "exchange_needed"))
                continue
            try:
                value = self._ways[one.reads](cell, one)
            except CellTrouble as trouble:
                found.troubles.append(self.trouble(line, one.code, trouble.code, **trouble.details))
                continue
            if value is not None and value != "":
                found.entry[one.code] = value
        self._together(line, found)
        found.troubles.sort(key=lambda one: one.column)
        if found.troubles:
            found.entry = {}
        return found

    def trouble(self, line: Line, of: str, code: str, **details: Any) -> Trouble:
        """A trouble of this line's cell in that column."""
        return trouble(self._head.at, shape(self._cell(line, of)), of, code, **details)

    def _cell(self, line: Line, of: str) -> Cell:
        at = self._head.at.get(of, -1)
        cell = line.cells[at] if 0 <= at < len(line.cells) else None
        return _KEPT_AS_TEXT.sub("", cell) if isinstance(cell, str) else cell

    def _together(self, line: Line, found: Read) -> None:
        entry, said = found.entry, {trouble.of for trouble in found.troubles}

        def say(of: str, code: str, **details: Any) -> None:
            if of not in said:
                found.troubles.append(self.trouble(line, of, code, **details))

        if self._kind != "units":
            self._whose(line, entry, say, said)
        pairs = {"volunteers": ("since", "until"), "hours": ("start", "end"), "cards": ("issued", "valid_until")}
        first, last = pairs.get(self._kind, ("", ""))
        if first in entry and entry.get(last, entry[first]) < entry[first]:
            days = {"first": date.fromisoformat(entry[first]), "last": date.fromisoformat(entry[last])}
            say(last, "exchange_ends_before_it_begins", **days)
        if self._kind == "hours" and {"start", "hours"} <= entry.keys():
            entry.setdefault("end", entry["start"])
            days_long = (date.fromisoformat(entry["end"]) - date.fromisoformat(entry["start"])).days + 1
            if not entry["hours"]:
                say("hours", "exchange_no_hours")
            elif days_long > 0 and entry["hours"] > HALF_HOURS_A_DAY * days_long:
                say("hours", "exchange_hours_over_days", days=days_long)
        if self._kind == "cards" and entry.get("counted_until", "") > entry.get("valid_until", "9"):
            say("counted_until", "exchange_counted_after_end")

    def _whose(self, line: Line, entry: dict[str, Any], say: Callable[..., None], said: set[str]) -> None:
        """The person's number, normalised, under `number`, and under `country` where it is a passport's."""
        written = entry.pop("identity", "")
        passport = entry.pop("passport", "")
        of = "identity"
        if not written and passport:
            of, written = "passport", passport
        if not written:
            if not said & {"identity", "passport"}:
                say("identity" if "identity" in self._head.at else "passport", "exchange_needed")
            return
        reading = identity.read(written, passport=of == "passport")
        if reading.problem is not None:
            say(of, reading.problem_code or "" if of == "passport" else _ID_CODES[reading.problem])
        elif of == "passport" and "country" not in entry:
            say("country", "exchange_country_needed")
        else:
            entry["number"] = reading.number
            if of == "identity":
                entry.pop("country", None)

    def _birth(self, cell: Cell, _: Field) -> str | None:
        return self._not_after_today(cells.day(cell, self._epoch, service=False))

    def _day(self, cell: Cell, _: Field) -> str | None:
        return self._not_after_today(cells.day(cell, self._epoch))

    def _later(self, cell: Cell, _: Field) -> str | None:
        day = cells.day(cell, self._epoch)
        return None if day is None else day.isoformat()

    def _not_after_today(self, day: date | None) -> str | None:
        if day is not None and day > self._today:
            raise CellTrouble("exchange_day_to_come", day=day)
        return None if day is None else day.isoformat()


def trouble(at: Mapping[str, int], shaped: str, of: str, code: str, **details: Any) -> Trouble:
    """A trouble in the column of a field. at: the list's columns; shaped: the shape of what stands there."""
    said = {name: value.isoformat() if isinstance(value, date) else value for name, value in details.items()}
    return Trouble(of, at.get(of, -1), shaped, code, said)


def shape(cell: Cell) -> str:
    """What kind of value a cell holds, without the value: `digits 9`, `letters 3`, `figures 9` (with signs), `mixed 10`, `day`,
    `number`, `empty` …
    """
    value = cell.value if isinstance(cell, Merged) else cell
    if isinstance(value, Unusable):
        return "formula" if value.code == "roster_formula" else "error"
    if is_blank(value):
        return "empty"
    if isinstance(value, date | datetime):
        return "day"
    if isinstance(value, time | timedelta):
        return "time"
    if isinstance(value, int | float):
        return "number"
    written = unicodedata.normalize("NFKC", str(value)).strip()
    kinds = {
        "digits" if one.isdigit() else "letters" if one.isascii() and one.isalpha() else "other" for one in written
    }
    is_figures = all(one.isascii() and not one.isalpha() for one in written)  # 050.13.40, 3:30
    name = kinds.pop() if len(kinds) == 1 else "figures" if is_figures else "mixed"
    return f"{'text' if name == 'other' else name} {len(written)}"


def _plain(cell: Cell, _: Field) -> str:
    return cells.text(cell.value if isinstance(cell, Merged) else cell)


def _text(cell: Cell, of: Field) -> str:
    written = names.tidy(" ".join(_plain(cell, of).split()))
    if len(written) > of.longest:
        raise CellTrouble("exchange_too_long", limit=of.longest)
    if any(unicodedata.category(one) in ("Cc", "Cs", "Co") for one in written):
        raise CellTrouble("name_characters")
    return written


def _code(cell: Cell, of: Field) -> str:
    return _text(cell, of)


def _name(cell: Cell, _: Field) -> str:
    return name_in(cell)


def _english(cell: Cell, _: Field) -> str:
    written = names.tidy(cells.text(cell))
    problem = names.english_problem(written)
    if problem is not None:
        raise CellTrouble(problem)
    return written


def _half_hours(cell: Cell, _: Field) -> int | None:
    minutes = cells.minutes(cell)
    if minutes is not None and minutes % hours.MINUTES_PER_HALF_HOUR:
        raise CellTrouble("hours_step")
    return None if minutes is None else minutes // hours.MINUTES_PER_HALF_HOUR


def _category(cell: Cell, _: Field) -> str:
    return category_in(cell)


def _course(cell: Cell, _: Field) -> str:
    said = folded(cells.text(cell))
    if said.startswith(("基礎", "basic")):
        return "basic"
    if said.startswith(("特殊", "special")):
        return "special"
    raise CellTrouble("exchange_course_kind")


def _country(cell: Cell, of: Field) -> str:
    said = _plain(cell, of).strip()
    if is_country(said.upper()):
        return said.upper()
    code = _countries().get(folded(said))
    if code is None:
        raise CellTrouble("exchange_country")
    return code


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Codes by folded name, in both languages."""
    return {folded(name): code for language in ("zh", "en") for code, name in countries(language)}
