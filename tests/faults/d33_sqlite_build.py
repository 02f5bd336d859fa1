"""D-33: no store of ours uses a write-ahead log on a build of SQLite that may corrupt one; two connections that write and
checkpoint at once leave both stores sound.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import tempfile
import threading
import time
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

import kiosk.store
from center.store import Store as CenterStore
from center.store.tables import meta
from kiosk.store import Store as KioskStore
from sync import sqlite_build
from tests.faults.lines import Line, pick

AFFECTED = ("3.7.0", "3.8.11", "3.40.1", "3.44.5", "3.50.4", "3.50.6", "3.51.0", "3.51.2")
WRITERS = 2  # of each store
SOUND = ("3.44.6", "3.50.7", "3.51.3", "3.53.4", "3.60.0", "4.0.0")


def run(full: bool, seed: int) -> Line:
    """The rule over versions, the journal each store really has, then the stress. The plan: half an hour of it."""
    wrong = sum(sqlite_build.may_use_wal(sqlite_build.read_version(text)) for text in AFFECTED)
    wrong += sum(not sqlite_build.may_use_wal(sqlite_build.read_version(text)) for text in SOUND)
    folder = Path(tempfile.mkdtemp(prefix="hc-d33-"))
    try:
        wrong += _modes(folder)
        seconds = pick(full, plan=1800, smoke=6, few=2)
        written, damaged, fallen = _stress(folder, seconds / 2)
    finally:
        shutil.rmtree(folder)
    return Line(
        "D-33",
        written,
        lost=damaged,
        stuck=wrong + fallen,
        seed=seed,
        note="writes by two connections with checkpoints",
    )


def _modes(folder: Path) -> int:
    """How many stores opened with another journal than the rule says, on this build and on an affected one."""
    center = CenterStore(f"sqlite:///{folder / 'a.db'}")
    with center.read() as conn:
        wrong = int(conn.exec_driver_sql("PRAGMA journal_mode").scalar_one() != "truncate")
    center.engine.dispose()
    real = sqlcipher.sqlite_version
    try:
        for version in (real, "3.40.1"):
            sqlcipher.sqlite_version = version
            store = KioskStore(folder / f"{version}.db", secrets.token_bytes(kiosk.store.KEY_BYTES))
            with store.read() as db:
                mode = db.conn.execute("PRAGMA journal_mode").fetchone()[0]
            wrong += int(mode != sqlite_build.journal(sqlite_build.read_version(version))[0].lower())
            store.close()
    finally:
        sqlcipher.sqlite_version = real
    return wrong


def _stress(folder: Path, seconds: float) -> tuple[int, int, int]:
    """(writes, what is missing or unsound, writers that fell over): two connections of each store write, a third asks for
    checkpoints.
    """
    key = secrets.token_bytes(kiosk.store.KEY_BYTES)
    tablet = KioskStore(folder / "kiosk.db", key)
    center = CenterStore(f"sqlite:///{folder / 'center.db'}")
    center.create()
    counts: dict[tuple[str, int], int] = {}
    ended: list[str] = []
    damaged = 0

    def write_kiosk(who: int, until: float) -> None:
        n = 0
        while time.monotonic() < until:
            with tablet.write() as db:
                db.conn.execute("INSERT INTO meta (k, v) VALUES (?, ?)", (f"stress {who} {n}", "x" * 3000))
            n += 1
            counts["kiosk", who] = n
        tablet.close()
        ended.append("kiosk")

    def write_center(who: int, until: float) -> None:
        n = 0
        while time.monotonic() < until:
            with center.write() as conn:
                conn.execute(meta.insert().values(k=f"stress {who} {n}", v="x" * 3000))
            n += 1
            counts["center", who] = n
        ended.append("center")

    def checkpoint(until: float) -> None:
        while time.monotonic() < until:
            with tablet.read() as db:
                db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            time.sleep(0.002)
        tablet.close()

    for writer, extra in ((write_kiosk, [checkpoint]), (write_center, [])):
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=writer, args=(who, until)) for who in range(WRITERS)]
        threads += [threading.Thread(target=other, args=(until,)) for other in extra]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with tablet.read() as db:
        damaged += int(db.conn.execute("PRAGMA integrity_check").fetchone()[0] != "ok")
        kept = db.conn.execute("SELECT count(*) FROM meta WHERE k LIKE 'stress %'").fetchone()[0]
        damaged += abs(sum(n for (store, _), n in counts.items() if store == "kiosk") - kept)
    tablet.close()
    center.engine.dispose()
    with sqlite3.connect(folder / "center.db") as raw:
        damaged += int(raw.execute("PRAGMA integrity_check").fetchone()[0] != "ok")
        kept = raw.execute("SELECT count(*) FROM meta WHERE k LIKE 'stress %'").fetchone()[0]
        damaged += abs(sum(n for (store, _), n in counts.items() if store == "center") - kept)
    raw.close()
    return sum(counts.values()), damaged, 2 * WRITERS - len(ended)
