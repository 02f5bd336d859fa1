"""The sums behind the statistics: counted once from what is only ever added to (the history of cases, what became of cards), asked
for by month, unit, tablet and kind.

`count_more` goes on where it stopped, in one transaction with the mark of how far it is: each event counts once, whoever dies in
between. Durations are kept as steps of five per cent, so that a median costs no more than a sum. What is not here: words and
pictures (center.statistics).
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, func, select

from center.store import bulk
from center.store.cards import read_meta, write_meta
from center.store.tables import application, card, card_event, device, history, service_sum, tally, unit
from honorcard.roc import ROC_OFFSET

AT_ONCE = 2_000
COUNTED = ("submitted", "approved", "returned", "refused", "issued", "withdrawn", "reprinted")
STEPS = ("first", "second", "correction", "whole")
_STEP = math.log(1.05)
_HISTORY, _CARDS = "tally_history", "tally_cards"
_TAIPEI = ZoneInfo("Asia/Taipei")  # a month of the city's calendar

Key = tuple[str, int, str, str, str, str]  # as the columns of the table


class _Row(msgspec.Struct):
    end: date
    minutes: int


class _Said(msgspec.Struct):
    """What is read of a body."""

    birth_date: date | None = None
    rows: tuple[_Row, ...] = ()


@dataclass(frozen=True)
class Of:
    """What the sums are asked for. months: first and last, both counted; unit_id or district: only theirs."""

    months: tuple[int, int]
    unit_id: str = ""
    district: str = ""


def month_of(day: date) -> int:
    """The number of a month."""
    return 12 * day.year + day.month - 1


def bucket(minutes: float) -> int:
    """The step of a duration."""
    return round(math.log1p(max(0.0, minutes)) / _STEP)


def minutes_of(step: int) -> float:
    """The duration in the middle of a step."""
    return math.expm1(step * _STEP)


def is_behind(conn: Connection) -> bool:
    """Whether there is something to count."""
    newest = (
        (conn.execute(select(func.max(history.c.history_id))).scalar_one() or 0, _HISTORY),
        (conn.execute(select(func.max(card_event.c.event_id))).scalar_one() or 0, _CARDS),
    )
    return any(last > int(read_meta(conn, mark) or 0) for last, mark in newest)


def count_more(conn: Connection, limit: int = AT_ONCE) -> int:
    """Counts the next events; gives how many. Inside a transaction of the one writer."""
    return _count_history(conn, limit) + _count_cards(conn, limit)


def _count_history(conn: Connection, limit: int) -> int:
    mark = int(read_meta(conn, _HISTORY) or 0)
    rows = conn.execute(
        select(
            history.c.history_id, history.c.application_id, history.c.at_ms, history.c.move, history.c.reasons,
            application.c.unit_id, application.c.device_id, application.c.kind,
        )
        .select_from(history.join(application, application.c.application_id == history.c.application_id))
        .where(history.c.history_id > mark)
        .order_by(history.c.history_id)
        .limit(limit)
    ).all()  # fmt: skip
    if not rows:
        return 0
    counted = [row for row in rows if row.move in COUNTED or row.move == "amended"]
    before = _stories(conn, {row.application_id for row in counted}, rows[-1].history_id)
    sums: Counter[Key] = Counter()
    for row in counted:
        where = (_month(row.at_ms), row.unit_id or "", row.device_id or "", row.kind)
        if row.move in COUNTED:
            sums["approved" if row.move == "approved" else row.move, *where, ""] += 1
        if row.move in ("returned", "refused"):
            what = "reason" if row.move == "returned" else "refusal"
            for code in dict.fromkeys(json.loads(row.reasons)):
                sums[what, *where, str(code)[:48]] += 1
        for step, since_ms in _steps(row, before[row.application_id]):
            # by unit alone: there is a line for each length
            sums["took", where[0], where[1], "", where[3], f"{step}:{bucket((row.at_ms - since_ms) / 60_000)}"] += 1
    _add(conn, sums)
    write_meta(conn, _HISTORY, str(rows[-1].history_id))
    return len(rows)


def _steps(row: Any, story: Sequence[tuple[int, int, str]]) -> list[tuple[str, int]]:
    """The steps of its way that a case ended with that event: which, and since when it was in it."""
    earlier = [(at_ms, move) for history_id, at_ms, move in story if history_id < row.history_id]
    found = []

    def last(*moves: str) -> int | None:
        return next((at_ms for at_ms, move in reversed(earlier) if move in moves), None)

    if row.move in ("approved", "returned", "refused", "issued"):
        since = last("completed", "approved")
        if since is not None:
            found.append(("second" if last("approved") is not None else "first", since))
    if row.move == "amended" and (since := last("returned")) is not None:
        found.append(("correction", since))
    if row.move in ("issued", "refused"):
        begun = next((at_ms for at_ms, move in earlier if move == "submitted"), None)
        if begun is not None:
            found.append(("whole", begun))
    return found


def _stories(conn: Connection, ids: Collection[str], upto: int) -> dict[str, list[tuple[int, int, str]]]:
    query = (
        select(history.c.application_id, history.c.history_id, history.c.at_ms, history.c.move)
        .where(history.c.application_id.in_(ids), history.c.history_id <= upto)
        .order_by(history.c.history_id)
    )
    found: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for row in conn.execute(query):
        found[row.application_id].append((row.history_id, row.at_ms, row.move))
    return found


def _count_cards(conn: Connection, limit: int) -> int:
    """Cards by the month they run out and the year their holder was born; the hours of the books they were issued on."""
    mark = int(read_meta(conn, _CARDS) or 0)
    rows = conn.execute(
        select(
            card_event.c.event_id, card_event.c.what, card.c.seq, card.c.idbx, card.c.valid_until, application.c.unit_id,
            application.c.body, application.c.kind,
        )
        .select_from(
            card_event.join(card, card.c.seq == card_event.c.seq).outerjoin(
                application, application.c.application_id == card.c.application_id
            )
        )
        .where(card_event.c.event_id > mark)
        .order_by(card_event.c.event_id)
        .limit(limit)
    ).all()  # fmt: skip
    if not rows:
        return 0
    sums: Counter[Key] = Counter()
    used = _used_before(conn, [row for row in rows if row.what == "issued"])
    for row in rows:
        change = {"issued": 1, "revoked": -1, "replaced": -1}.get(row.what, 0)
        if not change:
            continue
        said = msgspec.json.decode(row.body, type=_Said, strict=False) if row.body else _Said()
        born = str(said.birth_date.year) if said.birth_date else ""
        sums["card", month_of(row.valid_until), row.unit_id or "", "", "", born] += change
        if row.what != "issued" or row.kind not in ("first", "renewal"):
            continue
        for served in said.rows:
            if row.seq not in used or served.end > used[row.seq]:
                sums["minutes", 12 * served.end.year, row.unit_id or "", "", "", ""] += served.minutes
    _add(conn, sums)
    write_meta(conn, _CARDS, str(rows[-1].event_id))
    return len(rows)


def _used_before(conn: Connection, rows: Sequence[Any]) -> dict[int, date]:
    """The last service day that an earlier card of the same person used up (A4), by the later card's issue number."""
    query = select(card.c.idbx, card.c.seq, card.c.counted_until).where(
        card.c.idbx.in_({bytes(row.idbx) for row in rows}), card.c.counted_until.is_not(None)
    )
    held: dict[bytes, list[tuple[int, date]]] = defaultdict(list)
    for row in conn.execute(query):
        held[bytes(row.idbx)].append((row.seq, row.counted_until))
    found = {}
    for row in rows:
        days = [day for seq, day in held[bytes(row.idbx)] if seq < row.seq]
        if days:
            found[int(row.seq)] = max(days)
    return found


