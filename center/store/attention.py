"""How long the reviewers attended to each step of a case, in seconds. By whom is not written down: the team's median is all that
can be read from it.
"""

from __future__ import annotations

import statistics

from sqlalchemy import Connection, insert, select, update

from center.store.tables import attention

MOST_S = 3_600  # of one step: more than that was no attention
NEWEST = 500  # cases that the median is of
LEAST = 5  # of fewer, a median would tell about somebody


def seconds(conn: Connection, application_id: str, step: str) -> int:
    """What the step has taken until now."""
    query = select(attention.c.seconds).where(
        attention.c.application_id == application_id, attention.c.step == step, attention.c.decided_ms.is_(None)
    )
    return int(conn.execute(query).scalar_one_or_none() or 0)


def add(conn: Connection, application_id: str, step: str, more: int, *, decided_ms: int | None = None) -> None:
    """So many seconds more. decided_ms: the step is over; another round of it begins at nothing."""
    mine = (attention.c.application_id == application_id, attention.c.step == step)
    row = conn.execute(select(attention).where(*mine)).first()
    more = max(0, min(MOST_S, more))
    if row is None:
        if more or decided_ms is not None:
            conn.execute(
                insert(attention).values(application_id=application_id, step=step, seconds=more, decided_ms=decided_ms)
            )
        return
    before = row.seconds if row.decided_ms is None else 0
    total = min(MOST_S, before + more)
    conn.execute(update(attention).where(*mine).values(seconds=total, decided_ms=decided_ms))


def median(conn: Connection, step: str) -> int | None:
    """The team's median over the newest cases, in seconds; None while nothing was measured. Cases nobody was seen attending to
    (no JavaScript, many at once) do not count.
    """
    query = (
        select(attention.c.seconds)
        .where(attention.c.step == step, attention.c.decided_ms.is_not(None), attention.c.seconds > 0)
        .order_by(attention.c.decided_ms.desc())
        .limit(NEWEST)
    )
    found = sorted(conn.execute(query).scalars())
    return round(statistics.median(found)) if len(found) >= LEAST else None


def reopen(conn: Connection, application_id: str, step: str) -> None:
    """The decision was taken back: the step goes on."""
    conn.execute(
        update(attention)
        .where(attention.c.application_id == application_id, attention.c.step == step)
        .values(decided_ms=None)
    )
