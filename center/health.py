"""`/healthz`: whether the center works, for a program: nothing about a person."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from center import current
from center.store import feed, tally_counting

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def health() -> Response:
    """The database answers; and whether the statistics are still being counted, as after an update (decision 0018)."""
    store = current.store()
    with store.read() as conn:
        feed.server_epoch(conn)
        behind = tally_counting.behind(conn)
    to_go = max(behind.places, behind.whole)
    return jsonify({"ok": True, "statistics": f"being counted, about {to_go} events to go" if behind else "up to date"})
