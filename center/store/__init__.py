"""The center's store: SQLAlchemy Core over SQLite or PostgreSQL. The only room of the center that speaks SQL.

`with store.read() as conn`, `with store.write() as conn` (SQLite: BEGIN IMMEDIATE); all else is functions named as questions and
events in the modules beside this one, each taking the connection first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from center.store.tables import metadata

# SQLite 3.7.0–3.51.2 can corrupt a WAL database when two connections write and checkpoint at once; the rollback journal with
# EXTRA is safe on every build (sync.md B.2)
_PRAGMAS = ("journal_mode = TRUNCATE", "synchronous = EXTRA", "foreign_keys = ON", "busy_timeout = 10000", "trusted_schema = OFF")


class Store:
    """The center's database."""

    def __init__(self, url: str) -> None:
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            _teach_sqlite(self.engine)

    def create(self) -> None:
        """Brings the schema up to date (Alembic)."""
        from center.store.upgrading import upgrade

        upgrade(self.engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection in a read-only frame of mind."""
        with self.engine.connect() as conn, conn.begin():
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all of it or nothing."""
        with self.engine.connect().execution_options(begin="IMMEDIATE") as conn, conn.begin():
            yield conn


def _teach_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves
        for pragma in _PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql(f"BEGIN {conn.get_execution_options().get('begin', 'DEFERRED')}")


__all__ = ["Store", "metadata"]
