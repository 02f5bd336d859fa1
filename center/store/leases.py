"""Who holds a case: it is one reviewer's for a while, renewed by attention, and anybody's again when the time is over.

What is not here: what a reviewer may do with a case (honorcard.review); that a decision fits the case as it stands is held by its
rev, not by this.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from center.store.tables import account, lease


@dataclass(frozen=True)
class Holder:
    """Who holds a case, and since when."""

    account_id: str
    person: str
    since_ms: int
    until_ms: int


def holder(conn: Connection, application_id: str, now_ms: int) -> Holder | None:
    """Who holds the case now; None: nobody."""
    row = conn.execute(
        select(lease, account.c.person)
        .join(account, account.c.account_id == lease.c.account_id)
        .where(lease.c.application_id == application_id, lease.c.until_ms > now_ms)
    ).first()
    return None if row is None else Holder(row.account_id, row.person, row.since_ms, row.until_ms)


def take(conn: Connection, application_id: str, account_id: str, now_ms: int, until_ms: int) -> Holder | None:
    """Takes the case, or keeps it; lets go of every other. Gives who holds it instead, None when it is this account's."""
    found = holder(conn, application_id, now_ms)
    if found is not None and found.account_id != account_id:
        return found
    conn.execute(delete(lease).where(lease.c.account_id == account_id, lease.c.application_id != application_id))
    if found is not None:
        conn.execute(update(lease).where(lease.c.application_id == application_id).values(until_ms=until_ms))
        return None
    conn.execute(delete(lease).where(lease.c.application_id == application_id))  # one that has run out
    conn.execute(
        insert(lease).values(application_id=application_id, account_id=account_id, since_ms=now_ms, until_ms=until_ms)
    )
    return None


def let_go(conn: Connection, application_id: str, account_id: str) -> None:
    """The case is anybody's again, if it was this account's."""
    conn.execute(delete(lease).where(lease.c.application_id == application_id, lease.c.account_id == account_id))


def forget(conn: Connection, before_ms: int) -> None:
    """Leases that ran out before then."""
    conn.execute(delete(lease).where(lease.c.until_ms < before_ms))
