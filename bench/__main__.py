"""Runs every bench and prints its table, headed by the machine it ran on."""

from __future__ import annotations

import os
import platform
import sys

from bench import camera, card, codes, kiosk, live, photo, rules

if __name__ == "__main__":
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}\n")
    wanted = sys.argv[1:]
    for module in (card, codes, camera, live, photo, kiosk, rules):
        if not wanted or module.__name__.removeprefix("bench.") in wanted:
            module.run()
            print()
