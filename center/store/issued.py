"""The issue log: every signature ever made, each line bound to all before it.

A line's link is the SHA-256 of the link before and of what the line says, so that a line that is changed, taken out or
put in later shows in every link after it; the last link is published in each pack's manifest, where it cannot be taken
back. Lines are only added, in the transaction that adds the card. What is not here: who may sign, and how many a day
(center.pace).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from center.store.tables import issue_log
from honorcard.card import cose
from honorcard.card.manifest import SignedCount

DAY_MS = 86_400_000
BEGIN = bytes(32)


def link(before: bytes, seq: int, kid: int, token_sha256: bytes, by_account: str, at_ms: int) -> bytes:
    """The link of a line that says so, after the line with the link `before`; 32 bytes."""
    return hashlib.sha256(before + cose.encode([seq, kid, token_sha256, by_account, at_ms])).digest()


def note(conn: Connection, seq: int, *, kid: int, token_sha256: bytes, by: str, now_ms: int) -> None:
    """Adds the line of a signature. Numbers must be locked (cards.lock_numbers), so that no other line comes between."""
    conn.execute(
        insert(issue_log).values(
            seq=seq, kid=kid, token_sha256=token_sha256, by_account=by, at_ms=now_ms,
            link=link(head(conn), seq, kid, token_sha256, by, now_ms),
        )
    )  # fmt: skip


def head(conn: Connection) -> bytes:
    """The last line's link."""
    found = conn.execute(select(issue_log.c.link).order_by(issue_log.c.entry.desc()).limit(1)).scalar_one_or_none()
    return BEGIN if found is None else bytes(found)


def counted(conn: Connection, now_ms: int) -> SignedCount:
    """What a pack's manifest says of the log."""
    entries = conn.execute(select(func.count()).select_from(issue_log)).scalar_one()
    return SignedCount(entries, between(conn, now_ms - DAY_MS, now_ms + 1), head(conn))


def between(conn: Connection, from_ms: int, before_ms: int) -> int:
    """How many signatures were made in that time."""
    query = select(func.count()).select_from(issue_log)
    return conn.execute(query.where(issue_log.c.at_ms >= from_ms, issue_log.c.at_ms < before_ms)).scalar_one()


def last_seq_of(conn: Connection, kid: int) -> int | None:
    """The highest issue number that this key signed; None when it signed none."""
    highest: int | None = conn.execute(select(func.max(issue_log.c.seq)).where(issue_log.c.kid == kid)).scalar_one()
    return highest


def holds(conn: Connection, link_of_old: bytes) -> bool:
    """Whether a link that was published once is still in the log."""
    if link_of_old == BEGIN:
        return True
    query = select(issue_log.c.entry).where(issue_log.c.link == link_of_old).limit(1)
    return conn.execute(query).first() is not None


def was_signed(conn: Connection, seq: int, token_sha256: bytes) -> bool:
    """Whether that very text was signed for that issue number."""
    query = select(issue_log.c.entry).where(issue_log.c.seq == seq, issue_log.c.token_sha256 == token_sha256).limit(1)
    return conn.execute(query).first() is not None


def first_broken(conn: Connection) -> int | None:
    """The issue number on the first line that does not follow from those before it; None when all do."""
    return first_broken_of(conn.execute(select(issue_log).order_by(issue_log.c.entry)))


def first_broken_of(rows: Iterable[Row[Any]]) -> int | None:
    """Like `first_broken`, of lines in their order."""
    before = BEGIN
    for row in rows:
        before = link(before, row.seq, row.kid, bytes(row.token_sha256), row.by_account, row.at_ms)
        if before != bytes(row.link):
            return int(row.seq)
    return None
