"""The app on the tablet: register, photograph, judge, submit, print, verify; with or without a line.

`create_app(settings)` wires and returns; nothing happens on import. One blueprint for each thing a person does.
"""

from __future__ import annotations

import secrets

from flask import Flask

from kiosk.addresses import Hosts
from kiosk.pages import htmx
from kiosk.settings import Settings
from web.app import build
from web.clock import Now, system_now

MAX_UPLOAD = 80 * 2**20  # a 200-megapixel phone photograph


def create_app(settings: Settings, *, now_is: Now = system_now, printer_deadline_s: float = 60.0) -> Flask:
    """The kiosk's WSGI app over the data folder of `settings`.

    The session secret is new at every start (sync.md B.14): whoever unlocked the tablet before a restart unlocks it again.
    """
    app = build(
        "kiosk",
        secret_key=secrets.token_bytes(32),
        htmx=htmx,
        problem_template="kiosk/problem.html",
        allowed_hosts=Hosts(settings.host, lan=settings.lan, name=settings.lan_name),
        camera=True,
        max_body=MAX_UPLOAD,
        session_cookie="kiosk",
        now_is=now_is,
    )
    app.config["PRINTER_DEADLINE_S"] = printer_deadline_s
    from kiosk import blueprints, calling, doors, practising, profiles, rooms, station, visit, where

    rooms.enter(app, settings)
    doors.install(app)
    profiles.install(app)
    practising.install(app)
    visit.install(app)
    calling.install(app)
    station.install(app)
    where.install(app)
    blueprints.register(app)
    return app
