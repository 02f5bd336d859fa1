"""The page in a photo: its four corners, and the page itself laid flat, in its true proportions, evenly lit.

Whether the photo is good enough is asked of `quality`; reading what the page says is `booklet`'s work.
"""

from __future__ import annotations

import cv2
import numpy as np

from scanner import outline

REFINE_REACH = 0.012  # of the long side: how far from the rough outline the edge is looked for
REFINE_SAMPLES = 60
DEFAULT_INSET = 0.04  # of each side


def find_corners(photo: np.ndarray) -> np.ndarray | None:
    """Corners of the page, (4, 2) float32, clockwise from top left, in pixels of the photo.

    photo: (h, w, 3) uint8, BGR. One side of the page may lie on the edge of the frame. None when no four-sided
    outline stands out from what is around it, as when the page is larger than the frame.
    """
    rough = outline.best(photo)
    if rough is None:
        return None
    height, width = photo.shape[:2]
    corners = refine(photo, order_corners(rough.corners))
    corners = refine(photo, corners, 0.5)  # from nearer, neighbouring lines no longer mislead
    found: np.ndarray = np.clip(corners, 0, [width - 1, height - 1]).astype(np.float32)
    return found


def default_corners(shape: tuple[int, ...]) -> np.ndarray:
    """Corners to start dragging from when none were found: the frame less four per cent, (4, 2) float32."""
    height, width = shape[:2]
    x, y = width * DEFAULT_INSET, height * DEFAULT_INSET
    return np.array([[x, y], [width - 1 - x, y], [width - 1 - x, height - 1 - y], [x, height - 1 - y]], np.float32)


def order_corners(corners: np.ndarray) -> np.ndarray:
    """The same four corners clockwise (as seen on screen), the one nearest the top left first; (4, 2) float32."""
    points = np.asarray(corners, np.float64).reshape(4, 2)
    offset = points - points.mean(axis=0)
    points = points[np.argsort(np.arctan2(offset[:, 1], offset[:, 0]))]
    return np.roll(points, -int(np.argmin(points.sum(axis=1))), axis=0).astype(np.float32)


def refine(photo: np.ndarray, corners: np.ndarray, closeness: float = 1.0) -> np.ndarray:
    """Corners moved onto the edge at full size, to a fraction of a pixel; a side without a clear edge stays.

    corners: (4, 2) in order around the page. closeness: how far to look, as a share of the usual. Returned likewise,
    float32.
    """
    height, width = photo.shape[:2]
    reach = max(4, round(closeness * REFINE_REACH * max(height, width)))
    corners = corners.astype(np.float64)
    lines = []
    for index in range(4):
        start, end = corners[index], corners[(index + 1) % 4]
        lines.append(_side(photo, start, end, reach) or _through(start, end))
    refined = np.array([_crossing(lines[index - 1], lines[index]) for index in range(4)])
    moved = np.linalg.norm(refined - corners, axis=1)
    bad = ~np.isfinite(refined).all(axis=1) | ~(moved < 2.5 * reach)
    refined[bad] = corners[bad]
    return refined.astype(np.float32)


