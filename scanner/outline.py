"""Candidates for the outline of a page and how well each fits the picture; `page` picks one and sharpens it.

Two sources: blobs (thresholds at several levels on lightness, colour and saturation; contours of edges) whose hull
has four corners, and straight lines, two across and two along, the frame's edges among them. Every candidate is
judged the same way: by the step in colour from just inside to just outside, along all four sides. Tuned on 30 public
document photos (2026-11).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

WORK_SIDE_PX = 420  # candidates are looked for at this size
LEAST_AREA = 0.04  # of the frame
STEP_SEEN = 9.0  # Lab levels (0–255) from inside to outside that count as a side anywhere
STEP_FAINT = 3.0  # white on white: enough when all samples of a side agree
SAMPLES = 48
PROBE_PX = (3.0, 6.0)  # how far inside and outside to look
LINES_EACH_WAY = 6
LEAST_SCORE = 0.40  # pages larger than the frame score up to 0.38, pages seen 0.56 and more


@dataclass(frozen=True)
class Outline:
    """Four corners (4, 2) float32 in pixels of the given picture, in order around it, and a score from 0 to 1."""

    corners: np.ndarray
    score: float


def best(photo: np.ndarray) -> Outline | None:
    """The outline that fits best, to about half a per cent of the side; None when nothing fits.

    photo: (h, w, 3) uint8 BGR.
    """
    scale = min(1.0, WORK_SIDE_PX / max(photo.shape[:2]))
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else photo
    height, width = small.shape[:2]
    if min(height, width) < 40:
        return None
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    saturation = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)[:, :, 1]
    planes = [cv2.medianBlur(plane, 7) for plane in (*cv2.split(lab), saturation)]
    quads = _from_blobs(planes)
    quads += _from_lines(lab, planes)
    if not quads:
        return None
    smooth = cv2.merge([cv2.GaussianBlur(plane, (0, 0), 1.2) for plane in planes[:3]]).astype(np.float32)
    corners = np.array([quad for quad, _ in quads], np.float32)
    fills = np.array([fill for _, fill in quads], np.float32)
    scores = scored(smooth, corners) * fills**2
    top = int(np.argmax(scores))
    if scores[top] < LEAST_SCORE:
        return None
    factor = np.array([photo.shape[1] / width, photo.shape[0] / height], np.float32)
    return Outline(corners[top] * factor, float(scores[top]))


# --- judging ---


def scored(smooth: np.ndarray, quads: np.ndarray) -> np.ndarray:
    """Scores (n,) of quads (n, 4, 2) on a smoothed Lab picture (h, w, 3) float32."""
    height, width = smooth.shape[:2]
    starts, ends = quads, np.roll(quads, -1, axis=1)
    along = ends - starts
    lengths = np.linalg.norm(along, axis=2)
    normals = np.stack([-along[..., 1], along[..., 0]], axis=2) / np.maximum(lengths, 1e-6)[..., None]
    centres = quads.mean(axis=1, keepdims=True)
    inward = np.sign(np.einsum("nsk,nsk->ns", centres - starts, normals))
    normals = normals * inward[..., None]

    t = np.linspace(0.05, 0.95, SAMPLES, dtype=np.float32)
    points = starts[:, :, None] + along[:, :, None] * t[None, None, :, None]
    shares, sizes, hidden = [], [], []
    for probe in PROBE_PX:
        inner = points + normals[:, :, None] * probe
        outer = points - normals[:, :, None] * probe
        seen = (outer[..., 0] >= 0) & (outer[..., 0] < width) & (outer[..., 1] >= 0) & (outer[..., 1] < height)
        steps = _at(smooth, inner) - _at(smooth, outer)
        count = np.maximum(seen.sum(axis=2), 1)
        mean = (steps * seen[..., None]).sum(axis=2) / count[..., None]
        size = np.linalg.norm(mean, axis=2)
        agree = np.einsum("nstk,nsk->nst", steps, mean / np.maximum(size, 1e-6)[..., None])
        wanted = np.clip(0.4 * size, STEP_FAINT, STEP_SEEN)[..., None]
        shares.append(((agree > wanted) & seen).sum(axis=2) / count)
        sizes.append(size)
        hidden.append(seen.mean(axis=2) < 0.5)
    coverage, strength = np.mean(shares, axis=0), np.mean(sizes, axis=0)
    outside_frame = np.any(hidden, axis=0)
    misses = outside_frame.sum(axis=1)
    on = ~outside_frame
    sides = np.maximum(on.sum(axis=1), 1)
    least = np.where(on, coverage, 1).min(axis=1)
    middle = (coverage * on).sum(axis=1) / sides
    force = (np.minimum(strength, 40) / 40 * on).sum(axis=1) / sides
    area = _areas(quads) / (height * width)
    score: np.ndarray = (0.5 * least + 0.5 * middle) * (0.35 + 0.65 * np.minimum(1, force + 0.2))
    score = score * area**0.22 * 0.75**misses
    score[(misses > 1) | ~_plausible(quads, lengths) | (area < LEAST_AREA)] = 0
    return score


def _at(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    x = np.clip(np.rint(points[..., 0]).astype(np.int32), 0, width - 1)
    y = np.clip(np.rint(points[..., 1]).astype(np.int32), 0, height - 1)
    values: np.ndarray = picture[y, x]
    return values


def _areas(quads: np.ndarray) -> np.ndarray:
    x, y = quads[..., 0], quads[..., 1]
    areas: np.ndarray = np.abs((x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)) / 2
    return areas


def _plausible(quads: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Convex, opposite sides alike, no needle, no corner sharper than 45 degrees."""
    before = quads - np.roll(quads, 1, axis=1)
    after = np.roll(quads, -1, axis=1) - quads
    turn = before[..., 0] * after[..., 1] - before[..., 1] * after[..., 0]
    convex = np.abs(np.sign(turn).sum(axis=1)) == 4
    sharp = np.abs(turn) / np.maximum(np.linalg.norm(before, axis=2) * np.linalg.norm(after, axis=2), 1e-6)
    opposite = np.maximum(lengths, 1e-6)
    ratio = np.maximum(opposite, np.roll(opposite, 2, axis=1)) / np.minimum(opposite, np.roll(opposite, 2, axis=1))
    needle = lengths.min(axis=1) < 0.15 * lengths.max(axis=1)
    plausible: np.ndarray = convex & ~needle & (ratio.max(axis=1) < 2.2) & (sharp.min(axis=1) > 0.6)
    return plausible


