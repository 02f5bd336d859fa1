"""Which store people work in on this machine: its own, or, while its profile is training, that of the practice room.

The practice room is a kiosk of its own in a folder of its own: database, photographs, list of keys. Its database cannot hold an
operation, so that nothing done in it can reach the center, whatever view did it. The line, the PIN and what waited here before
stay with the machine's own store (`current.line_store`). What is not here: who sits in the room (practising), its pages
(training).
"""

from __future__ import annotations

import shutil
from datetime import datetime

from flask import Flask

from honorcard.card import practice_issuer
from kiosk.settings import Settings
from kiosk.store import Store, data_key, practice, syncing
from kiosk.store.opening import open_store
from kiosk.store.syncing import Membership
from sync.device import FILE, DeviceKeys

# what an app remembers of the room it was in
_OF_THE_ROOM = ("shelf", "photo_box", "print_room", "opened_sheets", "opened_records", "gate_photos", "rosters")
DEVICE = "practice"


def enter(app: Flask, settings: Settings) -> None:
    """Opens the stores for the profile of `settings`, the machine's own; again after the profile has changed.

    A machine that is no training device any more keeps nothing of its practice room.
    """
    machine = settings.machine
    line: Store = app.extensions.get("line_store") or app.extensions.get("store") or _own(machine)
    for held in _OF_THE_ROOM:
        app.extensions.pop(held, None)
    if machine.profile != "training":
        app.config["SETTINGS"] = machine
        app.extensions["store"] = line
        app.extensions.pop("line_store", None)
        shutil.rmtree(machine.practice_room.data_dir, ignore_errors=True)
        return
    room = machine.practice_room
    was_open = "line_store" in app.extensions
    app.config["SETTINGS"] = room
    app.extensions["line_store"] = line
    if not was_open:
        app.extensions["store"] = _practice(room, app.config["NOW"]())


def begin_anew(app: Flask) -> None:
    """A new practice room in the place of the one whose files were taken away; nothing outside of training."""
    if "line_store" in app.extensions:
        settings: Settings = app.config["SETTINGS"]
        for held in _OF_THE_ROOM:
            app.extensions.pop(held, None)
        app.extensions["store"] = _practice(settings.practice_room, app.config["NOW"]())


def _own(settings: Settings) -> Store:
    return open_store(settings.database, data_key(settings.key_file), copies=settings.copy_dir)


def _practice(room: Settings, at: datetime) -> Store:
    """The practice room's store: its own member of no center, with its own keys."""
    store = open_store(room.database, data_key(room.key_file))
    issuer = practice_issuer.open_or_make(room.data_dir, at=at)
    keys_dir = room.data_dir / "keys"
    if not (keys_dir / FILE).exists():
        DeviceKeys.generate().save(keys_dir)
    with store.write() as db:
        practice.send_nothing(db)
        if syncing.membership(db) is None:
            here = Membership(
                device_id=DEVICE, center_url="", center_seal_key=DeviceKeys.load(keys_dir).seal_public, unit="",
                profile="training", card_prefix=issuer.trust.prefix, fingerprint="",
            )  # fmt: skip
            syncing.join(db, here, DEVICE)
    return store
