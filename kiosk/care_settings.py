"""Settings from one machine to the next by a QR code: this one shows it, the other holds its camera to it.

In the code: the center's address, the printer, its paper, the event. Never a key, a PIN, an enrolment or what opens a
printer. A code changes nothing by itself, whoever made it: staff sees each change and types the PIN again (a QR on a wall
must not redirect a kiosk).
The center of a machine that is enrolled stays what it is: that goes by enrolment alone.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import msgspec
from flask import Blueprint, Response, current_app, make_response, request
from flask_babel import gettext

from honorcard.card.symbol import qr_png
from honorcard.problems import ProblemError
from honorcard.typed import read_json
from kiosk import current, guard, pins, printers
from kiosk import settings as settings_file
from kiosk.care_export import without_secrets
from kiosk.pages import page
from kiosk.reading import texts_in_frame
from kiosk.settings import Settings
from kiosk.store import syncing

bp = Blueprint("care_settings", __name__)

MARK = "HCSET1:"
TEXT_LIMIT = 1_200


class Handed(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=False):
    """What a settings code says; an empty member says nothing of it."""

    center: str = ""
    printer: str = ""
    paper: str = ""
    event: str = ""


@dataclass(frozen=True)
class Change:
    """One line for staff to agree to."""

    name: str
    before: str
    after: str


def written(settings: Settings) -> str:
    """The text of the code for these settings."""
    handed = Handed(
        center=without_secrets(settings.center_url), printer=without_secrets(settings.printer_uri),
        paper=settings.print_paper, event=settings.event,
    )  # fmt: skip
    return MARK + base64.urlsafe_b64encode(msgspec.json.encode(handed)).decode().rstrip("=")


def read(text: str) -> Handed:
    """What a code says. ProblemError `settings_code_wrong` for anything else, or a value this machine would not take."""
    body = text.strip()
    if not body.startswith(MARK) or len(body) > TEXT_LIMIT:
        raise ProblemError("settings_code_wrong")
    body = body[len(MARK) :]
    try:
        handed = read_json(base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True), Handed)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise ProblemError("settings_code_wrong") from None
    values = (handed.center, handed.printer, handed.paper, handed.event)
    if any(len(value) > 300 or not value.isprintable() for value in values) or not _is_plain(handed):
        raise ProblemError("settings_code_wrong")
    return handed


def _is_plain(handed: Handed) -> bool:
    try:
        center = urlsplit(handed.center)
        host = center.hostname or ""
    except ValueError:
        return False
    secure = center.scheme == "https" or (center.scheme == "http" and host in ("127.0.0.1", "localhost", "::1"))
    return (
        (not handed.center or bool(host and secure and "@" not in center.netloc))
        and (not handed.printer or (printers.is_address(handed.printer) and "@" not in handed.printer))
        and handed.paper in ("", "auto", "a4")
    )


def applied(settings: Settings, handed: Handed, *, enrolled: bool) -> Settings:
    """The settings with what the code says."""
    return replace(
        settings,
        center_url=handed.center if handed.center and not enrolled else settings.center_url,
        printer_uri=handed.printer or settings.printer_uri,
        print_paper="a4" if handed.paper == "a4" else "auto" if handed.paper == "auto" else settings.print_paper,
        event=handed.event or settings.event,
    )


def changes(settings: Settings, handed: Handed, *, enrolled: bool) -> list[Change]:
    """What would become different here, in words."""
    after = applied(settings, handed, enrolled=enrolled)
    papers = {"auto": gettext("有卡片紙就用"), "a4": gettext("一律用 A4")}
    rows = (
        Change(gettext("志推中心的網址"), settings.center_url, after.center_url),
        Change(gettext("印表機的網址"), settings.printer_uri, after.printer_uri),
        Change(gettext("印在哪一種紙上"), papers[settings.print_paper], papers[after.print_paper]),
        Change(gettext("活動"), settings.event, after.event),
    )
    return [row for row in rows if row.before != row.after]


@bp.get("/staff/care/settings")
@guard.staff_only
def show() -> Response:
    """This machine's code to hold up, and the way to take another's."""
    return _page("show")


@bp.get("/staff/care/settings.png")
@guard.staff_only
def code() -> Response:
    """The code as a picture."""
    return make_response(
        qr_png(written(current.settings()), 6), {"Content-Type": "image/png", "Cache-Control": "no-store"}
    )


@bp.get("/staff/care/settings/scan")
@guard.staff_only
def scan() -> Response:
    """The camera, waiting for another machine's code."""
    return _page("scan")


@bp.post("/staff/care/settings/frame")
@guard.staff_only
def frame() -> Response:
    """A camera frame: nothing to say (204), or what would change."""
    text = next((text for text in texts_in_frame(request.get_data(cache=False)) if text.startswith(MARK)), None)
    return make_response("", 204) if text is None else _agree(text)


@bp.post("/staff/care/settings/text")
@guard.staff_only
def typed() -> Response:
    """The text of a code, from a scanner that types or typed out."""
    return _agree(request.form.get("text", ""))


@bp.post("/staff/care/settings")
@guard.staff_only
def take() -> Response:
    """Takes the settings over, with the PIN. What is set is the code's text itself, read anew."""
    text = request.form.get("settings", "")
    try:
        handed = read(text)
    except ProblemError as problem:
        return _page("scan", problem=problem)
    if not pins.check(current.line_store(), request.form.get("pin", "")).ok:
        return _agree(text, ProblemError("settings_pin_wrong"))
    after = applied(current.settings(), handed, enrolled=_is_enrolled())
    settings_file.save(after)
    current_app.config["SETTINGS"] = after
    return _page("done")


def _agree(text: str, problem: ProblemError | None = None) -> Response:
    try:
        handed = read(text)
    except ProblemError as wrong:
        return _page("scan", problem=wrong)
    settings, enrolled = current.settings(), _is_enrolled()
    stays = bool(enrolled and handed.center and handed.center.rstrip("/") != settings.center_url.rstrip("/"))
    return _page("agree", text=text, rows=changes(settings, handed, enrolled=enrolled), stays=stays, problem=problem)


def _is_enrolled() -> bool:
    with current.line_store().read() as db:
        return syncing.membership(db) is not None


def _page(
    step: str,
    *,
    text: str = "",
    rows: list[Change] | None = None,
    stays: bool = False,
    problem: ProblemError | None = None,
) -> Response:
    return page(
        "kiosk/care_settings.html", "main", step=step, text=text, rows=rows or [], stays=stays, problem=problem,
        enrolled=_is_enrolled(), status=problem.problem.status if problem else 200,
    )  # fmt: skip
