"""Quads that may be the page: from straight lines, and round blobs of one lightness or colour. Judging is elsewhere.

Lines are voted for by edge pixels, each for the directions near its own gradient only; a faint edge where all is faint
counts as much as a strong one among strong ones, so that white paper on a white table has a chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

WORK_SIDE_PX = 400
BLOB_SIDE_PX = 240
LEAST_AREA = 0.04  # of the frame
ANGLES = 96
LINES = 22
LEAST_EDGE = 1.6  # grey levels over two pixels
NEIGHBOURHOOD_PX = 25
LEAST_LINE = 0.05  # of the long side, in votes
PARALLEL_COS = float(np.cos(np.radians(35)))  # how far perspective turns opposite sides
ACROSS_COS = 0.64
BEYOND_FRAME = 0.03  # of the long side


@dataclass(frozen=True)
class Field:
    """A small copy: colours (h, w, 3) float32 Lab; planes, the same softened; slopes (h, w, 2); strength (h, w); edges."""

    colours: np.ndarray
    planes: np.ndarray
    slopes: np.ndarray
    strength: np.ndarray
    edges: np.ndarray


def field(small: np.ndarray) -> Field:
    """The edges of a picture, (h, w, 3) uint8 BGR, its long side about WORK_SIDE_PX."""
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).astype(np.float32)
    lab[..., 1:] *= 1.4  # colour tells paper from wood better than lightness under a lamp
    planes = cv2.GaussianBlur(lab, (0, 0), 1.0)
    right, down = np.zeros_like(planes), np.zeros_like(planes)
    right[:, 1:-1] = planes[:, 2:] - planes[:, :-2]
    down[1:-1] = planes[2:] - planes[:-2]
    squared = right * right + down * down
    most = squared.argmax(axis=2)[..., None]
    right, down = (np.take_along_axis(one, most, 2)[..., 0] for one in (right, down))
    strength = np.sqrt(np.take_along_axis(squared, most, 2)[..., 0])
    edges = _crests(right, down, strength) & (strength > LEAST_EDGE)
    edges[:2], edges[-2:], edges[:, :2], edges[:, -2:] = False, False, False, False
    return Field(lab, planes, np.stack([right, down], axis=2), strength, edges)


def _crests(right: np.ndarray, down: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Where the slope is steeper than at both neighbours along it."""
    wide, high = np.abs(right), np.abs(down)
    way = np.where(wide > 2.41 * high, 0, np.where(high > 2.41 * wide, 1, np.where(right * down > 0, 2, 3)))[1:-1, 1:-1]
    rows, columns = strength.shape
    here, crests = strength[1:-1, 1:-1], np.zeros(strength.shape, bool)
    for index, (dy, dx) in enumerate(((0, 1), (1, 0), (1, 1), (-1, 1))):
        after = strength[1 + dy : rows - 1 + dy, 1 + dx : columns - 1 + dx]
        before = strength[1 - dy : rows - 1 - dy, 1 - dx : columns - 1 - dx]
        crests[1:-1, 1:-1] |= (way == index) & (here >= after) & (here > before)
    return crests


def lines(seen: Field) -> np.ndarray:
    """The longest straight lines, (n, 3): a x + b y + c = 0 with (a, b) of length one, from the picture's middle."""
    height, width = seen.edges.shape
    around = cv2.blur(seen.strength, (NEIGHBOURHOOD_PX, NEIGHBOURHOOD_PX))
    y, x = np.nonzero(seen.edges)
    strength = seen.strength[seen.edges]
    votes = strength / (strength + around[seen.edges] + 2.5)
    slopes = seen.slopes[seen.edges]
    place = np.mod(np.arctan2(slopes[:, 1], slopes[:, 0]), np.pi) / np.pi * ANGLES
    reach = int(np.hypot(width, height) / 2) + 3
    table = np.zeros(ANGLES * 2 * reach)
    for offset in range(-2, 3):
        angle = (np.floor(place).astype(int) + offset) % ANGLES
        theta = (angle + 0.5) * np.pi / ANGLES
        distance = (x - width / 2) * np.cos(theta) + (y - height / 2) * np.sin(theta)
        cell = angle * 2 * reach + np.round(distance).astype(int) + reach
        table += np.bincount(cell, weights=votes * (1 - 0.2 * abs(offset)), minlength=len(table))
    grid = table.reshape(ANGLES, 2 * reach)
    grid = grid + 0.7 * (np.roll(grid, 1, axis=1) + np.roll(grid, -1, axis=1))
    found = []
    for _ in range(LINES):
        angle, distance = divmod(int(grid.argmax()), 2 * reach)
        if grid[angle, distance] < LEAST_LINE * max(width, height):
            break
        theta = (angle + 0.5) * np.pi / ANGLES
        found.append((np.cos(theta), np.sin(theta), reach - distance))
        for offset in range(-4, 5):
            turned = angle + offset
            there = distance if 0 <= turned < ANGLES else 2 * reach - distance
            grid[turned % ANGLES, max(0, there - 4) : there + 5] = 0
    return np.array(found, np.float64).reshape(-1, 3)


