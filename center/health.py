"""`/healthz`: whether the center works, for a program: nothing about a person."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from center import current
from center.store import feed

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def health() -> Response:
    """The database answers."""
    store = current.store()
    with store.read() as conn:
        feed.server_epoch(conn)
    return jsonify({"ok": True})
