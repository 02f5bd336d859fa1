"""What the center says back: a page of the feed for the tablet that asks (sync.md B.5)."""

from __future__ import annotations

from datetime import UTC

from flask import Blueprint, Response, make_response, request

from center import current
from center.signed import sender
from center.store import feed
from honorcard.problems import ProblemError
from sync import digests
from sync.wire import FeedItem, FeedPage, encode
from web.clock import now
from web.counting import PIECES, counters

bp = Blueprint("feed", __name__, url_prefix="/v1")


@bp.get("/feed")
def show() -> Response:
    """The items after `cursor`, at most `limit` and about two megabytes; never held open."""
    device = sender(stopped_too=True)
    cursor, limit = _number("cursor", 0), _number("limit", feed.PAGE_ITEMS)
    store = current.store()
    with store.read() as conn:
        epoch = feed.server_epoch(conn)
        items: list[FeedItem] = []
        more = False
        if device.standing == "good":
            items, more = feed.page(conn, device.device_id, cursor, limit)
        elif device.standing == "disabled":
            items = feed.page_of_stopped(conn, device.device_id, cursor)
    if epoch is None:
        with store.write() as conn:
            epoch = feed.begin_epoch(conn)
    counters().observe("honorcard_feed_items", len(items), PIECES)
    page = FeedPage(
        items=tuple(items),
        # a tablet that is told no news stays where it is, so that it misses nothing afterwards
        cursor=items[-1].lsn if items and device.standing == "good" else cursor,
        server_epoch=epoch,
        more=more,
        server_time=now().astimezone(UTC).isoformat(),
        standing=device.standing,
        dev_epoch=device.dev_epoch or "",
        high_seq=device.high_seq,
    )
    content = encode(page)
    return make_response(content, 200, {"Content-Type": "application/json", digests.HEADER: digests.digest(content)})


def _number(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise ProblemError("push_malformed")
    return int(text)
