"""The kiosk's store: one SQLCipher file, opened by sqlite-utils. The only room of the kiosk that speaks SQL.

Reading: `with store.read() as db`. Writing: `with store.write() as db`, the one helper that begins IMMEDIATE (a bare
`db.atomic()` begins deferred and fails under contention; `with db.conn` is no transaction at all: sync.md B.2,
lessons 1). One connection a thread.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher
from sqlite_utils import Database

from honorcard.problems import ProblemError
from kiosk.store.migrations import migrate
from sync.device import sync_folder

BUSY_TIMEOUT_MS = 5000
KEY_BYTES = 32
_DISK = {"disk is full": "disk_full", "disk I/O error": "disk_trouble"}


class StoreError(RuntimeError):
    """The database cannot be used as it is (wrong key, a setting that did not take)."""


class Store:
    """The kiosk's database. Cheap to share between threads: each gets its own connection."""

    def __init__(self, path: Path, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise StoreError("the data key must have 32 bytes")
        self.path = path
        self._key = key
        self._local = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.write() as db:
            migrate(db)

    @contextmanager
    def read(self) -> Iterator[Database]:
        """A database to read from (inside a `write` of the same thread: that very transaction)."""
        yield self._database()

    @contextmanager
    def write(self) -> Iterator[Database]:
        """One transaction, begun IMMEDIATE: all of it is committed, or none. Nested calls join the outer one.

        ProblemError `disk_full`, `disk_trouble`.
        """
        db = self._database()
        if db.conn.in_transaction:
            yield db
            return
        try:
            db.conn.execute("BEGIN IMMEDIATE")
            yield db
            db.conn.execute("COMMIT")
        except BaseException as error:
            # a full disk may fail the COMMIT and leave the transaction open, where later writes would join it
            # unsaved; or SQLite has rolled back by itself, and a second ROLLBACK would hide the reason
            if db.conn.in_transaction:
                db.conn.execute("ROLLBACK")
            for words, code in _DISK.items():
                if isinstance(error, sqlcipher.OperationalError) and words in str(error):
                    raise ProblemError(code) from error
            raise

    def sqlite_version(self) -> str:
        """The SQLite inside, for the health page (before 3.51.3 WAL may corrupt: sync.md B.2)."""
        return str(self._database().conn.execute("SELECT sqlite_version()").fetchone()[0])

    def close(self) -> None:
        """Closes this thread's connection."""
        db = getattr(self._local, "db", None)
        if db is not None:
            db.conn.close()
            self._local.db = None

    def _database(self) -> Database:
        db = getattr(self._local, "db", None)
        if db is None:
            db = Database(_connect(self.path, self._key))
            self._local.db = db
        return db


def _connect(path: Path, key: bytes) -> sqlcipher.Connection:
    conn = sqlcipher.connect(str(path), timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None, check_same_thread=True)
    conn.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    try:
        conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlcipher.DatabaseError as error:
        conn.close()
        raise StoreError("the database does not open with this key") from error
    conn.execute("PRAGMA journal_mode = WAL")
    for name, value, expected in (
        ("synchronous", "FULL", 2),
        ("foreign_keys", "ON", 1),
        ("trusted_schema", "OFF", 0),
        ("busy_timeout", BUSY_TIMEOUT_MS, BUSY_TIMEOUT_MS),
    ):
        conn.execute(f"PRAGMA {name} = {value}")
        held = conn.execute(f"PRAGMA {name}").fetchone()[0]
        if held != expected:
            raise StoreError(f"PRAGMA {name} is {held}, not {expected}")
    return conn


def data_key(path: Path) -> bytes:
    """The device's data key, made at first use (mode 0600). Losing it loses the drafts: it exists nowhere else."""
    if path.exists():
        return path.read_bytes()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # link, not rename: the first of two wins, and nobody reads half a key
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)  # a database outlives no key
    return path.read_bytes()
