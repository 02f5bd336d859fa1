"""A drawn print-out of the national volunteer system: what stands beside or instead of the paper book since 115.01.01 (R56)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date

from PIL import Image, ImageDraw

from center.sample.pages import BookRow, hours_text
from center.sample.paper import write
from honorcard import roc

WHITE = (252, 252, 252)
INK = (36, 36, 40)
LINE = (170, 170, 174)
_COLUMNS = (("服務起訖", 0.30), ("服務項目", 0.17), ("服務內容", 0.21), ("時數", 0.10), ("運用單位", 0.22))


def draw(
    name: str, rows: Sequence[BookRow], printed_on: date, *, number: int = 1, size: tuple[int, int]
) -> Image.Image:
    """One printed page with its rows, their total and the day of printing, RGB at `size`."""
    width, height = size
    k = height / 1600
    sheet = Image.new("RGB", size, WHITE)
    pen = ImageDraw.Draw(sheet)
    write(pen, (width / 2, 100 * k), "志願服務資訊整合系統　服務紀錄", "sans", int(46 * k), INK, align="middle")
    write(pen, (70 * k, 190 * k), f"姓名：{name}", "sans", int(32 * k), INK)
    write(
        pen, (width - 70 * k, 190 * k), f"列印日期：{roc.dotted(printed_on)}", "sans", int(32 * k), INK, align="right"
    )
    left, right, top, line = 70 * k, width - 70 * k, 240 * k, 74 * k
    edges = [left]
    for _, share in _COLUMNS:
        edges.append(edges[-1] + share * (right - left))
    spans = list(itertools.pairwise(edges))
    texts = [tuple(title for title, _ in _COLUMNS)]
    for row in rows:
        days = f"{roc.dotted(row.start)}–{roc.dotted(row.end)[4:]}"
        texts.append((days, row.item, row.content, hours_text(row.half_hours), row.unit))
    for at, cells in enumerate(texts):
        y = top + at * line
        pen.rectangle((left, y, right, y + line), outline=LINE, fill=(236, 238, 242) if at == 0 else WHITE)
        for (a, b), text in zip(spans, cells, strict=True):
            write(pen, ((a + b) / 2, y + line / 2), text, "sans", int(29 * k), INK, align="middle", room=(b - a) * 0.92)
    total = hours_text(sum(row.half_hours for row in rows))
    write(
        pen,
        (right, top + len(texts) * line + 50 * k),
        f"本頁合計 {total} 小時",
        "sans",
        int(32 * k),
        INK,
        align="right",
    )
    write(pen, (width / 2, height - 70 * k), f"第 {number} 頁", "sans", int(28 * k), INK, align="middle")
    return sheet
