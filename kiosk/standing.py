"""What a volunteer is told of a slip or of a card: one state in plain words, what happens next, and how far along the way it is.

A slip alone names no person and opens nothing: it tells the state of its application, no reason and no name. Of a card its
last day is told and from when on the next one can be had. What is not here: the pages (progress).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from flask_babel import gettext

from honorcard import eligibility
from honorcard.card import slip as slip_rules
from honorcard.card import verdict
from honorcard.card.pack import Pack
from honorcard.card.trust import Trust
from honorcard.jurisdiction import Jurisdiction
from kiosk import states, timing
from kiosk.store import Store, own_records, tray
from kiosk.store.tray import TrayRow
from web.clock import TAIPEI
from web.languages import said_date

Look = Literal["good", "wait", "stop", "way"]
STEPS = 4  # sent, first review, second review, card


@dataclass(frozen=True)
class Standing:
    """What is said. look: good (a card to print, a card that holds), way (under way), wait (something is to be done), stop (ended).

    done: so many of STEPS are behind it, None where there is no way. can_print, has_record: what the birth date would
    open here; maybe: nothing is known here, so that both may be tried.
    """

    look: Look
    title: str
    following: tuple[str, ...]
    receipt: str = ""
    done: int | None = None
    can_print: bool = False
    has_record: bool = False
    maybe: bool = False


def of_slip(store: Store, text: str, now_ms: int) -> Standing:
    """What is known here of a slip's application. ProblemError `slip_unreadable`."""
    receipt, _ = slip_rules.read_slip(text)
    with store.read() as db:
        rows = tray.with_receipt(db, receipt)
        row = next((one for one in rows if one.card_status), rows[0] if rows else None)
        has_record = row is not None and own_records.is_here(db, row.application_id)
    if row is None:
        following = (
            gettext("在別台送件的，卡片也可能送到了這裡：請按「列印卡片」試試。"),
            gettext("沒有的話，請到送件的那一台，或打電話給志推中心，說收據號碼。"),
        )
        return Standing("wait", gettext("這台機器沒有這一件的進度"), following, receipt, maybe=True)
    told = _told(row, now_ms)
    return Standing(
        told.look, told.title, told.following, receipt, told.done, row.card_status == "live", has_record
    )  # fmt: skip


def of_card(
    text: str, trust: Trust | None, pack: Pack | None, store: Store, rules: Jurisdiction, at: datetime
) -> Standing:
    """What is known of a card by the list kept here."""
    if trust is None:
        return Standing("wait", gettext("這台機器還沒有卡片名單"), (gettext("請到別台，或請工作人員幫忙。"),))
    believed = timing.interval(store, at)
    found = verdict.decide(text, trust, pack, believed)
    again = gettext("弄丟或壞了要再印：請拿收據按「列印卡片」，或請工作人員印。不用重新申請。")
    if found.code in ("revoked_or_replaced", "suspended", "suspected_forgery"):
        title = {
            "revoked_or_replaced": gettext("這張卡不能用了：已經註銷，或換過新卡"),
            "suspended": gettext("這張卡暫停使用"),
        }.get(found.code, gettext("這張卡不在名單上"))
        return Standing("stop", title, (gettext("有新卡請用新卡。不清楚原因，請打電話給志推中心。"),))
    if found.code == "practice":
        return Standing("wait", gettext("這是練習卡"), (gettext("練習卡只給練習用，不能當榮譽卡。"),))
    if found.valid_until is None or found.code in ("bad_signature", "foreign", "not_a_card", "key_withdrawn"):
        return Standing("wait", gettext("讀不出這張卡"), (gettext("請拿正本再試一次，或請工作人員幫忙。"),))
    day = found.valid_until
    today = _day(believed, at)
    opens = eligibility.window_opens(day, rules)
    if found.code == "expired" or day < today:
        following: tuple[str, ...] = (gettext("時數夠了，就可以申請下一張。請帶紀錄冊給原單位，或問工作人員。"),)
        return Standing("wait", gettext("這張卡 %(day)s 到期了", day=said_date(day)), following)
    if opens is not None and opens > today:
        renew = gettext("換下一張：%(day)s 起可以申請。", day=said_date(opens))
    else:
        renew = gettext("換下一張：現在就可以申請。請帶紀錄冊給原單位，或問工作人員。")
    fresh = (gettext("這台的名單或日期不夠新，請到門口或志推中心再確認。"),) if found.verdict != "green" else ()
    return Standing("good", gettext("這張卡可以用到 %(day)s", day=said_date(day)), (renew, again, *fresh))


