"""The tray: what waits, what is on its way, what arrived, what came back. Masked names only; it refreshes itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from flask import Blueprint, Response
from flask_babel import gettext

from honorcard import corrections
from kiosk import current, guard, practising, states, taking_back
from kiosk.drafting import ABOUT_A_CARD
from kiosk.pages import page
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
    withdraw: bool = False


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
    with current.store().read() as db:
        rows = tray.rows(db)
        facts = syncing.facts(db, now_ms)
    rows = practising.own(rows)
    midnight = int(moment.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
    today = sum(1 for row in rows if row.op_state in ("accepted", "durable") and row.created_ms >= midnight)
    return page(
        "kiosk/tray.html",
        "main",
        groups=grouped(rows, now_ms),
        facts=facts,
        today=today,
        now_ms=now_ms,
    )


def grouped(rows: list[TrayRow], now_ms: int) -> Groups:
    """The rows in their groups; each row in exactly one."""
    lines = [_line(row, now_ms) for row in rows]

    def those(*states: str) -> tuple[Line, ...]:
        return tuple(line for line in lines if line.state in states)

    arrived = those("sent")
    waiting = tuple(sorted(those("waiting", "sending"), key=lambda line: line.row.created_ms))
    return Groups(those("returned", "stop"), waiting, arrived[:ARRIVED_SHOWN], those("ready"), len(arrived))


def _line(row: TrayRow, now_ms: int) -> Line:
    """The row as its own operations and the center's word make it; then what is to be known besides."""
    if row.withdraw_state in taking_back.UNDER_WAY and row.state in taking_back.OPEN:
        return Line(row, "waiting", "leave", gettext("撤回中。網路一通，就自動送到志推中心。"))
    line = _as_it_stands(row, now_ms)
    notes = []
    if row.state in taking_back.OPEN and "duplicate" in row.notices:
        notes.append(duplicate_words())
    if row.withdraw_state == "rejected":
        notes.append(
            gettext("沒有撤回：%(why)s", why=states.why_not(row.withdraw_result) or gettext("請打電話給志推中心。"))
        )
    return replace(line, notes=(*line.notes, *notes), withdraw=taking_back.possible(row))


def duplicate_words() -> str:
    """What an applicant hears of another application under the same number, and no more than this (sync.md B.7)."""
    return str(gettext("此身分證號已有另一件申請，承辦人會合併處理"))


def _as_it_stands(row: TrayRow, now_ms: int) -> Line:
    said = states.on_the_way(row, now_ms)
    return Line(row, *said) if said is not None else _at_the_center(row)


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
    if row.state == "withdrawn" and "merged" in row.notices:
        return Line(row, "sent", "leave", gettext("已併案，%(when)s", when=when), (duplicate_words(),))
    words = states.center_words(row.state, row.receipt, when)
    return Line(row, "sent", {"refused": "stop", "withdrawn": "leave"}.get(row.state, "good"), words)


def _returned(row: TrayRow) -> tuple[str, tuple[str, ...]]:
    """What has to be corrected, in words, and what the reviewer wrote: opened with this tablet's own key."""
    head = gettext("退回，請修正後再送")
    if row.returned is None:
        return head, ()
    try:
        clear = DeviceKeys.load(current.settings().data_dir).open(row.returned, "returned")
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
