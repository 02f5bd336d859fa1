"""練習 on every page of a PDF of ours that is made already: large under its words, and as a chip in a corner over them.

A practice room prints what a real kiosk prints; that it is practice must not depend on who drew the sheet. The pages are changed
by an addition at the file's end, as sheet_paper does. What is not here: the card, which is drawn with its own mark (sheet_faces).
"""

from __future__ import annotations

import re
from functools import lru_cache

from honorcard.card import sheet_art as art
from honorcard.card.page import MM
from honorcard.card.sheet_paper import Update, stream
from honorcard.fonts import EM

_PAGE = re.compile(rb"\n(\d+) 0 obj\n<<\n((?:(?!endobj)[^\x00])*?/Type /Page\n)>>\nendobj", re.S)
_TRAILER = re.compile(rb"trailer\n<<\n(.*?)>>\nstartxref\n(\d+)\n%%EOF\s*\Z", re.S)
_BOX = re.compile(rb"/MediaBox \[([0-9.]+) ([0-9.]+) ([0-9.]+) ([0-9.]+)\]")
_CONTENTS = re.compile(rb"/Contents (?:\[([^\]]*)\]|(\d+ 0 R))")
_CHIP = (14.0, 7.0)  # mm
_FROM_EDGE = 1.5


class NotOursError(ValueError):
    """A PDF that is not laid out as ours are: it cannot be marked, and must not go out unmarked."""


def marked(pdf: bytes) -> bytes:
    """The PDF with 練習 on each page; the same bytes in give the same bytes out. NotOursError."""
    pages, trailer = _PAGE.findall(pdf), _TRAILER.search(pdf)
    if not pages or trailer is None:
        raise NotOursError("not a document of ours")
    size = re.search(rb"/Size (\d+)", trailer[1])
    if size is None:
        raise NotOursError("no size")
    update = Update(pdf, int(size[1]))
    drawn: dict[bytes, tuple[int, int]] = {}
    for number, entries in pages:
        box, contents = _BOX.search(entries), _CONTENTS.search(entries)
        if box is None or contents is None:
            raise NotOursError("a page without its box")
        if box[0] not in drawn:
            under, over = _marks(*(float(one) for one in box.groups()))
            drawn[box[0]] = update.add(stream(under)), update.add(stream(over))
        under_at, over_at = drawn[box[0]]
        was = (contents[1] or contents[2]).strip()
        now = b"/Contents [%d 0 R %s %d 0 R]" % (under_at, was, over_at)
        update.add(b"<<\n" + entries.replace(contents[0], now) + b">>", int(number))
    return update.finish(trailer[1], int(trailer[2]))


@lru_cache(maxsize=16)
def _marks(left: float, low: float, right: float, high: float) -> tuple[bytes, bytes]:
    """What is drawn first and what last on a page of that box, in points."""
    width, height = (right - left) / MM, (high - low) / MM
    in_mm = f"q {MM:.6f} 0 0 {-MM:.6f} {left:.3f} {high:.3f} cm"
    wide, tall = _CHIP
    x, y = width - wide - _FROM_EDGE, _FROM_EDGE
    scale = tall * 0.72 / EM
    chip = [art.colour(art.HERE), f"{x:.2f} {y:.2f} {wide} {tall} re f", art.colour(art.INK)]
    for place, character in enumerate("練習"):
        at = x + wide / 2 + (place - 1) * tall * 0.78
        chip.append(f"q {scale:.5f} 0 0 {-scale:.5f} {at:.2f} {y + tall * 0.76:.2f} cm")
        chip += [art.glyph_path("sans-bold", character), "f Q"]
    under = "\n".join([in_mm, art.practice(width, height), "Q"])
    return under.encode(), "\n".join([in_mm, *chip, "Q"]).encode()
