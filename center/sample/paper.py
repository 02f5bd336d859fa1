"""Fonts, stamps and handwriting for drawn documents:

text that falls back to the rare characters' font, ink that trembles a little.
"""

from __future__ import annotations

import os
import random
from functools import lru_cache
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from center.sample.ink import Colour
from honorcard.problems import ProblemError

Face = Literal["serif", "serif-bold", "sans", "sans-bold", "hand"]

_FILES: dict[Face, tuple[str, ...]] = {
    "serif": ("NotoSerifCJK-Regular.ttc",),
    "serif-bold": ("NotoSerifCJK-Bold.ttc",),
    "sans": ("NotoSansCJK-Regular.ttc",),
    "sans-bold": ("NotoSansCJK-Bold.ttc",),
    "hand": ("TW-Kai-98_1.ttf", "NotoSerifCJK-Regular.ttc"),
}
_RARE = ("TW-Kai-Ext-B-98_1.ttf",)
_FOLDERS = (
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/truetype/cns11643",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
)
_BEYOND_BMP = 0x10000


@lru_cache(maxsize=128)
def font(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """The Traditional Chinese face at that many pixels. ProblemError `fonts_missing` when the machine lacks it."""
    for name in _FILES[face]:
        path = _find(name)
        if path is not None:
            return ImageFont.truetype(path, size, index=_traditional(path))
    raise ProblemError("fonts_missing", package="fonts-noto-cjk")


@lru_cache(maxsize=32)
def _rare_font(size: int) -> ImageFont.FreeTypeFont | None:
    path = next((found for name in _RARE if (found := _find(name))), None)
    return ImageFont.truetype(path, size) if path else None


def _find(name: str) -> Path | None:
    extra = [part for part in os.environ.get("HONORCARD_FONTS", "").split(os.pathsep) if part]
    for folder in (*extra, *_FOLDERS):
        path = Path(folder).expanduser() / name
        if path.is_file():
            return path
    return None


@lru_cache(maxsize=8)
def _traditional(path: Path) -> int:
    if path.suffix != ".ttc":
        return 0
    for index in range(16):
        try:
            family = ImageFont.truetype(path, 12, index=index).getname()[0] or ""
        except OSError:
            break
        if family.endswith("CJK TC"):
            return index
    return 0


def _runs(text: str, face: Face, size: int) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    usual, rare = font(face, size), _rare_font(size)
    runs: list[tuple[str, ImageFont.FreeTypeFont]] = []
    for character in text:
        wanted = rare if rare is not None and ord(character) >= _BEYOND_BMP else usual
        if runs and runs[-1][1] is wanted:
            runs[-1] = (runs[-1][0] + character, wanted)
        else:
            runs.append((character, wanted))
    return runs


def width_of(text: str, face: Face, size: int, gap: float = 0.0) -> float:
    """How wide `text` is, in pixels; `gap` is added after every character."""
    return sum(used.getlength(part) for part, used in _runs(text, face, size)) + gap * max(0, len(text) - 1)


def write(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    face: Face,
    size: int,
    colour: Colour | int,
    *,
    align: Literal["left", "middle", "right"] = "left",
    gap: float = 0.0,
    room: float | None = None,
) -> None:
    """Writes one line whose middle lies at `at`'s height; made smaller when it is wider than `room`."""
    while room is not None and size > 10 and width_of(text, face, size, gap) > room:
        size = max(10, int(size * 0.93))
    x = at[0] - width_of(text, face, size, gap) * {"left": 0.0, "middle": 0.5, "right": 1.0}[align]
    for part, used in _runs(text, face, size):
        for piece in part if gap else (part,):
            draw.text((x, at[1]), piece, colour, used, anchor="lm")
            x += used.getlength(piece) + gap


def by_hand(
    page: Image.Image,
    at: tuple[float, float],
    text: str,
    size: int,
    colour: Colour,
    dice: random.Random,
    *,
    room: float,
) -> None:
    """The same as a person writes it: in pen, never quite level, pressed a little more or less. Centred on `at`."""
    note = _note(text, _fitting(text, size, int(room)), dice.choice(_LEANS), dice.choice(_PRESSURES))
    left = at[0] - note.width / 2 + dice.uniform(-3, 3)
    top = at[1] - note.height / 2 + dice.uniform(-2, 2)
    page.paste(colour, (int(left), int(top)), note)


_LEANS = (-1.4, -0.7, 0.4, 1.2)  # degrees
_PRESSURES = (0.86, 1.0)


@lru_cache(maxsize=4096)
def _fitting(text: str, size: int, room: int) -> int:
    while size > 10 and width_of(text, "hand", size) > room:
        size -= 1
    return size


@lru_cache(maxsize=4096)
def _note(text: str, size: int, lean: float, pressure: float) -> Image.Image:
    note = Image.new("L", (int(width_of(text, "hand", size)) + 24, int(size * 1.5)))
    write(ImageDraw.Draw(note), (12, size * 0.75), text, "hand", size, 255)
    return note.rotate(lean, Image.Resampling.BILINEAR).point([round(v * pressure) for v in range(256)])


def seal(page: Image.Image, at: tuple[float, float], name: str, size: int, dice: random.Random) -> None:
    """A keeper's square name stamp in vermilion, a little turned and unevenly inked (old Art. 9: 加蓋登錄人名章)."""
    stamp = _stamp(name, size, dice.randrange(_STAMPINGS))
    page.paste((190, 36, 32), (int(at[0] - stamp.width / 2), int(at[1] - stamp.height / 2)), stamp)


_STAMPINGS = 12


@lru_cache(maxsize=128)
def _stamp(name: str, size: int, which: int) -> Image.Image:
    dice = random.Random(f"stamp {name} {which}")  # noqa: S311 — a picture, not a secret
    stamp = Image.new("L", (size, size))
    pen = ImageDraw.Draw(stamp)
    edge = max(2, size // 16)
    pen.rounded_rectangle((edge, edge, size - edge - 1, size - edge - 1), radius=size // 10, outline=255, width=edge)
    letters = (name + "印" if len(name) == 3 else name.ljust(4, "印"))[:4]
    part = int((size - 4 * edge) / 2)
    for k, character in enumerate(letters):  # from the right column to the left, top to bottom
        x = size / 2 + part / 2 - (part if k >= 2 else 0)
        y = size / 2 - part / 2 + (part if k % 2 else 0)
        write(pen, (x, y), character, "serif-bold", int(part * 0.98), 255, align="middle")
    for _ in range(size // 2):  # where the ink did not take
        x, y = dice.uniform(0, size), dice.uniform(0, size)
        pen.ellipse((x, y, x + dice.uniform(1, 3), y + dice.uniform(1, 3)), fill=110)
    strength = dice.uniform(0.72, 0.95)
    turned = stamp.rotate(dice.uniform(-7, 7), Image.Resampling.BICUBIC, expand=True)
    return turned.point([round(v * strength) for v in range(256)])
