"""The queue: what still has to reach the center and how far it is, one application's story, and "try again now".

For staff. It refreshes itself while it is open, and only where something changed, so that nothing jumps under a finger.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, make_response, request, session
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from honorcard.problems import ProblemError
from kiosk import current, guard, states, station
from kiosk.attempts import Attempt
from kiosk.pages import page, see_other, wants_fragment
from kiosk.states import Said
from kiosk.store import drafts, story, syncing, tray
from kiosk.store.story import Event
from kiosk.store.tray import TrayRow
from web.clock import now

bp = Blueprint("queue", __name__)

ARRIVED_SHOWN = 20
_TOO_SOON = "tried_too_soon"


@dataclass(frozen=True)
class Item:
    """An application that is on its way."""

    row: TrayRow
    said: Said


@dataclass(frozen=True)
class Step:
    """One line of a story; `at` is empty for what is still to come."""

    at: str
    words: str
    sign: str
    state: str = "sent"


@bp.get("/queue")
@guard.staff_only
def show() -> Response:
    """All that waits, and what needs a person; htmx gets 204 while nothing has changed."""
    now_ms = _now_ms()
    with current.line_store().read() as db:
        rows, facts, trouble = tray.rows(db), syncing.facts(db, now_ms), syncing.trouble(db)
        begun = len(drafts.waiting(db))
    items = [Item(row, said) for row in rows if (said := states.on_the_way(row, now_ms)) is not None]
    items.sort(key=lambda item: item.row.created_ms)
    waiting = [item for item in items if item.said.state in ("waiting", "sending")]
    there = [item for item in items if item.said.state == "sent"]
    arrived = [row for row in rows if states.on_the_way(row, now_ms) is None]
    answer = page(
        "kiosk/queue.html", "queue",
        waiting=waiting,
        act=[item for item in items if item.said.state == "stop"], there=there,
        arrived=arrived[:ARRIVED_SHOWN], arrived_all=len(arrived), begun=begun,
        words_of=lambda row: _center_words(row), facts=facts, trouble=trouble, now_ms=now_ms, said=_said(),
    )  # fmt: skip
    return _unless_known(answer)


@bp.post("/queue/try")
@guard.staff_only
def try_now() -> Response | AnyResponse:
    """Wishes a round now; what comes of it is said by `tried`."""
    worker = current_app.extensions.get("worker")
    left = worker.try_now() if worker is not None else 0.0
    session.pop(_TOO_SOON, None)
    if left:
        session[_TOO_SOON] = round(left + 0.5)
    return page("kiosk/queue.html", "tried", said=_said()) if wants_fragment() else see_other("/queue")


@bp.get("/queue/tried")
@guard.staff_only
def tried() -> Response | AnyResponse:
    """What came of the last wish, in a sentence; 204 while there is nothing new to say."""
    if not wants_fragment():
        return see_other("/queue")
    session.pop(_TOO_SOON, None)
    return _unless_known(page("kiosk/queue.html", "tried", said=_said()))


@bp.get("/queue/<application_id>")
@guard.staff_only
def one(application_id: str) -> Response:
    """The story of one application. ProblemError `not_found`."""
    now_ms = _now_ms()
    with current.line_store().read() as db:
        row = tray.find(db, application_id)
        saved, events = story.saved(db, application_id), story.events(db, application_id)
    if row is None:
        raise ProblemError("not_found")
    said = states.on_the_way(row, now_ms) or Said("sent", "good", _center_words(row))
    return page("kiosk/queue_item.html", "main", row=row, said=said, steps=steps(row, saved, events))


def steps(row: TrayRow, saved: list[tuple[int, str]], events: list[Event]) -> list[Step]:
    """The story in words: what happened, then what is still to come."""
    told = [(at_ms, _saved(kind)) for at_ms, kind in saved] or [(row.created_ms, _saved("application.submit"))]
    told += [(event.at_ms, _event(event, row)) for event in events]
    if row.printed_ms:
        told.append((row.printed_ms, Step("", gettext("卡片印出"), "printer")))
    found = [Step(states.moment(at_ms), step.words, step.sign, step.state) for at_ms, step in sorted(told, key=_when)]
    if row.op_state == "pending":
        found.append(Step("", gettext("網路一通，就自動送到志推中心"), "clock", "waiting"))
    elif row.op_state in ("accepted", "durable") and row.photos_left:
        done = row.photos - row.photos_left
        found.append(
            Step("", gettext("相片送了 %(done)s/%(all)s，接著送", done=done, all=row.photos), "send", "sending")
        )
    return found


def _when(told: tuple[int, Step]) -> int:
    return told[0]


def _saved(kind: str) -> Step:
    words = {
        "application.amend": gettext("修正好了，已存在本機 ✓"),
        "application.withdraw": gettext("撤回申請，已存在本機 ✓"),
        "card.print_ack": gettext("記下卡片已經印出"),
    }.get(kind, gettext("收件，已存在本機 ✓"))
    return Step("", words, "tray", "waiting")


def _event(event: Event, row: TrayRow) -> Step:
    match event.what:
        case "taken":
            return Step("", gettext("志推中心收下資料"), "send", "sending")
        case "photos":
            words = gettext("相片全部送達。志推中心已收到 ✓ %(receipt)s", receipt=row.receipt)
            return Step("", words, "good")
        case "state":
            return Step("", _state_words(event.code), {"returned": "return", "refused": "stop"}.get(event.code, "good"))
        case "settled":
            return Step("", gettext("志推中心處理好了"), "tick")
        case "again" if event.code == "asked":
            return Step("", gettext("志推中心收得下了，再送一次"), "again", "waiting")
        case "again" if event.code == "restored":
            return Step("", gettext("伺服器還原備份，再送一次核對"), "again", "waiting")
        case "again":
            return Step("", gettext("志推中心更新了，再送一次"), "again", "waiting")
        case _:
            why = states.code_words(event.code, row.op_result) or gettext("請打電話給志推中心，說收據號碼。")
            return Step("", gettext("志推中心沒有收。%(why)s", why=why), "stop", "stop")


def _state_words(state: str) -> str:
    return str(
        {
            "incomplete": gettext("志推中心等相片到齊"),
            "first_review": gettext("初審"),
            "second_review": gettext("初審通過，等複審"),
            "returned": gettext("退回，請修正後再送"),
            "approved": gettext("已核准"),
            "issued": gettext("已核發"),
            "refused": gettext("沒有通過"),
            "withdrawn": gettext("已撤回"),
        }.get(state, gettext("志推中心更新了狀態"))
    )


def _center_words(row: TrayRow) -> str:
    if row.card_status == "live":
        return str(gettext("已核發，可以列印"))
    if row.card_status is not None:
        return str(gettext("卡片已失效") if row.card_status != "suspended" else gettext("卡片停用中，不能列印"))
    return states.center_words(row.state, row.receipt, states.moment(row.changed_ms))


def _said() -> str:
    """What came of the last press of the button; empty before the first."""
    worker = current_app.extensions.get("worker")
    attempt: Attempt | None = worker.attempts.last if worker is not None else None
    if (left := session.get(_TOO_SOON)) is not None:
        return str(gettext("剛剛才試過，%(n)s 秒後可以再按。", n=left))
    if attempt is None:
        return ""
    if not attempt.done:
        return str(gettext("正在連線…"))
    if attempt.line == "busy":
        return str(gettext("志推中心忙碌中，暫時不收。資料都在這台機器裡，稍後自動再送。"))
    if attempt.line != "good":
        return str(gettext("連不上：%(why)s。資料都在這台機器裡。", why=station.line_words(attempt.line)))
    if attempt.left:
        words = gettext(
            "連上了，送出 %(sent)s 件、%(photos)s 張相片，還有 %(left)s 件。",
            sent=attempt.sent, photos=attempt.photos, left=attempt.left,
        )  # fmt: skip
        return str(words)
    if attempt.sent or attempt.photos:
        return str(
            gettext("已送出 %(sent)s 件、%(photos)s 張相片，全部送達。", sent=attempt.sent, photos=attempt.photos)
        )
    return str(gettext("連線正常，沒有等待送出的。"))


def _unless_known(answer: Response) -> Response:
    """The fragment, with the mark by which the page asks the next time; 204 when it has this very one."""
    text = answer.get_data(as_text=True)
    mark = hashlib.sha256(text.encode()).hexdigest()[:16]
    if wants_fragment() and request.args.get("mark") == mark:
        return make_response("", 204)
    answer.set_data(text.replace('name="mark" value=""', f'name="mark" value="{mark}"', 1))
    return answer


def _now_ms() -> int:
    return int(now().timestamp() * 1000)
