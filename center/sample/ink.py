"""A pen for drawn pictures: smooth outlines, soft shades and tapering strokes in model units, over Pillow.

What is drawn is decided elsewhere (portraits, hair, clothes); this module knows only shapes. Shapes are drawn
larger and brought down at the end, so that edges are smooth; soft shades are drawn small, since nobody sees
the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

GRAIN = 1.6  # pixels drawn for one pixel kept, each way
Colour = tuple[int, int, int]
Points = Sequence[tuple[float, float]]


def curve(points: Points, *, closed: bool = True, steps: int = 10) -> np.ndarray:
    """(n, 2) points of a smooth line (Catmull-Rom) through `points`."""
    given = np.asarray(points, dtype=float)
    if closed:
        padded = np.concatenate([given[-1:], given, given[:2]])
    else:
        padded = np.concatenate([2 * given[:1] - given[1:2], given, 2 * given[-1:] - given[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        parts.append(
            0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
        )
    line = np.concatenate(parts)
    return line if closed else np.concatenate([line, given[-1:]])


def oval(x: float, y: float, rx: float, ry: float, tilt: float = 0.0) -> list[tuple[float, float]]:
    """Sixteen points round an ellipse, `tilt` in radians."""
    a = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    u, v = rx * np.cos(a), ry * np.sin(a)
    return list(zip(x + u * np.cos(tilt) - v * np.sin(tilt), y + u * np.sin(tilt) + v * np.cos(tilt), strict=True))


def both_sides(right: Points) -> list[tuple[float, float]]:
    """A closed outline from its right half, given from top to bottom; points on the axis are not doubled."""
    left = [(-x, y) for x, y in reversed(right) if abs(x) > 1e-9]
    return [*right, *left]


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with `share` of `other` in it."""
    r, g, b = (round(a + (z - a) * share) for a, z in zip(one, other, strict=True))
    return (r, g, b)


class Ink:
    """A picture being drawn; the origin of the model lies at `centre` (pixels), one unit is `unit` pixels."""

    def __init__(self, ground: Image.Image, centre: tuple[float, float], unit: float) -> None:
        self.size = ground.size
        self.image = ground.convert("RGB").resize(
            (round(ground.width * GRAIN), round(ground.height * GRAIN)), Image.Resampling.BILINEAR
        )
        self._centre = np.asarray(centre, dtype=float) * GRAIN
        self._unit = unit * GRAIN

    @contextmanager
    def moved(self, dx: float, dy: float) -> Iterator[None]:
        """Draws everything inside at a distance (model units)."""
        kept = self._centre
        self._centre = kept + np.asarray((dx, dy)) * self._unit
        yield
        self._centre = kept

    def finish(self) -> Image.Image:
        """The picture at its size."""
        return self.image.resize(self.size, Image.Resampling.LANCZOS)

    def fill(
        self,
        points: Points,
        colour: Colour,
        *,
        within: Image.Image | None = None,
        opacity: float = 1.0,
        smooth: bool = True,
        blur: float = 0.0,
    ) -> None:
        """Fills a closed outline; `blur` (model units) makes the edge soft, `within` is a mask from `mask`."""
        outline = curve(points) if smooth else np.asarray(points, dtype=float)
        self._stamp(outline * self._unit + self._centre, colour, within, opacity, blur * self._unit)

    def stroke(
        self,
        points: Points,
        width: float,
        colour: Colour,
        *,
        within: Image.Image | None = None,
        opacity: float = 1.0,
        taper: tuple[float, float] = (0.15, 0.15),
        smooth: bool = True,
        blur: float = 0.0,
    ) -> None:
        """A line through `points`, `width` at its widest; `taper` is the share of the width left at start and end."""
        line = curve(points, closed=False, steps=8) if smooth else np.asarray(points, dtype=float)
        way = np.gradient(line, axis=0)
        across = np.stack([-way[:, 1], way[:, 0]], axis=1) / np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
        at = np.linspace(0, 1, len(line))
        ends = taper[0] * (1 - at) + taper[1] * at
        half = width / 2 * (ends + (1 - ends) * np.sin(np.pi * at))
        outline = np.concatenate([line + across * half[:, None], (line - across * half[:, None])[::-1]])
        self._stamp(outline * self._unit + self._centre, colour, within, opacity, blur * self._unit)

    def mask(self, points: Points, *, smooth: bool = True, blur: float = 0.0) -> Image.Image:
        """A mask of the whole picture with this outline in it, for `within`."""
        whole = Image.new("L", self.image.size)
        outline = (curve(points) if smooth else np.asarray(points, dtype=float)) * self._unit + self._centre
        stamp = _stamp_of(outline, self.image.size, blur * self._unit)
        if stamp is not None:
            whole.paste(stamp[0], stamp[1])
        return whole

    def _stamp(
        self, outline: np.ndarray, colour: Colour, within: Image.Image | None, opacity: float, blur: float
    ) -> None:
        stamp = _stamp_of(outline, self.image.size, blur)
        if stamp is None:
            return
        mask, (left, top) = stamp
        box = (left, top, left + mask.width, top + mask.height)
        if opacity < 1:
            mask = mask.point(_shares(round(opacity * 50)))
        if within is not None:
            mask = ImageChops.multiply(mask, within.crop(box))
        self.image.paste(colour, box, mask)


@lru_cache(maxsize=64)
def _shares(of_fifty: int) -> list[int]:
    return [value * of_fifty // 50 for value in range(256)]


def _stamp_of(outline: np.ndarray, size: tuple[int, int], blur: float) -> tuple[Image.Image, tuple[int, int]] | None:
    margin = 3 * blur + 2
    left, top = (max(0, int(v)) for v in outline.min(axis=0) - margin)
    right, bottom = (min(whole, int(v) + 1) for whole, v in zip(size, outline.max(axis=0) + margin, strict=True))
    if right <= left or bottom <= top:
        return None
    small = max(1, int(blur / 3))  # a wide blur is drawn small
    width, height = -(-(right - left) // small), -(-(bottom - top) // small)
    mask = Image.new("L", (width, height))
    points = [(float(x), float(y)) for x, y in (outline - (left, top)) / small]
    if len(points) > 2:
        ImageDraw.Draw(mask).polygon(points, fill=255)
    if blur:
        mask = mask.filter(ImageFilter.GaussianBlur(blur / small))
    if small > 1:
        mask = mask.resize((right - left, bottom - top), Image.Resampling.BILINEAR)
    return mask, (left, top)
