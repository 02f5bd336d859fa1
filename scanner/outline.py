"""The outline that fits a page best, out of `outline_candidates`' quads; `page` sharpens it. None rather than a wrong one.

A quick look at the step in colour along the sides sorts out hundreds of quads; `outline_judge` weighs the best of them,
and how sure it is against all others and against "no page" decides.

Measured on photographs of sources that nothing was fitted to (2026-11): of 36 pages 30 found within 0.9, none wrong, 6 given
up; one made up in 14 pictures without a whole page. Left out in turn, 26 of the first 30 public photos and 40 of 47 later
ones are found, 1 and 4 wrong; of 90 drawn desks of seeds that nothing was tuned on 88 %, 4 wrong, none made up in 30. With
all in the fit 29 of the 30 are found and none is wrong. `docs/camera.md` has the rest. Missed are mostly white sheets on white
tables and pages bent in a hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scanner import outline_candidates, outline_judge

QUICK = 260  # quads kept after the quick look
WEIGHED = 48  # and, nearly equal ones counted once, weighed
SAME = 0.014  # of the long side: corners no further apart make the same quad
CLUSTER = 0.04  # of the quad's diagonal: quads that agree support each other
LEAST_SCORE = -1.0  # log odds against every other quad and no page at all
LEAST_AGREED, PLAIN_STEP = -1.5, 0.6  # enough where the quick look, as sure as this, put the same quad first


@dataclass(frozen=True)
class Outline:
    """Four corners (4, 2) float32 in pixels of the given picture, clockwise, and log odds that they are the page's."""

    corners: np.ndarray
    score: float


def best(photo: np.ndarray) -> Outline | None:
    """The outline that fits best, to about half a per cent of the side; None when nothing fits.

    photo: (h, w, 3) uint8 BGR.
    """
    scale = min(1.0, outline_candidates.WORK_SIDE_PX / max(photo.shape[:2]))
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else photo
    height, width = small.shape[:2]
    if min(height, width) < 40:
        return None
    seen = outline_candidates.field(small)
    quads = outline_candidates.from_lines(outline_candidates.lines(seen), width, height)
    quads = np.concatenate([quads, outline_candidates.from_blobs(small)])
    if not len(quads):
        return None
    quads, plain = _different(quads, outline_judge.quick(seen.planes, quads), SAME * max(width, height))
    if not len(quads):
        return None
    logits, possible = outline_judge.weigh(seen, quads)
    quads, logits, plain = quads[possible], logits[possible], plain[possible]
    if not len(quads):
        return None
    near = _apart(quads) < CLUSTER * np.linalg.norm(quads[:, 0] - quads[:, 2], axis=1).max()
    odds = np.exp(logits)
    support = near @ odds
    top = int(np.argmax(logits + np.log(support)))
    score = float(np.log(support[top]) - np.log1p(max(0.0, float(odds.sum() - support[top]))))
    agreed = top == int(np.argmax(plain)) and float(plain[top]) > PLAIN_STEP
    if score < (LEAST_AGREED if agreed else LEAST_SCORE):
        return None
    factor = np.array([photo.shape[1] / width, photo.shape[0] / height], np.float32)
    return Outline(((quads[top] + 0.5) * factor - 0.5).astype(np.float32), score)


def _different(quads: np.ndarray, scores: np.ndarray, same: float) -> tuple[np.ndarray, np.ndarray]:
    """The best quads, best first, each once; and their scores."""
    order = np.argsort(-scores)[:QUICK]
    order = order[scores[order] > 0]
    quads, scores = quads[order], scores[order]
    if not len(quads):
        return quads, scores
    first = np.argmin(quads.sum(axis=2), axis=1)
    turned = quads[np.arange(len(quads))[:, None], (first[:, None] + np.arange(4)) % 4]
    near = _apart(turned) < same
    kept: list[int] = []
    free = np.ones(len(quads), bool)
    for index in range(len(quads)):
        if free[index] and len(kept) < WEIGHED:
            kept.append(index)
            free &= ~near[index]
    return quads[kept], scores[kept]


def _apart(quads: np.ndarray) -> np.ndarray:
    """The largest distance between corners of every two quads, whichever corner comes first, (n, n)."""
    first = quads.reshape(-1, 8)
    nearest = np.full((len(quads), len(quads)), np.inf, np.float32)
    for turn in range(4):
        other = np.roll(quads, turn, axis=1).reshape(-1, 8)
        apart = np.zeros_like(nearest)
        for axis in range(8):  # one coordinate at a time: a table of all of them at once is many times slower
            np.maximum(apart, np.abs(first[:, None, axis] - other[None, :, axis]), out=apart)
        np.minimum(nearest, apart, out=nearest)
    return nearest
