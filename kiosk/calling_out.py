"""Telling the center of calls for help, and hearing how they stand. What others call comes with the feed (news)."""

from __future__ import annotations

import httpx
import msgspec

from kiosk.store import Store, calls
from sync import digests, wire


def tell(http: httpx.Client, store: Store, now_ms: int) -> bool:
    """Tells what the center has not heard yet; whether it took it. httpx.TransportError when the line fails."""
    with store.read() as db:
        words = calls.untold(db, now_ms)
    if not words:
        return True
    content = wire.encode(wire.HelpWords(words=tuple(words)))
    answer = http.post("/v1/calls", content=content, headers={"Content-Type": "application/json"})
    if answer.status_code != 200 or not digests.holds(answer.headers, answer.content):
        return False
    try:
        said: wire.HelpCalls = wire.decode(wire.HelpCalls, answer.content)
    except msgspec.DecodeError:
        return False
    with store.write() as db:
        for call in said.calls:
            calls.heard(db, call, now_ms)
    return True
