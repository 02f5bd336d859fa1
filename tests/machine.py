"""How much of a machine tests may use."""

from __future__ import annotations

import os


def beside_each_other() -> int:
    """Half as many again as cores: what starts servers, browsers and printers waits for them a good deal of the time."""
    cores = os.cpu_count() or 1
    return cores + (cores + 1) // 2
