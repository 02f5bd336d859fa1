"""The administrator's plain lists: units, accounts, tablets. Reading only, for now: `honorcard` on the server adds to
them.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from center.guard import role_required
from center.pages import page
from center.store import Store, accounts, devices

bp = Blueprint("office", __name__)


@bp.get("/units")
@role_required("administrator")
def units() -> Response:
    """All utilisation units."""
    store: Store = current_app.extensions["store"]
    with store.read() as conn:
        rows = accounts.units(conn)
    return page("center/office.html", "main", shown="units", units=rows)


@bp.get("/accounts")
@role_required("administrator")
def people() -> Response:
    """All accounts with their roles; no secrets."""
    store: Store = current_app.extensions["store"]
    with store.read() as conn:
        rows = accounts.everyone(conn)
    return page("center/office.html", "main", shown="accounts", accounts=rows)


@bp.get("/tablets")
@role_required("administrator")
def tablets() -> Response:
    """All enrolled tablets, when they were last seen, and alarms."""
    store: Store = current_app.extensions["store"]
    with store.read() as conn:
        rows = devices.everyone(conn)
    return page("center/office.html", "main", shown="tablets", tablets=rows)
