"""How often one address may ask: token buckets in this process's memory, forgotten at its end. Nothing else about a
request is kept.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict

KEPT = 10_000  # addresses; the least recent ones are forgotten first


class Limit:
    """`burst` requests at once, then `per_minute` a minute, for each address (IPv6: for each /64, which is one
    subscriber).
    """

    def __init__(self, *, burst: int, per_minute: float) -> None:
        self._burst = float(burst)
        self._per_second = per_minute / 60
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, address: str | None) -> bool:
        """Whether this request may go on; counts it."""
        key = _subscriber(address or "")
        moment = time.monotonic()
        with self._lock:
            left, since = self._left.pop(key, (self._burst, moment))
            left = min(self._burst, left + (moment - since) * self._per_second)
            allowed = left >= 1
            self._left[key] = (left - 1 if allowed else left, moment)
            while len(self._left) > KEPT:
                self._left.popitem(last=False)
        return allowed


def _subscriber(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