# --- candidates ---


def _from_blobs(planes: list[np.ndarray]) -> list[tuple[np.ndarray, float]]:
    """Quads around light, dark, coloured or edged regions, with the share of the quad that the region fills."""
    small, large = np.ones((5, 5), np.uint8), np.ones((9, 9), np.uint8)
    masks: list[np.ndarray] = []
    for index, plane in enumerate(planes):
        level, _ = cv2.threshold(plane, 0, 255, cv2.THRESH_OTSU)
        high = float(np.percentile(plane, 97))
        levels = (level,) if index in (1, 2) else (level, 0.75 * level, 0.5 * level + 0.5 * high)
        for one in levels:
            mask: np.ndarray = ((plane > one) * 255).astype(np.uint8)
            masks.append(cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, large), cv2.MORPH_OPEN, large))
            mask = 255 - mask
            masks.append(cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, large), cv2.MORPH_OPEN, large))
    for plane, low in (
        (planes[0], 6),
        (planes[0], 12),
        (planes[0], 35),
        (planes[0], 80),
        (planes[3], 30),
        (planes[2], 12),
    ):
        masks.append(cv2.morphologyEx(cv2.Canny(plane, low, 2.5 * low), cv2.MORPH_CLOSE, small))
    found = []
    for mask in masks:
        height, width = mask.shape
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:4]:
            hull = cv2.convexHull(contour)
            area = cv2.contourArea(hull)
            if area < LEAST_AREA * height * width:
                continue
            quad = _four_corners(hull)
            if quad is None:
                continue
            around = cv2.contourArea(quad)
            fill = min(area / around, around / area) if around > 0 else 0
            if fill > 0.8:
                found.append((quad, fill))
    return found


def _four_corners(hull: np.ndarray) -> np.ndarray | None:
    length = cv2.arcLength(hull, True)
    for tolerance in np.arange(0.01, 0.10, 0.004):
        corners = cv2.approxPolyDP(hull, tolerance * length, True)
        if len(corners) == 4:
            return corners.reshape(4, 2).astype(np.float32)
        if len(corners) < 4:
            return None
    return None


