"""The morning's self-test of the gate: every sheet of the set is held up, read, and must get the answer written beside it.

Camera, reading and the gate's table are the ones that people's cards go through; keys and list are the sheets' own, so that
no real card counts here and no sheet counts there. What is not here: the gate (verify), the sheets (testcards).
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, abort, current_app, make_response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from honorcard.card import words
from honorcard.card.samples import MARKS
from kiosk import current, guard, testcards
from kiosk.pages import page, see_other
from kiosk.reading import texts_in_frame, typed_text
from kiosk.store import selftests
from kiosk.store.selftests import Ended, Run
from kiosk.testcards import Expected, TestCards
from web.clock import now
from web.languages import language

bp = Blueprint("selftest", __name__)

TEXT_LIMIT = 2_000
TEXTS_LIMIT = 8


@bp.get("/verify/test")
def show() -> Response:
    """How far it has come, and the camera."""
    return _page()


@bp.post("/verify/test/frame")
def frame() -> Response:
    """A camera frame in which the page itself could read nothing."""
    texts = texts_in_frame(request.get_data(cache=False))
    return _judged(texts) if texts else make_response("", 204)


@bp.post("/verify/test/text")
def read() -> Response:
    """The texts that the page read in a frame, or a scanner that types."""
    cards = _cards()
    prefix = cards.trust.prefix if cards else ""
    said = [text[:TEXT_LIMIT] for text in request.form.getlist("text")[:TEXTS_LIMIT]]
    if "keys" in request.form:
        said = [typed_text([*said, request.form["keys"][:TEXT_LIMIT]], prefix)]
    return _judged([text for text in said if text.strip()])


@bp.post("/verify/test/again")
def again() -> Response | AnyResponse:
    """Begins anew."""
    with current.store().write() as db:
        selftests.forget(db)
    return see_other("/verify/test")


@bp.post("/verify/test/make")
@guard.staff_only
def make() -> Response | AnyResponse:
    """A first set of sheets, made here."""
    if _cards() is None:
        testcards.make(current.settings().data_dir, now())
    return see_other("/verify/test")


@bp.get("/verify/test/<name>.pdf")
def sheet(name: str) -> Response:
    """A sheet of the set, to print."""
    cards = _cards()
    content = cards.sheet(name) if cards else None
    if content is None:
        abort(404)
    return make_response(content, {"Content-Type": "application/pdf", "Content-Disposition": "inline"})


def _judged(texts: list[str]) -> Response:
    cards = _cards()
    if cards is None:
        return _page()
    found = next((one for one in map(cards.judge, texts) if one is not None), None)
    if found is None:
        return _page(said=gettext("這不是測試卡。要驗證一般的卡，請先離開測試。"), sound="look")
    expected, got = found
    moment = now()
    with current.store().write() as db:
        run = selftests.running(db)
        if run is None or run.sheets != cards.version:
            run = Run(cards.version, moment)
        run = replace(run, answered={**run.answered, expected.file: got.code})
        if all(one.file in run.answered for one in cards.expected):
            selftests.end(db, Ended(moment, _right(cards, run), len(cards.expected)))
        selftests.keep(db, run)
    return _page(last=expected, sound="yes" if got.code == expected.code else "no")


def _page(*, said: str = "", last: Expected | None = None, sound: str = "") -> Response:
    cards = _cards()
    with current.store().read() as db:
        run, ended = selftests.running(db), selftests.said_last(db)
    answered = run.answered if cards and run and run.sheets == cards.version else {}
    rows = (
        [(one, one.holder, _outcome(one), _standing(answered.get(one.file), one)) for one in cards.expected]
        if cards
        else []
    )
    whole = bool(rows) and all(standing for *_, standing in rows)
    return page(
        "kiosk/selftest.html", "gate", rows=rows, said=said, last=last, sound=sound, ended=ended if whole else None,
        right=sum(standing == "right" for *_, standing in rows), began=bool(answered),
    )  # fmt: skip


def _outcome(expected: Expected) -> str:
    said = words.words(expected.code, language())
    return said.word if expected.code == "valid" else said.sentence


def _standing(got: str | None, expected: Expected) -> str:
    return "" if got is None else "right" if got == expected.code else "wrong"


def _right(cards: TestCards, run: Run) -> int:
    return sum(run.answered.get(one.file) == one.code for one in cards.expected)


def _cards() -> TestCards | None:
    """The set, read anew when its answers have changed."""
    folder = current.settings().data_dir
    path = folder / testcards.FOLDER / MARKS
    stamp = path.stat().st_mtime_ns if path.exists() else 0
    held: tuple[int, TestCards | None] | None = current_app.extensions.get("testcards")
    if held is None or held[0] != stamp:
        held = (stamp, testcards.load(folder) if stamp else None)
        current_app.extensions["testcards"] = held
    return held[1]
