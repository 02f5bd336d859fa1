"""A few of every fault test, as a part of `make test`; `make faults` does more of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.__main__ import HERE, runners
from tests.faults.lines import Line

# all of them run for the first that asks; each has a limit of its own
pytestmark = pytest.mark.timeout(900)

ROOT = Path(__file__).resolve().parent.parent.parent


def _in_tests() -> list[str]:
    return [
        name
        for name, module in runners().items()
        if "\nFULL_ONLY = True" not in (HERE / f"{module.rpartition('.')[2]}.py").read_text(encoding="utf-8")
    ]


@pytest.fixture(scope="module")
def said() -> dict[str, Line]:
    """What one run of all of them says, by test."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--few", "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    print(done.stderr)  # shown with a failure
    found = {}
    for text in done.stdout.splitlines():
        values = json.loads(text)
        del values["seconds"]
        found[values["id"]] = Line(**values)
    return found


@pytest.mark.parametrize("name", _in_tests())
def test_nothing_is_lost_doubled_or_stuck(name: str, said: dict[str, Line]) -> None:
    assert said[name].clean, said[name]
