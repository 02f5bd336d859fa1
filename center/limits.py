"""How often one address may ask: token buckets. In this process's memory where it is the only one (SQLite); in the database,
under a keyed digest of the address, where several serve one center (PostgreSQL). Nothing else about a request is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import threading
import time
from collections import OrderedDict

from flask import current_app

from center import current
from center.store import Store
from center.store import asked as rows
from web.clock import now_ms

KEPT = 10_000  # addresses; the least recent ones are forgotten first


class Limit:
    """`burst` requests at once, then `per_minute` a minute, for each address (IPv6: for each /64, which is one
    subscriber).
    """

    def __init__(self, name: str, *, burst: int, per_minute: float) -> None:
        self._name = name
        self._per_minute = per_minute
        self._burst = float(burst)
        self._per_second = per_minute / 60
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, address: str | None) -> bool:
        """Whether this request may go on; counts it."""
        key = _subscriber(address or "")
        store = current.store()
        if not store.is_sqlite:
            return self._allows_in(store, key)
        moment = time.monotonic()
        with self._lock:
            left, since = self._left.pop(key, (self._burst, moment))
            left = min(self._burst, left + (moment - since) * self._per_second)
            allowed = left >= 1
            self._left[key] = (left - 1 if allowed else left, moment)
            while len(self._left) > KEPT:
                self._left.popitem(last=False)
        return allowed

    def forgive(self, address: str | None) -> None:
        """The last request of that address was a good one, and does not count."""
        key = _subscriber(address or "")
        store: Store = current_app.extensions["store"]
        if not store.is_sqlite:
            with store.write() as conn:
                rows.give_back(conn, self._who(key), burst=int(self._burst))
            return
        with self._lock:
            if key in self._left:
                left, since = self._left[key]
                self._left[key] = (min(self._burst, left + 1), since)

    def _who(self, key: str) -> bytes:
        secret: bytes = current_app.secret_key  # type: ignore[assignment]  # 32 bytes, the same in every process
        return hmac.digest(secret, f"{self._name} {key}".encode(), hashlib.sha256)

    def _allows_in(self, store: Store, key: str) -> bool:
        who = self._who(key)
        at_ms = now_ms()
        with store.write() as conn:
            return rows.take(conn, who, burst=int(self._burst), per_minute=self._per_minute, now_ms=at_ms)


def _subscriber(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
