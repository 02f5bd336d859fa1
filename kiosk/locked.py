"""Before the data key is open: one page that asks for the passphrase, and nothing else (sync.md B.2, key custody).

Until somebody has typed it, the database is ciphertext: nothing can be read, shown or sent, and the page says so. Once it is
open the kiosk proper takes the place of this page, in the same process. What is not here: how the key is wrapped
(kiosk.store.keys), the PIN of the staff, which is asked afterwards as ever.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from honorcard.problems import ProblemError
from kiosk import pins
from kiosk.pages import htmx, page, see_other
from kiosk.settings import Settings
from kiosk.store import keys
from web.app import build
from web.clock import Now, system_now

_AT_HOME = ("127.0.0.1", "::1")


def asks(settings: Settings) -> bool:
    """Whether a passphrase must be typed, or chosen, before this kiosk can begin."""
    wrapped = keys.is_wrapped(settings.key_file)
    return not keys.is_open(settings.key_file) or (settings.key_custody == "passphrase" and not wrapped)


class Door:
    """A WSGI app: the page for the passphrase until the key is open, the kiosk from then on.

    open_kiosk: makes the kiosk's app, called once.
    """

    def __init__(self, settings: Settings, open_kiosk: Callable[[], Flask], now_is: Now = system_now) -> None:
        self._open_kiosk = open_kiosk
        self._lock = threading.Lock()
        self._kiosk: Flask | None = None
        self.page = _page_app(settings, self._opened, now_is)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Whichever of the two it is now."""
        app = self._kiosk or self.page
        return app(environ, start_response)

    def _opened(self) -> None:
        with self._lock:
            if self._kiosk is None:
                self._kiosk = self._open_kiosk()


def _page_app(settings: Settings, opened: Callable[[], None], now_is: Now) -> Flask:
    app = build(
        "kiosk_locked",
        secret_key=secrets.token_bytes(32),
        htmx=htmx,
        problem_template="kiosk/locked_problem.html",
        allowed_hosts=frozenset({"127.0.0.1", "localhost", "::1", settings.host}),
        camera=False,
        max_body=2**16,
        session_cookie="kiosk",
        now_is=now_is,
    )
    app.config["SETTINGS"] = settings

    @app.get("/healthz")
    def health() -> Response:
        return jsonify({"ok": True, "locked": True})

    @app.get("/")
    def show() -> Response:
        return _shown(settings)

    @app.post("/passphrase")
    def take() -> Response | AnyResponse:
        problem, wait = _tried(settings)
        if problem is not None or wait > 1:
            return _shown(settings, problem=problem, wait=wait, status=problem.problem.status if problem else 403)
        opened()
        return see_other("/")

    @app.get("/<path:elsewhere>")
    def anything(elsewhere: str) -> AnyResponse:
        return see_other("/")

    return app


def _tried(settings: Settings) -> tuple[ProblemError | None, int]:
    """What is wrong with what was typed, and the seconds to wait; (None, 0) when the key is open."""
    path, typed = settings.key_file, request.form.get("passphrase", "")
    if keys.is_wrapped(path):
        wait = 0 if keys.is_open(path) else keys.open_with(path, typed, pins.boot_clock)
        return (ProblemError("passphrase_wrong") if wait else None), wait
    if (
        settings.profile == "hosted" or request.remote_addr not in _AT_HOME
    ):  # behind a proxy everybody seems to be at home
        raise ProblemError("not_allowed")
    problem = keys.problem_with(typed)
    if problem is None and typed != request.form.get("again", ""):
        problem = ProblemError("passphrase_differs")
    if problem is None:
        keys.wrap(path, typed)
    return problem, 0


def _shown(settings: Settings, *, problem: ProblemError | None = None, wait: int = 0, status: int = 200) -> Response:
    wrapped = keys.is_wrapped(settings.key_file)
    left = max(wait if wait > 1 else 0, keys.wait_s(settings.key_file, pins.boot_clock) if wrapped else 0)
    return page(
        "kiosk/locked.html", "main", name=settings.station, new=not wrapped, problem=problem, wait=left,
        least=keys.MIN_PASSPHRASE, status=status,
    )  # fmt: skip
