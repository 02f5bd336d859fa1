"""Drawn record books: the cover of a 志願服務紀錄冊 and its inside pages, entered by hand, strip and stamp.

No scan of a real page was at hand (domain §2.6); columns follow Art. 9 of the old regulation and the amended Art. 4.
How a page looks when it lies on a desk under a camera is in `desk`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from center.sample.ink import Colour, mix
from center.sample.paper import by_hand, seal, width_of, write
from honorcard import roc

SIZE = (1144, 1600)  # an upright page, close to A5
ROWS_A_PAGE = 12
CREAM: Colour = (250, 246, 234)
RULE: Colour = (122, 116, 98)
PRINT: Colour = (62, 58, 48)
PENS: tuple[Colour, ...] = ((30, 50, 104), (24, 26, 34), (36, 66, 138))
COVERS: tuple[Colour, ...] = ((28, 82, 74), (24, 62, 112), (132, 42, 52), (86, 70, 44))

_COLUMNS = (
    ("服務日期", 0.250),
    ("服務項目", 0.140),
    ("服務內容", 0.215),
    ("時數", 0.095),
    ("服務單位", 0.180),
    ("登錄人簽章", 0.120),
)


@dataclass(frozen=True)
class BookRow:
    """One entered row; hours are integer half-hours."""

    start: date
    end: date
    item: str
    content: str
    half_hours: int
    unit: str
    keeper: str


def hours_text(half_hours: int) -> str:
    """`14.5`, `12.0`: hours as they stand in a book."""
    return f"{half_hours // 2}.{'5' if half_hours % 2 else '0'}"


def cover(
    name: str, prefix: str, number: str, issuer: str, *, issued_on: date, seed: int = 0, size: tuple[int, int] = SIZE
) -> Image.Image:
    """The book's cover: title, 字第…號, holder and issuing office, RGB at `size`."""
    dice = random.Random(f"cover {seed}")  # noqa: S311 — a picture, not a secret
    width, height = size
    k = height / 1600
    cloth = dice.choice(COVERS)
    page = _woven(size, cloth, seed)
    pen = ImageDraw.Draw(page)
    gold = (226, 196, 128)
    pen.rectangle(
        (44 * k, 44 * k, width - 44 * k, height - 44 * k), outline=mix(cloth, gold, 0.55), width=max(1, int(3 * k))
    )
    pen.rectangle(
        (56 * k, 56 * k, width - 56 * k, height - 56 * k), outline=mix(cloth, gold, 0.35), width=max(1, int(1.5 * k))
    )
    _feathers(page, (width / 2, 330 * k), 150 * k, gold)
    write(pen, (width / 2, 590 * k), "志願服務紀錄冊", "serif-bold", int(112 * k), gold, align="middle", gap=14 * k)
    write(
        pen,
        (width / 2, 690 * k),
        "VOLUNTEER SERVICE RECORD BOOK",
        "serif",
        int(31 * k),
        mix(gold, (255, 255, 255), 0.3),
        align="middle",
        gap=5 * k,
    )
    label = (150 * k, 830 * k, width - 150 * k, 1330 * k)
    pen.rectangle(
        (label[0] + 5 * k, label[1] + 7 * k, label[2] + 5 * k, label[3] + 7 * k), fill=mix(cloth, (0, 0, 0), 0.4)
    )
    pen.rectangle(label, fill=(252, 250, 243))
    pen.rectangle(
        (label[0] + 12 * k, label[1] + 12 * k, label[2] - 12 * k, label[3] - 12 * k),
        outline=RULE,
        width=max(1, int(2 * k)),
    )
    ink = dice.choice(PENS)
    whole = f"{prefix}字第{number}號"
    write(
        pen,
        (width / 2, label[1] + 95 * k),
        whole,
        "serif-bold",
        int(62 * k),
        PRINT,
        align="middle",
        room=(label[2] - label[0]) * 0.88,
    )
    for line, (title, value) in enumerate(
        (("姓　　名", name), ("發冊單位", issuer), ("領冊日期", roc.dotted(issued_on)))
    ):
        y = label[1] + (210 + 105 * line) * k
        write(pen, (label[0] + 60 * k, y), title, "serif", int(40 * k), PRINT)
        left = label[0] + 250 * k
        pen.line((left, y + 34 * k, label[2] - 60 * k, y + 34 * k), fill=RULE, width=max(1, int(2 * k)))
        by_hand(page, ((left + label[2] - 60 * k) / 2, y), value, int(50 * k), ink, dice, room=label[2] - 70 * k - left)
    write(
        pen,
        (width / 2, height - 140 * k),
        "請妥善保管，換發榮譽卡時備查",
        "serif",
        int(36 * k),
        mix(cloth, gold, 0.8),
        align="middle",
        gap=4 * k,
    )
    return _bound(page)


