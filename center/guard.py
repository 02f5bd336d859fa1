"""Who is asking: the session's account, and which roles may enter a view.

The cookie holds a random token; the session itself is a row, read anew with its account for each request. So it ends at once
when the account is closed, its password or role changes, or its owner ends it elsewhere; and by itself after a while without a
page, or a working day (settings `session_idle_minutes`, `session_hours`). What is not here: checking a password or a code.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import quote, urlsplit

from flask import current_app, g, redirect, request, session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from center import browsers, current, kept_forms
from center.pages import see_other
from center.store import audit, sessions
from center.store.accounts import Account
from center.store.sessions import Session
from honorcard import roles
from honorcard.problems import ProblemError
from honorcard.roles import Right
from web.clock import now_ms

P = ParamSpec("P")

TOKEN_BYTES = 32
NOTED_MS = 60_000  # a session's last page is noted at most so often
MUST_CHANGE = "/account/password"


def enter(found: Account) -> None:
    """Begins a session of the account; what an earlier one of this browser held is forgotten."""
    before = session.pop("before", None) or session.get("token")
    held = _row(before)
    leave()
    token = secrets.token_bytes(TOKEN_BYTES)
    with current.store().write() as conn:
        session_id = sessions.begin(
            conn, token, found, browsers.words(request.headers.get("User-Agent", "")), now_ms()
        )  # fmt: skip
        if held is not None:
            sessions.hand_over(conn, held[0], session_id)
    session["token"] = base64.b64encode(token).decode("ascii")
    session.permanent = True
    g.pop("who", None)


def leave() -> None:
    """Ends the session."""
    held = _held()
    if held is not None:
        with current.store().write() as conn:
            sessions.end(conn, held[0].account_id, "left", now_ms(), only=held[0].session_id)
    session.clear()
    g.pop("who", None)


def who() -> Account | None:
    """The account that is signed in, or None; an officer's unit is the one acted for. Read once a request."""
    if "who" not in g:
        g.who = _read()
        audit.ACTING.set((g.who.unit_id or "") if g.who is not None else "")
    found: Account | None = g.who
    return found


def me() -> Account:
    """The account that is signed in, inside a guarded view."""
    found = who()
    if found is None:
        raise ProblemError("not_signed_in")
    return found


def my_session() -> Session:
    """The session of this request, inside a guarded view."""
    me()
    held: Session = g.session_row
    return held


def ended_why() -> str:
    """Why the session that this browser still speaks of has ended (sessions.WHY); empty when it has none, or it holds."""
    who()
    why: str = g.get("ended_why", "")
    return why


def bounds() -> tuple[int, int]:
    """What a session must be to hold now: begun after the first moment and seen after the second."""
    settings, at_ms = current.settings(), now_ms()
    return at_ms - int(settings.session_hours * 3_600_000), at_ms - int(settings.session_idle_minutes * 60_000)


def signed_in(view: Callable[P, Response]) -> Callable[P, Response]:
    """Only for people who are signed in; others are led to the sign-in page and back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        found = who()
        if found is None:
            return _to_sign_in()
        return _elsewhere_first(found) or view(*args, **kwargs)

    return guarded


def right_required(*rights: Right) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Only for the roles that have one of these rights by the table of honorcard.roles.

    ProblemError as roles.require for another role: `not_allowed`, `exchange_city_only`; the sign-in page for nobody.
    """

    def guard(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
            found = who()
            if found is None:
                return _to_sign_in()
            if not any(roles.may(found.role, right) for right in rights):
                roles.require(found.role, rights[0])
            return _elsewhere_first(found) or view(*args, **kwargs)

        return guarded

    return guard


def page_behind(path: str) -> str:
    """The page that somebody stood on who sent a form there: the nearest address above it that can be opened; empty for none."""
    adapter = current_app.url_map.bind("")
    while path and path != "/":
        try:
            adapter.match(path, method="GET")
        except RequestRedirect:
            return ""
        except HTTPException:
            path = path.rpartition("/")[0]
        else:
            return path
    return ""


def _held() -> tuple[Session, Account] | None:
    """The row that the cookie's token speaks of, whether it holds or not."""
    return _row(session.get("token"))


def _row(token: object) -> tuple[Session, Account] | None:
    if not isinstance(token, str):
        return None
    try:
        found = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        return None
    with current.store().read() as conn:
        return sessions.find(conn, found)


def _read() -> Account | None:
    held = _held()
    if held is None:
        return None
    row, found = held
    g.session_row = row
    since_ms, seen_ms = bounds()
    if row.ended_why:
        g.ended_why = row.ended_why
    elif not found.active:
        g.ended_why = "closed"
    elif row.stamp != found.stamp:
        g.ended_why = "changed"
    elif row.since_ms < since_ms:
        g.ended_why = "long"
    elif row.seen_ms < seen_ms:
        g.ended_why = "idle"
    else:
        _note(row)
        return found
    return None


def _note(row: Session) -> None:
    """A page, a form and a sign of attention count; what a page loads by itself does not."""
    is_opened = request.headers.get("Sec-Fetch-Dest", "document") in ("document", "empty")
    at_ms = now_ms()
    if is_opened and at_ms - row.seen_ms >= NOTED_MS:
        sessions.seen(current.store(), row.session_id, at_ms)


def _elsewhere_first(found: Account) -> Response | None:
    """Whoever's password was set by somebody else chooses one before anything."""
    if found.must_change and request.path not in (MUST_CHANGE, "/sign-out"):
        return see_other(MUST_CHANGE)
    return None


def _to_sign_in() -> Response:
    if request.headers.get("HX-Request"):
        onward = urlsplit(request.headers.get("HX-Current-URL", ""))
        return see_other(_sign_in(f"{onward.path}?{onward.query}".rstrip("?")))
    if request.method == "GET":
        return see_other(_sign_in(request.full_path.rstrip("?")))
    if ended_why() in ("idle", "long"):
        kept_forms.keep(g.session_row)
    return redirect(_sign_in(page_behind(request.path)), 303)


def _sign_in(onward: str) -> str:
    return f"/sign-in?next={quote(onward)}" if onward else "/sign-in"
