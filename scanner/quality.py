"""Is the photo of a page good enough to be read by a person who decides on it? Codes here, words in `words`.

Codes, worst first: no_page, screen, cut_off, too_small, blurred, glare, dark, upside_down, sideways_left,
sideways_right, askew, tilted. Every finding can be overruled by a person: no measure of sharpness is right for all
paper (`sharpness`). Blur and glare know their places on the page; which way up it lies is `upright`'s, whether a
screen shows it `screens`'.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanner import page, screens, upright
from scanner import sharpness as strokes

JUDGED_SIDE_PX = 1000  # sharpness depends on scale, so the flat page is always judged at this size
LEAST_LONG_SIDE_PX = 600  # a page seen smaller cannot be read afterwards
LEAST_AREA = 0.10  # of the frame
FRAME_EDGE = 0.004  # of the long side: a corner this near to the edge of the frame is cut
DRAWN_CONTRAST, DRAWN_SHARE = 6.0, 0.04  # a tile with something on it; so many of them make a page worth judging
MARGIN = 0.03  # of the flat page, not judged: the desk may show there
TILE_PX = 48
# glare, tuned on 32 drawn pages and covers under a lamp of rising strength, on the same without it and overexposed by
# up to a quarter, and on 30 public pages; widths are shares of the page's shorter side
GLARE_LEVEL = 248  # every colour as bright as this is burnt out
GLARE_PAPER = 252  # where most of the page is brighter, nothing can be told
PALE_PAPER = 232  # such paper burns out of itself in places, never over much of the page
GLARE_SHARE, GLARE_SHARE_PALE = 0.008, 0.04  # of the page
GLARE_MARGIN = 0.05
BURNT_SHARE = 0.05  # of a ninth: with a soft edge it is a lamp on a dark cover, with a hard one a white label
GLARE_RADIUS = 0.045  # wider than the room between two rows
GLARE_JUST, GLARE_FURTHER = (0.005, 0.02), (0.07, 0.11)  # the rings round it that are compared
GLARE_INK = 110  # the darkest just outside it
GLARE_FADES = 25  # and how much darker it is further out
DARK_BELOW = 85  # brightness of the lightest tenth of the page
TURNED = {1: "sideways_left", 2: "upside_down", 3: "sideways_right"}  # by the quarter turns clockwise that set it right
ASKEW_DEG = 3.0  # rows of writing that run downhill or uphill more than this
TILTED_SIDES = 1.45  # a side so much longer than the opposite one
TILTED_CORNER_DEG = 24.0


@dataclass(frozen=True)
class Finding:
    """A code, and the ninths of the flat page (row, column; 0 to 2) it is about; no places when it is about all of it."""

    code: str
    places: tuple[tuple[int, int], ...] = ()


def page_problems(photo: np.ndarray, corners: np.ndarray | None) -> list[str]:
    """The codes of `findings` alone."""
    return [finding.code for finding in findings(photo, corners)]


def findings(photo: np.ndarray, corners: np.ndarray | None) -> list[Finding]:
    """What is wrong with the photo of a page, worst first; empty when it can be kept.

    photo: (h, w, 3) uint8 BGR. corners: (4, 2) clockwise from top left, in its pixels, or None when no page was found.
    """
    if corners is None:
        shown = screens.is_screen(photo, page.default_corners(photo.shape))
        return [Finding("no_page"), *([Finding("screen")] if shown else [])]
    points = np.asarray(corners, np.float64).reshape(4, 2)
    found = []
    if screens.is_screen(photo, points):
        found.append(Finding("screen"))
    if is_cut_off(points, photo.shape):
        found.append(Finding("cut_off"))
    height, width = photo.shape[:2]
    sides = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
    area = cv2.contourArea(points.astype(np.float32)) / (height * width)
    small = float(sides.max()) < LEAST_LONG_SIDE_PX or area < LEAST_AREA
    if small:
        found.append(Finding("too_small"))
    flat = page.flatten(photo, points.astype(np.float32), JUDGED_SIDE_PX, even=False)
    grey = cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY)
    lamps: set[tuple[int, int]] = set()
    if not small:
        rim = round(MARGIN * min(grey.shape))
        measured = strokes.measure(grey[rim:-rim, rim:-rim])
        if measured is not None:
            burnt = burnt_ninths(flat)
            soft = tuple(place for place in measured.soft if not _touches(place, burnt))
            # a soft edge beside what is burnt out is the reflection's own
            lamps = {place for place in burnt if _touches(place, set(measured.soft))}
            if measured.score < 0 or soft:
                found.append(Finding("blurred", soft if measured.score >= 0 else ()))
    spots = glare_places(flat)
    if spots is not None or lamps:
        found.append(Finding("glare", tuple(sorted(lamps.union(spots or ())))))
    if float(np.percentile(grey, 90)) < DARK_BELOW:
        found.append(Finding("dark"))
    turns = upright.turns_needed(grey)
    if turns:
        found.append(Finding(TURNED[turns]))
    leans = upright.lean(np.ascontiguousarray(np.rot90(grey, -(turns or 0))))
    if leans is not None and abs(leans) > ASKEW_DEG:
        found.append(Finding("askew"))
    if is_tilted(points):
        found.append(Finding("tilted"))
    return found


def sharpness(grey: np.ndarray, tile: int = TILE_PX) -> float | None:
    """How sharp the finest strokes are, as the browser reckons it to choose between frames of one page; or None.

    None when there is hardly anything drawn to judge by. Whether a page is blurred is asked of `sharpness.measure`.

    The smaller of the second derivatives across and along (motion blurs one of them and ruled lines hide it), root mean
    square a tile, 90th percentile of the tiles, over the fourth root of the contrast. grey: (h, w) uint8, always at the
    same scale; only scores of the same scale compare.
    """
    rows, columns = grey.shape[0] // tile, grey.shape[1] // tile
    if rows < 2 or columns < 2:
        return None
    values = grey[: rows * tile, : columns * tile].astype(np.float32)
    kernel = np.array([[1, -2, 1]], np.float32)
    across, along = (_tile_means(cv2.filter2D(values, -1, one) ** 2, tile) for one in (kernel, kernel.T))
    contrast = np.sqrt(np.maximum(_tile_means(values**2, tile) - _tile_means(values, tile) ** 2, 0))
    if float((contrast > DRAWN_CONTRAST).mean()) < DRAWN_SHARE:
        return None
    finest = float(np.percentile(np.sqrt(np.minimum(across, along)), 90))
    usual = max(float(np.percentile(contrast, 90)), 1.0)
    return finest / float(usual**0.25)


def _tile_means(plane: np.ndarray, tile: int) -> np.ndarray:
    rows, columns = plane.shape[0] // tile, plane.shape[1] // tile
    means: np.ndarray = plane.reshape(rows, tile, columns, tile).mean(axis=(1, 3))
    return means


def has_glare(flat: np.ndarray) -> bool:
    """True when a lamp's reflection wipes out part of the flat page."""
    return glare_places(flat) is not None


