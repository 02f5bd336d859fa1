"""Taking photographs: the two questions that are photographs, the camera for each place, and what it sends."""

from __future__ import annotations

import re

from flask import Response, request
from msgspec.structs import replace

from honorcard.problems import ProblemError
from kiosk.asking import drafted, pictures, previous_card, progress
from kiosk.asking.drafted import Work
from kiosk.capture import shared
from kiosk.capture.shared import SLOTS, bp, camera, done, files_undone, find_photo, stage_url, stays, strip
from kiosk.capture.turns import turn
from kiosk.drafting import DraftPhoto
from kiosk.guard import applicant_or_staff
from kiosk.pages import page, see_other
from kiosk.store import drafts
from scanner import files, qr
from sync.wire import Slot

_SHOT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")  # UUIDv7


# --- the two questions ---


@bp.get("/apply/<application_id>/headshot")
@applicant_or_staff
def headshot(application_id: str) -> Response:
    """The headshot: the camera, or the crop of the photo that was taken."""
    work = drafted.find(application_id)
    taken = work.of_slot("headshot")
    if taken:
        return see_other(stage_url(taken[0]))
    return camera(work, "headshot", 0)


@bp.post("/apply/<application_id>/headshot")
@applicant_or_staff
def headshot_done(application_id: str) -> Response:
    """On from the headshot, when there is one."""
    return done(application_id, "headshot")


@bp.get("/apply/<application_id>/book_photos")
@applicant_or_staff
def book_photos(application_id: str) -> Response:
    """The record book's photos: what is missing is photographed next; all of them in order when nothing is."""
    work = drafted.find(application_id)
    unfinished = [photo for photo in work.photos if photo.slot in ("cover", "page") and not photo.finished]
    if unfinished:
        return see_other(stage_url(unfinished[0]))
    places = progress.taken(work.answers, work.photos)
    wanted = [place for place in work.answers.retake if place not in places and place.startswith(("cover", "page-"))]
    if "cover" not in places and work.answers.record != "printout":
        return camera(work, "cover", 0)
    if wanted:
        name, _, position = wanted[0].partition("-")
        return camera(work, "cover" if name == "cover" else "page", int(position or 0))
    if not any(place.startswith("page-") for place in places):
        return camera(work, "page", 1)
    return page("kiosk/capture/pages.html", "main", **shared.frame(work, "book_photos"))


@bp.post("/apply/<application_id>/book_photos")
@applicant_or_staff
def book_photos_done(application_id: str) -> Response:
    """On from the record book's photos, when cover and a page are there."""
    return done(application_id, "book_photos")


# --- the camera ---


@bp.get(f"/apply/<application_id>/take/<{SLOTS}:slot>")
@applicant_or_staff
def take(application_id: str, slot: Slot) -> Response:
    """The camera for one place; without a position a further page."""
    work = drafted.find(application_id)
    return camera(work, slot, shared.position(work, slot))


@bp.post(f"/apply/<application_id>/take/<{SLOTS}:slot>")
@applicant_or_staff
def upload(application_id: str, slot: Slot) -> Response:
    """Takes photos in, from the camera or from files; what is wrong with one is said on the camera's page.

    Several files at once are a page each, in their order. With `stay` the answer is the strip of pages for a camera
    that stays open, else the way to look at the photo. `shot` is the picture's own id: the same sent twice, because
    the first answer was lost on its way, is kept once. `replaces` names the photo whose place it takes.
    """
    work = drafted.find(application_id)
    position = shared.position(work, slot)
    replaced = request.form.get("replaces")
    try:
        if replaced:
            old = find_photo(work, replaced)
            slot, position = old.slot, old.position
        last = slot == "page" and not replaced and not request.args.get("position", type=int)
        first, *further = _sent()
        with turn():
            photo = _take_in(work, slot, position, first, _shot(), last=last, replaced=replaced)
            for data in further if slot in ("cover", "page") else ():
                _take_in(work, "page", shared.next_position(work), data, None, last=True)
    except ProblemError as problem:
        if problem.code == "draft_gone":
            raise
        return camera(work, slot, position, problem)
    return strip(work.id) if stays() else see_other(stage_url(photo))


def _take_in(
    work: Work,
    slot: Slot,
    position: int,
    data: bytes,
    shot: str | None,
    *,
    last: bool = False,
    replaced: str | None = None,
) -> DraftPhoto:
    """Keeps one picture in its place, once; ProblemError as kiosk.asking.pictures says it, or `pages_too_many`.

    last: a further page, whichever position that is by the time the picture has been looked over; replaced: the photo
    whose place it takes, wherever that has gone meanwhile. Two cameras may be at the same book.
    """
    if shot is not None:
        for known in drafted.find(work.id).photos:
            if known.photo_id == shot:
                return known
    if slot == "page" and position > shared.MOST_PAGES:
        raise ProblemError("pages_too_many", limit=shared.MOST_PAGES)
    with drafted.room_on_disk():
        taken = pictures.take_in(
            data,
            drafted.box(),
            application_id=work.id,
            slot=slot,
            position=position,
            now_ms=drafted.now_ms(),
            photo_id=shot,
        )
    with files_undone(drafts.files_of(taken.photo)), drafted.store().write() as db:
        draft = drafts.find(db, work.id)
        if draft is None:  # submitted or thrown away meanwhile
            raise ProblemError("draft_gone")
        now = Work(draft, tuple(drafts.photos(db, work.id)))
        photo = taken.photo
        known_now = next((one for one in now.photos if one.photo_id == photo.photo_id), None)
        if known_now is not None:  # the same picture, sent again while the first sending was still looked over
            photo, freed = known_now, drafts.files_of(photo)
        else:
            if last:
                photo = replace(photo, position=shared.next_position(now))
                if photo.position > shared.MOST_PAGES:
                    raise ProblemError("pages_too_many", limit=shared.MOST_PAGES)
            elif replaced:
                old = find_photo(now, replaced)
                photo = replace(photo, slot=old.slot, position=old.position)
            freed = drafts.add_photo(db, photo)
    drafted.box().remove(*freed)
    return photo


@bp.get("/apply/<application_id>/previous/scan")
@applicant_or_staff
def scan_previous(application_id: str) -> Response:
    """The camera for the QR of the earlier card."""
    return camera(drafted.find(application_id), "previous_card", 0, scan=True)


@bp.post("/apply/<application_id>/previous/scan")
@applicant_or_staff
def read_previous(application_id: str) -> Response:
    """Reads the earlier card's QR from a frame or a photo; the picture itself is not kept."""
    work = drafted.find(application_id)
    try:
        sent = _sent()[0]
        with turn():
            known = previous_card.read_any(qr.decode(files.pixels(sent, 100)), drafted.settings())
    except ProblemError as problem:
        return camera(work, "previous_card", 0, problem, scan=True)
    drafted.change(work.id, lambda before: previous_card.known_as(before, known))
    return see_other(f"/apply/{work.id}/{shared.step_of('previous_card', work.answers.kind)}")


def _sent() -> list[bytes]:
    """The files that were sent, at least one. ProblemError `photo_missing`."""
    sent = [file for file in request.files.getlist("photo") if file.filename or file.content_length]
    if not sent:
        raise ProblemError("photo_missing")
    return [file.read() for file in sent]


def _shot() -> str | None:
    """The picture's own id, made by the page that took it; None from a page without scripts."""
    asked = request.form.get("shot", "")
    return asked if _SHOT.fullmatch(asked) else None
