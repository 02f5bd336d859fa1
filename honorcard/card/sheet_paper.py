"""A sheet that is made, put on other paper: the same drawing, letter by letter, with another page round it.

The center renders a sheet once and seals it; which paper lies in a printer is known only beside the printer. So the page is
changed and nothing else, by an addition at the file's end (ISO 32000-1, 7.5.6): its boxes, and where the drawing lies on it.
What is not here: making a sheet (sheet), which paper a printer has (kiosk.printing.media).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from honorcard.card.page import MM, boxes
from honorcard.card.sheet import Paper, leaf
from honorcard.card.sheet_faces import FORMS, Form
from honorcard.jurisdiction import Orientation

_PAGE = re.compile(rb"\n(\d+) 0 obj\n<<\n((?:(?!endobj)[^\x00])*?/Type /Page\n)>>\nendobj", re.S)
_TRAILER = re.compile(rb"trailer\n<<\n(.*?)>>\nstartxref\n(\d+)\n%%EOF\s*\Z", re.S)
_NEAR_MM = 0.05


@dataclass(frozen=True)
class _Sheet:
    """What is known of a made sheet: its page's number and entries, its trailer, where the card lies (points, y upwards)."""

    page: int
    entries: bytes
    trailer: bytes
    xref_at: int
    orientation: Orientation
    corner: tuple[float, float]


def orientation_of(pdf: bytes) -> Orientation | None:
    """How the faces of a sheet stand; None when this is not the sheet of one card, made by `sheet.render`, that can be put on
    other paper.
    """
    known = _read(pdf)
    return known.orientation if known is not None else None


def on_paper(pdf: bytes, paper: Paper) -> bytes:
    """The sheet of one card on other paper; the same arguments give the same bytes.

    The file as it is when it is not such a sheet (one made before sheets had a trim box, or several cards). ValueError for
    "a4-four".
    """
    if paper == "a4-four":
        raise ValueError("four cards are put on a page when they are made")
    known = _read(pdf)
    if known is None:
        return pdf
    form = FORMS[known.orientation]
    leaves = leaf(paper, known.orientation)
    pages = [_page(known, form, paper, *one) for one in leaves]
    if len(pages) == 1 and boxes(*leaves[0][0], (*leaves[0][2], *form.sheet)).encode() in known.entries:
        return pdf
    size = int(_entry(known.trailer, rb"/Size (\d+)"))
    update = Update(pdf, size)
    undo = update.add(stream(b"Q"))
    numbers = []
    for place, (entries, shift) in enumerate(pages):
        before = update.add(stream(b"q 1 0 0 1 %s cm" % shift))
        page = entries.replace(b"@BEFORE", b"%d 0 R" % before).replace(b"@AFTER", b"%d 0 R" % undo)
        numbers.append(update.add(page, known.page if place == 0 else None))
    root = int(_entry(known.entries, rb"/Parent (\d+) 0 R"))
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    update.add(b"<<\n/Count %d\n/Kids [%s]\n/Type /Pages\n>>" % (len(numbers), kids), root)
    return update.finish(known.trailer, known.xref_at)


def _page(
    known: _Sheet,
    form: Form,
    paper: Paper,
    size: tuple[float, float],
    origin: tuple[float, float],
    trim: tuple[float, float],
) -> tuple[bytes, bytes]:
    """A page's new entries, and how far its drawing is shifted."""
    wide, tall = (form.width, form.height) if paper == "two-pages" else form.sheet
    said = boxes(*size, (*trim, wide, tall)).encode()
    kept = re.sub(rb"/(MediaBox|CropBox|TrimBox|BleedBox) \[[^\]]*\]\n", b"", known.entries)
    contents = re.sub(rb"/Contents (\d+ 0 R)", rb"/Contents [@BEFORE \1 @AFTER]", kept)
    # the sheet's lower left corner, where it is to lie, in points upwards
    x, y = origin[0] * MM, (size[1] - origin[1] - form.sheet[1]) * MM
    shift = b"%.3f %.3f" % (x - known.corner[0], y - known.corner[1])
    return b"<<\n/MediaBox " + said + b"\n" + contents + b">>", shift


def _read(pdf: bytes) -> _Sheet | None:
    pages, trailer = _PAGE.findall(pdf), _TRAILER.search(pdf)
    if len(pages) != 1 or trailer is None or b"/Prev" in trailer[1]:
        return None
    number, entries = pages[0]
    trim = re.search(rb"/TrimBox \[([0-9. ]+)\]", entries)
    whole = [b"/Contents ", b"/Parent ", b"/Resources "]
    if trim is None or not all(key in entries for key in whole):
        return None
    left, low, right, high = (float(side) for side in trim[1].split())
    for orientation, form in FORMS.items():
        wide, tall = form.sheet
        if abs((right - left) / MM - wide) < _NEAR_MM and abs((high - low) / MM - tall) < _NEAR_MM:
            return _Sheet(int(number), entries, trailer[1], int(trailer[2]), orientation, (left, low))
    return None


class Update:
    """Objects added at the end of a file. size: of its trailer, the first number that is free."""

    def __init__(self, pdf: bytes, size: int) -> None:
        self._out = bytearray(pdf.rstrip(b"\r\n") + b"\n")
        self._size = size
        self._at: dict[int, int] = {}

    def add(self, value: bytes, number: int | None = None) -> int:
        """A new object, or the new value of one there is; its number."""
        if number is None:
            number, self._size = self._size, self._size + 1
        self._at[number] = len(self._out)
        self._out += b"%d 0 obj\n%s\nendobj\n" % (number, value)
        return number

    def finish(self, trailer: bytes, previous: int) -> bytes:
        """The file with its new cross-reference."""
        start = len(self._out)
        self._out += b"xref\n"
        for number in sorted(self._at):
            self._out += b"%d 1\n%010d 00000 n \n" % (number, self._at[number])
        kept = re.sub(rb"/Size \d+\n", b"", trailer)
        self._out += b"trailer\n<<\n%s/Size %d\n/Prev %d\n>>\nstartxref\n%d\n%%%%EOF\n" % (
            kept, self._size, previous, start,
        )  # fmt: skip
        return bytes(self._out)


def stream(operators: bytes) -> bytes:
    """A content stream of these operators, as an object's value."""
    return b"<</Length %d>>\nstream\n%s\nendstream" % (len(operators), operators)


def _entry(text: bytes, pattern: bytes) -> bytes:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError("not a sheet of ours")
    return found[1]
