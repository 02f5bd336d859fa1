"""Which way up a flat page lies, and how level its rows are, by its writing. None rather than a guess.

No letter is read: every character votes for one of the four turns. Where strokes lie in a character (slanting ones below,
dots above, what is closed and what is open) differs enough from the same character turned, over hundreds of them; ruled
lines are taken out first. Weights: `upright_weights`.
"""

from __future__ import annotations

import cv2
import numpy as np

from scanner.upright_weights import JUDGES, OFFSETS, WEIGHTS

PATCH_PX, CELLS, WAYS = 20, 5, 4
RULE_SHARE = 0.06  # of the long side: a straight stroke as long as this is a rule
JOIN = 0.28  # of a character's size: pieces no further apart belong together
LEAST_SIDE, MOST_IN_A_RUN = 0.6, 40
LEAST_PX, MOST_SHARE = 9, 0.09  # a character's size; the greatest as a share of the long side
MOST_CHARACTERS = 300
LEAST_CHARACTERS = 25
# mean log odds a character against the next best turn: of 240 turned pages whose writing and typeface were not fitted 171
# were told and none wrongly, the others not; on public photos of Latin handwriting and cards guesses reach 0.45
SURE = 0.75
SURE_ALL = 25.0  # and of all characters together
LEAN_SIDE_PX, LEAST_WRITTEN_PX = 700, 1500
LEANS = np.arange(-8, 8.01, 0.5)  # degrees tried; level in the middle
STANDS_OUT, LEANS_CLEARLY = 3.5, 2.0  # how much clearer than at most turns, and than level


def turns_needed(grey: np.ndarray) -> int | None:
    """Quarter turns clockwise, 0 to 3, that set the page upright; None where the writing does not tell.

    grey: (h, w) uint8, a flat page, its long side about 1000 pixels.
    """
    votes = votes_of(grey)
    if votes is None:
        return None
    order = np.argsort(-votes.sum(axis=0))
    margin = float((votes[:, order[0]] - votes[:, order[1]]).mean())
    return int(order[0]) if margin > SURE and margin * len(votes) > SURE_ALL else None


