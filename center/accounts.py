"""Signing in and out, and the main menu of each role.

Wrong name, wrong password, closed and locked accounts all get the same sentence after the same time. What is not
here: who may enter which view (guard), the second factor (second_factor), the first page (front), the lists (office).
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, request
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext

from center import auditing, current, guard, halfway, keyring, passwords, words
from center.halfway import safe
from center.limits import Limit
from center.pages import page, see_other
from center.store import accounts
from honorcard import roles
from honorcard.problems import ProblemError
from honorcard.roles import Right

bp = Blueprint("accounts", __name__)
log = logging.getLogger("honorcard.center.accounts")

# a password check takes 64 MB and a core for a moment: an address, whatever names it tries, gets so many
BURST, PER_MINUTE = 60, 30


@bp.app_context_processor
def _chrome() -> dict[str, Any]:
    """For every page: who is signed in, the tabs of that role as (address, words), and the units an officer may act for."""
    found = guard.who()
    if found is None or found.role != "unit_officer":
        return {"who": found, "tabs": tabs(found.role) if found else [], "my_units": []}
    with current.store().read() as conn:
        return {"who": found, "tabs": tabs(found.role), "my_units": accounts.units_of(conn, found.account_id)}


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
        ("see_records", "/applications", gettext("申請案")),
        ("see_cards", "/cards", gettext("榮譽卡")),
        ("see_cards", "/reminders", gettext("快到期")),
        ("see_records", "/people", gettext("志工")),
        ("manage", "/venues/list", gettext("優惠場所")),
        ("exchange", "/exchange", gettext("匯入匯出")),
        ("manage", "/units", gettext("運用單位")),
        ("manage", "/accounts", gettext("帳號管理")),
        ("manage", "/tablets", gettext("平板")),
        ("manage", "/mail", gettext("郵件")),
        ("manage", "/systems", gettext("介接")),
        ("read_history", "/history", gettext("操作紀錄")),
        ("statistics", "/statistics", gettext("統計")),
        ("audit", "/audit", gettext("稽核紀錄")),
        ("retention", "/retention", gettext("資料保存")),
    )
    found = [("/venues/mine", gettext("我的場所"))] if role == "venue" else []
    found += [(address, words) for right, address, words in every if roles.may(role, right)]
    if roles.may(role, "read_exchanges") and not roles.may(role, "exchange"):
        found.append(("/exchange/log", gettext("匯入匯出紀錄")))
    return found


@bp.get("/sign-in")
def sign_in() -> Response:
    """The sign-in page, which says why a session ended; somebody who is signed in already is led on."""
    if guard.who() is not None:
        return make_response(redirect(safe(request.args.get("next", "")), 303))
    return _form(name="", onward=request.args.get("next", ""))


@bp.post("/sign-in")
def enter() -> Response:
    """Checks name and password; whoever has a second factor is asked for it next."""
    limit: Limit = current_app.extensions["sign_in_limit"]
    if not limit.allows(request.remote_addr):
        raise ProblemError("slow_down")
    name = request.form.get("name", "")[:200]
    onward = request.form.get("next", "")
    account_id = passwords.owner(name, request.form.get("password", "")[:1000])
    with current.store().read() as conn:
        found = accounts.find(conn, account_id) if account_id is not None else None
        tried = accounts.with_name(conn, name) if found is None else found
    if found is None:
        log.warning("sign-in refused")
        auditing.door("sign_in_refused", tried.account_id if tried else "")
        return _form(name=name, onward=onward, refused=True)
    if halfway.needs_code(found):
        halfway.begin(found, onward)
        return see_other("/sign-in/code" if found.has_factor else "/second-factor")
    return see_other(halfway.enter(found, onward))


@bp.post("/sign-out")
def leave() -> Response:
    """Ends the session."""
    found = guard.who()
    guard.leave()
    if found is not None:
        auditing.door("signed_out", found.account_id, found.unit_id or "")
    return see_other("/sign-in")


def _form(*, name: str, onward: str, refused: bool = False) -> Response:
    return page(
        "center/sign_in.html", "main", status=401 if refused else 200, refused=refused, name=name, onward=onward,
        why="" if refused else guard.ended_why(), idle_minutes=round(current.settings().session_idle_minutes),
        hours=round(current.settings().session_hours),
    )  # fmt: skip
