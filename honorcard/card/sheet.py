"""The printed card: two faces of 9 by 6 cm on one sheet, cut on the solid line, folded on the dashed one (R40–R47,
R50).

Values in, PDF out; the same values give the same bytes. The front bears the photo, R40's lines and the QR code at 30
mm with its quiet zone; the back R41's, word for word. A name shrinks to its line and then takes two; a character no
font can draw stops the sheet with `glyph_missing`. What is not here: the ornaments (sheet_art.py), the fonts
(fonts.py), printing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from honorcard import roc
from honorcard.card import sheet_art as art
from honorcard.card.page import Canvas, Words
from honorcard.card.symbol import QUIET_MODULES, qr_matrix
from honorcard.card.thumbnail import print_jpeg
from honorcard.fonts import Face, library
from honorcard.jurisdiction import Jurisdiction
from honorcard.problems import ProblemError

Paper = Literal["a4", "a4-four", "card"]

QR_MM = 30.0  # with quiet zone; below 26 the scan rate falls (credential C.2)
PHOTO_MM = (28.0, 35.0)  # 4:5, the one-inch photo of Taiwan's shops (domain 2.7)
PHOTO_PX = (280, 350)  # 254 dots an inch, and half the 560 by 700 of a stored headshot
NAME_LIMIT = 50  # household registration (domain 6)
HINT = "請以 100% 列印，不要縮放（每面 6 × 9 公分）"
_RULER_HINT = "用尺量：這條線是 6 公分"
_MAKING_HINT = "實線剪、虛線折、背面塗膠"
_PRACTICE = "練習"

# Where things stand on the front, millimetres.
_PHOTO_AT = (4.0, 17.6)
_TEXT_X = 35.0
_TEXT_WIDTH = 52.5
_QR_AT = (58.7, 28.8)
_NAME_SIZE, _NAME_FLOOR, _NAME_TWO_LINES, _NAME_SMALLEST = 5.4, 3.3, 3.0, 1.9


@dataclass(frozen=True)
class CardFace:
    """What is printed for one card. `photo`: JPEG, PNG or WebP; `qr_text`: signing.sign's; numbers as people read
    them."""

    name: str
    number: str
    valid_until: date
    birth_date: date
    identity_number: str
    photo: bytes
    qr_text: str
    practice: bool = False


def render(
    faces: Sequence[CardFace],
    rules: Jurisdiction,
    *,
    created: datetime,
    paper: Paper = "a4",
    turn_back: bool = False,
) -> bytes:
    """The PDF of these cards, one a page in their order.

    `paper`: "a4" (one card a page, with marks), "a4-four" (four a page), "card" (a page of 90 by 120 mm). `turn_back`
    turns the back face for folding like a book instead of a calendar. ProblemError: `fonts_missing`, `glyph_missing`,
    `name_too_long`, `photo_unreadable`.
    """
    if not faces:
        raise ValueError("no card to print")
    drawn = [(_front(face, rules), _back(face, rules)) for face in faces]
    words = [word for front, back in drawn for word in (*front, *back)]
    notes = [] if paper == "card" else _sheet_notes()
    canvas = Canvas(created=created, title=rules.card.title, words=[*words, *notes])
    page_size, origins = _LAYOUT[paper]
    for place, (face, (front, back)) in enumerate(zip(faces, drawn, strict=True)):
        slot = place % len(origins)
        if slot == 0:
            canvas.page(*page_size)
            if paper != "card":
                _draw_notes(canvas, notes, paper)
        _draw_card(canvas, face, front, back, origins[slot], paper, turn_back)
    return canvas.finish()


_LAYOUT: dict[Paper, tuple[tuple[float, float], list[tuple[float, float]]]] = {
    "a4": ((210.0, 297.0), [(60.0, 70.0)]),
    "a4-four": ((210.0, 297.0), [(10.0, 22.0), (110.0, 22.0), (10.0, 152.0), (110.0, 152.0)]),
    "card": ((art.WIDTH, 2 * art.HEIGHT), [(0.0, 0.0)]),
}


def _draw_card(
    canvas: Canvas,
    face: CardFace,
    front: list[Words],
    back: list[Words],
    origin: tuple[float, float],
    paper: Paper,
    turn_back: bool,
) -> None:
    x, y = origin
    matrix = qr_matrix(face.qr_text)
    quiet = QR_MM * QUIET_MODULES / (len(matrix) + 2 * QUIET_MODULES)
    with canvas.at(x, y):
        canvas.draw(art.ground())
        if face.practice:
            canvas.draw(art.practice())
        canvas.draw(art.band(face.practice))
        canvas.draw(f"1 1 1 rg {_QR_AT[0]} {_QR_AT[1]} {QR_MM} {QR_MM} re f")
        shift = f"q 1 0 0 1 {_QR_AT[0] + quiet:.3f} {_QR_AT[1] + quiet:.3f} cm"
        canvas.draw("\n".join([shift, art.symbol(matrix, QR_MM - 2 * quiet), "Q"]))
    canvas.picture(print_jpeg(face.photo, *PHOTO_PX), x + _PHOTO_AT[0], y + _PHOTO_AT[1], *PHOTO_MM)
    with canvas.at(x, y):
        frame = f"{_PHOTO_AT[0]} {_PHOTO_AT[1]} {PHOTO_MM[0]} {PHOTO_MM[1]} re S"
        canvas.draw(f"{art.colour(art.INK, True)} 0.2 w {frame}")
    canvas.text(front, x, y)
    turned = (x + art.WIDTH / 2, y + 1.5 * art.HEIGHT) if turn_back else None
    with canvas.turned(turned):
        with canvas.at(x, y + art.HEIGHT):
            if face.practice:
                canvas.draw(art.practice())
            canvas.draw(f"{art.colour(art.EDGE, True)} 0.2 w 5 43.6 m 85 43.6 l S")
        canvas.text(back, x, y + art.HEIGHT)
    with canvas.at(x, y):
        canvas.draw(_marks(paper))


def _marks(paper: Paper) -> str:
    if paper == "a4":
        return art.marks()
    if paper == "a4-four":
        return f"{art.colour(art.INK, True)} 0.25 w 0 0 {art.WIDTH} {2 * art.HEIGHT} re S {art.fold(3)}"
    return art.fold()


def _front(face: CardFace, rules: Jurisdiction) -> list[Words]:
    texts = rules.card
    out = [Words("serif-bold", 5.6, 12.5, 7.95, texts.title, "#ffffff", tracking=0.7)]
    if face.practice:
        out.append(Words("sans-bold", 4.2, 76.1, 7.25, _PRACTICE, "#231800", tracking=0.6))
    out += _name(face.name, texts.name)
    label = Words("sans", 3.1, _TEXT_X, 27.0, texts.valid_until, art.INK)
    out += [label, Words("sans-bold", 4.3, label.end, 27.0, roc.dotted(face.valid_until), art.INK)]
    number = Words("sans", 3.0, _TEXT_X, 38.0, texts.number, art.INK)
    room = _QR_AT[0] - _TEXT_X - 0.4
    out += [number, _fitted("sans-bold", 3.0, number.end, 38.0, face.number, room - number.width)]
    out.append(Words("sans", 3.0, _TEXT_X, 47.0, texts.issuer, art.INK))
    out.append(_fitted("sans-bold", 3.1, _TEXT_X, 52.3, rules.issuer, room))
    return out


def _name(name: str, label: str) -> list[Words]:
    """姓名 and the name: on one line as large as it fits, else the label above two lines across the face."""
    if len(name) > NAME_LIMIT + 10:  # variation selectors and combining marks do not count as characters
        raise ProblemError("name_too_long", limit=NAME_LIMIT)
    missing = library().missing(name)
    if missing:
        raise ProblemError("glyph_missing", characters=missing)
    beside = Words("sans", 3.1, _TEXT_X, 20.9, label, art.INK)
    room = _TEXT_WIDTH - beside.width
    wide = library().width("sans-bold", name)
    size = min(_NAME_SIZE, room / wide) if wide else _NAME_SIZE
    if size >= _NAME_FLOOR:
        return [beside, Words("sans-bold", size, beside.end, 20.9, name, art.INK)]
    first, second = _halves(name)
    widest = max(library().width("sans-bold", first), library().width("sans-bold", second))
    size = min(_NAME_TWO_LINES, _TEXT_WIDTH / widest)
    if size < _NAME_SMALLEST:
        raise ProblemError("name_too_long", limit=NAME_LIMIT)
    above = Words("sans", 2.4, _TEXT_X, 15.7, label, art.INK)
    return [
        above,
        Words("sans-bold", size, _TEXT_X, 18.9, first, art.INK),
        Words("sans-bold", size, _TEXT_X, 19.2 + size, second, art.INK),
    ]


def _halves(name: str) -> tuple[str, str]:
    """The name in two lines of nearly equal width, broken after a space or a dot where there is one near the
    middle."""
    widths = [library().width("sans-bold", character) for character in name]
    half = sum(widths) / 2

    def cost(place: int) -> tuple[float, int]:
        uneven = abs(sum(widths[:place]) - half)
        natural = name[place - 1] in " ‧·・．." or name[place] == " "
        joined = name[place - 1].isascii() and name[place].isascii() and not natural
        return uneven + (0 if natural else 1.5) + (half if joined else 0), place

    best = min(range(1, len(name)), key=cost)
    return name[:best].rstrip(" "), name[best:].lstrip(" ")


def _back(face: CardFace, rules: Jurisdiction) -> list[Words]:
    texts = rules.card
    out = [Words("serif-bold", 3.9, 5, 9.0, texts.notes_heading, art.INK)]
    if face.practice:
        out.append(Words("sans-bold", 4.2, 76.1, 9.0, _PRACTICE, art.INK, tracking=0.6))
    y = 15.2
    for note in texts.notes:
        mark, rest = _numbered(note)
        if mark:
            out.append(Words("sans", 2.6, 5, y, mark, art.INK))
        for line in _lines(rest, 2.6, 85 - 10.2):
            out.append(Words("sans", 2.6, 10.2, y, line, art.INK))
            y += 3.9
    for at, label, value in (
        (49.3, texts.birth_date, roc.written(face.birth_date)),
        (55.0, texts.identity_number, face.identity_number),
    ):
        said = Words("sans", 3.0, 5, at, label, art.INK)
        out += [said, _fitted("sans-bold", 3.2, said.end, at, value, 85 - said.end)]
    return out


def _numbered(note: str) -> tuple[str, str]:
    """「一、 …」 as its number and the rest, which hangs; a note without a number hangs whole."""
    mark, comma, rest = note.partition("、")
    if comma and len(mark) == 1 and mark in "一二三四五六七八九十":
        return mark + comma, rest.lstrip()
    return "", note


@lru_cache(maxsize=64)
def _lines(text: str, size: float, width: float) -> tuple[str, ...]:
    """The text in lines of at most `width` mm; a line never begins with a closing mark (the mark hangs out
    instead)."""
    lines = [""]
    for character in text:
        wide = library().width("sans", lines[-1] + character) * size
        if lines[-1] and wide > width and character not in art.NO_LINE_START:
            lines.append("")
        lines[-1] += character
    return tuple(lines)


def _fitted(face: Face, size: float, x: float, y: float, text: str, room: float) -> Words:
    """The text at this size, or smaller where it would not fit its room."""
    missing = library().missing(text)
    if missing:
        raise ProblemError("glyph_missing", characters=missing)
    wide = library().width(face, text)
    return Words(face, min(size, room / wide) if wide else size, x, y, text, art.INK)


def _sheet_notes() -> list[Words]:
    right = Words("sans", 3.0, 0, 0, _MAKING_HINT, art.INK)
    return [
        Words("sans", 3.4, 0, 0, HINT, art.INK),
        Words("sans", 3.0, 0, 7.0, _RULER_HINT, art.INK),
        Words("sans", 3.0, art.WIDTH - right.width, 7.0, _MAKING_HINT, art.INK),
    ]


def _draw_notes(canvas: Canvas, notes: list[Words], paper: Paper) -> None:
    """Above the sheet how to print it, below a ruler to measure the print with."""
    left, above, below = (60.0, 57.0, 206.0) if paper == "a4" else (60.0, 14.0, 279.0)
    hint, ruler_hint, making = notes
    canvas.text([hint], left, above)
    with canvas.at(left, below):
        canvas.draw(art.ruler())
    canvas.text([ruler_hint, making], left, below)
