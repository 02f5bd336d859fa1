"""The bar that says what was just decided and lets it be taken back; on every page of the desk.

What is not here: taking back itself (undo).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import Connection

from center.settings import Settings
from center.store import pending
from center.store.accounts import Account
from center.store.pending import Pending
from honorcard.problems import sentence
from web.languages import language

STAYS_MS = 60_000  # how long what took effect is still told


@dataclass(frozen=True)
class Bar:
    """One press: which decision stands for it, its state, in words, how many cases, and the seconds left to take it back. why:
    what keeps it from taking effect, in words; empty when nothing does.
    """

    pending_id: str
    state: str
    words: str
    names: tuple[str, ...]
    left_s: int
    why: str


def context(conn: Connection, settings: Settings, account: Account, moment_ms: int) -> dict[str, Any]:
    """The newest press, how many others can still be taken back, and what could not take effect, for `_undo.html`."""
    recent = pending.recent(conn, account.account_id, moment_ms - STAYS_MS - int(settings.undo_s * 1000))
    newest = [one for one in recent if one.batch == recent[0].batch] if recent else []
    others = {one.batch for one in recent if one.state == "open"} - {newest[0].batch if newest else ""}
    day_ms = 86_400_000
    return {
        "bar": bar(newest, moment_ms) if newest else None,
        "others": len(others),
        "within_s": int(settings.undo_s),
        "failed": [
            (one, sentence(one.result, language()))
            for one in pending.failed(conn, account.account_id, moment_ms - day_ms)
        ],
    }


def bar(batch: list[Pending], moment_ms: int) -> Bar:
    """The bar of one press."""
    live = [one for one in batch if one.state in pending.LIVE]
    one = (live or batch)[0]
    return Bar(
        one.pending_id, one.state if live else "done", _words(batch, one), tuple(each.name for each in batch),
        left_s(one, moment_ms), kept_waiting(one),
    )  # fmt: skip


def left_s(one: Pending | None, moment_ms: int) -> int:
    """Seconds until it takes effect, at least 1 while that lies ahead; 0 once nobody can take it back."""
    return 0 if one is None or one.state != "open" else max(0, math.ceil((one.due_ms - moment_ms) / 1000))


def kept_waiting(one: Pending | None) -> str:
    """Why it has not taken effect though its time has come, in words; empty when nothing went wrong so far."""
    if one is None or one.state != "settling" or not one.result:
        return ""
    if one.result == "files_away":
        return str(gettext("放檔案的地方沒有回應，所以還沒有生效。決定記住了，系統會一直再試，您不必再按。"))
    return str(gettext("現在做不到，所以還沒有生效。決定記住了，系統會一直再試，您不必再按。"))


def _words(batch: list[Pending], one: Pending) -> str:
    if len(batch) > 1:
        return str(gettext("已核可 %(n)s 件", n=len(batch)))
    if one.action == "issue" and one.state == "done":
        return str(gettext("已發卡，卡號 %(number)s", number=one.result))
    return str(
        {
            "pass_on": gettext("已核可，送複審"),
            "issue": gettext("已核可，發卡"),
            "return": gettext("已退回補正"),
            "refuse": gettext("已判定不符規定"),
        }[one.action]
    )
