"""A unit's own list of people, checked: who qualifies now, who will and when, who does not, which rows are wrong.

`check` takes the rows of a sheet as cells and a day, and gives persons with verdicts and, for wrong rows, what is wrong
in which line and column. Several rows with one identity number are rows of one record book. Nothing is stored, nothing
is guessed: a person of whom one row is wrong is not judged by the others. Columns are found in columns, cells read in
cells. What is not here: files (web.tables), pages, and the judging itself (eligibility).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from honorcard import eligibility, hours
from honorcard.claims import Claim, Reason, Verdict
from honorcard.jurisdiction import Jurisdiction
from honorcard.names import fold
from honorcard.problems import Language, ProblemError, sentence
from honorcard.records import EXCLUDED_CATEGORIES, ServiceRow
from honorcard.roster import columns
from honorcard.roster.cells import EXCEL_EPOCH, EXCEL_EPOCH_1904, Cell, Merged, Unusable, is_blank
from honorcard.roster.columns import Field, Header
from honorcard.roster.rows import Row, Trouble, is_aside, read_row

__all__ = [
    "EXCEL_EPOCH", "EXCEL_EPOCH_1904", "GROUPS", "MOST_ROWS", "Cell", "Field", "Group", "Header", "Line", "Merged", "Person",
    "Roster", "Trouble", "Unusable", "check", "trouble_words",
]  # fmt: skip

Group = Literal["now", "later", "not", "wrong"]
GROUPS: tuple[Group, ...] = ("now", "later", "not", "wrong")

MOST_ROWS = 20_000  # of a list; the largest unit of Taipei has a tenth of it
_LONG_SPAN_DAYS = 31  # a row over more days is a sum, of which two of the same are one entered twice


@dataclass(frozen=True)
class Line:
    """One line of a sheet. number: as the spreadsheet counts it, from 1."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Person:
    """One person of the list. lines: where its rows stand. verdict: None exactly when a row is wrong (`troubles`).

    claim: what was judged, so that it need not be typed again; None with the verdict. birth: None when the list has none.
    """

    lines: tuple[int, ...]
    name: str
    identity_number: str
    verdict: Verdict | None
    troubles: tuple[Trouble, ...] = ()
    claim: Claim | None = None
    birth: date | None = None

    @property
    def group(self) -> Group:
        """Where this person stands: may apply now, later (waiting and serving on is enough), not, or wrong rows."""
        if self.verdict is None:
            return "wrong"
        if self.verdict.passed:
            return "now"
        return "later" if self.verdict.eligible_on is not None else "not"

    def __repr__(self) -> str:
        """Says nothing about the person."""
        return f"Person(lines={self.lines}, …)"


@dataclass(frozen=True)
class Roster:
    """A list as checked on a day. persons: in the order of their first rows. skipped: lines that are no person's
    (sums, repeated headings). titles: what the file calls the columns that were used.
    """

    on: date
    persons: tuple[Person, ...]
    titles: dict[Field, str]
    skipped: tuple[int, ...] = ()

    def group(self, group: Group) -> tuple[Person, ...]:
        """The persons of a group; those who will qualify by their day, the others in the order of the list."""
        found = [person for person in self.persons if person.group == group]
        if group == "later":
            found.sort(key=lambda person: (person.verdict and person.verdict.eligible_on, person.lines))
        return tuple(found)

    def count(self, group: Group) -> int:
        """How many persons are in a group."""
        return sum(person.group == group for person in self.persons)


def check(lines: Sequence[Line], on: date, rules: Jurisdiction, epoch: date = EXCEL_EPOCH) -> Roster:
    """Everybody on a list, judged for one day.

    epoch: day 0 of serial numbers, EXCEL_EPOCH_1904 for a workbook that says so. Raises `roster_empty`,
    `roster_columns_missing`, `roster_column_twice`, `roster_rows_too_many`; a wrong row raises nothing.
    """
    header = columns.find([line.cells for line in lines])
    heading = lines[header.first].cells
    rows: list[Row] = []
    skipped: list[int] = []
    for line in lines[header.below :]:
        if all(is_blank(line.cells[at]) for at in header.at.values() if at < len(line.cells)):
            continue
        if line.cells == heading or is_aside(line.cells, header):
            skipped.append(line.number)
        elif len(rows) == MOST_ROWS:
            raise ProblemError("roster_rows_too_many", limit=MOST_ROWS)
        else:
            rows.append(read_row(line.number, line.cells, header, on, epoch))
    if not rows:
        raise ProblemError("roster_empty")
    mistaken = _mistaken(rows)
    persons = [_person(of_one, mistaken, on, rules) for of_one in _by_person(rows)]
    return Roster(on, tuple(persons), header.titles, tuple(skipped))


def trouble_words(trouble: Trouble, language: Language) -> str:
    """What is wrong in a row, with its line and column: 「第 7 列「時數」：看不懂這個時數。…」."""
    zh = language == "zh"
    column = f"「{trouble.column}」" if zh and trouble.column else f", “{trouble.column}”" if trouble.column else ""
    place = f"第 {trouble.line} 列{column}：" if zh else f"Row {trouble.line}{column}: "
    return place + sentence(trouble.code, language, trouble.details)


