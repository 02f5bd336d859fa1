"""Page or fragment, for the kiosk's views. Over htmx-flask, so that the library can be exchanged here alone."""

from __future__ import annotations

from htmx_flask import Htmx

from web.pages import page, see_other, wants_fragment

htmx = Htmx()

__all__ = ["htmx", "page", "see_other", "wants_fragment"]