def _told(row: TrayRow, now_ms: int) -> Standing:
    """The state of an application in a volunteer's words."""
    on_the_way = states.on_the_way(row, now_ms)
    if row.card_status == "live":
        first = gettext("請按「列印卡片」，輸入出生年月日，當場印。")
        if row.printed_ms:
            return Standing(
                "good", gettext("卡片核發了，在這裡印過"), (gettext("要再印一次，也按「列印卡片」。"),), done=4
            )
        return Standing("good", gettext("核准了，可以印卡"), (first,), done=3)
    if row.card_status is not None:
        words = gettext("有新卡請用新卡。不清楚原因，請打電話給志推中心，說收據號碼。")
        title = (
            gettext("這張卡暫停使用")
            if row.card_status == "suspended"
            else gettext("這張卡不能用了：已經註銷，或換過新卡")
        )
        return Standing("stop", title, (words,))
    if on_the_way is not None and on_the_way.state == "stop":
        return Standing(
            "wait", gettext("這一件要請人看一下"), (gettext("請叫工作人員，並出示收據。資料都還在。"),), done=0
        )
    if on_the_way is not None and on_the_way.state != "sent":
        following = (gettext("不用再送一次。有網路就會自動送到志推中心。"), gettext("送到以後審查約 7 天。"))
        return Standing("way", gettext("收件了，等著送到志推中心"), following, done=0)
    return _reviewed(row.state)


def _reviewed(state: str) -> Standing:
    """The center's word on a case that it has, whole."""
    week = gettext("初審和複審，一共約 7 天。過幾天再拿收據來看。")
    made = gettext("複審過了就製卡。過幾天再拿收據來看。")
    online = gettext("這台連上網路就會收到。過一會兒再拿收據來印。")
    missing = (
        gettext("請找幫您送件的單位或工作人員，帶紀錄冊和收據。"),
        gettext("要補什麼，他們看得到。補好會排在最前面。"),
    )
    words = {
        "first_review": Standing("way", gettext("審查中：初審"), (week,), done=1),
        "second_review": Standing("way", gettext("審查中：初審過了，等複審"), (made,), done=2),
        "returned": Standing("wait", gettext("要補資料"), missing, done=1),
        "approved": Standing(
            "way", gettext("核准了，正在製卡"), (gettext("很快就好。過一會兒再拿收據來印。"),), done=3
        ),
        "issued": Standing("way", gettext("核准了，卡片還在路上"), (online,), done=3),
        "refused": Standing("stop", gettext("這次沒有通過"), (gettext("原因已通知您本人。條件符合了可以再申請。"),)),
        "withdrawn": Standing("stop", gettext("這一件撤回了"), (gettext("要申請，請重新送件。"),)),
    }
    return words.get(state) or Standing("way", gettext("志推中心收到了"), (week,), done=1)


def _day(believed: verdict.Interval, at: datetime) -> date:
    """Today; where the clock cannot be right, the earliest day it can be: one that says 1970 is not asked."""
    earliest, latest = believed.lo, believed.hi
    late = latest is not None and at > latest
    moment = earliest if earliest is not None and (at < earliest or late) else at
    return moment.astimezone(TAIPEI).date()
