"""The sums behind the statistics: counted once from what is only ever added to (the history of cases, what became of cards).

`count_more` goes on where it stopped, in one transaction with the marks of how far it is: each event counts once, whoever dies in
between. There are two tables of sums with marks of their own, so that a program that knows only the older one may work beside this
one: what it counted is counted into the other later. Durations are kept as steps of five per cent, so that a median costs no more
than a sum. What is not here: what is asked of them (tally), words and pictures (center.statistics).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Table, func, select

from center.store import bulk
from center.store.cards import read_meta, write_meta
from center.store.tables import application, card, card_event, history, tally, tally_whole
from center.store.tally import COUNTED, MARKS, bucket, month_of
from honorcard.typed import read_json

AT_ONCE = 2_000
_TAIPEI = ZoneInfo("Asia/Taipei")  # a month of the city's calendar

Key = tuple[str, int, str, str, str, str]  # as the columns of the table
Sums = Counter[Key]


class _Row(msgspec.Struct):
    end: date
    minutes: int


class _Said(msgspec.Struct):
    """What is read of a body."""

    birth_date: date | None = None
    rows: tuple[_Row, ...] = ()


@dataclass(frozen=True)
class _Log:
    """Something that is only added to: its rows from after a mark on, up to another where one is given, as sums; and how far."""

    newest: Callable[[Connection], int]
    read: Callable[[Connection, int, int, int | None], tuple[Sums, int | None]]
    marks: tuple[str, str]  # of the sums by place, of those of the whole city


def is_behind(conn: Connection) -> bool:
    """Whether there is something to count."""
    return any(log.newest(conn) > int(read_meta(conn, mark) or 0) for log in _LOGS for mark in log.marks)


@dataclass(frozen=True)
class Behind:
    """About how many events are still to be counted: places: into the sums by place, so that figures lack them; whole: into those
    of the whole city, so that a question about it is slow and right (decision 0018).
    """

    places: int
    whole: int

    def __bool__(self) -> bool:
        """Whether it is more than what a busy minute brings."""
        return max(self.places, self.whole) > AT_ONCE


def behind(conn: Connection) -> Behind:
    """How far the counting is behind, at the price of six rows."""
    places, whole = (
        sum(max(0, log.newest(conn) - int(read_meta(conn, log.marks[which]) or 0)) for log in _LOGS) for which in (0, 1)
    )
    return Behind(places, whole)


def count_more(conn: Connection, limit: int = AT_ONCE) -> bool:
    """Counts the next events; whether there were any. Inside a transaction of the one writer."""
    return any([_go_on(conn, log, limit) for log in _LOGS])


def _go_on(conn: Connection, log: _Log, limit: int) -> bool:
    """Goes on with the table that is behind, never past where the other stands; with both where they stand at one place."""
    at = [int(read_meta(conn, mark) or 0) for mark in log.marks]
    first = min(at)
    ahead = max(at) if max(at) > first else None
    sums, last = log.read(conn, first, limit, ahead)
    if last is None and ahead is None:
        return False
    for place, (mark, write) in enumerate(zip(log.marks, (_add, _add_whole), strict=True)):
        if at[place] == first:
            write(conn, sums)
            write_meta(conn, mark, str(ahead if last is None else last))
    return True


def _history(conn: Connection, mark: int, limit: int, upto: int | None) -> tuple[Sums, int | None]:
    query = (
        select(
            history.c.history_id, history.c.application_id, history.c.at_ms, history.c.move, history.c.reasons,
            application.c.unit_id, application.c.device_id, application.c.kind,
        )
        .select_from(history.join(application, application.c.application_id == history.c.application_id))
        .where(history.c.history_id > mark)
        .order_by(history.c.history_id)
        .limit(limit)
    )  # fmt: skip
    rows = conn.execute(query if upto is None else query.where(history.c.history_id <= upto)).all()
    sums: Sums = Counter()
    if not rows:
        return sums, None
    counted = [row for row in rows if row.move in COUNTED or row.move == "amended"]
    before = _stories(conn, {row.application_id for row in counted}, rows[-1].history_id)
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
    return sums, int(rows[-1].history_id)


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


def _cards(conn: Connection, mark: int, limit: int, upto: int | None) -> tuple[Sums, int | None]:
    """Cards by the month they run out and the year their holder was born; the hours of the books they were issued on."""
    query = (
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
    )  # fmt: skip
    rows = conn.execute(query if upto is None else query.where(card_event.c.event_id <= upto)).all()
    sums: Sums = Counter()
    if not rows:
        return sums, None
    used = _used_before(conn, [row for row in rows if row.what == "issued"])
    for row in rows:
        change = {"issued": 1, "revoked": -1, "replaced": -1}.get(row.what, 0)
        if not change:
            continue
        said = read_json(row.body, _Said, strict=False) if row.body else _Said()
        born = str(said.birth_date.year) if said.birth_date else ""
        sums["card", month_of(row.valid_until), row.unit_id or "", "", "", born] += change
        if row.what != "issued" or row.kind not in ("first", "renewal"):
            continue
        for served in said.rows:
            if row.seq not in used or served.end > used[row.seq]:
                sums["minutes", 12 * served.end.year, row.unit_id or "", "", "", ""] += served.minutes
    return sums, int(rows[-1].event_id)


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


def _add(conn: Connection, sums: Sums) -> None:
    _write(conn, tally, ("what", "month", "unit_id", "device_id", "kind", "detail"), sums)


def _add_whole(conn: Connection, sums: Sums) -> None:
    """Of the whole city: nothing by unit but how many cards, durations by year, all cards by month and year of birth alike."""
    whole: Counter[tuple[str, int, str, str]] = Counter()
    for (what, month, unit_id, _, kind, detail), n in sums.items():
        if what == "took":
            whole[what, month // 12 * 12, "", detail] += n
            continue
        whole[what, month, kind, detail] += n
        if what == "card":
            whole["card_of", month, "", unit_id] += n
    _write(conn, tally_whole, ("what", "month", "kind", "detail"), whole)


def _write(conn: Connection, table: Table, names: tuple[str, ...], sums: Counter[Any]) -> None:
    rows = [{**dict(zip(names, key, strict=True)), "n": n} for key, n in sums.items() if n]
    bulk.add(conn, table, rows, sum_of="n")


def _month(at_ms: int) -> int:
    return month_of(datetime.fromtimestamp(at_ms / 1000, _TAIPEI).date())


_LOGS = (
    _Log(
        lambda conn: conn.execute(select(func.max(history.c.history_id))).scalar_one() or 0,
        _history,
        MARKS[0],
    ),
    _Log(
        lambda conn: conn.execute(select(func.max(card_event.c.event_id))).scalar_one() or 0,
        _cards,
        MARKS[1],
    ),
)
