"""Paper: a PDF canvas in millimetres that knows only our fonts, for the card's sheet and the slip.

All words of a document are given before its first page, so that each face becomes one small font of just their
characters.
"""

from __future__ import annotations

import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from fpdf import FPDF, ViewerPreferences
from fpdf.enums import TextMode
from fpdf.output import OutputProducer, PDFPage
from fpdf.syntax import Name, PDFContentStream, PDFObject

from honorcard.card.sheet_art import NO_LINE_START
from honorcard.fonts import FACES, Face, library

MM = 72 / 25.4  # points in a millimetre
_THICKENED = 0.05  # of the size: what makes TW-Kai's strokes about as thick as a bold face's


@dataclass(frozen=True)
class Words:
    """A piece of text on a line: face, size in mm, where its baseline begins (mm), colour, extra space between
    characters."""

    face: Face
    size: float
    x: float
    y: float
    text: str
    ink: str = "#000000"
    tracking: float = 0.0

    @cached_property
    def width(self) -> float:
        """Width in mm. ProblemError `glyph_missing`."""
        return library().width(self.face, self.text) * self.size + self.tracking * len(self.text)

    @property
    def end(self) -> float:
        """Where the next text on the line may begin, mm."""
        return self.x + self.width


class _Pdf(FPDF):
    """fpdf2's document, and each page's trim (x, y, width, height in mm, y downwards) or None."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.trims: list[tuple[float, float, float, float] | None] = []


class Canvas:
    """One PDF being made. Created with every word it will show."""

    def __init__(self, *, created: datetime, title: str, words: Sequence[Words]) -> None:
        """ProblemError `fonts_missing`, `glyph_missing`."""
        pdf = _Pdf(unit="mm", format="A4")
        pdf.set_auto_page_break(False)
        pdf.set_margin(0)
        pdf.c_margin = 0
        pdf.set_creation_date(created)
        pdf.set_title(title)
        pdf.set_lang("zh-Hant-TW")
        pdf.set_producer("honorcard")
        pdf.viewer_preferences = ViewerPreferences(print_scaling="None", display_doc_title=True)
        self._pdf = pdf
        with tempfile.TemporaryDirectory(prefix="honorcard-font-") as folder:  # fpdf2 reads fonts from files only
            for face in FACES:
                characters = {character for word in words if word.face == face for character in word.text}
                if characters:
                    path = Path(folder) / f"{face}.ttf"
                    path.write_bytes(library().subset(face, characters))
                    pdf.add_font(face, fname=path)
                    _load(pdf, face)

    def page(self, width: float, height: float, trim: tuple[float, float, float, float] | None = None) -> None:
        """A new page of this size, mm; `trim`: x, y, width and height of what is left when it is cut (TrimBox)."""
        self._pdf.add_page(format=(width, height))
        self._pdf.trims.append(trim)

    @contextmanager
    def at(self, x: float, y: float) -> Iterator[None]:
        """Within, `draw` works in mm with its corner at x, y and y downwards."""
        height = self._pdf.h * MM
        self._pdf._out(f"q {MM:.6f} 0 0 {-MM:.6f} {x * MM:.4f} {height - y * MM:.4f} cm")
        yield
        self._pdf._out("Q")

    @contextmanager
    def turned(self, centre: tuple[float, float] | None) -> Iterator[None]:
        """Within, everything is turned by 180 degrees about a point of the page; nothing is turned for None."""
        if centre is None:
            yield
            return
        with self._pdf.rotation(180, *centre):
            yield

    def draw(self, operators: str) -> None:
        """PDF operators, within `at`."""
        self._pdf._out(operators)

    def picture(self, jpeg: bytes, x: float, y: float, width: float, height: float) -> None:
        """A JPEG as it is, in this rectangle."""
        self._pdf.image(BytesIO(jpeg), x=x, y=y, w=width, h=height)

    def text(self, words: Sequence[Words], x: float, y: float) -> None:
        """Words with their own places counted from x, y."""
        for word in words:
            self._pdf.set_font(word.face, size=word.size * MM)
            self._pdf.set_char_spacing(word.tracking * MM)
            self._pdf.set_text_color(word.ink)
            for run, thin in _runs(word):
                # what only a thin font has is drawn with a line round it, so that a name looks like one name
                self._pdf.text_mode = TextMode.FILL_STROKE if thin else TextMode.FILL
                if thin:
                    self._pdf.set_draw_color(word.ink)
                    self._pdf.set_line_width(word.size * _THICKENED)
                self._pdf.text(x + run.x, y + run.y, run.text)

    def finish(self) -> bytes:
        """The PDF."""
        return bytes(self._pdf.output(output_producer_class=_Producer))


def _runs(word: Words) -> Iterator[tuple[Words, bool]]:
    """The text in runs of characters that its face has, and of those borrowed from a thin one."""
    x = word.x
    for thin, group in groupby(word.text, key=lambda character: library().is_thin(word.face, character)):
        run = replace(word, x=x, text="".join(group))
        yield run, thin
        x = run.end


class _Producer(OutputProducer):
    """Gives each page its boxes, which fpdf2 does not know, and compresses the fonts' character maps too, which it leaves as
    text: two kilobytes of a card's forty."""

    fpdf: _Pdf

    def _add_pdf_obj(self, pdf_obj: PDFObject, trace_label: str | None = None) -> int:
        if isinstance(pdf_obj, PDFPage):
            wide, tall = pdf_obj.dimensions()
            pdf_obj.media_box = boxes(wide / MM, tall / MM, self.fpdf.trims[pdf_obj.index() - 1])
        if isinstance(pdf_obj, PDFContentStream) and pdf_obj.filter is None:
            pdf_obj._contents = zlib.compress(pdf_obj._contents, level=9)
            pdf_obj.filter = Name("FlateDecode")
            pdf_obj.length = len(pdf_obj._contents)
        return super()._add_pdf_obj(pdf_obj, trace_label)


