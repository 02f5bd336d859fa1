"""What the app that answers the request was wired with (create_app)."""

from __future__ import annotations

from flask import current_app

from center.settings import Settings
from center.store import Store


def store() -> Store:
    """The center's store."""
    held: Store = current_app.extensions["store"]
    return held


def settings() -> Settings:
    """The center's settings, as they are now."""
    held: Settings = current_app.config["SETTINGS"]
    return held
