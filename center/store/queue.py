"""The two queues: what waits, in which order, under which filters, and how many of each there are.

Order, filters and counts are read from one index (`ix_application_desk`), so that they cost the same whatever an application
weighs; the rows that are shown are then fetched by their ids. What is not here: one case (cases), who holds one (leases).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, tuple_

from center.store.tables import account, application, history, lease, pending, unit

DAY_MS = 86_400_000
AGES = (1, 3, 7)  # days waited at least
KINDS = ("first", "renewal", "reissue", "correction")
FLAGGED, UNFLAGGED = "any", "none"


@dataclass(frozen=True)
class Within:
    """Filters of a queue; an empty one lets everything through. unit: its id. age: days waited at least. flag: a flag's code,
    `any` or `none`.
    """

    unit: str = ""
    district: str = ""
    kind: str = ""
    age: int = 0
    flag: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nothing is filtered."""
        return self == Within()


@dataclass(frozen=True)
class QueueRow:
    """One line of a queue. holder: who works on it now, empty for nobody; since_ms: since when."""

    application_id: str
    receipt: str
    name: str
    unit: str
    kind: str
    outcome: str
    flags: tuple[str, ...]
    received_ms: int
    amended: bool
    holder_id: str = ""
    holder: str = ""
    since_ms: int = 0


@dataclass(frozen=True)
class Facet:
    """One choice of a filter: its value, its words where they are data (a unit's name), and how many cases it leaves."""

    value: str
    words: str
    count: int


@dataclass(frozen=True)
class Summary:
    """The queue in figures. mine: cases this account holds now. oldest_ms: when the oldest came in, None in an empty queue."""

    first: int
    second: int
    mine: int
    returned: int
    flagged: int
    oldest_ms: int | None


def queue(
    conn: Connection, state: str, now_ms: int, *, within: Within | None = None, after: tuple[int, str] | None = None,
    free_for: str | None = None, limit: int = 200,
) -> list[QueueRow]:  # fmt: skip
    """Cases waiting in that state, oldest received first; those just decided are gone from it.

    after: `received_ms` and id of the last row seen. free_for: only what nobody but this account holds.
    """
    a = application.c
    ids = _waiting_ids(state, now_ms, within or Within())
    if after is not None:
        ids = ids.where(tuple_(a.received_ms, a.application_id) > tuple_(*after))
    if free_for is not None:
        ids = ids.where(
            ~select(lease.c.application_id)
            .where(
                lease.c.application_id == a.application_id, lease.c.until_ms > now_ms, lease.c.account_id != free_for
            )
            .exists()
        )
    ids = ids.order_by(a.received_ms, a.application_id).limit(limit)
    page = ids.subquery()
    again = select(history.c.history_id).where(
        and_(history.c.application_id == a.application_id, history.c.move == "amended")
    )
    query = (
        select(
            a.application_id, a.receipt, a.name, a.kind, a.outcome, a.flags, a.received_ms,
            unit.c.name.label("unit_name"), again.exists().label("amended"),
            lease.c.account_id.label("holder_id"), lease.c.since_ms, account.c.person.label("holder"),
        )
        .select_from(
            page.join(application, a.application_id == page.c.application_id)
            .outerjoin(unit, unit.c.unit_id == a.unit_id)
            .outerjoin(lease, and_(lease.c.application_id == a.application_id, lease.c.until_ms > now_ms))
            .outerjoin(account, account.c.account_id == lease.c.account_id)
        )
        .order_by(a.received_ms, a.application_id)
    )  # fmt: skip
    return [
        QueueRow(
            row.application_id, row.receipt, row.name, row.unit_name or "", row.kind, row.outcome,
            tuple(str(flag) for flag in json.loads(row.flags)), row.received_ms, bool(row.amended),
            row.holder_id or "", row.holder or "", row.since_ms or 0,
        )
        for row in conn.execute(query)
    ]  # fmt: skip


def waiting(conn: Connection, state: str, now_ms: int, within: Within | None = None) -> int:
    """How many cases wait in that state; those just decided are not among them."""
    if within is None or within.is_open:  # the count of the state, less the few that were just decided
        every = conn.execute(
            select(func.count()).select_from(application).where(application.c.state == state)
        ).scalar_one()
        decided = conn.execute(
            select(func.count(func.distinct(pending.c.application_id)))
            .select_from(pending.join(application, application.c.application_id == pending.c.application_id))
            .where(*_pending_live(), application.c.state == state)
        ).scalar_one()
        return int(every) - int(decided)
    found = _waiting_ids(state, now_ms, within).subquery()
    return int(conn.execute(select(func.count()).select_from(found)).scalar_one())


