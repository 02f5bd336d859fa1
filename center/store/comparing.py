"""Whether two copies of a database say the same: a fingerprint of each table's rows, whatever order they come in.

From the files that center.store.copying writes, so that SQLite and PostgreSQL are compared as they would be restored. What is not
here: what may rightly differ (center.drill).
"""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from sqlalchemy import create_engine, make_url, text

from center.store.copying import SQLITE_FILE, tool
from honorcard.problems import ProblemError

_MODULUS = 2**256


@dataclass(frozen=True)
class Fingerprint:
    """Of one table: its columns in their order, how many rows, and the sum of the rows' digests."""

    columns: tuple[str, ...]
    rows: int
    digest: str


def fingerprints(path: Path) -> dict[str, Fingerprint]:
    """By table; read from the copy to its last row. ProblemError `backup_damaged`."""
    return dict(_of_sqlite(path) if path.name == SQLITE_FILE else _of_dump(path))


@contextmanager
def spare_database(url: str) -> Iterator[str]:
    """The address of a new, empty PostgreSQL database beside that one, dropped at the end. ProblemError `backup_failed` where this
    account may not make any.
    """
    name = f"honorcard_drill_{token_hex(6)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        try:
            with engine.connect() as conn:
                conn.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
        except Exception as error:
            raise ProblemError("backup_failed", tool="CREATE DATABASE", exit=1) from error
        try:
            yield make_url(url).set(database=name).render_as_string(hide_password=False)
        finally:
            with engine.connect() as conn:
                conn.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    finally:
        engine.dispose()


class _Sum:
    def __init__(self) -> None:
        self.rows, self._sum = 0, 0

    def add(self, row: bytes) -> None:
        self.rows += 1
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(row).digest(), "big")) % _MODULUS

    def of(self, columns: tuple[str, ...]) -> Fingerprint:
        return Fingerprint(columns, self.rows, f"{self._sum:064x}")


def _of_sqlite(path: Path) -> Iterator[tuple[str, Fingerprint]]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as copied:
            tables = copied.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
            ).fetchall()
            for (name,) in tables:
                columns = tuple(sorted(row[1] for row in copied.execute(f'PRAGMA table_info("{name}")')))
                total = _Sum()
                said = ", ".join(f'"{column}"' for column in columns)
                for row in copied.execute(f'SELECT {said} FROM "{name}"'):  # noqa: S608 - names of our own schema
                    total.add(repr(row).encode())
                yield name, total.of(columns)
    except sqlite3.Error as error:
        raise ProblemError("backup_damaged", file=path.name) from error


def _of_dump(path: Path) -> Iterator[tuple[str, Fingerprint]]:
    command = [tool("pg_restore"), "--data-only", "--file=-", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reading:  # noqa: S603
        assert reading.stdout is not None
        table, total = "", _Sum()
        columns: tuple[str, ...] = ()
        for line in reading.stdout:
            if table and line == b"\\.\n":
                yield table, total.of(columns)
                table = ""
            elif table:
                total.add(line)
            elif line.startswith(b"COPY "):
                words = line.decode()
                table = words.split()[1].rsplit(".", 1)[-1].strip('"')
                columns = tuple(words[words.index("(") + 1 : words.index(")")].split(", "))
                total = _Sum()
    if reading.returncode != 0 or table:
        raise ProblemError("backup_damaged", file=path.name)
