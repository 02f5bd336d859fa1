"""The photographs of a case, for reviewers alone: as they were taken, and small for the queue. No copy stays in a cache.

What is not here: opening and keeping them (opening, photostore).
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response

from center import auditing, current, faces, photostore
from center.case_page import existing
from center.guard import right_required
from center.store import cards, cases
from honorcard.problems import ProblemError

bp = Blueprint("desk_photos", __name__)


@bp.get("/desk/case/<string(length=36):application_id>/photo/<slot>/<int:position>.jpg")
@right_required("first_review", "second_review")
def photo(application_id: str, slot: str, position: int) -> Response:
    """A photograph of the case."""
    with current.store().read() as conn:
        address = cases.photo_address(conn, application_id, slot, position)
    auditing.saw("photos_seen", "application", application_id)
    content = photostore.get(current.settings(), "photo", address) if address else None
    return _picture(content, "image/jpeg")


@bp.get("/desk/case/<string(length=36):application_id>/face.webp")
@right_required("first_review", "second_review")
def face(application_id: str) -> Response:
    """The headshot, small, for the queue."""
    with current.store().read() as conn:
        address = cases.photo_address(conn, application_id, "headshot")
    return _picture(faces.face(current.settings(), address) if address else None, "image/webp")


@bp.get("/desk/case/<string(length=36):application_id>/card_face.webp")
@right_required("first_review", "second_review")
def card_face(application_id: str) -> Response:
    """The face on the card that the case is about, to hold beside the new headshot."""
    with current.store().read() as conn:
        found = existing(cases.find(conn, application_id))
        card = cards.of_seq(conn, found.card_seq) if found.card_seq is not None else None
    return _picture(faces.face(current.settings(), card.portrait_sha256) if card else None, "image/webp")


def _picture(content: bytes | None, mime: str) -> Response:
    if content is None:
        raise ProblemError("case_photo_missing")
    return make_response(content, 200, {"Content-Type": mime, "Cache-Control": "private, no-store"})
