"""A kiosk that submits, as a program of its own under the shim: `python -m tests.faults.submitting HOW …`.

`record FOLDER LOG N` submits N drafts and records what was asked of the disk. `fail PLANTED WORK FIRST EVERY` submits once for
the FIRST, FIRST + EVERY … request to the disk, with just that request refused and with all from it on, each time on a fresh
copy of PLANTED; once the process dies at once, once it goes on and submits again.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kiosk import settings as settings_file
from kiosk.settings import Settings
from kiosk.store import Store, data_key, syncing
from kiosk.store.syncing import Membership
from kiosk.submitting import submit
from tests.faults import shim

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def furnish(folder: Path, drafts: int) -> list[str]:
    """A kiosk with finished drafts, belonging to a center nobody asks; gives the applications' ids."""
    from tests.sync.loopback import Kiosk

    kiosk = Kiosk(folder)
    here = Membership(
        device_id="a" * 36, center_url="http://127.0.0.1:9", unit="zoo", profile="staff", card_prefix="", fingerprint="",
        center_seal_key=X25519PrivateKey.generate().public_key().public_bytes_raw(),
    )  # fmt: skip
    with kiosk.store.write() as db:
        syncing.join(db, here, "epoch")
    settings_file.save(kiosk.settings)
    made = [kiosk.draft() for _ in range(drafts)]
    kiosk.store.close()
    return made


def open_kiosk(folder: Path) -> tuple[Settings, Store, list[str]]:
    """As the program opens it: settings, store, and the drafts that wait."""
    settings = settings_file.load(folder)
    store = Store(settings.database, data_key(settings.key_file))
    with store.read() as db:
        waiting = [row[0] for row in db.conn.execute("SELECT application_id FROM draft ORDER BY 1")]
    return settings, store, waiting


def record(folder: Path, log: Path, count: int) -> None:
    """Submits, and marks in the log what was told to be saved."""
    disk = shim.steer()
    disk.fault_watch(str(folder).encode())
    disk.fault_record(str(log).encode())  # from the opening on: what it makes is not durable either
    settings, store, waiting = open_kiosk(folder)
    with store.write() as db:  # as typing does, long before the first photograph is sealed
        syncing.put(db, "typed", "1")
    for application_id in waiting[:count]:
        submit(store, settings, application_id, now=NOW, language="zh")
        disk.fault_mark(application_id.encode())
    disk.fault_record(None)


def fail(planted: Path, work: Path, first: int, every: int) -> None:
    """Prints a JSON object for each submit: where it is, what was refused, what the person was told."""
    at, ended = first, False
    while not ended:
        for times in (1, shim.FOR_EVER):
            for dies in (True, False):
                folder = work / f"{at}{'on' if times < 0 else ''}{'dies' if dies else ''}"
                shutil.copytree(planted, folder)
                said = _apart(folder, at, times, dies)
                ended = ended or said["seen"] < at
                print(json.dumps({"folder": str(folder), "at": at, **said}), flush=True)
        at += every


def _apart(folder: Path, at: int, times: int, dies: bool) -> dict[str, Any]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        with os.fdopen(writing, "w") as out:
            json.dump(_once(folder, at, times, dies), out)
        os._exit(0)  # nothing is closed: that is how a process dies
    os.close(writing)
    with os.fdopen(reading) as told:
        said: dict[str, Any] = json.load(told)
    os.waitpid(pid, 0)
    return said


def _once(folder: Path, at: int, times: int, dies: bool) -> dict[str, Any]:
    disk = shim.steer()
    settings, store, (application_id, *_) = open_kiosk(folder)
    disk.fault_watch(str(folder).encode())
    disk.fault_arm(at, times, errno.ENOSPC)
    said: dict[str, Any] = {"told": _told(store, settings, application_id), "again": ""}
    said["seen"] = disk.fault_seen()
    if not dies:
        disk.fault_arm(0, 0, 0)
        said["again"] = _told(store, settings, application_id)
    return said


def _told(store: Store, settings: Settings, application_id: str) -> str:
    try:
        submit(store, settings, application_id, now=NOW, language="zh")
    except OSError as error:
        return "disk_full" if error.errno == errno.ENOSPC else f"OSError {error.errno}"  # as web.errors says it
    except Exception as error:
        return str(getattr(error, "code", type(error).__name__))
    return "saved"


if __name__ == "__main__":
    how, *more = sys.argv[1:]
    if how == "record":
        record(Path(more[0]), Path(more[1]), int(more[2]))
    else:
        fail(Path(more[0]), Path(more[1]), int(more[2]), int(more[3]))
