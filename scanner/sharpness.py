"""How sharp the strokes on a flat page are: as a whole, and in each ninth of it. What follows from it is `quality`'s.

No single measure is safe: paper, contrast and noise differ (the best of nine known ones keeps 92 % of sharp pages and
catches 91 % of blurred ones). Here 27 are weighed: how steep an edge is compared with its own height, in four directions
(a moved camera spoils one of them, and ruled lines hide it from any average), and how much of the finest detail is left
at three scales, against the noise. Weights: logistic regression on 21 public pages and 70 drawn ones (print, pencil,
pale print, covers; noise and JPEG), each sharp and blurred ten ways.

A thin black stroke that the camera moved along is wide but still steep, as steep as it was thin, so those measures pass
it. It shows in the spectrum: of sharp writing it falls evenly towards the finer waves, alike in all directions and on all
paper; motion takes a band of waves away in its own direction. A second regression, on 70 public pages, weighs the first
score, the steepest fall, what is left of fine waves and the steepness of the crispest direction. The figures are in
docs/camera.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

REACH_PX = 6  # an edge's height is looked for so far to both sides
LEAST_HEIGHT, NOISE_HEIGHTS = 12.0, 7.0  # of an edge: grey levels, and times the noise
ACROSS = 1.2  # steeper across than along, so that an edge counts for its own direction only
MARGIN_PX = 14
LEAST_EDGES = 40  # in a direction, or it says nothing
TILE_PX = 40
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (-1, 1))  # y, x; in pairs, each across the other
STEEPNESS = (50, 70, 85, 95)  # percentiles looked at
# fmt: off
WEIGHTS = np.array([
    -3.861, 10.822, 5.03, 4.125, 3.442, 7.705, 4.81, 5.493, -0.351, -4.576, -6.185, -4.948, 0.868, -2.273, -0.73,
    1.207, 0.545, 0.127, -1.001, -0.376, -0.411, 2.165, 6.173, 0.384, -1.667, 2.935, 0.893,
])
# fmt: on
OFFSET = 38.573 + 0.55  # the fit's own, moved to where both errors are alike: a page refused for nothing costs a retake
WAVE_TILE_PX = 64
MOST_TILES, LEAST_TILES = 64, 3  # those with most contrast; with fewer the spectrum says nothing
LEAST_SPREAD, SPREAD_SHARE = 5.0, 0.25  # of a tile's grey levels: by itself, and of the widest one's
SECTORS = 8  # the directions of waves
COARSE, MIDDLE, FINE = (0, 1), (2,), (3, 4)  # which of the bands between these waves a pixel
BANDS = (0.04, 0.08, 0.12, 0.17, 0.22, 0.28)
WAVE_FLOOR = 0.05  # of power: less is no ink
# of the first score, the fall, the fine waves left, the crispest edges
WAVE_WEIGHTS = np.array([0.488, -2.326, 0.947, -8.221])
WAVE_OFFSET = -3.340
FIRST_ALONE = 1.0  # noise and pale print hide the fall: below minus this the first score is enough
CELL_EDGES = 250  # in a direction, for a ninth of the page to be judged
CELL_SOFT, CELL_SHARP = 0.20, 0.27  # steepness of a ninth: blurred below, sharp above
CELL_GAP = 0.66  # and so much less than the sharpest ninth


@dataclass(frozen=True)
class Sharpness:
    """score: above 0 sharp, below 0 blurred. soft: the ninths (row, column; 0 to 2) blurred while others are sharp."""

    score: float
    soft: tuple[tuple[int, int], ...]


def measure(grey: np.ndarray) -> Sharpness | None:
    """The page's sharpness; None when hardly anything is drawn on it. grey: (h, w) uint8, long side 1000 pixels."""
    edges, noise = _edges(grey)
    steepness, heights = [], []
    for _, _, steep, height in edges:
        if len(steep) < LEAST_EDGES:
            continue
        steepness.append(np.percentile(steep, STEEPNESS))
        heights.append(float(np.percentile(height, 75)))
    if not steepness or min(grey.shape) < 5 * TILE_PX:
        return None
    table = np.log(np.array([np.min(steepness, axis=0), np.mean(steepness, axis=0), np.max(steepness, axis=0)]))
    number = sum(len(steep) for _, _, steep, _ in edges)
    facts = [*table.ravel(), np.log(noise + 0.1), np.log(np.mean(heights)), np.log(number), *_detail(grey)]
    score = float(np.array(facts) @ WEIGHTS + OFFSET)
    waves = _waves(grey)
    if waves is not None:
        weighed = float(np.array([score, *waves, table[2, 2]]) @ WAVE_WEIGHTS + WAVE_OFFSET)
        score = min(score + FIRST_ALONE, weighed)
    return Sharpness(score, _soft_ninths(edges, grey.shape))


