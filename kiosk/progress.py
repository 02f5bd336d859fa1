"""How far it is, for the volunteer: the slip, the card or either on a telephone is held to the camera, and the state is said in
plain words with what happens next. Without the birth date no name is shown; with it the card is printed (printing) and
the service record opened (own_record). Works with or without a line.

What is not here: the words for a slip's application and for a card (standing).
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from honorcard.problems import ProblemError, sentence
from kiosk import by_slip, current, packs, practising, standing
from kiosk.pages import page
from kiosk.reading import texts_in_frame, typed_text
from web.clock import now, today
from web.languages import language

bp = Blueprint("progress", __name__)

TEXT_LIMIT = 2_000


@bp.get("/progress")
def hold_up() -> Response:
    """The camera, waiting for a slip or a card."""
    return _scan()


@bp.post("/progress/frame")
def frame() -> Response | AnyResponse:
    """A camera frame: nothing to say (204), or what is known of the one thing that is held up."""
    texts = texts_in_frame(request.get_data(cache=False))
    try:
        held = by_slip.only(by_slip.slips(texts) or _cards(texts))
    except ProblemError as problem:
        return make_response("", 204) if by_slip.is_said_already(problem) else _scan(problem, status=200)
    return make_response("", 204) if held is None else _standing(held)


@bp.post("/progress/text")
def typed() -> Response:
    """The text from a scanner that types, as it arrived and (`keys`) as the keys were pressed; or pasted."""
    said = [request.form.get(name, "")[:TEXT_LIMIT] for name in ("text", "keys")]
    found = by_slip.slips(said)
    if found:
        return _standing(found[0])
    text = typed_text(said, _prefix())
    if _cards([text]):
        return _standing(text)
    return _scan(ProblemError("held_up_unknown"))


def _standing(text: str) -> Response:
    """What is known of a slip or of a card."""
    if by_slip.slips([text]):
        seen = standing.of_slip(current.store(), text, int(now().timestamp() * 1000))
        if not seen.maybe:
            practising.looked_up()
        return page("kiosk/progress.html", "main", step="slip", slip=text, seen=seen)
    trust, pack = _shelf().open()
    seen = standing.of_card(text, trust, pack, current.store(), current.settings().rules_on(today()), now())
    return page("kiosk/progress.html", "main", step="card", slip="", seen=seen)


def _scan(problem: ProblemError | None = None, *, status: int = 0) -> Response:
    return page(
        "kiosk/progress.html",
        "main",
        step="scan",
        problem=problem,
        words=sentence(problem.code, language(), problem.details) if problem else "",
        status=status or (problem.problem.status if problem else 200),
    )


def _cards(texts: list[str]) -> list[str]:
    """Those that are in our cards' form, each once."""
    prefix = _prefix()
    return [text for text in dict.fromkeys(texts) if prefix and text.startswith(prefix)]


def _prefix() -> str:
    trust, _ = _shelf().open()
    return trust.prefix if trust else ""


def _shelf() -> packs.Shelf:
    held: packs.Shelf | None = current_app.extensions.get("shelf")
    if held is None:
        held = current_app.extensions.setdefault("shelf", packs.Shelf(current.settings(), current.store()))
    return held
