"""The second factor on screen: the code at sign-in, setting one up, recovery codes, turning it off (R34).

A secret is shown to its owner alone and once; who may reset a colleague's (office_accounts) never sees one. What is not here:
what a code is (factor), what is kept of it (store.factors).
"""

from __future__ import annotations

import logging

from cryptography.exceptions import InvalidTag
from flask import Blueprint, Response, current_app, flash, make_response, redirect, request, session
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext

from center import current, factor, guard, halfway, passwords
from center.limits import Limit
from center.pages import page, see_other
from center.secrets_box import close_box, open_box, server_secret
from center.store import account_log, factors
from center.store.accounts import Account
from honorcard.card.symbol import qr_png
from honorcard.problems import ProblemError
from web.clock import now_ms
from web.languages import language

bp = Blueprint("second_factor", __name__)
log = logging.getLogger("honorcard.center.second_factor")

BURST, PER_MINUTE = 30, 6
ISSUER = "Honor Card"
_ALLOWED = "factor_until"  # in the session: the password was typed again, until that moment
ALLOWED_MS = 10 * 60_000


@bp.record_once
def _begin(state: BlueprintSetupState) -> None:
    state.app.extensions["factor_limit"] = Limit("second-factor", burst=BURST, per_minute=PER_MINUTE)


@bp.get("/sign-in/code")
def ask() -> Response:
    """Asks whose password was right for the six digits, or for a recovery code."""
    if halfway.account() is None:
        return make_response(redirect("/sign-in", 303))
    return page("center/sign_in_code.html", "main", refused=False)


@bp.post("/sign-in/code")
def check() -> Response:
    """Looks at the code; the try is counted and committed before. Each code opens once."""
    found = halfway.account()
    if found is None:
        return see_other("/sign-in")
    _slow_down()
    if not _fits(found, request.form.get("code", "")[:100]):
        log.warning("second factor refused")
        return page("center/sign_in_code.html", "main", status=401, refused=True)
    return see_other(halfway.finish(found))


@bp.get("/second-factor")
def setup() -> Response:
    """The secret as QR and in groups, for whoever has none yet at sign-in, or wants another phone."""
    found = _subject()
    return _setup_page(found) if found else make_response(redirect("/sign-in", 303))


@bp.get("/second-factor/code.png")
def picture() -> Response:
    """The QR that an app reads, for its owner alone."""
    found = _subject()
    secret = _prepared(found) if found else None
    if found is None or secret is None:
        raise ProblemError("not_found")
    png = qr_png(factor.address(secret, found.name, ISSUER), 6)
    return make_response(png, 200, {"Content-Type": "image/png", "Cache-Control": "private, no-store"})


@bp.post("/second-factor")
def confirm() -> Response:
    """The app's first code puts the secret in force; then the recovery codes are shown, this once."""
    found = _subject()
    if found is None:
        return see_other("/sign-in")
    _slow_down()
    at_ms = now_ms()
    with current.store().write() as conn:
        counted = factors.count_attempt(conn, found.account_id, at_ms)
    secret = _open(found, counted.new_box) if counted else None
    step = factor.step_of(secret, request.form.get("code", "")[:100], at_ms, 0) if secret else None
    if counted is None or counted.new_box is None or step is None:
        return _setup_page(found, ProblemError("factor_code_wrong"))
    codes = factor.new_recovery_codes()
    hashes = [factor.recovery_hash(_key(), found.account_id, code) for code in codes]
    with current.store().write() as conn:
        factors.put_in_force(conn, found.account_id, counted.new_box, step, hashes, at_ms)
        account_log.note(conn, found.account_id, actor=found.account_id, what="factor_set", now_ms=at_ms)
    onward = halfway.finish(found) if guard.who() is None else "/account"
    session.pop(_ALLOWED, None)
    return page("center/recovery_codes.html", "main", codes=codes, onward=onward, name=found.name)


