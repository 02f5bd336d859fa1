"""From a photo of a person to the portrait on the card: where to cut, how to cut, and what to tell the person.

The master crop is 4:5 (28 × 35 mm) at 560 × 700 pixels; the head stays whole in the 25 × 35 mm cut from its middle
(domain §2.7). A person can always move the frame by hand; nothing here retouches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from scanner import face, quality
from scanner.face import Box

SIZE = (560, 700)  # width, height: 28 × 35 mm at 508 dpi
RATIO = 4 / 5

# The detector's box against a head with hair, in box heights from its centre (measured on 54 portraits).
HAIR_ABOVE = 1.10
CHIN_BELOW = 0.62
HEAD_HALF_WIDTH = 0.68

HEAD_SHARE = 0.70  # hair to chin, of the crop's height
HAIR_MARGIN = 0.10  # above the hair

LEVEL_FROM_DEG = 3.0  # smaller leans are left alone: measured error of the eye line 0.7°, at most 2.2°
LEVEL_UP_TO_DEG = 25.0

LEAST_CROP_HEIGHT_PX = 380  # half the master's lines; below it the print shows it
TOO_FAR_SHARE = 0.12  # face box width of the short side of the photo
SECOND_FACE_SHARE = 0.35  # of the first one's width; smaller ones are passers-by in the background
DARK_BELOW = 55  # median brightness of the face
BURNT_LEVEL, BURNT_SHARE = 250, 0.22  # so much of the face without any drawing
SHARP_FROM = 0.65  # 54 public portraits score 0.88 and more, the same blurred 0.52 and less
JUDGED_FACE_PX = 200


@dataclass(frozen=True)
class Crop:
    """Where to cut: a rectangle in pixels of the photo, turned about its centre by `angle` degrees clockwise."""

    x: int
    y: int
    width: int
    height: int
    angle: float = 0.0


def propose(image: np.ndarray, faces: Sequence[Box] | None = None) -> Crop | None:
    """The 4:5 cut around the largest face, head upright and where an ID photo has it; None without a face.

    image: (h, w, 3) uint8 BGR. faces: from `face.find`, found here when absent. The cut stays within the photo,
    smaller or moved where the photo ends too soon (`problems` then says cut_off or too_close).
    """
    faces = face.find(image) if faces is None else faces
    if not faces:
        return None
    largest = max(faces, key=lambda box: box[2] * box[3])
    angle = lean(image, largest) or 0.0
    angle = round(angle, 1) if LEVEL_FROM_DEG <= abs(angle) <= LEVEL_UP_TO_DEG else 0.0
    hair, chin = _head(largest, angle)
    height = float(np.linalg.norm(chin - hair)) / HEAD_SHARE
    centre = hair + (chin - hair) / HEAD_SHARE * (0.5 - HAIR_MARGIN)
    return _within(image, centre, height, angle)


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


def problems(image: np.ndarray, faces: Sequence[Box], crop: Crop | None) -> list[str]:
    """What is wrong with the photo as a portrait, in codes, worst first; empty when it can be used.

    no_face, two_faces, too_close, cut_off, too_far, dark, burnt_out, blurred, turned_away.
    """
    if not faces or crop is None:
        return ["no_face"]
    ordered = sorted(faces, key=lambda box: -box[2] * box[3])
    largest = ordered[0]
    found = []
    if len(ordered) > 1 and ordered[1][2] > SECOND_FACE_SHARE * largest[2]:
        found.append("two_faces")
    rows, columns = image.shape[:2]
    hair, chin = _head(largest, crop.angle)
    head = float(np.linalg.norm(chin - hair))
    half = HEAD_HALF_WIDTH * largest[3]
    middle = largest[0] + largest[2] / 2
    slack = 0.08 * head  # hair and box are only known so well
    if head > 0.92 * rows or 2 * half > 0.95 * columns:
        found.append("too_close")
    elif (
        min(hair[1], chin[1]) < -slack
        or max(hair[1], chin[1]) > rows + slack * 0.5
        or middle - half < -slack
        or middle + half > columns + slack
    ):
        found.append("cut_off")
    if crop.height < LEAST_CROP_HEIGHT_PX or largest[2] < TOO_FAR_SHARE * min(rows, columns):
        found.append("too_far")
    skin = _face_pixels(image, largest)
    if skin is not None:
        grey = cv2.cvtColor(skin, cv2.COLOR_BGR2GRAY)
        if float(np.median(grey)) < DARK_BELOW:
            found.append("dark")
        elif float((grey >= BURNT_LEVEL).mean()) > BURNT_SHARE:
            found.append("burnt_out")
        if is_blurred(grey):
            found.append("blurred")
    if _pose(image, largest) in ("left", "right"):
        found.append("turned_away")
    return found


def lean(image: np.ndarray, box: Box) -> float | None:
    """Degrees by which the head leans clockwise, by the line through the eyes; None when not both are seen.

    On public portraits turned by 12° the error was 0.7° in the middle and 2.2° at most.
    """
    x, y, width, height = box
    left, top = max(0, x - width // 10), max(0, y)
    right, bottom = min(image.shape[1], x + width + width // 10), min(image.shape[0], y + round(0.6 * height))
    if right - left < 40 or bottom - top < 24:
        return None
    scale = 240 / width
    grey = cv2.cvtColor(image[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    grey = cv2.equalizeHist(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=kind))
    with face.haar_lock:
        eyes = _eye_cascade().detectMultiScale(grey, 1.05, 3, minSize=(34, 34), maxSize=(90, 90))
    centres = [(ex + ew / 2, ey + eh / 2) for ex, ey, ew, eh in eyes]
    nose = grey.shape[1] / 2
    on_left = [eye for eye in centres if eye[0] < nose - 15]
    on_right = [eye for eye in centres if eye[0] > nose + 15]
    if len(on_left) != 1 or len(on_right) != 1:
        return None
    across, down = on_right[0][0] - on_left[0][0], on_right[0][1] - on_left[0][1]
    return math.degrees(math.atan2(down, across)) if 70 < across < 170 else None


def is_blurred(face_grey: np.ndarray) -> bool:
    """True when a face, (h, w) uint8, has no fine detail at all at print size."""
    if min(face_grey.shape) < 20:
        return False
    scale = JUDGED_FACE_PX / face_grey.shape[1]
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    score = quality.sharpness(cv2.resize(face_grey, None, fx=scale, fy=scale, interpolation=kind), tile=25)
    return score is not None and score < SHARP_FROM


def _head(box: Box, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """Top of the hair and chin, as points, of the head in a detector's box that leans by so many degrees."""
    x, y, width, height = box
    centre = np.array([x + width / 2, y + height / 2])
    up = np.array([math.sin(math.radians(angle)), -math.cos(math.radians(angle))])
    return centre + up * HAIR_ABOVE * height, centre - up * CHIN_BELOW * height


