"""Opening the kiosk's database at the start: checked, and when it is damaged set aside, with what is whole taken over into a
new one (sync.md B.2).

Nothing is thrown away: the old file stays beside the new one. The new one has a `dev_epoch` of its own, by which the center
sees that it is another database.
"""

from __future__ import annotations

import logging
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from honorcard.durable import sync_folder
from kiosk.store import Store, StoreDamagedError, alarms
from kiosk.store.salvage import Salvaged, take_over
from sync import outbox

log = logging.getLogger("honorcard.kiosk.store")

ASIDE = "set-aside"


def open_store(path: Path, key: bytes, now: datetime | None = None, *, copies: str = "") -> Store:
    """The database, whole. One that does not open or does not pass SQLite's check is set aside first; operations that are
    not what was written go into quarantine, the others go on. copies: where the nightly copies lie, if anywhere; what cannot
    be read any more is taken from the newest.

    OSError when it can neither be opened nor set aside: then nothing was changed.
    """
    moment = now or datetime.now(UTC)
    now_ms = int(moment.timestamp() * 1000)
    try:
        store = Store(path, key)
        found = store.check()
    except StoreDamagedError as error:
        found = str(error)
    if found != "ok":
        store = _begin_anew(path, key, moment, copies)
    with store.write() as db:
        for seq in outbox.quarantine_damaged(db):
            log.error("operation %s is not what was written; it is in quarantine", seq)
            alarms.sound(db, "op_damaged", str(seq), now_ms)
    log.info("database opened, SQLite %s", store.sqlite_version())
    return store


def recover(store: Store, old: Path, key: bytes) -> Salvaged:
    """Takes the sealed operations of another database of this tablet over: one set aside, or a copy."""
    with store.write() as db:
        return take_over(db, old, key, drafts=False)


def _begin_anew(path: Path, key: bytes, moment: datetime, copies: str) -> Store:
    """The new database is made whole beside the old one and takes its place in one step: whoever pulls the plug meanwhile
    finds the old one, and it happens again.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    made = Store(fresh, key)
    aside = path.parent / ASIDE / f"{moment:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}.db"
    with made.write() as db:
        done = take_over(db, path, key, drafts=True)
        for copy in sorted(Path(copies).glob("kiosk-*.db"))[-1:] if copies else ():
            log.warning("%s operations came from the copy", take_over(db, copy, key, drafts=True).operations)
        alarms.sound(db, "database_set_aside", aside.name, int(moment.timestamp() * 1000))
    with made.read() as db:
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    made.close()
    aside.parent.mkdir(mode=0o700, exist_ok=True)
    os.link(path, aside)
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists():
        wal.replace(aside.with_name(f"{aside.name}-wal"))
    for left in (
        path.with_name(f"{path.name}-shm"),
        fresh.with_name(f"{fresh.name}-wal"),
        fresh.with_name(f"{fresh.name}-shm"),
    ):
        left.unlink(missing_ok=True)
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    sync_folder(aside.parent)
    fresh.replace(path)
    sync_folder(path.parent)
    log.error(
        "the database was damaged and set aside as %s; %s operations and %s rows taken over, unreadable: %s",
        aside.name, done.operations, done.rows, done.unreadable or "none",
    )  # fmt: skip
    return Store(path, key)
