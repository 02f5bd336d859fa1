"""From a photo of a person to the portrait on the card: where to cut, how to cut, and what to tell the person.

The master crop is 4:5 (28 × 35 mm) at 560 × 700 pixels; the head stays whole in the 25 × 35 mm cut from its middle
(domain §2.7). A person can always move the frame by hand; nothing here retouches, and nothing here refuses: every
problem is a sentence, and the person decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from scanner import face, face_faults, face_place, lean
from scanner.face import Box, Face

SIZE = (560, 700)  # width, height: 28 × 35 mm at 508 dpi
RATIO = 4 / 5
NARROW = 25 / 28  # what a 25 × 35 mm print keeps of the width

# The detector's box against a head with hair, in box heights from its centre (measured on 54 portraits).
HAIR_ABOVE = 1.10
CHIN_BELOW = 0.62
HEAD_HALF_WIDTH = 0.68

HEAD_SHARE = 0.70  # hair to chin, of the crop's height
HAIR_MARGIN = 0.10  # above the hair

LEVEL_FROM_DEG = 3.0  # smaller leans are left alone: the eyes' line is known to 0.7°, at worst to 2.7°
LEVEL_UP_TO_DEG = 25.0

LEAST_CROP_HEIGHT_PX = 380  # half the master's lines; below it the print shows it
TOO_FAR_SHARE = 0.12  # face box width of the short side of the photo
SECOND_FACE_SHARE = 0.35  # of the first one's width; smaller ones are passers-by in the background
FRAMED_SMALL_SHARE = 0.45  # hair to chin, of the crop's height, when a person framed it
FRAMED_SLACK = 0.10  # of the head's height: hair is only guessed

# the room beside the head in the portrait at a quarter of its size
BACKGROUND_SIZE = (140, 175)
BACKGROUND_HEAD = (0.50, 0.47, 0.40, 0.45)  # centre and half axes, in widths and heights
BACKGROUND_DOWN_TO = 0.58
BACKGROUND_TILE_PX = 7
BUSY_CONTRAST, BUSY_SHARE = 14.0, 0.45  # so many tiles with so much in them


@dataclass(frozen=True)
class Crop:
    """Where to cut: a rectangle in pixels of the photo, turned about its centre by `angle` degrees clockwise."""

    x: int
    y: int
    width: int
    height: int
    angle: float = 0.0


def propose(image: np.ndarray, faces: Sequence[Box | Face] | None = None) -> Crop | None:
    """The 4:5 cut around the largest face, head upright and where an ID photo has it; None without a face.

    image: (h, w, 3) uint8 BGR. faces: from `face.find_faces`, found here when absent; plain boxes are taken to stand
    upright. The cut stays within the photo, smaller or moved where the photo ends too soon (`problems` then says
    cut_off or too_close); in a photo that lies on its side its angle is near 90, 180 or 270.
    """
    seen = face.find_faces(image) if faces is None else faces
    if not seen:
        return None
    largest = max(seen, key=lambda one: _box(one)[2] * _box(one)[3])
    turn = largest.turn if isinstance(largest, Face) else 0
    upright = _set_upright(image, turn)
    crop = _proposed(upright, _box_upright(_box(largest), turn, image.shape))
    return _laid_back(crop, turn, upright.shape)


def fallback(image: np.ndarray) -> Crop:
    """The cut to start from when no face is found: the middle of the photo, a little above."""
    rows, columns = image.shape[:2]
    return _within(image, np.array([columns / 2, rows * 0.46]), min(rows * 0.9, columns * 0.9 / RATIO), 0.0)


def cut(image: np.ndarray, crop: Crop, size: tuple[int, int] = SIZE) -> np.ndarray:
    """The portrait, (height, width, 3) uint8 BGR of `size` (width, height); beyond the photo its edge goes on."""
    width, height = size
    shrink = max(1.0, crop.height / (2 * height))  # a straight warp over more would skip pixels
    if shrink > 1:
        image = cv2.resize(image, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
    middle = np.array([crop.x + crop.width / 2, crop.y + crop.height / 2]) / shrink
    turn = math.radians(crop.angle)
    across = np.array([math.cos(turn), math.sin(turn)]) * crop.width / shrink
    down = np.array([-math.sin(turn), math.cos(turn)]) * crop.height / shrink
    corner = middle - across / 2 - down / 2
    source = np.array([corner, corner + across, corner + down], np.float32) - 0.5
    double = (width * 2, height * 2) if crop.height / shrink > height else size
    target = np.array([[0, 0], [double[0], 0], [0, double[1]]], np.float32) - 0.5
    matrix = cv2.getAffineTransform(source, target)
    drawn = cv2.warpAffine(image, matrix, double, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return drawn if double == size else cv2.resize(drawn, size, interpolation=cv2.INTER_AREA)


def problems(image: np.ndarray, faces: Sequence[Box | Face], crop: Crop | None) -> list[str]:
    """What is wrong with the photo as a portrait, in codes, worst first; empty when it can be used.

    no_face, two_faces, too_close, cut_off, too_far, framed_cut, framed_small, dark, burnt_out, blurred, turned_away,
    eyes_covered, busy_background. framed_… say that the crop is at fault and not the photo; the last one is a hint.
    """
    if not faces or crop is None:
        return ["no_face"]
    turn = round(crop.angle / 90) * 90 % 360
    boxes = [_box_upright(_box(one), turn, image.shape) for one in faces]
    crop = _crop_upright(crop, turn, image.shape)
    image = _set_upright(image, turn)
    ordered = sorted(boxes, key=lambda box: -box[2] * box[3])
    largest = ordered[0]
    found = []
    if len(ordered) > 1 and ordered[1][2] > SECOND_FACE_SHARE * largest[2]:
        found.append("two_faces")
    found += _place_problems(image, largest, crop)
    grey = face_faults.normal(image, largest)
    if grey is not None:
        if face_faults.is_dark(grey):
            found.append("dark")
        elif face_faults.is_burnt_out(grey):
            found.append("burnt_out")
        if face_faults.is_blurred(grey):
            found.append("blurred")
    if _pose(image, largest) in ("left", "right"):
        found.append("turned_away")
    if grey is not None and face_faults.are_eyes_covered(grey):
        found.append("eyes_covered")
    if is_background_busy(cut(image, crop, BACKGROUND_SIZE)):
        found.append("busy_background")
    return found


def is_background_busy(small: np.ndarray) -> bool:
    """True when the room beside the head is full of things. small: the portrait, (175, 140, 3) uint8 BGR."""
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    rows, columns = (side // BACKGROUND_TILE_PX for side in grey.shape)
    tiles = grey.reshape(rows, BACKGROUND_TILE_PX, columns, BACKGROUND_TILE_PX)
    contrast = tiles.std(axis=(1, 3))
    y, x = np.mgrid[0:rows, 0:columns]
    across, down = (x + 0.5) / columns, (y + 0.5) / rows
    middle_x, middle_y, half_x, half_y = BACKGROUND_HEAD
    outside = ((across - middle_x) / half_x) ** 2 + ((down - middle_y) / half_y) ** 2 > 1
    beside = outside & (down < BACKGROUND_DOWN_TO)
    return float((contrast[beside] > BUSY_CONTRAST).mean()) > BUSY_SHARE


# --- where the head is ---


def _proposed(image: np.ndarray, box: Box) -> Crop:
    box = face_place.settled(image, box)
    leans = lean.degrees(image, box) or 0.0
    angle = round(leans, 1) if LEVEL_FROM_DEG <= abs(leans) <= LEVEL_UP_TO_DEG else 0.0
    hair, chin = _head(box, angle)
    height = float(np.linalg.norm(chin - hair)) / HEAD_SHARE
    centre = hair + (chin - hair) / HEAD_SHARE * (0.5 - HAIR_MARGIN)
    return _within(image, centre, height, angle)


def _head(box: Box, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """Top of the hair and chin, as points, of the head in a detector's box that leans by so many degrees."""
    x, y, width, height = box
    centre = np.array([x + width / 2, y + height / 2])
    up = np.array([math.sin(math.radians(angle)), -math.cos(math.radians(angle))])
    return centre + up * HAIR_ABOVE * height, centre - up * CHIN_BELOW * height


