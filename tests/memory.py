"""A folder in memory, where there is room for one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ENOUGH = 4 * 2**30


def roomy() -> Path | None:
    """Where files lie in memory; None where they cannot, or where there is little of it (a container's 64 MB)."""
    here = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH
    return _MEMORY if here else None
