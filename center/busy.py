"""When the center cannot take a request now, it says so: 503 and when to come again, never anything else of the 5xx kind.

Its database does not answer or is waited for too long, an object store is away, or there are more requests of tablets at once
than it has hands for. What a request was about is untouched then: tablets come again (sync.md B.10).
"""

from __future__ import annotations

import logging
import random
import threading
import time

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from werkzeug.wrappers import Response as AnyResponse

from honorcard.problems import ProblemError
from web.errors import answer

RETRY_AFTER_S = (30, 300)  # at random, so that those sent away do not come back together
SOON_S = (2, 10)
AT_ONCE = 64  # requests of tablets in this process at once; a server with fewer threads never gets there
COST_A_SECOND = 20.0  # what one tablet may ask for, on the average: a hosted kiosk with forty phones stays far below
COST_AT_ONCE = 600.0
BYTES_A_UNIT = 64 * 1024
KEPT = 20_000  # tablets; the least recent are forgotten

log = logging.getLogger("honorcard.center.busy")


class Purse:
    """Token buckets by tablet, in this process: one that runs wild must not take the others' turns."""

    def __init__(self, per_second: float = COST_A_SECOND, at_once: float = COST_AT_ONCE) -> None:
        self._per_second = per_second
        self._full = at_once
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def pays(self, who: str, cost: float, moment: float) -> float:
        """Seconds until there is enough; 0 when there is, and it is taken."""
        with self._lock:
            left, since = self._left.pop(who, (self._full, moment))
            left = min(self._full, left + (moment - since) * self._per_second)
            enough = left >= min(cost, self._full)
            self._left[who] = (left - cost if enough else left, moment)
            while len(self._left) > KEPT:
                self._left.pop(next(iter(self._left)))
        return 0.0 if enough else (min(cost, self._full) - left) / self._per_second


class BusyError(Exception):
    """This tablet has asked for more than its share; `seconds` until it may again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def charge(device_id: str) -> None:
    """One request of that tablet, by its weight; only after its signature held. BusyError when it has no share left."""
    purse: Purse = current_app.extensions["purse"]
    wait = purse.pays(device_id, 1 + (request.content_length or 0) / BYTES_A_UNIT, time.monotonic())
    if wait > 0:
        raise BusyError(wait)


def guard(app: Flask) -> None:
    """Every way in which the center can be busy ends in 503 and Retry-After."""
    hands = threading.BoundedSemaphore(AT_ONCE)
    app.extensions["purse"] = Purse()

    @app.before_request
    def _enter() -> AnyResponse | None:
        if not request.path.startswith("/v1/"):
            return None
        if not hands.acquire(blocking=False):
            return _come_again(random.uniform(*SOON_S))  # noqa: S311 - spreads load, guards nothing
        g.has_hand = True
        return None

    @app.teardown_request
    def _leave(_error: BaseException | None) -> None:
        if g.pop("has_hand", False):
            hands.release()

    @app.errorhandler(BusyError)
    def _too_much(error: BusyError) -> Response:
        return _come_again(max(1.0, error.seconds))

    def _unanswered(error: Exception) -> Response:
        log.error("busy: %s on %s", type(error).__name__, request.endpoint)  # the class alone: a message quotes rows
        return _come_again(random.uniform(*RETRY_AFTER_S))  # noqa: S311

    for kind in (OperationalError, InterfaceError, TimeoutError):
        app.register_error_handler(kind, _unanswered)


def _come_again(seconds: float) -> Response:
    reply = answer(ProblemError("center_busy"), "center/problem.html")
    reply.headers["Retry-After"] = str(round(seconds + 0.5))
    return reply
