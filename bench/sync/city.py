"""A city's tablets come online within a minute, at two center processes on one PostgreSQL with real files: the storm of D-6
(`tests/faults`), on a database that writes to the disk.
"""

from __future__ import annotations

import random
import time

from bench.sync import pick, place
from tests.faults.d06_many_kiosks import storm
from tests.postgres import cluster


def run() -> None:
    """Prints the table."""
    kiosks, ops = pick(20, 1000), pick(3, 20)
    with cluster(durable=True) as running:
        began = time.monotonic()
        lost, doubled, stuck, note = storm(running.fresh(), kiosks, ops, random.Random(1))
        took = time.monotonic() - began
    place.table(
        f"{kiosks} tablets × {ops} applications with a photograph each",
        ("lost", "doubled", "stuck", "what was seen", "s, making them included"),
        [(lost, doubled, stuck, note, f"{took:.0f}")],
    )  # fmt: skip
