"""A named place ends the process that was told so, and no other."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
from sync.crash import crash_here
for passing in range(1, 4):
    print(passing, flush=True)
    crash_here("K7")
    crash_here("K8")
print("end")
"""


def ran(at: str | None) -> tuple[str, int]:
    """What the program said, and how it ended."""
    env = {name: value for name, value in os.environ.items() if name != "HONORCARD_CRASH_AT"}
    env |= {"HONORCARD_CRASH_AT": at} if at is not None else {}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    return " ".join(done.stdout.split()), done.returncode


def test_nobody_asked_nothing_happens() -> None:
    assert ran(None) == ran("") == ran("K70") == ("1 2 3 end", 0)


def test_the_named_place_kills_at_its_first_passing_or_at_the_one_asked_for() -> None:
    assert ran("K7") == ("1", -signal.SIGKILL)
    assert ran("K8:3") == ("1 2 3", -signal.SIGKILL)
    assert ran("K8:4") == ("1 2 3 end", 0)


def test_each_place_stands_once_in_the_code() -> None:
    named: list[str] = []
    for room in ("sync", "kiosk", "center"):
        for path in {*(ROOT / room).rglob("*.py")} - {ROOT / "sync" / "crash.py"}:
            named += re.findall(r'crash_(?:here|during)\(\s*"([KS]\d+)"', path.read_text(encoding="utf-8"))
    assert sorted(named) == sorted(set(named))
    assert set(named) <= {f"K{n}" for n in range(1, 15)} | {f"S{n}" for n in range(1, 10)}
