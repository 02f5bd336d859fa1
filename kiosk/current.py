"""What the app that answers the request was wired with (create_app)."""

from __future__ import annotations

from flask import current_app

from kiosk.settings import Settings
from kiosk.store import Store


def store() -> Store:
    """The tablet's store."""
    held: Store = current_app.extensions["store"]
    return held


def settings() -> Settings:
    """The tablet's settings, as they are now."""
    held: Settings = current_app.config["SETTINGS"]
    return held
