"""Rows → bytes of a spreadsheet to download: CSV and XLSX, both so that no cell is ever taken for a formula.

Written here rather than by a library, because openpyxl writes its sheets to the disk first, and names do not go there.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from web.table_sheet import address

Value = str | int | float | None

_PIECE = 65_536  # characters, or bytes, that are handed on together

# The full-width signs too: a spreadsheet set to Chinese or Japanese takes them for the others.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def csv_bytes(rows: Iterable[Sequence[Value]]) -> bytes:
    """The rows as CSV in UTF-8 with its mark, which Excel needs. A text that could be a formula gets an apostrophe before
    it, and so does one of digits alone, whose zeros Excel would drop.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_harmless(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def csv_pieces(rows: Iterable[Sequence[Value]], encoding: str) -> Iterator[bytes]:
    """The rows as CSV for another program, piece by piece, in an encoding that has all their characters (`utf-8-sig` begins with
    its mark). A text that could be a formula gets an apostrophe before it; numbers stay as they are. UnicodeEncodeError.
    """
    encoder = codecs.getincrementalencoder(encoding)()
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow(
            ["'" + one if isinstance(one, str) and one.startswith(_FORMULA_STARTS) else one for one in row]
        )  # fmt: skip
        if out.tell() > _PIECE:
            yield encoder.encode(out.getvalue())
            out.seek(0)
            out.truncate()
    yield encoder.encode(out.getvalue(), final=True)


def _harmless(value: Value) -> Value:
    if isinstance(value, str) and (value.startswith(_FORMULA_STARTS) or (value.isdigit() and len(value) > 4)):
        return "'" + value
    return value


def xlsx_bytes(title: str, rows: Iterable[Sequence[Value]], widths: Sequence[int]) -> bytes:
    """One sheet with bold headings that stay in view. Text is stored as text, whatever it begins with."""
    return b"".join(xlsx_pieces(title, rows, widths))


def xlsx_pieces(title: str, rows: Iterable[Sequence[Value]], widths: Sequence[int]) -> Iterator[bytes]:
    """The same sheet piece by piece, as its rows come."""
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" style="1" customWidth="1"/>'
        for at, width in enumerate(widths, start=1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{_escaped(title)[:31]}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        # 0 plain, 1 text (so that what is typed below stays text too), 2 headings
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="12"/></font><font><b/><sz val="12"/></font>'
        '</fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>'
        '<xf numFmtId="49" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
        '<xf fontId="1" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    }
    drain = _Drain()
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, xml in parts.items():
            archive.writestr(name, (_XML + xml).encode())
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(
                (
                    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
                    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
                    f"<cols>{columns}</cols><sheetData>"
                ).encode()
            )
            for number, row in enumerate(rows, start=1):
                sheet.write(_row(number, row).encode())
                if drain.held > _PIECE:
                    yield drain.taken()
            sheet.write(b"</sheetData></worksheet>")
    yield drain.taken()


class _Drain(io.RawIOBase):
    """Where a ZIP file is written that is handed on as it grows; it cannot go back in it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.held = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, piece: Any) -> int:
        """Keeps the piece until it is taken."""
        self._pieces.append(bytes(piece))
        self.held += len(self._pieces[-1])
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        """What was written since."""
        found = b"".join(self._pieces)
        self._pieces, self.held = [], 0
        return found


def _row(number: int, row: Sequence[Value]) -> str:
    style = 2 if number == 1 else 1
    cells = []
    for at, value in enumerate(row):
        place = address(number, at)
        if isinstance(value, str) and value:
            text = _escaped(value)
            cells.append(f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>')
        elif isinstance(value, int | float):
            cells.append(f'<c r="{place}"><v>{value}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def _escaped(text: str) -> str:
    return escape(_NOT_XML.sub("", text), {'"': "&quot;"})