def _side(photo: np.ndarray, start: np.ndarray, end: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The straight edge near the line from start to end, as (point, direction); None when there is none to speak of."""
    height, width = photo.shape[:2]
    along = end - start
    length = float(np.hypot(*along))
    if length < 4 * reach:
        return None
    direction = along / length
    normal = np.array([-direction[1], direction[0]])
    t = np.linspace(0.06, 0.94, REFINE_SAMPLES)
    offsets = np.arange(-reach, reach + 1)
    grid = start + along * t[:, None, None] + normal * offsets[None, :, None]
    inside = (grid[..., 0] >= 0) & (grid[..., 0] < width) & (grid[..., 1] >= 0) & (grid[..., 1] < height)
    if inside.mean() < 0.7:
        return None  # the side lies on the edge of the frame
    strip = cv2.remap(
        photo,
        grid[..., 0].astype(np.float32),
        grid[..., 1].astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    # the page's side is the step that stays the same all along, so the neighbours along the side vote with each sample
    soft = cv2.GaussianBlur(strip, (0, 0), sigmaX=max(1.0, reach / 10), sigmaY=2.0).astype(np.float32)
    slope = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3)
    mean_slope = cv2.blur(slope, (1, REFINE_SAMPLES), borderType=cv2.BORDER_REFLECT)
    strength = np.maximum((slope * mean_slope).sum(axis=2), 0)
    if float(strength.max()) <= 0:
        return None
    peaks = strength.argmax(axis=1)
    rows = np.arange(REFINE_SAMPLES)
    weights = strength[rows, peaks]
    inner = np.clip(peaks, 1, len(offsets) - 2)
    before, here, after = strength[rows, inner - 1], strength[rows, inner], strength[rows, inner + 1]
    bend = before - 2 * here + after
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / bend, 0.0)
    distance = offsets[inner] + np.clip(np.nan_to_num(fraction), -1, 1)
    keep = (weights > 0.15 * np.median(weights)) & (peaks > 0) & (peaks < len(offsets) - 1)
    for tolerance in (reach, 0.3 * reach, max(1.5, 0.12 * reach)):
        if keep.sum() < REFINE_SAMPLES * 0.35:
            return None
        slope_fit, base = np.polyfit(t[keep], distance[keep], 1)
        keep = keep & (np.abs(distance - (slope_fit * t + base)) < tolerance)
    if keep.sum() < REFINE_SAMPLES * 0.35:
        return None
    slope_fit, base = np.polyfit(t[keep], distance[keep], 1)
    first = start + normal * base
    last = end + normal * (slope_fit + base)
    return _through(first, last)


def _through(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return start, end - start


def _crossing(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    (point, direction), (point_2, direction_2) = one, other
    across = direction[0] * direction_2[1] - direction[1] * direction_2[0]
    if abs(across) < 1e-9:
        return np.array([np.nan, np.nan])
    offset = point_2 - point
    t = (offset[0] * direction_2[1] - offset[1] * direction_2[0]) / across
    crossing: np.ndarray = point + direction * t
    return crossing


# --- laying it flat ---

LONG_SIDE_PX = 1600  # an A5 page at about 190 dpi
PAPER_LEVEL = 244  # brightness of even paper afterwards
USUAL_FOCAL = 0.8  # focal length of phones and tablets, in long sides of the photo (about 29 mm in 35-mm terms)
USUAL_RATIOS = (2**-0.5, 60 / 90, 54 / 85.6)  # A and B sheets and their halves, the card, cards like bank cards
SNAP_WHOLLY, SNAP_FADES = 0.02, 0.03  # as far off as measuring corners makes it
MOST_GAIN = 3.0  # a shadow deeper than this stays a shadow


def flatten(photo: np.ndarray, corners: np.ndarray, long_side: int = LONG_SIDE_PX, even: bool = True) -> np.ndarray:
    """The page alone, upright to its own edges, in its true proportions, (h, w, 3) uint8 BGR.

    corners: (4, 2) clockwise from the corner that becomes the top left. long_side: pixels of the longer side. even:
    also take shadows out, so that paper is equally light everywhere (`even_light`).
    """
    points = np.asarray(corners, np.float32).reshape(4, 2)
    ratio = snapped(proportions(points, photo.shape))
    width, height = (long_side, long_side / ratio) if ratio > 1 else (long_side * ratio, long_side)
    size = (max(8, round(width)), max(8, round(height)))
    target = np.array([[0, 0], [size[0] - 1, 0], [size[0] - 1, size[1] - 1], [0, size[1] - 1]], np.float32)
    source_long = max(float(np.linalg.norm(points[i] - points[(i + 1) % 4])) for i in range(4))
    shrink = source_long / long_side
    if shrink > 2:  # a straight warp would skip pixels: make the photo smaller first
        photo = cv2.resize(photo, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
        points = points / shrink
    matrix = cv2.getPerspectiveTransform(points.astype(np.float32), target)
    flat = cv2.warpPerspective(photo, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return even_light(flat) if even else flat


def proportions(corners: np.ndarray, shape: tuple[int, ...]) -> float:
    """Width divided by height of the flat page whose corners these are, the lens looking through the photo's middle.

    Zhang & He, Whiteboard scanning and image enhancement (2007), section 3. A usual lens is taken for granted
    where the page is seen so straight that perspective says nothing.
    """
    points = np.asarray(corners, np.float64).reshape(4, 2)
    sides = [float(np.linalg.norm(points[(i + 1) % 4] - points[i])) for i in range(4)]
    plain = (sides[0] + sides[2]) / max(sides[1] + sides[3], 1e-6)
    height, width = shape[:2]
    centred = np.concatenate([points - [width / 2, height / 2], np.ones((4, 1))], axis=1)
    m1, m2, m4, m3 = centred  # top left, top right, bottom right, bottom left
    down = np.cross(m2, m4) @ m3
    right = np.cross(m3, m4) @ m2
    if abs(down) < 1e-6 or abs(right) < 1e-6:
        return plain
    k2, k3 = (np.cross(m1, m4) @ m3) / down, (np.cross(m1, m4) @ m2) / right
    n2, n3 = k2 * m2 - m1, k3 * m3 - m1
    long_side = max(width, height)
    focal_squared = (USUAL_FOCAL * long_side) ** 2
    if abs(n2[2] * n3[2]) > 2e-3:  # else one pair of sides is nearly parallel and says nothing about the lens
        measured = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2])
        if (0.4 * long_side) ** 2 < measured < (4 * long_side) ** 2:
            focal_squared = measured
    wide = (n2[0] ** 2 + n2[1] ** 2) / focal_squared + n2[2] ** 2
    high = (n3[0] ** 2 + n3[1] ** 2) / focal_squared + n3[2] ** 2
    ratio = float(np.sqrt(wide / high))
    return ratio if 1 / 1.8 < ratio / plain < 1.8 else plain


def snapped(ratio: float) -> float:
    """The proportions of a usual sheet or card where these are nearly its own, else themselves; on its side likewise."""
    upright = min(ratio, 1 / ratio)
    for usual in USUAL_RATIOS:
        away = abs(upright / usual - 1)
        if away < SNAP_FADES:
            share = min(1.0, (SNAP_FADES - away) / (SNAP_FADES - SNAP_WHOLLY))  # no sheet jumps for a hair's breadth
            upright += share * (usual - upright)
            break
    return upright if ratio <= 1 else 1 / upright


def even_light(flat: np.ndarray) -> np.ndarray:
    """The same picture with shadows and uneven light taken out, (h, w, 3) uint8 BGR; colours of stamps and photos stay.

    The light is what remains of a small copy when everything darker than its surroundings (ink) is filled in.
    """
    height, width = flat.shape[:2]
    scale = min(1.0, 240 / max(height, width))
    small = cv2.resize(flat, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    light = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)[:, :, 0]
    reach = max(3, round(0.06 * max(light.shape))) | 1
    filled = cv2.morphologyEx(light, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    filled = cv2.GaussianBlur(cv2.medianBlur(filled, 5), (0, 0), reach / 3).astype(np.float32)
    paper = float(np.percentile(filled, 90))
    aim = max(paper, PAPER_LEVEL) if paper > 110 else paper  # a dark cover stays dark
    small_gain = np.clip(aim / np.maximum(filled, 1), 0.8, MOST_GAIN).astype(np.float32)
    gain = cv2.resize(small_gain, (width, height), interpolation=cv2.INTER_LINEAR)
    evened: np.ndarray = cv2.multiply(flat, cv2.merge([gain, gain, gain]), dtype=cv2.CV_8U)  # a third of numpy's time
    return evened
