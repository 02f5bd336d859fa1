"""The server: intake from tablets, two reviews, issue, the feed back, the public page behind the QR.

`create_app(settings)` wires and returns; nothing happens on import. One blueprint for each thing a person or a tablet does.
"""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from center.objects import AwayError
from center.pages import htmx
from center.settings import Settings
from center.store import Store, upgrading
from honorcard.problems import ProblemError
from web.app import build
from web.clock import Now, system_now
from web.errors import answer

MAX_BODY = 16 * 2**20


def create_app(settings: Settings, *, now_is: Now = system_now) -> Flask:
    """The center's WSGI app over the data folder of `settings`; creates its keys and schema at the first start."""
    from center import backups, blueprints, busy, photostore, shedding
    from center.secrets_box import server_secret

    photostore.check(settings)  # before keys and schema: the first photograph would be too late
    app = build(
        "center",
        secret_key=server_secret(settings.keys_dir, "session"),
        htmx=htmx,
        problem_template="center/problem.html",
        allowed_hosts=frozenset(settings.allowed_hosts) if settings.allowed_hosts else None,
        camera=False,
        max_body=MAX_BODY,
        session_cookie="center",
        now_is=now_is,
        secure_cookie=settings.secure_cookies,
    )
    app.config["SETTINGS"] = settings
    backups.refuse_half_restored(settings)
    store = Store(settings.url)
    if not settings.migrate_at_start and upgrading.standing(store.engine).waiting:
        raise ProblemError("schema_behind")
    store.create()
    app.extensions["store"] = store
    if settings.trusted_proxies > 0:
        # whose request it is, for what is counted by address; host and scheme stay as they came: a tablet signs its Host
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0, x_port=0, x_prefix=0
        )
    app.register_error_handler(AwayError, _files_away)
    busy.guard(app)
    shedding.guard(app)
    blueprints.register(app)
    return app


def _files_away(error: AwayError) -> Response:
    """Photographs and sheets cannot be had now: said as that, since a fault of the machine is another matter."""
    logging.getLogger("honorcard.center").error("files away: %s on %s", error, request.endpoint)
    return answer(ProblemError("files_away"), "center/problem.html")
