"""Each request counted and timed by the address as it is registered, with an id that stands in the log and in the answer.

In a log line: the id, method, address as registered, status, milliseconds, the code of a problem. Never the address that was asked
(it may hold a receipt number or a card's secret), a parameter, a body or who asked.
"""

from __future__ import annotations

import logging
import re
import time
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
from flask import Flask, Response, g, has_request_context, request

from web.counting import Counters

HEADER = "X-Request-ID"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")  # nothing that could mean a person

log = logging.getLogger("honorcard.request")


def watch(app: Flask) -> None:
    """Counts and times every request of `app`; to be called before anything else asks to see requests."""
    app.extensions["counters"] = Counters()

    @app.before_request
    def _begin() -> None:
        asked = request.headers.get(HEADER, "")
        g.request_id = asked if _ID.match(asked) else str(uuid4())
        g.began_s = time.perf_counter()

    @app.after_request
    def _end(reply: Response) -> Response:
        reply.headers[HEADER] = request_id()
        took_s = time.perf_counter() - g.get("began_s", time.perf_counter())
        route = request.url_rule.rule if request.url_rule is not None else "unknown"
        method = request.method if request.method in _METHODS else "other"
        counted: Counters = app.extensions["counters"]
        counted.observe("honorcard_request_seconds", took_s, method=method, route=route)
        counted.add("honorcard_requests_total", method=method, route=route, status=f"{reply.status_code // 100}xx")
        code = g.get("problem_code", "")
        if code:
            counted.add("honorcard_problems_total", code=code)
        counted.flush()
        log.info(
            "%s %s %d", method, route, reply.status_code,
            extra={
                "told": {
                    "method": method, "route": route, "status": reply.status_code, "ms": round(took_s * 1000, 1),
                    **({"problem": code} if code else {}),
                }
            },
        )  # fmt: skip
        return reply


_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def request_id() -> str:
    """The id of the request that is being answered; empty outside one."""
    return str(g.get("request_id", "")) if has_request_context() else ""


class JsonLines(logging.Formatter):
    """A record as one line of JSON: `at`, `level`, `from`, `said`, the request's id, and what a request was."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(), "from": record.name, "said": record.getMessage(),
        }  # fmt: skip
        if found := request_id():
            line["request"] = found
        line |= getattr(record, "told", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__  # its message may quote what is in a row
        return msgspec.json.encode(line).decode()
