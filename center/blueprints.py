"""Which blueprints the center has. Kept apart so that `create_app` reads in one breath."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

NAMES = (
    "health", "intake", "stuck", "uploads", "feed", "enrolment", "accounts", "office", "letters",
    "desk", "desk_photos", "queueing", "together", "deciding", "cards", "people", "entering", "performing",
    "venues", "history", "rescue", "packs", "verifier", "public", "digital",
)  # fmt: skip


def register(app: Flask) -> None:
    """Registers each module's `bp`."""
    for name in NAMES:
        app.register_blueprint(import_module(f"center.{name}").bp)
