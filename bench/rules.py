"""The rules: `honorcard check` over many applications, timed on one core, its memory read while it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPLICATIONS, ROWS = 100_000, 40
TARGET_S = 90
_VARIANTS = 500  # different applications, over and over


def lines() -> list[bytes]:
    """Applications of forty rows each: some pass, some fail, some are renewals."""
    made = []
    for number in range(_VARIANTS):
        first = date(2023, 1, 1) + timedelta(days=number % 300)
        days = [first + timedelta(days=27 * row) for row in range(ROWS)]
        days_long, minutes = timedelta(days=number % 20), 300 + 7 * (number % 40)
        rows = [
            {"from": f"{day}", "to": f"{day + days_long}", "minutes": minutes, "category": "ordinary"} for day in days
        ]
        renewal = {"previous_valid_until": "2026-11-30"} if number % 3 == 0 else {}
        made.append(
            json.dumps({"id": f"a{number}", "applied_on": "2026-11-21", "entries": rows, **renewal}).encode() + b"\n"
        )
    return made


def check(applications: int) -> tuple[float, list[int]]:
    """Seconds that `honorcard check` takes for so many, and its resident memory in kB, sampled as it goes."""
    made = lines()
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "cli", "check"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None and child.stdout is not None
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(child.pid, {min(os.sched_getaffinity(0))})
    answered = 0

    def count() -> None:
        nonlocal answered
        for _ in child.stdout:
            answered += 1

    reader = threading.Thread(target=count)
    reader.start()
    memory = []
    for number in range(applications):
        child.stdin.write(made[number % len(made)])
        if number % max(1, applications // 20) == applications // 40:
            memory.append(_resident_kb(child.pid))
    child.stdin.close()
    reader.join()
    assert child.wait() == 0 and answered == applications
    return time.perf_counter() - began, memory


def _resident_kb(pid: int) -> int:
    """Resident memory of a process; 0 where the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")), 0)


def run() -> None:
    """Prints the table."""
    print(f"## Rules: honorcard check, {APPLICATIONS:,} applications of {ROWS} rows\n")
    seconds, memory = check(APPLICATIONS)
    first, last, most = (kb / 1024 for kb in (memory[1], memory[-1], max(memory)))
    print("| applications | seconds | target s | memory early, late, most, MB |\n|---|---|---|---|")
    print(f"| {APPLICATIONS:,} | {seconds:.1f} | {TARGET_S} | {first:.1f}, {last:.1f}, {most:.1f} |")
