"""Where sync is measured: a real center, tablets with a queue, and what their processes use of the machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import kiosk.settings
from center import devices as codes
from kiosk.enrolment import enrol
from kiosk.store import drafts
from sync.ids import uuid7
from tests.center.two import ROOT, Two, two_centers
from tests.postgres import Cluster, cluster
from tests.sync.loopback import Kiosk, picture, whole_answers

SLOTS = (("headshot", 0), ("cover", 0), *(("page", place) for place in range(1, 7)))
_WEIGHTS = {"headshot": 160_000, "cover": 300_000, "page": 300_000}  # of noise: 87 kB and 162 kB as JPEG
_TICK = os.sysconf("SC_CLK_TCK")
_LETTER = {"A": 10, "B": 11, "C": 12, "D": 13, "E": 14, "F": 15, "G": 16, "H": 17}


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder for one measurement, thrown away at the end."""
    made = Path(tempfile.mkdtemp(prefix="hc-bench-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextlib.contextmanager
def center(at: Path, database_url: str = "", processes: int = 1) -> Iterator[Two]:
    """One center as `honorcard center` runs it; on SQLite unless an address is given."""
    with two_centers(at / "center", database_url, count=1, more=("--processes", str(processes))) as running:
        yield running


@contextlib.contextmanager
def stores() -> Iterator[list[tuple[str, str, list[int], Cluster | None]]]:
    """Both stores: name, address of a new database, processes besides the center's, the cluster. Both write to the disk."""
    with cluster(durable=True) as running:
        pid = int((running.folder / "data" / "postmaster.pid").read_text().split()[0])
        yield [("SQLite", "", [], None), ("PostgreSQL", running.fresh(), [pid], running)]


def identity_number(place: int) -> str:
    """A national identity number that nobody else in the run has."""
    letter = "ABCDEFGH"[place // 10**7 % 8]
    digits = [_LETTER[letter] // 10, _LETTER[letter] % 10, 1, *(int(digit) for digit in f"{place % 10**7:07}")]
    total = sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1), strict=True))
    return f"{letter}{''.join(str(digit) for digit in digits[2:])}{-total % 10}"


def photographs() -> dict[tuple[str, int], bytes]:
    """One application's photographs, in the sizes that tablets make them."""
    return {place: picture(f"{place}", _WEIGHTS[place[0]]) for place in SLOTS}


def queue(at: Path, url: str, two: Two, applications: int, first: int = 0) -> Path:
    """A tablet's data folder, enrolled at `url`, with that many applications submitted and nothing sent; gives it."""
    here = Kiosk(at)
    code = codes.new_code(two.store, two.unit_id, "", "staff", datetime.now(UTC))
    enrol(here.settings, here.store, url, code, "1")
    pictures = photographs()
    for place in range(first, first + applications):
        draft = uuid7()
        with here.store.write() as db:
            drafts.create(db, draft, 1, whole_answers(f"Volunteer {place}", identity_number(place)))
        for (slot, position), content in pictures.items():
            here.photograph(draft, slot, position, content)
        here.submit(draft)
    kiosk.settings.save(replace(kiosk.settings.load(at), sync_every_s=5.0))
    return at


@contextlib.contextmanager
def tablet(at: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A tablet as `honorcard kiosk` runs it."""
    with (at / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "kiosk", "--dir", str(at), "--port", str(port)],
            cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=60)
        process.kill()
        process.wait()


def until(holds: Callable[[], bool], seconds: float, every_s: float = 0.5) -> bool:
    """Waits until something holds; whether it came to that."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(every_s)
    return True


def processor_s(roots: Iterable[int]) -> float:
    """Processor seconds of these processes and of all below them, so far; those that ended are in their parents'."""
    figures: dict[int, tuple[int, float]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            figures[int(stat.parent.name)] = (int(fields[1]), sum(int(field) for field in fields[11:15]) / _TICK)
    wanted = set(roots)
    while more := {pid for pid, (parent, _) in figures.items() if parent in wanted} - wanted:
        wanted |= more
    return sum(figures[pid][1] for pid in wanted if pid in figures)


def memory_mib(pid: int, *, peak: bool = True) -> float:
    """Resident memory of a process, the most it had or as it is now."""
    name = "VmHWM:" if peak else "VmRSS:"
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0


def p95(taken: list[float]) -> float:
    """The 95th percentile."""
    return sorted(taken)[min(len(taken) - 1, int(0.95 * len(taken)))]


def table(title: str, names: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Prints a table."""
    print(f"## {title}\n\n| {' | '.join(names)} |\n|{'---|' * len(names)}")
    for row in rows:
        print(f"| {' | '.join(str(cell) for cell in row)} |", flush=True)
    print()
