"""The photographs of an application: taken, looked at, corrected by finger, kept; retaken, moved, removed.

One camera page for every place, one stage to adjust a photo on, one page that shows the result at full size. What a
picture is worth is scanner's judgement; which questions come before and after is kiosk.asking.progress'.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, request, send_file, url_for
from flask_babel import gettext
from msgspec.structs import replace

from honorcard.problems import ProblemError
from kiosk.asking import correcting, drafted, pictures, previous_card, progress, said
from kiosk.asking.drafted import Work
from kiosk.drafting import DraftPhoto
from kiosk.guard import staff_only
from kiosk.pages import page, see_other
from kiosk.store import drafts
from scanner import files, qr
from scanner.portrait import Crop
from sync.wire import Slot
from web.languages import language

bp = Blueprint("capture", __name__)

MOST_PAGES = 40
_SLOTS = "any(headshot, cover, page, previous_card)"
_STEP_OF = {"headshot": "headshot", "previous_card": "previous", "cover": "book_photos", "page": "book_photos"}


# --- the two questions ---


@bp.get("/apply/<application_id>/headshot")
@staff_only
def headshot(application_id: str) -> Response:
    """The headshot: the camera, or the crop of the photo that was taken."""
    work = drafted.find(application_id)
    taken = work.of_slot("headshot")
    if taken:
        return see_other(_stage_url(taken[0]))
    return _camera(work, "headshot", 0)


@bp.post("/apply/<application_id>/headshot")
@staff_only
def headshot_done(application_id: str) -> Response:
    """On from the headshot, when there is one."""
    return _done(application_id, "headshot")


@bp.get("/apply/<application_id>/book_photos")
@staff_only
def book_photos(application_id: str) -> Response:
    """The record book's photos: what is missing is photographed next; all of them in order when nothing is."""
    work = drafted.find(application_id)
    unfinished = [photo for photo in work.photos if photo.slot in ("cover", "page") and not photo.finished]
    if unfinished:
        return see_other(_stage_url(unfinished[0]))
    places = progress.taken(work.answers, work.photos)
    wanted = [place for place in work.answers.retake if place not in places and place.startswith(("cover", "page-"))]
    if "cover" not in places or "cover" in wanted:
        return _camera(work, "cover", 0)
    if wanted:
        return _camera(work, "page", int(wanted[0].partition("-")[2]))
    if not any(place.startswith("page-") for place in places):
        return _camera(work, "page", 1)
    return page("kiosk/capture/pages.html", "main", **_frame(work, "book_photos"))


@bp.post("/apply/<application_id>/book_photos")
@staff_only
def book_photos_done(application_id: str) -> Response:
    """On from the record book's photos, when cover and a page are there."""
    return _done(application_id, "book_photos")


# --- taking one ---


@bp.get(f"/apply/<application_id>/take/<{_SLOTS}:slot>")
@staff_only
def take(application_id: str, slot: Slot) -> Response:
    """The camera for one place; without a position a further page."""
    work = drafted.find(application_id)
    return _camera(work, slot, _position(work, slot))


@bp.post(f"/apply/<application_id>/take/<{_SLOTS}:slot>")
@staff_only
def upload(application_id: str, slot: Slot) -> Response:
    """Takes a photo in, from the camera or a file; what is wrong with it is said on the camera's page."""
    work = drafted.find(application_id)
    position = _position(work, slot)
    try:
        if slot == "page" and position > MOST_PAGES:
            raise ProblemError("pages_too_many", limit=MOST_PAGES)
        data = _sent()
        with drafted.room_on_disk():
            taken = pictures.take_in(
                data,
                drafted.box(),
                application_id=work.id,
                slot=slot,
                position=position,
                now_ms=drafted.now_ms(),
            )
        with _files_undone(drafts.files_of(taken.photo)), drafted.store().write() as db:
            if drafts.find(db, work.id) is None:  # submitted or thrown away meanwhile
                raise ProblemError("draft_gone")
            freed = drafts.add_photo(db, taken.photo)
    except ProblemError as problem:
        if problem.code == "draft_gone":
            raise
        return _camera(work, slot, position, problem)
    drafted.box().remove(*freed)
    return see_other(_stage_url(taken.photo))


@bp.get("/apply/<application_id>/previous/scan")
@staff_only
def scan_previous(application_id: str) -> Response:
    """The camera for the QR of the earlier card."""
    return _camera(drafted.find(application_id), "previous_card", 0, scan=True)


