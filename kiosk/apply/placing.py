"""Which page of which book a photograph shows, where it does not follow from the one before; and what is read from: paper,
print-outs of the national system, or both (R56).
"""

from __future__ import annotations

from flask import Response, request
from msgspec.structs import replace

from honorcard.evidence import LAST_BOOK
from honorcard.problems import ProblemError
from kiosk.apply.shared import bp, frame, url
from kiosk.asking import drafted, forms, judging, places, said
from kiosk.asking.drafted import Work
from kiosk.asking.forms import Trouble
from kiosk.drafting import Answers, Record
from kiosk.guard import applicant_or_staff
from kiosk.pages import page, see_other
from kiosk.store import drafts
from sync.wire import Evidence
from web.clock import today


@bp.app_template_global("shown_page")
def _shown_page(work: Work, position: int) -> str:
    """Which page a photograph shows, in words, for the pages about photographs."""
    return said.page_words(places.shown(work.answers, work.photos).get(position), position)


_RECORDS: dict[str, Record] = {"paper": "paper", "printout": "printout", "both": "both"}


@bp.post("/apply/<application_id>/record")
@applicant_or_staff
def record(application_id: str) -> Response:
    """Takes what the service is read from: a paper book, print-outs, or both."""
    drafted.find(application_id)
    chosen = _RECORDS.get(request.form.get("record", ""), "paper")
    drafted.change(application_id, lambda before: judging.unseen(replace(before, record=chosen)))
    return see_other(url(application_id, "book_photos"))


@bp.get("/apply/<application_id>/pages/<int:position>")
@applicant_or_staff
def place(application_id: str, position: int) -> Response:
    """One photographed page and which one it is."""
    work = drafted.find(application_id)
    return _asked(work, position, places.typed_from(_shown(work, position)))


@bp.post("/apply/<application_id>/pages/<int:position>")
@applicant_or_staff
def put(application_id: str, position: int) -> Response:
    """Keeps which page it is; those after it follow from there."""
    work = drafted.find(application_id)
    _shown(work, position)
    typed = forms.typed_of(request.form)
    said_to_be, troubles = places.read(typed, today(), drafted.settings().rules_on(today()))
    if said_to_be is None:
        return _asked(work, position, typed, troubles)
    _keep(work, position, said_to_be)
    return see_other(url(work.id, "check" if request.form.get("back") == "check" else "book_photos"))


def _keep(work: Work, position: int, said_to_be: Evidence) -> None:
    """On the photograph, or on the one that stays as it was sent; a print-out or a paper page beside the other is both."""
    taken = next((photo for photo in work.of_slot("page") if photo.position == position), None)
    if taken is not None:
        with drafted.store().write() as db:
            drafts.replace_photo(db, replace(taken, evidence=said_to_be))

    def placed(before: Answers) -> Answers:
        kept = tuple(
            replace(photo, evidence=said_to_be)
            if taken is None and (photo.slot, photo.position) == ("page", position)
            else photo
            for photo in before.kept
        )
        is_other = (said_to_be.kind == "printout") != (before.record == "printout")
        return judging.unseen(replace(before, kept=kept, record="both" if is_other else before.record))

    drafted.change(work.id, placed)


def _shown(work: Work, position: int) -> Evidence:
    shown = places.shown(work.answers, work.photos).get(position)
    if shown is None:
        raise ProblemError("photo_gone")
    return shown


def _asked(work: Work, position: int, typed: dict[str, str], troubles: tuple[Trouble, ...] = ()) -> Response:
    books = min(LAST_BOOK, places.books_shown(work.answers, work.photos) + 1)
    context = frame(work, "book_photos") | {
        "position": position,
        "photo": next((photo for photo in work.of_slot("page") if photo.position == position), None),
        "books": max(2, books),
        "typed": typed,
        "troubles": troubles,
        "wrong": {trouble.field: trouble for trouble in troubles},
        "check_of": {"printed_on": said.live("printed_on", typed, today())} if typed.get("printed_on") else {},
    }
    context["back"] = url(work.id, "check" if context["from_check"] else "book_photos")
    return page("kiosk/apply/place.html", "main", status=422 if troubles else 200, **context)
