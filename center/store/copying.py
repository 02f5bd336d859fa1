"""The database as one file, copied while the center works, opened again and counted; and put back into an empty place.

SQLite by its own online copy inside one read transaction, PostgreSQL by `pg_dump` of one exported snapshot: in both, what is
counted and what is copied are the same moment's rows. What is not here: what the rows mean (backups).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, func, select, text

from center.store import Store
from center.store.tables import metadata
from honorcard.problems import ProblemError

FOUND = TypeVar("FOUND")

SQLITE_FILE = "center.db"
POSTGRES_FILE = "center.dump"


def copy(store: Store, folder: Path, ask: Callable[[Connection], FOUND]) -> tuple[Path, dict[str, int], FOUND]:
    """Writes a copy of the database into `folder`, durable on return; gives its path, how many rows each table has, and what
    `ask` finds, all of one moment. ProblemError `backup_tool_missing`, `backup_failed`.
    """
    return _copy_sqlite(store, folder, ask) if store.is_sqlite else _copy_postgres(store, folder, ask)


def count(path: Path) -> dict[str, int]:
    """How many rows each table of a copy has, read from the copy itself. ProblemError `backup_damaged`."""
    return _count_sqlite(path) if path.name == SQLITE_FILE else _count_dump(path)


def check_kind(path: Path, url: str) -> None:
    """ProblemError `backup_other_store` when the copy is of another kind of database than `url`."""
    if url.startswith("sqlite:///") != (path.name == SQLITE_FILE):
        raise ProblemError("backup_other_store")


def put_back(path: Path, url: str) -> None:
    """The copy's rows in the empty database of `url`. ProblemError as `check_kind`; `backup_tool_missing`, `backup_failed`."""
    check_kind(path, url)
    if path.name != SQLITE_FILE:
        store = Store(url)
        try:
            _run(
                "pg_restore",
                store.engine,
                "--no-owner",
                "--no-privileges",
                "--exit-on-error",
                "--single-transaction",
                path,
            )
        finally:
            store.engine.dispose()
        return
    target = Path(url.removeprefix("sqlite:///"))
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_suffix(".new")
    shutil.copyfile(path, draft)
    draft.chmod(0o600)
    make_durable(draft)
    draft.replace(target)
    make_durable(target.parent)


def make_durable(path: Path) -> None:
    """What was written to a file, or renamed in a folder, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _rows(conn: Connection) -> dict[str, int]:
    return {
        name: conn.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in sorted(metadata.tables.items())
    }


def _copy_sqlite(store: Store, folder: Path, ask: Callable[[Connection], FOUND]) -> tuple[Path, dict[str, int], FOUND]:
    path = folder / SQLITE_FILE
    with store.read() as conn:  # from its first question on nobody can commit: reads see one moment
        rows, found = _rows(conn), ask(conn)
        source = conn.connection.driver_connection
        if not isinstance(source, sqlite3.Connection):
            raise TypeError("not SQLite")
        with closing(sqlite3.connect(path)) as target:
            source.backup(target)
    make_durable(path)
    make_durable(folder)
    return path, rows, found


def _count_sqlite(path: Path) -> dict[str, int]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as copied:
            if copied.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise ProblemError("backup_damaged", file=path.name)
            if copied.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise ProblemError("backup_damaged", file=path.name)
            tables = [
                name
                for (name,) in copied.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
                )
                if name != "alembic_version"
            ]
            return {name: copied.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608
    except sqlite3.Error as error:
        raise ProblemError("backup_damaged", file=path.name) from error


def _copy_postgres(
    store: Store, folder: Path, ask: Callable[[Connection], FOUND]
) -> tuple[Path, dict[str, int], FOUND]:
    path = folder / POSTGRES_FILE
    with store.engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn, conn.begin():
        conn.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # it waits for pg_dump
        snapshot = conn.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        rows, found = _rows(conn), ask(conn)
        _run(
            "pg_dump", store.engine, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}",
            f"--file={path}",
        )  # fmt: skip
    make_durable(path)
    make_durable(folder)
    return path, rows, found


def _count_dump(path: Path) -> dict[str, int]:
    """Reads the whole archive: each block's lines between its COPY and the line that ends it."""
    rows: dict[str, int] = {}
    command = [tool("pg_restore"), "--data-only", "--file=-", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reading:  # noqa: S603
        assert reading.stdout is not None
        table = ""
        for line in reading.stdout:
            if table and line == b"\\.\n":
                table = ""
            elif table:
                rows[table] += 1
            elif line.startswith(b"COPY "):
                table = line.split()[1].decode().rsplit(".", 1)[-1].strip('"')
                rows[table] = 0
    if reading.returncode != 0 or table:
        raise ProblemError("backup_damaged", file=path.name)
    rows.pop("alembic_version", None)
    return rows


def _run(program: str, engine: Engine, *arguments: str | Path) -> None:
    """A program of PostgreSQL on the engine's database; the password goes by the environment, where nobody lists it."""
    url = engine.url
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    done = subprocess.run(  # noqa: S603
        [tool(program), f"--dbname={address}", *map(str, arguments)], env=environment, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise ProblemError("backup_failed", tool=program, exit=done.returncode)


def tool(name: str) -> str:
    """A program of PostgreSQL, the newest one on this machine: an older program refuses a newer server."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parent.parent.name), reverse=True
    )
    found = str(installed[0]) if installed else shutil.which(name)
    if found is None:
        raise ProblemError("backup_tool_missing", tool=name)
    return found
