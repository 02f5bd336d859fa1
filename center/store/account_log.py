"""What was done to each account, append-only: by whom and when; each line is an entry of the audit as well. No password, no code,
no secret stands here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from center.store import audit
from center.store.audit import Change
from center.store.tables import account, account_event


@dataclass(frozen=True)
class Event:
    """One thing that was done. actor: a person, or empty for the server itself."""

    at_ms: int
    actor: str
    what: str
    text: str


def note(
    conn: Connection, account_id: str, *, actor: str, what: str, now_ms: int, text: str = "", fields: Iterable[Change] = ()
) -> None:  # fmt: skip
    """Adds a line, and the entry `account_<what>` of the audit with these fields. actor: an account id; empty for a command on the
    server.
    """
    conn.execute(insert(account_event).values(at_ms=now_ms, actor=actor, account_id=account_id, what=what, text=text))
    audit.note(
        conn, f"account_{what}", actor=actor or "center", now_ms=now_ms, entity_kind="account", entity=account_id, fields=fields
    )  # fmt: skip


def of(conn: Connection, account_id: str, limit: int = 50) -> list[Event]:
    """What was done to that account, the newest first."""
    query = (
        select(account_event, account.c.person)
        .outerjoin(account, account.c.account_id == account_event.c.actor)
        .where(account_event.c.account_id == account_id)
        .order_by(account_event.c.event_id.desc())
        .limit(limit)
    )
    return [Event(row.at_ms, row.person or "", row.what, row.text) for row in conn.execute(query)]
