"""The front of an honor card as a picture: to hold before a camera, and the photograph of a card to be renewed.

The printed card itself is honorcard.card.sheet's PDF; this is its likeness in pixels, with the same QR code at the
same size.
"""

from __future__ import annotations

from datetime import date

from PIL import Image, ImageDraw

from center.sample.ink import Colour
from center.sample.paper import write
from honorcard import roc
from honorcard.card.symbol import QUIET_MODULES, qr_matrix

SIZE = (1080, 720)  # 9 × 6 cm at 12 pixels a millimetre
MM = 12
BLUE: Colour = (16, 48, 112)
INK: Colour = (28, 32, 44)
SOFT: Colour = (90, 98, 118)
QR_MM = 30


def draw(name: str, number: str, valid_until: date, portrait: Image.Image, qr_text: str | None) -> Image.Image:
    """The front, RGB 1080 × 720; without a code when `qr_text` is None, as cards were before 105."""
    card = Image.new("RGB", SIZE, (253, 253, 250))
    pen = ImageDraw.Draw(card)
    for step in range(-SIZE[1], SIZE[0], 26):  # a faint guilloche
        pen.line((step, SIZE[1], step + SIZE[1], 0), fill=(241, 244, 248), width=2)
    pen.rectangle((0, 0, SIZE[0], 14 * MM), fill=BLUE)
    write(pen, (SIZE[0] / 2, 7 * MM), "志願服務榮譽卡", "serif-bold", 76, (255, 255, 255), align="middle", gap=10)
    photo = portrait.convert("RGB").resize((28 * MM, 35 * MM), Image.Resampling.LANCZOS)
    card.paste(photo, (4 * MM, int(17.6 * MM)))
    pen.rectangle((4 * MM, int(17.6 * MM), 32 * MM, int(52.6 * MM)), outline=SOFT, width=2)
    left = 35 * MM
    write(pen, (left, 21 * MM), "姓名：", "sans", 34, SOFT)
    write(pen, (left + 104, 21 * MM), name, "serif-bold", 58, INK, room=SIZE[0] - left - 104 - 3 * MM)
    for line, (title, value) in enumerate((("有效期限：", roc.dotted(valid_until)), ("編號：", number))):
        y = (30 + 9 * line) * MM
        write(pen, (left, y), title, "sans", 28, SOFT)
        write(pen, (left, y + 44), value, "sans-bold", 42, INK)
    write(pen, (left, 49 * MM), "發給單位：", "sans", 28, SOFT)
    write(pen, (left, 52.6 * MM), "臺北市政府社會局", "sans-bold", 30, INK)
    if qr_text is not None:
        _code(card, qr_text)
    pen.rectangle((0, 0, SIZE[0] - 1, SIZE[1] - 1), outline=(150, 160, 180), width=2)
    return card


def _code(card: Image.Image, text: str) -> None:
    matrix = qr_matrix(text)
    side = len(matrix) + 2 * QUIET_MODULES
    symbol = Image.new("L", (side, side), 255)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                symbol.putpixel((x + QUIET_MODULES, y + QUIET_MODULES), 0)
    module = QR_MM * MM // side  # whole pixels, so that every module has the same width
    large = symbol.resize((side * module, side * module), Image.Resampling.NEAREST)
    corner = (SIZE[0] - large.width - int(1.2 * MM), SIZE[1] - large.height - int(1.2 * MM))
    card.paste(large.convert("RGB"), corner)
