"""Emptying this tablet when the center wants it: after everything that can be brought there was brought, and of everything
else the center keeps a letter, never before.

Begun, it comes to its end whatever happens in between: files first, then the rows, in one transaction that also forgets that
it was begun. What is not here: how the center asks (news), the page on which a tablet is enrolled again (enrolling).
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from honorcard.durable import sync_folder
from kiosk.settings import Settings
from kiosk.store import Store, erasing, letters, syncing
from kiosk.store.opening import ASIDE
from sync.device import FILE

log = logging.getLogger("honorcard.kiosk.emptying")


def left(store: Store) -> int:
    """How many operations and files still keep the tablet from being emptied."""
    with store.read() as db:
        return letters.in_the_way(db)


def empty_if_asked(store: Store, settings: Settings) -> bool:
    """Empties the tablet when the center has asked and nothing waits any more, or when it was begun; whether it did."""
    with store.read() as db:
        if not syncing.wipe_state(db):
            return False
    with store.write() as db:  # in the very transaction that begins it nothing may have been added
        if syncing.wipe_state(db) == "asked":
            if letters.in_the_way(db):
                return False
            syncing.put(db, "wipe", "begun")
    empty(store, settings)
    return True


def empty(store: Store, settings: Settings) -> None:
    """Removes drafts, photographs, cards, lists, what was sent, the PIN and the tablet's keys. May be done again."""
    folders = [settings.photos_dir, settings.blobs_dir, settings.pack_dir, settings.data_dir / ASIDE]
    folders.append(settings.practice_room.data_dir)
    if settings.copy_dir:
        copied = Path(settings.copy_dir)
        folders.append(copied / "blobs")
        for path in copied.glob("kiosk-*.db*"):
            path.unlink(missing_ok=True)
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)
    for path in (settings.trust_file, settings.key_file.parent / FILE):
        path.unlink(missing_ok=True)
    sync_folder(settings.key_file.parent)
    sync_folder(settings.data_dir)
    erasing.erase(store)
    log.warning("this tablet was emptied, as the center wanted")
