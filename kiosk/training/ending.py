"""The last page: each says what was unclear. Kept here, and told to the center by the machine's own line where it has one.

No name is asked, and no seat is kept with it. What is not here: the center's page (center.training_feedback).
"""

from __future__ import annotations

from datetime import datetime

from flask import Response, current_app, make_response, request, url_for
from flask_babel import gettext
from msgspec.structs import replace
from werkzeug.wrappers import Response as AnyResponse

from honorcard.practice import CODES, EASE, EASE_WORDS, LONGEST_WORDS, TASKS, ease_words, task
from honorcard.problems import ProblemError
from kiosk import current, practising
from kiosk.guard import staff_only
from kiosk.pages import page, see_other
from kiosk.store import Store, practice, syncing
from kiosk.store.practice import Unclear
from kiosk.training.shared import bp, seated
from sync import clock, outbox, wire
from sync.ids import uuid7
from sync.seal import seal
from web.clock import TAIPEI, now_ms, today
from web.languages import language
from web.tables_out import Value, csv_bytes


@bp.get("/training/end")
@seated
def end() -> Response:
    """The three questions; thanks for whoever has answered them."""
    return _page()


@bp.post("/training/end")
@seated
def say() -> Response | AnyResponse:
    """Keeps the answers, once for each seat, and hands them to the line."""
    held = practising.seat()
    assert held is not None
    ease = request.form.get("ease", "")
    if ease not in {str(one) for one in EASE}:
        return _page(ProblemError("ease_missing"))
    asked = set(request.form.getlist("task"))
    said = Unclear(
        feedback_id=uuid7(), session="", at_ms=now_ms(), ease=int(ease), done=0,
        tasks=tuple(code for code in CODES if code in asked), words=request.form.get("words", "").strip()[:LONGEST_WORDS],
    )  # fmt: skip
    with current.store().write() as db:
        if all(seat.number != held.number or not seat.told for seat in practice.seats(db)):
            said = _with(said, practice.session(db), practising.standing(db, held.number).count)
            practice.tell(db, held.number, said)
    hand_over(current.store(), current.line_store())
    worker = current_app.extensions.get("worker")
    if worker is not None:
        worker.nudge()
    return see_other(url_for("training.end"))


@bp.get("/training/unclear.csv")
@staff_only
def listing() -> Response:
    """All that was said, for where there is no line."""
    with current.store().read() as db:
        everything = practice.unclear(db)
    rows: list[list[Value]] = [
        [_moment(one.at_ms), one.session, ease_words(one.ease, language()), _names(one.tasks), one.words, one.done]
        for one in everything
    ]
    head = [
        gettext("時間"),
        gettext("場次"),
        gettext("懂不懂"),
        gettext("哪幾項"),
        gettext("寫的話"),
        gettext("完成幾項"),
    ]
    named = f'attachment; filename="training-{today():%Y%m%d}.csv"'
    return make_response(
        csv_bytes([head, *rows]), {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": named}
    )


def hand_over(room: Store, line: Store) -> int:
    """Puts what was not told yet into the machine's own log, sealed, where it is enrolled; gives how much that was.

    Killed in between, it is put there again: the center knows it by its id.
    """
    with room.read() as db:
        waiting = practice.unsent(db)
    with line.read() as db:
        here = syncing.membership(db)
    if here is None or _is_stopped(line):
        return 0
    for one in waiting:
        body = wire.TrainingFeedback(
            feedback_id=one.feedback_id, session=one.session, at_ms=one.at_ms, ease=one.ease, tasks=one.tasks,
            words=one.words, done=one.done, of=len(TASKS),
        )  # fmt: skip
        sealed = seal(wire.encode(body), here.center_seal_key, "body")
        with line.write() as db:
            outbox.put(
                db, kind="training.feedback", entity_id=one.feedback_id, base_rev=None, body=sealed,
                reading=clock.read(one.at_ms),
            )  # fmt: skip
        with room.write() as db:
            practice.note_sent(db, one.feedback_id)
    return len(waiting)


def _is_stopped(line: Store) -> bool:
    """Whether the center has stopped this machine: then it takes nothing more to send."""
    with line.read() as db:
        return syncing.standing(db) == "disabled" or bool(syncing.wipe_state(db))


def _with(said: Unclear, session: str, done: int) -> Unclear:
    return replace(said, session=session, done=done)


def _page(problem: ProblemError | None = None) -> Response:
    held = practising.seat()
    assert held is not None
    return page(
        "kiosk/training/end.html", "main", told=held.told, problem=problem, longest=LONGEST_WORDS,
        eases=[(one, EASE_WORDS[one][0 if language() == "zh" else 1]) for one in EASE],
        tasks=[(one.code, one.name(language())) for one in TASKS], typed=request.form,
        chosen=request.form.getlist("task"), status=problem.problem.status if problem else 200,
    )  # fmt: skip


def _names(codes: tuple[str, ...]) -> str:
    found = (task(code) for code in codes)
    return str(gettext("、")).join(one.name(language()) for one in found if one is not None)


def _moment(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, TAIPEI):%Y-%m-%d %H:%M}"
