"""A QR code that was seen but lies on a fold: a grid of modules fitted to it, bent where it is bent.

The reader tells where the code lies and how many modules it has. Flattened to a square, each module is one colour
when the grid is right and two when it is not; and the patterns of the standard (finders, timing lines, alignment
marks) are known beforehand. The shift of every module is chosen by both, smoothly over the code, from coarse to fine;
the module colours are then drawn as a clean code and read, so that the code's own error correction decides. (ISO/IEC
18004 for the patterns.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import zxingcpp

MODULE_PX = 8  # of the flattened code
MARGIN = 4  # modules of surroundings kept on each side
MAX_MODULES = 81  # version 16; the card's code has 49
SHIFT_PX = 10  # a module may lie up to 1.25 modules away
STEP_PX = 2
ROUNDS = (
    (9, 0.3),
    (7, 0.1),
    (5, 0.05),
)  # (reach in modules, pull towards the last estimate); tuned on creased-cloth photos
PATTERN_WEIGHT = 6.0
DECISION = 100.0  # how sharply the best shift wins over its neighbours
BOW_STRETCH = (-0.15, -0.1, -0.05, 0.0, 0.05, 0.1, 0.15)  # of half the code; what a third of a tube's round gives it
BOW_SAG = (-0.2, -0.15, -0.1, -0.05, 0.0, 0.05, 0.1, 0.15, 0.2)
BOW_S = 1e-4  # what straightening, and fitting the grid after it, take for each module
BOW_STEPS = (1.0, 0.5, 0.25, 0.12)  # modules
BOW_MIXED = 0.3  # what a module of two colours counts beside a prescribed one of the wrong colour
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
_MICRO = (zxingcpp.BarcodeFormat.MicroQRCode, zxingcpp.BarcodeFormat.RMQRCode)

MAX_CODES = 4  # fits per call and picture


@dataclass(frozen=True)
class Located:
    """A code that was seen: its corners (4, 2) float32 clockwise from its own top left, and modules on a side."""

    quad: np.ndarray
    modules: int


def quad_of(code: Any) -> np.ndarray:
    """Corners (4, 2) float32 of a zxing result, clockwise from the code's top left."""
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    return np.array([[point.x, point.y] for point in corners], np.float32)


def is_micro(code: Any) -> bool:
    """True for Micro QR and rMQR results of the reader."""
    return code.format in _MICRO


def located(code: Any, scale: float) -> Located | None:
    """Where an unread zxing result lies, in pixels before scaling; None when it is no plausible code."""
    extra = code.extra if isinstance(code.extra, dict) else {}
    version = str(extra.get("Version", ""))
    if not version.isdigit():
        return None
    modules = 17 + 4 * int(version)
    quad = quad_of(code) / scale
    area = abs(cv2.contourArea(quad))
    if modules > MAX_MODULES or area < (1.4 * modules) ** 2 or not cv2.isContourConvex(quad.reshape(-1, 1, 2)):
        return None
    return Located(quad.astype(np.float32), modules)


def overlap(one: np.ndarray, other: np.ndarray) -> bool:
    """True when the centre of one quad lies within the other."""
    for outer, inner in ((one, other), (other, one)):
        centre = inner.mean(axis=0)
        if (
            cv2.pointPolygonTest(
                outer.reshape(-1, 1, 2).astype(np.float32), (float(centre[0]), float(centre[1])), False
            )
            >= 0
        ):
            return True
    return False


def distinct(places: Iterable[Located]) -> list[Located]:
    """At most two sightings of each code (they differ in their corners), at most MAX_CODES in all."""
    kept: list[Located] = []
    for place in places:
        if sum(overlap(place.quad, other.quad) for other in kept) < 2:
            kept.append(place)
    return kept[:MAX_CODES]


def read(grey: np.ndarray, place: Located, too_late: Callable[[float], bool] = lambda needed_s: False) -> str | None:
    """The text of a code seen in a (h, w) uint8 picture, its grid fitted to its folds; None when its check fails.

    A code that is bent as a whole is straightened first, and taken for one size less or more: the reader counts the
    modules where they are seen widest. too_late: whether another try, of so many seconds, would end too late.
    """
    for other, straighten in ((0, False), (0, True), (-4, True), (4, True)):
        n = place.modules + other
        if not 21 <= n <= MAX_MODULES or (straighten and too_late(BOW_S * n**2)):
            continue
        flat = _flattened(grey, place.quad, n)
        drawn = _redrawn(_module_colours(_straightened(flat, n) if straighten else flat, n))
        for code in zxingcpp.read_barcodes(drawn, formats=_QR, text_mode=zxingcpp.TextMode.Plain, try_rotate=False):
            if code.valid:
                return str(code.text)
    return None


