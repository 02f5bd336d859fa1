"""The rescue file of this tablet: what is sealed, for the center, when no line comes back (sync.rescue)."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from honorcard.durable import sync_folder
from honorcard.problems import ProblemError
from kiosk.settings import Settings
from kiosk.store import Store, syncing
from sync import outbox, rescue
from sync.device import DeviceKeys
from sync.wire import Op


def prepare(store: Store, settings: Settings, now: datetime) -> rescue.Rescue:
    """The file as it would be written now. ProblemError `device_not_enrolled`, `rescue_nothing`."""

    def read_op(seq: int) -> Op | None:
        with store.read() as db:
            return outbox.whole_one(db, seq)

    with store.read() as db:
        here = syncing.membership(db)
        if here is None:
            raise ProblemError("device_not_enrolled")
        key = DeviceKeys.load(settings.key_file.parent).sign
        made_ms = int(now.timestamp() * 1000)
        made = rescue.prepare(db, settings.blobs_dir, key, here.device_id, made_ms, read_op)
    if not made.operations:
        raise ProblemError("rescue_nothing")
    return made


def file_name(now: datetime) -> str:
    """Says when, and nothing about anybody."""
    return f"{now:%Y%m%d-%H%M}{rescue.SUFFIX}"


def save(store: Store, settings: Settings, path: Path, now: datetime) -> rescue.Rescue:
    """Writes the file, whole or not at all, durable on return: a stick is pulled out at once. OSError."""
    made = prepare(store, settings, now)
    draft = path.with_name(f".{path.name}.new")
    try:
        with draft.open("wb") as file:
            for piece in made.pieces():
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)
    return made
