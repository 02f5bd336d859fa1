"""Sessions of people who are signed in: since when, on what, for which unit, and why one ended.

The browser holds a random token, the row its digest. A session holds as long as its stamp is the account's: another password
or another role ends every one. What is not here: how long one may last (center.guard).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from sqlalchemy import Connection, and_, delete, insert, or_, select, update
from sqlalchemy.exc import OperationalError

from center.store import Store, accounts
from center.store.accounts import Account
from center.store.tables import account_session, unit
from sync.ids import uuid7

KEPT_MS = 7 * 86_400_000  # so long it is remembered why one ended
WHY = ("idle", "long", "left", "ended", "changed", "closed")


@dataclass(frozen=True)
class Session:
    """One session. device: browser and system in words. ended_why: empty while it holds."""

    session_id: str
    account_id: str
    unit_id: str | None
    stamp: str
    since_ms: int
    seen_ms: int
    device: str
    ended_why: str


def begin(conn: Connection, token: bytes, found: Account, device: str, now_ms: int) -> str:
    """Begins a session of that account under a token of its own; returns its id. Forgets what ended long ago."""
    conn.execute(
        delete(account_session).where(
            or_(account_session.c.seen_ms < now_ms - KEPT_MS, account_session.c.ended_ms < now_ms - KEPT_MS),
            account_session.c.account_id == found.account_id,
        )
    )
    session_id = uuid7()
    conn.execute(
        insert(account_session).values(
            token_hash=_digest(token), session_id=session_id, account_id=found.account_id, unit_id=found.unit_id,
            stamp=found.stamp, since_ms=now_ms, seen_ms=now_ms, device=device[:80],
        )
    )  # fmt: skip
    return session_id


def find(conn: Connection, token: bytes) -> tuple[Session, Account] | None:
    """The session of that token with its account, whose unit is the one acted for while that is one of its units."""
    row = conn.execute(select(account_session).where(account_session.c.token_hash == _digest(token))).first()
    if row is None:
        return None
    found = accounts.find(conn, row.account_id)
    if found is None:
        return None
    held = Session(
        row.session_id, row.account_id, row.unit_id, row.stamp, row.since_ms, row.seen_ms, row.device, row.ended_why
    )
    if found.role == "unit_officer" and row.unit_id is not None and row.unit_id != found.unit_id:
        named = next((one for one in accounts.units_of(conn, found.account_id) if one.unit_id == row.unit_id), None)
        if named is not None:
            found = replace(found, unit_id=named.unit_id, unit=named.name)
    return held, found


def seen(store: Store, session_id: str, now_ms: int) -> None:
    """Somebody has opened a page. Where the database is busy this once goes unnoted: nobody waits for it."""
    try:
        with store.write(alone=False) as conn:
            conn.execute(
                update(account_session).where(account_session.c.session_id == session_id).values(seen_ms=now_ms)
            )
    except OperationalError:
        return


def keep_form(conn: Connection, session_id: str, box: bytes) -> None:
    """Keeps what was typed with a session that has ended."""
    conn.execute(update(account_session).where(account_session.c.session_id == session_id).values(kept=box))


def kept_form(conn: Connection, session_id: str) -> bytes | None:
    """What is kept with that session."""
    query = select(account_session.c.kept).where(account_session.c.session_id == session_id)
    box = conn.execute(query).scalar_one_or_none()
    return bytes(box) if box is not None else None


def hand_over(conn: Connection, ended: Session, session_id: str) -> None:
    """What is kept with a session that has ended goes along into the next one of the same account."""
    box = kept_form(conn, ended.session_id)
    if box is None:
        return
    mine = (account_session.c.session_id == session_id, account_session.c.account_id == ended.account_id)
    conn.execute(update(account_session).where(*mine).values(kept=box))
    conn.execute(update(account_session).where(account_session.c.session_id == ended.session_id).values(kept=None))


def act_for(conn: Connection, session_id: str, unit_id: str) -> None:
    """From now on what is done in this session is done for that unit; the caller has looked whether it may."""
    conn.execute(update(account_session).where(account_session.c.session_id == session_id).values(unit_id=unit_id))


def renew_stamp(conn: Connection, session_id: str, stamp: str) -> None:
    """This session alone goes on under the new password."""
    conn.execute(update(account_session).where(account_session.c.session_id == session_id).values(stamp=stamp))


def listing(conn: Connection, found: Account, *, since_ms: int, seen_ms: int) -> list[tuple[Session, str]]:
    """The account's sessions that hold, the last seen first, each with the unit acted for: begun after `since_ms` and seen
    after `seen_ms`.
    """
    query = (
        select(account_session, unit.c.name.label("unit_name"))
        .outerjoin(unit, unit.c.unit_id == account_session.c.unit_id)
        .where(
            account_session.c.account_id == found.account_id, account_session.c.ended_ms.is_(None),
            account_session.c.stamp == found.stamp, account_session.c.since_ms >= since_ms,
            account_session.c.seen_ms >= seen_ms,
        )
        .order_by(account_session.c.seen_ms.desc(), account_session.c.session_id)
    )  # fmt: skip
    return [
        (
            Session(row.session_id, row.account_id, row.unit_id, row.stamp, row.since_ms, row.seen_ms, row.device, ""),
            row.unit_name or "",
        )
        for row in conn.execute(query)
    ]


def end(conn: Connection, account_id: str, why: str, now_ms: int, *, only: str = "", but: str = "") -> int:
    """Ends the account's sessions, or one of them, or all but one; returns how many. why: one of WHY."""
    which = [account_session.c.account_id == account_id, account_session.c.ended_ms.is_(None)]
    if only:
        which.append(account_session.c.session_id == only)
    if but:
        which.append(account_session.c.session_id != but)
    ended = conn.execute(update(account_session).where(and_(*which)).values(ended_ms=now_ms, ended_why=why))
    return ended.rowcount


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
