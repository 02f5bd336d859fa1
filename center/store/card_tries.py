"""Birth dates typed to a card's code, counted before they are looked at, by the card; whatever tablet asks."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from center.store.tables import card_try

FORGOTTEN_MS = 7 * 86_400_000


def count(conn: Connection, seq: int, now_ms: int) -> int:
    """Counts a try and gives how many there were with it, within a week of the first. Inside a transaction that writes alone."""
    known = conn.execute(select(card_try).where(card_try.c.seq == seq)).first()
    fresh = known is None or abs(now_ms - known.since_ms) > FORGOTTEN_MS
    tries = 1 if fresh or known is None else known.tries + 1
    since_ms = now_ms if fresh or known is None else known.since_ms
    forgive(conn, seq)
    conn.execute(insert(card_try).values(seq=seq, tries=tries, since_ms=since_ms))
    return tries


def forgive(conn: Connection, seq: int) -> None:
    """The right date was typed: the tries no longer count."""
    conn.execute(delete(card_try).where(card_try.c.seq == seq))