@bp.post("/account/factor/<any(begin, codes, off):what>")
@guard.signed_in
def change(what: str) -> Response:
    """After the password once more: another phone, new recovery codes, or off where the role allows it.

    ProblemError `password_old_wrong`, `factor_required`.
    """
    found = guard.me()
    if what == "off" and found.role in current.settings().second_factor:
        raise ProblemError("factor_required")
    if passwords.owner(found.name, request.form.get("password", "")[:1000]) is None:
        raise ProblemError("password_old_wrong")
    at_ms = now_ms()
    if what == "begin":
        session[_ALLOWED] = at_ms + ALLOWED_MS
        return see_other("/second-factor")
    if what == "codes":
        codes = factor.new_recovery_codes()
        hashes = [factor.recovery_hash(_key(), found.account_id, code) for code in codes]
        with current.store().write() as conn:
            factors.new_codes(conn, found.account_id, hashes)
            account_log.note(conn, found.account_id, actor=found.account_id, what="codes_new", now_ms=at_ms)
        return page("center/recovery_codes.html", "main", codes=codes, onward="/account", name=found.name)
    with current.store().write() as conn:
        if factors.remove(conn, found.account_id):
            account_log.note(conn, found.account_id, actor=found.account_id, what="factor_off", now_ms=at_ms)
    flash(gettext("驗證碼關掉了，以後只用密碼登入"))
    return see_other("/account")


def _subject() -> Account | None:
    """Who may see a secret now: whoever signs in without a factor yet, or has just typed the password again."""
    signed_in = guard.who()
    if signed_in is not None:
        return signed_in if int(session.get(_ALLOWED, 0)) > now_ms() else None
    found = halfway.account()
    return found if found is not None and not found.has_factor else None


def _setup_page(found: Account, problem: ProblemError | None = None) -> Response:
    secret = _prepared(found)
    return page(
        "center/second_factor.html", "main", status=problem.problem.status if problem else 200,
        spelled=factor.spelled(secret), name=found.name, issuer=ISSUER, replaces=found.has_factor,
        sentence=problem.sentence(language()) if problem else "",
    )  # fmt: skip


def _prepared(found: Account) -> bytes:
    """The secret that is being set up: the one that is kept, or a new one where there is none that opens."""
    for _ in range(2):
        with current.store().write() as conn:
            box = factors.prepare(conn, found.account_id, close_box(_key(), factor.new_secret(), _label(found)))
        secret = _open(found, box)
        if secret is not None:
            return secret
        with current.store().write() as conn:  # the server has another key: what it sealed before is of no use
            factors.forget_prepared(conn, found.account_id)
    raise ProblemError("went_wrong")


def _fits(found: Account, typed: str) -> bool:
    at_ms = now_ms()
    with current.store().write() as conn:
        counted = factors.count_attempt(conn, found.account_id, at_ms)
    if counted is None:
        return False
    if not factor.is_code(typed):
        with current.store().write() as conn:
            spent = factors.spend(conn, found.account_id, factor.recovery_hash(_key(), found.account_id, typed), at_ms)
            if spent:
                account_log.note(conn, found.account_id, actor=found.account_id, what="code_spent", now_ms=at_ms)
        return spent
    secret = _open(found, counted.box)
    step = factor.step_of(secret, typed, at_ms, counted.step) if secret else None
    if step is None:
        return False
    with current.store().write() as conn:
        return factors.accept(conn, found.account_id, step)


def _open(found: Account, box: bytes | None) -> bytes | None:
    if box is None:
        return None
    try:
        return open_box(_key(), box, _label(found))
    except InvalidTag:
        log.error("a second factor's secret does not open: the server's key is not the one it was sealed with")
        return None


def _label(found: Account) -> bytes:
    return f"totp {found.account_id}".encode()


def _key() -> bytes:
    return server_secret(current.settings().keys_dir, "factors")


def _slow_down() -> None:
    limit: Limit = current_app.extensions["factor_limit"]
    if not limit.allows(request.remote_addr):
        raise ProblemError("slow_down")
