"""Runs the fault tests, each in a process of its own, and prints a line for each; of the short run some beside each other.

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
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests import machine
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


@dataclass(frozen=True)
class Started:
    """One test in a forked process, which began then; what it says comes out of `reading`."""

    name: str
    seed: int
    pid: int
    reading: int
    began: float = field(default_factory=time.monotonic)


def start(name: str, module: str, full: bool, seed: int) -> Started:
    """Begins one test in a forked process."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        os.setsid()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        began = time.monotonic()
        said = _tried(name, module, full, seed)
        with os.fdopen(writing, "w") as out:
            json.dump([said, time.monotonic() - began], out)
        sys.stderr.flush()
        os._exit(0)
    os.close(writing)
    return Started(name, seed, pid, reading)


def outcome(of: Started, limit_s: float) -> tuple[Line | None, float]:
    """What came of it, and the seconds it took; no line when it belongs to the full run alone. Whatever becomes of that
    process, a line comes of it.
    """
    said = _heard(of.reading, of.began + limit_s)
    if said is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(of.pid, signal.SIGTERM)
        _heard(of.reading, time.monotonic() + _GRACE_S)
    os.close(of.reading)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(of.pid, signal.SIGKILL)  # whatever it started
    os.waitpid(of.pid, 0)
    if not said:
        note = f"no answer within {limit_s:.0f} s" if said is None else "died"
        return Line(of.name, runs=0, stuck=1, seed=of.seed, note=note), time.monotonic() - of.began
    answer, seconds = json.loads(said)
    return (Line(**answer) if answer else None), seconds


def in_order(
    names: Sequence[str], begin: Callable[[str], Started], beside: int, limit_s: float
) -> Iterator[tuple[str, tuple[Line | None, float]]]:
    """What came of each, in this order, with so many running beside each other."""
    waiting, running = deque(names), list[Started]()
    known: dict[str, tuple[Line | None, float]] = {}
    for name in names:
        while name not in known:
            while waiting and len(running) < beside:
                running.append(begin(waiting.popleft()))
            left = max(0.0, running[0].began + limit_s - time.monotonic())
            said = select.select([one.reading for one in running], [], [], left)[0]
            done = next((one for one in running if one.reading in said), running[0])
            running.remove(done)
            known[done.name] = outcome(done, limit_s)
        yield name, known[name]


def _heard(source: int, until: float) -> str | None:
    """All that comes until the other end closes; None when it has not by then."""
    parts = b""
    while True:
        if not select.select([source], [], [], max(0.0, until - time.monotonic()))[0]:
            return None
        part = os.read(source, 65536)
        if not part:
            return parts.decode()
        parts += part


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
    # a full run's figures are read for what they are, and `make test` has workers of its own: there one after the other
    beside = 1 if asked.full or asked.few else machine.beside_each_other()
    limit_s = FULL_LIMIT_S if asked.full else SMOKE_LIMIT_S
    bad, later = 0, []
    for name, (line, seconds) in in_order(
        wanted, lambda name: start(name, known[name], asked.full, asked.seed), beside, limit_s
    ):
        if line is None:
            later.append(name)
            continue
        bad += not line.clean
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
