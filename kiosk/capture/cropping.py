"""The headshot's crop between two looks: moved a step by a button, judged anew, nothing kept before it is used.

With a script the photo follows the fingers (`static/js/crop.js`) and only the judgement comes from here; without one every
button sends the form.
"""

from __future__ import annotations

import math
from dataclasses import replace

from flask import Response, request

from honorcard.problems import ProblemError
from kiosk.asking import drafted, pictures
from kiosk.capture.looking import looked_at, sent_crop
from kiosk.capture.shared import bp, find_photo
from kiosk.capture.turns import turn
from kiosk.guard import applicant_or_staff
from scanner import portrait
from scanner.portrait import Crop

SHIFT = 0.03  # of the frame's height
ZOOM = 1.08
LEAN_DEG = 2.0
LEAST_HEIGHT_PX = 120

_SHIFTS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
_ZOOMS = {"larger": 1 / ZOOM, "smaller": ZOOM}
_TURNS = {"lean_left": -LEAN_DEG, "lean_right": LEAN_DEG, "turn": 90.0}


@bp.post("/apply/<application_id>/photos/<photo_id>/crop")
@applicant_or_staff
def adjust(application_id: str, photo_id: str) -> Response:
    """The crop moved as `act` says, and what is to be said about it; the stage anew, or for htmx the words alone."""
    work = drafted.find(application_id)
    photo = find_photo(work, photo_id)
    try:
        with turn():
            pixels = pictures.pixels_of(photo, drafted.box())
            crop = moved(sent_crop(), request.form.get("act", ""), pixels.shape)
            if request.form.get("act") == "reset":
                crop = portrait.propose(pixels) or portrait.fallback(pixels)
            hints = pictures.crop_hints(crop, pixels)
    except ProblemError as problem:
        return looked_at(work, photo, adjust=True, problem=problem)
    return looked_at(work, photo, crop=crop, hints=hints)


def moved(crop: Crop, act: str, shape: tuple[int, ...]) -> Crop:
    """The crop after one press: what the photo does under the frame, which stands still.

    left, right, up, down, larger, smaller, lean_left, lean_right, turn; anything else changes nothing. The crop's
    middle stays in the photo, as `crop.js` keeps it too.
    """
    rows, columns = shape[:2]
    angle = math.radians(crop.angle)
    across, down = (SHIFT * crop.height * way for way in _SHIFTS.get(act, (0, 0)))
    x = crop.x + crop.width / 2 - across * math.cos(angle) + down * math.sin(angle)
    y = crop.y + crop.height / 2 - across * math.sin(angle) - down * math.cos(angle)
    x, y = min(max(x, 0.0), columns), min(max(y, 0.0), rows)
    height = crop.height
    if act in _ZOOMS:
        height = round(min(max(height * _ZOOMS[act], LEAST_HEIGHT_PX), 2 * max(rows, columns)))
    width = round(height * portrait.RATIO)
    turned = (crop.angle - _TURNS.get(act, 0.0)) % 360  # the photo turns clockwise: the frame the other way in it
    return replace(
        crop, x=round(x - width / 2), y=round(y - height / 2), width=width, height=height, angle=round(turned, 1)
    )
