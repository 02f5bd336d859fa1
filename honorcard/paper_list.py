"""A4 pages of headings, sentences and tables, for what people take home: a service record, a unit's list to sign.

Values in, PDF out; the same values give the same bytes. A character that no font can draw stands as 〓, since a list that
is never printed helps nobody (the card itself refuses: card.sheet). What is not here: what the lists say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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


Block = Heading | Text | Table


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
        canvas.text(page.words, 0, 0)
    return canvas.finish()


@dataclass
class _Page:
    words: list[Words]
    rules: list[float]


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
        self._y += 3.0

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
