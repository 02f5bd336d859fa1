"""How phones come to this host, for a projector: the code of the Wi-Fi, the code of the address, both in words, and a poster.

Staff type the Wi-Fi once; its password is then in the code and behind one press, nowhere else. What phones see next is trusting.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from honorcard import joining
from honorcard.card.symbol import qr_png
from honorcard.joining import Wifi
from honorcard.problems import ProblemError
from kiosk import current, guard, local_ca
from kiosk.addresses import addresses, local_name
from kiosk.pages import page, see_other
from kiosk.store import wifi
from web.clock import now

bp = Blueprint("joining", __name__)

MODULE_PX = 12


@bp.get("/join")
@guard.staff_only
def show() -> Response:
    """Both codes, large."""
    return _page()


@bp.post("/join/wifi")
@guard.staff_only
def keep() -> Response | AnyResponse:
    """Keeps the Wi-Fi. ProblemError `wifi_name_wrong`, `wifi_password_wrong`, on the page."""
    typed = Wifi(request.form.get("name", "").strip(), request.form.get("password", ""), "hidden" in request.form)
    code = joining.wifi_problem(typed)
    if code is not None:
        return _page(problem=ProblemError(code), typed=typed.name)
    with current.line_store().write() as db:
        wifi.keep(db, typed)
    return see_other("/join")


@bp.post("/join/wifi/forget")
@guard.staff_only
def forget() -> AnyResponse:
    """There is no Wi-Fi to show, or another one next time."""
    with current.line_store().write() as db:
        wifi.forget(db)
    return see_other("/join")


@bp.get("/join/<any(wifi, address):what>.png")
@guard.staff_only
def code(what: str) -> Response:
    """One of the codes. ProblemError `not_found`."""
    text = address() if what == "address" else _wifi_text()
    return make_response(qr_png(text, MODULE_PX), {"Content-Type": "image/png", "Cache-Control": "no-store"})


@bp.get("/join/poster.pdf")
@guard.staff_only
def poster() -> Response:
    """The way in on A4, to hang up."""
    settings = current.settings()
    made = joining.poster(
        settings.event or settings.station, _wifi(), address(), local_ca.fingerprint(settings.lan_keys), created=now()
    )
    name = f"{now():%Y%m%d}-phones.pdf"
    return make_response(made, {"Content-Type": "application/pdf", "Content-Disposition": f'inline; filename="{name}"'})


def address() -> str:
    """What the second code says: the page that leads on, by plain http, since the phone trusts nothing yet. The address asked for
    when it is one of this machine's, else the likeliest; its name when it has no address just now.
    """
    settings, own = current.settings(), addresses()
    asked = request.args.get("address", "")
    host = asked if asked in own else next(iter(own), local_name(settings.lan_name) or "127.0.0.1")
    return f"http://{host}:{settings.lan_http_port}/trust"


def _wifi() -> Wifi | None:
    with current.line_store().read() as db:
        return wifi.held(db)


def _wifi_text() -> str:
    held = _wifi()
    if held is None:
        raise ProblemError("not_found")
    return joining.wifi_text(held)


def _page(*, problem: ProblemError | None = None, typed: str = "") -> Response:
    settings = current.settings()
    here = address()
    shown = here.removeprefix("http://").partition(":")[0]
    return page(
        "kiosk/join.html", "main", on=settings.lan, wifi=_wifi(), address=here, shown=shown, own=addresses(),
        name=local_name(settings.lan_name), port=settings.lan_http_port, problem=problem, typed=typed,
        fingerprint=local_ca.fingerprint(settings.lan_keys), authority=local_ca.authority_name(settings.lan_keys),
        title=settings.event or settings.station or gettext("榮譽卡服務站"),
        status=problem.problem.status if problem else 200,
    )  # fmt: skip
