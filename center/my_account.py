"""One's own account: password, sessions on other devices, the second factor's standing, the unit acted for.

What is not here: signing in (accounts), the factor's codes (second_factor), other people's accounts (office_accounts).
"""

from __future__ import annotations

from flask import Blueprint, Response, flash, request
from flask_babel import gettext

from center import auditing, current, guard, kept_forms, passwords
from center.halfway import safe
from center.pages import page, see_other
from center.store import account_log, accounts, factors, sessions
from honorcard.problems import ProblemError
from web.clock import now_ms
from web.languages import language

bp = Blueprint("my_account", __name__)


@bp.get("/sign-in/kept")
@guard.signed_in
def kept() -> Response:
    """What was typed when the session before was found to have ended, to be sent now or not."""
    form, onward = kept_forms.read(guard.my_session()), safe(request.args.get("next", ""))
    return page("center/kept_form.html", "main", form=form, onward=onward) if form else see_other(onward)


@bp.get("/account")
@guard.signed_in
def show() -> Response:
    """What is known of the account, and what its owner can do with it."""
    return _account_page()


@bp.get("/account/password")
@guard.signed_in
def ask_password() -> Response:
    """The form for another password."""
    return _password_page()


@bp.post("/account/password")
@guard.signed_in
def change_password() -> Response:
    """Another password, after the present one; every other session ends."""
    found, row = guard.me(), guard.my_session()
    typed, again = request.form.get("password", "")[:1000], request.form.get("again", "")[:1000]
    old = request.form.get("old", "")[:1000]
    try:
        if passwords.owner(found.name, old) is None:
            raise ProblemError("password_old_wrong")
        if typed != again:
            raise ProblemError("password_not_twice")
        if typed == old:
            raise ProblemError("password_same")
        hashed = accounts.hash_password(typed, found.name)
    except ProblemError as problem:
        return _password_page(problem)
    at_ms = now_ms()
    with current.store().write() as conn:
        accounts.set_password(conn, found.account_id, hashed)
        account_log.note(conn, found.account_id, actor=found.account_id, what="password_changed", now_ms=at_ms)
        sessions.end(conn, found.account_id, "changed", at_ms, but=row.session_id)
        fresh = accounts.find(conn, found.account_id)
        if fresh is not None:
            sessions.renew_stamp(conn, row.session_id, fresh.stamp)
    flash(gettext("密碼改好了，其他裝置都已登出"))
    return see_other("/account")


@bp.post("/account/sessions/end")
@guard.signed_in
def end_others() -> Response:
    """Signs out everywhere but here."""
    found, row = guard.me(), guard.my_session()
    with current.store().write() as conn:
        ended = sessions.end(conn, found.account_id, "ended", now_ms(), but=row.session_id)
        auditing.did(conn, "account_sessions_ended", "account", found.account_id, [("count", "", str(ended))])
    flash(gettext("其他裝置都已登出（%(n)s 個）", n=ended))
    return see_other("/account")


@bp.post("/account/sessions/<string(length=36):session_id>/end")
@guard.signed_in
def end_one(session_id: str) -> Response:
    """Signs out on one device; only the own ones are found."""
    found = guard.me()
    with current.store().write() as conn:
        if not sessions.end(conn, found.account_id, "ended", now_ms(), only=session_id):
            raise ProblemError("not_found")
        auditing.did(conn, "account_sessions_ended", "account", found.account_id, [("count", "", "1")])
    flash(gettext("那個裝置已登出"))
    return see_other("/account")


@bp.post("/account/unit")
@guard.signed_in
def act_for() -> Response:
    """From now on this session acts for another of the person's units."""
    found, row = guard.me(), guard.my_session()
    unit_id = request.form.get("unit_id", "")
    with current.store().write() as conn:
        named = next((one for one in accounts.units_of(conn, found.account_id) if one.unit_id == unit_id), None)
        if found.role != "unit_officer" or named is None:
            raise ProblemError("not_allowed")
        sessions.act_for(conn, row.session_id, named.unit_id)
        fields = [("unit", found.unit_id or "", named.unit_id)]
        auditing.did(conn, "account_acts_for", "account", found.account_id, fields)
    flash(gettext("現在代表「%(unit)s」", unit=named.name))
    return see_other(safe(request.form.get("next", "")))


def _account_page() -> Response:
    found, row = guard.me(), guard.my_session()
    since_ms, seen_ms = guard.bounds()
    with current.store().read() as conn:
        held = sessions.listing(conn, found, since_ms=since_ms, seen_ms=seen_ms)
        standing = factors.find(conn, found.account_id, now_ms())
        left = factors.codes_left(conn, found.account_id)
    return page(
        "center/account.html", "main", sessions=held, here=row.session_id, standing=standing, codes_left=left,
        must_have=found.role in current.settings().second_factor,
    )  # fmt: skip


def _password_page(problem: ProblemError | None = None) -> Response:
    return page(
        "center/account_password.html", "main", status=problem.problem.status if problem else 200,
        least=accounts.PASSWORD_MIN, sentence=problem.sentence(language()) if problem else "",
    )  # fmt: skip