@bp.post("/apply/<application_id>/previous/scan")
@staff_only
def read_previous(application_id: str) -> Response:
    """Reads the earlier card's QR from a frame or a photo; the picture itself is not kept."""
    work = drafted.find(application_id)
    try:
        known = previous_card.read_any(qr.decode(files.pixels(_sent(), 100)), drafted.settings())
    except ProblemError as problem:
        return _camera(work, "previous_card", 0, problem, scan=True)
    drafted.change(work.id, lambda before: previous_card.known_as(before, known))
    return see_other(f"/apply/{work.id}/previous")


# --- looking at one ---


@bp.get("/apply/<application_id>/photos/<photo_id>")
@staff_only
def look(application_id: str, photo_id: str) -> Response:
    """One photo: the crop or the corners to adjust, or, once flattened, the page as it will be sent."""
    work = drafted.find(application_id)
    return _looked_at(work, _photo(work, photo_id), adjust="adjust" in request.args)


@bp.post("/apply/<application_id>/photos/<photo_id>")
@staff_only
def shape(application_id: str, photo_id: str) -> Response:
    """Takes corners or crop as they were moved, and makes the result of them."""
    work = drafted.find(application_id)
    photo = _photo(work, photo_id)
    pixels = pictures.pixels_of(photo, drafted.box())
    try:
        with drafted.room_on_disk():
            if photo.slot == "headshot":
                changed = pictures.cut(photo, _sent_crop(), pixels, drafted.box())
            else:
                changed = pictures.flattened(photo, _sent_corners(), pixels, drafted.box())
        with _files_undone(drafts.files_of(replace(changed, original=""))), drafted.store().write() as db:
            freed = drafts.replace_photo(db, changed)
    except ProblemError as problem:
        return _looked_at(work, photo, adjust=True, problem=problem)
    drafted.box().remove(*freed)
    if photo.slot != "headshot":
        return see_other(_stage_url(photo))
    if "face_no_face" in changed.hints and "face_no_face" not in photo.hints and "anyway" not in request.form:
        return _looked_at(drafted.find(work.id), changed, adjust=True, problem=ProblemError("face_no_face"))
    return _done(work.id, "headshot")


