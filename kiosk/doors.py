"""Where a kiosk listens: at the machine itself, and, as a host of phones, with TLS and without on its network.

Each request carries which door it came by (`door()`). The plain one leads nowhere but to the pages that explain how to trust the
host, unless `plain_http` opens the whole app there (docs/decisions/0017-serving-a-room-of-phones.md). All doors share one process,
one pool of threads and one app. What is not here: the certificate (local_ca), TLS itself (tls_listener).
"""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask import Flask, request, url_for
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from werkzeug.wrappers import Response

from honorcard.problems import ProblemError
from kiosk import current, local_ca
from kiosk.addresses import addresses, local_name
from kiosk.pages import see_other
from kiosk.settings import Settings
from kiosk.tls_listener import TlsServer, context_of
from web.clock import Now, system_now

Door = Literal["here", "lan_tls", "lan_plain"]
WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]

IN_MEMORY = 96 * 2**20  # bytes, more than any request has: nothing of a person is laid on the disk in clear
KEY = "honorcard.door"
MOST_CONNECTIONS = 600  # forty phones with six each, and some that were left open
LOOK_EVERY_S = 20.0
EVERYBODYS = frozenset({"static", "trusting.show", "trusting.certificate", "trusting.probe"})
AT_THE_MACHINE_ONLY = frozenset({"metrics", "care.in_use"})  # a room or one view of it

log = logging.getLogger("honorcard.kiosk")


def door() -> Door:
    """The door by which the request came; a server that says nothing (a test's, a proxy's) stands at the machine."""
    found: Door = request.environ.get(KEY, "here")
    return found


def serves_plainly(settings: Settings) -> bool:
    """Whether the app itself may be used without TLS: where all people are made up, or where somebody chose so."""
    return settings.plain_http == "on" or (settings.plain_http == "training" and settings.profile == "training")


def install(app: Flask) -> None:
    """Asks before every view of `app` whether the door leads there. ProblemError `not_allowed`, `not_found`."""

    @app.before_request
    def _ask() -> Response | None:
        came_by, endpoint = door(), request.endpoint or ""
        if came_by == "here":
            return None
        if AT_THE_MACHINE_ONLY & {endpoint, endpoint.partition(".")[0]}:
            raise ProblemError("not_found")
        if came_by == "lan_tls" or endpoint in EVERYBODYS or serves_plainly(current.settings()):
            return None
        if request.method in ("GET", "HEAD"):
            return see_other(url_for("trusting.show"))
        raise ProblemError("not_allowed")


@dataclass(frozen=True)
class _By:
    """The app, entered by one door."""

    app: WSGI
    door: Door

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self.app({**environ, KEY: self.door}, start_response)


class PortTakenError(OSError):
    """Somebody else listens there."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(f"port {port} is in use")


class Doors:
    """The listeners of one kiosk. PortTakenError."""

    def __init__(self, app: WSGI, settings: Settings, *, threads: int, now_is: Now = system_now) -> None:
        self._settings, self._now = settings, now_is
        self._map: dict[int, Any] = {}
        self._dispatcher = ThreadedTaskDispatcher()
        self._keeper: threading.Thread | None = None
        self._closing = threading.Event()
        self._options: Mapping[str, Any] = {
            "ident": None, "threads": threads, "inbuf_overflow": IN_MEMORY, "outbuf_overflow": IN_MEMORY,
            "connection_limit": MOST_CONNECTIONS if settings.lan else 100,
        }  # fmt: skip
        self._servers: list[Any] = []
        self._listen(TcpWSGIServer, _By(app, "here"), settings.host, settings.port)
        self.tls: TlsServer | None = None
        if settings.lan:
            self.tls = self._listen(
                TlsServer, _By(app, "lan_tls"), "0.0.0.0", settings.lan_port,  # noqa: S104 - that is what it is for
                url_scheme="https", context=context_of(identity(settings, self._now()).file),
            )  # fmt: skip
            self._listen(TcpWSGIServer, _By(app, "lan_plain"), "0.0.0.0", settings.lan_http_port)  # noqa: S104
        self._dispatcher.set_thread_count(threads)

    def addresses(self) -> list[str]:
        """Where it listens, for people."""
        said = [f"http://{self._settings.host}:{self._settings.port}/"]
        if self.tls is not None:
            host = next(iter(addresses()), "0.0.0.0")  # noqa: S104
            said += [
                f"https://{host}:{self._settings.lan_port}/",
                f"http://{host}:{self._settings.lan_http_port}/trust",
            ]
        return said

    def run(self) -> None:
        """Serves until closed."""
        if self.tls is not None:
            self._keeper = threading.Thread(target=self._keep, name="certificate", daemon=True)
            self._keeper.start()
        try:
            while self._map and not self._closing.is_set():
                wasyncore.poll(1.0, self._map)
        except (SystemExit, KeyboardInterrupt):
            pass
        except OSError:  # a listener was closed under it
            if not self._closing.is_set():
                raise
        finally:
            self._closing.set()
            self._dispatcher.shutdown()
            wasyncore.close_all(self._map, ignore_all=True)

    def close(self) -> None:
        """Listens no more; `run` then ends. May be called from a signal's handler, and again while it is at it: takes no lock."""
        self._closing.set()
        for server in self._servers:
            server.close()

    def renew(self) -> bool:
        """Looks after the certificate: a new one when it is due or an address is new; whether it was. Connections stay."""
        if self.tls is None:
            return False
        held = identity(self._settings, self._now())
        if held.renewed:
            self.tls.context = context_of(held.file)
            log.info("a new certificate, until %s", held.until.date())
        return held.renewed

    def _keep(self) -> None:
        while not self._closing.wait(LOOK_EVERY_S):
            try:
                self.renew()
            except (OSError, ValueError):  # a full disk; the old one is good for another month
                log.warning("the certificate could not be looked after")

    def _listen(self, kind: Any, app: WSGI, host: str, port: int, *, url_scheme: str = "http", **more: Any) -> Any:
        """The listener; a name that stands for several addresses has one each, of which the first is given."""
        adjusted = Adjustments(host=host, port=port, url_scheme=url_scheme, **self._options)
        shared = {"dispatcher": self._dispatcher, "adj": adjusted, **more}
        before = len(self._servers)
        try:
            for place in adjusted.listen:
                self._servers.append(kind(app, self._map, True, None, sockinfo=place, **shared))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            wasyncore.close_all(self._map, ignore_all=True)
            raise PortTakenError(port) from error
        return self._servers[before]


def identity(settings: Settings, at: datetime) -> local_ca.Identity:
    """The certificate for the names and addresses this machine has just now."""
    return local_ca.identity(settings.lan_keys, settings.station, own_names(settings), at)


def own_names(settings: Settings) -> list[str]:
    """The name and the addresses under which phones may reach this machine just now."""
    return [one for one in (local_name(settings.lan_name), *addresses()) if one]
