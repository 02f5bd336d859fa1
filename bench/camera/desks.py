"""Desks drawn anew from a seed: paper, desk, pose, fingers, shadows and lamps by chance, the page's corners known.

Nothing is ever tuned on the seeds from HELD_BACK on; `bench.camera.pages` prints how many of those are found.
"""

from __future__ import annotations

import cv2
import numpy as np

HELD_BACK = 9000
SIZES = ((900, 1200), (1200, 900), (1200, 1600))
PAPERS = (
    (250, 250, 250),
    (240, 243, 244),
    (205, 225, 235),
    (215, 215, 215),
    (215, 205, 240),
    (215, 235, 215),
    (90, 40, 25),
)
SKINS = ((140, 170, 220), (110, 140, 190), (60, 90, 140), (170, 195, 235))
PROPORTIONS = (0.707, 0.707, 0.7, 0.667, 0.77, 1.41, 1.5, 1.586)  # width by height; a spread, a card
LENS = 0.85  # focal length, in long sides of the photo

Picture = np.ndarray  # (h, w, 3) float32 BGR


def scene(seed: int) -> tuple[np.ndarray, np.ndarray | None]:
    """A photo (h, w, 3) uint8 BGR and the page's corners (4, 2), clockwise; None where no whole page is in view."""
    chance = np.random.default_rng(seed)
    width, height = SIZES[chance.integers(len(SIZES))]
    photo, corners = _desk(chance, width, height), None
    if seed % 4:
        sheet = _paper(chance)
        corners = _posed(chance, sheet, width, height)
        photo = _laid(chance, photo, sheet, corners)
        if chance.random() < 0.35:
            photo = _finger(chance, photo, corners)
    elif seed % 8:  # nearer than the whole page
        sheet = _paper(chance)
        photo = _laid(chance, photo, sheet, _posed(chance, sheet, width, height, cover=float(chance.uniform(2.2, 4))))
    return _taken(chance, photo, corners), corners


def _smooth(chance: np.random.Generator, width: int, height: int, across: float, down: float) -> np.ndarray:
    """Noise of that grain, (height, width) float32, about one."""
    coarse = chance.normal(0, 1, (round(height / down) + 2, round(width / across) + 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))


