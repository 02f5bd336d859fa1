"""An import's work, off the request: reading the file into lines that say what would change, writing them, taking them back.

Reading writes its lines in handfuls and begins anew after a crash. Writing and taking back are one transaction each: killed in the
middle, nothing was written, and the worker does it again. Before a line is written it is compared once more; where anything is no
longer as the dry run showed it, nothing is written and the dry run is made anew. What is not here: pages (importing).
"""

from __future__ import annotations

import hashlib
import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cryptography.exceptions import InvalidTag

from center.exchange import headings
from center.exchange.comparing import Comparer
from center.exchange.fields import FIELDS, Kind
from center.exchange.headings import Head
from center.exchange.reading import Read, Reader
from center.exchange.writing import take_back, write
from center.secrets_box import close_box, open_box, server_secret
from center.settings import Settings
from center.store import Store, audit, exchange
from center.store.exchange import OUTCOMES, Batch
from honorcard.problems import ProblemError
from honorcard.roster import Line
from sync.crash import crash_here
from web import tables
from web.clock import TAIPEI
from web.table_sheet import Limits, OpenSheet

MOST_ROWS = 100_000
LIMITS = Limits(15 * 2**20, 200 * 2**20, 2 * MOST_ROWS, 300_000, 4_000_000)
AT_ONCE_BYTES = 200_000  # a file that is not larger is read while its sender waits, for at most a second or two
AT_ONCE_LINES = 500  # so many are written while the sender waits
KEEP_MS = 30 * 86_400_000  # what nobody took up, and what refused lines said
_PIECE = 2**20
_LINES = 2000

log = logging.getLogger("honorcard.center.exchange")


@dataclass(frozen=True)
class _Chosen:
    """The sheet that is read. place: its place among the sheets."""

    place: int
    sheet: str
    head: Head
    epoch: date
    lines: Iterator[Line]


class _Moved(Exception):
    """What is here is no longer as the dry run showed it."""


def begin(store: Store, settings: Settings, kind: Kind, data: bytes, *, by: str, now_ms: int) -> str:
    """Takes a file in, sealed, to be read; gives the batch. ProblemError `roster_…` for one that cannot be a list."""
    if not data.startswith(b"PK") or len(data) > LIMITS.file_bytes:
        tables.stream(data, LIMITS)  # what can be said of it without reading it is said at once
    key = server_secret(settings.keys_dir, "exchange")
    digest = hashlib.sha256(data).digest()
    boxes = [close_box(key, data[at : at + _PIECE], b"exchange " + digest) for at in range(0, len(data), _PIECE)]
    with store.write() as conn:
        batch_id = exchange.begin(conn, kind, by, boxes, file_sha256=digest, size=len(data), now_ms=now_ms)
        audit.note(
            conn, "exchange_begun", actor=by, now_ms=now_ms, entity_kind="exchange", entity=batch_id,
            fields=[("kind", "", kind), ("sha256", "", digest.hex())],
        )  # fmt: skip
    return batch_id


def step(store: Store, settings: Settings, now: datetime) -> bool:
    """Does what waits, batch by batch; whether there was any. A batch that fails does not keep the others from their turn."""
    with store.read() as conn:
        waiting = exchange.busy(conn)
    for batch in waiting:
        try:
            work(store, settings, batch.batch_id, now)
        except Exception as error:  # the class alone: a message may quote what is in a row
            log.error("an import failed: %s", type(error).__name__)
    return bool(waiting)


def sweep(store: Store, now_ms: int) -> None:
    """Lets go of files nobody took up and of what refused lines said, after thirty days."""
    with store.write() as conn:
        exchange.forget_old(conn, now_ms - KEEP_MS)


def work(store: Store, settings: Settings, batch_id: str, now: datetime) -> None:
    """Does what a batch waits for, unless another process is at it."""
    with store.claim(f"exchange {batch_id}") as mine:
        if not mine:
            return
        with store.read() as conn:
            batch = exchange.find(conn, batch_id)
        if batch is None:
            return
        now_ms = int(now.timestamp() * 1000)
        if batch.state == "reading":
            _read(store, settings, batch, now.astimezone(TAIPEI).date(), now_ms)
        elif batch.state == "importing":
            _import(store, settings, batch, now_ms)
        elif batch.state == "undoing":
            _undo(store, batch, now_ms)


# --- reading ---


def _read(store: Store, settings: Settings, batch: Batch, today: date, now_ms: int) -> None:
    with store.read() as conn:
        pieces = exchange.pieces(conn, batch.batch_id)
        remembered = exchange.columns(conn, "in", batch.kind) or {}
    with store.write() as conn:
        exchange.clear_lines(conn, batch.batch_id)
    try:
        data = _opened(settings, batch, pieces)
        chosen = _choose(batch, data, remembered)
        lacking = headings.missing(_kind(batch), chosen.head.at)
        if lacking:
            head = _said(chosen)
            with store.write() as conn:
                exchange.change(conn, batch.batch_id, if_state="reading", state="columns", head=head)
            return
        _stage(store, settings, batch, chosen, today, now_ms)
    except ProblemError as problem:
        said = {"code": problem.code, "details": dict(problem.details)}
        with store.write() as conn:
            exchange.clear_lines(conn, batch.batch_id)
            exchange.change(conn, batch.batch_id, if_state="reading", state="broken", problem=said)


def _opened(settings: Settings, batch: Batch, pieces: list[bytes]) -> bytes:
    key = server_secret(settings.keys_dir, "exchange")
    try:
        return b"".join(open_box(key, piece, b"exchange " + batch.file_sha256) for piece in pieces)
    except InvalidTag as error:
        raise ProblemError("roster_damaged") from error


