"""The tray: what waits, what is on its way, what arrived, what came back. Masked names only; it refreshes itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from flask import Blueprint, Response, current_app, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from honorcard import corrections
from honorcard.problems import CATALOGUE, sentence
from kiosk import guard
from kiosk.drafting import ABOUT_A_CARD
from kiosk.pages import page, see_other
from kiosk.station import age
from kiosk.store import syncing, tray
from kiosk.store.tray import TrayRow
from sync import wire
from sync.claims import pages_of
from sync.device import DeviceKeys
from sync.seal import SealError
from sync.upcasting import decode_returned
from web.clock import TAIPEI, now
from web.languages import language, said_time

bp = Blueprint("tray", __name__)

ARRIVED_SHOWN = 60  # the newest; older ones are counted


@dataclass(frozen=True)
class Line:
    """One row as the page shows it."""

    row: TrayRow
    state: str  # returned, waiting, sending, sent, ready, stop
    sign: str
    words: str
    notes: tuple[str, ...] = ()
    correct: bool = False
    print: bool = False


@dataclass(frozen=True)
class Groups:
    """The rows by what has to be done with them."""

    act: tuple[Line, ...]
    waiting: tuple[Line, ...]
    arrived: tuple[Line, ...]
    ready: tuple[Line, ...]
    arrived_all: int


@bp.get("/tray")
@guard.staff_only
def show() -> Response:
    """All groups with the facts of sync."""
    moment = now()
    now_ms = int(moment.timestamp() * 1000)
    with current_app.extensions["store"].read() as db:
        rows = tray.rows(db)
        facts = syncing.facts(db, now_ms)
    midnight = int(moment.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
    today = sum(1 for row in rows if row.op_state in ("accepted", "durable") and row.created_ms >= midnight)
    return page(
        "kiosk/tray.html",
        "main",
        groups=grouped(rows, now_ms),
        facts=facts,
        today=today,
        now_ms=now_ms,
        asked="asked" in request.args,
    )


@bp.post("/tray/retry")
@guard.staff_only
def retry() -> Response | AnyResponse:
    """Asks the sync thread to try now; it keeps its own ten seconds between such wishes."""
    worker = current_app.extensions.get("worker")
    if worker is not None:
        worker.nudge()
    return see_other("/tray?asked=1")


def grouped(rows: list[TrayRow], now_ms: int) -> Groups:
    """The rows in their groups; each row in exactly one."""
    lines = [_line(row, now_ms) for row in rows]

    def those(*states: str) -> tuple[Line, ...]:
        return tuple(line for line in lines if line.state in states)

    arrived = those("sent")
    waiting = tuple(sorted(those("waiting", "sending"), key=lambda line: line.row.created_ms))
    return Groups(those("returned", "stop"), waiting, arrived[:ARRIVED_SHOWN], those("ready"), len(arrived))


def _line(row: TrayRow, now_ms: int) -> Line:
    if row.op_state in ("rejected", "quarantined", "conflict"):
        return _stuck(row)
    if row.op_state == "pending":
        words = gettext(
            "已存在這台機器，%(ago)s收件，%(n)s 張相片", ago=age(now_ms - row.created_ms), n=row.photos
        )
        return Line(row, "waiting", "clock", words)
    if row.photos_left:
        done = row.photos - row.photos_left
        words = gettext("資料已送達，相片送了 %(done)s 張，還有 %(left)s 張", done=done, left=row.photos_left)
        return Line(row, "sending", "send", words)
    return _at_the_center(row)


def _at_the_center(row: TrayRow) -> Line:
    """The center has the operation and every photograph; its word on the case counts from here on."""
    when = said_time(_moment(row.changed_ms))
    if row.state == "returned":
        words, notes = _returned(row)
        return Line(row, "returned", "return", words, notes, correct=row.returned is not None)
    if row.card_status == "live":
        if row.printed_ms:
            return Line(row, "sent", "good", gettext("已印出，%(when)s", when=said_time(_moment(row.printed_ms))))
        return Line(row, "ready", "printer", gettext("已核發，可以列印"), print=True)
    if row.card_status is not None:
        if row.card_status == "suspended":
            return Line(row, "sent", "stop", gettext("卡片停用中，不能列印"))
        if row.card_status == "replaced":
            return Line(row, "sent", "stop", gettext("已換發新卡，這張卡失效"))
        return Line(row, "sent", "stop", gettext("卡片已失效"))
    words = {
        "incomplete": gettext("志推中心已收到，%(when)s，正在核對相片", when=when),
        "first_review": gettext("審核中：初審，%(when)s", when=when),
        "second_review": gettext("審核中：初審通過，等複審"),
        "approved": gettext("已核准，正在製卡"),
        "issued": gettext("已核發，卡片還在路上"),
        "refused": gettext("沒有通過，%(when)s。結果已通知本人", when=when),
        "withdrawn": gettext("已撤回，%(when)s", when=when),
    }.get(row.state, gettext("志推中心已收到，%(when)s", when=when))
    return Line(row, "sent", {"refused": "stop", "withdrawn": "leave"}.get(row.state, "good"), words)


def _stuck(row: TrayRow) -> Line:
    """The center did not take it; people must look. Nothing is lost: the operation stays here."""
    code, figures = "", None
    if row.op_result:
        try:
            result = msgspec.json.decode(row.op_result, type=wire.OpResult)
            code, figures = result.code or "", result.details
        except msgspec.MsgspecError:
            code = ""
    if code in CATALOGUE:
        why = sentence(code, language(), figures)
    elif row.op_state == "conflict":
        why = gettext("志推中心那邊也改過這一件，審查人員會選要用哪一份。")
    else:
        why = gettext("送不出去，資料還在這台機器。請打電話給志推中心，說收據號碼。")
    return Line(row, "stop", "stop", gettext("要您看一下"), (why,))


def _returned(row: TrayRow) -> tuple[str, tuple[str, ...]]:
    """What has to be corrected, in words, and what the reviewer wrote: opened with this tablet's own key."""
    head = gettext("退回，請修正後再送")
    if row.returned is None:
        return head, ()
    try:
        clear = DeviceKeys.load(current_app.config["SETTINGS"].data_dir).open(row.returned, "returned")
        about_a_card = row.kind in ABOUT_A_CARD
        returned = wire.decode(wire.ReissueReturned, clear) if about_a_card else decode_returned(clear)
    except (OSError, SealError, msgspec.MsgspecError):
        return head, (gettext("這一件在這台機器打不開。請打電話給志推中心，說收據號碼。"),)
    notes = [corrections.words(code, language()) for code in returned.reasons if code != "other"]
    if returned.slots:
        pages = pages_of(returned.application.photos)
        places = [corrections.slot_words(slot, language(), pages) for slot in returned.slots]
        notes.insert(0, gettext("請重拍：%(places)s", places=gettext("、").join(places)))
    if returned.text:
        notes.append(gettext("審查人員說：%(text)s", text=returned.text))
    return head, tuple(notes)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, TAIPEI)
