"""A4 pages of headings, sentences and tables, for what people take home: a service record, a unit's list to sign.

Values in, PDF out; the same values give the same bytes. A character that no font can draw stands as 〓, since a list that
is never printed helps nobody (the card itself refuses: card.sheet). What is not here: what the lists say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from honorcard.card import sheet_art as art
from honorcard.card.page import Canvas, Words, wrapped
from honorcard.fonts import Face, library, missing_glyphs
from honorcard.problems import Language

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
_MARGIN = 18.0
_FOOT = HEIGHT_MM - 12.0
_BOTTOM = HEIGHT_MM - 20.0
_ROOM = WIDTH_MM - 2 * _MARGIN
_TITLE, _HEADING, _TEXT, _CELL, _SMALL = 7.0, 4.8, 3.8, 3.5, 3.0
_LINE = 1.45  # leading
_LABEL_MM, _FIGURE_MM, _STANDING_MM = 58.0, 22.0, 46.0  # of pictures: labels, figures beside a bar, height
_UNKNOWN = "〓"


@dataclass(frozen=True)
class Heading:
    """A heading over what follows; it never stands alone at the foot of a page."""

    text: str


@dataclass(frozen=True)
class Text:
    """A sentence or more. soft: of less weight."""

    text: str
    soft: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, its share of the width, and whether figures stand to the right."""

    title: str
    share: float
    figures: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under titles, which are said again on every page. row_mm: least height of a row, for writing in."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    row_mm: float = 0.0


@dataclass(frozen=True)
class Bars:
    """A picture of figures: a bar a label lying, or columns beside each other standing. Values, and their words, series by series.

    Series differ in how they are filled, and have a legend where there are two.
    """

    labels: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    series: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    upright: bool = False


Block = Heading | Text | Table | Bars


def render(title: str, blocks: Sequence[Block], language: Language, *, created: datetime, note: str = "") -> bytes:
    """The PDF. note: stands at the foot of every page beside its number. ProblemError `fonts_missing`."""
    return render_each(title, [blocks], language, created=created, note=note)


def render_each(
    title: str, documents: Iterable[Sequence[Block]], language: Language, *, created: datetime, note: str = ""
) -> bytes:
    """Several such documents under one title in one PDF, each on pages of its own that are counted from 1."""
    pages: list[_Page] = []
    for blocks in documents:
        setter = _Setter(_drawable(title))
        for at, block in enumerate(blocks):
            following = blocks[at + 1] if at + 1 < len(blocks) else None
            setter.set(block, following)
        for number, page in enumerate(setter.pages, start=1):
            last = len(setter.pages)
            of = f"第 {number} 頁，共 {last} 頁" if language == "zh" else f"Page {number} of {last}"
            page.words.append(_right(of, WIDTH_MM - _MARGIN, _FOOT, _SMALL))
            if note:
                page.words.append(Words("sans", _SMALL, _MARGIN, _FOOT, _drawable(note), art.INK_SOFT))
        pages += setter.pages
    canvas = Canvas(created=created, title=title, words=[word for page in pages for word in page.words])
    for page in pages:
        canvas.page(WIDTH_MM, HEIGHT_MM)
        with canvas.at(0, 0):
            for y in page.rules:
                canvas.draw(f"{art.colour(art.EDGE, True)} 0.15 w {_MARGIN} {y:.2f} m {WIDTH_MM - _MARGIN} {y:.2f} l S")
            for mark in page.marks:
                canvas.draw(mark)
        canvas.text(page.words, 0, 0)
    return canvas.finish()


@dataclass
class _Page:
    words: list[Words]
    rules: list[float]
    marks: list[str] = field(default_factory=list)  # PDF operators of pictures