def page(
    rows: Sequence[BookRow], *, number: int = 1, words: str = "", seed: int = 0, size: tuple[int, int] = SIZE
) -> Image.Image:
    """An inside page with up to twelve rows, its page number (or `words` in its place) and its total;

    readable when 1,600 px high. RGB at `size`.
    """
    if len(rows) > ROWS_A_PAGE:
        raise ValueError(f"a page holds {ROWS_A_PAGE} rows, not {len(rows)}")
    dice = random.Random(f"page {seed} {number}")  # noqa: S311
    width, height = size
    k = height / 1600
    sheet = _paper(size, seed + number)
    pen = ImageDraw.Draw(sheet)
    write(pen, (width / 2, 112 * k), "服務紀錄", "serif-bold", int(66 * k), PRINT, align="middle", gap=26 * k)
    left, right, top, bottom = 84 * k, width - 60 * k, 180 * k, height - 150 * k
    head = top + 84 * k
    line = (bottom - head) / ROWS_A_PAGE
    edges = left + np.cumsum([0.0, *(share for _, share in _COLUMNS)]) * (right - left)
    pen.rectangle((left, top, right, head), fill=mix(CREAM, RULE, 0.13))
    for (title, _), a, b in zip(_COLUMNS, edges, edges[1:], strict=False):
        write(
            pen,
            ((a + b) / 2, (top + head) / 2),
            title,
            "serif-bold",
            int(33 * k),
            PRINT,
            align="middle",
            room=(b - a) * 0.9,
        )
    thin, thick = max(1, int(1.6 * k)), max(2, int(3.4 * k))
    for rule in range(1, ROWS_A_PAGE):
        pen.line((left, head + rule * line, right, head + rule * line), fill=mix(RULE, CREAM, 0.4), width=thin)
    for x in edges[1:-1]:
        pen.line((x, top, x, bottom), fill=mix(RULE, CREAM, 0.2), width=thin)
    pen.line((left, head, right, head), fill=RULE, width=thick)
    pen.rectangle((left, top, right, bottom), outline=RULE, width=thick)
    ink = dice.choice(PENS)
    has_strips = dice.random() < 0.4  # printed strips pasted in instead of a pen
    for index, row in enumerate(rows):
        _enter(sheet, row, head + (index + 0.5) * line, line, edges, ink, dice, k, printed=has_strips)
    total = hours_text(sum(row.half_hours for row in rows))
    write(pen, (left, height - 92 * k), f"本頁合計　{total}　小時", "serif", int(36 * k), PRINT)
    write(pen, (right, height - 92 * k), words or f"第 {number} 頁", "serif", int(34 * k), PRINT, align="right")
    return _bound(sheet)


def pages(rows: Sequence[BookRow], *, seed: int = 0, size: tuple[int, int] = SIZE) -> list[Image.Image]:
    """All inside pages of a book, twelve rows on each."""
    groups = [rows[at : at + ROWS_A_PAGE] for at in range(0, len(rows), ROWS_A_PAGE)]
    return [page(group, number=number, seed=seed, size=size) for number, group in enumerate(groups, start=1)]