def _from_lines(lab: np.ndarray, planes: list[np.ndarray]) -> list[tuple[np.ndarray, float]]:
    """Quads from two lines across and two along, out of the longest in the picture and the frame's own edges."""
    height, width = lab.shape[:2]
    lines = _segments(lab, planes)
    steep = np.abs(lines[:, 3] - lines[:, 1]) > np.abs(lines[:, 2] - lines[:, 0])
    last_x, last_y = width - 1.0, height - 1.0
    across = [*_strongest(lines[~steep]), _line(0, 0, last_x, 0), _line(0, last_y, last_x, last_y)]
    along = [*_strongest(lines[steep]), _line(0, 0, 0, last_y), _line(last_x, 0, last_x, last_y)]
    quads = []
    for i, top in enumerate(across):
        for bottom in across[i + 1 :]:
            for j, left in enumerate(along):
                for right in along[j + 1 :]:
                    quads.append((top, bottom, left, right))
    if not quads:
        return []
    table = np.array(quads)  # (n, 4, 3) lines as homogeneous vectors
    top, bottom, left, right = (table[:, index] for index in range(4))
    corners = np.stack([_meet(top, left), _meet(top, right), _meet(bottom, right), _meet(bottom, left)], axis=1)
    finite = np.isfinite(corners).all(axis=(1, 2))
    margin = 0.02 * max(width, height)
    inside = (corners >= -margin).all(axis=(1, 2))
    inside &= (corners[..., 0] <= last_x + margin).all(axis=1) & (corners[..., 1] <= last_y + margin).all(axis=1)
    return [(quad.astype(np.float32), 1.0) for quad in corners[finite & inside]]


def _segments(lab: np.ndarray, planes: list[np.ndarray]) -> np.ndarray:
    """Straight segments (n, 4) x1 y1 x2 y2 in lightness (evened out), raw lightness and saturation."""
    detector = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD)
    light = cv2.GaussianBlur(lab[:, :, 0], (0, 0), 1.0)
    evened = cv2.createCLAHE(4.0, (4, 4)).apply(planes[0])
    found = []
    for plane in (light, evened, planes[3], _stretched(planes[2])):
        lines = detector.detect(np.ascontiguousarray(plane))[0]
        if lines is not None:
            found.append(lines.reshape(-1, 4))
    if not found:
        return np.zeros((0, 4), np.float32)
    lines = np.concatenate(found)
    lengths = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    long_enough: np.ndarray = lines[lengths > 0.05 * max(lab.shape[:2])]
    return long_enough


def _stretched(plane: np.ndarray) -> np.ndarray:
    low, high = float(plane.min()), float(plane.max())
    return cv2.convertScaleAbs(plane, alpha=255 / max(high - low, 1), beta=-low * 255 / max(high - low, 1))


def _strongest(segments: np.ndarray) -> list[np.ndarray]:
    """The lines with most segment length on them, as homogeneous vectors; segments of one line counted together."""
    if not len(segments):
        return []
    first, last = segments[:, :2], segments[:, 2:]
    lengths = np.hypot(*(last - first).T)
    vectors = _lines_through(first, last)
    ends_first = np.abs(vectors @ np.concatenate([first, np.ones((len(first), 1))], axis=1).T)
    ends_last = np.abs(vectors @ np.concatenate([last, np.ones((len(last), 1))], axis=1).T)
    near = (ends_first < 2.5) & (ends_last < 2.5)  # [line, segment]
    support = (near * lengths[None, :]).sum(axis=1)
    chosen: list[np.ndarray] = []
    free = np.ones(len(segments), bool)
    while len(chosen) < LINES_EACH_WAY and free.any():
        index = int(np.argmax(np.where(free, support, -1)))
        members = near[index]
        points = np.concatenate([first[members], last[members]])
        weights = np.concatenate([lengths[members], lengths[members]])
        chosen.append(_fitted(points, weights))
        free &= ~members
        free[index] = False
    return chosen


def _fitted(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    centre = np.average(points, axis=0, weights=weights)
    offset = points - centre
    spread = (offset * weights[:, None]).T @ offset
    direction = np.linalg.eigh(spread)[1][:, -1]
    normal = np.array([-direction[1], direction[0]])
    return np.array([normal[0], normal[1], -normal @ centre])


def _line(x1: float, y1: float, x2: float, y2: float) -> np.ndarray:
    line: np.ndarray = _lines_through(np.array([[x1, y1]]), np.array([[x2, y2]]))[0]
    return line


def _lines_through(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    direction = last - first
    length = np.maximum(np.hypot(direction[:, 0], direction[:, 1]), 1e-9)
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=1) / length[:, None]
    return np.concatenate([normal, -(normal * first).sum(axis=1, keepdims=True)], axis=1)


def _meet(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    cross = np.cross(one, other)
    with np.errstate(divide="ignore", invalid="ignore"):
        return cross[:, :2] / cross[:, 2:]
