"""What reading a spreadsheet gives: a sheet of cells, however the file was written (tables, workbooks)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from honorcard.roster import EXCEL_EPOCH, Line

MOST_COLUMNS = 200


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
