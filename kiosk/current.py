"""What the app that answers the request was wired with (create_app)."""

from __future__ import annotations

from flask import current_app

from kiosk.settings import Settings
from kiosk.store import Store


def store() -> Store:
    """The store people work in."""
    held: Store = current_app.extensions["store"]
    return held


def line_store() -> Store:
    """The machine's own store, with its line to the center and its PIN: the store, but in a practice room (kiosk.rooms)."""
    held: Store = current_app.extensions.get("line_store") or current_app.extensions["store"]
    return held


def settings() -> Settings:
    """The tablet's settings, as they are now."""
    held: Settings = current_app.config["SETTINGS"]
    return held