class _Setter:
    """Sets blocks from top to bottom and turns the page when one is full."""

    def __init__(self, title: str) -> None:
        self.pages = [_Page([], [])]
        self._y = _MARGIN + _TITLE
        for line in wrapped(title, _TITLE, _ROOM, "serif-bold"):
            self._put(line, "serif-bold", _TITLE)

    def set(self, block: Block, following: Block | None) -> None:
        """One block; `following` keeps a heading with what it is over."""
        match block:
            case Heading():
                least = 3 * _CELL * _LINE + (_head_height(following) if isinstance(following, Table) else 0.0)
                self._y += 3.5
                self._need(_HEADING * _LINE + least)
                self._put(_drawable(block.text), "sans-bold", _HEADING)
                self._y += 0.8
            case Text():
                for line in wrapped(_drawable(block.text), _TEXT, _ROOM):
                    self._need(_TEXT * _LINE)
                    self._put(line, "sans", _TEXT, ink=art.INK_SOFT if block.soft else art.INK)
                self._y += 1.0
            case Table():
                self._table(block)
            case Bars():
                self._legend(block)
                self._standing(block) if block.upright else self._lying(block)

    def _legend(self, bars: Bars) -> None:
        if len(bars.series) < 2:
            return
        self._need(_CELL * _LINE * 3)
        page, x = self.pages[-1], _MARGIN
        for at, name in enumerate(bars.series):
            page.marks.append(_filled(at, x, self._y - 2.6, 3.0, 3.0))
            words = Words("sans", _CELL, x + 4.5, self._y, _drawable(name), art.INK)
            page.words.append(words)
            x = words.end + 7.0
        self._y += _CELL * _LINE

    def _lying(self, bars: Bars) -> None:
        """A line for each label: its words, the bar, its figure."""
        highest = max([1.0, *(value for values in bars.values for value in values)])
        room = _ROOM - _LABEL_MM - _FIGURE_MM
        for at, label in enumerate(bars.labels):
            lines = wrapped(_drawable(label), _CELL, _LABEL_MM - 3.0)
            height = max(len(lines) * _CELL * _LINE, len(bars.series) * 5.0) + 1.0
            self._need(height)
            page = self.pages[-1]
            for place, line in enumerate(lines):
                page.words.append(Words("sans", _CELL, _MARGIN, self._y + place * _CELL * _LINE, line, art.INK))
            for place, values in enumerate(bars.values):
                top, wide = self._y - 3.1 + place * 5.0, room * values[at] / highest
                if wide > 0:
                    page.marks.append(_filled(place, _MARGIN + _LABEL_MM, top, max(wide, 0.3), 4.0))
                beside = _MARGIN + _LABEL_MM + wide + 1.5
                page.words.append(
                    Words("sans", _CELL, beside, self._y + place * 5.0, _drawable(bars.words[place][at]), art.INK)
                )
            self._y += height
        self._y += 2.0

    def _standing(self, bars: Bars) -> None:
        """Columns over a line, the highest with its figure; labels below, every other one where there are many."""
        self._need(_STANDING_MM + 12.0)
        page = self.pages[-1]
        highest = max([1.0, *(value for values in bars.values for value in values)])
        foot, step = self._y + _STANDING_MM, _ROOM / max(1, len(bars.labels))
        wide = step * 0.8 / len(bars.values)
        is_said = False
        for at, label in enumerate(bars.labels):
            x = _MARGIN + at * step
            for place, values in enumerate(bars.values):
                tall = (_STANDING_MM - 6.0) * values[at] / highest
                if tall > 0:
                    page.marks.append(_filled(place, x + place * wide, foot - tall, wide * 0.9, tall))
                if not is_said and values[at] == highest:
                    page.words.append(
                        Words("sans-bold", _SMALL, x, foot - tall - 1.2, _drawable(bars.words[place][at]), art.INK)
                    )
                    is_said = True
            if len(bars.labels) <= 12 or at % 3 == 0:
                page.words.append(Words("sans", _SMALL, x, foot + _SMALL * 1.3, _drawable(label), art.INK_SOFT))
        page.marks.append(f"{art.colour(art.INK, True)} 0.3 w {_MARGIN} {foot:.2f} m {WIDTH_MM - _MARGIN} {foot:.2f} l S")
        self._y = foot + 8.0

    def _table(self, table: Table) -> None:
        edges = _edges(table.columns)
        self._head(table, edges)
        for row in table.rows:
            cells = _cells(row, table.columns, edges, "sans")
            height = max(table.row_mm, max(len(lines) for lines in cells) * _CELL * _LINE + 1.6)
            if self._y + height > _BOTTOM:
                self._turn()
                self._head(table, edges)
            self._row(cells, table.columns, edges, "sans", height)
        self._y += _TEXT + 1.0  # what follows stands on its line: clear of the last rule

    def _head(self, table: Table, edges: Sequence[float]) -> None:
        cells = _cells([column.title for column in table.columns], table.columns, edges, "sans-bold")
        self._need(_head_height(table) + _CELL * _LINE + 1.6)
        self._row(cells, table.columns, edges, "sans-bold", _head_height(table))

    def _row(
        self,
        cells: Sequence[Sequence[str]],
        columns: Sequence[Column],
        edges: Sequence[float],
        face: Face,
        height: float,
    ) -> None:
        page = self.pages[-1]
        for at, lines in enumerate(cells):
            for place, line in enumerate(lines):
                y = self._y + _CELL + place * _CELL * _LINE
                if columns[at].figures:
                    page.words.append(_right(line, edges[at + 1] - 2.0, y, _CELL, face, art.INK))
                else:
                    page.words.append(Words(face, _CELL, edges[at], y, line, art.INK))
        self._y += height
        page.rules.append(self._y)
        self._y += 1.2

    def _put(self, line: str, face: Face, size: float, ink: str = art.INK) -> None:
        self.pages[-1].words.append(Words(face, size, _MARGIN, self._y, line, ink))
        self._y += size * _LINE

    def _need(self, height: float) -> None:
        if self._y + height > _BOTTOM:
            self._turn()

    def _turn(self) -> None:
        self.pages.append(_Page([], []))
        self._y = _MARGIN + _TEXT


