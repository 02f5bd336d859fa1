"""Who is asking: the session's account, and which roles may enter a view.

The session cookie holds the account's id and a stamp of its password hash; the account is read anew for each request,
so that closing it or changing its password ends every session at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import quote

from flask import g, redirect, request, session
from werkzeug.wrappers import Response

from center import current
from center.pages import see_other
from center.store import accounts, audit
from center.store.accounts import Account
from honorcard import roles
from honorcard.problems import ProblemError
from honorcard.roles import Right

P = ParamSpec("P")


def enter(found: Account) -> None:
    """Begins the account's session; what an earlier one held is forgotten."""
    session.clear()
    session["account"] = found.account_id
    session["stamp"] = found.stamp
    session.permanent = True


def leave() -> None:
    """Ends the session."""
    session.clear()


def who() -> Account | None:
    """The account that is signed in, or None. Read once a request."""
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


def signed_in(view: Callable[P, Response]) -> Callable[P, Response]:
    """Only for people who are signed in; others are led to the sign-in page and back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        return view(*args, **kwargs) if who() is not None else _to_sign_in()

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
            return view(*args, **kwargs)

        return guarded

    return guard


def _read() -> Account | None:
    account_id = session.get("account")
    if not isinstance(account_id, str):
        return None
    store = current.store()
    with store.read() as conn:
        found = accounts.find(conn, account_id)
    return found if found is not None and found.active and found.stamp == session.get("stamp") else None


def _to_sign_in() -> Response:
    if request.method == "GET":
        return see_other(f"/sign-in?next={quote(request.full_path.rstrip('?'))}")
    if request.headers.get("HX-Request"):
        return see_other("/sign-in")
    return redirect("/sign-in", 303)