def _add(conn: Connection, sums: Counter[Key]) -> None:
    names = ("what", "month", "unit_id", "device_id", "kind", "detail")
    rows = [{**dict(zip(names, key, strict=True)), "n": n} for key, n in sums.items() if n]
    bulk.add(conn, tally, rows, sum_of="n")


# --- what the statistics ask ---


def by_month(conn: Connection, of: Of, whats: Collection[str]) -> dict[tuple[str, int, str], int]:
    """Sums by what, month and kind."""
    query = _sums(of, whats, tally.c.what, tally.c.month, tally.c.kind)
    return {(row.what, row.month, row.kind): int(row.n) for row in conn.execute(query)}


def by_detail(conn: Connection, of: Of, what: str) -> dict[str, int]:
    """Sums of one thing by its detail."""
    return {row.detail: int(row.n) for row in conn.execute(_sums(of, [what], tally.c.detail))}


def by_place(
    conn: Connection, of: Of, whats: Collection[str], *, devices: bool = False, detail: bool = False
) -> dict[tuple[str, str, str], int]:
    """Sums by unit, or by tablet: (its id, what, detail); the detail only where it is asked for."""
    place = tally.c.device_id if devices else tally.c.unit_id
    columns = [place, tally.c.what, *([tally.c.detail] if detail else [])]
    return {
        (row[0], row.what, row.detail if detail else ""): int(row.n) for row in conn.execute(_sums(of, whats, *columns))
    }


