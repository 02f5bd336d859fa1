"""For pages about the card: which places want it on paper, from the list kept here (R48).

`install(app)` gives every template `places_wanting_paper()`. What is not here: the page with all places (places).
"""

from __future__ import annotations

from flask import Flask

from honorcard.venues import Venue, wanting_paper
from kiosk import current
from kiosk.store import venues

NAMED = 6  # on a page about something else


def install(app: Flask) -> None:
    """Makes `places_wanting_paper` known to every template of `app`."""
    app.jinja_env.globals["places_wanting_paper"] = places_wanting_paper


def places_wanting_paper() -> tuple[list[Venue], int]:
    """The first places that take paper only or do not say, those that take paper only first; and how many there are."""
    with current.store().read() as db:
        wary = wanting_paper(venues.everywhere(db))
    return list(wary[:NAMED]), len(wary)