Edges = list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]


def _edges(grey: np.ndarray) -> tuple[Edges, float]:
    """For each direction the y, x, steepness (a share of its height, per pixel) and height of edges; and the noise."""
    plain = grey.astype(np.float32)
    noise = float(np.median(np.abs(plain - cv2.GaussianBlur(plain, (0, 0), 1.0)))) * 1.5
    soft = cv2.GaussianBlur(plain, (0, 0), 0.6)
    slopes = [
        np.abs(_moved(soft, -dy, -dx) - _moved(soft, dy, dx)) / (2 * float(np.hypot(dy, dx))) for dy, dx in DIRECTIONS
    ]
    found = []
    for number, (dy, dx) in enumerate(DIRECTIONS):
        step = float(np.hypot(dy, dx))
        reach = max(2, round(REACH_PX / step))
        line = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
        for offset in range(-reach, reach + 1):
            line[reach + offset * dy, reach + offset * dx] = 1
        slope, other = slopes[number], slopes[number ^ 1]
        height = cv2.dilate(soft, line) - cv2.erode(soft, line)
        crest = (slope >= _moved(slope, -dy, -dx)) & (slope > _moved(slope, dy, dx)) & (slope > ACROSS * other)
        crest &= height > max(LEAST_HEIGHT, NOISE_HEIGHTS * noise)
        crest[:MARGIN_PX], crest[-MARGIN_PX:], crest[:, :MARGIN_PX], crest[:, -MARGIN_PX:] = False, False, False, False
        y, x = np.nonzero(crest)
        found.append((y, x, slope[crest] / height[crest], height[crest]))
    return found, noise


def _detail(grey: np.ndarray) -> list[float]:
    """Second derivatives at three scales in the direction that has least of them, their ratios, noise, contrast."""
    plain = grey.astype(np.float32)
    scales = [_bends(cv2.GaussianBlur(plain, (0, 0), 0.8 * scale), scale) for scale in (1, 2, 4)]
    noises = [np.sqrt(np.percentile(one.mean(axis=0), 8)) for one in (scales[0], _bends(plain, 1))]
    fine, middle, coarse = (np.sqrt(one.min(axis=0)).ravel() for one in scales)
    strong = np.argsort(-coarse)[: max(4, int(0.15 * len(coarse)))]
    values = [np.log(np.median(one[strong]) + 0.05) for one in (fine, middle, coarse)]
    values += [np.log(np.percentile(one, 90) + 0.05) for one in (fine, middle, coarse)]
    values += [
        np.log(np.percentile((one / (next_one + 1e-3))[strong], 75) + 0.01)
        for one, next_one in ((fine, middle), (middle, coarse))
    ]
    values += [np.log(noises[0] + 0.02), np.log(noises[1] + 0.05)]
    contrast = np.sqrt(np.maximum(_tile_means(plain**2) - _tile_means(plain) ** 2, 0))[1:-1, 1:-1]
    return [float(one) for one in (*values, *(np.log(np.percentile(contrast, p) + 0.5) for p in (90, 50)))]


def _bends(plane: np.ndarray, scale: int) -> np.ndarray:
    """Mean squared second derivative a tile in each direction, (4, rows, columns), the outermost tiles left out."""
    bent = []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        bend = _moved(plane, scale * dy, scale * dx) + _moved(plane, -scale * dy, -scale * dx) - 2 * plane
        bent.append(_tile_means(bend * bend)[1:-1, 1:-1])
    return np.stack(bent)


