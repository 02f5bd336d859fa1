"""The header every page carries: line, queue, last sync and printer, in words (sync.md B.12). Reads, never asks the
network.

`install(app)` gives every template `station`. How the facts come about: kiosk.worker (sync) and kiosk.printer_notes (the
printer's state, looked up in the background).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask import Flask, current_app
from flask_babel import gettext

from kiosk import ageing, current, out_of_order, printer_notes, upkeep
from kiosk.printer_reasons import Trouble
from kiosk.settings import Settings
from kiosk.store import letters, syncing
from web.clock import TAIPEI, now
from web.languages import said_date

State = Literal["good", "wait", "stop", ""]

OLD_MS = 72 * 3600 * 1000  # B.12: from here on the queue itself is a warning


@dataclass(frozen=True)
class Station:
    """What the header says."""

    name: str
    line_state: State
    line_words: str
    queue_state: State
    queue_words: str
    sync_words: str
    printer_state: State
    printer_words: str
    unsent: int
    banners: tuple[tuple[State, str], ...] = ()


def install(app: Flask) -> None:
    """Makes `station` known to every template of `app`, and `age` (milliseconds ago, in words)."""

    @app.context_processor
    def _station() -> dict[str, Any]:
        return {"station": look()}

    app.jinja_env.filters["age"] = age


def look() -> Station:
    """The header's facts as they are now."""
    settings = current_app.config["SETTINGS"]
    now_ms = int(now().timestamp() * 1000)
    with current.line_store().read() as db:
        facts = syncing.facts(db, now_ms)
        trouble = syncing.trouble(db)
        standing, wipe = syncing.standing(db), syncing.wipe_state(db)
        only_here = letters.in_the_way(db) if wipe else 0
    with current.store().read() as db:
        out = out_of_order.look(db)
    line_state, said = _line(facts.line)
    queue_state, queue_words = _queue(facts.unsent, facts.oldest_ms, now_ms)
    printer_state, printer_words = printer(settings.printer_uri, out)
    return Station(
        name=settings.station,
        line_state=line_state,
        line_words=said,
        queue_state=queue_state,
        queue_words=queue_words,
        sync_words=synced(facts.last_sync_ms, now_ms),
        printer_state=printer_state,
        printer_words=printer_words,
        unsent=facts.unsent,
        banners=(*_orders(standing, wipe, only_here), *_room(settings), *_banners(facts, trouble, now_ms)),
    )


