"""The start page: one verb a tile, by what this device is for (profiles), nothing about a person. Answers without the PIN; so do
the state strip and `/healthz`.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from typing import NamedTuple

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from kiosk import current, guard, practising, printer_notes, profiles
from kiosk.asking import drafted
from kiosk.pages import page, see_other
from kiosk.store import drafts, syncing
from kiosk.version import app_version
from web.clock import now

bp = Blueprint("home", __name__)


class Verb(NamedTuple):
    """One tile: where it leads, its sign, its verb and one line about it."""

    endpoint: str
    sign: str
    name: str
    note: str


@bp.get("/")
def show() -> Response | AnyResponse:
    """The verbs. A verifier that is locked has one only and stands at it: the gate."""
    guard.end_alone()
    with current.line_store().read() as db:
        emptied = syncing.was_emptied(db)
    if emptied:
        return see_other(url_for("enrolling.show"))
    settings, unlocked = current.settings(), guard.is_unlocked()
    if settings.profile == "training" and not unlocked:
        return see_other(url_for("training.show"))
    if not unlocked and (gate := profiles.opens_with(settings.profile)) is not None:
        return gate
    offered = [verb for verb in _verbs(unlocked) if profiles.may(settings.profile, verb.endpoint)]
    return page(
        "kiosk/home.html", "main", verbs=offered, unlocked=unlocked, event=settings.event,
        public=settings.profile == "public", has_printer=profiles.may(settings.profile, "printing.show"),
    )  # fmt: skip


def _verbs(unlocked: bool) -> Iterator[Verb]:
    """All that the kiosk does, the likeliest first. A public tablet offers to apply only where volunteers may do so alone, or to
    staff (A11).
    """
    public = current.settings().profile == "public"
    if unlocked:
        yield Verb("training.room", "practice", gettext("練習教室"), gettext("每個座位做到哪裡、誰要幫忙、重新開始"))
    if unlocked or not public or guard.may_apply_alone():
        yield Verb("apply.new", "apply", gettext("申請榮譽卡"), _about_applying(unlocked))
    yield Verb("progress.hold_up", "progress", gettext("查詢進度"), gettext("審到哪裡、時數多少、何時可以換卡"))
    printing = (
        "printing.show" if unlocked else "printing.hold_up"
    )  # staff choose from a list, a volunteer has the slip in hand
    yield Verb(printing, "printer", gettext("列印卡片"), gettext("核准後，用收據或舊卡當場印"))
    yield Verb("events.listing", "event", gettext("活動報到"), gettext("報到、簽退，用卡片、收據或號碼"))
    yield Verb("verify.show", "verify", gettext("驗證卡片"), gettext("看卡片還有沒有效"))
    if unlocked or not public:
        yield Verb("tray.show", "tray", gettext("送件匣"), gettext("等待送出、已送達、退回的申請"))
    if unlocked:
        yield Verb("application_sheets.listing", "edit", gettext("申請單"), gettext("單位的很多位志工，一次填、一次送"))
        yield Verb("roster.ask", "file", gettext("名單檢查"), gettext("單位的名單，一次看完誰可以申請"))
    yield Verb("places.show", "flag", gettext("優惠場所"), gettext("免費入場的地方，收哪一種卡"))


def _about_applying(unlocked: bool) -> str:
    """What it takes; to staff who have begun something and kept it, where it is."""
    if unlocked:
        with drafted.store().read() as db:
            begun = len(practising.own(drafts.waiting(db)))
        if begun:
            return str(gettext("還沒辦完的有 %(n)s 件，在這裡接著辦", n=begun))
    return str(gettext("服務滿 3 年、300 小時。請帶紀錄冊，約 3 分鐘。"))


@bp.get("/state")
def state() -> Response | AnyResponse:
    """The state strip alone; while it is asked for, the printer is looked after too.

    Every page asks for it every ten seconds: where the tablet has locked itself meanwhile, the page gives way to the PIN.
    """
    if guard.went_idle() and request.headers.get("HX-Current-URL"):
        return guard.to_unlock()
    if guard.left_alone() and request.headers.get("HX-Current-URL"):
        return see_other("/")
    printer_notes.look_soon(current_app._get_current_object(), current.settings().printer_uri)  # type: ignore[attr-defined]
    return page("kiosk/_state_strip.html")


@bp.get("/healthz")
def health() -> Response:
    """Whether the machine works, for a program: versions and queue length, nothing about a person."""
    moment = now()
    with current.store().read() as db:
        facts = syncing.facts(db, int(moment.timestamp() * 1000))
        trouble = syncing.trouble(db)
    settings = current.settings()
    return jsonify(
        {
            "ok": True,
            "version": app_version(),
            "python": platform.python_version(),
            "sqlite": current.store().sqlite_version(),
            "profile": settings.profile,
            "queue": facts.unsent,
            "photos_left": facts.photos_left,
            "line": facts.line,
            "sync_replaced": trouble.replaced,
            "time": moment.isoformat(timespec="seconds"),
        }
    )
