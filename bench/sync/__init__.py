"""Sync, measured: taking in, a slow and breaking line, a long feed, memory, a city's tablets; PouchDB beside it.

`SIZE=full` measures at the sizes of docs/sync.md, for about an hour; without it a few minutes. One of them alone:
`python -m bench sync.feed`.
"""

from __future__ import annotations

import os

FULL = os.environ.get("SIZE") == "full"


def pick(small: int, full: int) -> int:
    """The size of this run."""
    return full if FULL else small
