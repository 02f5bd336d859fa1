"""What the views of photographs share: the blueprint, the camera's page, where a photo belongs, what every page needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from honorcard.problems import ProblemError
from kiosk.asking import drafted, frames, hints, pictures, progress, said
from kiosk.asking.drafted import Work
from kiosk.drafting import ABOUT_A_CARD, DraftPhoto, Kind
from kiosk.pages import page, see_other
from sync.wire import Evidence, Slot

bp = Blueprint("capture", __name__)

MOST_PAGES = 40
SLOTS = f"any({', '.join(get_args(Slot))})"
ONE_EACH = ("headshot", "previous_card", "form")
_STEP_AGAIN = {"previous_card": "old_card", "cover": "papers", "form": "papers", "document": "papers"}
_STEP_OF = {"previous_card": "previous", "cover": "book_photos", "page": "book_photos", "certificate": "training"}


def step_of(slot: str, kind: Kind | None) -> str:
    """The question that a photo of this place answers, in an application of that kind."""
    return (_STEP_AGAIN if kind in ABOUT_A_CARD else _STEP_OF).get(slot, slot)


def task(slot: str, position: int, page: Evidence | None = None) -> str:
    """What is to be photographed, in words. page: what a page that is retaken showed before."""
    if slot == "page" and page is not None:
        return str(gettext("拍%(page)s", page=said.page_words(page, position)))
    if slot == "cover" and position > 1:
        return str(gettext("拍第 %(n)s 本的封面", n=position))
    words: dict[str, str] = {
        "headshot": gettext("拍大頭照"),
        "cover": gettext("拍紀錄冊封面"),
        "previous_card": gettext("拍舊卡"),
        "page": gettext("拍紀錄冊內頁，第 %(n)s 頁", n=position),
        "certificate": gettext("拍訓練證明書"),
        "form": gettext("拍補發申請表"),
        "document": gettext("拍更正後的證件"),
    }
    return words[slot]


def camera(
    work: Work,
    slot: Slot,
    position: int,
    problem: ProblemError | None = None,
    *,
    scan: bool = False,
    part: str = "say",
) -> Response:
    """The camera's page for one place, with the sentence about the last try; htmx gets `part` of it.

    The camera stays open from picture to picture where a record book is photographed from the front; a picture asked
    for by its position, or by a reviewer, is looked at before anything else.
    """
    status = problem.problem.status if problem else 200
    where = f"/apply/{work.id}/previous/scan" if scan else f"/apply/{work.id}/take/{slot}"
    if request.args.get("position") or (position and work.answers.retake):
        where += f"?position={position}"
    context = frame(work, step_of(slot, work.answers.kind)) | {
        "slot": slot,
        "position": position,
        "problem": problem,
        "scan": scan,
        "action": where,
        "task": gettext("掃舊卡的 QR 碼") if scan else task(slot, position, dict(work.answers.were).get(position)),
        "label": gettext("封面") if slot == "cover" else gettext("第 %(n)s 頁", n=position),
        "in_a_row": slot in ("cover", "page")
        and "position" not in request.args
        and not work.answers.retake
        and work.answers.kind not in ABOUT_A_CARD,
        "facing": "user" if slot == "headshot" else "environment",
    }
    return page("kiosk/capture/camera.html", part, status=status, **context)


def frame(work: Work, step: str) -> dict[str, Any]:
    """What every page about photographs needs: where it stands, the way back, what a reviewer said."""
    before = progress.before(step, work.answers)
    return frames.around(work, step) | {
        "back": f"/apply/{work.id}/{before}" if before else url_for("home.show"),
        "from_check": False,
        # what else is missing is asked for next; nobody has to stay here for it
        "ready": bool(work.of_slot("page") or work.kept_in("page")),
        "next_position": next_position(work),
        "hint_words": said.hint_words,
        "marks": said.marks,
        "turns_to_upright": hints.turns_to_upright,
        "needs_retake": pictures.needs_retake,
    }


def next_position(work: Work) -> int:
    """The position that a further page gets, from 1."""
    return max([photo.position for photo in work.of_slot("page")] + list(work.kept_in("page")), default=0) + 1


def position(work: Work, slot: Slot) -> int:
    """The position asked for, 0 where a place has none; for pages a further one when none is asked for."""
    if slot in ONE_EACH:
        return 0
    asked = request.args.get("position", type=int)
    if slot != "page":
        return asked if asked is not None and 0 <= asked <= MOST_PAGES else 0
    further = next_position(work)
    return min(asked, further) if asked is not None and asked > 0 else further


def find_photo(work: Work, photo_id: str) -> DraftPhoto:
    """One photo of this application. ProblemError `photo_gone`."""
    for photo in work.photos:
        if photo.photo_id == photo_id:
            return photo
    raise ProblemError("photo_gone")


def stage_url(photo: DraftPhoto) -> str:
    """Where a photo is looked at and adjusted."""
    return f"/apply/{photo.application_id}/photos/{photo.photo_id}"


def done(application_id: str, step: str) -> Response:
    """On to the next open question; back to the photos when they are not all there."""
    answers = drafted.change(application_id, lambda before: progress.looked_at(step, before))
    work = drafted.find(application_id)
    if not progress.is_answered(step, answers, work.photos):
        return see_other(f"/apply/{work.id}/{step}")
    return see_other(f"/apply/{work.id}/{progress.next_question(answers, work.photos)}")


def strip(application_id: str) -> Response:
    """The pages taken so far, for a camera that stays open."""
    work = drafted.find(application_id)
    return camera(work, "page", next_position(work), part="strip")


def stays() -> bool:
    """Whether the request comes from a camera that stays open and wants the strip instead of another page."""
    return "stay" in request.form


@contextmanager
def files_undone(names: list[str]) -> Iterator[None]:
    """Takes new files out again when there is no room for the write that names them: each try makes new ones."""
    try:
        yield
    except ProblemError:
        drafted.box().remove(*names)
        raise
