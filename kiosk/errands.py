"""What the sync thread does beside a round, now and then: greets the center, passes on calls for help and dead letters, fetches the
verification list, sweeps the disk. None of it is in the way of what people wait for. When each was last done is in memory only.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from importlib import import_module

import httpx

from kiosk import calling_out, greeting, stuck, timing
from kiosk.settings import Settings
from kiosk.turn import AbandonedError, TurnStore
from sync import blobs, outbox, uploads

SWEEP_EVERY_S = 6 * 3600.0
PACK_EVERY_S = 600.0
PACK_TRIES = 10  # rounds in which an announced list is asked for
GREET_EVERY_S = 600.0
TELL_AGAIN_S = 300.0  # a center that did not take what it was told of dead letters: an older one, or one that fails

log = logging.getLogger("honorcard.kiosk.worker")


@dataclass
class Errands:
    """When each was last done, by the clock that only goes forward, and the errands."""

    swept_at: float = -SWEEP_EVERY_S
    greeted_at: float = -GREET_EVERY_S
    not_told_at: float = -TELL_AGAIN_S
    not_called_at: float = -TELL_AGAIN_S
    pack_tries: int = PACK_TRIES
    pack_at: float = 0.0

    def greet(
        self, http: httpx.Client, store: TurnStore, settings: Settings, now_ms: int, *, failing: bool
    ) -> int | None:
        """Now and then, and whenever the center's time is not known and the line fails. The center's time, when it said it."""
        unknown = timing.center_ms(store) is None
        if time.monotonic() - self.greeted_at < GREET_EVERY_S and not (unknown and failing):
            return None
        moment_ms = greeting.greet(http, store, settings, now_ms)
        self.greeted_at = time.monotonic()
        return moment_ms

    def sweep(self, store: TurnStore, settings: Settings) -> None:
        """Sealed files left by a submit that never came to its write (sync.md K3)."""
        if time.monotonic() - self.swept_at < SWEEP_EVERY_S:
            return
        self.swept_at = time.monotonic()
        with store.read() as db:
            known = outbox.blob_addresses(db)
        blobs.sweep(settings.blobs_dir, known)

    def call_out(self, http: httpx.Client, store: TurnStore, now_ms: int) -> None:
        """Calls for help go before everything else: somebody waits. A center that does not know them is asked again later."""
        if time.monotonic() - self.not_called_at < TELL_AGAIN_S:
            return
        if not calling_out.tell(http, store, now_ms):
            self.not_called_at = time.monotonic()

    def tell_stuck(
        self, http: httpx.Client, store: TurnStore, settings: Settings, chunks: uploads.ChunkSize, now_ms: int
    ) -> None:
        """What waits for a person is told to the center; trouble with it is not the line's, and waits a while."""
        if time.monotonic() - self.not_told_at < TELL_AGAIN_S:
            return
        told = False
        try:
            told = stuck.tell(http, store, settings, chunks, now_ms)
        except httpx.HTTPError as error:
            log.info("dead letters not told: %s", type(error).__name__)
        if not told:
            self.not_told_at = time.monotonic()

    def fetch_pack(self, http: httpx.Client, store: TurnStore, settings: Settings) -> None:
        """The verification list, when the center said there is a newer one, at the start, and now and then.

        After what people wait for; its trouble is not the line's.
        """
        aged = time.monotonic() - self.pack_at > PACK_EVERY_S
        if not self.pack_tries and not aged:
            return
        self.pack_tries = max(0, self.pack_tries - 1)
        self.pack_at = time.monotonic()
        try:
            packs = import_module("kiosk.packs")
            if packs.fetch(settings, http, store):
                self.pack_tries = 0
        except AbandonedError:
            raise
        except Exception as error:  # the list in use stays in use
            log.warning("no newer list: %s", type(error).__name__)

    def pack_announced(self) -> None:
        """The center has a newer list: it is asked for from the next round on."""
        self.pack_tries = PACK_TRIES
