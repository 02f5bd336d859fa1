"""The kiosk's store: one SQLCipher file, opened by sqlite-utils. The only room of the kiosk that speaks SQL.

Reading: `with store.read() as db`. Writing: `with store.write() as db`, the one helper that begins IMMEDIATE (a bare
`db.atomic()` begins deferred and fails under contention; `with db.conn` is no transaction at all: sync.md B.2,
lessons 1). One connection a thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher
from sqlite_utils import Database

from honorcard.problems import ProblemError
from kiosk.store.keys import KEY_BYTES, data_key
from kiosk.store.line import Line
from kiosk.store.migrations import migrate
from sync import sqlite_build

__all__ = ["Store", "StoreDamagedError", "StoreError", "data_key"]

BUSY_TIMEOUT_MS = 5000
_DISK = {"disk is full": "disk_full", "disk I/O error": "disk_trouble"}


class StoreError(RuntimeError):
    """The database cannot be used as it is (a setting that did not take, a key that cannot be one)."""


class StoreDamagedError(StoreError):
    """The file is no database of this key: damaged where everything begins, or of another key. kiosk.store.opening sets
    it aside.
    """


class Store:
    """The kiosk's database. Cheap to share between threads: each gets its own connection."""

    def __init__(self, path: Path, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise StoreError("the data key must have 32 bytes")
        self.path = path
        self._key = key
        self._local = threading.local()
        self._line = Line(BUSY_TIMEOUT_MS / 1000)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self.write() as db:
                migrate(db)
        except ProblemError as problem:
            if problem.code == "store_damaged":
                raise StoreDamagedError("the database is damaged") from problem
            raise

    @contextmanager
    def read(self) -> Iterator[Database]:
        """A database to read from (inside a `write` of the same thread: that very transaction). ProblemError
        `store_damaged`.
        """
        try:
            yield self._database()
        except sqlcipher.DatabaseError as error:
            self._give_up(error)
            raise

    @contextmanager
    def write(self) -> Iterator[Database]:
        """One transaction, begun IMMEDIATE: all of it is committed, or none. Nested calls join the outer one; threads write
        in the order in which they came.

        ProblemError `disk_full`, `disk_trouble`, `store_damaged`.
        """
        db = self._database()
        if db.conn.in_transaction:
            yield db
            return
        with self._line.turn():
            try:
                db.conn.execute("BEGIN IMMEDIATE")
                yield db
                db.conn.execute("COMMIT")
            except BaseException as error:
                # a full disk may fail the COMMIT and leave the transaction open, where later writes would join it
                # unsaved; or SQLite has rolled back by itself, and a second ROLLBACK would hide the reason
                if db.conn.in_transaction:
                    with suppress(sqlcipher.DatabaseError if is_damage(error) else ()):
                        db.conn.execute("ROLLBACK")
                for words, code in _DISK.items():
                    if isinstance(error, sqlcipher.OperationalError) and words in str(error):
                        raise ProblemError(code) from error
                self._give_up(error)
                raise

    def sqlite_version(self) -> str:
        """The SQLite inside, for the health page (before 3.51.3 WAL may corrupt: sync.md B.2)."""
        return str(self._database().conn.execute("SELECT sqlite_version()").fetchone()[0])

    def check(self) -> str:
        """What SQLite's quick check says: "ok", or the first thing that is not. Reads nearly every page, each of which is
        authenticated.
        """
        try:
            return str(self._database().conn.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlcipher.DatabaseError as error:
            if not is_damage(error):
                raise
            self.close()  # after one bad page SQLCipher refuses everything on that connection
            return str(error)

    def close(self) -> None:
        """Closes this thread's connection."""
        db = getattr(self._local, "db", None)
        if db is not None:
            db.conn.close()
            self._local.db = None

    def _give_up(self, error: BaseException) -> None:
        """A page that is not what was written: the next start sets the file aside and takes over what is whole."""
        if is_damage(error):
            self.close()  # SQLCipher refuses everything on this connection from here on
            raise ProblemError("store_damaged") from error

    def _database(self) -> Database:
        db = getattr(self._local, "db", None)
        if db is None:
            db = Database(_connect(self.path, self._key))
            self._local.db = db
        return db


def _connect(path: Path, key: bytes) -> sqlcipher.Connection:
    conn = sqlcipher.connect(str(path), timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None, check_same_thread=True)
    conn.execute("PRAGMA cipher_log_level = NONE")  # a damaged page would fill standard error, page by page
    conn.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    try:
        conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlcipher.DatabaseError as error:
        conn.close()
        if isinstance(
            error, sqlcipher.OperationalError
        ):  # cannot be read just now: too many open files, a disk in trouble
            raise
        raise StoreDamagedError("the database does not open with this key") from error
    mode, synchronous = sqlite_build.journal(sqlite_build.read_version(sqlcipher.sqlite_version))
    if conn.execute(f"PRAGMA journal_mode = {mode}").fetchone()[0] != mode.lower():
        raise StoreError(f"PRAGMA journal_mode is not {mode}")
    for name, value, expected in (
        ("synchronous", synchronous, {"FULL": 2, "EXTRA": 3}[synchronous]),
        ("foreign_keys", "ON", 1),
        ("trusted_schema", "OFF", 0),
        ("busy_timeout", BUSY_TIMEOUT_MS, BUSY_TIMEOUT_MS),
        ("mmap_size", 0, 0),
    ):
        conn.execute(f"PRAGMA {name} = {value}")
        _hold(conn, name, expected)
    return conn


def _hold(conn: sqlcipher.Connection, name: str, expected: int) -> None:
    """A setting that was made and does not hold would fail silently, and only when the power does."""
    row = conn.execute(f"PRAGMA {name}").fetchone()
    held = row[0] if row else 0  # SQLCipher has no memory map at all and answers nothing
    if held != expected:
        conn.close()
        raise StoreError(
            f"this SQLite does not keep to PRAGMA {name}: it is {held}, not {expected}; nothing was opened"
        )


def is_damage(error: BaseException) -> bool:
    """Whether the file itself is damaged, rather than busy, full or not readable just now."""
    text = str(error)
    return isinstance(error, sqlcipher.DatabaseError) and ("malformed" in text or "not a database" in text)
