"""Which version of the program is older, so that a tablet knows when to ask for its update (sync.md B.9)."""

from __future__ import annotations

import re


def is_older(version: str, than: str) -> bool:
    """Whether `version` comes before `than`, number by number; what cannot be read as a version is never older."""
    one, other = _numbers(version), _numbers(than)
    if not one or not other:
        return False
    longest = max(len(one), len(other))
    return one + (0,) * (longest - len(one)) < other + (0,) * (longest - len(other))


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d{1,9}(\.\d{1,9}){0,5}", version.strip())
    return tuple(int(number) for number in found[0].split(".")) if found and version.isascii() else ()
