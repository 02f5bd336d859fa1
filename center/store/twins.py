"""Pairs of applications that may be one person's, and what was decided about each pair (sync.md B.7).

What is not here: how a pair is found (center.pairs) and what deciding does to the two (center.deciding, center.choosing).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from center.store.proposals import Waiting
from center.store.tables import application, twin


@dataclass(frozen=True)
class Twin:
    """A pair, seen from one of the two. why: `same` number, or `alike` (one unseen slip away, and one name)."""

    other: str
    why: str
    state: str


_ADD = insert(twin)
_is_of_case = or_(twin.c.low == bindparam("of_case"), twin.c.high == bindparam("of_case"))
_OF_CASE = select(twin.c.low, twin.c.high, twin.c.why, twin.c.state).where(_is_of_case).order_by(twin.c.at_ms)
_KINDS = select(twin.c.why, twin.c.state).where(_is_of_case).distinct()


def link_all(conn: Connection, one: str, others: Iterable[str], why: str, now_ms: int, known: Iterable[Twin]) -> None:
    """Notes that applications may be one person's. What a person decided about a pair stays; `same` beats `alike`.

    known: the pairs that the first one belongs to already.
    """
    had = {pair.other: pair for pair in known}
    fresh = []
    for other in others:
        low, high = sorted((one, other))
        pair = had.get(other)
        if pair is None:
            fresh.append({"low": low, "high": high, "why": why, "state": "open", "at_ms": now_ms})
        elif pair.state == "over" or (pair.why == "alike" and why == "same"):
            here = and_(twin.c.low == low, twin.c.high == high)
            conn.execute(update(twin).where(here).values(why=why, state="open", at_ms=now_ms))
    if fresh:
        conn.execute(_ADD, fresh)


def kinds_of(conn: Connection, application_id: str) -> set[tuple[str, str]]:
    """Which kinds of pair the case belongs to: why and state."""
    return {(row.why, row.state) for row in conn.execute(_KINDS, {"of_case": application_id})}


def of_case(conn: Connection, application_id: str) -> list[Twin]:
    """Every pair the case belongs to, oldest first."""
    rows = conn.execute(_OF_CASE, {"of_case": application_id})
    return [Twin(row.high if row.low == application_id else row.low, row.why, row.state) for row in rows]


def find(conn: Connection, one: str, other: str) -> Twin | None:
    """The pair, seen from the first."""
    return next((pair for pair in of_case(conn, one) if pair.other == other), None)


def open_of(conn: Connection, application_id: str, why: str | None = None) -> list[str]:
    """The other applications about which nothing has been decided yet."""
    pairs = of_case(conn, application_id)
    return [pair.other for pair in pairs if pair.state == "open" and why in (None, pair.why)]


def decide(conn: Connection, one: str, other: str, state: str, *, by: str | None, now_ms: int) -> bool:
    """Notes what was decided about a pair; False when that had been done."""
    low, high = sorted((one, other))
    done = conn.execute(
        update(twin)
        .where(twin.c.low == low, twin.c.high == high, twin.c.state == "open")
        .values(state=state, by_account=by, decided_ms=now_ms)
    )
    return done.rowcount == 1


def close(conn: Connection, application_id: str, now_ms: int, why: str | None = None) -> list[str]:
    """Nothing is to be decided any more about this case's pairs (of one kind); gives the others."""
    others = open_of(conn, application_id, why)
    for other in others:
        decide(conn, application_id, other, "over", by=None, now_ms=now_ms)
    return others


def count_waiting(conn: Connection) -> int:
    """How many pairs wait for somebody."""
    return int(conn.execute(select(func.count()).select_from(twin).where(twin.c.state == "open")).scalar_one())


def all_waiting(conn: Connection, limit: int = 100) -> list[Waiting]:
    """The pairs that wait, oldest first; each by the application that came later."""
    low, high = application.alias("low"), application.alias("high")
    query = (
        select(twin, low.c.received_ms.label("low_ms"), high.c.received_ms.label("high_ms"))
        .select_from(
            twin.join(low, low.c.application_id == twin.c.low).join(high, high.c.application_id == twin.c.high)
        )
        .where(twin.c.state == "open")
        .order_by(twin.c.at_ms, twin.c.low, twin.c.high)
        .limit(limit)
    )
    found = []
    for row in conn.execute(query).all():
        first, later = (row.low, row.high) if row.low_ms <= row.high_ms else (row.high, row.low)
        case = conn.execute(
            select(application.c.receipt, application.c.name, application.c.state).where(
                application.c.application_id == later
            )
        ).one()
        found.append(Waiting(later, case.receipt, case.name, case.state, row.why, "", row.at_ms, other=first))
    return found
