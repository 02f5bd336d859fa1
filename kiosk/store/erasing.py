"""Taking every row out of the tablet's database, so that its file does not hold them any more either."""

from __future__ import annotations

from contextlib import suppress

import sqlcipher3.dbapi2 as sqlcipher

from kiosk.store import Store, syncing

_STAYS = ("migration", "sqlite_sequence")


def erase(store: Store) -> None:
    """Every row of every table is gone, and overwritten; that it was done is remembered. All of it, or nothing."""
    with store.read() as db:
        db.conn.execute("PRAGMA secure_delete = ON")
    with store.write() as db:
        db.conn.execute("PRAGMA defer_foreign_keys = ON")
        for table in db.table_names():
            if table not in _STAYS:
                db.conn.execute(f"DELETE FROM [{table}]")  # noqa: S608 - names are ours
        syncing.put(db, "emptied", "1")
    with (
        store.read() as db,
        suppress(sqlcipher.OperationalError),
    ):  # somebody reads just now; the rows are overwritten anyway
        db.conn.execute("VACUUM")
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
