"""Signing in and out, and the first page: it leads each role to its work.

Wrong name, wrong password, closed and locked accounts all get the same sentence after the same time. What is not
here: who may enter which view (guard), the lists of accounts and units (office).
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, request
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext

from center import current, guard, keyring, words
from center.limits import Limit
from center.pages import page, see_other
from center.store import accounts
from honorcard import roles
from honorcard.problems import ProblemError
from honorcard.roles import Right
from web.clock import now_ms

bp = Blueprint("accounts", __name__)
log = logging.getLogger("honorcard.center.accounts")

# a password check takes 64 MB and a core for a moment: an address, whatever names it tries, gets so many
BURST, PER_MINUTE = 60, 30

_HOME = {
    "first_reviewer": "/desk/first", "second_reviewer": "/desk/second", "administrator": "/cards", "auditor": "/history",
}  # fmt: skip


@bp.app_context_processor
def _chrome() -> dict[str, Any]:
    """For every page: who is signed in, and the tabs of that role as (address, words)."""
    found = guard.who()
    return {"who": found, "tabs": tabs(found.role) if found else []}


@bp.record_once
def _begin(state: BlueprintSetupState) -> None:
    """With the app: its words, and the issuer's keys if this is the first start."""
    words.install(state.app)  # type: ignore[arg-type]
    state.app.extensions["sign_in_limit"] = Limit("sign-in", burst=BURST, per_minute=PER_MINUTE)
    keyring.ring(state.app.config["SETTINGS"], at=state.app.config["NOW"]())


def tabs(role: str) -> list[tuple[str, str]]:
    """The main menu of a role: only what exists and what it may do."""
    every: tuple[tuple[Right, str, str], ...] = (
        ("first_review", "/desk/first", gettext("初審")),
        ("second_review", "/desk/second", gettext("複審")),
        ("first_review", "/decide", gettext("需要人決定")),
        ("second_review", "/decide", gettext("需要人決定")),
        ("see_cards", "/cards", gettext("榮譽卡")),
        ("see_records", "/people", gettext("志工")),
        ("manage", "/venues/list", gettext("優惠場所")),
        ("manage", "/units", gettext("運用單位")),
        ("manage", "/accounts", gettext("帳號管理")),
        ("manage", "/tablets", gettext("平板")),
        ("manage", "/systems", gettext("介接")),
        ("read_history", "/history", gettext("操作紀錄")),
    )
    return [(address, words) for right, address, words in every if roles.may(role, right)]


@bp.get("/")
@guard.signed_in
def home() -> Response:
    """Where a role's work is; roles without a page of their own yet are told plainly what they can do here."""
    found = guard.me()
    if found.role in _HOME:
        return make_response(redirect(_HOME[found.role], 303))
    return page("center/home.html", "main")


@bp.get("/sign-in")
def sign_in() -> Response:
    """The sign-in page; somebody who is signed in already is led on."""
    if guard.who() is not None:
        return make_response(redirect(_safe(request.args.get("next", "")), 303))
    return page("center/sign_in.html", "main", refused=False, name="", onward=request.args.get("next", ""))


@bp.post("/sign-in")
def enter() -> Response:
    """Checks name and password. The try is counted and committed before the check."""
    store = current.store()
    limit: Limit = current_app.extensions["sign_in_limit"]
    if not limit.allows(request.remote_addr):
        raise ProblemError("slow_down")
    name = request.form.get("name", "")[:200]
    password = request.form.get("password", "")[:1000]
    onward = request.form.get("next", "")
    at_ms = now_ms()
    with store.write() as conn:
        attempt = accounts.count_attempt(conn, name, at_ms)
    if not accounts.password_fits(attempt, password) or attempt.account_id is None:
        log.warning("sign-in refused")
        return page("center/sign_in.html", "main", status=401, refused=True, name=name, onward=onward)
    with store.write() as conn:
        accounts.clear_attempts(conn, attempt.account_id)
        found = accounts.find(conn, attempt.account_id)
    if found is None:
        return page("center/sign_in.html", "main", status=401, refused=True, name=name, onward=onward)
    guard.enter(found)
    return see_other(_safe(onward))


@bp.post("/sign-out")
def leave() -> Response:
    """Ends the session."""
    guard.leave()
    return see_other("/sign-in")


def _safe(onward: str) -> str:
    """A path of our own, never another site (`//host`, `/\\host`)."""
    local = onward.startswith("/") and not onward.startswith(("//", "/\\"))
    # a browser drops tabs and line ends from an address: `/<tab>/host` would be `//host`
    local = local and not any(ord(character) < 0x20 or ord(character) == 0x7F for character in onward)
    return onward if local else "/"
