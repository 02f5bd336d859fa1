"""Whether a build of SQLite may be trusted with a write-ahead log.

Builds 3.7.0 to 3.51.2 can corrupt a database in WAL mode when two connections write and checkpoint at the same instant; 3.51.3
mended it, 3.50.7 and 3.44.6 have the mending too (sync.md B.2). The rollback journal is sound on every build.
"""

from __future__ import annotations

MENDED = (3, 51, 3)
_MENDED_SINCE: dict[tuple[int, ...], int] = {(3, 50): 7, (3, 44): 6}
_WAL_SINCE = (3, 7, 0)


def may_use_wal(version: tuple[int, ...]) -> bool:
    """Whether that version (major, minor, patch) is free of the fault and knows the log at all."""
    if version >= MENDED:
        return True
    since = _MENDED_SINCE.get(version[:2])
    return since is not None and version >= (*version[:2], since) and version >= _WAL_SINCE


def journal(version: tuple[int, ...]) -> tuple[str, str]:
    """(journal_mode, synchronous) to open with: nothing committed is lost by a power cut in either."""
    return ("WAL", "FULL") if may_use_wal(version) else ("TRUNCATE", "EXTRA")


def read_version(text: str) -> tuple[int, ...]:
    """`3.53.4` as numbers."""
    return tuple(int(part) for part in text.split("."))
