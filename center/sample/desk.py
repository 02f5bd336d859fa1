"""A page or a card as a camera sees it: lying on a desk, turned, in perspective, with its shadow and the room's
light.

For tests and for the fake camera of the browser journeys; the corners that come with the picture are the truth to
compare with.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from center.sample.ink import Colour, mix

OAK: Colour = (150, 112, 78)


def on_desk(
    page: Image.Image,
    *,
    angle: float = 4.0,
    tilt: float = 0.06,
    sway: float = 0.03,
    fill: float = 0.82,
    desk: Colour = OAK,
    size: tuple[int, int] = (1600, 1200),
    shadow: float = 0.35,
    light: float = 0.25,
    glare: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    seed: int = 0,
) -> tuple[Image.Image, np.ndarray]:
    """(photo, corners): RGB at `size`, and where the page lies in it.

    corners: (4, 2) float64 pixels, clockwise from the page's own top left. angle: degrees clockwise. tilt, sway: how
    much narrower the far edge and the right edge look (shares). fill: the page's share of the frame's tighter side.
    light: how much darker the far corner of the room is. glare: strength of a lamp's spot on the page, 0 for none.
    """
    corners = _corners(page.size, size, angle, tilt, sway, fill, shift)
    photo = _wood(size, desk, seed)
    if shadow:
        dark = Image.new("L", size)
        away = min(size) * 0.012
        ImageDraw.Draw(dark).polygon(
            [(x + away, y + away * 1.6) for x, y in corners.tolist()], fill=round(255 * shadow)
        )
        photo.paste((16, 12, 12), (0, 0), dark.filter(ImageFilter.GaussianBlur(min(size) * 0.014)))
    lying, mask = _laid(page, corners, size)
    photo.paste(lying, (0, 0), mask)
    return _lit(photo, light, glare, corners), corners


def _corners(
    page: tuple[int, int],
    size: tuple[int, int],
    angle: float,
    tilt: float,
    sway: float,
    fill: float,
    shift: tuple[float, float],
) -> np.ndarray:
    width, height = page
    flat = np.array([(-width, -height), (width, -height), (width, height), (-width, height)], dtype=float) / 2
    flat[:2, 0] *= 1 - tilt
    flat[1:3, 1] *= 1 - sway
    a = np.radians(angle)
    turned = flat @ np.array([(np.cos(a), np.sin(a)), (-np.sin(a), np.cos(a))])
    span = turned.max(axis=0) - turned.min(axis=0)
    scale = fill * min(size[0] / span[0], size[1] / span[1])
    middle = (turned.max(axis=0) + turned.min(axis=0)) / 2
    placed: np.ndarray = (turned - middle) * scale + np.array(size) * (0.5 + np.array(shift))
    return placed


def _laid(page: Image.Image, corners: np.ndarray, size: tuple[int, int]) -> tuple[Image.Image, Image.Image]:
    longest = np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[3] - corners[0]))
    shrink = min(page.width / longest[0], page.height / longest[1])
    if shrink > 1.5:  # bicubic alone would skip pixels
        page = page.resize((round(page.width / shrink), round(page.height / shrink)), Image.Resampling.LANCZOS)
    source = np.array([(0, 0), (page.width, 0), (page.width, page.height), (0, page.height)], dtype=float)
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, source, strict=True):
        rows += [(x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y)]
        values += [u, v]
    plane = tuple(np.linalg.solve(np.array(rows), np.array(values)).tolist())
    lying = page.convert("RGB").transform(size, Image.Transform.PERSPECTIVE, plane, Image.Resampling.BICUBIC)
    mask = Image.new("L", (size[0] * 2, size[1] * 2))
    ImageDraw.Draw(mask).polygon([(x * 2, y * 2) for x, y in corners.tolist()], fill=255)
    return lying, mask.reduce(2)


def _wood(size: tuple[int, int], desk: Colour, seed: int) -> Image.Image:
    dice = np.random.default_rng(seed)
    width, height = size
    streaks = dice.normal(0, 1, (max(2, height // 5), max(2, width // 90)))
    grain = Image.fromarray(np.clip(128 + 26 * streaks, 0, 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    share = (np.asarray(grain, dtype=np.float32) - 128) / 128
    tone = (
        np.asarray(desk, dtype=np.float32)
        + share[..., None] * np.asarray(mix((46, 40, 34), desk, 0.2), dtype=np.float32) * 0.45
    )
    return Image.fromarray(np.clip(tone, 0, 255).astype(np.uint8))


def _lit(photo: Image.Image, light: float, glare: float, corners: np.ndarray) -> Image.Image:
    width, height = photo.size
    x, y = np.linspace(0, 1, width, dtype=np.float32)[None, :], np.linspace(0, 1, height, dtype=np.float32)[:, None]
    values = np.asarray(photo, dtype=np.float32) * (1.06 - light * np.hypot(x - 0.3, y - 0.25))[..., None]
    if glare:
        spot = corners.mean(axis=0) / (width, height) + (0.06, -0.08)
        near = np.exp(
            -(((x - spot[0]) * width) ** 2 + ((y - spot[1]) * height) ** 2) / (2 * (min(width, height) * 0.09) ** 2)
        )
        values += 255 * glare * near[..., None]
    noise = np.random.default_rng(1).normal(0, 1.6, (height, width, 1)).astype(np.float32)
    return Image.fromarray(np.clip(values + noise, 0, 255).astype(np.uint8))
