"""The nightly copy of what is sealed: the database without drafts, made by VACUUM INTO under the same key, and the sealed
files it names; kept at a second place (sync.md B.2). Each copy is opened and checked before an older one goes.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from honorcard.durable import sync_folder
from kiosk.store import Store, StoreError
from sync import blobs, outbox

KEPT = 3
_NOT_SEALED = ("draft_photo", "draft", "sheet_line", "application_sheet", "slip_try", "event_expected")


def copy(store: Store, key: bytes, blobs_dir: Path, to: Path, now: datetime) -> Path:
    """Makes and checks a copy in the folder `to`; gives its path. Of the copies the newest three stay.

    OSError, or StoreError when what was written does not read back.
    """
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = to / f"kiosk-{now:%Y%m%dT%H%M%S}.db"
    draft = made.with_name(f".{made.name}.new")
    _discard(draft)
    try:
        with store.read() as db:
            db.conn.execute("VACUUM INTO ?", (str(draft),))
            addresses = outbox.unsettled_blobs(db)
        _strip(draft, key)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(made)
    finally:
        _discard(draft)
    sync_folder(to)
    for address in addresses:
        if not blobs.intact(to / "blobs", address):
            try:
                blobs.put(to / "blobs", blobs.get(blobs_dir, address))
            except blobs.BlobDamagedError:
                continue  # the upkeep tells of it
    blobs.sweep(to / "blobs", addresses, older_than_s=0.0)
    for old in sorted(to.glob("kiosk-*.db"))[:-KEPT]:
        _discard(old)
    return made


def _strip(path: Path, key: bytes) -> None:
    """Takes out what is not sealed, and looks whether the copy is whole."""
    made = Store(path, key)
    try:
        with made.write() as db:
            for table in _NOT_SEALED:
                db.conn.execute(f"DELETE FROM {table}")  # noqa: S608 - names are ours
        with made.read() as db:
            db.conn.execute("VACUUM")
            db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if (found := made.check()) != "ok":
            raise StoreError(f"the copy is not whole: {found}")
    finally:
        made.close()


def _discard(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        path.with_name(name).unlink(missing_ok=True)
