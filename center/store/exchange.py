"""Lists brought in and taken out: batches with their lines, the columns the administrator set, the log (R60).

A file lies here sealed, in pieces, until it was imported or given up. What is not here: what an import writes of units and people
(exchange_rows), and what a line means (center.exchange).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, delete, func, insert, select, update

from center.store import audit, bulk
from center.store.tables import (
    account,
    exchange_batch,
    exchange_columns,
    exchange_line,
    exchange_log,
    exchange_piece,
)  # fmt: skip
from sync.ids import uuid7

BUSY = ("reading", "importing", "undoing")
OUTCOMES = ("new", "changed", "same", "refused")
_ROOM_KIB = -512 * 1024  # at most, for the pages a long transaction changes; negative: in KiB


@dataclass(frozen=True)
class Batch:
    """One file brought in. head: sheet, headings and columns as center.exchange.running wrote them; counts: lines by outcome;
    problem: code and details, empty where there is none; moved: what is here changed after the dry run was looked at.
    """

    batch_id: str
    kind: str
    state: str
    account_id: str
    person: str
    at_ms: int
    file_sha256: bytes
    file_bytes: int
    head: dict[str, Any]
    done: int
    counts: dict[str, int]
    problem: dict[str, Any]
    moved: bool
    ended_ms: int | None
    undone_ms: int | None
    kept: int

    @property
    def writes(self) -> int:
        """How many lines an import would write, or wrote."""
        return self.counts.get("new", 0) + self.counts.get("changed", 0)


@dataclass(frozen=True)
class Staged:
    """A line as a dry run leaves it. changes: [field, before, after]; troubles: [field, column, shape, code, details]."""

    line: int
    outcome: str
    cells: Sequence[str]
    entry: dict[str, Any]
    changes: list[list[Any]]
    troubles: list[list[Any]]
    target: str | None = None
    kept: str = ""

    def __repr__(self) -> str:
        return f"Staged(line={self.line}, …)"


@dataclass(frozen=True)
class Entry:
    """A line of the log."""

    entry: int
    at_ms: int
    person: str
    what: str
    kind: str
    batch_id: str | None
    rows: int | None
    sha256: str
    details: dict[str, Any]


# --- batches ---


def begin(
    conn: Connection, kind: str, account_id: str, pieces: Iterable[bytes], *, file_sha256: bytes, size: int, now_ms: int
) -> str:
    """A new batch that waits to be read; pieces: the sealed file in its order. Gives its id."""
    batch_id = uuid7()
    conn.execute(
        insert(exchange_batch).values(
            batch_id=batch_id, kind=kind, state="reading", account_id=account_id, at_ms=now_ms, file_sha256=file_sha256,
            file_bytes=size,
        )
    )  # fmt: skip
    for position, content in enumerate(pieces):
        conn.execute(insert(exchange_piece).values(batch_id=batch_id, position=position, content=content))
    return batch_id


def find(conn: Connection, batch_id: str) -> Batch | None:
    """The batch of that id."""
    row = conn.execute(_batches().where(exchange_batch.c.batch_id == batch_id)).first()
    return None if row is None else _batch(row)


def recent(conn: Connection, limit: int = 20) -> list[Batch]:
    """The newest batches that were not given up."""
    query = _batches().where(exchange_batch.c.state != "dropped").order_by(exchange_batch.c.at_ms.desc()).limit(limit)
    return [_batch(row) for row in conn.execute(query)]


def busy(conn: Connection) -> list[Batch]:
    """Batches with work under way, the oldest first."""
    query = _batches().where(exchange_batch.c.state.in_(BUSY)).order_by(exchange_batch.c.at_ms)
    return [_batch(row) for row in conn.execute(query)]


def imported_before(conn: Connection, batch: Batch) -> Batch | None:
    """The newest other batch of the same file and kind whose lines stand here."""
    query = (
        _batches()
        .where(
            exchange_batch.c.file_sha256 == batch.file_sha256, exchange_batch.c.kind == batch.kind,
            exchange_batch.c.state == "imported", exchange_batch.c.batch_id != batch.batch_id,
        )
        .order_by(exchange_batch.c.ended_ms.desc())
        .limit(1)
    )  # fmt: skip
    row = conn.execute(query).first()
    return None if row is None else _batch(row)


def change(conn: Connection, batch_id: str, *, if_state: str, **values: Any) -> bool:
    """Sets columns of a batch that is in that state; False when it is in another. JSON columns take what they hold."""
    for name in ("head", "counts", "problem"):
        if name in values:
            values[name] = _json(values[name] or {})
    query = update(exchange_batch).where(exchange_batch.c.batch_id == batch_id, exchange_batch.c.state == if_state)
    return conn.execute(query.values(**values)).rowcount == 1


def pieces(conn: Connection, batch_id: str) -> list[bytes]:
    """The sealed file; nothing once it was let go."""
    query = select(exchange_piece.c.content).where(exchange_piece.c.batch_id == batch_id)
    return [bytes(content) for content in conn.execute(query.order_by(exchange_piece.c.position)).scalars()]


def forget_file(conn: Connection, batch_id: str) -> None:
    """The file is let go, and what its lines say beside what an undo and a list of errors need."""
    conn.execute(delete(exchange_piece).where(exchange_piece.c.batch_id == batch_id))
    lines = exchange_line.c
    kept = case((lines.outcome == "refused", lines.cells), else_="[]")
    conn.execute(update(exchange_line).where(lines.batch_id == batch_id).values(entry="{}", cells=kept))


def forget_old(conn: Connection, before_ms: int) -> None:
    """What nobody took up since then is given up; refused lines of older batches lose what they said."""
    batches = exchange_batch.c
    left = select(batches.batch_id).where(batches.state.in_(("columns", "broken", "ready")), batches.at_ms < before_ms)
    for batch_id in conn.execute(left).scalars().all():
        drop(conn, batch_id, before_ms)
    ended = select(batches.batch_id).where(batches.ended_ms < before_ms)
    said = (exchange_line.c.batch_id.in_(ended), exchange_line.c.cells != "[]")
    conn.execute(update(exchange_line).where(*said).values(cells="[]"))


def drop(conn: Connection, batch_id: str, now_ms: int) -> None:
    """The batch is given up: nothing of its file stays."""
    conn.execute(delete(exchange_piece).where(exchange_piece.c.batch_id == batch_id))
    clear_lines(conn, batch_id)
    conn.execute(
        update(exchange_batch).where(exchange_batch.c.batch_id == batch_id).values(state="dropped", ended_ms=now_ms)
    )


@contextmanager
def readers_go_on(conn: Connection) -> Iterator[None]:
    """On SQLite what a long transaction changes stays in memory until COMMIT: spilled to the file before, it would keep everybody
    from reading. PostgreSQL's readers never wait.
    """
    if conn.dialect.name != "sqlite":
        yield
        return
    (before,) = conn.exec_driver_sql("PRAGMA cache_size").one()
    conn.exec_driver_sql(f"PRAGMA cache_size = {_ROOM_KIB}")
    try:
        yield
    finally:
        conn.exec_driver_sql(f"PRAGMA cache_size = {before}")


# --- lines ---


def clear_lines(conn: Connection, batch_id: str) -> None:
    """Before a file is read, or read again."""
    conn.execute(delete(exchange_line).where(exchange_line.c.batch_id == batch_id))


def add_lines(conn: Connection, batch_id: str, lines: Sequence[Staged]) -> None:
    """Lines of a dry run, in one statement."""
    rows = [
        {
            "batch_id": batch_id, "line": one.line, "outcome": one.outcome, "cells": _json(list(one.cells)),
            "entry": _json(one.entry), "changes": _json(one.changes), "troubles": _json(one.troubles),
        }
        for one in lines
    ]  # fmt: skip
    bulk.add(conn, exchange_line, rows)


def lines(
    conn: Connection, batch_id: str, outcomes: Sequence[str] = OUTCOMES, *, above: int = 0, below: int | None = None,
    limit: int = 50, kept: bool = False,
) -> list[Staged]:  # fmt: skip
    """Lines in their order after the one above; or the last ones before the one below. kept: those that were not taken back."""
    found = exchange_line.c
    query = select(exchange_line).where(found.batch_id == batch_id, found.outcome.in_(outcomes), found.line > above)
    if kept:
        query = query.where(found.kept != "")
    if below is not None:
        rows = conn.execute(query.where(found.line < below).order_by(found.line.desc()).limit(limit)).all()[::-1]
    else:
        rows = conn.execute(query.order_by(found.line).limit(limit)).all()
    return [
        Staged(
            row.line, row.outcome, json.loads(row.cells), json.loads(row.entry), json.loads(row.changes),
            json.loads(row.troubles), row.target, row.kept,
        )
        for row in rows
    ]  # fmt: skip


def note_targets(conn: Connection, batch_id: str, targets: Mapping[int, str]) -> None:
    """Which row each line made or changed."""
    _set(conn, batch_id, "target", targets)


def note_kept(conn: Connection, batch_id: str, codes: Mapping[int, str]) -> None:
    """Why lines were not taken back."""
    _set(conn, batch_id, "kept", codes)


def _set(conn: Connection, batch_id: str, column: str, values: Mapping[int, str]) -> None:
    if values:
        query = update(exchange_line).where(
            exchange_line.c.batch_id == bindparam("of_batch"), exchange_line.c.line == bindparam("of_line")
        )
        conn.execute(
            query.values({column: bindparam("value")}),
            [{"of_batch": batch_id, "of_line": line, "value": value} for line, value in values.items()],
        )


# --- columns ---


def columns(conn: Connection, direction: str, kind: str) -> Any:
    """What the administrator set for that kind, `in` or `out`; None where nothing was set."""
    query = select(exchange_columns.c.said).where(
        exchange_columns.c.direction == direction, exchange_columns.c.kind == kind
    )
    said = conn.execute(query).scalar_one_or_none()
    return None if said is None else json.loads(said)


def set_columns(conn: Connection, direction: str, kind: str, said: Any, *, by: str, now_ms: int) -> None:
    """Sets it; None forgets what was set."""
    which = (exchange_columns.c.direction == direction, exchange_columns.c.kind == kind)
    conn.execute(delete(exchange_columns).where(*which))
    if said is not None:
        values = {"direction": direction, "kind": kind, "said": _json(said), "account_id": by, "at_ms": now_ms}
        conn.execute(insert(exchange_columns).values(**values))


# --- the log ---


def log(
    conn: Connection, what: str, kind: str, by: str, now_ms: int, *, batch_id: str | None = None, rows: int | None = None,
    sha256: bytes | None = None, details: Mapping[str, Any] | None = None,
) -> int:  # fmt: skip
    """Adds a line, and the entry `exchange_<what>` of the audit: who did what; gives its number. Nothing about a person."""
    done = conn.execute(
        insert(exchange_log).values(
            at_ms=now_ms, account_id=by, what=what, kind=kind, batch_id=batch_id, row_count=rows, sha256=sha256,
            details=_json(dict(details or {})),
        )
    )  # fmt: skip
    said = {"kind": kind, "rows": rows, "sha256": sha256.hex() if sha256 else "", **(details or {})}
    fields = [(name, "", str(value)[:200]) for name, value in said.items() if value not in (None, "", 0)]
    audit.note(
        conn, f"exchange_{what}", actor=by, now_ms=now_ms, entity_kind="exchange", entity=batch_id or kind, fields=fields
    )  # fmt: skip
    return int(done.inserted_primary_key[0])  # type: ignore[index]


def logged(conn: Connection, *, below: int | None = None, limit: int = 50) -> list[Entry]:
    """The log, the newest first, from the one below on."""
    query = (
        select(exchange_log, account.c.person)
        .select_from(exchange_log.join(account, account.c.account_id == exchange_log.c.account_id))
        .order_by(exchange_log.c.entry.desc())
        .limit(limit)
    )
    if below is not None:
        query = query.where(exchange_log.c.entry < below)
    return [
        Entry(
            row.entry, row.at_ms, row.person, row.what, row.kind, row.batch_id, row.row_count,
            bytes(row.sha256).hex() if row.sha256 is not None else "", json.loads(row.details),
        )
        for row in conn.execute(query)
    ]  # fmt: skip


def lines_kept(conn: Connection, batch_id: str) -> int:
    """How many lines were not taken back."""
    query = select(func.count()).where(exchange_line.c.batch_id == batch_id, exchange_line.c.kept != "")
    return int(conn.execute(query).scalar_one())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _batches() -> Any:
    return select(exchange_batch, account.c.person).select_from(
        exchange_batch.join(account, account.c.account_id == exchange_batch.c.account_id)
    )


def _batch(row: Row[Any]) -> Batch:
    return Batch(
        row.batch_id, row.kind, row.state, row.account_id, row.person, row.at_ms, bytes(row.file_sha256), row.file_bytes,
        json.loads(row.head), row.done, json.loads(row.counts), json.loads(row.problem or "{}"), bool(row.moved),
        row.ended_ms, row.undone_ms, row.kept,
    )  # fmt: skip