def lean(grey: np.ndarray) -> float | None:
    """Degrees by which the rows of an upright page run downhill, -8 to 8; None where no rows stand out.

    Rows that are level fill some lines of the picture and leave others empty; the turn that makes it so is the answer.
    """
    ink = _ink(grey)
    scale = LEAN_SIDE_PX / max(grey.shape)
    y, x = np.nonzero(cv2.resize(ink.astype(np.float32), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) > 0.3)
    if len(y) < LEAST_WRITTEN_PX:
        return None
    clear = []
    for angle in np.radians(LEANS):
        row = (y * np.cos(angle) - x * np.sin(angle)).astype(int)
        clear.append(float((np.diff(np.bincount(row - row.min())).astype(float) ** 2).sum()))
    best = int(np.argmax(clear))
    if clear[best] < STANDS_OUT * np.median(clear):
        return None
    return float(LEANS[best]) if clear[best] > LEANS_CLEARLY * clear[len(LEANS) // 2] else 0.0


def votes_of(grey: np.ndarray) -> np.ndarray | None:
    """(n, 4): for each character how much speaks for each number of turns; None with too few characters."""
    patches = characters(grey)
    if len(patches) < LEAST_CHARACTERS:
        return None
    turned = [np.rot90(patches, -turn, axes=(1, 2)) for turn in range(4)]
    scores = np.stack([np.tanh(facts(one) @ WEIGHTS + OFFSETS) @ JUDGES for one in turned], axis=1)
    most = scores.max(axis=1, keepdims=True)
    votes: np.ndarray = scores - most - np.log(np.exp(scores - most).sum(axis=1, keepdims=True))
    return votes


def characters(grey: np.ndarray) -> np.ndarray:
    """Pieces of writing of about one character, (n, PATCH_PX, PATCH_PX) float32, ink 1 and paper 0."""
    ink = _ink(grey)
    size = _usual_size(ink)
    if size is None:
        return np.zeros((0, PATCH_PX, PATCH_PX), np.float32)
    reach = max(1, round(JOIN * size)) | 1
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    boxes = _squares(cv2.connectedComponentsWithStats(joined)[2][1:], size)
    if len(boxes) > MOST_CHARACTERS:
        boxes = boxes[np.linspace(0, len(boxes) - 1, MOST_CHARACTERS).round().astype(int)]
    patches = []
    for x, y, side in boxes:
        patch = cv2.getRectSubPix(grey, (round(side) + 2, round(side) + 2), (x - 0.5, y - 0.5))
        patches.append(cv2.resize(patch, (PATCH_PX, PATCH_PX), interpolation=cv2.INTER_AREA))
    if not patches:
        return np.zeros((0, PATCH_PX, PATCH_PX), np.float32)
    table = np.stack(patches).astype(np.float32)
    paper = np.percentile(table, 90, axis=(1, 2), keepdims=True)
    dark = np.percentile(table, 5, axis=(1, 2), keepdims=True)
    evened: np.ndarray = np.clip((paper - table) / np.maximum(paper - dark, 8), 0, 1)
    return evened


def _squares(stats: np.ndarray, size: int) -> np.ndarray:
    """Joined pieces as squares, (n, 3): middle x, y and side; a run of characters is cut into as many as it is long."""
    squares = []
    for left, top, wide, high in stats[:, :4].tolist():
        side = min(wide, high)
        number = round(max(wide, high) / max(side, 1))
        if (
            not 0.6 * size < max(side, LEAST_SIDE * max(wide, high) if number < 3 else side) < 1.8 * size
            or number > MOST_IN_A_RUN
        ):
            continue
        step = max(wide, high) / number
        if step < LEAST_PX:
            continue
        for index in range(number):
            middle = (index + 0.5) * step
            x, y = (middle, high / 2) if wide > high else (wide / 2, middle)
            squares.append((left + x, top + y, max(side, step)))
    return np.array(squares).reshape(-1, 3)


def _ink(grey: np.ndarray) -> np.ndarray:
    """What is written, 1, without rules."""
    soft = cv2.GaussianBlur(grey, (0, 0), 0.8)
    ink = cv2.adaptiveThreshold(soft, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 41, 10)
    long = round(RULE_SHARE * max(grey.shape))
    for shape in ((1, long), (long, 1)):
        rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        ink = np.where(cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0, 0, ink).astype(np.uint8)
    return ink


def _usual_size(ink: np.ndarray) -> int | None:
    """About how large a character is: pieces joined by degrees until they are as large as their neighbours."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    sides = np.maximum(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT])
    sides = sides[(sides >= 5) & (sides < MOST_SHARE * max(ink.shape))]
    if len(sides) < LEAST_CHARACTERS:
        return None
    return int(np.percentile(sides, 70))


def facts(patches: np.ndarray) -> np.ndarray:
    """(n, 125): strokes by their direction, and ink, in 5 × 5 cells of each patch."""
    right, down = np.zeros_like(patches), np.zeros_like(patches)
    right[:, :, 1:-1] = patches[:, :, 2:] - patches[:, :, :-2]
    down[:, 1:-1] = patches[:, 2:] - patches[:, :-2]
    size = np.hypot(right, down)
    place = np.mod(np.arctan2(down, right), np.pi) / np.pi * WAYS
    low = np.floor(place).astype(int)
    part = place - low
    planes = [
        size * np.where(low % WAYS == way, 1 - part, np.where((low + 1) % WAYS == way, part, 0)) for way in range(WAYS)
    ]
    cell = PATCH_PX // CELLS
    sums = [
        one.reshape(-1, CELLS, cell, CELLS, cell).sum(axis=(2, 4)).reshape(len(patches), -1)
        for one in (*planes, patches)
    ]
    strokes = np.sqrt(np.concatenate(sums[:-1], axis=1))
    strokes /= np.maximum(np.linalg.norm(strokes, axis=1, keepdims=True), 1e-6)
    ink = sums[-1] / np.maximum(np.linalg.norm(sums[-1], axis=1, keepdims=True), 1e-6)
    table: np.ndarray = np.concatenate([strokes, ink], axis=1)
    return table
