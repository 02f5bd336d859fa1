"""The two faces of the card in millimetres: which words stand where, in both orientations (R40, R41, A13).

A face is 9 wide and 6 high (landscape, the default) or 6 wide and 9 high; both are cut out as one sheet and folded along
their long edge. A name shrinks to a floor and then takes two lines. What is not here: ornaments (sheet_art), paper and
marks (sheet).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from honorcard import roc
from honorcard.card import sheet_art as art
from honorcard.card.page import Words
from honorcard.fonts import Face, library
from honorcard.jurisdiction import Jurisdiction, Orientation
from honorcard.problems import ProblemError

QR_MM = 30.0  # with quiet zone; below 26 the scan rate falls (credential C.2)
NAME_LIMIT = 50  # household registration (domain 6)
PRACTICE = "練習"
_NAME_SIZE, _NAME_FLOOR, _NAME_TWO_LINES, _NAME_SMALLEST = 5.4, 3.3, 3.0, 1.9
_NAME_TO_LABEL = 1.5  # readers of a PDF's text take what is larger beside it for another line, read first
_ISSUER_SIZE, _ISSUER_FLOOR = 3.1, 2.3


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


@dataclass(frozen=True)
class Form:
    """One orientation: the face, where the back begins on the sheet, the fold, and what stands where on the front.

    photo: x, y, width, height, 4:5 (domain 2.7: the one-inch photo of Taiwan's shops). chip: the room of 練習.
    """

    width: float
    height: float
    back_at: tuple[float, float]
    fold: tuple[float, float, float, float]
    photo: tuple[float, float, float, float]
    qr: tuple[float, float]
    chip: tuple[float, float]
    rosettes: tuple[tuple[float, float], ...]
    emblems: tuple[art.Place, ...]

    @property
    def sheet(self) -> tuple[float, float]:
        """Width and height of both faces together, mm."""
        return self.width + self.back_at[0], self.height + self.back_at[1]


FORMS: dict[Orientation, Form] = {
    "landscape": Form(
        90.0, 60.0, (0.0, 60.0), (0, 60, 90, 60), (4.0, 17.6, 28.0, 35.0), (58.7, 28.8), (74.5, 2.75),
        ((71.0, 31.0), (22.0, 94.0)), ((45.5, 36.2, 22.0), (70.0, 94.0, 18.4)),
    ),
    "portrait": Form(
        60.0, 90.0, (60.0, 0.0), (60, 0, 60, 90), (4.0, 24.0, 25.0, 31.25), (15.0, 57.5), (46.2, 79.0),
        ((44.0, 66.0), (78.0, 70.0)), ((38.0, 46.0, 18.4), (96.0, 52.0, 22.0)),
    ),
}  # fmt: skip


def front(face: CardFace, rules: Jurisdiction) -> list[Words]:
    """R40's lines, in the order in which they are read. ProblemError `glyph_missing`, `name_too_long`."""
    texts = rules.card
    out = [Words("serif-bold", 5.6, 12.5, 7.95, texts.title, "#ffffff", tracking=0.7)]
    chip_x, chip_y = FORMS[rules.orientation].chip
    if face.practice:
        out.append(Words("sans-bold", 4.2, chip_x + 1.6, chip_y + 4.5, PRACTICE, "#231800", tracking=0.6))
    until = roc.dotted(face.valid_until)
    if rules.orientation == "landscape":
        out += _name(face.name, texts.name, 35.0, 52.5)
        label = Words("sans", 3.1, 35.0, 27.0, texts.valid_until, art.INK)
        out += [label, Words("sans-bold", 4.3, label.end, 27.0, until, art.INK)]
        number = Words("sans", 3.0, 35.0, 38.0, texts.number, art.INK)
        room = 58.7 - 35.0 - 0.4
        out += [number, _fitted("sans-bold", 3.0, number.end, 38.0, face.number, room - number.width)]
        out.append(Words("sans", 3.0, 35.0, 47.0, texts.issuer, art.INK))
        return [*out, *_issuer(rules.issuer, 35.0, 52.3, room)]
    out += _name(face.name, texts.name, 4.0, 52.0)
    for y, label_text, size, value in (
        (28.0, texts.valid_until, 4.3, until),
        (39.0, texts.number, 3.6, face.number),
    ):
        out.append(Words("sans", 2.9, 32.0, y, label_text, art.INK))
        out.append(_fitted("sans-bold", size, 32.0, y + 5.0, value, 25.0))
    out.append(Words("sans", 2.9, 32.0, 49.0, texts.issuer, art.INK))
    return [*out, *_issuer(rules.issuer, 32.0, 53.2, 25.0)]


def back(face: CardFace, rules: Jurisdiction) -> list[Words]:
    """R41's lines, places counted from the back's own corner. ProblemError `glyph_missing`."""
    texts, tall = rules.card, rules.orientation == "portrait"
    left, right = (4.0, 56.0) if tall else (5.0, 85.0)
    size, lead = (2.5, 3.8) if tall else (2.6, 3.9)
    out = [Words("serif-bold", 3.9, left, 9.0, texts.notes_heading, art.INK)]
    if face.practice:
        out.append(Words("sans-bold", 4.2, right - 9.0, 9.0, PRACTICE, art.INK, tracking=0.6))
    y = 15.2
    for note in texts.notes:
        mark, rest = _numbered(note)
        if mark:
            out.append(Words("sans", size, left, y, mark, art.INK))
        for line in _lines(rest, size, right - left - 2 * size):
            out.append(Words("sans", size, left + 2 * size, y, line, art.INK))
            y += lead
    born, identity = roc.written(face.birth_date), face.identity_number
    said = Words("sans", 2.9 if tall else 3.0, left, 68.0 if tall else 49.3, texts.birth_date, art.INK)
    out += [said, _fitted("sans-bold", 3.2, said.end, said.y, born, right - said.end)]
    said = _fitted("sans", 2.9 if tall else 3.0, left, 75.0 if tall else 55.0, texts.identity_number, right - left)
    x, y = (left, 80.4) if tall else (said.end, said.y)
    return [*out, said, _fitted("sans-bold", 3.2, x, y, identity, right - x)]


def rule(orientation: Orientation) -> str:
    """The line above birth date and number, as operators."""
    x, to_x, y = (4, 56, 62.0) if orientation == "portrait" else (5, 85, 43.6)
    return f"{art.colour(art.EDGE, True)} 0.2 w {x} {y} m {to_x} {y} l S"


def _name(name: str, label: str, x: float, width: float) -> list[Words]:
    """姓名 and the name: on one line as large as it fits, else the label above two lines across the face."""
    if len(name) > NAME_LIMIT + 10:  # variation selectors and combining marks do not count as characters
        raise ProblemError("name_too_long", limit=NAME_LIMIT)
    missing = library().missing(name)
    if missing:
        raise ProblemError("glyph_missing", characters=missing)
    wide = library().width("sans-bold", name)
    for label_size in (_NAME_SIZE / _NAME_TO_LABEL, 3.1):
        beside = Words("sans", label_size, x, 20.9, label, art.INK)
        size = min(_NAME_SIZE, (width - beside.width) / wide if wide else _NAME_SIZE)
        if size >= label_size * 1.2 or (label_size == 3.1 and size >= _NAME_FLOOR):
            size = min(size, label_size * _NAME_TO_LABEL)
            return [beside, Words("sans-bold", size, beside.end, 20.9, name, art.INK)]
    first, second = _halves(name)
    widest = max(library().width("sans-bold", first), library().width("sans-bold", second))
    size = min(_NAME_TWO_LINES, width / widest)
    if size < _NAME_SMALLEST:
        raise ProblemError("name_too_long", limit=NAME_LIMIT)
    above = Words("sans", 2.4, x, 15.7, label, art.INK)
    return [
        above,
        Words("sans-bold", size, x, 18.9, first, art.INK),
        Words("sans-bold", size, x, 19.2 + size, second, art.INK),
    ]


def _issuer(name: str, x: float, y: float, room: float) -> list[Words]:
    """The issuer on one line, or smaller on two where the line would be too small to read."""
    one = _fitted("sans-bold", _ISSUER_SIZE, x, y, name, room)
    if one.size >= _ISSUER_FLOOR or len(name) < 2:
        return [one]
    first, second = _halves(name)
    return [
        _fitted("sans-bold", _ISSUER_FLOOR, x, y - 0.8, first, room),
        _fitted("sans-bold", _ISSUER_FLOOR, x, y + 2.4, second, room),
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
