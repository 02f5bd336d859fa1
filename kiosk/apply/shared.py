"""What the views of an application share: the blueprint, where a question lives, what every page needs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from kiosk.asking import drafted, frames, progress
from kiosk.asking.drafted import Work
from kiosk.pages import see_other

bp = Blueprint("apply", __name__)


def url(application_id: str, step: str) -> str:
    """The address of a question, whichever room asks it."""
    return f"/apply/{application_id}/{step}"


def onward(application_id: str) -> Response:
    """To the first open question; to the check when all are answered."""
    work = drafted.find(application_id)
    return see_other(url(application_id, progress.next_question(work.answers, work.photos)))


def frame(work: Work, step: str) -> dict[str, Any]:
    """What every question's page needs: where it stands, the way back, what a reviewer said."""
    before = progress.before(step, work.answers)
    back = url(work.id, before) if before else url_for("home.show")
    if request.args.get("back") == "check" or request.form.get("back") == "check":
        back = url(work.id, "check")
    return frames.around(work, step) | {"back": back, "from_check": back.endswith("/check")}
