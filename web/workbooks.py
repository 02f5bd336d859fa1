"""XLSX → sheets of cells, by openpyxl, without trusting the file: what is in it is weighed before it is opened.

Values are those the spreadsheet last calculated. One pass over a sheet's XML finds what openpyxl's reading mode does not
tell: formulas without a value, and merged cells. Pictures, macros and links to other files are never touched.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

import openpyxl
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from honorcard.problems import ProblemError
from honorcard.roster import EXCEL_EPOCH, EXCEL_EPOCH_1904, Cell, Line, Merged, Unusable
from web.table_sheet import MOST_COLUMNS, Limits, OpenSheet, address

MOST_PARTS = 2_000
LAST_LINE = 1_048_576  # of any spreadsheet
MOST_MERGED = 60_000  # ranges of a sheet
MOST_CHARACTERS = 40_000  # of a cell; Excel's own limit is 32,767
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA)")
_OTHER_KINDS = {
    "mimetype": "ODS",
    "content.xml": "ODS",
    "word/document.xml": "Word",
    "ppt/presentation.xml": "PowerPoint",
    "xl/workbook.bin": "XLSB",
    "Index/Document.iwa": "Numbers",
}


def stream(data: bytes, limits: Limits) -> Iterator[OpenSheet]:
    """The sheets of a workbook in their order, each read line by line. Raises ProblemError (`roster_…`), now or at a line."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        _weigh(archive, limits)
        # Before openpyxl: it walks a whole sheet, keeping all of it, where the sheet does not say its size.
        about = {name: _about(archive, name, limits) for name in archive.namelist() if _SHEET.fullmatch(name)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and days that cannot be; the cell says so itself
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except ProblemError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part made it stumble over
        raise ProblemError("roster_damaged") from error
    return _sheets(about, book, limits)


def _weigh(archive: zipfile.ZipFile, limits: Limits) -> None:
    """Refuses what is no workbook, or too large once unpacked. The sizes said are those unpacking is held to."""
    parts = archive.infolist()
    names = {part.filename for part in parts}
    for name, kind in _OTHER_KINDS.items():
        if name in names:
            raise ProblemError("roster_ods", kind=kind)
    if "[Content_Types].xml" not in names:
        raise ProblemError("roster_not_a_table")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise ProblemError("roster_too_much")
    if any(part.flag_bits & 1 for part in parts):
        raise ProblemError("roster_xls")


def _sheets(about: dict[str, _About], book: Any, limits: Limits) -> Iterator[OpenSheet]:
    epoch = EXCEL_EPOCH_1904 if book.epoch == CALENDAR_MAC_1904 else EXCEL_EPOCH
    for sheet in book.worksheets:
        lines = _safely(sheet, about[sheet._worksheet_path], limits)
        yield OpenSheet(sheet.title, sheet.sheet_state != "visible", lines, epoch)


def _safely(sheet: Any, about: _About, limits: Limits) -> Iterator[Line]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from _lines(sheet, about, limits)
    except ProblemError:
        raise
    except Exception as error:
        raise ProblemError("roster_damaged") from error


@dataclass
class _About:
    """What a sheet's XML says beside the values: cells (line, column from 1) with a formula and no value; merged ranges;
    the last line and column that hold anything, however far the sheet is coloured.
    """

    formulas: set[tuple[int, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # left, top, right, bottom
    last_line: int = 0
    last_column: int = 0


class _Pass:
    """One walk over a sheet's XML. Raises `roster_too_much`, `roster_rows_too_many`, `roster_damaged` (a DTD)."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.about = _About()
        self.cells = 0
        self.rows = self.lines = self.characters = 0
        self._place = ""
        self._formula = self._value = self._in_value = self._empty_text = self._row_held = False
        self._line = self._column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(" ")[2]
        if tag == "c":
            self.cells += 1
            if self.cells > self.limits.cells:
                raise ProblemError("roster_too_much")
            self._place = attributes.get("r", "")
            self._column += 1
            self._formula = self._value = False
            self.characters = 0
            self._empty_text = attributes.get("t") == "str"  # a formula may well give an empty text
        elif tag == "f":
            self._formula = True
        elif tag in ("v", "is"):
            self._in_value = True
        elif tag == "row":
            self._line = int(attributes["r"]) if "r" in attributes else self._line + 1
            self.lines += 1
            if self.lines > self.limits.lines:
                raise ProblemError("roster_too_much")
            if not 1 <= self._line <= LAST_LINE:  # openpyxl would count up to it
                raise ProblemError("roster_damaged")
            self._column, self._row_held = 0, False
        elif tag == "mergeCell":
            if len(self.about.merged) == MOST_MERGED:
                raise ProblemError("roster_too_much")
            left, top, right, bottom = range_boundaries(attributes["ref"])
            self.about.merged.append((left or 1, top or 1, right or MOST_COLUMNS, bottom or 1))

    def end(self, tag: str) -> None:
        tag = tag.rpartition(" ")[2]
        if tag == "c":
            if self._place:
                self._line, self._column = coordinate_to_tuple(self._place)
                if self._line > LAST_LINE:
                    raise ProblemError("roster_damaged")
            if self._formula and not self._value and not self._empty_text:
                self.about.formulas.add((self._line, self._column))
            if self._formula or self._value:
                self._row_held = True
                self.about.last_line = max(self.about.last_line, self._line)
                self.about.last_column = max(self.about.last_column, self._column)
                if self._column > MOST_COLUMNS:
                    raise ProblemError("roster_columns_too_many", line=self._line, limit=MOST_COLUMNS)
        elif tag in ("v", "is"):
            self._in_value = False
        elif tag == "row" and self._row_held:
            self.rows += 1
            if self.rows > self.limits.rows:
                raise ProblemError("roster_rows_too_many", limit=self.limits.rows // 2)

    def text(self, said: str) -> None:
        if self._in_value:
            self._value = True
            self.characters += len(said)
            if self.characters > MOST_CHARACTERS:
                raise ProblemError("roster_too_much")

    def doctype(self, *_: object) -> None:
        raise ProblemError("roster_damaged")


def _about(archive: zipfile.ZipFile, path: str, limits: Limits) -> _About:
    walk = _Pass(limits)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.text
    parser.StartDoctypeDeclHandler = walk.doctype
    with archive.open(path) as part:
        parser.ParseFile(part)
    return walk.about


def _lines(sheet: Any, about: _About, limits: Limits) -> Iterator[Line]:
    """The lines of a sheet that hold anything; a merged cell's value stands in the lines it covers as well."""
    sheet.reset_dimensions()  # what the file says of its own size need not be so
    merged = _merged(about, limits)
    held_above: dict[tuple[int, int], Cell] = {}
    if not about.last_line:
        return
    rows = sheet.iter_rows(max_row=about.last_line, max_col=about.last_column, values_only=True)
    for line, values in enumerate(rows, start=1):
        cells: list[Cell] = [None if value is None else _cell(value, line, at) for at, value in enumerate(values)]
        for at in range(len(cells)) if about.formulas or merged.anchors else ():
            place = (line, at + 1)
            if place in about.formulas:
                cells[at] = Unusable("roster_formula", address(line, at))
            if place in merged.anchors:
                held_above[place] = cells[at]
            elif place in merged.beside:
                cells[at] = None
            elif place in merged.below:
                above = held_above.get(merged.below[place])
                cells[at] = above if above is None or isinstance(above, Unusable | Merged) else Merged(above)
        held = [at for at, cell in enumerate(cells) if cell is not None and not isinstance(cell, Merged)]
        if held and not (len(held) == 1 and (line, held[0] + 1) in merged.banners):
            yield Line(line, tuple(cells[: max(at for at, cell in enumerate(cells) if cell is not None) + 1]))


@dataclass
class _Merged:
    """Merged cells by place (line, column from 1): first cells, those under one (and which), those beside; first cells
    of ranges over three columns or more, which are titles and banners.
    """

    anchors: set[tuple[int, int]] = field(default_factory=set)
    below: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    beside: set[tuple[int, int]] = field(default_factory=set)
    banners: set[tuple[int, int]] = field(default_factory=set)


def _merged(about: _About, limits: Limits) -> _Merged:
    """The merged ranges place by place. Raises `roster_too_much` where they cover more than any list needs."""
    found = _Merged()
    if (
        sum((bottom - top + 1) * (min(right, MOST_COLUMNS) - left + 1) for left, top, right, bottom in about.merged)
        > limits.cells
    ):
        raise ProblemError("roster_too_much")
    for left, top, right, bottom in about.merged:
        anchor = (top, left)
        found.anchors.add(anchor)
        if right - left >= 2:
            found.banners.add(anchor)
        for line in range(top, bottom + 1):
            if line > top:
                found.below[line, left] = anchor
            found.beside.update((line, column) for column in range(left + 1, min(right, MOST_COLUMNS) + 1))
    return found


def _cell(value: Any, line: int, at: int) -> Cell:
    """A value of openpyxl as a cell; nothing for blank text."""
    if isinstance(value, str):
        if _ERROR.fullmatch(value):
            return Unusable("roster_cell_error", address(line, at))
        return value if value.strip() else None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | datetime | date | time | timedelta):
        return value
    return str(value)
