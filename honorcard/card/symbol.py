"""The QR symbol of a card: modules, not pictures of them.

An upper-case address packs as alphanumeric, one `#` as a byte and the token's digits as numeric: version 8 at level M
for every prefix up to 31 characters. What is not here: where the symbol stands on paper (sheet.py).
"""

from __future__ import annotations

import re
from io import BytesIO

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, MODE_NUMBER, QRData

QUIET_MODULES = 4  # ISO/IEC 18004, 6.3.8
# Signed digits are as good as random, so that no mask is better than another for long; trying all eight costs seven
# times as much.
MASK = 3

_CARD = re.compile(r"([0-9A-Z $%*+\-./:]+)#([0-9]+)\Z")


def qr_matrix(text: str) -> list[list[bool]]:
    """The symbol's modules, row by row, True for dark, without quiet zone; level M, the smallest version that holds
    the text."""
    symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=MASK)
    card = _CARD.match(text)
    if card:
        symbol.add_data(QRData(card[1].encode("ascii"), mode=MODE_ALPHA_NUM), optimize=0)
        symbol.add_data(QRData(b"#", mode=MODE_8BIT_BYTE), optimize=0)
        symbol.add_data(QRData(card[2].encode("ascii"), mode=MODE_NUMBER), optimize=0)
    else:
        symbol.add_data(text)
    symbol.make(fit=True)
    return [[bool(module) for module in row] for row in symbol.get_matrix()]


def qr_png(text: str, module_px: int = 8) -> bytes:
    """The symbol with its quiet zone as a black-and-white PNG, `module_px` pixels a module."""
    matrix = qr_matrix(text)
    side = len(matrix) + 2 * QUIET_MODULES
    picture = Image.new("1", (side, side), 1)
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                picture.putpixel((x + QUIET_MODULES, y + QUIET_MODULES), 0)
    out = BytesIO()
    picture.resize((side * module_px, side * module_px), Image.Resampling.NEAREST).save(out, "PNG", optimize=True)
    return out.getvalue()
