"""Personal data are kept no longer than the settings say: what is due is deleted once a day, and a page says what went
and what goes next.

Files go after the rows that named them, from a list that was written with the deletion, so that a crash leaves nothing behind for
good. The first deletion is a day after the center first knew of it: there is time to look at what would go. What is not here: what
is due (center.store.retention).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, request
from flask_babel import gettext

from center import auditing, current, entries, photostore
from center.guard import right_required
from center.pages import page
from center.settings import Settings
from center.store import Store, audit, retention
from center.store.cards import read_meta, write_meta
from center.store.retention import Until
from honorcard import roc
from honorcard.problems import ProblemError
from web.clock import TAIPEI, now, today

bp = Blueprint("retention", __name__)

EVERY_MS = 86_400_000
SOON_DAYS = 30
_MARK = "retention_at"
# kind of data → the setting that says for how many days
SETTINGS = {
    "refused": "keep_refused_days", "pages": "keep_pages_days", "card_photos": "keep_card_photos_days",
    "people": "keep_people_days", "letters": "keep_letters_days", "mail": "keep_mail_days",
    "exchange": "keep_exchange_days", "registrations": "keep_registrations_days", "sessions": "keep_sessions_days",
    "performances": "keep_performances_days", "certificates": "keep_pages_days", "api_uses": "keep_looks_days",
    "attendances": "keep_known_days", "known": "keep_known_days",
}  # fmt: skip
STREAMS = {"looks": "keep_looks_days", "doors": "keep_doors_days", "changes": "keep_changes_days"}
_STREAM = {"looks": audit.SEEN, "doors": audit.DOOR, "changes": audit.DONE}


@dataclass(frozen=True)
class Line:
    """A kind of data on the page: for how long it is kept, and how many are due on either day."""

    kind: str
    words: str
    days: int
    due: int
    soon: int


def keep_to(store: Store, settings: Settings, *, now: datetime) -> dict[str, int]:
    """Deletes what is due, once a day; gives how many of each kind. Nothing the first time: that day begins the count."""
    now_ms = int(now.timestamp() * 1000)
    with store.read() as conn:
        last = read_meta(conn, _MARK)
    if last is not None and 0 <= now_ms - int(last) < EVERY_MS:
        remove_files(store, settings)
        return {}
    with store.claim("retention") as mine:
        if not mine:
            return {}
        with store.write() as conn:
            write_meta(conn, _MARK, str(now_ms))
        return {} if last is None else delete_due(store, settings, now=now)


def delete_due(store: Store, settings: Settings, *, now: datetime) -> dict[str, int]:
    """Deletes what is due now, a few hundred in a transaction; gives how many of each kind."""
    now_ms = int(now.timestamp() * 1000)
    auditing.gather(store)
    gone: dict[str, int] = {}
    for kind, setting in SETTINGS.items():
        until = _until(settings, setting, now)
        if until is None:
            continue
        many = files = 0
        while True:
            with store.write() as conn:
                before = retention.files_waiting(conn)
                taken = retention.take(conn, kind, until)
                files += retention.files_waiting(conn) - before
                many += taken
                if taken < retention.AT_ONCE:
                    if many:
                        retention.note(conn, kind, many, files, now_ms)
                        fields = [("kind", "", kind), ("count", "", str(many)), ("files", "", str(files))]
                        audit.note(conn, "retention", actor="center", now_ms=now_ms, fields=fields, unit_id="")
                    break
        if many:
            gone[kind] = many
    for kind, setting in STREAMS.items():
        until = _until(settings, setting, now)
        if until is None:
            continue
        with store.write() as conn:
            cut = audit.cut(conn, _STREAM[kind], until.ms, now_ms)
            if cut:
                gone[kind] = cut
                retention.note(conn, kind, cut, 0, now_ms)
    remove_files(store, settings)
    return gone


def remove_files(store: Store, settings: Settings) -> int:
    """Takes away the files that no row needs any more; gives how many. OSError when the place where they lie does not answer: they
    go the next time.
    """
    removed = 0
    while True:
        with store.read() as conn:
            waiting = retention.files_to_go(conn)
        if not waiting:
            return removed
        for kind, address in waiting:
            with store.write() as conn:  # nobody can begin to need it meanwhile
                if not retention.is_needed(conn, kind, address):
                    photostore.remove(settings, kind, address)  # type: ignore[arg-type]
                    removed += 1
                retention.gone(conn, kind, address)


@bp.get("/retention")
@right_required("retention")
def show() -> Response:
    """What is kept for how long, what goes by a day, what went."""
    typed, problem = request.args.get("by", "").strip(), None
    by = today() + timedelta(days=SOON_DAYS)
    try:
        by = entries.day_of_ours(typed) if typed else by
    except ProblemError as unread:
        problem = unread
    settings, moment = current.settings(), now()
    then = datetime.combine(by, moment.timetz())
    lines = []
    with current.store().read() as conn:
        for kind, setting in {**SETTINGS, **STREAMS}.items():
            days = int(getattr(settings, setting))
            counts = []
            for at in (moment, then):
                until = _until(settings, setting, at)
                if until is None:
                    counts.append(0)
                elif kind in STREAMS:
                    counts.append(audit.old(conn, _STREAM[kind], until.ms))
                else:
                    counts.append(retention.count(conn, kind, until))
            lines.append(Line(kind, kind_words(kind), days, *counts))
        runs, files = retention.runs(conn), retention.files_waiting(conn)
    return page(
        "center/retention.html", "main", lines=lines, by=by, runs=runs, files=files, kind_words=kind_words,
        typed=typed if problem else roc.dotted(by), problem=problem,
        status=200 if problem is None else problem.problem.status,
    )  # fmt: skip


def kind_words(code: str) -> str:
    """A kind of data, in words."""
    return str({
        "refused": gettext("不符規定和撤回的申請：內容與相片"),
        "pages": gettext("已發卡案件的紀錄冊與文件相片"),
        "card_photos": gettext("到期或失效卡片的大頭照與卡片檔"),
        "people": gettext("最後一張卡到期很久的志工：全部資料"),
        "letters": gettext("處理完的未收資料"),
        "mail": gettext("寄出的信"),
        "exchange": gettext("匯入的清單：每一列"),
        "registrations": gettext("決定過的單位註冊"),
        "sessions": gettext("很久沒用的登入，和替人留著的表單"),
        "performances": gettext("服務績效證明書：檔案和登記"),
        "certificates": gettext("作廢訓練的證書相片"),
        "api_uses": gettext("介接金鑰用在哪裡"),
        "attendances": gettext("活動簽到裡一直沒有認出的人"),
        "known": gettext("只有匯入、登錄或簽到的志工：最後一筆紀錄很久以前"),
        "looks": gettext("稽核：誰看了什麼"),
        "doors": gettext("稽核：登入登出"),
        "changes": gettext("稽核：誰改了什麼"),
    }.get(code, code))  # fmt: skip


def _until(settings: Settings, setting: str, at: datetime) -> Until | None:
    """Before which moment data of that setting are too old; None where they are kept for good."""
    days = int(getattr(settings, setting))
    if days <= 0:
        return None
    limit = at - timedelta(days=days)
    return Until(int(limit.timestamp() * 1000), limit.astimezone(TAIPEI).date())
