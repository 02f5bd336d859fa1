"""Runs the fault tests one after the other, each in a process of its own, and prints a line for each.

Exit status 1 when anything was lost, doubled or stuck, when a test did not come to its end, and in the full run also when
one of the plan's tests has no runner yet.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import asdict
from pathlib import Path

from tests.faults import lanes, lines
from tests.faults.lines import EXPECTED, Line

HERE = Path(__file__).resolve().parent
SEED = 20261121
SMOKE_LIMIT_S = 170.0
FULL_LIMIT_S = 6 * 3600.0
FULL_ONLY = "full run alone"
_GRACE_S = 20.0


def runners() -> dict[str, str]:
    """The plan's number of each test that has a runner, and its module."""
    found = {}
    for path in sorted(HERE.glob("d[0-9][0-9]_*.py")):
        found[f"D-{int(path.stem[1:3])}"] = f"tests.faults.{path.stem}"
    return found


def commit() -> str:
    """The commit this is, with a + when the files are not those of it."""

    def git(*words: str) -> str:
        done = subprocess.run(("git", *words), cwd=HERE, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "none") + ("+" if git("status", "--porcelain", "-uno") else "")


def apart(name: str, module: str, full: bool, seed: int, limit_s: float) -> Line | None:
    """Runs one test in a forked process; None when it belongs to the full run alone. Whatever becomes of that process, a
    line comes of it.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        os.setsid()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        said = _tried(name, module, full, seed)
        with os.fdopen(writing, "w") as out:
            json.dump(said, out)
        sys.stderr.flush()
        os._exit(0)
    os.close(writing)
    said = _heard(reading, limit_s)
    if said is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        _heard(reading, _GRACE_S)
    os.close(reading)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # whatever it started
    os.waitpid(pid, 0)
    if not said:
        return Line(
            name, runs=0, stuck=1, seed=seed, note=f"no answer within {limit_s:.0f} s" if said is None else "died"
        )
    answer = json.loads(said)
    return Line(**answer) if answer else None


def _heard(source: int, limit_s: float) -> str | None:
    """All that comes until the other end closes; None when that takes too long."""
    until, parts = time.monotonic() + limit_s, b""
    while (left := until - time.monotonic()) > 0:
        if select.select([source], [], [], left)[0]:
            part = os.read(source, 65536)
            if not part:
                return parts.decode()
            parts += part
    return None


def _tried(name: str, module: str, full: bool, seed: int) -> dict[str, object]:
    try:
        runner = importlib.import_module(module)
        if getattr(runner, "FULL_ONLY", False) and not full:
            return {}
        return asdict(runner.run(full, seed))
    except BaseException as error:  # a harness that fell over has shown nothing
        traceback.print_exc()
        return asdict(Line(name, runs=0, stuck=1, seed=seed, note=f"harness: {type(error).__name__}"))


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("ids", nargs="*", help="only these: D-1 D-2 …")
    parser.add_argument("--full", action="store_true", help="the counts of the plan")
    parser.add_argument("--few", action="store_true", help="the counts of make test")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--part", metavar="K/N", help="of the tests that last hours, every N-th turn from the K-th on")
    parser.add_argument("--lanes", type=int, help="so many processes beside each other where a test has lanes")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    asked = parser.parse_args()
    if asked.few:
        lines.only_a_few()
    if asked.part:
        os.environ[lanes.PART] = asked.part
    if asked.lanes:
        os.environ[lanes.LANES] = str(asked.lanes)
    known, here = runners(), commit()
    importlib.import_module("tests.sync.loopback")  # once, before the forks: importing is most of a short run's time
    wanted = [name for name in EXPECTED if name in known and (not asked.ids or name in asked.ids)]
    bad, later = 0, []
    for name in wanted:
        began = time.monotonic()
        line = apart(name, known[name], asked.full, asked.seed, FULL_LIMIT_S if asked.full else SMOKE_LIMIT_S)
        if line is None:
            later.append(name)
            continue
        bad += not line.clean
        seconds = time.monotonic() - began
        print(
            json.dumps({**asdict(line), "seconds": round(seconds, 1)}) if asked.json else line.text(here, seconds),
            flush=True,
        )
    absent = [name for name in EXPECTED if name not in known and (not asked.ids or name in asked.ids)]
    if not asked.json:
        if later:
            print(f"in the {FULL_ONLY}: {' '.join(later)}")
        if absent:
            print(f"not run, no runner yet: {' '.join(absent)}")
    return 1 if bad or not wanted or (asked.full and absent) else 0


if __name__ == "__main__":
    raise SystemExit(main())
