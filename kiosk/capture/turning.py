"""A flat page turned by a quarter, or upside up: one tap on the result page or on the camera's strip."""

from __future__ import annotations

from flask import Response
from msgspec.structs import replace

from honorcard.problems import ProblemError
from kiosk.asking import drafted, pictures
from kiosk.capture import turns
from kiosk.capture.looking import looked_at
from kiosk.capture.shared import bp, files_undone, find_photo, stage_url, stays, strip
from kiosk.guard import applicant_or_staff
from kiosk.pages import see_other
from kiosk.store import drafts

_QUARTERS = {"turn_right": 1, "turn_over": 2, "turn_left": 3}


@bp.post("/apply/<application_id>/photos/<photo_id>/<any(turn_left, turn_right, turn_over):way>")
@applicant_or_staff
def turn(application_id: str, photo_id: str, way: str) -> Response:
    """Turns a flat page; a headshot is turned on its own stage, so it is only shown again."""
    work = drafted.find(application_id)
    photo = find_photo(work, photo_id)
    if photo.slot == "headshot":
        return see_other(stage_url(photo))
    try:
        with turns.turn(), drafted.room_on_disk():
            pixels = pictures.pixels_of(photo, drafted.box())
            changed = pictures.turned(photo, _QUARTERS[way], pixels, drafted.box())
        with files_undone(drafts.files_of(replace(changed, original=""))), drafted.store().write() as db:
            freed = drafts.replace_photo(db, changed)
    except ProblemError as problem:
        return looked_at(work, photo, adjust=True, problem=problem)
    drafted.box().remove(*freed)
    return strip(work.id) if stays() else see_other(f"{stage_url(photo)}#turn")
