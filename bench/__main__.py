"""Runs every bench and prints its table, headed by the machine it ran on."""

from __future__ import annotations

import os
import platform
import sys

from bench import camera, card, codes, desk, gate, growing, kiosk, live, pages, people, photo, rules, sheets, trainees
from bench.sync import city, feed, intake, memory, slow

if __name__ == "__main__":
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.machine()}, {os.cpu_count()} cores, {gib:.0f} GiB, Python {platform.python_version()}\n")
    wanted = sys.argv[1:]
    for module in (
        card, sheets, gate, codes, camera, live, photo, kiosk, trainees, desk, people, pages, growing, rules, intake, feed, slow,
        memory, city,
    ):  # fmt: skip
        name = module.__name__.removeprefix("bench.")
        if not wanted or any(name == one or name.startswith(f"{one}.") for one in wanted):
            module.run()
            print()
