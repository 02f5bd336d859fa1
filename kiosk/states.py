"""How far an application has come, in the words that people see everywhere (sync.md B.12). Masked, like the rows they are of.

「收到」 is said only once the center has the operation and every photograph. What is not here: the tray's groups and buttons
(tray), the story of one application (queue).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec
from flask_babel import gettext

from honorcard.problems import CATALOGUE, sentence
from honorcard.typed import read_json
from kiosk.station import age
from kiosk.store.letters import GIVEN_UP
from kiosk.store.tray import TrayRow
from sync import wire
from web.clock import TAIPEI
from web.languages import language, said_time


class Said(NamedTuple):
    """A state in words: waiting, sending, stop or sent; its sign; what happened and what to do besides."""

    state: str
    sign: str
    words: str
    notes: tuple[str, ...] = ()


def on_the_way(row: TrayRow, now_ms: int) -> Said | None:
    """Until the center has it, whole; None from there on."""
    if row.op_state == "conflict":  # a person at the center has it now: nothing to do here but wait
        why = why_not(row.op_result) or gettext("志推中心那邊也改過這一件，審查人員會選要用哪一份。")
        return Said("sent", "clock", gettext("等審查人員決定"), (why,))
    if row.op_state in ("rejected", "quarantined"):
        why = why_not(row.op_result) or gettext("送不出去，資料還在這台機器。請打電話給志推中心，說收據號碼。")
        if row.letter_done:
            return Said("sent", "tick", gettext("志推中心處理好了，這裡不用再做什麼"), (why,))
        known = (gettext("志推中心也看得到這一筆，會一起處理。"),) if row.letter_told else ()
        return Said("stop", "stop", gettext("要您看一下"), (why, *known))
    if row.op_state == "pending":
        words = gettext(
            "已存在本機 ✓ 等待送出。%(ago)s收件，%(n)s 張相片", ago=age(now_ms - row.created_ms), n=row.photos
        )
        return Said("waiting", "clock", words)
    if row.photos_damaged:
        note = gettext(
            "有 %(n)s 張相片在這台機器的磁碟上壞了，送不出去，其他都送到了。請打電話給志推中心，說收據號碼，申請人要重拍。",
            n=row.photos_damaged,
        )
        return Said("stop", "stop", gettext("要您看一下"), (note,))
    if row.photos_left:
        done = row.photos - row.photos_left
        words = gettext("上傳中 %(done)s/%(all)s，資料已送達，相片接著送", done=done, all=row.photos)
        return Said("sending", "send", words)
    return None


def center_words(state: str, receipt: str, when: str) -> str:
    """The center's word on a case that it has, whole."""
    received = gettext("志推中心已收到 ✓ %(receipt)s，%(when)s", receipt=receipt, when=when)
    return str(
        {
            "first_review": gettext("審核中：初審，%(when)s", when=when),
            "second_review": gettext("審核中：初審通過，等複審"),
            "returned": gettext("退回，請修正後再送"),
            "approved": gettext("已核准，正在製卡"),
            "issued": gettext("已核發，卡片還在路上"),
            "refused": gettext("沒有通過，%(when)s。結果已通知本人", when=when),
            "withdrawn": gettext("已撤回，%(when)s", when=when),
        }.get(state, received)
    )


def why_not(kept: str | None) -> str:
    """The center's answer as a sentence; empty when it said none that this version knows."""
    if not kept:
        return ""
    try:
        result = read_json(kept, wire.OpResult)
    except msgspec.MsgspecError:
        return ""
    code = GIVEN_UP if result.status == "retry" else result.code  # after twenty times it is not sent again by itself
    return sentence(code, language(), result.details) if code in CATALOGUE else ""


def code_words(code: str, kept: str | None) -> str:
    """The sentence of a code; with its figures where the answer `kept` is of that code. Empty for one nobody knows here."""
    if kept and f'"code":"{code}"' in kept:
        return why_not(kept)
    words = sentence(code, language()) if code in CATALOGUE else ""
    return "" if "{" in words else words


def moment(milliseconds: int) -> str:
    """A moment of a row, for people."""
    return said_time(datetime.fromtimestamp(milliseconds / 1000, TAIPEI))
