"""The first page: it leads each role to its work. Reviewers and auditors go straight there; officers see how far their unit's
applications are, the administrator what waits for a decision, venues where to verify.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, make_response, redirect

from center import current, guard
from center.pages import page
from center.store import accounts, devices, filed, refused, registrations
from center.store.accounts import Account
from web.clock import today

bp = Blueprint("front", __name__)

ENDS_SOON = timedelta(days=60)  # a renewal may be asked for from the month before the last one on
_WORK = {"first_reviewer": "/desk/first", "second_reviewer": "/desk/second", "auditor": "/history"}


@bp.get("/")
@guard.signed_in
def home() -> Response:
    """Where a role's work is."""
    found = guard.me()
    if found.role in _WORK:
        return make_response(redirect(_WORK[found.role], 303))
    if found.role == "unit_officer":
        return _of_unit(found)
    if found.role == "administrator":
        return _of_city()
    return page("center/home.html", "main")


def _of_unit(found: Account) -> Response:
    unit_id, on = found.unit_id or "", today()
    with current.store().read() as conn:
        states = filed.by_state(conn, unit_id)
        cards = filed.card_figures(conn, unit_id, on, on + ENDS_SOON)
        people = filed.count_people(conn, unit_id)
    return page(
        "center/home_unit.html", "main", states=[(code, states.get(code, 0)) for code in filed.STATES], cards=cards,
        people=people, days=ENDS_SOON.days, returned=states.get("returned", 0),
    )  # fmt: skip


def _of_city() -> Response:
    must = current.settings().second_factor
    with current.store().read() as conn:
        everyone = accounts.everyone(conn)
        tablets = devices.everyone(conn)
        states = filed.by_state(conn)
        waiting, letters = registrations.count_waiting(conn), refused.count_waiting(conn)
    return page(
        "center/home_city.html", "main", waiting=waiting, letters=letters,
        alarms=sum(1 for one in tablets if one.alarm and not one.disabled_ms),
        without=sum(1 for one in everyone if one.active and one.role in must and not one.has_factor),
        states=[(code, states.get(code, 0)) for code in filed.STATES],
    )  # fmt: skip
