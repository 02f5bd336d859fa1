"""From an uploaded file to a draft's photograph: read safely, found, flattened or cut, kept in the photo box.

What is kept of a photo is a fresh JPEG without metadata, its long side at most 2,400 pixels; all coordinates are in its
pixels. The result that is sent is smaller (sync.md B.4): pages 1,600 pixels and 190 kB, the headshot 560 × 700. Which
views call this is kiosk.capture's business; how pictures are judged is scanner's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
from msgspec.structs import replace

from honorcard.problems import ProblemError
from kiosk.asking import hints as hints_of
from kiosk.asking.hints import Hint
from kiosk.drafting import DraftPhoto
from kiosk.photos import PhotoBox
from scanner import face, files, page, portrait, quality
from scanner.portrait import Crop
from sync.ids import uuid7
from sync.wire import Slot

ORIGINAL_LONG_SIDE_PX = 2400
ORIGINAL_QUALITY = 90
PAGE_LONG_SIDE_PX = 1600
PAGE_QUALITY = 85
PAGE_BYTES = 190_000
HEADSHOT_QUALITY = 85
HEADSHOT_BYTES = 100_000
LEAST_PAGE_SHARE = 0.02  # of the photo; a smaller outline is a slip of the finger
LEAST_CROP_PX = 100

Outline = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Taken:
    """A photo as it was taken in: the draft's row and its pixels, (h, w, 3) uint8 BGR."""

    photo: DraftPhoto
    pixels: np.ndarray


def needs_retake(photo: DraftPhoto) -> bool:
    """Whether something found is a reason to take the photo again, or no page was found; a person may keep it."""
    return not photo.finished or any(hints_of.read(hint).code not in hints_of.MILD for hint in photo.hints)


def take_in(
    data: bytes,
    box: PhotoBox,
    *,
    application_id: str,
    slot: Slot,
    position: int,
    now_ms: int,
    photo_id: str | None = None,
) -> Taken:
    """The photo in these bytes, stored clean; a page whose corners were found is flattened at once.

    photo_id: the UUIDv7 that the picture was given when it was taken; None makes one.

    ProblemError as scanner.files says it (R37): empty, no picture, damaged, too small, too many pixels, too heavy.
    """
    found = files.read(data).pixels
    clean = files.to_jpeg(found, ORIGINAL_QUALITY, ORIGINAL_LONG_SIDE_PX, quickly=True)
    pixels = found
    if slot == "headshot" or max(found.shape[:2]) > ORIGINAL_LONG_SIDE_PX:  # a crop proposed again is then the same
        del found, pixels  # 150 MB at 50 megapixels, not to be held while the smaller one waits for a decoder
        pixels = files.pixels(clean)
    photo = DraftPhoto(
        photo_id=photo_id or uuid7(),
        application_id=application_id,
        slot=slot,
        position=position,
        original=box.put(clean),
        original_width=pixels.shape[1],
        original_height=pixels.shape[0],
        taken_ms=now_ms,
    )
    try:
        return Taken(_looked_over(photo, pixels, box), pixels)
    except BaseException:
        box.remove(photo.original)  # a full disk is not filled further by every try
        raise


def _looked_over(photo: DraftPhoto, pixels: np.ndarray, box: PhotoBox) -> DraftPhoto:
    """The photo with what was found in it: a crop round the face, or the page laid flat."""
    if photo.slot == "headshot":
        return _proposed(photo, pixels)
    corners = page.find_corners(pixels)
    if corners is None:
        return replace(photo, outline=_points(page.default_corners(pixels.shape)), hints=_page_hints(pixels, None))
    return flattened(photo, _points(corners), pixels, box)


def flattened(photo: DraftPhoto, outline: Outline, pixels: np.ndarray, box: PhotoBox) -> DraftPhoto:
    """The page within these corners laid flat and kept. ProblemError `outline_impossible`."""
    corners = _checked(outline, pixels)
    # shadows come out of paper only; a cloth cover or a card would turn garish
    flat = page.flatten(pixels, corners, PAGE_LONG_SIDE_PX, even=photo.slot == "page")
    data = files.to_jpeg(flat, PAGE_QUALITY, PAGE_LONG_SIDE_PX, PAGE_BYTES)
    hints = _page_hints(pixels, corners)
    return _with_result(replace(photo, outline=_points(corners), hints=hints), data, box)