def _by_person(rows: list[Row]) -> list[list[Row]]:
    """The rows of each person, in the order of first rows: one identity number, else one name with one birth date."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(_key(row), []).append(row)
    return list(groups.values())


def _key(row: Row) -> tuple[object, ...]:
    if row.identity_number:
        return ("number", row.identity_number)
    if row.name and row.birth:
        return ("name", fold(row.name), row.birth)
    return ("line", row.line)  # nothing to tie it to another row


def _mistaken(rows: list[Row]) -> dict[int, Trouble]:
    """By line: rows whose person nobody can tell, because a row of the same name has no number or birth date."""
    by_name: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.name:
            by_name[fold(row.name)].append(row)
    found: dict[int, Trouble] = {}
    for same in by_name.values():
        persons = {_key(row): row for row in reversed(same)}
        if len(persons) == 1 or all(row.identity_number for row in same):
            continue
        first, second = list(persons.values())[-1], list(persons.values())[-2]
        undated = next((row for row in persons.values() if row.birth is None), None)
        by_birth: dict[date | None, Row] = {}
        for row in persons.values():
            if row.birth is None:
                other = second if row is first else first
            else:
                other = by_birth.setdefault(row.birth, row) if undated is None else undated
            if other is not row and not (row.identity_number and other.identity_number):
                for one, beside in ((row, other), (other, row)):
                    found.setdefault(one.line, one.trouble("name", "roster_same_name", other=beside.line))
    return found


def _person(rows: list[Row], mistaken: dict[int, Trouble], on: date, rules: Jurisdiction) -> Person:
    """One person judged, or what is wrong in the rows."""
    first = rows[0]
    troubles = [trouble for row in rows for trouble in row.troubles]
    troubles += [mistaken[row.line] for row in rows if row.line in mistaken]
    if not troubles:
        troubles = _disagreements(rows)
    claim = None if troubles else _claim(rows, on)
    verdict = None if claim is None else eligibility.judge(claim, rules)
    if verdict is not None and verdict.outcome == "error":  # what the rows let through; none is known
        claim, verdict, troubles = None, None, [first.trouble("start", "start_after_last")]
    if verdict is not None and len(rows) > 1:
        verdict = replace(verdict, notes=tuple(_by_line(note, rows) for note in verdict.notes))
    birth = next((row.birth for row in rows if row.birth), None)
    return Person(
        tuple(row.line for row in rows), first.name, first.identity_number, verdict, tuple(troubles), claim, birth
    )


def _disagreements(rows: list[Row]) -> list[Trouble]:
    """Rows of one person that contradict each other, or stand there twice."""
    first, found = rows[0], []
    previous = next((row for row in rows if row.previous), first)
    for row in rows[1:]:
        if fold(row.name) != fold(first.name):
            found.append(row.trouble("name", "roster_rows_disagree", other=first.line))
        elif row.birth and first.birth and row.birth != first.birth:
            found.append(row.trouble("birth", "roster_rows_disagree", other=first.line))
        elif row.previous and row.previous != previous.previous:
            found.append(row.trouble("previous", "roster_rows_disagree", other=previous.line))
        elif row.record_book != first.record_book:
            found.append(row.trouble("book", "roster_rows_disagree", other=first.line))
    seen: dict[object, int] = {}
    for row in rows:
        long = row.start and row.last and (row.last - row.start).days > _LONG_SPAN_DAYS
        same = (row.start, row.last, row.minutes, row.category) if long else row.cells
        if same in seen:
            found.append(row.trouble("name", "roster_row_twice", other=seen[same]))
        seen.setdefault(same, row.line)
    return found


def _claim(rows: list[Row], on: date) -> Claim:
    """What the rows of one person claim: one row as typed sums, several as rows of the book."""
    only = rows[0]
    previous = next((row.previous for row in rows if row.previous), None)
    if not only.record_book:
        return Claim(on, record_book=False, previous_valid_until=previous)
    if len(rows) == 1:
        return Claim(
            on,
            only.start,
            only.last,
            None if only.minutes is None else hours.from_minutes(only.minutes),
            previous_valid_until=previous,
            category=only.category,
        )
    return Claim(on, entries=tuple(_entry(row, on) for row in rows), previous_valid_until=previous)


def _entry(row: Row, on: date) -> ServiceRow:
    """A row as an entry of the book; one of an excluded category counts for nothing and may lack its days."""
    assert row.category in EXCLUDED_CATEGORIES or (row.start and row.last and row.minutes is not None)
    return ServiceRow(row.start or row.last or on, row.last or row.start or on, row.minutes or 0, category=row.category)


def _by_line(note: Reason, rows: list[Row]) -> Reason:
    """A note that names entries, naming the lines of the list instead."""
    places = note.details.get("rows")
    if not isinstance(places, list):
        return note
    return replace(note, details={**note.details, "rows": [rows[place - 1].line for place in places]})
