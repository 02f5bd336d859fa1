"""Slip secrets, between submit and the slip in the volunteer's hand: in this process' memory for half an hour,
nowhere else.

After a restart a slip shows its receipt number without the QR; that card prints through staff (sync.md K5,
credential.md C.8).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

KEPT_S = 30 * 60


class Slips:
    """Secrets by application id, each forgotten `kept_s` seconds after it was remembered."""

    def __init__(self, kept_s: float = KEPT_S, ticks: Callable[[], float] = time.monotonic) -> None:
        self._kept_s = kept_s
        self._ticks = ticks
        self._held: dict[str, tuple[float, str, bytes]] = {}
        self._lock = threading.Lock()

    def remember(self, application_id: str, receipt: str, secret: bytes) -> None:
        """Keeps the secret of a slip just issued."""
        with self._lock:
            self._sweep()
            self._held[application_id] = (self._ticks(), receipt, secret)

    def recall(self, application_id: str) -> bytes | None:
        """The secret, or None when it is gone."""
        with self._lock:
            self._sweep()
            held = self._held.get(application_id)
            return held[2] if held else None

    def forget(self, application_id: str) -> None:
        """Drops a secret before its time."""
        with self._lock:
            self._held.pop(application_id, None)

    def _sweep(self) -> None:
        now = self._ticks()
        self._held = {key: held for key, held in self._held.items() if now - held[0] <= self._kept_s}


_slips = Slips()
remember = _slips.remember
recall = _slips.recall
forget = _slips.forget
