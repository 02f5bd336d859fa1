"""The turns of one test shared among processes beside each other: most of a turn is waiting, for a start, a pause, a slow line.

A lane has folders, ports and processes of its own, and every turn its own seed, so that a turn does the same in any lane and in
any part. `HONORCARD_FAULTS_PART` k/n (`--part`) does the turns k, k + n, k + 2n … alone: a run longer than a night is n shorter
ones with one seed, whose counts add up to the whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TypeVar

from tests import memory
from tests.faults.books import Harm

T = TypeVar("T")

PART, LANES = "HONORCARD_FAULTS_PART", "HONORCARD_FAULTS_LANES"


def part_of(turns: Sequence[T]) -> Sequence[T]:
    """The turns of the part that was asked for; all of them when none was."""
    place, _, parts = os.environ.get(PART, "1/1").partition("/")
    return turns[int(place) - 1 :: int(parts)]


def in_lanes(turns: Sequence[T], does: Callable[[Sequence[T]], Harm], count: int) -> Harm:
    """What `does` found, called with a share of the turns in each of `count` forked processes (here, with all of them, when it
    is one). A lane that dies is stuck. Whoever calls holds no thread and no connection.
    """
    turns = part_of(turns)
    count = min(int(os.environ.get(LANES, "0")) or count, len(turns)) if count > 1 else 1
    if count <= 1:
        return does(turns)
    sys.stdout.flush()
    begun = [_begin(turns[place::count], does) for place in range(count)]
    found, running = Harm(), [pid for pid, _ in begun]
    try:
        for pid, reading in begun:
            with os.fdopen(reading) as told:
                said = told.read()
            os.waitpid(pid, 0)
            running.remove(pid)
            if said:
                found.add(Harm(**json.loads(said)))
            else:
                found.say("stuck", "a lane died")
    finally:
        for pid in running:  # told to end: they clear away what they made
            os.kill(pid, signal.SIGTERM)
    return found


def _begin(turns: Sequence[T], does: Callable[[Sequence[T]], Harm]) -> tuple[int, int]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    os.close(reading)
    try:
        said = json.dumps(asdict(does(turns)))
        with os.fdopen(writing, "w") as out:
            out.write(said)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(0)


def quick_folder(prefix: str) -> contextlib.AbstractContextManager[str]:
    """A folder that goes away, in memory where there is room: for what a killed process leaves, which the page cache keeps
    whatever lies below it. Not for what is about the disk itself.
    """
    return tempfile.TemporaryDirectory(prefix=prefix, dir=memory.roomy())
