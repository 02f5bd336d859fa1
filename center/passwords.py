"""Looking at a password that was typed. The try is counted, and that committed, before the check."""

from __future__ import annotations

from center import current
from center.store import accounts
from web.clock import now_ms


def owner(name: str, typed: str) -> str | None:
    """The id of the account that has this name and this password; None for every other case, after the same time."""
    store = current.store()
    with store.write() as conn:
        attempt = accounts.count_attempt(conn, name, now_ms())
    if not accounts.password_fits(attempt, typed) or attempt.account_id is None:
        return None
    with store.write() as conn:
        accounts.clear_attempts(conn, attempt.account_id)
    return attempt.account_id
