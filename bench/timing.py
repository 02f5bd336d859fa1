"""Timing: several calls after a warm-up, the median and the 95th percentile, in milliseconds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Times:
    """Milliseconds."""

    median: float
    p95: float
    runs: int


def measure(call: Callable[[], object], runs: int = 30, warm: int = 2) -> Times:
    """Times of `call`."""
    for _ in range(warm):
        call()
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        call()
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    return Times(statistics.median(taken), taken[min(len(taken) - 1, int(0.95 * len(taken)))], runs)


def row(name: str, times: Times, peer: Times | None = None) -> str:
    """A line of a table."""
    ratio = f"{times.median / peer.median:6.2f} ×" if peer else ""
    return f"| {name:<52} | {times.median:9.3f} | {times.p95:9.3f} | {times.runs:5} | {ratio:>9} |"


HEAD = f"| {'what':<52} | median ms |    p95 ms |  runs | to peer   |\n|{'-' * 54}|{'-' * 11}|{'-' * 11}|{'-' * 7}|{'-' * 11}|"
