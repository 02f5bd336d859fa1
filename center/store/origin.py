"""Where a row about a volunteer came from, how many are written at once, and how rows that were wrong are made void.

What is not here: the rows themselves (service, training, insurance, volunteers).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Table, update

Source = Literal["import", "event", "office"]

AT_ONCE = 2000  # rows a statement; people asked about at once

Item = TypeVar("Item")


@dataclass(frozen=True)
class Origin:
    """Who brought rows, and with what. ref: id of the import or event, which takes them back together; empty for an entry at
    the office. by: account or device id.
    """

    source: Source
    by: str
    at_ms: int
    ref: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        """As the columns of a row."""
        return {"source": self.source, "source_ref": self.ref, "entered_by": self.by, "at_ms": self.at_ms}


@dataclass(frozen=True)
class Mark:
    """What every row says of itself beside what it is about. void_ms: None for one that counts."""

    source: Source
    source_ref: str
    entered_by: str
    at_ms: int
    void_ms: int | None = None
    void_by: str = ""
    void_why: str = ""

    @classmethod
    def of(cls, row: Row[Any]) -> Mark:
        """As the row says it."""
        return cls(row.source, row.source_ref, row.entered_by, row.at_ms, row.void_ms, row.void_by, row.void_why)


def in_parts(items: Iterable[Item], size: int = AT_ONCE) -> Iterator[list[Item]]:
    """The items in order, so many at a time."""
    left = iter(items)
    while part := list(islice(left, size)):
        yield part


def void(conn: Connection, table: Table, which: ColumnElement[bool], *, by: str, why: str, now_ms: int) -> int:
    """Makes those rows void that are not yet; says how many."""
    done = conn.execute(
        update(table).where(which, table.c.void_ms.is_(None)).values(void_ms=now_ms, void_by=by, void_why=why)
    )
    return done.rowcount


def bring_back(conn: Connection, table: Table, which: ColumnElement[bool]) -> int:
    """Void rows count again; says how many."""
    done = conn.execute(
        update(table).where(which, table.c.void_ms.is_not(None)).values(void_ms=None, void_by="", void_why="")
    )
    return done.rowcount
