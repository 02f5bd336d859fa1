"""The frame of the fault tests tells the truth about them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.faults import __main__ as frame
from tests.faults import plant
from tests.faults.books import Harm
from tests.faults.lanes import PART, in_lanes, part_of
from tests.faults.lines import EXPECTED, Line, pick


def runner(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> str:
    """A module with this `run`."""
    (folder / "a_runner.py").write_text(
        "import os, time\nfrom tests.faults.lines import Line\n" + body, encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "a_runner", raising=False)
    return "a_runner"


def apart(module: str, *, full: bool = False, limit_s: float = 60) -> Line | None:
    return frame.outcome(frame.start("D-1", module, full, 7), limit_s)[0]


def test_a_runner_s_line_comes_back_from_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = runner(
        tmp_path, monkeypatch, "def run(full, seed): return Line('D-1', runs=5, lost=int(full), seed=seed)\n"
    )
    assert apart(module) == Line("D-1", runs=5, seed=7)
    assert not apart(module, full=True).clean


@pytest.mark.parametrize(
    "body",
    ["raise ValueError", "def run(full, seed): raise ValueError\n", "def run(full, seed): os.kill(os.getpid(), 9)\n"],
    ids=["at import", "in the run", "killed"],
)
def test_a_runner_that_falls_over_has_not_passed(body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = apart(runner(tmp_path, monkeypatch, body))
    assert line.runs == 0 and line.stuck == 1 and not line.clean


def test_a_runner_that_never_ends_is_stuck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = apart(runner(tmp_path, monkeypatch, "def run(full, seed): time.sleep(600)\n"), limit_s=0.3)
    assert line.stuck == 1 and "no answer" in line.note


def test_beside_each_other_each_still_has_its_line_in_the_plans_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the first waits for a file of the second's, so that one after the other would end neither
    there = tmp_path / "there"
    body = f"""
from pathlib import Path
def run(full, seed):
    there = Path({str(there)!r})
    if seed == 2:
        there.touch()
    while not there.exists():
        time.sleep(0.01)
    time.sleep(600 if seed == 3 else 0)
    return Line("D-1", runs=seed)
"""
    module = runner(tmp_path, monkeypatch, body)
    said = frame.in_order(["1", "2", "3", "4"], lambda name: frame.start(name, module, False, int(name)), 2, 10)
    first, second, third, fourth = ((name, line) for name, (line, _) in said)
    assert [first, second, fourth] == [(str(n), Line("D-1", runs=n)) for n in (1, 2, 4)]
    assert third[0] == "3" and third[1].stuck == 1 and not third[1].clean


def test_what_is_for_the_full_run_alone_says_nothing_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = runner(tmp_path, monkeypatch, "FULL_ONLY = True\ndef run(full, seed): return Line('D-1', runs=1)\n")
    assert apart(module) is None
    assert apart(module, full=True).clean


def test_no_run_at_all_is_not_a_pass() -> None:
    assert not Line("D-1", runs=0).clean
    assert Line("D-1", runs=0).bound is None


def test_the_bound_is_the_rule_of_three() -> None:
    assert Line("D-1", runs=2000).bound == pytest.approx(0.0015)
    assert Line("D-1", runs=2000, stuck=1).bound is None


def test_the_full_run_has_the_plan_s_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HONORCARD_FAULTS_FEW", raising=False)
    assert [pick(True, plan=9, smoke=3, few=1), pick(False, plan=9, smoke=3, few=1)] == [9, 3]
    monkeypatch.setenv("HONORCARD_FAULTS_FEW", "1")
    assert [pick(True, plan=9, smoke=3, few=1), pick(False, plan=9, smoke=3, few=1)] == [9, 1]


def turns_of(some: Sequence[int]) -> Harm:
    return Harm(lost=sum(some), words=[str(os.getpid())], runs=len(some), slowest=float(max(some)))


def test_lanes_do_every_turn_once_each_in_its_own_process() -> None:
    found = in_lanes(range(10), turns_of, 3)
    assert (found.runs, found.lost, found.slowest) == (10, 45, 9.0)
    assert len(set(found.words)) == 3 and str(os.getpid()) not in found.words


def test_a_lane_that_dies_is_stuck_and_the_others_count() -> None:
    found = in_lanes(range(6), lambda some: turns_of(some) if 0 in some else os._exit(0), 3)
    assert (found.runs, found.stuck) == (2, 2)


def test_parts_are_the_whole_together(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = []
    for part in ("1/3", "2/3", "3/3"):
        monkeypatch.setenv(PART, part)
        parts += part_of(range(10))
    assert sorted(parts) == list(range(10))
    monkeypatch.delenv(PART)
    assert part_of(range(10)) == range(10)


@pytest.mark.parametrize(("a_look_s", "looks"), [(0.0, 51), (0.1, 21), (5.0, 3)])
def test_a_wait_counts_looks_and_not_the_time_a_busy_machine_takes_for_them(
    a_look_s: float, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]

    def rest(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr(plant, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=rest))
    looked = []

    def look() -> bool:
        looked.append(rest(a_look_s))
        return False

    with pytest.raises(plant.NeverEnded):
        plant.until(look, 1.0)
    assert abs(len(looked) - looks) <= 1


def test_every_runner_is_one_of_the_plan_s() -> None:
    assert set(frame.runners()) <= set(EXPECTED)