def _paper(chance: np.random.Generator) -> Picture:
    ratio = float(PROPORTIONS[chance.integers(len(PROPORTIONS))])
    height = 1200 if ratio < 1 else round(1200 / ratio)
    width = round(height * ratio)
    colour = PAPERS[chance.integers(len(PAPERS))]
    sheet = np.full((height, width, 3), colour, np.float32)
    ink = (190, 200, 205) if sum(colour) < 300 else (60, 50, 50)
    kind, margin = chance.integers(4), round(width * chance.uniform(0.04, 0.1))
    row = round(height / chance.uniform(12, 30))
    if kind:  # 0 is a blank page
        for y in range(2 * row, height - margin, row):
            if kind == 1:
                cv2.line(sheet, (margin, y), (width - margin, y), (140, 130, 130), 2)
            word = "".join(chr(65 + letter) for letter in chance.integers(0, 26, chance.integers(3, 26)))
            cv2.putText(
                sheet, word, (margin + 4, y - row // 4), cv2.FONT_HERSHEY_SIMPLEX, row / 42, ink, 2, cv2.LINE_AA
            )
    if kind == 1:
        for x in np.linspace(margin, width - margin, 5).astype(int):
            cv2.line(sheet, (x, row), (x, height - margin), (140, 130, 130), 2)
    if kind == 3 and chance.random() < 0.5:  # a coloured band from edge to edge
        sheet[: round(height * chance.uniform(0.08, 0.25))] *= chance.uniform(0.3, 0.95, 3)
    if ratio > 1.4 and chance.random() < 0.6:  # a book's gutter
        away = np.abs(np.arange(width) - width / 2) / width
        sheet *= (1 - 0.45 * np.exp(-((away / 0.02) ** 2)) - 0.15 * np.exp(-((away / 0.07) ** 2)))[None, :, None]
    return sheet


def _desk(chance: np.random.Generator, width: int, height: int) -> Picture:
    base = chance.uniform(20, 235) + chance.uniform(-30, 30, 3)
    desk = np.zeros((height, width, 3), np.float32) + base.astype(np.float32)
    kind = chance.integers(6)
    if kind == 1:  # wood, and its planks
        desk *= (1 + 0.09 * _smooth(chance, width, height, 180, 6))[..., None]
        for y in range(int(chance.integers(60, 200)), height, int(chance.integers(90, 260))):
            cv2.line(desk, (0, y), (width, y + int(chance.integers(-6, 6))), (base * 0.55).tolist(), 3)
    elif kind == 2:  # a tablecloth
        step, other = int(chance.integers(20, 90)), chance.uniform(30, 240, 3)
        desk[:, (np.arange(width) // step) % 2 == 0] = other
    elif kind == 3:  # marble
        desk += (_smooth(chance, width, height, 120, 90) * 9 + _smooth(chance, width, height, 30, 25) * 5)[..., None]
    elif kind == 4:  # other paper beneath
        beneath = _paper(chance)
        desk = _laid(chance, desk, beneath, _posed(chance, beneath, width, height, cover=1.8))
    return desk


def _posed(
    chance: np.random.Generator, sheet: Picture, width: int, height: int, cover: float | None = None
) -> np.ndarray:
    """Corners of the sheet as a lens sees it; `cover` of the frame (by chance), wholly inside when below one."""
    high, wide = sheet.shape[:2]
    flat = np.array([[-wide, -high, 0], [wide, -high, 0], [wide, high, 0], [-wide, high, 0]]) / np.hypot(wide, high)
    tilt = (0.12, 0.3, 0.45)[chance.integers(3)]
    roll = chance.normal(0, 0.1) + (0, 0, 0, np.pi / 2, np.pi)[chance.integers(5)]
    turned = (
        flat
        @ (
            cv2.Rodrigues(np.array([*chance.uniform(-tilt, tilt, 2), 0.0]))[0]
            @ cv2.Rodrigues(np.array([0, 0, roll]))[0]
        ).T
    )
    inside, share = cover is None, float(chance.uniform(0.2, 0.85)) if cover is None else cover
    away = 2.0
    for _ in range(30):
        seen = LENS * max(width, height) * turned[:, :2] / (turned[:, 2:] + away)
        size = cv2.contourArea(seen.astype(np.float32)) / (width * height)
        away *= max(
            np.sqrt(size / share), float((np.ptp(seen, axis=0) / [width, height]).max()) / 0.97 if inside else 0
        )
    low, high_ = -seen.min(axis=0), np.array([width, height]) - seen.max(axis=0)
    placed: np.ndarray = seen + (
        chance.uniform(low, np.maximum(low, high_)) if inside else np.array([width, height]) / 2
    )
    return np.asarray(placed)


def _laid(chance: np.random.Generator, scene: Picture, sheet: Picture, corners: np.ndarray) -> Picture:
    """The sheet in the scene, with its shadow."""
    high, wide = sheet.shape[:2]
    size = scene.shape[1::-1]
    matrix = cv2.getPerspectiveTransform(
        np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32), corners.astype(np.float32)
    )
    mask = cv2.warpPerspective(np.ones((high, wide), np.float32), matrix, size)
    aside = np.array([[1, 0, chance.uniform(1, 7)], [0, 1, chance.uniform(1, 7)]])
    shade = cv2.warpAffine(cv2.GaussianBlur(mask, (0, 0), chance.uniform(2, 9)), aside, size) * chance.uniform(
        0.05, 0.5
    )
    seen = cv2.warpPerspective(cv2.GaussianBlur(sheet, (0, 0), 1.0), matrix, size)
    laid = scene * (1 - shade[..., None]) * (1 - mask[..., None]) + seen * mask[..., None]
    return np.asarray(laid, np.float32)


def _finger(chance: np.random.Generator, photo: Picture, corners: np.ndarray) -> Picture:
    """A finger that holds the page at one side."""
    side = chance.integers(4)
    edge = corners[side] + (corners[(side + 1) % 4] - corners[side]) * chance.uniform(0.2, 0.8)
    middle = corners.mean(axis=0)
    tip = edge + (middle - edge) * chance.uniform(0.05, 0.2)
    end = edge + (edge - middle) * 1.5
    mask = np.zeros(photo.shape[:2], np.float32)
    cv2.line(mask, tip.astype(int).tolist(), end.astype(int).tolist(), 1, round(0.05 * max(photo.shape)))
    share = cv2.GaussianBlur(mask, (0, 0), 1.2)[..., None]
    held = photo * (1 - share) + np.array(SKINS[chance.integers(len(SKINS))], np.float32) * share
    return np.asarray(held, np.float32)


def _taken(chance: np.random.Generator, photo: Picture, corners: np.ndarray | None) -> np.ndarray:
    """Uneven light, a hard shadow, a lamp, the lens, noise and JPEG."""
    height, width = photo.shape[:2]
    x, y = np.linspace(-1, 1, width)[None, :], np.linspace(-1, 1, height)[:, None]
    lit: np.ndarray = photo * (1 + chance.uniform(-0.3, 0.3) * x + chance.uniform(-0.3, 0.3) * y)[..., None]
    if chance.random() < 0.35:
        shade = np.zeros((height, width), np.float32)
        cv2.fillPoly(shade, [(chance.uniform(-0.3, 1.3, (4, 2)) * [width, height]).astype(np.int32)], 1.0)
        lit *= 1 - chance.uniform(0.2, 0.5) * cv2.GaussianBlur(shade, (0, 0), chance.uniform(4, 30))[..., None]
    if chance.random() < 0.2:
        at_x, at_y = chance.uniform(-0.6, 0.6, 2) if corners is None else 2 * corners.mean(axis=0) / [width, height] - 1
        lit += 200 * np.exp(-(((x - at_x) ** 2 + (y - at_y) ** 2) / chance.uniform(0.01, 0.03)))[..., None]
    lit = cv2.GaussianBlur(lit * chance.uniform(0.45, 1.1), (0, 0), chance.uniform(0.6, 1.8))
    noisy = np.clip(lit + chance.normal(0, chance.uniform(1.5, 6), lit.shape), 0, 255).astype(np.uint8)
    stored = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(65, 92))])[1]
    return np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR))
