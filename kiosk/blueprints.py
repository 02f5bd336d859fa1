"""Which blueprints the kiosk has. Kept apart so that `create_app` reads in one breath."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

NAMES = (
    "home", "staff", "apply", "capture", "framing", "tray", "slip", "printing", "verify", "selftest", "gate_place",
    "roster", "own_record", "places", "application_sheets", "withdrawing", "care", "queue", "enrolling", "metrics", "visit",
    "calling", "progress", "events", "care_settings", "hosting", "joining", "trusting", "training",
)  # fmt: skip


def register(app: Flask) -> None:
    """Registers each module's `bp`."""
    for name in NAMES:
        app.register_blueprint(import_module(f"kiosk.{name}").bp)
