"""One round between tablet and center: push what waits, bring the photographs, pull what the center says (sync.md
B.3–B.5).

Works on the caller's store (`read`, `write` give a database) and an httpx client that signs. Each answer is noted in
one transaction; nothing is marked before the center has said it. One bad operation or photograph never stops the
others. What is not here: when the next round is (retry, the app's worker) and what the feed's items mean to the app
(`Hooks`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from sync import uploads
from sync.client.asking import TIMEOUT, is_ours, problem_code
from sync.client.bringing import Bringing
from sync.client.pulling import Pulling
from sync.client.pushing import Pushing
from sync.client.trip import Hooks, Report, Store, Trip

__all__ = ["TIMEOUT", "Hooks", "Report", "Round", "Store", "is_ours", "problem_code"]


class Round:
    """One round over a store. `chunks` lives longer than a round: it remembers how the line behaves."""

    def __init__(
        self,
        http: httpx.Client,
        store: Store,
        device_id: str,
        blobs_dir: Path,
        hooks: Hooks,
        chunks: uploads.ChunkSize,
        alive: Callable[[], bool] = lambda: True,
        asks: bool = False,
    ) -> None:
        """asks: also when nothing waits, how much of what was sent is durable."""
        self._asks = asks
        self._trip = Trip(http, store, device_id, blobs_dir, hooks, chunks, alive)
        self.report = self._trip.report

    def run(self) -> Report:
        """The whole round. httpx.HTTPError when the line or the center failed: what was done until then is kept.

        A center that has no room takes less, photographs first; what it has to say is heard all the same.
        """
        pushing, bringing = Pushing(self._trip), Bringing(self._trip)
        pushing.all(asks=self._asks)
        if not self.report.held_back:
            bringing.all()
        Pulling(self._trip, pushing).all()
        if self.report.restored:  # what is offered again need not wait for the next round
            pushing.all()
            bringing.all()
        return self.report