def _enter(
    sheet: Image.Image,
    row: BookRow,
    y: float,
    line: float,
    edges: np.ndarray,
    ink: Colour,
    dice: random.Random,
    k: float,
    *,
    printed: bool,
) -> None:
    middle = (edges[:-1] + edges[1:]) / 2
    room = (edges[1:] - edges[:-1]) * 0.92
    texts = ("", row.item, row.content, hours_text(row.half_hours), row.unit)
    if printed:
        strip = Image.new("RGB", (int(edges[5] - edges[0] - 10 * k), int(line * 0.78)), (254, 254, 252))
        pen = ImageDraw.Draw(strip)
        pen.rectangle((0, 0, strip.width - 1, strip.height - 1), outline=(196, 192, 182))
        for column, text in enumerate(texts):
            at = (middle[column] - edges[0] - 5 * k, strip.height / 2)
            shown = text or f"{roc.dotted(row.start)}–{roc.dotted(row.end)[4:]}"
            write(pen, at, shown, "sans", int(31 * k), (34, 34, 38), align="middle", room=float(room[column]) * 0.97)
        turned = strip.convert("RGBA").rotate(dice.uniform(-0.45, 0.45), Image.Resampling.BILINEAR, expand=True)
        corner = (int(edges[0] + 5 * k), int(y - turned.height / 2 + dice.uniform(-2, 2)))
        sheet.paste((206, 200, 186), (corner[0] + 2, corner[1] + 3), turned.getchannel("A"))
        sheet.paste(turned, corner, turned)
    else:
        for offset, day in ((-0.21, row.start), (0.21, row.end)):
            mark = "起" if offset < 0 else "迄"
            text = f"{mark} {roc.dotted(day)}"
            by_hand(sheet, (middle[0], y + offset * line), text, int(37 * k), ink, dice, room=float(room[0]))
        for column, text in enumerate(texts[1:], start=1):
            by_hand(
                sheet,
                (middle[column], y),
                text,
                int((42 if column == 3 else 36) * k),
                ink,
                dice,
                room=float(room[column]),
            )
    seal(sheet, (middle[5] + dice.uniform(-6, 6) * k, y + dice.uniform(-4, 4) * k), row.keeper, int(80 * k), dice)


def _paper(size: tuple[int, int], seed: int) -> Image.Image:
    grain = _grain(size)
    if seed % 2:
        grain = grain.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return grain.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if seed % 4 > 1 else grain.copy()


@lru_cache(maxsize=4)
def _grain(size: tuple[int, int]) -> Image.Image:
    noise = np.random.default_rng(7).normal(0, 3.0, (size[1] // 2, size[0] // 2, 1))
    values = np.clip(np.asarray(CREAM) + noise, 0, 255).astype(np.uint8)
    return Image.fromarray(values).resize(size, Image.Resampling.BILINEAR)


def _woven(size: tuple[int, int], cloth: Colour, seed: int) -> Image.Image:
    dice = np.random.default_rng(seed)
    warp, weft = dice.normal(0, 3.0, (1, size[0], 1)), dice.normal(0, 3.0, (size[1], 1, 1))
    return Image.fromarray(np.clip(np.asarray(cloth) + warp + weft, 0, 255).astype(np.uint8))


def _bound(sheet: Image.Image) -> Image.Image:
    """Darker towards the spine at the left, as a bound page is."""
    width = max(2, sheet.width // 14)
    spine = np.asarray(sheet.crop((0, 0, width, sheet.height)), dtype=np.float32)
    fall = np.linspace(0.80, 1.0, width, dtype=np.float32) ** 0.6
    sheet.paste(Image.fromarray((spine * fall[None, :, None]).astype(np.uint8)), (0, 0))
    return sheet


def _feathers(sheet: Image.Image, at: tuple[float, float], length: float, colour: Colour) -> None:
    """Three tail feathers, three years of service."""
    for turn in (-30, 0, 30):
        size = int(length * 2.4)
        leaf = Image.new("L", (size, size))
        pen = ImageDraw.Draw(leaf)
        mid = size / 2
        pen.ellipse((mid - length * 0.15, mid - length, mid + length * 0.15, mid + length * 0.05), fill=255)
        pen.line((mid, mid - length * 0.9, mid, mid + length * 0.28), fill=90, width=max(1, int(length * 0.035)))
        pen.line((mid, mid, mid, mid + length * 0.30), fill=255, width=max(1, int(length * 0.05)))
        turned = leaf.rotate(-turn, Image.Resampling.BICUBIC).filter(ImageFilter.SMOOTH)
        sheet.paste(colour, (int(at[0] - mid), int(at[1] - mid + length * 0.35)), turned)


__all__ = ["CREAM", "ROWS_A_PAGE", "SIZE", "BookRow", "cover", "hours_text", "page", "pages", "width_of"]
