"""How often somebody has asked lately, counted for all processes of a center together. Nobody is named: `who` is a keyed
digest (center.limits).
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from center.store.tables import asked


def take(conn: Connection, who: bytes, *, burst: int, per_minute: float, now_ms: int) -> bool:
    """Whether one more request may go on; counts it. `burst` at once, then `per_minute` a minute."""
    row = conn.execute(select(asked).where(asked.c.who == who).with_for_update()).first()
    full = burst * 1000
    left = full
    if row is not None:
        left = min(full, row.left_milli + round(max(0, now_ms - row.at_ms) * per_minute / 60))
    allowed = left >= 1000
    values = {"left_milli": left - 1000 if allowed else left, "at_ms": now_ms}
    if row is None:
        conn.execute(insert(asked).values(who=who, **values))
    else:
        conn.execute(update(asked).where(asked.c.who == who).values(**values))
    return allowed


def give_back(conn: Connection, who: bytes, *, burst: int) -> None:
    """One request that was counted does not count."""
    full = burst * 1000
    query = update(asked).where(asked.c.who == who)
    conn.execute(query.where(asked.c.left_milli + 1000 <= full).values(left_milli=asked.c.left_milli + 1000))


def forget(conn: Connection, before_ms: int) -> None:
    """Forgets whoever has not asked since."""
    conn.execute(delete(asked).where(asked.c.at_ms < before_ms))
