"""Drawn people for practice cards and samples: nobody's photograph, and no two alike."""

from __future__ import annotations

import random
from io import BytesIO

from PIL import Image, ImageDraw

_SKIN = ("#f0c9a6", "#e8bd97", "#d9a67f", "#f3d3b5")
_HAIR = ("#2a2320", "#3c322d", "#8b8a8d", "#cfcfd2", "#5a4032")
_COAT = ("#e8743b", "#17479b", "#07562d", "#7a3b69", "#36475a", "#b3261e")
_WALL = ("#cfe0ee", "#e6e2d6", "#dfe6ed", "#e9e4ef")
_OVERSIZE = 2  # drawn larger and brought down, so that edges are smooth


def drawn_portrait(seed: int, width: int = 560, height: int = 700) -> bytes:
    """A head-and-shoulders drawing as JPEG, 4:5 by default; the same seed gives the same person."""
    pick = random.Random(seed)  # noqa: S311 (a drawing, no secret)
    skin, hair, coat, wall = (pick.choice(inks) for inks in (_SKIN, _HAIR, _COAT, _WALL))
    long_hair, glasses, round_face = pick.random() < 0.45, pick.random() < 0.4, pick.uniform(-1.5, 1.5)
    picture = Image.new("RGB", (width * _OVERSIZE, height * _OVERSIZE), wall)
    draw = ImageDraw.Draw(picture)
    w, h = width * _OVERSIZE / 80, height * _OVERSIZE / 100

    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        return left * w, top * h, right * w, bottom * h

    if long_hair:
        draw.rounded_rectangle(box(19, 22, 61, 74), radius=16 * w, fill=hair)
    draw.ellipse(box(6, 72, 74, 150), fill=coat)
    draw.rounded_rectangle(box(33, 58, 47, 80), radius=5 * w, fill=_darker(skin))
    draw.polygon(
        [(29 * w, 75 * h), (40 * w, 88 * h), (51 * w, 75 * h), (47 * w, 71 * h), (33 * w, 71 * h)], fill="#ffffff"
    )
    draw.ellipse(box(20.5, 41, 27, 51), fill=_darker(skin))
    draw.ellipse(box(53, 41, 59.5, 51), fill=_darker(skin))
    draw.ellipse(box(23.5 - round_face, 20, 56.5 + round_face, 67), fill=skin)
    draw.chord(box(22, 14, 58, 54), 186, 354, fill=hair)
    draw.chord(box(24, 26, 56, 44), 180, 360, fill=hair)
    draw.chord(box(24.5, 31, 55.5, 52), 200, 340, fill=skin)
    for x in (32.5, 47.5):
        draw.arc(box(x - 4, 38.5, x + 4, 44), 200, 340, fill=hair, width=round(1.2 * w))
        draw.ellipse(box(x - 1.6, 43.2, x + 1.6, 46.6), fill="#2a2320")
        if glasses:
            draw.rounded_rectangle(box(x - 5.6, 41, x + 5.6, 49.4), radius=3 * w, outline="#3a3330", width=round(w))
    if glasses:
        draw.line([(38.2 * w, 44 * h), (41.8 * w, 44 * h)], fill="#3a3330", width=round(w))
    draw.arc(box(37, 44, 42.5, 53.5), 40, 150, fill=_darker(skin), width=round(1.2 * w))
    draw.chord(box(33.5, 52, 46.5, 61), 15, 165, fill="#b8524e")
    out = BytesIO()
    picture.resize((width, height), Image.Resampling.LANCZOS).save(out, "JPEG", quality=88)
    return out.getvalue()


def _darker(ink: str) -> str:
    return "#" + "".join(f"{int(int(ink[place : place + 2], 16) * 0.87):02x}" for place in (1, 3, 5))
