"""D-11: the disk is full. Every single request that one submit makes of the disk is refused in turn, alone and with all that
follow; the person is told, nothing is half there, and once there is room it goes through. Where there is no C compiler to put
something between the program and the disk, the database's own limit of pages stands in for it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from honorcard.problems import ProblemError
from kiosk.store import alarms, data_key
from kiosk.store.opening import open_store
from sync import blobs, outbox
from tests.faults import shim, submitting
from tests.faults.lines import Line, pick

ROOT = Path(__file__).resolve().parents[2]
IN_WORDS = {"disk_full", "disk_trouble"}


def run(full: bool, seed: int) -> Line:
    """Every request when full, else every few."""
    every = pick(full, plan=1, smoke=6, few=24)
    harm: list[tuple[str, str]] = []
    runs = pages = 0
    with tempfile.TemporaryDirectory(prefix="d11-") as made:
        folder = Path(made)
        (application_id,) = submitting.furnish(folder / "planted", 1)
        library = shim.build(folder)
        if library is not None:
            for said in _refused(folder, library, 1 + seed % every, every):
                runs += 1
                harm += _look(Path(said["folder"]), application_id, said)
        for harmed in _few_pages(folder, application_id, pick(full, plan=40, smoke=8, few=3)):
            pages += 1
            harm += harmed
    count = {kind: sum(kind == found for found, _ in harm) for kind in ("lost", "doubled", "stuck")}
    how = f"{runs} with a request refused, {pages} with too few pages" if library else "no C compiler: pages alone"
    return Line("D-11", runs + pages, seed=seed, note=harm[0][1] if harm else how, **count)


def _refused(folder: Path, library: Path, first: int, every: int) -> Iterator[dict[str, Any]]:
    (folder / "work").mkdir()
    command = [sys.executable, "-m", "tests.faults.submitting", "fail", str(folder / "planted"), str(folder / "work")]
    done = subprocess.run(
        [*command, str(first), str(every)],
        env=shim.environment(library),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for text in done.stdout.splitlines():
        yield json.loads(text)


def _few_pages(folder: Path, application_id: str, count: int) -> Iterator[list[tuple[str, str]]]:
    """SQLite itself finds no room, after one page more each time."""
    settings, store, _ = submitting.open_kiosk(folder / "planted")
    with store.read() as db:
        db.conn.execute("VACUUM")  # no page to spare
        there = db.conn.execute("PRAGMA page_count").fetchone()[0]
        for more in range(count):
            db.conn.execute(f"PRAGMA max_page_count = {there + more}")
            told = submitting._told(store, settings, application_id)
            if told == "saved":
                break
            yield [] if told in IN_WORDS else [("stuck", f"{more} pages: told {told}")]
        db.conn.execute("PRAGMA max_page_count = 1000000")
    again = submitting._told(store, settings, application_id)
    store.close()
    yield _look(folder / "planted", application_id, {"told": again, "again": "saved", "at": 0, "seen": 1})


def _look(folder: Path, application_id: str, said: dict[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with the tablet afterwards, opened on a disk with room."""
    where = f"request {said['at']} of {said['seen']}: told {said['told']}"
    if said["seen"] >= said["at"] > 0 and said["told"] not in {*IN_WORDS, "saved"}:
        return [("stuck", where)]
    if said["again"] not in ("", "saved"):
        return [("stuck", f"{where}, then {said['again']}")]
    try:
        store = open_store(folder / "kiosk.db", data_key(folder / "keys" / "data.key"))
    except (ProblemError, OSError, RuntimeError) as error:
        return [("stuck", f"{where}: does not open, {type(error).__name__}")]
    try:
        with store.write() as db:
            if alarms.standing(db):
                return [("lost", f"{where}: damaged")]
            ops, _ = outbox.take(db, 0)
            drafts = [row[0] for row in db.conn.execute("SELECT application_id FROM draft")]
            held = [
                row[0]
                for row in db.conn.execute("SELECT original FROM draft_photo UNION SELECT result FROM draft_photo")
            ]
    finally:
        store.close()
    sent = [op.entity_id for op in ops]
    if "saved" in (said["told"], said["again"]) and sent != [application_id]:
        return [("lost", f"{where}: not there")]
    if len(sent) + len(drafts) != 1:
        return [("doubled" if sent else "lost", f"{where}: {len(sent)} sent and {len(drafts)} drafts")]
    if not all(blobs.intact(folder / "blobs", address) for op in ops for address in op.needs_blobs):
        return [("lost", f"{where}: a photograph is missing")]
    if not all((folder / "photos" / name).is_file() for name in held if name):
        return [("lost", f"{where}: a photograph of the draft is missing")]
    return []
