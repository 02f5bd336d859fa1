"""The feed comes down, page by page, each with its cursor in one transaction (sync.md B.5)."""

from __future__ import annotations

from typing import Any

from sync import outbox
from sync.client.asking import ms
from sync.client.pushing import Pushing
from sync.client.trip import Trip
from sync.crash import crash_here
from sync.wire import FeedPage

FEED_LIMIT = 500
_MAX_PAGES = 50


class Pulling:
    """Of one round. pushing: for when the center has to be told, or asked, something first."""

    def __init__(self, trip: Trip, pushing: Pushing) -> None:
        self._trip = trip
        self._pushing = pushing

    def all(self) -> None:
        """Everything the center has to say."""
        for _ in range(_MAX_PAGES):
            with self._trip.store.read() as db:
                cursor = int(outbox.meta.value(db, "cursor") or 0)
                known_epoch = outbox.meta.value(db, "server_epoch")
                standing = outbox.meta.value(db, "standing") or "good"
            query: dict[str, Any] = {"cursor": cursor, "limit": FEED_LIMIT}
            page: FeedPage = self._trip.ask("GET", "/v1/feed", FeedPage, params=query)
            if known_epoch is not None and page.server_epoch != known_epoch:
                # restored: an empty push tells how much the center still has, then the feed begins anew
                self._pushing.nothing()
                continue
            if self._is_behind(page):
                self._pushing.nothing()
                continue
            self._trip.report.server_ms = ms(page.server_time)
            changed = standing != page.standing or known_epoch is None
            if page.items or page.cursor != cursor or changed:  # nothing new, nothing to write
                with self._trip.store.write() as db:
                    outbox.meta.note(db, "standing", page.standing)
                    if known_epoch is None:
                        outbox.meta.note(db, "server_epoch", page.server_epoch)
                    for item in page.items:
                        self._trip.hooks.received(db, item)
                    outbox.meta.note(db, "cursor", str(page.cursor))
                    crash_here("K11")
            self._trip.report.received += len(page.items)
            self._trip.report.moved |= bool(page.items)
            self._trip.report.more_to_hear = page.more
            if not page.more or not self._trip.alive():
                return

    def _is_behind(self, page: FeedPage) -> bool:
        """Whether the center has heard more of this log than there is in it: then it goes under another name from now on."""
        with self._trip.store.read() as db:
            if page.dev_epoch != outbox.meta.value(db, "dev_epoch") or page.high_seq <= outbox.last_seq(db):
                return False
        with self._trip.store.write() as db:
            outbox.part(db)
        return True