def glare_places(flat: np.ndarray) -> tuple[tuple[int, int], ...] | None:
    """Where a lamp's reflection wipes out part of the flat page, (h, w, 3) uint8 BGR: its ninths; None without one.

    A reflection is burnt out, wider than the room between two rows, and soft: just outside it even the ink is bright,
    further out it is dark again. Round a white label the cover, or the print on it, is dark at once.
    """
    small = cv2.resize(flat, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    grey, side = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), min(small.shape[:2])
    paper = float(np.percentile(grey, 60))
    if paper > GLARE_PAPER:
        return None  # the paper itself is this white
    least_share = GLARE_SHARE_PALE if paper > PALE_PAPER else GLARE_SHARE
    places: set[tuple[int, int]] = set()
    for spot in _burnt_spots(small.min(axis=2), side):
        if float(spot.mean()) < least_share:
            continue
        away = cv2.distanceTransform((~spot).astype(np.uint8), cv2.DIST_L2, 5) / side
        just, further = (_darkest(grey[(away > ring[0]) & (away < ring[1])]) for ring in (GLARE_JUST, GLARE_FURTHER))
        if just > GLARE_INK and just - further > GLARE_FADES:
            y, x = (float(axis.mean()) for axis in np.nonzero(spot))
            places.add((int(y * 3 / spot.shape[0]), int(x * 3 / spot.shape[1])))
    return tuple(sorted(places)) or None


def burnt_ninths(flat: np.ndarray) -> set[tuple[int, int]]:
    """The ninths of the flat page (row, column) of which a good part is burnt out; none where the paper is as light."""
    if float(np.percentile(cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY), 60)) > PALE_PAPER:
        return set()
    burnt = (flat.min(axis=2) >= GLARE_LEVEL).astype(np.float32)
    share = cv2.resize(burnt, (3, 3), interpolation=cv2.INTER_AREA)
    return {(int(row), int(column)) for row, column in np.argwhere(share > BURNT_SHARE)}


def _touches(place: tuple[int, int], others: set[tuple[int, int]]) -> bool:
    return any(abs(place[0] - row) < 2 and abs(place[1] - column) < 2 for row, column in others)


def _burnt_spots(least: np.ndarray, side: int) -> list[np.ndarray]:
    """Burnt-out places wide enough to be a reflection, each as a mask; the page's margin does not count."""
    burnt = cv2.morphologyEx((least >= GLARE_LEVEL).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    rim = round(GLARE_MARGIN * side)
    burnt[:rim], burnt[-rim:], burnt[:, :rim], burnt[:, -rim:] = 0, 0, 0, 0
    radius = max(2, round(GLARE_RADIUS * side))
    round_spot = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    wide = cv2.dilate((cv2.distanceTransform(burnt, cv2.DIST_L2, 5) >= radius).astype(np.uint8), round_spot)
    count, labels = cv2.connectedComponents(wide)
    return [labels == label for label in range(1, count)]


def _darkest(values: np.ndarray) -> float:
    return float(np.percentile(values, 5)) if values.size else 0.0


def is_cut_off(corners: np.ndarray, shape: tuple[int, ...]) -> bool:
    """True when a corner of the page lies on, or beyond, the edge of the frame."""
    height, width = shape[:2]
    near = max(1.5, FRAME_EDGE * max(height, width))
    x, y = corners[:, 0], corners[:, 1]
    return bool(((x < near) | (y < near) | (x > width - 1 - near) | (y > height - 1 - near)).any())


def is_tilted(corners: np.ndarray) -> bool:
    """True when the page was taken from so far aside that its far lines are hard to read."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    for one, other in ((sides[0], sides[2]), (sides[1], sides[3])):
        if max(one, other) > TILTED_SIDES * max(min(one, other), 1e-6):
            return True
    before, after = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
    cosine = (before * after).sum(axis=1) / np.maximum(
        np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1), 1e-6
    )
    angles = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return bool((np.abs(angles - 90) > TILTED_CORNER_DEG).any())
