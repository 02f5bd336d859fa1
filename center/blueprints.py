"""Which blueprints the center has. Kept apart so that `create_app` reads in one breath."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

NAMES = (
    "health", "intake", "stuck", "helping", "by_card", "uploads", "feed", "enrolment", "accounts", "second_factor", "my_account",
    "front",
    "registering", "office", "office_accounts", "applications", "letters", "desk", "desk_photos", "queueing", "together",
    "deciding", "cards", "people", "venues", "history", "rescue", "packs", "mail_page", "reminders", "verifier", "public",
    "digital", "entering", "performing", "exchange.importing", "exchange.exporting", "audit", "statistics", "retention",
    "metrics", "api", "systems", "events.organising",
    "practice.listing",
)  # fmt: skip


def register(app: Flask) -> None:
    """Registers each module's `bp`."""
    for name in NAMES:
        app.register_blueprint(import_module(f"center.{name}").bp)