@bp.get("/apply/<application_id>/photos/<photo_id>/<any(original, result):which>.jpg")
@staff_only
def picture(application_id: str, photo_id: str, which: str) -> Response:
    """The picture itself; no browser keeps it."""
    photo = _photo(drafted.find(application_id), photo_id)
    name = photo.original if which == "original" else photo.result
    try:
        data = drafted.box().get(name or "")
    except KeyError:
        raise ProblemError("photo_damaged_here") from None
    answer = send_file(io.BytesIO(data), mimetype="image/jpeg", etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/apply/<application_id>/photos/<photo_id>/remove")
@staff_only
def remove(application_id: str, photo_id: str) -> Response:
    """Takes a photo out of the application."""
    work = drafted.find(application_id)
    photo = _photo(work, photo_id)
    with drafted.store().write() as db:
        # pages that stay as they were sent keep their numbers, so a gap between them stays a gap
        freed = drafts.remove_photo(db, work.id, photo_id, close_gap=work.answers.amends_rev is None)
    drafted.box().remove(*freed)
    return see_other(f"/apply/{work.id}/{_STEP_OF[photo.slot]}")


@bp.post("/apply/<application_id>/photos/<photo_id>/<any(up, down):where>")
@staff_only
def move(application_id: str, photo_id: str, where: str) -> Response:
    """Moves a page one place towards the front or the end."""
    work = drafted.find(application_id)
    _photo(work, photo_id)
    with drafted.store().write() as db:
        drafts.reorder(db, work.id, photo_id, -1 if where == "up" else 1)
    return see_other(f"/apply/{work.id}/book_photos")


# --- what the views share ---


@contextmanager
def _files_undone(names: list[str]) -> Iterator[None]:
    """Takes new files out again when there is no room for the write that names them: each try makes new ones."""
    try:
        yield
    except ProblemError:
        drafted.box().remove(*names)
        raise


def _done(application_id: str, step: str) -> Response:
    """On to the next open question; back to the photos when they are not all there."""
    answers = drafted.change(application_id, lambda before: progress.looked_at(step, before))
    work = drafted.find(application_id)
    if not progress.is_answered(step, answers, work.photos):
        return see_other(f"/apply/{work.id}/{step}")
    return see_other(f"/apply/{work.id}/{progress.next_question(answers, work.photos)}")


def _camera(
    work: Work, slot: Slot, position: int, problem: ProblemError | None = None, *, scan: bool = False
) -> Response:
    """The camera's page for one place, with the sentence about the last try."""
    status = problem.problem.status if problem else 200
    context = _frame(work, _STEP_OF[slot])
    where = f"/apply/{work.id}/previous/scan" if scan else f"/apply/{work.id}/take/{slot}"
    if slot == "page":
        where += f"?position={position}"
    context |= {
        "slot": slot,
        "position": position,
        "problem": problem,
        "scan": scan,
        "action": where,
        "task": gettext("掃舊卡的 QR 碼") if scan else task(slot, position),
        "facing": "user" if slot == "headshot" else "environment",
    }
    return page("kiosk/capture/camera.html", "say", status=status, **context)


def _looked_at(work: Work, photo: DraftPhoto, *, adjust: bool = False, problem: ProblemError | None = None) -> Response:
    """The stage of a headshot, the corners of a page, or a page's result."""
    words = task(photo.slot, photo.position)
    context = _frame(work, _STEP_OF[photo.slot]) | {"photo": photo, "problem": problem, "task": words}
    status = problem.problem.status if problem else 200
    if photo.slot == "headshot":
        return page("kiosk/capture/crop.html", "main", status=status, crop=pictures.crop_of(photo), **context)
    if adjust or not photo.finished:
        return page("kiosk/capture/corners.html", "main", status=status, **context)
    return page("kiosk/capture/result.html", "main", status=status, **context)


def task(slot: str, position: int) -> str:
    """What is to be photographed, in words."""
    words: dict[str, str] = {
        "headshot": gettext("拍大頭照"),
        "cover": gettext("拍紀錄冊封面"),
        "previous_card": gettext("拍舊卡"),
        "page": gettext("拍紀錄冊內頁，第 %(n)s 頁", n=position),
    }
    return words[slot]


def _frame(work: Work, step: str) -> dict[str, Any]:
    asked = progress.questions(work.answers)
    before = progress.before(step, work.answers)
    return {
        "work": work,
        "answers": work.answers,
        "step": step,
        "place": asked.index(step) + 1 if step in asked else 1,
        "total": len(asked),
        "back": f"/apply/{work.id}/{before}" if before else url_for("home.show"),
        "from_check": False,
        "ready": "cover" in progress.taken(work.answers, work.photos)
        and any(place.startswith("page-") for place in progress.taken(work.answers, work.photos)),
        "hint_words": said.hint_words,
        "returned": correcting.words_for(step, work.answers, language()),
    }


def _position(work: Work, slot: Slot) -> int:
    """The position asked for; for pages a further one when none is."""
    if slot != "page":
        return 0
    used = [photo.position for photo in work.of_slot("page")] + list(work.kept_in("page"))
    asked = request.args.get("position", type=int)
    further = max(used, default=0) + 1
    return min(asked, further) if asked is not None and asked > 0 else further


def _photo(work: Work, photo_id: str) -> DraftPhoto:
    for photo in work.photos:
        if photo.photo_id == photo_id:
            return photo
    raise ProblemError("photo_gone")


def _stage_url(photo: DraftPhoto) -> str:
    return f"/apply/{photo.application_id}/photos/{photo.photo_id}"


def _sent() -> bytes:
    sent = request.files.get("photo")
    if sent is None or (not sent.filename and not sent.content_length):
        raise ProblemError("photo_missing")
    data: bytes = sent.read()
    return data


def _sent_corners() -> pictures.Outline:
    """Four corners from the form. ProblemError `outline_impossible`."""
    try:
        return tuple((float(request.form[f"x{n}"]), float(request.form[f"y{n}"])) for n in range(4))
    except (KeyError, ValueError):
        raise ProblemError("outline_impossible") from None


def _sent_crop() -> Crop:
    """The crop from the form. ProblemError `crop_impossible`."""
    try:
        x, y, height, angle = (float(request.form[name]) for name in ("x", "y", "height", "angle"))
        if not math.isfinite(angle):
            raise ProblemError("crop_impossible")
        height = round(height)
        return Crop(round(x), round(y), round(height * 0.8), height, round(angle % 360, 1))
    except (KeyError, ValueError, OverflowError):
        raise ProblemError("crop_impossible") from None