def boxes(width: float, height: float, trim: tuple[float, float, float, float] | None) -> str:
    """The value of a page's MediaBox in a PDF's points, with the other boxes behind it; arguments in mm, y downwards.

    To the thousandth of a point, where fpdf2 writes hundredths: a card of 90 mm is 255.118 points.
    """

    def box(x: float, y: float, to_x: float, to_y: float) -> str:
        return "[" + " ".join(f"{side * MM:.3f}".rstrip("0").rstrip(".") for side in (x, y, to_x, to_y)) + "]"

    page = box(0, 0, width, height)
    if trim is None:
        return page
    left, top, wide, tall = trim
    cut = box(left, height - top - tall, left + wide, height - top)
    return f"{page}\n/CropBox {page}\n/TrimBox {cut}\n/BleedBox {cut}"


def wrapped(text: str, size: float, width: float, face: Face = "sans") -> list[str]:
    """Lines of at most `width` mm: Latin breaks at spaces, Chinese anywhere but before a closing mark. A single word that
    is wider breaks where it must.
    """

    def wide(piece: str) -> float:
        return library().width(face, piece.rstrip()) * size

    pieces: list[str] = []
    for word in re.findall(r"[ -~]+? |[ -~]+|[^ -~]", text):
        pieces += [word] if wide(word) <= width else list(word)
    lines = [""]
    for piece in pieces:
        if lines[-1] and wide(lines[-1] + piece) > width and piece not in NO_LINE_START:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _load(pdf: FPDF, face: Face) -> None:
    """Read all of a font now: its file is gone when the document is put together."""
    font = pdf.fonts[face].ttfont  # type: ignore[union-attr]
    font.recalcBBoxes = False  # they are right as they came, and each glyph would be taken apart for them
    for tag in font.keys():  # noqa: SIM118 (a TTFont is no dict)
        if tag != "GlyphOrder":
            font[tag]
