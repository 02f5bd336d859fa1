"""Is the photo one of a screen? A screen's pixels are a fine, even lattice; paper, writing and weave have none.

In the spectrum of a part of the page a lattice is two sharp peaks about square to each other, alone for a good way around:
ruled lines and rows of writing make a whole ladder of peaks, a JPEG's blocks peaks at eighths. Fine screens show the
beat of their pixels with the camera's, which is such a lattice too.

Measured (2026-11): of 24 pages drawn on screens (1.2 to 6 pixels of the photo to one of theirs) 22 told; nothing said of
32 public photographs of documents and 59 of people; said of 2 in 96 of codes alone, whose modules are a lattice too.
"""

from __future__ import annotations

import cv2
import numpy as np

TILE_PX = 256
PLACES = tuple((u, v) for v in (0.25, 0.5, 0.75) for u in (0.3, 0.7))  # of the page, where is looked
LOWEST, HIGHEST = 0.09, 0.49  # cycles a pixel; rows of writing and ruled lines are coarser
STANDS_OUT = 2.65  # natural logarithm above what is around
AROUND = 21  # cells of the spectrum
FROM_BELOW = 0.3  # looked at along its direction from so far on: a second rung stands on its first
ALONE = 0.55  # of its own height: no peak so high on the way from the middle to it
SQUARE_DEG = 20.0  # two directions of the lattice are square to each other, within this
SAME_WAY_DEG = 7.0
BLOCK = TILE_PX // 8  # a JPEG's blocks show at multiples of this cell, on the axes
LEAST_TILES = 0.5  # of those looked at
MOST_PEAKS = 12


def is_screen(photo: np.ndarray, corners: np.ndarray) -> bool:
    """True when the page in the photo, (h, w, 3) uint8 BGR, is shown by a screen. corners: (4, 2), clockwise.

    The photo has to be as the camera took it, or made smaller at most: a flattened page has lost the lattice.
    """
    points = np.asarray(corners, np.float32).reshape(4, 2)
    matrix = cv2.getPerspectiveTransform(np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32), points)
    middles = cv2.perspectiveTransform(np.array([PLACES], np.float32), matrix)[0]
    height, width = photo.shape[:2]
    if min(height, width) < TILE_PX:
        return False
    told = []
    for x, y in middles:
        left = int(np.clip(x - TILE_PX / 2, 0, width - TILE_PX))
        top = int(np.clip(y - TILE_PX / 2, 0, height - TILE_PX))
        told.append(_has_lattice(photo[top : top + TILE_PX, left : left + TILE_PX]))
        if sum(told) >= LEAST_TILES * len(PLACES):
            return True
        if len(told) - sum(told) > (1 - LEAST_TILES) * len(PLACES):
            return False
    return False


def _has_lattice(tile: np.ndarray) -> bool:
    for plane in cv2.split(cv2.cvtColor(tile, cv2.COLOR_BGR2YCrCb))[:2]:  # where light hides it, colour shows it
        peaks = _peaks(plane.astype(np.float32))
        angles = np.degrees(np.arctan2(peaks[:, 1], peaks[:, 0]))
        apart = np.abs((angles[:, None] - angles[None] + 90) % 180 - 90)
        size = np.hypot(peaks[:, 0], peaks[:, 1])
        even = np.maximum(size[:, None], size[None]) < 1.4 * np.minimum(size[:, None], size[None])
        if ((apart > 90 - SQUARE_DEG) & even).any():
            return True
    return False


def _peaks(plane: np.ndarray) -> np.ndarray:
    """The lone peaks of its spectrum, (n, 2): cycles a pixel across and down, of each pair the one."""
    window = np.hanning(TILE_PX).astype(np.float32)
    spectrum = np.fft.fftshift(np.fft.fft2((plane - plane.mean()) * window[:, None] * window[None]))
    height = np.log(np.abs(spectrum) + 1.0).astype(np.float32)
    height -= cv2.blur(height, (AROUND, AROUND))
    middle = TILE_PX // 2
    y, x = np.nonzero((height >= cv2.dilate(height, np.ones((7, 7), np.uint8))) & (height > STANDS_OUT))
    x, y = x - middle, y - middle
    on_axis = (np.abs(x) < 2) | (np.abs(y) < 2)
    block = on_axis & ((np.maximum(np.abs(x), np.abs(y)) + 1) % BLOCK < 3)
    size = np.hypot(x, y) / TILE_PX
    kept = ((y > 0) | ((y == 0) & (x > 0))) & ~block & (size < HIGHEST)
    x, y, size = x[kept], y[kept], size[kept]
    tall = height[y + middle, x + middle]
    order = np.argsort(-tall)[: 4 * MOST_PEAKS]
    x, y, size, tall = x[order], y[order], size[order], tall[order]
    angle = np.degrees(np.arctan2(y, x))
    lone = []
    for index in range(len(x)):
        if size[index] < LOWEST:
            continue
        same_way = np.abs((angle - angle[index] + 90) % 180 - 90) < SAME_WAY_DEG
        before = same_way & (size > FROM_BELOW * size[index]) & (size < 0.94 * size[index])
        if not (before & (tall > ALONE * tall[index])).any():
            lone.append((x[index] / TILE_PX, y[index] / TILE_PX))
    return np.array(lone[:MOST_PEAKS], np.float64).reshape(-1, 2)
