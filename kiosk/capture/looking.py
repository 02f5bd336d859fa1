"""Looking at a photograph: the stage to crop or flatten it on, the result at full size, the picture itself."""

from __future__ import annotations

import io
import math

from flask import Response, request, send_file
from msgspec.structs import replace

from honorcard.problems import ProblemError
from kiosk.asking import drafted, pictures
from kiosk.asking.drafted import Work
from kiosk.capture.shared import bp, done, files_undone, find_photo, frame, stage_url, step_of, task
from kiosk.capture.turns import turn
from kiosk.drafting import DraftPhoto
from kiosk.guard import applicant_or_staff
from kiosk.pages import page, see_other
from kiosk.store import drafts
from scanner.portrait import Crop


@bp.get("/apply/<application_id>/photos/<photo_id>")
@applicant_or_staff
def look(application_id: str, photo_id: str) -> Response:
    """One photo: the crop or the corners to adjust, or, once flattened, the page as it will be sent."""
    work = drafted.find(application_id)
    return looked_at(work, find_photo(work, photo_id), adjust="adjust" in request.args)


@bp.post("/apply/<application_id>/photos/<photo_id>")
@applicant_or_staff
def shape(application_id: str, photo_id: str) -> Response:
    """Takes corners or crop as they were moved, and makes the result of them."""
    work = drafted.find(application_id)
    photo = find_photo(work, photo_id)
    try:
        with turn(), drafted.room_on_disk():
            pixels = pictures.pixels_of(photo, drafted.box())
            if photo.slot == "headshot":
                changed = pictures.cut(photo, sent_crop(), pixels, drafted.box())
            else:
                changed = pictures.flattened(photo, _sent_corners(), pixels, drafted.box())
        with files_undone(drafts.files_of(replace(changed, original=""))), drafted.store().write() as db:
            freed = drafts.replace_photo(db, changed)
    except ProblemError as problem:
        return looked_at(work, photo, adjust=True, problem=problem)
    drafted.box().remove(*freed)
    if photo.slot != "headshot":
        return see_other(stage_url(photo))
    if "face_no_face" in changed.hints and "face_no_face" not in photo.hints and "anyway" not in request.form:
        return looked_at(drafted.find(work.id), changed, adjust=True, problem=ProblemError("face_no_face"))
    return done(work.id, "headshot")


@bp.get("/apply/<application_id>/photos/<photo_id>/<any(original, result):which>.jpg")
@applicant_or_staff
def picture(application_id: str, photo_id: str, which: str) -> Response:
    """The picture itself; no browser keeps it."""
    photo = find_photo(drafted.find(application_id), photo_id)
    name = photo.original if which == "original" else photo.result
    try:
        data = drafted.box().get(name or "")
    except KeyError:
        raise ProblemError("photo_damaged_here") from None
    answer = send_file(io.BytesIO(data), mimetype="image/jpeg", etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def looked_at(
    work: Work,
    photo: DraftPhoto,
    *,
    adjust: bool = False,
    problem: ProblemError | None = None,
    crop: Crop | None = None,
    hints: tuple[str, ...] | None = None,
) -> Response:
    """The stage of a headshot, the corners of a page, or a page's result; crop and hints when they are not the photo's."""
    words = task(photo.slot, photo.position)
    context = frame(work, step_of(photo.slot, work.answers.kind)) | {"photo": photo, "problem": problem, "task": words}
    status = problem.problem.status if problem else 200
    if photo.slot == "headshot":
        context |= {"crop": crop or pictures.crop_of(photo), "hints": photo.hints if hints is None else hints}
        part = "main" if hints is None else "judged"
        return page("kiosk/capture/crop.html", part, status=status, **context)
    if adjust or not photo.finished:
        return page("kiosk/capture/corners.html", "main", status=status, **context)
    return page("kiosk/capture/result.html", "main", status=status, **context)


def _sent_corners() -> pictures.Outline:
    """Four corners from the form. ProblemError `outline_impossible`."""
    try:
        return tuple((float(request.form[f"x{n}"]), float(request.form[f"y{n}"])) for n in range(4))
    except (KeyError, ValueError):
        raise ProblemError("outline_impossible") from None


def sent_crop() -> Crop:
    """The crop from the form, its angle from 0 to 360 degrees. ProblemError `crop_impossible`."""
    try:
        x, y, height, angle = (float(request.form[name]) for name in ("x", "y", "height", "angle"))
        if not math.isfinite(angle):
            raise ProblemError("crop_impossible")
        height = round(height)
        return Crop(round(x), round(y), round(height * 0.8), height, round(angle % 360, 1))
    except (KeyError, ValueError, OverflowError):
        raise ProblemError("crop_impossible") from None