def summary(conn: Connection, queue_state: str, account_id: str, now_ms: int) -> Summary:
    """The figures above the queue."""
    a = application.c

    def count(*conditions: ColumnElement[bool]) -> int:
        return int(conn.execute(select(func.count()).select_from(application).where(*conditions)).scalar_one())

    mine = select(func.count()).select_from(lease).where(lease.c.account_id == account_id, lease.c.until_ms > now_ms)
    oldest = (
        _waiting_ids(queue_state, now_ms, Within(), received=True).order_by(a.received_ms, a.application_id).limit(1)
    )
    return Summary(
        first=waiting(conn, "first_review", now_ms),
        second=waiting(conn, "second_review", now_ms),
        mine=int(conn.execute(mine).scalar_one()),
        returned=count(a.state == "returned"),
        flagged=count(a.state == queue_state, a.flags != "[]"),
        oldest_ms=next((row.received_ms for row in conn.execute(oldest)), None),
    )


def facets(conn: Connection, state: str, now_ms: int, within: Within) -> dict[str, list[Facet]]:
    """For each filter its choices with how many cases each would leave, the other filters being as they are."""
    a = application.c

    def grouped(column: Any, without: Within) -> list[tuple[Any, int]]:
        query = _narrowed(select(column, func.count()), state, now_ms, without).group_by(column)
        return [(value, int(n)) for value, n in conn.execute(query)]

    by_unit = grouped(a.unit_id, replace(within, unit=""))
    units = {
        row.unit_id: row
        for row in conn.execute(
            select(unit).where(unit.c.unit_id.in_([value for value, _ in by_unit if value is not None]))
        )
    }
    per_district: dict[str, int] = {}
    for unit_id, n in grouped(a.unit_id, replace(within, district="")) if not within.unit else by_unit:
        row = units.get(unit_id) or (
            conn.execute(select(unit).where(unit.c.unit_id == unit_id)).first() if unit_id is not None else None
        )
        if row is not None and row.district:
            per_district[row.district] = per_district.get(row.district, 0) + n
    flags: dict[str, int] = {}
    for text, n in grouped(a.flags, replace(within, flag="")):
        codes = [str(code) for code in json.loads(text)]
        for code in [*codes, FLAGGED if codes else UNFLAGGED]:
            flags[code] = flags.get(code, 0) + n
    ages = []
    for days in AGES:
        n = conn.execute(
            _narrowed(select(func.count()), state, now_ms, replace(within, age=days)).select_from(application)
        ).scalar_one()
        ages.append(Facet(str(days), "", int(n)))
    kinds = dict(grouped(a.kind, replace(within, kind="")))
    return {
        "unit": sorted(
            (Facet(value, units[value].name, n) for value, n in by_unit if value in units),
            key=lambda facet: (-facet.count, facet.words),
        ),
        "district": [Facet(name, name, n) for name, n in sorted(per_district.items())],
        "kind": [Facet(code, "", kinds[code]) for code in KINDS if kinds.get(code)],
        "age": ages,
        "flag": [
            Facet(code, "", n)
            for code, n in sorted(
                flags.items(), key=lambda item: (item[0] not in (FLAGGED, UNFLAGGED), -item[1], item[0])
            )
        ],
    }


def _waiting_ids(state: str, now_ms: int, within: Within, *, received: bool = False) -> Select[Any]:
    a = application.c
    columns = (a.application_id, a.received_ms) if received else (a.application_id,)
    return _narrowed(select(*columns), state, now_ms, within)


def _narrowed(query: Select[Any], state: str, now_ms: int, within: Within) -> Select[Any]:
    a = application.c
    query = query.where(
        a.state == state,
        a.application_id.not_in(select(pending.c.application_id).where(*_pending_live())),
    )
    if within.unit:
        query = query.where(a.unit_id == within.unit)
    if within.district:
        query = query.where(a.unit_id.in_(select(unit.c.unit_id).where(unit.c.district == within.district)))
    if within.kind:
        query = query.where(a.kind == within.kind)
    if within.age:
        query = query.where(a.received_ms <= now_ms - within.age * DAY_MS)
    if within.flag == UNFLAGGED:
        query = query.where(a.flags == "[]")
    elif within.flag:
        query = query.where(a.flags != "[]")
        if within.flag != FLAGGED:
            query = query.where(a.flags.contains(f'"{within.flag}"', autoescape=True))
    return query


def _pending_live() -> tuple[ColumnElement[bool], ...]:
    """Decisions whose case still stands where it stood: what was passed on has moved already."""
    return (
        or_(pending.c.state == "open", pending.c.state == "settling"),
        pending.c.action != "pass_on",
    )


def is_flag(code: str, known: Collection[str]) -> bool:
    """Whether that is something to filter by."""
    return code in (FLAGGED, UNFLAGGED) or code in known
