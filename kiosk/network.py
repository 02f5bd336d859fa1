"""Whether this machine has a way out: the routes of the system, read without asking anybody on the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

_TABLES = (Path("/proc/net/route"), Path("/proc/net/ipv6_route"))
_ANYWHERE = {"00000000", "00000000000000000000000000000000"}

Routes = frozenset[tuple[str, str]]


def ways_out() -> Routes:
    """The ways to anywhere: device and gateway. Empty without any, and on systems that do not say."""
    found = set()
    for table in _TABLES:
        try:
            rows = [line.split() for line in table.read_text(encoding="ascii").splitlines()]
        except OSError:
            continue
        for row in rows:
            if len(row) == 11 and row[1] in _ANYWHERE and row[7] in _ANYWHERE:  # device, destination, gateway, …, mask
                found.add((row[0], row[2]))
            elif len(row) == 10 and row[0] in _ANYWHERE and row[1] == "00" and row[9] != "lo":
                found.add((row[9], row[4]))
    return frozenset(found)


class Network:
    """Tells when a way out has appeared that was not there before."""

    def __init__(self, look: Callable[[], Routes] = ways_out) -> None:
        self._look = look
        self._before = look()

    def came_up(self) -> bool:
        """Whether there is a new way out since the last question."""
        before, self._before = self._before, self._look()
        return bool(self._before - before)