def _waves(grey: np.ndarray) -> tuple[float, float] | None:
    """Of the power in the direction that has least: how far it falls from coarse to middle waves; the fine waves left.

    Logarithms, the mean of the tiles with writing; None when these are too few.
    """
    size = WAVE_TILE_PX
    rows, columns = grey.shape[0] // size, grey.shape[1] // size
    top, left = (grey.shape[0] - rows * size) // 2, (grey.shape[1] - columns * size) // 2
    inner = grey[top : top + rows * size, left : left + columns * size].astype(np.float32)
    tiles = inner.reshape(rows, size, columns, size).swapaxes(1, 2).reshape(-1, size, size)
    if len(tiles) < LEAST_TILES:
        return None
    spread = tiles.std(axis=(1, 2))
    chosen = np.argsort(-spread)[:MOST_TILES]
    chosen = chosen[spread[chosen] > max(LEAST_SPREAD, SPREAD_SHARE * float(spread.max()))]
    if len(chosen) < LEAST_TILES:
        return None
    written = tiles[chosen]
    seen = np.fft.rfft2((written - written.mean(axis=(1, 2), keepdims=True)) * _WINDOW)
    power = (seen.real**2 + seen.imag**2) / float((_WINDOW**2).sum())
    bands = (_PICKS @ np.log(power + WAVE_FLOOR).mean(axis=0).ravel()).reshape(SECTORS, -1)
    # half of each sector's neighbours goes in, so that a direction between two sectors counts as much
    bands = (np.roll(bands, 1, axis=0) + 2 * bands + np.roll(bands, -1, axis=0)) / 4
    coarse, middle, fine = (bands[:, list(one)].mean(axis=1) for one in (COARSE, MIDDLE, FINE))
    return float((coarse - middle).max()), float(fine.min())


def _window() -> np.ndarray:
    slope = np.hanning(WAVE_TILE_PX + 2)[1:-1].astype(np.float32)
    window: np.ndarray = np.outer(slope, slope)
    return window


def _picks() -> np.ndarray:
    """A row for each sector and band that takes the mean of its waves out of a tile's spectrum."""
    down, right = np.fft.fftfreq(WAVE_TILE_PX)[:, None], np.fft.rfftfreq(WAVE_TILE_PX)[None]
    length, turned = np.hypot(down, right), np.degrees(np.arctan2(down, right)) % 180
    sector = np.round(turned * SECTORS / 180).astype(int) % SECTORS
    rows = []
    for direction in range(SECTORS):
        for least, most in pairwise(BANDS):
            row = ((sector == direction) & (length >= least) & (length < most)).ravel()
            rows.append(row / row.sum())
    return np.array(rows, np.float32)


_WINDOW, _PICKS = _window(), _picks()


def _soft_ninths(edges: Edges, shape: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    steep = np.full((3, 3), np.nan)
    for row in range(3):
        for column in range(3):
            least = []
            for y, x, steepness, _ in edges[:2]:
                here = (y * 3 // shape[0] == row) & (x * 3 // shape[1] == column)
                if int(here.sum()) >= CELL_EDGES:
                    least.append(float(np.percentile(steepness[here], 75)))
            if least:
                steep[row, column] = min(least)
    if np.isnan(steep).all() or float(np.nanmax(steep)) < CELL_SHARP:
        return ()
    soft = (steep < CELL_SOFT) & (steep < CELL_GAP * np.nanmax(steep))
    return tuple((int(row), int(column)) for row, column in np.argwhere(soft))


def _moved(plane: np.ndarray, down: int, right: int) -> np.ndarray:
    moved: np.ndarray = np.roll(plane, (down, right), (0, 1))
    return moved


def _tile_means(plane: np.ndarray) -> np.ndarray:
    rows, columns = plane.shape[0] // TILE_PX, plane.shape[1] // TILE_PX
    whole = plane[: rows * TILE_PX, : columns * TILE_PX]
    means: np.ndarray = whole.reshape(rows, TILE_PX, columns, TILE_PX).mean(axis=(1, 3))
    return means
