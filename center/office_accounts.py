"""One account as the administrator sees it: role, units, second factor, sessions, and what was done to it.

The administrator resets a colleague's factor and password and never sees either secret; nobody does so to the own account here.
What is not here: the list and adding (office), one's own account (my_account).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from flask import Blueprint, Response, flash, request
from flask_babel import gettext
from sqlalchemy import Connection

from center import current
from center.guard import bounds, me, right_required
from center.pages import page, see_other
from center.store import account_log, accounts, factors, sessions
from center.store.accounts import Account
from center.store.audit import Change
from honorcard.problems import ProblemError
from web.clock import now_ms

bp = Blueprint("office_accounts", __name__)

PASSWORD_BYTES = 12


@bp.get("/accounts/<string(length=36):account_id>")
@right_required("manage")
def show(account_id: str) -> Response:
    """The account; no secret of it."""
    return _page(account_id)


@bp.post("/accounts/<string(length=36):account_id>/role")
@right_required("manage")
def change_role(account_id: str) -> Response:
    """Gives another role; the person is signed out everywhere. ProblemError `office_field_missing`."""
    found, role = _other(account_id), request.form.get("role", "")
    unit_id = (request.form.get("unit_id") or None) if role == "unit_officer" else None
    with current.store().write() as conn:
        known = {unit.unit_id for unit in accounts.units(conn)}
        if role not in accounts.ROLES or (role == "unit_officer" and unit_id not in known):
            raise ProblemError("office_field_missing")
        accounts.set_role(conn, account_id, role, unit_id)
        _sign_out(conn, found, "changed")
        fields = [("role", found.role, role), ("unit", found.unit_id or "", unit_id or "")]
        _note(conn, found, "role_changed", f"{found.role} → {role}", fields)
    flash(gettext("%(name)s 的角色改好了，對方要再登入一次", name=found.name))
    return _back(account_id)


@bp.post("/accounts/<string(length=36):account_id>/units")
@right_required("manage")
def add_unit(account_id: str) -> Response:
    """One more unit that this officer acts for. ProblemError `office_field_missing`."""
    found, unit_id = _find(account_id), request.form.get("unit_id", "")
    with current.store().write() as conn:
        named = next((unit for unit in accounts.units(conn) if unit.unit_id == unit_id), None)
        if named is None or found.role != "unit_officer":
            raise ProblemError("office_field_missing")
        if accounts.add_to_unit(conn, account_id, unit_id):
            _note(conn, found, "unit_added", named.code, [("unit", "", unit_id)])
    flash(gettext("%(name)s 可以代表「%(unit)s」了", name=found.name, unit=named.name))
    return _back(account_id)


@bp.post("/accounts/<string(length=36):account_id>/units/<string(length=36):unit_id>/remove")
@right_required("manage")
def remove_unit(account_id: str, unit_id: str) -> Response:
    """One unit less, from the next page on. ProblemError `unit_last`."""
    found = _find(account_id)
    with current.store().write() as conn:
        named = next((unit for unit in accounts.units_of(conn, account_id) if unit.unit_id == unit_id), None)
        if named is None:
            raise ProblemError("not_found")
        if not accounts.take_from_unit(conn, account_id, unit_id):
            raise ProblemError("unit_last")
        _note(conn, found, "unit_removed", named.code, [("unit", unit_id, "")])
    flash(gettext("%(name)s 不再代表「%(unit)s」", name=found.name, unit=named.name))
    return _back(account_id)


@bp.post("/accounts/<string(length=36):account_id>/factor")
@right_required("manage")
def reset_factor(account_id: str) -> Response:
    """Takes a colleague's second factor away, who sets up another at the next sign-in; and signs them out."""
    found = _other(account_id)
    with current.store().write() as conn:
        if not factors.remove(conn, account_id):
            raise ProblemError("not_found")
        _sign_out(conn, found, "changed")
        _note(conn, found, "factor_reset")
    flash(gettext("%(name)s 的驗證碼取消了，下次登入時重新設定", name=found.name))
    return _back(account_id)


@bp.post("/accounts/<string(length=36):account_id>/password")
@right_required("manage")
def reset_password(account_id: str) -> Response:
    """A password made here, shown on this answer only; its owner chooses another at the next sign-in."""
    found, fresh = _other(account_id), secrets.token_urlsafe(PASSWORD_BYTES)
    hashed = accounts.hash_password(fresh, found.name)
    with current.store().write() as conn:
        accounts.set_password(conn, account_id, hashed, must_change=True)
        _sign_out(conn, found, "changed")
        _note(conn, found, "password_reset")
    return _page(account_id, fresh)


@bp.post("/accounts/<string(length=36):account_id>/sign-out")
@right_required("manage")
def sign_out(account_id: str) -> Response:
    """Signs the person out everywhere."""
    found = _other(account_id)
    with current.store().write() as conn:
        _sign_out(conn, found, "ended")
        _note(conn, found, "signed_out")
    flash(gettext("%(name)s 在所有裝置都登出了", name=found.name))
    return _back(account_id)


def _page(account_id: str, fresh: str = "") -> Response:
    found = _find(account_id)
    since_ms, seen_ms = bounds()
    with current.store().read() as conn:
        return page(
            "center/account_one.html", "main", account=found, fresh=fresh, roles=accounts.ROLES,
            units=accounts.units(conn), theirs=accounts.units_of(conn, account_id),
            sessions=len(sessions.listing(conn, found, since_ms=since_ms, seen_ms=seen_ms)),
            must_have=found.role in current.settings().second_factor, events=account_log.of(conn, account_id),
        )  # fmt: skip


def _find(account_id: str) -> Account:
    with current.store().read() as conn:
        found = accounts.find(conn, account_id)
    if found is None:
        raise ProblemError("not_found")
    return found


def _other(account_id: str) -> Account:
    """A colleague's account; the own one is changed on its own page, with its password."""
    if account_id == me().account_id:
        raise ProblemError("not_allowed")
    return _find(account_id)


def _sign_out(conn: Connection, found: Account, why: str) -> None:
    sessions.end(conn, found.account_id, why, now_ms())


def _note(conn: Connection, found: Account, what: str, text: str = "", fields: Iterable[Change] = ()) -> None:
    by, at_ms = me().account_id, now_ms()
    account_log.note(conn, found.account_id, actor=by, what=what, now_ms=at_ms, text=text, fields=fields)


def _back(account_id: str) -> Response:
    return see_other(f"/accounts/{account_id}")