def by_district(conn: Connection, of: Of, what: str) -> dict[str, int]:
    """Sums of one thing by the district of the unit."""
    found: Counter[str] = Counter()
    query = _sums(of, [what], tally.c.unit_id).subquery()
    rows = conn.execute(
        select(unit.c.district, query.c.n).select_from(query.outerjoin(unit, unit.c.unit_id == query.c.unit_id))
    )
    for row in rows:
        found[row.district or ""] += int(row.n)
    return dict(found)


def entered_hours(conn: Connection, of: Of) -> dict[tuple[int, str], int]:
    """Whole hours of service that came with an import, an event or an entry at the office, by year and unit."""
    query = select(service_sum.c.roc_year, service_sum.c.unit_id, func.sum(service_sum.c.half_hours)).where(
        service_sum.c.roc_year.between(of.months[0] // 12 - ROC_OFFSET, of.months[1] // 12 - ROC_OFFSET),
        service_sum.c.category == "ordinary",
    )
    if of.unit_id:
        query = query.where(service_sum.c.unit_id == of.unit_id)
    if of.district:
        query = query.where(service_sum.c.unit_id.in_(select(unit.c.unit_id).where(unit.c.district == of.district)))
    rows = conn.execute(query.group_by(service_sum.c.roc_year, service_sum.c.unit_id))
    return {(year + ROC_OFFSET, unit_id): int(n) // 2 for year, unit_id, n in rows}


def years(conn: Connection) -> list[int]:
    """The years in which anything happened, the newest first."""
    query = select(func.min(tally.c.month), func.max(tally.c.month)).where(tally.c.what == "submitted")
    first, last = conn.execute(query).one()
    return [] if first is None else list(range(last // 12, first // 12 - 1, -1))


def units(conn: Connection) -> list[Any]:
    """Every unit: unit_id, code, name, district; by code."""
    return list(
        conn.execute(select(unit.c.unit_id, unit.c.code, unit.c.name, unit.c.district).order_by(unit.c.code)).all()
    )


def tablets(conn: Connection, ids: Collection[str]) -> dict[str, str]:
    """The names of these tablets."""
    rows = conn.execute(select(device.c.device_id, device.c.name).where(device.c.device_id.in_(ids)))
    return {row.device_id: row.name for row in rows}


def _sums(of: Of, whats: Collection[str], *columns: ColumnElement[Any]) -> Select[Any]:
    query = (
        select(*columns, func.sum(tally.c.n).label("n"))
        .where(tally.c.what.in_(whats), tally.c.month.between(*of.months))
        .group_by(*columns)
    )
    if of.unit_id:
        query = query.where(tally.c.unit_id == of.unit_id)
    if of.district:
        query = query.where(tally.c.unit_id.in_(select(unit.c.unit_id).where(unit.c.district == of.district)))
    return query


def _month(at_ms: int) -> int:
    return month_of(datetime.fromtimestamp(at_ms / 1000, _TAIPEI).date())
