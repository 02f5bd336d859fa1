"""Identifiers made on the tablet: UUID version 7 (RFC 9562), strictly rising within a process.

They sort roughly by age and never collide; nobody reads the time out of them (a tablet's clock may be wrong: sync.md
B.1).
"""

from __future__ import annotations

import secrets
import threading
import time
import uuid

_COUNTER_BITS = 12  # rand_a, used as a counter within one millisecond (RFC 9562, 6.2 method 1)

_lock = threading.Lock()
_last = 0  # milliseconds << 12 | counter of the newest one


def uuid7() -> str:
    """A new UUIDv7 in its usual spelling; greater than every one this process made before, even when the clock is set
    back.
    """
    global _last
    with _lock:
        # half of the counter stays free, so that a busy millisecond seldom has to borrow from the next one
        fresh = (time.time_ns() // 1_000_000) << _COUNTER_BITS | secrets.randbits(_COUNTER_BITS - 1)
        _last = max(fresh, _last + 1)
        stamp = _last
    milliseconds, counter = stamp >> _COUNTER_BITS, stamp & (1 << _COUNTER_BITS) - 1
    value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))