def _flattened(grey: np.ndarray, quad: np.ndarray, n: int) -> np.ndarray:
    """The code as a square, eight pixels a module with its margin, as if it lay on a plane; (s, s) uint8."""
    low, high, side = MARGIN * MODULE_PX, (MARGIN + n) * MODULE_PX, (n + 2 * MARGIN) * MODULE_PX
    square = np.array([[low, low], [high, low], [high, high], [low, high]], np.float32)
    flatten = cv2.getPerspectiveTransform(quad + 0.5, square)
    flat = cv2.warpPerspective(grey, flatten, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return flat


def _straightened(flat: np.ndarray, n: int) -> np.ndarray:
    """The same square with the bow taken out that a bottle or a curling sheet gives a code; (s, s) uint8.

    The bow is a surface of the third degree, across and down: begun from that of a cylinder along one side or the
    other, then each of its twenty numbers moved as long as the known patterns, and modules of one colour, fit better.
    """
    brightness, unevenness = _seen(flat)
    expected, is_known = _patterns(n)
    weight = np.where(is_known, _importance(n), 0).astype(np.float32)
    weight /= weight.sum()
    centres = (MARGIN + np.arange(n, dtype=np.float32) + 0.5) * MODULE_PX
    across, down = np.meshgrid(centres, centres)
    basis = _basis(across, down, n)

    def misfit(bow: np.ndarray) -> float:
        x, y = np.tensordot(bow, basis, 1)
        map_x, map_y = across + x - 0.5, down + y - 0.5
        seen = cv2.remap(brightness, map_x, map_y, cv2.INTER_LINEAR)
        mixed = cv2.remap(unevenness, map_x, map_y, cv2.INTER_LINEAR)
        return float((np.abs(seen - expected) * weight).sum() + BOW_MIXED * mixed.mean())

    half = n * MODULE_PX / 2
    best, least = np.zeros((2, len(basis)), np.float32), misfit(np.zeros((2, len(basis)), np.float32))
    for axis in (0, 1):  # along which the cylinder bends: its own coordinate is stretched, the other one sags
        for stretch in BOW_STRETCH:
            for sag in BOW_SAG:
                bow = np.zeros_like(best)
                bow[axis, 1 + axis], bow[axis, 6 + axis] = stretch * half, -stretch * half
                bow[1 - axis, 0], bow[1 - axis, 4 + axis] = -sag * half, sag * half
                if (found := misfit(bow)) < least:
                    best, least = bow, found
    for step in BOW_STEPS:
        for _ in range(3):
            before = least
            for place in np.ndindex(best.shape):
                for way in (step, -step):
                    bow = best.copy()
                    bow[place] += way * MODULE_PX
                    if (found := misfit(bow)) < least:
                        best, least = bow, found
                        break
            if least > 0.995 * before:
                break
    side = flat.shape[0]
    all_x, all_y = np.meshgrid(np.arange(side, dtype=np.float32) + 0.5, np.arange(side, dtype=np.float32) + 0.5)
    x, y = np.tensordot(best, _basis(all_x, all_y, n), 1)
    straight: np.ndarray = cv2.remap(
        flat, (all_x + x - 0.5).astype(np.float32), (all_y + y - 0.5).astype(np.float32), cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return straight


def _basis(across: np.ndarray, down: np.ndarray, n: int) -> np.ndarray:
    """All products of the two places up to the third degree, (10, …) float32; the code reaches from -1 to 1."""
    u, v = (((axis / MODULE_PX - MARGIN) / n) * 2 - 1 for axis in (across, down))
    terms = (np.ones_like(u), u, v, u * v, u * u, v * v, u**3, v**3, u * u * v, u * v * v)
    return np.stack(terms).astype(np.float32)


@lru_cache(maxsize=16)
def _importance(n: int) -> np.ndarray:
    """How much each prescribed module counts: timing lines and alignment marks are few, and lie where it bends."""
    importance = np.full((n, n), 4, np.float32)
    for rows, columns in ((slice(0, 8), slice(0, 8)), (slice(0, 8), slice(n - 8, n)), (slice(n - 8, n), slice(0, 8))):
        importance[rows, columns] = 1
    return importance


def _seen(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Brightness at each pixel of the square, 0 black to 1 white, and how much two colours meet there, 0 to 1."""
    # brightness against the darkest and lightest within three modules, so that a shadow across the code does not matter
    reach = np.ones((6 * MODULE_PX + 1,) * 2, np.uint8)
    dark = cv2.blur(cv2.erode(flat, reach).astype(np.float32), (4 * MODULE_PX,) * 2)
    light = cv2.blur(cv2.dilate(flat, reach).astype(np.float32), (4 * MODULE_PX,) * 2)
    contrast = np.maximum(light - dark, 20)
    values = flat.astype(np.float32)
    mean = cv2.boxFilter(values, -1, (3, 3))
    variance = np.maximum(cv2.boxFilter(values * values, -1, (3, 3)) - mean * mean, 0)
    unevenness = np.minimum(variance / contrast**2 / 0.12, 1)
    brightness = np.clip((mean - dark) / contrast, 0, 1)
    return brightness, unevenness


def _module_colours(flat: np.ndarray, n: int) -> np.ndarray:
    """(n, n) float32 brightness of each module, 0 black to 1 white, after fitting."""
    brightness, unevenness = _seen(flat)
    expected, is_known = _patterns(n)
    weight = np.where(is_known, PATTERN_WEIGHT, 1).astype(np.float32)
    steps = np.arange(-SHIFT_PX, SHIFT_PX + 1, STEP_PX)
    centres = (MARGIN + np.arange(n) + 0.5) * MODULE_PX
    costs = np.empty((len(steps) ** 2, n, n), np.float32)
    for index, (down, right) in enumerate((y, x) for y in steps for x in steps):
        at = np.ix_((centres + down).astype(int), (centres + right).astype(int))
        costs[index] = np.where(is_known, 1.5 * np.abs(brightness[at] - expected), unevenness[at]) * weight

    downs, rights = (axis.reshape(-1, 1, 1).astype(np.float32) for axis in np.meshgrid(steps, steps, indexing="ij"))
    shift_x = np.zeros((n, n), np.float32)
    shift_y = np.zeros((n, n), np.float32)
    for window, pull in ROUNDS:
        kernel = cv2.getGaussianKernel(window * 2 + 1, window / 2.5).astype(np.float32)
        share = _smooth(weight, kernel)
        total = np.stack([_smooth(cost, kernel) / share for cost in costs])
        total += pull * ((downs - shift_y) ** 2 + (rights - shift_x) ** 2) / MODULE_PX**2
        chance = np.exp(-(total - total.min(axis=0)) * DECISION)
        chance /= chance.sum(axis=0)
        shift_x = (chance * rights).sum(axis=0).astype(np.float32)
        shift_y = (chance * downs).sum(axis=0).astype(np.float32)

    across, along = np.meshgrid(centres, centres)
    map_x, map_y = (across + shift_x - 0.5).astype(np.float32), (along + shift_y - 0.5).astype(np.float32)
    fitted: np.ndarray = cv2.remap(brightness, map_x, map_y, cv2.INTER_LINEAR)
    return fitted


def _smooth(plane: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return cv2.sepFilter2D(plane, -1, kernel, kernel, borderType=cv2.BORDER_CONSTANT)


def _redrawn(colours: np.ndarray) -> np.ndarray:
    """A clean picture of the code, four pixels a module with its quiet zone, (h, w) uint8."""
    window = np.ones((7, 7), np.uint8)
    middle = cv2.blur(
        (cv2.erode(colours, window) + cv2.dilate(colours, window)) / 2, (5, 5), borderType=cv2.BORDER_REFLECT
    )
    modules = np.where(colours > middle, 255, 0).astype(np.uint8)
    framed = cv2.copyMakeBorder(modules, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=(255.0,))
    return cv2.resize(framed, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)


@lru_cache(maxsize=16)
def _patterns(n: int) -> tuple[np.ndarray, np.ndarray]:
    """What the standard prescribes for n modules: (n, n) values (0 black, 1 white) and where they are prescribed."""
    plan = np.full((n, n), np.nan, np.float32)
    plan[6, 8 : n - 8] = plan[8 : n - 8, 6] = np.arange(8, n - 8) % 2
    finder = np.ones((9, 9), np.float32)
    finder[1:8, 1:8] = 0
    finder[2:7, 2:7] = 1
    finder[3:6, 3:6] = 0
    plan[:8, :8], plan[:8, n - 8 :], plan[n - 8 :, :8] = finder[1:, 1:], finder[1:, :8], finder[:8, 1:]
    mark = np.zeros((5, 5), np.float32)
    mark[1:4, 1:4] = 1
    mark[2, 2] = 0
    for row, column in _alignment_marks(n):
        plan[row - 2 : row + 3, column - 2 : column + 3] = mark
    known = ~np.isnan(plan)
    return np.nan_to_num(plan), known


def _alignment_marks(n: int) -> list[tuple[int, int]]:
    """Centres (row, column) of the alignment marks (ISO/IEC 18004, annex E)."""
    version = (n - 17) // 4
    if version == 1:
        return []
    count = version // 7 + 2
    step = 26 if version == 32 else (version * 4 + count * 2 + 1) // (count * 2 - 2) * 2
    places = [6, *sorted(n - 7 - index * step for index in range(count - 1))]
    corners = {(6, 6), (6, n - 7), (n - 7, 6)}
    return [(row, column) for row in places for column in places if (row, column) not in corners]
