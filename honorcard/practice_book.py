"""Record books for practice, drawn: for each seat another volunteer who does not exist, on A4 to be photographed.

A book that passes (cover, three inside pages, a drawing of the head) and a second one, of another volunteer, that does not: hours
are short, so that the room sees both answers. The same seat and day give the same book; its rows end shortly before that day.
What is not here: pictures of such books on a desk, for the center's sample data (center.sample.pages).
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from honorcard import hours, identity, roc
from honorcard.card import sheet_art as art
from honorcard.card.page import Canvas, Words
from honorcard.card.portrait import drawn_portrait

A4 = (210.0, 297.0)
PAGES = 6  # of each seat
ROWS_A_PAGE = 8
INSIDE = 3
_SURNAMES = "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周"
_GIVEN = (
    "練美", "習文", "練華", "習英", "練雄", "習珠", "練玉", "習德", "練芳", "習明", "練珍", "習義",
)  # fmt: skip
_PLACES = (("導覽", "展場導覽解說"), ("關懷", "獨居長者訪視"), ("環保", "步道清潔維護"), ("圖書", "閱覽服務與整架"))
_UNITS = ("練習第一志工隊", "練習第二志工隊", "練習第三志工隊")
_LEFT, _RIGHT, _TOP = 20.0, 190.0, 52.0
_COLUMNS = (
    ("服務日期（起）", 20.0),
    ("服務日期（迄）", 54.0),
    ("項目", 88.0),
    ("內容", 106.0),
    ("時數", 148.0),
    ("單位", 164.0),
)
_ROW = 24.0


@dataclass(frozen=True)
class Row:
    """One line of a book."""

    start: date
    end: date
    half_hours: int
    item: str
    content: str


@dataclass(frozen=True)
class Book:
    """A made-up volunteer and what stands in the book, oldest first."""

    seat: int
    name: str
    identity_number: str
    birth_date: date
    prefix: str
    number: str
    issued_on: date
    unit: str
    rows: tuple[Row, ...]

    @property
    def half_hours(self) -> int:
        """Of all rows."""
        return sum(row.half_hours for row in self.rows)

    @property
    def pages(self) -> list[tuple[Row, ...]]:
        """The rows by page."""
        return [self.rows[at : at + ROWS_A_PAGE] for at in range(0, len(self.rows), ROWS_A_PAGE)]


def book(seat: int, today: date) -> Book:
    """The book of that seat that passes on that day: three years and some weeks, 300 hours and more, served lately."""
    return _book(seat, today, f"practice {seat}", rows=INSIDE * ROWS_A_PAGE, least=26, serial=seat)


def short_book(seat: int, today: date) -> Book:
    """The second book of that seat, which does not pass: the hours of one page alone."""
    return _book(seat, today, f"practice short {seat}", rows=ROWS_A_PAGE, least=9, serial=500 + seat)


def render(seats: Iterable[int], today: date, *, created: datetime) -> bytes:
    """The PDF: PAGES pages of A4 for each seat. ProblemError `fonts_missing`."""
    pages: list[tuple[list[Words], list[str], bytes | None]] = []
    for seat in seats:
        good, short = book(seat, today), short_book(seat, today)
        pages.append(_cover(good, f"第 {seat} 座"))
        pages += [_inside(good, rows, place) for place, rows in enumerate(good.pages, start=1)]
        pages.append(_head(good))
        pages.append(_inside(short, short.rows, 1, with_cover=True))
    canvas = Canvas(created=created, title="練習用紀錄冊", words=[word for words, _, _ in pages for word in words])
    for words, lines, picture in pages:
        canvas.page(*A4)
        with canvas.at(0, 0):
            canvas.draw(art.practice(*A4))
            canvas.draw(f"{art.colour(art.EDGE, True)} 0.3 w")
            canvas.draw("\n".join(lines))
        if picture is not None:
            canvas.picture(picture, 55, 70, 100, 125)
        canvas.text(words, 0, 0)
    return canvas.finish()


def _book(seat: int, today: date, seed: str, *, rows: int, least: int, serial: int) -> Book:
    dice = random.Random(seed)  # noqa: S311 (a drawing, no secret)
    last = today - timedelta(days=12 + dice.randrange(20))
    first = roc.years_before(last, 3) - timedelta(days=21 + dice.randrange(40))
    item, content = dice.choice(_PLACES)
    span = (last - first).days
    made = []
    for place in range(rows):
        start = first + timedelta(days=span * place // rows)
        end = last if place == rows - 1 else min(last, start + timedelta(days=7 + dice.randrange(14)))
        made.append(Row(start, end, least + dice.randrange(6), item, content))
    name = dice.choice(_SURNAMES) + _GIVEN[serial % len(_GIVEN)]
    birth = date(1950 + dice.randrange(30), 1 + dice.randrange(12), 1 + dice.randrange(28))
    return Book(
        seat, name, _identity_number(serial, dice), birth, "練習", f"{serial:06d}", first - timedelta(days=30),
        _UNITS[seat % len(_UNITS)], tuple(made),
    )  # fmt: skip


def _identity_number(serial: int, dice: random.Random) -> str:
    """One that the keypad takes: its check digit agrees. No two seats have the same."""
    body = f"Z{1 + dice.randrange(2)}9{serial:03d}{dice.randrange(1000):03d}"
    return next(body + str(digit) for digit in range(10) if identity.read(f"{body}{digit}").valid)


def _cover(held: Book, seat: str) -> tuple[list[Words], list[str], bytes | None]:
    words = [
        _centred("serif-bold", 15.0, 80.0, "志願服務紀錄冊"),
        _centred("sans-bold", 7.0, 97.0, f"練習用　{seat}"),
        *_who(held, 130.0),
        _centred("sans", 4.4, 270.0, "這本紀錄冊是練習用的，裡面的人和時數都是編的。"),
    ]
    frame = ["12 12 186 273 re S", "15 15 180 267 re S", "30 112 150 120 re S"]
    return words, frame, None


def _who(held: Book, top: float) -> list[Words]:
    said = (
        ("冊號", f"{held.prefix}字第 {held.number} 號"), ("姓名", held.name), ("身分證號", held.identity_number),
        ("出生年月日", roc.dotted(held.birth_date)), ("領冊日期", roc.dotted(held.issued_on)), ("服務單位", held.unit),
    )  # fmt: skip
    words: list[Words] = []
    for line, (label, value) in enumerate(said):
        y = top + 17.0 * line
        words += [Words("sans", 5.0, 38.0, y, label, art.INK_SOFT), Words("sans-bold", 7.0, 80.0, y, value, art.INK)]
    return words


def _inside(
    held: Book, rows: tuple[Row, ...], place: int, *, with_cover: bool = False
) -> tuple[list[Words], list[str], None]:
    title = "服務紀錄" + ("（另一位志工，時數不夠）" if with_cover else "")
    who = f"{held.name}　{held.prefix}字第 {held.number} 號"
    if with_cover:
        who += f"　{held.identity_number}　{roc.dotted(held.birth_date)} 生"
    words = [
        _centred("serif-bold", 9.0, 24.0, title), _centred("sans-bold", 4.6, 34.0, who),
        *(Words("sans-bold", 4.0, x + 1.5, _TOP - 3.5, label, art.INK) for label, x in _COLUMNS),
    ]  # fmt: skip
    lines = [f"{_LEFT} {_TOP - 10} {_RIGHT - _LEFT} {10 + _ROW * ROWS_A_PAGE:.2f} re S"]
    lines += [f"{x} {_TOP - 10} m {x} {_TOP + _ROW * ROWS_A_PAGE:.2f} l S" for _, x in _COLUMNS[1:]]
    for line in range(ROWS_A_PAGE):
        y = _TOP + _ROW * line
        lines.append(f"{_LEFT} {y:.2f} m {_RIGHT} {y:.2f} l S")
        if line < len(rows):
            row = rows[line]
            said = (
                roc.dotted(row.start), roc.dotted(row.end), row.item, row.content, hours.printed(row.half_hours), held.unit[2:4]
            )  # fmt: skip
            words += [
                Words("sans-bold", 4.6, x + 1.5, y + 14.5, text, art.INK)
                for (_, x), text in zip(_COLUMNS, said, strict=True)
            ]
    total = hours.printed(sum(row.half_hours for row in rows))
    words.append(Words("sans-bold", 5.0, 20.0, 260.0, f"本頁合計　{total} 小時", art.INK))
    if place == INSIDE or with_cover:
        days = f"{roc.dotted(held.rows[0].start)} 到 {roc.dotted(held.rows[-1].end)}"
        whole = f"全冊　{days}　共 {hours.printed(held.half_hours)} 小時"
        words.append(Words("sans-bold", 5.0, 20.0, 270.0, whole, art.INK))
    words.append(_centred("sans", 4.0, 284.0, f"第 {place} 頁　練習用，第 {held.seat} 座"))
    return words, lines, None


def _head(held: Book) -> tuple[list[Words], list[str], bytes]:
    words = [
        _centred("serif-bold", 9.0, 40.0, "大頭照請拍這張畫像"), _centred("sans-bold", 6.0, 210.0, held.name),
        _centred("sans", 4.4, 222.0, "靠近一點拍，讓頭和肩膀在框裡。不必拍自己。"),
        _centred("sans", 4.0, 284.0, f"練習用，第 {held.seat} 座"),
    ]  # fmt: skip
    return words, ["54 69 102 127 re S"], drawn_portrait(held.seat)


def _centred(face: str, size: float, y: float, text: str) -> Words:
    word = Words(face, size, 0.0, y, text, art.INK)  # type: ignore[arg-type]
    return Words(face, size, (A4[0] - word.width) / 2, y, text, art.INK)  # type: ignore[arg-type]
