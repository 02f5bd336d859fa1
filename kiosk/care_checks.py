"""How each part of this machine stands, in words, and what to do where one does not: for the page of kiosk.care and for the
file with diagnostics. Reads what is known; `try_out` tries one of them. Nothing here is about a person.

The camera and, where the system does not tell, the battery are the browser's: static/js/care.js.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import httpx
from flask import current_app
from flask_babel import gettext

from honorcard.card.pack import Pack
from honorcard.card.trust import Trust
from honorcard.card.verdict import STALE_DAYS
from honorcard.problems import ProblemError
from kiosk import ageing, greeting, out_of_order, printer_notes, station, timing, upkeep
from kiosk.packs import REPAIR
from kiosk.settings import Settings
from kiosk.store import Store, gate, syncing
from kiosk.version import app_version
from web.clock import now_ms

State = Literal["good", "wait", "stop", ""]
Thing = Literal["printer", "clock", "disk", "battery", "program", "queue", "sync", "list"]
THINGS: tuple[Thing, ...] = ("printer", "clock", "disk", "battery", "program", "queue", "sync", "list")
TRIED: tuple[Thing, ...] = ("printer", "clock", "disk", "program", "sync", "list")  # what `try_out` can do here

POWER = Path("/sys/class/power_supply")
LOW_PERCENT = 20  # below it, and not charging, somebody should look for a cable
DAY_MS = 24 * 3600 * 1000
LIST_OLD_MS = 72 * 3600 * 1000  # from here on a card given out meanwhile may be unknown here
ASK_S, CONNECT_S = 6.0, 3.0
TRIAL_BYTES = 1_000_000


@dataclass(frozen=True)
class Check:
    """One part: how it stands, what was seen, and what to do. `state` is empty where nothing is known of it here."""

    thing: Thing
    state: State
    seen: str
    remedy: str = ""


@dataclass(frozen=True)
class Battery:
    """percent: 0 to 100. charging: on the mains, full or not."""

    percent: int
    charging: bool


def battery(power: Path = POWER) -> Battery | None:
    """The machine's own battery as Linux tells it; None where there is none, or the system does not say."""
    for supply in sorted(power.glob("*")):
        try:
            if (supply / "type").read_text().strip() != "Battery" or _said(supply / "scope") == "Device":
                continue  # a mouse has one too
            percent = int((supply / "capacity").read_text())
        except (OSError, ValueError):
            continue
        return Battery(min(100, max(0, percent)), _said(supply / "status") in ("Charging", "Full", "Not charging"))
    return None


