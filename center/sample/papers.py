"""The papers of a case about a card, drawn: the reissue form with its signature, an extract of the household register.

Sample pictures only. What is not here: the real form, which is printed (honorcard.reissue_form).
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from PIL import Image, ImageDraw

from center.sample.pages import PENS, RULE, SIZE
from center.sample.paper import by_hand, write

_INK = (30, 30, 30)


def form(rows: Sequence[tuple[str, str]], signed: str, *, seed: int = 0, size: tuple[int, int] = SIZE) -> Image.Image:
    """The reissue form with (label, entry) rows and a signature, RGB at `size`."""
    dice = random.Random(f"form {seed}")  # noqa: S311 — a picture, not a secret
    page = _sheet("臺北市志願服務榮譽卡補發申請表", rows, size)
    width, height = size
    pen = ImageDraw.Draw(page)
    write(pen, (width * 0.1, height * 0.86), "申請人簽名", "sans", int(height * 0.022), _INK)
    spot = (width * 0.55, height * 0.86)
    by_hand(page, spot, signed, int(height * 0.05), dice.choice(PENS), dice, room=width * 0.4)
    return page


def document(rows: Sequence[tuple[str, str]], *, size: tuple[int, int] = SIZE) -> Image.Image:
    """An extract of the household register with (label, entry) rows, marked as a sample, RGB at `size`."""
    page = _sheet("戶籍謄本（範例）", rows, size)
    pen = ImageDraw.Draw(page)
    write(
        pen,
        (size[0] * 0.5, size[1] * 0.9),
        "本件為示範資料，不是真正的文件",
        "sans",
        int(size[1] * 0.02),
        RULE,
        align="middle",
    )
    return page


def _sheet(title: str, rows: Sequence[tuple[str, str]], size: tuple[int, int]) -> Image.Image:
    width, height = size
    page = Image.new("RGB", size, (252, 251, 247))
    pen = ImageDraw.Draw(page)
    write(
        pen,
        (width * 0.5, height * 0.09),
        title,
        "serif-bold",
        int(height * 0.034),
        _INK,
        align="middle",
        room=width * 0.84,
    )
    top, step = height * 0.16, height * 0.075
    for place, (label, entry) in enumerate(rows):
        y = top + place * step
        pen.rectangle((width * 0.08, y, width * 0.92, y + step), outline=RULE, width=2)
        pen.line((width * 0.36, y, width * 0.36, y + step), fill=RULE, width=2)
        middle = y + step / 2
        write(pen, (width * 0.1, middle), label, "sans", int(height * 0.02), _INK, room=width * 0.24)
        write(pen, (width * 0.39, middle), entry, "serif", int(height * 0.024), _INK, room=width * 0.5)
    return page
