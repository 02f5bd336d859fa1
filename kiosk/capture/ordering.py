"""The order of the pages: moved one place, taken out. From the overview, and from the camera's strip, which stays."""

from __future__ import annotations

from flask import Response

from kiosk.asking import drafted
from kiosk.capture.shared import bp, find_photo, stays, step_of, strip
from kiosk.guard import applicant_or_staff
from kiosk.pages import see_other
from kiosk.store import drafts


@bp.post("/apply/<application_id>/photos/<photo_id>/remove")
@applicant_or_staff
def remove(application_id: str, photo_id: str) -> Response:
    """Takes a photo out of the application."""
    work = drafted.find(application_id)
    photo = find_photo(work, photo_id)
    with drafted.store().write() as db:
        # pages that stay as they were sent keep their numbers, so a gap between them stays a gap
        freed = drafts.remove_photo(db, work.id, photo_id, close_gap=work.answers.amends_rev is None)
    drafted.box().remove(*freed)
    return strip(work.id) if stays() else see_other(f"/apply/{work.id}/{step_of(photo.slot, work.answers.kind)}")


@bp.post("/apply/<application_id>/photos/<photo_id>/<any(up, down):where>")
@applicant_or_staff
def move(application_id: str, photo_id: str, where: str) -> Response:
    """Moves a page one place towards the front or the end."""
    work = drafted.find(application_id)
    find_photo(work, photo_id)
    with drafted.store().write() as db:
        drafts.reorder(db, work.id, photo_id, -1 if where == "up" else 1)
    return strip(work.id) if stays() else see_other(f"/apply/{work.id}/book_photos")