def turned(photo: DraftPhoto, quarters: int, pixels: np.ndarray, box: PhotoBox) -> DraftPhoto:
    """The flat page turned clockwise by so many quarters, by a person: which way up it lies is not judged again.

    The corners stay where they are; another of them becomes the top left. ProblemError `outline_impossible`.
    """
    points = photo.outline or _points(page.default_corners(pixels.shape))
    changed = flattened(photo, points[-quarters % 4 :] + points[: -quarters % 4], pixels, box)
    return replace(changed, hints=tuple(hint for hint in changed.hints if hint not in hints_of.TURNS))


def cut(photo: DraftPhoto, crop: Crop, pixels: np.ndarray, box: PhotoBox) -> DraftPhoto:
    """The headshot cut out and kept. ProblemError `crop_impossible`."""
    hints = crop_hints(crop, pixels)
    data = files.to_jpeg(portrait.cut(pixels, crop), HEADSHOT_QUALITY, max_bytes=HEADSHOT_BYTES)
    return _with_result(replace(photo, outline=points_of(crop), hints=hints), data, box)


def crop_hints(crop: Crop, pixels: np.ndarray) -> tuple[str, ...]:
    """What is wrong with the headshot as it is framed, as problem codes. ProblemError `crop_impossible`."""
    height, width = pixels.shape[:2]
    middle = (crop.x + crop.width / 2, crop.y + crop.height / 2)
    inside = 0 <= middle[0] <= width and 0 <= middle[1] <= height
    sized = LEAST_CROP_PX <= crop.height <= 3 * max(width, height)
    if not inside or not sized or abs(crop.width / crop.height - portrait.RATIO) > 0.02:
        raise ProblemError("crop_impossible")
    hints = [f"face_{code}" for code in portrait.problems(pixels, face.find_faces(pixels), crop)]
    if "face_no_face" not in hints and not face.find(portrait.cut(pixels, crop)):
        return ("face_no_face",)  # there is one in the photo, but not in the frame
    return tuple(hints)


def pixels_of(photo: DraftPhoto, box: PhotoBox) -> np.ndarray:
    """The pixels of a stored photo. ProblemError `photo_damaged_here` when the disk lost it."""
    try:
        return files.pixels(box.get(photo.original))
    except KeyError:
        raise ProblemError("photo_damaged_here") from None


def crop_of(photo: DraftPhoto) -> Crop:
    """The crop as the draft keeps it."""
    outline = photo.outline or ((0, 0), (photo.original_width, photo.original_height), (0, 0))
    (left, top), (right, bottom), (angle, _) = outline[:3]
    return Crop(round(left), round(top), round(right - left), round(bottom - top), angle)


def points_of(crop: Crop) -> Outline:
    """The crop as the draft keeps it: top left, bottom right, and the angle."""
    corner = (float(crop.x), float(crop.y))
    return (corner, (float(crop.x + crop.width), float(crop.y + crop.height)), (float(crop.angle), 0.0))


def _proposed(photo: DraftPhoto, pixels: np.ndarray) -> DraftPhoto:
    faces = face.find_faces(pixels)
    crop = portrait.propose(pixels, faces)
    hints = tuple(f"face_{code}" for code in portrait.problems(pixels, faces, crop))
    return replace(photo, outline=points_of(crop or portrait.fallback(pixels)), hints=hints)


def _page_hints(pixels: np.ndarray, corners: np.ndarray | None) -> tuple[str, ...]:
    return tuple(Hint(f"page_{one.code}", one.places).kept() for one in quality.findings(pixels, corners))


def _with_result(photo: DraftPhoto, data: bytes, box: PhotoBox) -> DraftPhoto:
    width, height = files.size_of(data)
    digest = hashlib.sha256(data).hexdigest()
    return replace(photo, result=box.put(data), result_sha256=digest, width=width, height=height)


def _checked(outline: Outline, pixels: np.ndarray) -> np.ndarray:
    """The corners in order, when they enclose a page at all."""
    height, width = pixels.shape[:2]
    corners = np.array(outline, np.float32)
    if corners.shape != (4, 2) or not np.isfinite(corners).all():
        raise ProblemError("outline_impossible")
    corners = np.clip(corners, 0, [width - 1, height - 1]).astype(np.float32)
    area = cv2.contourArea(corners)
    if not cv2.isContourConvex(corners.reshape(-1, 1, 2)) or area < LEAST_PAGE_SHARE * width * height:
        raise ProblemError("outline_impossible")
    if cv2.contourArea(corners, oriented=True) < 0:  # dragged across: the same four, clockwise again
        corners = page.order_corners(corners)
    return corners


def _points(corners: np.ndarray) -> Outline:
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in corners)