def _place_problems(image: np.ndarray, box: Box, crop: Crop) -> list[str]:
    """Too close, cut off, too far; and whether the head is whole and large enough in the crop, also at 25 × 35 mm."""
    rows, columns = image.shape[:2]
    hair, chin = _head(box, crop.angle)
    head = float(np.linalg.norm(chin - hair))
    half = HEAD_HALF_WIDTH * box[3]
    middle = box[0] + box[2] / 2
    slack = 0.08 * head  # hair and box are only known so well
    found = []
    if head > 0.92 * rows or 2 * half > 0.95 * columns:
        found.append("too_close")
    elif (
        min(hair[1], chin[1]) < -slack
        or max(hair[1], chin[1]) > rows + slack * 0.5
        or middle - half < -slack
        or middle + half > columns + slack
    ):
        found.append("cut_off")
    far = crop.height < LEAST_CROP_HEIGHT_PX or box[2] < TOO_FAR_SHARE * min(rows, columns)
    if far:
        found.append("too_far")
    if not found and _cut_by_frame(hair, chin, half, crop):
        found.append("framed_cut")
    if not far and head < FRAMED_SMALL_SHARE * crop.height:
        found.append("framed_small")
    return found


def _cut_by_frame(hair: np.ndarray, chin: np.ndarray, half: float, crop: Crop) -> bool:
    """True when the head sticks out of the crop, or out of the 25 × 35 mm within it."""
    turn = math.radians(crop.angle)
    back = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    centre = np.array([crop.x + crop.width / 2, crop.y + crop.height / 2])
    top, bottom = (back @ (point - centre) for point in (hair, chin))
    slack = FRAMED_SLACK * float(np.linalg.norm(chin - hair))
    aside = max(abs(top[0]), abs(bottom[0])) + half - slack
    tall = max(-top[1] - slack, bottom[1] - slack / 2)
    return bool(aside > NARROW * crop.width / 2 or tall > crop.height / 2)


