"""What reading a spreadsheet gives: a sheet of cells, however the file was written (tables, workbooks)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from honorcard.roster import EXCEL_EPOCH, MOST_ROWS, Line

MOST_COLUMNS = 200


@dataclass(frozen=True)
class Limits:
    """How much of a file is taken: its bytes, those it unpacks to, and of one sheet rows that hold anything, lines with the
    empty ones, and cells with those that are only coloured.
    """

    file_bytes: int
    unpacked_bytes: int
    rows: int
    lines: int
    cells: int


OF_A_UNIT = Limits(10 * 2**20, 60 * 2**20, 2 * MOST_ROWS, 200_000, 600_000)


@dataclass(frozen=True)
class OpenSheet:
    """A sheet that is read as its lines are asked for, once, and before the next sheet. Its lines raise ProblemError."""

    name: str
    hidden: bool
    lines: Iterator[Line]
    epoch: date = EXCEL_EPOCH


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name (empty for a CSV), whether it is hidden, its lines that hold anything, day 0 of its serials."""

    name: str
    hidden: bool
    lines: tuple[Line, ...]
    epoch: date = EXCEL_EPOCH


def address(line: int, at: int) -> str:
    """A cell as spreadsheets call it: line 7, column 5 (from 0) → `F7`."""
    letters = ""
    column = at + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{line}"
