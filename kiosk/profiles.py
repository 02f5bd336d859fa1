"""What a device of each profile may do: one table, asked before every view. The profile comes with the enrolment (sync.md B.14),
never from a menu; the PIN (guard) stands besides.

A verifier holds nothing of applications, a public kiosk no list of people. What is not here: which verbs the start page
offers of what is allowed (home).
"""

from __future__ import annotations

from typing import get_args

from flask import Flask, request, url_for
from werkzeug.wrappers import Response

from honorcard.problems import ProblemError
from kiosk import current
from kiosk.pages import see_other
from kiosk.settings import Profile

EVERY: frozenset[Profile] = frozenset(get_args(Profile))
ALL_BUT_GATE: frozenset[Profile] = EVERY - {"verifier"}
OFFICE: frozenset[Profile] = frozenset({"staff", "hosted", "training"})  # where officers work with many people

# room (blueprint) -> who may enter it at all
ROOMS: dict[str, frozenset[Profile]] = {
    "home": EVERY, "staff": EVERY, "care": EVERY, "enrolling": EVERY, "calling": EVERY, "visit": EVERY, "queue": EVERY,
    "verify": EVERY, "selftest": EVERY, "gate_place": EVERY, "places": EVERY, "metrics": EVERY,
    "care_settings": EVERY, "hosting": EVERY, "trusting": EVERY,
    "apply": ALL_BUT_GATE, "capture": ALL_BUT_GATE, "framing": ALL_BUT_GATE, "slip": ALL_BUT_GATE, "tray": ALL_BUT_GATE,
    "withdrawing": ALL_BUT_GATE, "printing": ALL_BUT_GATE, "own_record": ALL_BUT_GATE, "progress": ALL_BUT_GATE,
    "events": ALL_BUT_GATE,
    "roster": OFFICE, "application_sheets": OFFICE, "joining": OFFICE,
    "training": frozenset({"training"}),
}  # fmt: skip


def may(profile: Profile, endpoint: str) -> bool:
    """Whether a device of that profile has that view at all. A room that the table does not name is the officers' alone."""
    room = endpoint.partition(".")[0]
    return endpoint == "static" or profile in ROOMS.get(room, OFFICE)


def install(app: Flask) -> None:
    """Asks the table before every view of `app`. ProblemError `not_on_this_device`; a verifier's start page is the gate."""

    @app.before_request
    def _ask() -> Response | None:
        endpoint, profile = request.endpoint, current.settings().profile
        if endpoint is None:
            return None
        if not may(profile, endpoint):
            raise ProblemError("not_on_this_device")
        return None


def opens_with(profile: Profile) -> Response | None:
    """Where the start page leads on at once; None where it is shown."""
    return see_other(url_for("verify.show")) if profile == "verifier" else None
