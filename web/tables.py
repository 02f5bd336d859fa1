"""Bytes of a spreadsheet → sheets of cells: CSV in the encodings Taiwan's Excel writes, and XLSX.

What a file is, is decided by its content. Everything is bounded (bytes, unpacked bytes, rows, cells), and a file is read
whole or refused in words; nothing goes to the disk. What is not here: what the cells mean (honorcard.roster).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator

from honorcard.problems import ProblemError
from honorcard.roster import Cell, Line, Unusable
from web.table_sheet import MOST_COLUMNS, OF_A_UNIT, Limits, OpenSheet, Sheet, address

MOST_BYTES = OF_A_UNIT.file_bytes
_SNIFFED_LINES = 60
_DELIMITERS = ",\t;|"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and .xlsx with a password
_PICTURES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_MARKUP = re.compile(r"\s*<(?:!doctype html|html|head|meta|table|\?xml)\b", re.IGNORECASE)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')  # how a CSV keeps the zeros before a number


def read(data: bytes, limits: Limits = OF_A_UNIT) -> Iterator[Sheet]:
    """The sheets of a file in their order, each read whole when it is asked for. Raises ProblemError (`roster_…`)."""
    return (Sheet(one.name, one.hidden, tuple(one.lines), one.epoch) for one in stream(data, limits))


def stream(data: bytes, limits: Limits) -> Iterator[OpenSheet]:
    """The sheets of a file in their order, each read line by line. Raises ProblemError (`roster_…`), now or at a line."""
    if not data.strip(b" \t\r\n\0"):
        raise ProblemError("roster_empty")
    if len(data) > limits.file_bytes:
        raise ProblemError("roster_file_too_large", limit_mb=limits.file_bytes // 2**20)
    if data.startswith(_OLE):
        raise ProblemError("roster_xls")
    if data.startswith(b"PK\x03\x04"):
        from web import workbooks  # openpyxl takes a moment to load, and a CSV does not need it

        return workbooks.stream(data, limits)
    if data.startswith(_PICTURES):
        raise ProblemError("roster_not_a_table")
    return iter([OpenSheet("", False, _csv_lines(_text(data), limits))])


def _text(data: bytes) -> str:
    """The text of a CSV: by its byte order mark, else UTF-16 by its zeros, else UTF-8, else Big5. Raises."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _decoded(data, (encoding,))
    head = data[:2000]
    if head.count(0) > len(head) // 10:  # Latin letters, digits and separators have a zero byte each in UTF-16
        return _decoded(data, ("utf-16-le",) if head[1::2].count(0) >= head[::2].count(0) else ("utf-16-be",))
    return _decoded(data, ("utf-8", "cp950", "big5hkscs"))


def _decoded(data: bytes, encodings: tuple[str, ...]) -> str:
    """The text in the first encoding that fits. Raises `roster_encoding` with the line where the furthest one stops."""
    stopped = 0
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            stopped = max(stopped, error.start)
            continue
        if _is_binary(text):
            raise ProblemError("roster_not_a_table")
        if _MARKUP.match(text):  # what many systems call .xls is a web page
            raise ProblemError("roster_ods", kind="HTML")
        return text
    raise ProblemError("roster_encoding", line=data.count(b"\n", 0, stopped) + 1)


def _is_binary(text: str) -> bool:
    """Whether a text has control characters as no table has them."""
    return "\0" in text or sum(character < " " and character not in "\t\r\n\v\f\x1a" for character in text[:4000]) > 4


def _csv_lines(text: str, limits: Limits) -> Iterator[Line]:
    """The lines of a CSV that hold anything. Raises `roster_csv_broken`, and for what is over a limit."""
    begun = 0
    first = text.split("\n", 1)[0].strip().lower()
    if first.startswith("sep=") and len(first) == 5:  # Excel's own way of naming the separator
        delimiter, begun = first[4], 1
        text = text.split("\n", 1)[1] if "\n" in text else ""
    else:
        delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    held = 0
    number = begun + 1
    try:
        for fields in reader:
            cells = _without_tail([_csv_cell(field, number, at) for at, field in enumerate(fields)])
            if len(cells) > MOST_COLUMNS:
                raise ProblemError("roster_columns_too_many", line=number, limit=MOST_COLUMNS)
            if cells:
                held += 1
                if held > limits.rows:
                    raise ProblemError("roster_rows_too_many", limit=limits.rows // 2)
                yield Line(number, cells)
            number = begun + reader.line_num + 1
    except csv.Error:
        raise ProblemError("roster_csv_broken", line=number)


def _delimiter(text: str) -> str:
    """The separator that parts most of the first lines."""
    head = text[:65536].splitlines()[:_SNIFFED_LINES]

    def parted(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(fields) for fields in csv.reader(head, delimiter=delimiter)]
        except csv.Error:
            return 0, 0
        return sum(width > 2 for width in widths), sum(widths)

    return max(_DELIMITERS, key=parted)


def _csv_cell(field: str, line: int, at: int) -> Cell:
    """A field as a cell: blank is nothing, `="0123"` is its text, and a formula has no value in a CSV."""
    value = field.strip()
    if not value:
        return None
    kept = _TEXT_FORMULA.fullmatch(value)
    if kept:
        return kept[1]
    if value.startswith("=") and len(value) > 1:
        return Unusable("roster_formula", address(line, at))
    return value


def _without_tail(cells: list[Cell]) -> tuple[Cell, ...]:
    """The cells up to the last that holds anything."""
    end = len(cells)
    while end and cells[end - 1] is None:
        end -= 1
    return tuple(cells[:end])