def _choose(batch: Batch, data: bytes, remembered: dict[str, str]) -> _Chosen:
    """The sheet that was chosen before, or the first that is shown and has all its columns; else the first with any line."""
    kind = _kind(batch)
    said = batch.head
    fallback: _Chosen | None = None
    hidden = False
    for place, sheet in enumerate(tables.stream(data, LIMITS)):
        if said and place != said["place"]:
            continue
        first = list(itertools.islice(sheet.lines, headings.SEARCHED))
        if not first:
            continue
        if sheet.hidden and not said:
            hidden = True
            continue
        lines = itertools.chain(first, sheet.lines)
        if said:
            head = Head(said["line"], tuple(said["titles"]), {of: int(at) for of, at in said["at"].items()})
            return _Chosen(place, sheet.name, head, sheet.epoch, lines)
        chosen = _chosen(place, sheet, headings.find(kind, first, remembered), lines)
        if not headings.missing(kind, chosen.head.at):
            return chosen
        if fallback is None or len(chosen.head.at) > len(fallback.head.at):
            fallback = chosen
    if fallback is None:
        raise ProblemError("roster_hidden" if hidden else "roster_empty")
    return fallback


def _chosen(place: int, sheet: OpenSheet, head: Head, lines: Iterator[Line]) -> _Chosen:
    return _Chosen(place, sheet.name, head, sheet.epoch, lines)


def _said(chosen: _Chosen) -> dict[str, Any]:
    head = chosen.head
    return {
        "place": chosen.place, "sheet": chosen.sheet, "line": head.line, "titles": list(head.titles), "at": dict(head.at),
    }  # fmt: skip


def _stage(store: Store, settings: Settings, batch: Batch, chosen: _Chosen, today: date, now_ms: int) -> None:
    reader = Reader(_kind(batch), chosen.head, today, chosen.epoch)
    comparer = Comparer(settings, _kind(batch), batch.batch_id, chosen.head.at)
    counts = dict.fromkeys(OUTCOMES, 0)
    kept = (line for line in chosen.lines if not reader.is_aside(line))
    done = 0
    while part := list(itertools.islice(kept, _LINES)):
        done += len(part)
        if done > MOST_ROWS:
            raise ProblemError("roster_rows_too_many", limit=f"{MOST_ROWS:,}")
        reads = [reader.read(line) for line in part]
        with store.read() as conn:
            staged = [one for one, _ in comparer.compare(conn, reads)]
        for one in staged:
            counts[one.outcome] += 1
        with store.write() as conn:
            if not exchange.change(conn, batch.batch_id, if_state="reading", done=done):
                return  # given up meanwhile
            exchange.add_lines(conn, batch.batch_id, staged)
        crash_here("X1")
    if not done:
        raise ProblemError("roster_empty")
    with store.write() as conn:
        values = {"state": "ready", "counts": counts, "head": _said(chosen), "problem": {}}
        if exchange.change(conn, batch.batch_id, if_state="reading", **values):
            exchange.log(
                conn, "read", batch.kind, batch.account_id, now_ms, batch_id=batch.batch_id, rows=done,
                sha256=batch.file_sha256, details=counts,
            )  # fmt: skip


# --- writing, and taking back ---


def _import(store: Store, settings: Settings, batch: Batch, now_ms: int) -> None:
    try:
        with store.write() as conn, exchange.readers_go_on(conn):
            by = batch.head.get("imported_by", batch.account_id)
            comparer = Comparer(settings, _kind(batch), batch.batch_id, batch.head["at"])
            above = 0
            while part := exchange.lines(conn, batch.batch_id, ("new", "changed"), above=above, limit=_LINES):
                above = part[-1].line
                reads = [Read(one.line, tuple(one.cells), one.entry) for one in part]
                lines = []
                for shown, (found, compared) in zip(part, comparer.compare(conn, reads), strict=True):
                    if compared is None or (found.outcome, found.changes) != (shown.outcome, shown.changes):
                        raise _Moved
                    lines.append((found, compared))
                write(conn, settings, batch, lines, by=by, now_ms=now_ms)
                crash_here("X2")
            exchange.forget_file(conn, batch.batch_id)
            exchange.change(conn, batch.batch_id, if_state="importing", state="imported", ended_ms=now_ms, moved=0)
            exchange.log(
                conn, "import", batch.kind, by, now_ms, batch_id=batch.batch_id, rows=batch.writes,
                sha256=batch.file_sha256, details=batch.counts,
            )  # fmt: skip
    except _Moved:
        with store.write() as conn:
            exchange.change(conn, batch.batch_id, if_state="importing", state="reading", moved=1, done=0)


def _undo(store: Store, batch: Batch, now_ms: int) -> None:
    with store.write() as conn, exchange.readers_go_on(conn):
        by = batch.head.get("undone_by", batch.account_id)
        take_back(conn, batch, by=by, now_ms=now_ms)
        crash_here("X3")
        kept = exchange.lines_kept(conn, batch.batch_id)
        exchange.change(conn, batch.batch_id, if_state="undoing", state="undone", undone_ms=now_ms, kept=kept)
        exchange.log(
            conn, "undo", batch.kind, by, now_ms, batch_id=batch.batch_id, rows=batch.writes - kept,
            details={"kept": kept},
        )  # fmt: skip


def _kind(batch: Batch) -> Kind:
    return next(kind for kind in FIELDS if kind == batch.kind)