def _said(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def checks(store: Store, settings: Settings, moment: datetime) -> list[Check]:
    """All of them, in the order of the page."""
    return [check(thing, store, settings, moment) for thing in THINGS]


def check(thing: Thing, store: Store, settings: Settings, moment: datetime) -> Check:
    """One of them as it stands."""
    if thing == "printer":
        return _printer(store, settings)
    if thing == "clock":
        return _clock(store, moment)
    if thing == "disk":
        return _disk(settings)
    if thing == "battery":
        return _battery()
    if thing == "program":
        return _program(store, moment)
    if thing == "list":
        return _list(store, settings, moment)
    return _line(thing, store, moment)


def try_out(thing: Thing, store: Store, settings: Settings, moment: datetime) -> Check:
    """Tries one of `TRIED` now, and says how it went. A few seconds at most; never raises for what it finds."""
    if thing == "printer" and settings.printer_uri:
        printer_notes.look(current_app._get_current_object(), settings.printer_uri)  # type: ignore[attr-defined]
    elif thing == "disk":
        try:
            _write_and_read(settings.data_dir)
        except OSError:
            return Check(
                "disk",
                "stop",
                gettext("寫進磁碟再讀出來，沒有成功"),
                gettext("請把待送資料存到隨身碟，換一台機器收件，並請管理員換磁碟。"),
            )
    elif thing == "program":
        said = store.check()
        if said != "ok":
            return Check(
                "program", "stop", gettext("資料庫有壞的地方"),
                gettext("請先把待送資料存到隨身碟，再重新開機：機器會自己救回完好的資料。還是這樣，請找管理員。"),
            )  # fmt: skip
    elif thing in ("sync", "clock"):
        return _ask_center(thing, store, settings, moment)
    elif thing == "list":
        return _read_list(store, settings, moment)
    return check(thing, store, settings, moment)


def _write_and_read(folder: Path) -> None:
    trial, content = folder / f"trial-{secrets.token_hex(4)}", os.urandom(TRIAL_BYTES)
    try:
        with trial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if trial.read_bytes() != content:
            raise OSError("not what was written")
    finally:
        trial.unlink(missing_ok=True)


def _printer(store: Store, settings: Settings) -> Check:
    uri = settings.printer_uri
    if not uri:
        return Check("printer", "wait", gettext("還沒有設定印表機"), gettext("卡片可以存成 PDF，用別台電腦列印。"))
    with store.read() as db:
        out = out_of_order.look(db)
    if out:
        return Check(
            "printer", "stop", gettext("印表機暫停服務：%(what)s", what=printer_notes.trouble_words(out)),
            gettext("處理好以後，在印表機那一頁按「處理好了，恢復列印」。"),
        )  # fmt: skip
    seen = printer_notes.last_seen(current_app, uri)
    if seen is None:
        return Check("printer", "", gettext("還沒有問過印表機"), gettext("請按「測試」。"))
    if seen.ready:
        return Check("printer", "good", gettext("可以列印"))
    return Check(
        "printer", "stop", printer_notes.trouble_words(seen.trouble), gettext("請看印表機，處理好再按「測試」。")
    )


def _clock(store: Store, moment: datetime) -> Check:
    if timing.is_doubtful(store, moment):
        return Check(
            "clock", "stop", gettext("這台機器的時鐘不對"),
            gettext("請接上網路再按「測試」；沒有網路，請在系統設定改日期和時間。收件照常，時間以志推中心為準。"),
        )  # fmt: skip
    if timing.interval(store, moment).hi is None:
        return Check(
            "clock", "wait", gettext("還不能確定時間"), gettext("開機後還沒有連上志推中心。請接上網路，再按「測試」。")
        )
    return Check("clock", "good", gettext("時間正確"))


def _disk(settings: Settings) -> Check:
    state, free = upkeep.room(settings)
    mb = free // 1_000_000
    if state == "good":
        return Check("disk", "good", gettext("磁碟空間夠用，還有 %(gb)s GB", gb=f"{mb / 1000:.1f}"))
    if state == "low":
        return Check(
            "disk", "wait", gettext("磁碟快滿了，剩 %(mb)s MB", mb=mb), gettext("請清出空間。再少就不能收新的申請。")
        )
    return Check(
        "disk", "stop", gettext("磁碟滿了，剩 %(mb)s MB，不能收新的申請", mb=mb),
        gettext("已經開始的都可以做完，待送的都還在。請清出空間。"),
    )  # fmt: skip


def _battery() -> Check:
    held = battery()
    if held is None:
        return Check("battery", "", gettext("沒有電池，或看不出電量"))
    if held.charging:
        return Check("battery", "good", gettext("電量 %(n)s%%，接著電源", n=held.percent))
    if held.percent < LOW_PERCENT:
        return Check(
            "battery", "stop", gettext("電量剩 %(n)s%%", n=held.percent), gettext("請接上電源。沒電也不會弄丟資料。")
        )
    return Check("battery", "good", gettext("電量 %(n)s%%", n=held.percent))


def _program(store: Store, moment: datetime) -> Check:
    with store.read() as db:
        trouble = syncing.trouble(db)
    seen = gettext("版本 %(version)s", version=app_version())
    if ageing.is_too_old(trouble):
        return Check("program", "wait", seen, gettext("志推中心要更新的版本。請管理員更新；現在照常收件。"))
    return Check("program", "good", seen)


def _line(thing: Thing, store: Store, moment: datetime) -> Check:
    at_ms = int(moment.timestamp() * 1000)
    with store.read() as db:
        facts = syncing.facts(db, at_ms)
    if thing == "queue":
        waits = gettext("還在等的都安全存在這台機器。請把機器帶到有網路的地方，或把待送資料存到隨身碟。")
        if not facts.unsent or facts.oldest_ms is None:
            return Check("queue", "good", gettext("沒有要送的"))
        words = gettext("待送 %(n)s 件，最早 %(ago)s", n=facts.unsent, ago=station.age(at_ms - facts.oldest_ms))
        return Check("queue", "stop" if at_ms - facts.oldest_ms > station.OLD_MS else "wait", words, waits)
    words = f"{station.line_words(facts.line)} · {station.synced(facts.last_sync_ms, at_ms)}"
    if facts.line == "good":
        return Check("sync", "good", words)
    remedy = {
        "refused": gettext("請打電話給志推中心，說這台機器的名稱。"),
        "not_enrolled": gettext("請向志推中心要登錄碼，在下面「登錄」輸入。"),
        "outdated": gettext("請管理員更新程式。"),
        "busy": gettext("不用做什麼，稍後自動再送。"),
    }.get(facts.line, gettext("請看網路線或 Wi-Fi，再按「測試」。"))
    return Check("sync", "stop" if facts.line == "refused" else "wait", words, remedy)


def _ask_center(thing: Thing, store: Store, settings: Settings, moment: datetime) -> Check:
    with store.read() as db:
        here = syncing.membership(db)
    if here is None:
        return check(thing, store, settings, moment)
    try:
        with httpx.Client(base_url=here.center_url, timeout=httpx.Timeout(ASK_S, connect=CONNECT_S)) as http:
            heard = greeting.greet(http, store, settings, now_ms())
    except (httpx.HTTPError, httpx.InvalidURL, ProblemError):
        return Check(thing, "wait", gettext("志推中心沒有回答"), gettext("請看網路線或 Wi-Fi，再按「測試」。"))
    if heard is None:
        return Check(
            thing, "wait", gettext("有回答，但不是這台機器登錄的志推中心"),
            gettext("這個網路可能要先登入。請用瀏覽器登入，或換一個網路。"),
        )  # fmt: skip
    if thing == "clock":
        return _clock(store, moment)
    worker = current_app.extensions.get("worker")
    if worker is not None:
        worker.nudge()
    return Check("sync", "good", gettext("志推中心有回答"))


def _open_list(store: Store, settings: Settings) -> Pack:
    with store.read() as db:
        high_water = gate.high_water(db)
    return Pack.open(settings.pack_dir, Trust.load(settings.trust_file), high_water=high_water)


def _list(store: Store, settings: Settings, moment: datetime) -> Check:
    try:
        pack = _open_list(store, settings)
    except ProblemError:
        return Check("list", "wait", gettext("這台機器沒有驗卡名單"), gettext("請接上網路，登錄後名單會自己下載。"))
    old_ms = int(moment.timestamp() * 1000) - int(pack.manifest.as_of.timestamp() * 1000)
    words = gettext("第 %(n)s 版，%(ago)s", n=pack.manifest.version, ago=station.age(old_ms))
    if old_ms > LIST_OLD_MS:
        state: State = "stop" if old_ms > STALE_DAYS * DAY_MS else "wait"  # from then on the gate says amber
        return Check("list", state, words, gettext("名單舊了，新卡認不出來。請接上網路，名單會自己更新。"))
    return Check("list", "good", words)


def _read_list(store: Store, settings: Settings, moment: datetime) -> Check:
    """Every file of the list against its hash."""
    try:
        pack = _open_list(store, settings)
        if pack.damaged_buckets() or pack.damaged_photos():
            (settings.pack_dir / REPAIR).touch()  # the next fetch checks and brings what is wrong
            return Check("list", "stop", gettext("驗卡名單有壞的地方"), gettext("請接上網路：壞的部分會自己重新下載。"))
    except ProblemError:
        pass
    return _list(store, settings, moment)
