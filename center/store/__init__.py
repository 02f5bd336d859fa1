"""The center's store: SQLAlchemy Core over SQLite or PostgreSQL. The only room of the center that speaks SQL.

`with store.read() as conn`, `with store.write() as conn`; all else is functions named as questions and events in the modules
beside this one, each taking the connection first.

There is one writer at a time, whichever the database and however many processes: SQLite by BEGIN IMMEDIATE, PostgreSQL by an
advisory lock that is taken first and held until COMMIT. So whoever reads and then writes reads what holds, no two
transactions wait for each other, and what is appended to the feed is committed in the order of its numbers
(docs/decisions/0008). `write(alone=False)` is for single statements that need none of this.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text

from center.store.tables import metadata

# SQLite 3.7.0–3.51.2 can corrupt a WAL database when two connections write and checkpoint at once; the rollback journal with
# EXTRA is safe on every build (sync.md B.2)
_PRAGMAS: tuple[tuple[str, str | int, str | int], ...] = (
    ("busy_timeout", 10000, 10000),
    ("journal_mode", "TRUNCATE", "truncate"),
    ("synchronous", "EXTRA", 3),
    ("foreign_keys", "ON", 1),
    ("secure_delete", "ON", 1),  # what is deleted is gone from the file, and not only from its tables
    ("trusted_schema", "OFF", 0),
)

# PostgreSQL: whoever waits longer than this for the one writer gives up, and its tablet comes again (503)
_LOCK_WAIT_MS = 20_000
# a process that is frozen in the middle of a transaction must not hold up the others for ever
_IDLE_MS = 120_000
_WRITER = 0x48_43_57_52  # advisory locks, any numbers of our own: the one writer; who claimed a piece of work
_CLAIM = 0x48_43_43_4C
POOL = 10  # threads of a process, its worker, and one to spare


class Store:
    """The center's database."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
            self.engine: Engine = create_engine(url)
            _teach_sqlite(self.engine)
        else:
            options = (
                f"-c lock_timeout={_LOCK_WAIT_MS} -c idle_in_transaction_session_timeout={_IDLE_MS} -c timezone=UTC"
            )
            self.engine = create_engine(
                url, pool_pre_ping=True, pool_size=POOL, max_overflow=POOL, pool_timeout=_LOCK_WAIT_MS / 1000,
                connect_args={"options": options, "connect_timeout": 10},
            )  # fmt: skip
        self._claimed: set[str] = set()
        self._claiming = Lock()

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
    def write(self, *, alone: bool = True) -> Iterator[Connection]:
        """One transaction: all of it or nothing. alone: nobody else writes meanwhile, in any process."""
        with self.engine.connect().execution_options(begin="IMMEDIATE", alone=alone) as conn, conn.begin():
            if alone and not self.is_sqlite:
                conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITER})
            yield conn

    @contextmanager
    def claim(self, work: str) -> Iterator[bool]:
        """Whether a piece of work is this caller's until the block ends: of all that ask at once, in any process, one gets
        it. A process that dies lets go.
        """
        with self._claiming:
            mine = work not in self._claimed
            if mine:
                self._claimed.add(work)
        if not mine:
            yield False
            return
        try:
            if self.is_sqlite:
                yield True
                return
            # a session's lock, on a connection that is in no transaction meanwhile
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
                key = {"kind": _CLAIM, "work": work}
                got = conn.execute(text("SELECT pg_try_advisory_lock(:kind, hashtext(:work))"), key).scalar_one()
                try:
                    yield bool(got)
                finally:
                    if got:
                        conn.execute(text("SELECT pg_advisory_unlock(:kind, hashtext(:work))"), key)
        finally:
            with self._claiming:
                self._claimed.discard(work)


def _teach_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves
        for name, value, expected in _PRAGMAS:
            raw.execute(f"PRAGMA {name} = {value}")
            (held,) = raw.execute(f"PRAGMA {name}").fetchone()
            if held != expected:
                raise RuntimeError(f"PRAGMA {name} is {held}, not {expected}")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql(f"BEGIN {conn.get_execution_options().get('begin', 'DEFERRED')}")


__all__ = ["Store", "metadata"]
