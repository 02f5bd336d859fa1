"""What is different about a case: from the round before, and from what a reviewer had on the screen.

What is not here: the values in words (side_by_side).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from center import side_by_side
from center.side_by_side import Row
from center.store import proposals
from center.store.cases import Case, HistoryRow
from center.store.proposals import Body
from sync.wire import ApplicationBody


@dataclass(frozen=True)
class Changes:
    """Fields that differ (here: before, there: now); places of photographs that are new; numbers (from 1) of service rows that were
    not there before; what happened meanwhile.
    """

    fields: tuple[Row, ...]
    new_photos: frozenset[str]
    new_rows: frozenset[int]
    events: tuple[HistoryRow, ...] = ()


def last_round(conn: Connection, case: Case) -> Changes | None:
    """What was changed since a reviewer last sent the case back; None when nobody did, or nothing came back yet."""
    moves = [event.move for event in case.history]
    if "returned" not in moves:
        return None
    place = len(moves) - 1 - moves[::-1].index("returned")
    if "amended" not in moves[place:]:
        return None
    return _since(conn, case, case.history[place].rev)


def since(conn: Connection, case: Case, rev: int) -> Changes | None:
    """What has happened to the case after the rev that a reviewer had on the screen; None when that is what stands."""
    events = tuple(event for event in case.history if event.rev > rev)
    if case.rev == rev and not events:
        return None
    changes = _since(conn, case, rev)
    return Changes(
        changes.fields if changes else (), changes.new_photos if changes else frozenset(),
        changes.new_rows if changes else frozenset(), events,
    )  # fmt: skip


def _since(conn: Connection, case: Case, rev: int) -> Changes | None:
    said = proposals.said_at(conn, case.application_id, rev, case.reissue is not None)
    if said is None:
        return None
    now: Body = case.reissue if case.reissue is not None else case.body
    fields = tuple(row for row in side_by_side.rows(said.body, now) if row.differs)
    new = frozenset(
        f"{row.photo[0]}-{row.photo[1]}" if row.photo[1] else row.photo[0]
        for row in fields
        if row.photo is not None and row.in_both[1]
    )
    return Changes(fields, new, _new_rows(said.body, now))


def _new_rows(before: Body, now: Body) -> frozenset[int]:
    if not isinstance(before, ApplicationBody) or not isinstance(now, ApplicationBody):
        return frozenset()
    known = [(row.start, row.end, row.minutes, row.item, row.content) for row in before.rows]
    found = set()
    for place, row in enumerate(now.rows, 1):
        key = (row.start, row.end, row.minutes, row.item, row.content)
        if key in known:
            known.remove(key)
        else:
            found.add(place)
    return frozenset(found)