def _within(image: np.ndarray, centre: np.ndarray, height: float, angle: float) -> Crop:
    """A 4:5 rectangle of that height about the centre, shrunk and moved until it lies in the photo."""
    rows, columns = image.shape[:2]
    height = min(height, rows, columns / RATIO)
    width = height * RATIO
    x = min(max(centre[0] - width / 2, 0), columns - width)
    y = min(max(centre[1] - height / 2, 0), rows - height)
    x, y = math.floor(x), math.floor(y)
    return Crop(x, y, min(round(width), columns - x), min(round(height), rows - y), angle)


def _face_pixels(image: np.ndarray, box: Box) -> np.ndarray | None:
    """The inner part of the face, without hair and background; None when it lies outside the photo."""
    x, y, width, height = box
    part = image[max(0, y) : max(0, y + height), max(0, x + width // 8) : max(0, x + width - width // 8)]
    return part if part.size else None


def _pose(image: np.ndarray, box: Box) -> str:
    """Which way the face in this box looks; front when the detector does not see it again."""
    x, y, width, height = box
    top, left = max(0, y - height // 2), max(0, x - width // 2)
    part = image[top : y + height + height // 2, left : x + width + width // 2]
    if min(part.shape[:2]) < 40:
        return "front"
    scale = 200 / max(part.shape[:2])
    seen = face.find_faces(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return seen[0].pose if seen else "front"


@lru_cache(maxsize=1)
def _eye_cascade() -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(face.CASCADES + "haarcascade_eye_tree_eyeglasses.xml")