def age(milliseconds: int) -> str:
    """How long ago, in words: seconds count as just now; a clock that ran backwards too."""
    minutes = milliseconds // 60_000
    if minutes < 1:
        return str(gettext("剛剛"))
    if minutes < 60:
        return str(gettext("%(n)s 分鐘前", n=minutes))
    if minutes < 48 * 60:
        return str(gettext("%(n)s 小時前", n=minutes // 60))
    return str(gettext("%(n)s 天前", n=minutes // (24 * 60)))


def synced(last_ms: int | None, now_ms: int) -> str:
    """When this machine last heard from the center."""
    if last_ms is None:
        return str(gettext("還沒有同步過"))
    return str(gettext("上次同步：%(ago)s", ago=age(now_ms - last_ms)))


def printer(uri: str, out: Trouble = "") -> tuple[State, str]:
    """The printer's state for the header; silent where none is set or nothing is known yet. `out`: out of order with that,
    until a person has seen to it.
    """
    seen = printer_notes.last_seen(current_app, uri)
    if uri and out:
        return "stop", gettext("印表機暫停服務：%(what)s", what=printer_notes.trouble_words(out))
    if not uri or seen is None:
        return "", ""
    if seen.ready:
        return "good", gettext("可以列印")
    return "stop", printer_notes.trouble_words(seen.trouble)


def line_words(line: str) -> str:
    """How the line is, in a few words."""
    return _line(line)[1]


def _line(line: str) -> tuple[State, str]:
    if line == "good":
        return "good", gettext("連線正常")
    if line == "refused":
        return "stop", gettext("裝置未授權，資料安全存在本機")
    if line == "outdated":
        return "wait", gettext("程式要更新，資料安全存在本機")
    if line == "busy":
        return "wait", gettext("志推中心忙碌中，稍後自動再送")
    if line == "not_enrolled":
        return "wait", gettext("還沒有登錄到志推中心")
    return "wait", gettext("沒有網路，照常收件")


def _orders(standing: str, wipe: str, only_here: int) -> Iterator[tuple[State, str]]:
    """What the center wants of this machine."""
    if wipe:
        yield "stop", gettext("志推中心要清空這台機器。還有 %(n)s 筆沒送到，送完才清空。請保持連線。", n=only_here)
    elif standing == "disabled":
        yield "stop", gettext("志推中心停用了這台機器，不能再收件。待送的會照常送出。請洽志推中心。")
    elif standing == "suspended":
        yield "wait", gettext("可能有另一台機器是這台的複製品，新消息暫停。照常收件、照常送出。請打電話給志推中心。")


def _banners(facts: syncing.SyncFacts, trouble: syncing.Trouble, now_ms: int) -> Iterator[tuple[State, str]]:
    """What every page says above all else until it is over (sync.md B.5, B.9, B.12)."""
    if facts.oldest_ms is not None and now_ms - facts.oldest_ms > OLD_MS:
        yield "stop", gettext("最早一件等了超過 3 天還沒送出。請把這台機器帶到有網路的地方。")
    if trouble.offered_again:
        yield "wait", gettext("伺服器已還原備份，正在重新核對 %(n)s 件", n=trouble.offered_again)
    yield from _too_old(facts, trouble, now_ms)


def _too_old(facts: syncing.SyncFacts, trouble: syncing.Trouble, now_ms: int) -> Iterator[tuple[State, str]]:
    """Before the day on which it bites, and from then on."""
    day = ageing.stops_on(trouble)
    if day is not None:
        left = (day - datetime.fromtimestamp(now_ms / 1000, TAIPEI).date()).days
        if left > 0:
            words = gettext(
                "這台機器的程式太舊，%(day)s 起不能收新的申請，還有 %(n)s 天。請管理員更新。現在照常收件。",
                day=said_date(day), n=left,
            )  # fmt: skip
            yield "wait", words
        else:
            words = gettext(
                "這台機器的程式太舊，%(day)s 起不能收新的申請。已收的照常送出，也能存到隨身碟。請管理員更新；急著收件，請用別台。",
                day=said_date(day),
            )
            yield "stop", words
    elif facts.line == "outdated" or ageing.is_too_old(trouble):
        yield "wait", gettext("這台機器的程式太舊，請管理員更新。照常收件，資料都存在本機。")


def _room(settings: Settings) -> Iterator[tuple[State, str]]:
    """How much room is left, where it is little (sync.md B.10). In tens of megabytes: the strip is not to change all the time."""
    room, free = upkeep.room(settings)
    mb = free // 10_000_000 * 10
    if room == "low":
        yield "wait", gettext("磁碟快滿了，剩 %(mb)s MB。請工作人員清出空間；再少就不能收新的申請。", mb=mb)
    elif room == "full":
        yield (
            "stop",
            gettext(
                "磁碟滿了，剩 %(mb)s MB，不能收新的申請。已經開始的可以做完，待送的都還在。請工作人員清出空間。", mb=mb
            ),
        )


def _queue(unsent: int, oldest_ms: int | None, now_ms: int) -> tuple[State, str]:
    if not unsent or oldest_ms is None:
        return "good", gettext("待送 %(n)s 件", n=unsent)
    waited = now_ms - oldest_ms
    words = gettext("待送 %(n)s 件，最早 %(ago)s", n=unsent, ago=age(waited))
    return ("stop" if waited > OLD_MS else "wait"), words
