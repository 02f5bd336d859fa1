"""Asking the center who it is today: its versions, the oldest program it works with, and its signed time (sync.md B.8, B.9).

Nothing of it ever keeps the tablet from sending. What is not here: when to ask (worker).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import httpx
import msgspec

from honorcard.card.trust import Trust
from honorcard.problems import ProblemError
from kiosk import timing
from kiosk.settings import Settings
from kiosk.store import Store, story, syncing
from sync import outbox, signed_time, wire

SLOWEST_S = 10.0  # a signed moment that was longer on its way says too little about now
CLOCK_STEP_MS = 2_000  # a smaller difference from what is known is the line's delay

log = logging.getLogger("honorcard.kiosk.greeting")


def greet(
    http: httpx.Client, store: Store, settings: Settings, now_ms: int, ticks: Callable[[], float] = time.monotonic
) -> int | None:
    """The center's time as it signed it, taken over; None when it did not. httpx.HTTPError when there is no line.

    What the center refused because it did not know it yet, and knows now, waits again.
    """
    nonce, asked_at = signed_time.new_nonce(), ticks()
    answer = http.get("/v1/hello", params={"nonce": nonce})
    took_s = ticks() - asked_at
    if answer.status_code != 200:
        return None
    try:
        hello: wire.Hello = wire.decode(wire.Hello, answer.content)
    except msgspec.DecodeError:
        return None
    _heed(store, hello, now_ms)
    moment_ms = read_time(settings, hello.time, nonce) if took_s <= SLOWEST_S else None
    if moment_ms is not None:
        known = timing.center_ms(store)
        if known is None or abs(known - moment_ms) > CLOCK_STEP_MS:
            timing.heard(store, moment_ms, live=True)
    return moment_ms


def read_time(settings: Settings, signed: object, nonce: str) -> int | None:
    """The moment in a signed word of the center that this tablet is enrolled at; None for anybody else's."""
    if not signed:
        return None
    try:
        return signed_time.read_time(signed, nonce, Trust.load(settings.trust_file))
    except ProblemError:
        return None


def _heed(store: Store, hello: wire.Hello, now_ms: int) -> None:
    said = {"min_app": hello.min_app[:32], "min_app_from": hello.min_app_from[:32]}
    with store.read() as db:
        news = {name: words for name, words in said.items() if (syncing.get(db, name) or "") != words}
    if news:
        with store.write() as db:
            for name, words in news.items():
                syncing.put(db, name, words)
    with store.read() as db:
        if not outbox.not_understood(db):
            return
    with store.write() as db:
        again = outbox.offer_understood(db, hello.kinds, hello.schema[1])
        for application_id in again:
            story.note(db, application_id, "again", now_ms, "updated")
    if again:
        log.info("%s operations are offered again to a newer center", len(again))
