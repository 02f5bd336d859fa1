"""D-3: the power fails. What a submit asks of the disk is recorded; then every moment of it is played again with what was not
yet synced dropped, kept in part, out of order, or torn; and the tablet is opened on what is left.

Model, the hard one of POSIX: bytes of a file are durable once the file was synced, a name once its folder was. Operations on
names keep their order among themselves; writes do not.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.store import alarms, data_key
from kiosk.store.opening import open_store
from sync import blobs, outbox
from tests.faults import shim, submitting
from tests.faults.lines import Line, pick
from tests.faults.shim import Event

FULL_ONLY = True
ROOT = Path(__file__).resolve().parents[2]
SECTOR = 512
SUBMITS = 3


@dataclass
class Disk:
    """What is durable for certain, and what was asked for since. Files are numbered: a name may move from one to another."""

    names: dict[str, int] = field(default_factory=dict)  # durable
    bytes: dict[int, bytearray] = field(default_factory=dict)  # durable
    now: dict[str, int] = field(default_factory=dict)  # as the program sees it
    named: list[tuple[str, Event, int]] = field(default_factory=list)  # folder, operation, file: not durable yet
    written: dict[int, list[Event]] = field(default_factory=lambda: defaultdict(list))  # not durable yet
    acknowledged: list[str] = field(default_factory=list)

    def happens(self, event: Event) -> None:
        """The next thing the program asks for."""
        folder = event.path.rpartition("/")[0]
        match event.kind:
            case "M":
                self.acknowledged.append(event.path)
            case "W" | "T":
                self.written[self.now[event.path]].append(event)
            case "S" if event.path in self.now:
                number = self.now[event.path]
                _apply(self.bytes[number], self.written.pop(number, []))
            case "S":
                self.named, waiting = [], self.named
                for where, operation, number in waiting:
                    if where == event.path:
                        _rename(self.names, operation, number)
                    else:
                        self.named.append((where, operation, number))
            case "C" | "D" | "R" | "L" | "U":
                number = len(self.bytes) if event.kind in "CD" else self.now.get(event.path, -1)
                if event.kind in "CD":
                    self.bytes[number] = bytearray()
                _rename(self.now if event.kind != "D" else {}, event, number)
                self.named.append((folder, event, number))

    def after_a_cut(self, rng: random.Random) -> tuple[dict[str, bytes], set[str]]:
        """One way in which the disk may be found: files by name, and folders that were made."""
        names = dict(self.names)
        for _, operation, number in self.named[: rng.choice((0, len(self.named), rng.randint(0, len(self.named))))]:
            _rename(names, operation, number)
        kept = rng.choice((0.0, 1.0, 0.5, 0.9))
        found = {}
        for name, number in names.items():
            content = bytearray(self.bytes[number])
            some = [write for write in self.written.get(number, ()) if rng.random() < kept]
            if rng.random() < 0.5:
                some = [_torn(write, rng) for write in some]
            _apply(content, some)
            found[name] = bytes(content)
        folders = {name[:-1] for name in found if name.endswith("/")}
        return {name: content for name, content in found.items() if not name.endswith("/")}, folders


def _rename(names: dict[str, int], operation: Event, number: int) -> None:
    match operation.kind:
        case "C":
            names[operation.path] = number
        case "D":
            names[operation.path + "/"] = number
        case "R":
            names.pop(operation.path, None)
            names[operation.other] = number
        case "L":
            names[operation.other] = number
        case "U":
            names.pop(operation.path, None)


def _apply(content: bytearray, events: Iterable[Event]) -> None:
    for event in events:
        end = event.at + len(event.data)
        if event.kind == "T":
            del content[event.at :]
        if len(content) < end:
            content.extend(bytes(end - len(content)))
        content[event.at : end] = event.data


def _torn(write: Event, rng: random.Random) -> Event:
    """Some of its sectors, those from one on or up to one."""
    if write.kind != "W" or len(write.data) <= SECTOR:
        return write
    cut = rng.randrange(0, len(write.data), SECTOR)
    if rng.random() < 0.5:
        return Event("W", write.path, "", write.at, write.data[:cut])
    return Event("W", write.path, "", write.at + cut, write.data[cut:])


def run(full: bool, seed: int) -> Line:
    """At least so many images of the disk, each moment alike."""
    images = pick(full, plan=10_000, smoke=300, few=60)
    with tempfile.TemporaryDirectory(prefix="d03-") as made:
        folder = Path(made)
        library = shim.build(folder)
        if library is None:
            return Line("D-3", runs=0, stuck=1, seed=seed, note="no C compiler")
        kiosk, before = folder / "kiosk", folder / "before"
        submitting.furnish(kiosk, SUBMITS)
        shutil.copytree(kiosk, before)
        command = [
            sys.executable,
            "-m",
            "tests.faults.submitting",
            "record",
            str(kiosk),
            str(folder / "log"),
            str(SUBMITS),
        ]
        subprocess.run(command, env=shim.environment(library), cwd=ROOT, check=True, capture_output=True)
        return _replay(before, str(kiosk), list(shim.read(folder / "log")), images, seed, folder / "image")


def _replay(before: Path, home: str, events: list[Event], images: int, seed: int, image: Path) -> Line:
    rng = random.Random(seed)
    disk = Disk()
    for path in sorted(path for path in before.rglob("*") if path.is_file()):
        name = f"{home}/{path.relative_to(before)}"
        disk.names[name] = disk.now[name] = len(disk.bytes)
        disk.bytes[len(disk.bytes)] = bytearray(path.read_bytes())
    old_folders = {str(path.relative_to(before)) for path in before.rglob("*") if path.is_dir()}
    each = -(-images // (len(events) + 1))
    runs, lost, doubled, stuck, first = 0, 0, 0, 0, ""
    for moment in range(len(events) + 1):
        if moment:
            disk.happens(events[moment - 1])
        for _ in range(each):
            files, folders = disk.after_a_cut(rng)
            _lay(image, home, files, {name.removeprefix(f"{home}/") for name in folders} | old_folders)
            harm, words = _look(image, disk.acknowledged)
            runs += 1
            lost, doubled, stuck = lost + (harm == "lost"), doubled + (harm == "doubled"), stuck + (harm == "stuck")
            first = first or (f"after {moment} of {len(events)}: {words}" if harm else "")
    return Line("D-3", runs, lost, doubled, stuck, seed, first or f"{len(events)} moments of {SUBMITS} submits")


def _lay(image: Path, home: str, files: dict[str, bytes], folders: set[str]) -> None:
    """Writes one image; a file whose folder did not come to be is not there either."""
    shutil.rmtree(image, ignore_errors=True)
    image.mkdir()
    for name, content in files.items():
        path = Path(name.removeprefix(f"{home}/"))
        if all(str(parent) in folders for parent in path.parents if str(parent) != "."):
            (image / path).parent.mkdir(parents=True, exist_ok=True)
            (image / path).write_bytes(content)


def _look(image: Path, acknowledged: list[str]) -> tuple[str, str]:
    """What went wrong on this image, if anything: kind and words."""
    try:
        store = open_store(image / "kiosk.db", data_key(image / "keys" / "data.key"))
    except Exception as error:
        return "stuck", f"does not open: {type(error).__name__}"
    try:
        with store.write() as db:
            if alarms.standing(db):
                return "lost", "the database was damaged"
            ops, unsound = outbox.take(db, 0)
            drafts = {row[0] for row in db.conn.execute("SELECT application_id FROM draft")}
    finally:
        store.close()
    sent = [op.entity_id for op in ops]
    if unsound or not set(acknowledged) <= set(sent):
        return "lost", "an application that was said to be saved is not there"
    if len(sent) != len(set(sent)) or drafts & set(sent):
        return "doubled", "an application is there twice"
    if len(drafts) + len(sent) != SUBMITS:
        return "lost", "neither draft nor application"
    for op in ops:
        if not all(blobs.intact(image / "blobs", address) for address in op.needs_blobs):
            return "lost", "an application without its photograph"
    return "", ""
