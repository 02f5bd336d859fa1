"""Signing in and out, and what every page shows of who is signed in.

Wrong name, wrong password, closed and locked accounts all get the same sentence after the same time. What is not
here: who may enter which view (guard), the second factor (second_factor), the first page (front), the lists (office),
the menu (menu).
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, request
from flask.blueprints import BlueprintSetupState

from center import auditing, current, guard, halfway, keyring, menu, passwords, words
from center.halfway import safe
from center.limits import Limit
from center.pages import page, see_other
from center.store import accounts
from honorcard.problems import ProblemError

bp = Blueprint("accounts", __name__)
log = logging.getLogger("honorcard.center.accounts")

# a password check takes 64 MB and a core for a moment: an address, whatever names it tries, gets so many
BURST, PER_MINUTE = 60, 30


@bp.app_context_processor
def _chrome() -> dict[str, Any]:
    """For every page: who is signed in, the menu of that role, and the units an officer may act for."""
    found = guard.who()
    if found is None or found.role != "unit_officer":
        return {"who": found, "tabs": menu.menu(found.role, request.path) if found else [], "my_units": []}
    with current.store().read() as conn:
        units = accounts.units_of(conn, found.account_id)
    return {"who": found, "tabs": menu.menu(found.role, request.path), "my_units": units}


@bp.record_once
def _begin(state: BlueprintSetupState) -> None:
    """With the app: its words, and the issuer's keys if this is the first start."""
    words.install(state.app)  # type: ignore[arg-type]
    state.app.extensions["sign_in_limit"] = Limit("sign-in", burst=BURST, per_minute=PER_MINUTE)
    keyring.ring(state.app.config["SETTINGS"], at=state.app.config["NOW"]())


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