def _within(image: np.ndarray, centre: np.ndarray, height: float, angle: float) -> Crop:
    """A 4:5 rectangle of that height about the centre, shrunk and moved until it lies in the photo."""
    rows, columns = image.shape[:2]
    height = min(height, rows, columns / RATIO)
    width = height * RATIO
    x = min(max(centre[0] - width / 2, 0), columns - width)
    y = min(max(centre[1] - height / 2, 0), rows - height)
    x, y = math.floor(x), math.floor(y)
    return Crop(x, y, min(round(width), columns - x), min(round(height), rows - y), angle)


def _pose(image: np.ndarray, box: Box) -> str:
    """Which way the face in this box looks; front when the detector does not see it again."""
    x, y, width, height = box
    top, left = max(0, y - height // 2), max(0, x - width // 2)
    part = image[top : y + height + height // 2, left : x + width + width // 2]
    if min(part.shape[:2]) < 40:
        return "front"
    scale = 200 / max(part.shape[:2])
    small = cv2.cvtColor(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    seen = face.look(small)
    return max(seen, key=lambda one: one.score).pose if seen else "front"


# --- photos on their side ---


def _box(one: Box | Face) -> Box:
    return one.box if isinstance(one, Face) else one


def _set_upright(image: np.ndarray, turn: int) -> np.ndarray:
    """The photo turned back by a quarter, a half or three quarters."""
    return np.ascontiguousarray(np.rot90(image, turn // 90)) if turn else image


def _box_upright(box: Box, turn: int, shape: tuple[int, ...]) -> Box:
    x, y, width, height = box
    rows, columns = shape[:2]
    if turn == 90:
        return y, columns - x - width, height, width
    if turn == 180:
        return columns - x - width, rows - y - height, width, height
    return (rows - y - height, x, height, width) if turn == 270 else box


def _crop_upright(crop: Crop, turn: int, shape: tuple[int, ...]) -> Crop:
    """The same cut in the photo set upright; its sides are its own and keep their lengths, only its middle moves."""
    rows, columns = shape[:2]
    x, y = crop.x + crop.width / 2, crop.y + crop.height / 2
    x, y = {0: (x, y), 90: (y, columns - x), 180: (columns - x, rows - y), 270: (rows - y, x)}[turn]
    angle = (crop.angle - turn + 180) % 360 - 180
    return replace(crop, x=round(x - crop.width / 2), y=round(y - crop.height / 2), angle=angle)


def _laid_back(crop: Crop, turn: int, upright_shape: tuple[int, ...]) -> Crop:
    """The other way round: the cut of the upright photo in the photo as it lies."""
    if not turn:
        return crop
    back = _crop_upright(crop, (360 - turn) % 360, upright_shape)
    return replace(back, angle=round((crop.angle + turn) % 360, 1))
