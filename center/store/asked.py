"""How often somebody has asked lately, counted for all processes of a center together. Nobody is named: `who` is a keyed
digest (center.limits).
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from center.store.tables import asked


def take(conn: Connection, who: bytes, *, burst: int, per_minute: float, now_ms: int) -> bool:
    """Whether one more request may go on; counts it. `burst` at once, then `per_minute` a minute."""
    return draw(conn, who, burst=burst, per_minute=per_minute, now_ms=now_ms)[1]


def draw(conn: Connection, who: bytes, *, burst: int, per_minute: float, now_ms: int) -> tuple[int, bool]:
    """(thousandths of a request that are left, whether this one may go on); counts it as `take`.

    Outside the one writer's transaction, two first requests of one at the same moment: the later one begins anew.
    """
    row = conn.execute(select(asked).where(asked.c.who == who).with_for_update()).first()
    full = burst * 1000
    left = full
    if row is not None:
        left = min(full, row.left_milli + round(max(0, now_ms - row.at_ms) * per_minute / 60))
    allowed = left >= 1000
    values = {"left_milli": left - 1000 if allowed else left, "at_ms": now_ms}
    if row is None:
        put = postgres_insert(asked) if conn.dialect.name == "postgresql" else sqlite_insert(asked)
        conn.execute(put.values(who=who, **values).on_conflict_do_update(index_elements=[asked.c.who], set_=values))
    else:
        conn.execute(update(asked).where(asked.c.who == who).values(**values))
    return values["left_milli"], allowed


def give_back(conn: Connection, who: bytes, *, burst: int) -> None:
    """One request that was counted does not count."""
    full = burst * 1000
    query = update(asked).where(asked.c.who == who)
    conn.execute(query.where(asked.c.left_milli + 1000 <= full).values(left_milli=asked.c.left_milli + 1000))


def forget(conn: Connection, before_ms: int) -> None:
    """Forgets whoever has not asked since."""
    conn.execute(delete(asked).where(asked.c.at_ms < before_ms))
