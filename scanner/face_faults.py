"""What can be wrong with a face as it was photographed: light, sharpness, covered eyes. One answer each.

Light is judged by what can be made out in the face, never by how bright its skin is: a dark face in good light has
highlights and contrast, a badly lit one has neither, whatever its skin. Measured on 27 public portraits as they are,
with the face alone darkened by tone curves (gamma 1.8 and 2.6), and the same in too little and too much light.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from scanner.face import Box

SIDE_PX = 200  # every face is judged at this width
OVAL = (0.42, 0.50)  # half axes of what is skin for sure, in box widths and heights

DARK_HIGHLIGHTS = 90  # brightest fiftieth of the face; gamma 2.6 leaves 97 in nine of ten, a third of the light 70
DARK_CONTRAST = (
    48  # from the darkest to the brightest twentieth: gamma 2.6 leaves 79 in nine of ten, a quarter of the light 32
)
BURNT_LEVEL, BURNT_SHARE = 250, 0.20  # portraits as they are reach 0.03, twice the light 0.36 in nine of ten
FINE_DETAIL = (
    0.048  # second derivatives over contrast: sharp portraits 0.05 to 0.41, blurred by 1.5 % of the width 0.05 and less
)
TILE_PX = 25

# the places of the eyes and cheeks in the 200 × 200 face
EYES, EYE_AXES = ((56, 62), (144, 62)), (30, 20)
CHEEKS = ((110, 140, 35, 75), (110, 140, 125, 165))  # rows, columns
COVERED_MEDIAN, COVERED_SHARE = 0.30, 0.55  # of the cheeks' brightness; bare eyes keep 0.66 of it (0.32 at gamma 2.6)
COVERED_DARK = 0.5


def normal(image: np.ndarray, box: Box) -> np.ndarray | None:
    """The face alone, (200, 200) uint8 grey; None when hardly any of it is in the picture."""
    x, y, width, height = box
    part = image[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)]
    if min(part.shape[:2], default=0) < 20:
        return None
    kind = cv2.INTER_AREA if width > SIDE_PX else cv2.INTER_CUBIC
    grey: np.ndarray = cv2.cvtColor(cv2.resize(part, (SIDE_PX, SIDE_PX), interpolation=kind), cv2.COLOR_BGR2GRAY)
    return grey


def is_dark(grey: np.ndarray) -> bool:
    """True when too little light makes the features hard to see. grey: from `normal`, here and below."""
    skin = grey[_oval()]
    low, high, brightest = np.percentile(skin, (5, 95, 98))
    return bool(brightest < DARK_HIGHLIGHTS and high - low < DARK_CONTRAST)


def is_burnt_out(grey: np.ndarray) -> bool:
    """True when a good part of the face is plain white."""
    return float((grey[_oval()] >= BURNT_LEVEL).mean()) > BURNT_SHARE


def is_blurred(grey: np.ndarray) -> bool:
    """True when the face has no fine detail for its contrast, whatever that is.

    The smaller of the second derivatives across and along, so that motion in one direction shows too.
    """
    rim = SIDE_PX // 10
    inner = grey[rim:-rim, rim:-rim].astype(np.float32)
    kernel = np.array([[1, -2, 1]], np.float32)
    least = np.minimum(_tiles(cv2.filter2D(inner, -1, kernel) ** 2), _tiles(cv2.filter2D(inner, -1, kernel.T) ** 2))
    contrast = max(1.0, float(grey[_oval()].std()))
    return float(np.percentile(np.sqrt(least), 90)) / contrast < FINE_DETAIL


def are_eyes_covered(grey: np.ndarray) -> bool:
    """True when both eyes lie under something dark: sunglasses, or hair over the brows down to the lashes."""
    cheek = float(np.median(np.concatenate([grey[a:b, c:d].ravel() for a, b, c, d in CHEEKS])))
    for mask in _eyes():
        eye = grey[mask]
        dark = float((eye < COVERED_DARK * cheek).mean())
        if float(np.median(eye)) > COVERED_MEDIAN * cheek or dark < COVERED_SHARE:
            return False
    return True


def _tiles(plane: np.ndarray) -> np.ndarray:
    count = plane.shape[0] // TILE_PX
    cut = plane[: count * TILE_PX, : count * TILE_PX]
    means: np.ndarray = cut.reshape(count, TILE_PX, count, TILE_PX).mean(axis=(1, 3))
    return means


@lru_cache(maxsize=1)
def _oval() -> np.ndarray:
    axes = (round(OVAL[0] * SIDE_PX), round(OVAL[1] * SIDE_PX))
    return _ellipse((SIDE_PX // 2, SIDE_PX // 2), axes)


@lru_cache(maxsize=1)
def _eyes() -> tuple[np.ndarray, ...]:
    return tuple(_ellipse(centre, EYE_AXES) for centre in EYES)


def _ellipse(centre: tuple[int, int], axes: tuple[int, int]) -> np.ndarray:
    mask: np.ndarray = cv2.ellipse(np.zeros((SIDE_PX, SIDE_PX), np.uint8), centre, axes, 0, 0, 360, 1, -1) > 0
    return mask
