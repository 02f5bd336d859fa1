"""Between a password that was right and a session: whose code is awaited, and where the person wants to go.

It lies in the signed cookie, names an account and nothing else about a person, and holds for ten minutes.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import session

from center import auditing, current, guard, kept_forms
from center.store import accounts
from center.store.accounts import Account
from web.clock import now_ms

HOLDS_MS = 10 * 60_000


def needs_code(found: Account) -> bool:
    """Whether this account signs in with a second factor: it has one, or its role must."""
    return found.has_factor or found.role in current.settings().second_factor


def begin(found: Account, onward: str) -> None:
    """The password was right; the code is asked next."""
    before = session.get("token")  # its form is handed over when the code was right as well
    session.clear()
    if before is not None:
        session["before"] = before
    session["halfway"] = {"account": found.account_id, "stamp": found.stamp, "at": now_ms(), "next": onward}


def account() -> Account | None:
    """Whose code is awaited in this browser; None when nobody's is, or it took too long."""
    kept = session.get("halfway")
    if not isinstance(kept, dict) or now_ms() - int(kept.get("at", 0)) > HOLDS_MS:
        return None
    with current.store().read() as conn:
        found = accounts.find(conn, str(kept.get("account", "")))
    return found if found is not None and found.active and found.stamp == kept.get("stamp") else None


def finish(found: Account) -> str:
    """Begins the session; gives the address that the person wanted."""
    kept = session.get("halfway")
    onward = str(kept.get("next", "")) if isinstance(kept, dict) else ""
    return enter(found, onward)


def enter(found: Account, onward: str) -> str:
    """Begins the session; gives the address to go to: past what was typed before an earlier one ended, if that is kept."""
    guard.enter(found)
    auditing.door("signed_in", found.account_id, found.unit_id or "")
    if kept_forms.read(guard.my_session()) is None:
        return safe(onward)
    return f"/sign-in/kept?next={quote(safe(onward))}"


def safe(onward: str) -> str:
    """A path of our own, never another site (`//host`, `/\\\\host`)."""
    local = onward.startswith("/") and not onward.startswith(("//", "/\\"))
    # a browser drops tabs and line ends from an address: `/<tab>/host` would be `//host`
    local = local and not any(ord(character) < 0x20 or ord(character) == 0x7F for character in onward)
    return onward if local else "/"
