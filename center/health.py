"""`/healthz`: whether the center works, for a program: nothing about a person."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify

from center.store import Store, feed

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def health() -> Response:
    """The database answers."""
    store: Store = current_app.extensions["store"]
    with store.read() as conn:
        feed.server_epoch(conn)
    return jsonify({"ok": True})
