"""What the tablet looks after by itself, at the start and once a day: files checked, what is long durable let go of, the
copy of what is sealed; and how much room there is.

A thread of its own beside the sync thread: reading every file takes seconds. Each duty's trouble is an alarm or a line in
the log, never the end of the others. The page for people is kiosk.care.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import sqlcipher3.dbapi2 as sqlcipher
from flask import Flask

from honorcard.problems import ProblemError
from kiosk import timing
from kiosk.settings import Settings
from kiosk.store import Store, StoreError, alarms, copies, data_key, syncing
from sync import blobs, outbox

log = logging.getLogger("honorcard.kiosk.upkeep")

DAY_MS = 24 * 3600 * 1000
COPY_EVERY_MS = 20 * 3600 * 1000  # a machine that is off at night is copied a little earlier each day
LOOK_EVERY_S = 3600.0
_COPIED = "copied_ms"

Room = Literal["good", "low", "full"]


def room(settings: Settings) -> tuple[Room, int]:
    """How much room the disk has, and the free bytes: `low` from 500 MB on, `full` where no new application is begun (B.10)."""
    free = shutil.disk_usage(settings.data_dir).free
    return ("full" if free < settings.free_bytes_stop else "low" if free < settings.free_bytes_warn else "good"), free


class Keeper:
    """The thread that looks after the tablet: at once, then every hour for what is due."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._checked_ms: int | None = None

    def start(self) -> None:
        """Begins; a second start changes nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="kiosk-upkeep", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends after the duty under way."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=20)
            self._thread = None

    def _run(self) -> None:
        while not self._stop.is_set():
            self.step()
            self._stop.wait(LOOK_EVERY_S)

    def step(self) -> None:
        """What is due now. Never raises."""
        settings: Settings = self._app.config["SETTINGS"].machine
        store: Store = self._app.extensions.get("line_store") or self._app.extensions["store"]
        now_ms = int(self._app.config["NOW"]().timestamp() * 1000)
        duties: list[Callable[[], object]] = [
            lambda: _release(store, settings),
            lambda: copy_if_due(store, settings, now_ms),
        ]
        if self._checked_ms is None or not 0 <= now_ms - self._checked_ms < DAY_MS:
            self._checked_ms = now_ms
            duties.insert(0, lambda: check_files(store, settings, now_ms))
        for duty in duties:
            try:
                duty()
            except Exception as error:  # the next duty, and the next hour
                log.error("upkeep failed: %s", type(error).__name__)


def _release(store: Store, settings: Settings) -> None:
    """Without the center's time nothing is let go of."""
    known = timing.center_ms(store)
    if known is not None:
        release(store, settings, known)


def check_files(store: Store, settings: Settings, now_ms: int) -> list[str]:
    """Reads every sealed file that must be here; gives the addresses of those that are gone or changed.

    One of which the copy has the sound bytes is put back; else it is in quarantine and somebody is told. The others go on.
    """
    with store.read() as db:
        wanted, before = outbox.unsettled_blobs(db), outbox.quarantined_blobs(db)
    found = [address for address in (*wanted, *before) if not _sound(settings, address)]
    with store.write() as db:
        for address in set(before) - set(found):
            outbox.mend_blob(db, address)
        for address in found:
            if address in before:
                continue
            gone = not blobs.path_of(settings.blobs_dir, address).exists()
            outbox.settle_blob(db, address, "quarantined")
            alarms.sound(db, "blob_missing" if gone else "blob_damaged", address[:12], now_ms)
            log.error("file %s is %s", address[:12], "gone" if gone else "not what was written")
    return found


def _sound(settings: Settings, address: str) -> bool:
    try:
        if blobs.intact(settings.blobs_dir, address):
            return True
        if settings.copy_dir:
            blobs.put(settings.blobs_dir, blobs.get(Path(settings.copy_dir) / "blobs", address))
            log.warning("file %s was put back from the copy", address[:12])
            return True
    except blobs.BlobDamagedError:
        return False
    except OSError:
        return True  # cannot be read just now, which says nothing about it
    return False


def release(store: Store, settings: Settings, server_ms: int) -> int:
    """Lets go of what a backup of the center has covered for `keep_durable_days`; gives how many files went."""
    with store.write() as db:
        free = outbox.release(db, server_ms, settings.keep_durable_days * DAY_MS)
    for address in free:
        blobs.remove(settings.blobs_dir, address)
    if free:
        log.info("%s files durable at the center were removed", len(free))
    return len(free)


def copy_if_due(store: Store, settings: Settings, now_ms: int) -> Path | None:
    """The copy, where a place for it is set and the last one is a day old; gives what was made."""
    with store.read() as db:
        last = int(syncing.get(db, _COPIED) or 0)
    if not settings.copy_dir or 0 <= now_ms - last < COPY_EVERY_MS:
        return None
    moment = datetime.fromtimestamp(now_ms / 1000, UTC)
    try:
        made = copies.copy(store, data_key(settings.key_file), settings.blobs_dir, Path(settings.copy_dir), moment)
    except (OSError, StoreError, ProblemError, sqlcipher.Error) as error:
        log.error("no copy was made: %s", type(error).__name__)
        with store.write() as db:
            alarms.sound(db, "copy_failed", "", now_ms)
        return None
    with store.write() as db:
        syncing.put(db, _COPIED, str(now_ms))
        alarms.quiet(db, "copy_failed")
    return made


def copied_ms(store: Store) -> int | None:
    """When the last copy was made; None when there is none."""
    with store.read() as db:
        value = syncing.get(db, _COPIED)
    return None if value is None else int(value)