def _filled(series: int, x: float, y: float, wide: float, tall: float) -> str:
    """A bar: the first series full, the second hatched in a frame, others in a frame: told apart without colour."""
    frame = f"{x:.2f} {y:.2f} {wide:.2f} {tall:.2f} re"
    if series == 0:
        return f"{art.colour(art.NIGHT)} {frame} f"
    ink = f"{art.colour(art.NIGHT, True)} 0.2 w"
    if series > 1:
        return f"{ink} {frame} S"
    lines, at = [], 0.0
    while at < wide + tall:  # upwards to the right, cut at the frame
        lines.append(f"{x + at - tall:.2f} {y + tall:.2f} m {x + at:.2f} {y:.2f} l")
        at += 1.2
    return f"q {frame} W n {ink} {' '.join(lines)} S Q {ink} {frame} S"


def _edges(columns: Sequence[Column]) -> list[float]:
    """Where the columns begin, and the right margin."""
    whole = sum(column.share for column in columns)
    edges = [_MARGIN]
    for column in columns:
        edges.append(edges[-1] + _ROOM * column.share / whole)
    return edges


def _cells(texts: Iterable[str], columns: Sequence[Column], edges: Sequence[float], face: Face) -> list[list[str]]:
    return [
        wrapped(_drawable(text), _CELL, edges[at + 1] - edges[at] - 2.0, face)
        for at, (text, _) in enumerate(zip(texts, columns, strict=True))
    ]


def _head_height(table: Table) -> float:
    titles = _cells([column.title for column in table.columns], table.columns, _edges(table.columns), "sans-bold")
    return max(len(lines) for lines in titles) * _CELL * _LINE + 1.6


def _right(text: str, edge: float, y: float, size: float, face: Face = "sans", ink: str = art.INK_SOFT) -> Words:
    words = Words(face, size, 0.0, y, text, ink)
    return replace(words, x=edge - library().width(face, text) * size)


def _drawable(text: str) -> str:
    """The text with what no font can draw as 〓, and every blank and control character as a blank."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    lacking = set(missing_glyphs(plain))
    return "".join(_UNKNOWN if character in lacking else character for character in plain)