def from_lines(found: np.ndarray, width: int, height: int) -> np.ndarray:
    """Quads (n, 4, 2) float32, clockwise, out of two pairs of lines; one side may be an edge of the frame."""
    frame = [[1, 0, width / 2], [1, 0, 1 - width / 2], [0, 1, height / 2], [0, 1, 1 - height / 2]]
    table = np.vstack([found, frame])
    on_frame = np.zeros(len(table), int)
    on_frame[-4:] = 1
    cosine = table[:, :2] @ table[:, :2].T
    gap = np.abs(table[:, 2][:, None] - table[:, 2][None] * np.sign(cosine))
    one, other = np.nonzero(np.triu((np.abs(cosine) > PARALLEL_COS) & (gap > 0.12 * min(width, height)), 1))
    if len(one) < 2:
        return np.zeros((0, 4, 2), np.float32)
    a, b = np.triu_indices(len(one), 1)
    sides = np.stack([one[a], one[b], other[a], other[b]], axis=1)
    cross = on_frame[sides].sum(axis=1) <= 1
    for index in range(4):
        cross &= np.abs(cosine[sides[:, index], sides[:, (index + 1) % 4]]) < ACROSS_COS
    four = table[sides[cross]]
    corners = np.stack([_meet(four[:, index], four[:, (index + 1) % 4]) for index in range(4)], axis=1)
    corners += [width / 2, height / 2]
    margin = BEYOND_FRAME * max(width, height)
    inside = np.isfinite(corners).all(axis=(1, 2)) & (corners > -margin).all(axis=(1, 2))
    inside &= (corners[..., 0] < width + margin).all(axis=1) & (corners[..., 1] < height + margin).all(axis=1)
    quads = clockwise(corners[inside])
    large: np.ndarray = quads[areas(quads) > LEAST_AREA * width * height]
    return large.astype(np.float32)


def _meet(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    cross = np.cross(one, other)
    with np.errstate(divide="ignore", invalid="ignore"):
        met: np.ndarray = cross[:, :2] / cross[:, 2:]
    return met


def from_blobs(small: np.ndarray) -> np.ndarray:
    """Quads (n, 4, 2) float32, clockwise, round regions that are light, dark, coloured, or bounded by edges."""
    factor = min(1.0, BLOB_SIDE_PX / max(small.shape[:2]))
    saturation = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)[:, :, 1]
    planes = [
        cv2.medianBlur(cv2.resize(one, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), 5)
        for one in (*cv2.split(cv2.cvtColor(small, cv2.COLOR_BGR2LAB)), saturation)
    ]
    quads = []
    for mask in _masks(planes):
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:3]:
            hull = cv2.convexHull(contour)
            area = cv2.contourArea(hull)
            quad = _four_corners(hull) if area > LEAST_AREA * mask.size else None
            if quad is not None and 0.8 < area / max(cv2.contourArea(quad), 1) < 1.25:
                quads.append((quad + 0.5) / factor - 0.5)
    return clockwise(np.array(quads, np.float32).reshape(-1, 4, 2))


def _masks(planes: list[np.ndarray]) -> list[np.ndarray]:
    square = np.ones((5, 5), np.uint8)
    masks: list[np.ndarray] = []
    for index, plane in enumerate(planes):
        level, _ = cv2.threshold(plane, 0, 255, cv2.THRESH_OTSU)
        high = float(np.percentile(plane, 97))
        for one in (level,) if index in (1, 2) else (level, 0.75 * level, 0.5 * level + 0.5 * high):
            bright = ((plane > one) * 255).astype(np.uint8)
            mask: np.ndarray = cv2.morphologyEx(
                cv2.morphologyEx(bright, cv2.MORPH_CLOSE, square), cv2.MORPH_OPEN, square
            )
            masks += [mask, 255 - mask]
    for plane, low in ((planes[0], 6), (planes[0], 14), (planes[0], 40), (planes[3], 30), (planes[2], 12)):
        masks.append(cv2.morphologyEx(cv2.Canny(plane, low, 2.5 * low), cv2.MORPH_CLOSE, square[:3, :3]))
    return masks


def _four_corners(hull: np.ndarray) -> np.ndarray | None:
    length = cv2.arcLength(hull, True)
    for tolerance in np.arange(0.01, 0.10, 0.006):
        corners = cv2.approxPolyDP(hull, tolerance * length, True)
        if len(corners) == 4:
            return corners.reshape(4, 2).astype(np.float32)
        if len(corners) < 4:
            return None
    return None


def clockwise(quads: np.ndarray) -> np.ndarray:
    """The same quads (n, 4, 2), each turned so that its corners run clockwise as seen on screen."""
    x, y = quads[..., 0], quads[..., 1]
    wrong = (x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1) < 0
    turned = quads.copy()
    turned[wrong] = turned[wrong][:, ::-1]
    return turned


def areas(quads: np.ndarray) -> np.ndarray:
    """Areas (n,) of quads (n, 4, 2)."""
    x, y = quads[..., 0], quads[..., 1]
    found: np.ndarray = np.abs((x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)) / 2
    return found
