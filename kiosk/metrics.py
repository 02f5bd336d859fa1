"""`/metrics` of a tablet, for Prometheus: what waits, since when, and how its pages answer. Nothing about a person, no PIN.

What is not here: what is counted of requests (web.watching).
"""

from __future__ import annotations

import os
import shutil

from flask import Blueprint, Response, make_response

from kiosk import current
from kiosk.store import syncing
from web.clock import now_ms
from web.counting import counters, exposition, family, resident_bytes, sample

bp = Blueprint("metrics", __name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
COUNTED = {
    "honorcard_requests_total": ("counter", "Requests answered, by address as registered and class of status."),
    "honorcard_request_seconds": ("histogram", "Time to answer a request."),
    "honorcard_problems_total": ("counter", "Problems answered, by code."),
}


@bp.get("/metrics")
def metrics() -> Response:
    """All of it, in text format 0.0.4."""
    settings, at_ms = current.settings(), now_ms()
    with current.line_store().read() as db:
        facts = syncing.facts(db, at_ms)
    _, _, free = shutil.disk_usage(settings.data_dir)
    counted = counters().summed()
    told = {
        "queue": (facts.unsent, "Operations that the center has not taken yet."),
        "queue_oldest_seconds": (
            max(0, at_ms - facts.oldest_ms) / 1000 if facts.oldest_ms else 0, "Age of the oldest of them.",
        ),
        "photos_left": (facts.photos_left, "Photographs that the center has not got yet."),
        "line_good": (int(facts.line == "good"), "1 while the line to the center is good."),
        "disk_free_bytes": (free, "What is free of the disk."),
        "resident_bytes": (resident_bytes(os.getpid()), "Memory held."),
    }  # fmt: skip
    families = [(name, kind, said, family(counted, name)) for name, (kind, said) in COUNTED.items()]
    gauges = [
        (f"honorcard_kiosk_{name}", "gauge", said, dict([sample(f"honorcard_kiosk_{name}", value)]))
        for name, (value, said) in told.items()
    ]
    return make_response(exposition([*families, *gauges]), 200, {"Content-Type": CONTENT_TYPE})
