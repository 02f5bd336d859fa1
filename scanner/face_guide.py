"""What to tell a person while the camera runs, from one small frame: one thing, the first that has to change.

Codes: no_face, two_faces, too_far, too_close, move_left, move_right, move_down, move_up, turned, tilted, dark,
eyes_covered, good. Left and right are the person's own, so that they hold whether the preview is mirrored or not.
Sharpness is not judged: a frame of this size has none to spare.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scanner import face, face_faults
from scanner.face import Box, Face
from scanner.portrait import CHIN_BELOW, HAIR_ABOVE, SECOND_FACE_SHARE

FRAME_SIDE_PX = 320  # the long side these thresholds are meant for
TOO_FAR_BELOW = 0.24  # face box of the frame's short side: 260 pixels of a 1080-line camera, a crop of 640
TOO_CLOSE_FROM = 0.56  # of the frame's height, from hair to chin 96 %
ASIDE_FROM = 0.16  # of the frame's width, from its middle
TOP_ROOM, BOTTOM_ROOM = -0.02, 0.03  # of the frame's height; the hair's end is only guessed


@dataclass(frozen=True)
class Guide:
    """A code, and the largest face's box in pixels of the frame, None without one."""

    code: str
    box: Box | None


def guide(frame: np.ndarray) -> Guide:
    """What the person in this frame is to do. frame: (h, w, 3) uint8 BGR, its long side at most 320 pixels or so."""
    faces = face.quick_look(frame)
    if not faces:
        return Guide("no_face", None)
    first = faces[0]
    if len(faces) > 1 and faces[1].box[2] > SECOND_FACE_SHARE * first.box[2]:
        return Guide("two_faces", first.box)
    return Guide(_placed(first.box, frame.shape) or _posed(first) or _lit(frame, first.box) or "good", first.box)


def _placed(box: Box, shape: tuple[int, ...]) -> str | None:
    rows, columns = shape[:2]
    x, y, width, height = box
    if width < TOO_FAR_BELOW * min(rows, columns):
        return "too_far"
    if height > TOO_CLOSE_FROM * rows or 1.36 * height > 0.98 * columns:
        return "too_close"
    aside = (x + width / 2) / columns - 0.5
    if abs(aside) > ASIDE_FROM:
        return "move_left" if aside < 0 else "move_right"  # the frame's left is the person's right
    middle = y + height / 2
    if middle - HAIR_ABOVE * height < TOP_ROOM * rows:
        return "move_down"
    return "move_up" if middle + CHIN_BELOW * height > (1 - BOTTOM_ROOM) * rows else None


def _posed(one: Face) -> str | None:
    if one.pose in ("left", "right"):
        return "turned"
    return "tilted" if one.pose.startswith("tilted") else None


def _lit(frame: np.ndarray, box: Box) -> str | None:
    grey = face_faults.normal(frame, box)
    if grey is None:
        return None
    if face_faults.is_dark(grey):
        return "dark"
    return "eyes_covered" if face_faults.are_eyes_covered(grey) else None
