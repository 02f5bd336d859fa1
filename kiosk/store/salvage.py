"""What can still be read of a tablet's database that is damaged, set aside, or a copy: row by row, around the bad pages.

Every page is authenticated by SQLCipher, so that a row which can be read is a row that was written. Operations are sealed
to the center and taken over as they are, under their own ids: what the center has already, it knows again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlite_utils import Database

from sync import outbox

_PROBED = 500  # row numbers tried past a bad page when nobody can say how many there are
# what a new database takes over; `op_log` is first, since the rest may name it
_SEALED = ("application", "card", "own_record", "print_job", "venue")
_READABLE = (
    "draft", "draft_photo", "application_sheet", "sheet_line", "slip_try", "gate_count", "inbox", "meta", "event", "event_act",
    "event_expected",
)  # fmt: skip
_KNOWN = frozenset({*_SEALED, *_READABLE, "op_log", "blob", "migration", "alarm"})
_NOT_OURS = frozenset({"dev_epoch"})  # of meta: this is another database, and the center is to see it


@dataclass
class Salvaged:
    """What was taken over. unreadable: rows or stretches of rows that could not be read, by table."""

    operations: int = 0
    rows: int = 0
    unreadable: dict[str, int] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether everything could be read."""
        return not self.unreadable


def take_over(db: Database, old: Path, key: bytes, *, drafts: bool) -> Salvaged:
    """Brings what is whole in the file `old` into the caller's transaction; what is here already stays as it is.

    drafts: also what is not submitted yet, the PIN and where the tablet belongs: when the new database takes the place of
    the old one. The old file is only read; one that does not open at all gives nothing.
    """
    done = Salvaged()
    with tempfile.TemporaryDirectory(dir=old.parent, prefix=".reading-") as folder:  # all of it is ciphertext
        copied = Path(folder) / "old.db"
        shutil.copyfile(old, copied)
        wal = old.with_name(f"{old.name}-wal")
        if wal.exists():
            shutil.copyfile(wal, copied.with_name("old.db-wal"))
        reading = _Reading(copied, key)
        for row in reading.rows("op_log", done):
            if outbox.adopt(db, row) is not None:
                done.operations += 1
        for row in reading.rows("blob", done):
            outbox.add_blob(db, row["sha256"].hex(), row["size"])
        for table in (*_SEALED, *(_READABLE if drafts else ()), *(_later(db) if drafts else ())):
            _copy(db, table, reading.rows(table, done), done)
        reading.close()
    return done


def _later(db: Database) -> list[str]:
    """Tables that came with later steps of the schema: whatever they hold, it belongs here."""
    names = [row[0] for row in db.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return [name for name in names if name not in _KNOWN and not name.startswith("sqlite_")]


def _copy(db: Database, table: str, rows: Iterator[dict[str, Any]], done: Salvaged) -> None:
    here = {row[1] for row in db.conn.execute(f"PRAGMA table_info({table})")}
    for row in rows:
        if table == "meta" and row["k"] in _NOT_OURS:
            continue
        if table == "draft_photo" and not _has_draft(db, row["application_id"]):
            continue
        if table == "sheet_line" and not _has_sheet(db, row["sheet_id"]):
            continue
        names = [name for name in row if name in here]
        marks = ", ".join(f":{name}" for name in names)
        sql = f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names are ours
        done.rows += db.conn.execute(sql, row).rowcount


def _has_draft(db: Database, application_id: str) -> bool:
    return db.conn.execute("SELECT 1 FROM draft WHERE application_id = ?", (application_id,)).fetchone() is not None


def _has_sheet(db: Database, sheet_id: str) -> bool:
    return db.conn.execute("SELECT 1 FROM application_sheet WHERE sheet_id = ?", (sheet_id,)).fetchone() is not None


class _Reading:
    """The old file. After one bad page SQLCipher refuses everything on a connection, so that each trouble costs a new one."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self._conn: sqlcipher.Connection | None = None

    def close(self) -> None:
        """Lets go of the file."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def rows(self, table: str, done: Salvaged) -> Iterator[dict[str, Any]]:
        """Every row that can be read, in order; those that cannot are counted."""
        last = 0
        while True:
            try:
                found = self._ask(_rows_of(table) + "> ? ORDER BY rowid LIMIT 50", last)
            except sqlcipher.DatabaseError as error:
                if "no such table" in str(error):
                    return
                break
            if not found:
                return
            last = found[-1]["rowid_"]
            yield from map(_bare, found)
        top = self._top(table, last)
        if not self._opens():
            done.unreadable[table] = done.unreadable.get(table, 0) + 1
            return
        for rowid in range(last + 1, top + 1):
            try:
                yield from map(_bare, self._ask(_rows_of(table) + "= ?", rowid))
            except sqlcipher.DatabaseError:
                done.unreadable[table] = done.unreadable.get(table, 0) + 1

    def _top(self, table: str, last: int) -> int:
        try:
            return int(self._ask(f"SELECT rowid AS top FROM {table} ORDER BY rowid DESC LIMIT ?", 1)[0]["top"])  # noqa: S608
        except (sqlcipher.DatabaseError, IndexError):
            return last + _PROBED

    def _opens(self) -> bool:
        try:
            return bool(self._ask("SELECT count(*) AS n FROM sqlite_master WHERE 1 = ?", 1))
        except sqlcipher.DatabaseError:
            return False

    def _ask(self, sql: str, value: int) -> list[dict[str, Any]]:
        try:
            if self._conn is None:
                self._conn = sqlcipher.connect(str(self._path), isolation_level=None)
                self._conn.execute("PRAGMA cipher_log_level = NONE")
                self._conn.execute(f"PRAGMA key = \"x'{self._key.hex()}'\"")
            cursor = self._conn.execute(sql, (value,))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except sqlcipher.DatabaseError:
            self.close()
            raise


def _rows_of(table: str) -> str:
    return f"SELECT rowid AS rowid_, * FROM {table} WHERE rowid "  # noqa: S608 - names are ours


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "rowid_"}
