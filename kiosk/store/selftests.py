"""The gate's self-test: how far today's has come, and how the last one ended. Sheets by name, outcomes, moments; no persons."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec
from sqlite_utils import Database

from honorcard.typed import read_json
from kiosk.store import syncing

T = TypeVar("T")
_RUNNING, _LAST = "gate_selftest", "gate_selftest_last"


@dataclass(frozen=True)
class Run:
    """One self-test. sheets: which set of sheets it is made with; answered: the outcome each sheet got, by its name."""

    sheets: str
    began: datetime
    answered: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ended:
    """How a self-test ended."""

    at: datetime
    right: int
    of: int

    @property
    def passed(self) -> bool:
        """Whether every sheet was read and judged rightly."""
        return self.right == self.of


def running(db: Database) -> Run | None:
    """The self-test that has begun and not ended; None when there is none."""
    return _read(db, _RUNNING, Run)


def keep(db: Database, run: Run) -> None:
    """Keeps how far it has come."""
    syncing.put(db, _RUNNING, msgspec.json.encode(run).decode())


def forget(db: Database) -> None:
    """Drops what has begun, so that the next card begins anew."""
    db.conn.execute("DELETE FROM meta WHERE k = ?", (_RUNNING,))


def end(db: Database, ended: Ended) -> None:
    """Notes how it ended."""
    syncing.put(db, _LAST, msgspec.json.encode(ended).decode())


def said_last(db: Database) -> Ended | None:
    """How the last one ended; None before the first."""
    return _read(db, _LAST, Ended)


def _read(db: Database, key: str, kind: type[T]) -> T | None:
    kept = syncing.get(db, key)
    return None if kept is None else read_json(kept, kind)
