"""What a phone sees first: how to trust this host, in drawn steps, because browsers give their camera to https alone; whether it
does already; and the way without, where the app is served plainly too. Public; nothing about a person, no session.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request

from honorcard.problems import ProblemError
from kiosk import current, local_ca
from kiosk.doors import serves_plainly
from kiosk.pages import page
from web.policy import POLICY

bp = Blueprint("trusting", __name__)

FILE_NAME = "honorcard-host.crt"


@bp.get("/trust")
def show() -> Response:
    """The steps for this phone first, and whether it trusts already (static/js/trust.js asks the https door)."""
    settings = current.settings()
    host = request.host.rpartition(":")[0] if ":" in request.host.rpartition("]")[2] else request.host
    secure = f"https://{host}:{settings.lan_port}"
    answer = page(
        "kiosk/trust.html", "main", on=settings.lan, secure=secure, phone=_phone(), plainly=serves_plainly(settings),
        fingerprint=local_ca.fingerprint(settings.lan_keys), authority=local_ca.authority_name(settings.lan_keys),
        is_secure=request.is_secure, file_name=FILE_NAME,
    )  # fmt: skip
    answer.headers["Content-Security-Policy"] = POLICY.replace("connect-src 'self'", f"connect-src 'self' {secure}")
    return answer


@bp.get(f"/trust/{FILE_NAME}")
def certificate() -> Response:
    """The authority's certificate (DER), under the type by which phones know what it is. ProblemError `not_found`."""
    der = local_ca.authority_der(current.settings().lan_keys)
    if der is None:
        raise ProblemError("not_found")
    return make_response(der, {"Content-Type": "application/x-x509-ca-cert"})


@bp.get("/trust/ok")
def probe() -> Response:
    """Nothing (204): that it arrives by https is the answer. Asked by the page of the plain door, which is another origin."""
    return make_response("", 204, {"Cross-Origin-Resource-Policy": "cross-origin"})


def _phone() -> str:
    """Which steps come first: `iphone`, `android`, or nothing known."""
    agent = request.user_agent.string
    if "iPhone" in agent or "iPad" in agent:
        return "iphone"
    return "android" if "Android" in agent else ""
