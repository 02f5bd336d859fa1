"""Faces in a photo, for the portrait on the card. Where they are, never whose: nothing here compares or recognises.

dlib's HOG detector finds them, whatever the skin, the light or the age: it looks at edges, not at brightness. What it
is unsure of is looked at again from nearer, in other sizes and with its contrast raised: a face gains by that, a knot
in the wood does not. A photo that lies on its side is tried in the other three positions when nobody stands upright.

Thresholds were set on 54 public portraits, each also in 45 spoiled versions (25 to 400 pixels, turned, dark, back-lit,
side-lit, noisy, blurred, masked, cut off), and on 130 pictures without a face.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import dlib
import numpy as np

WORK_SIDE_PX = (
    640  # a half-length portrait's face has 80 pixels and more at this size, which is what the detector wants
)
SMALL_FACE_SIDE_PX = 1280  # second look, for faces half as large
SIDEWAYS_SIDE_PX = 440  # a photo for a card that lies on its side still holds a large face
GROUP_SHARE = 0.17  # of the long side: when the largest face is smaller, there may be others the first look cannot see

SURE = 0.25  # the detector's score, from here on taken at its word
UNSURE = -0.5  # from here on looked at again
UNSURE_BESIDE = 0.0  # the same where somebody else is sure: passers-by are not worth the time
HOPELESS = -0.45  # nothing confirmed scored so little in both of its first second looks
CONFIRMED = -0.15  # mean score of the second looks: faces reach it, nothing else did (-0.22)
CONFIRMED_BY_HAAR = -0.3  # when both of OpenCV's cascades see a face there too
FOUND_BY_HAAR = -0.7  # the same for one that a cascade proposed: blurred faces have shades but no edges
HAAR_SIDE_PX, HAAR_SCALE, HAAR_NEIGHBOURS, HAAR_LEAST_SHARE = 360, 1.15, 3, 0.15
UPRIGHT_SURE = 0.9  # beards and glasses upside down score up to 0.8, so below this the place is looked at upside down
TURNED_BETTER = 0.4  # by so much a face must score higher on its side to be believed, and never less than SURE
MOST_LOOKS = 6  # second looks a picture: bounds the time on pictures full of almost-faces
SAME_PLACE = 0.35  # overlap from which two boxes are one face

_LOOK_AROUND = 0.75  # of the box, on every side
_LOOK_WIDTHS_PX = (104, 88, 124)

Box = tuple[int, int, int, int]

CASCADES = str(Path(cv2.__file__).parent / "data") + os.sep
haar_lock = threading.Lock()  # a cascade keeps state while it looks


@dataclass(frozen=True)
class Face:
    """One face: box (x, y, width, height) in pixels from brow to chin, a score, and which way it looks.

    pose: front, left, right (turned), tilted_left or tilted_right, as the part of the detector says that fired.
    turn: 0, 90, 180 or 270: so many degrees clockwise the head stands away from upright, as in a photo on its side.
    """

    box: Box
    score: float
    pose: str
    turn: int = 0


_POSES = ("front", "left", "right", "tilted_left", "tilted_right")


def find(image: np.ndarray) -> list[Box]:
    """Faces as (x, y, width, height) in pixels, the largest first; empty when there is none.

    image: (h, w, 3) uint8 BGR. Boxes reach from the brows to the chin and may stick out of the picture.
    """
    return [face.box for face in find_faces(image)]


def find_faces(image: np.ndarray) -> list[Face]:
    """Like `find`, with score, pose and turn of each face."""
    if min(image.shape[:2]) < 24:
        return []
    faces = _upright_faces(image)
    best = max(faces, key=lambda face: face.score, default=None)
    if best is None or (best.score < UPRIGHT_SURE and _is_upside_down(image, best)):
        faces = _lying_faces(image, faces) or faces
    return sorted(faces, key=lambda face: -face.box[2] * face.box[3])


def quick_look(image: np.ndarray) -> list[Face]:
    """The upright faces the detector is sure of at first sight, the largest first; for small frames of a camera.

    Looks twice as near when there is nothing, so at 320 pixels it sees faces from 40 on, in 4 or 20 ms of one core.
    """
    grey, scale = _small_grey(image, WORK_SIDE_PX)
    for upsample in (0, 1):
        faces = [face for face in _by_hog(grey, scale, upsample) if face.score >= 0]
        if faces:
            break
    return sorted(faces, key=lambda face: -face.box[2] * face.box[3])


def look(grey: np.ndarray, least: float = 0.0) -> list[Face]:
    """Everything one pass of the detector scores `least` or more in (h, w) uint8, faces of 75 pixels and more."""
    return _by_hog(grey, 1.0, 0, least)


def _upright_faces(image: np.ndarray) -> list[Face]:
    long_side = max(image.shape[:2])
    grey, scale = _small_grey(image, WORK_SIDE_PX)
    faces = _checked(_by_hog(grey, scale, 0), grey, scale) or _by_haar(image, grey, scale)
    if faces and max(face.box[2] for face in faces) >= GROUP_SHARE * long_side:
        return faces
    # nobody, or somebody small: as near as the photo allows
    upsample = 1
    if long_side > 0.7 * SMALL_FACE_SIDE_PX:
        (grey, scale), upsample = _small_grey(image, SMALL_FACE_SIDE_PX), 0
    nearer = _checked(_by_hog(grey, scale, upsample), grey, scale)
    # what both looks saw keeps the nearer one's box: the first cannot draw one small enough
    return nearer + [face for face in faces if all(_overlap(face.box, other.box) < SAME_PLACE for other in nearer)]


def _lying_faces(image: np.ndarray, standing: Sequence[Face]) -> list[Face]:
    """Faces of a photo that was stored on its side or on its head; none when those that stand upright do better."""
    grey, scale = _small_grey(image, SIDEWAYS_SIDE_PX)
    best: list[Face] = []
    mark = max([SURE, *(face.score + TURNED_BETTER for face in standing)])
    for turn in (90, 180, 270):
        # a head standing 90° clockwise away from upright is set up by turning the picture back
        upright = np.ascontiguousarray(np.rot90(grey, turn // 90))
        found = _checked(_by_hog(upright, scale, 0), upright, scale)
        score = max((face.score for face in found), default=-1.0)
        if score > mark:
            mark = score
            best = [replace(face, box=_turned(face.box, turn, image.shape), turn=turn) for face in found]
    return best


def _is_upside_down(image: np.ndarray, face: Face) -> bool:
    """True when the place of a doubtful face looks more like one upside down."""
    x, y, width, height = face.box
    left, top = max(0, x - width), max(0, y - height)
    part = image[top : y + 2 * height, left : x + 2 * width]
    grey, _ = _small_grey(part, round(3 * _LOOK_WIDTHS_PX[0]))
    seen = _by_hog(np.ascontiguousarray(np.rot90(grey, 2)), 1.0, 0, SURE)
    return max((one.score for one in seen), default=-1.0) > face.score + TURNED_BETTER


def _turned(box: Box, turn: int, shape: tuple[int, ...]) -> Box:
    """A box of the picture set upright, in the picture as it lies."""
    x, y, width, height = box
    rows, columns = shape[:2]
    if turn == 90:
        return columns - y - height, x, height, width
    if turn == 180:
        return columns - x - width, rows - y - height, width, height
    return y, rows - x - width, height, width


# --- one look, and another ---


def _by_hog(grey: np.ndarray, scale: float, upsample: int, least: float = UNSURE) -> list[Face]:
    """What the detector sees in (h, w) uint8; boxes in pixels of the picture it was scaled from."""
    found = []
    boxes, scores, poses = _hog().run(grey, upsample, least)
    for box, score, pose in zip(boxes, scores, poses, strict=True):
        place = (box.left() / scale, box.top() / scale, box.width() / scale, box.height() / scale)
        found.append(Face(_rounded(place), float(score), _POSES[pose % len(_POSES)]))
    return found


def _checked(faces: Sequence[Face], grey: np.ndarray, scale: float) -> list[Face]:
    """The sure ones, and of the others those that a look from nearer confirms."""
    sure = [face for face in faces if face.score >= SURE]
    least = UNSURE_BESIDE if sure else UNSURE
    doubtful = sorted((face for face in faces if least <= face.score < SURE), key=lambda one: -one.score)
    for face in doubtful[:MOST_LOOKS]:
        if not any(_overlap(face.box, other.box) > 0 for other in sure):
            score = _looked_at_again(grey, [value * scale for value in face.box], CONFIRMED, CONFIRMED_BY_HAAR)
            if score is not None:
                sure.append(replace(face, score=max(score, face.score)))
    return sure


def _by_haar(image: np.ndarray, grey: np.ndarray, scale: float) -> list[Face]:
    """Large faces without edges, when there is nothing else; asked of a cascade, confirmed like every doubtful one."""
    small, small_scale = _small_grey(image, HAAR_SIDE_PX)
    least = round(HAAR_LEAST_SHARE * min(small.shape))
    with haar_lock:
        boxes = _haar()[0].detectMultiScale(
            cv2.equalizeHist(small), HAAR_SCALE, HAAR_NEIGHBOURS, minSize=(least, least)
        )
    found = []
    for box in sorted(boxes, key=lambda one: -one[2])[:MOST_LOOKS]:
        place = [float(value) / small_scale for value in box]
        score = _looked_at_again(grey, [value * scale for value in place], SURE, FOUND_BY_HAAR)
        if score is not None:
            found.append(Face(_rounded(tuple(place)), score, "front"))
    return found


def _looked_at_again(grey: np.ndarray, box: Sequence[float], alone: float, by_haar: float) -> float | None:
    """The mean score of a doubtful face in three sizes, plain and with more contrast; None when it is not confirmed.

    It is confirmed from `alone` on, and from `by_haar` on when the cascades see it too.
    """
    x, y, width, height = box
    left, top = round(x - _LOOK_AROUND * width), round(y - _LOOK_AROUND * height)
    right, bottom = round(x + (1 + _LOOK_AROUND) * width), round(y + (1 + _LOOK_AROUND) * height)
    pad = max(0, -left, -top, right - grey.shape[1], bottom - grey.shape[0])
    wide = cv2.copyMakeBorder(grey, pad, pad, pad, pad, cv2.BORDER_REPLICATE) if pad else grey
    part = wide[top + pad : bottom + pad, left + pad : right + pad]
    scores = []
    for target in _LOOK_WIDTHS_PX:
        kind = cv2.INTER_AREA if target < width else cv2.INTER_LINEAR
        sized = cv2.resize(part, None, fx=target / width, fy=target / width, interpolation=kind)
        for look in (sized, cv2.createCLAHE(3.0, (4, 4)).apply(sized)):
            middle, reach = (look.shape[1] / 2, look.shape[0] / 2), 0.35 * target
            scores.append(
                max(
                    (
                        seen.score
                        for seen in _by_hog(look, 1.0, 0, -1.0)
                        if abs(seen.box[0] + seen.box[2] / 2 - middle[0]) < reach
                        and abs(seen.box[1] + seen.box[3] / 2 - middle[1]) < reach
                    ),
                    default=-1.0,
                )
            )
        if len(scores) == 2 and max(scores) < min(HOPELESS, by_haar):
            return None
    mean = float(np.mean(scores))
    if mean >= alone or (mean >= by_haar and _haar_agrees(part)):
        return mean
    return None


def _haar_agrees(part: np.ndarray) -> bool:
    """True when both cascades see a face in the middle of (h, w) uint8."""
    grey = cv2.equalizeHist(cv2.resize(part, (250, 250)))
    with haar_lock:
        return all(
            len(cascade.detectMultiScale(grey, 1.1, 2, minSize=(70, 70), maxSize=(180, 180))) for cascade in _haar()
        )


def _overlap(one: Box, other: Box) -> float:
    """What two boxes share, of the smaller one's area."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    smaller = min(one[2] * one[3], other[2] * other[3])
    return max(0, width) * max(0, height) / smaller if smaller else 0.0


def _small_grey(image: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    scale = min(1.0, side / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), scale


def _rounded(place: tuple[float, ...]) -> Box:
    x, y, width, height = (round(value) for value in place)
    return x, y, width, height


@lru_cache(maxsize=1)
def _haar() -> tuple[cv2.CascadeClassifier, ...]:
    names = ("haarcascade_frontalface_alt2.xml", "haarcascade_frontalface_default.xml")
    return tuple(cv2.CascadeClassifier(CASCADES + name) for name in names)


_local = threading.local()


def _hog() -> dlib.fhog_object_detector:
    """One detector a thread: it keeps its pyramid between calls."""
    if not hasattr(_local, "detector"):
        _local.detector = dlib.get_frontal_face_detector()
    return _local.detector
