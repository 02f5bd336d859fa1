"""`/metrics`, for Prometheus: what this center has counted and what its rows say now. Nothing about a person, no sign-in.

Counters and times are summed over the processes of this machine (web.counting); what is read from the rows is the same whichever
process is asked. What is counted through is asked for every few minutes, all else at most every few seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, make_response, request
from flask.blueprints import BlueprintSetupState

from center import current, keyring, shedding
from center.settings import Settings
from center.store import figures
from center.store.figures import Figures, Sizes, Waiting
from honorcard.card import key_dates
from honorcard.card.trust import KEY_USES
from web.clock import now, now_ms
from web.counting import Counters, counters, exposition, family, resident_bytes, sample

bp = Blueprint("metrics", __name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FOLDER = "metrics"
FIGURES_EVERY_S = 5.0
SIZES_EVERY_S = 300.0
# name → (kind, help) of what the processes count
COUNTED: dict[str, tuple[str, str]] = {
    "honorcard_requests_total": ("counter", "Requests answered, by address as registered and class of status."),
    "honorcard_request_seconds": ("histogram", "Time to answer a request; /v1/ops is a push of a tablet."),
    "honorcard_problems_total": ("counter", "Problems answered, by code."),
    "honorcard_operations_total": ("counter", "Operations of tablets, by kind and what became of them."),
    "honorcard_feed_items": ("histogram", "Items a tablet was given at once: how far behind it was."),
    "honorcard_sign_ins_total": ("counter", "Sign-ins, by whether they succeeded."),
    "honorcard_worker_seconds": ("histogram", "Time of a part of the work beside the requests."),
    "honorcard_worker_failures_total": ("counter", "Parts of that work that failed."),
}
Family = tuple[str, str, str, dict[str, float]]


class Lately:
    """What was asked a moment ago, for whoever asks again."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._lock = threading.Lock()
        self._found: Any = None
        self._at_s = -every_s

    def ask(self, question: Callable[[], Any]) -> Any:
        """The answer; a new one where the last is too old."""
        with self._lock:
            if time.monotonic() - self._at_s >= self._every_s:
                self._found, self._at_s = question(), time.monotonic()
            return self._found


@bp.record
def _begin(state: BlueprintSetupState) -> None:
    """With the app: its counters, shared with the processes beside it."""
    app = cast(Flask, state.app)
    settings: Settings = app.config["SETTINGS"]
    app.extensions["counters"] = Counters(settings.data_dir / FOLDER)
    app.extensions["figures"], app.extensions["sizes"] = Lately(FIGURES_EVERY_S), Lately(SIZES_EVERY_S)


@bp.after_app_request
def _sign_ins(reply: Response) -> Response:
    if request.method == "POST" and request.path == "/sign-in":
        counters().add("honorcard_sign_ins_total", result="failed" if reply.status_code >= 400 else "good")
    return reply


@bp.get("/metrics")
def metrics() -> Response:
    """All of it, in text format 0.0.4."""
    counted = counters().summed()
    families: list[Family] = [
        (name, kind, said, family(counted, name)) for name, (kind, said) in COUNTED.items()
    ]  # fmt: skip
    families += [(f"honorcard_{name}", "gauge", said, dict(samples)) for name, said, samples in _gauges()]
    return make_response(exposition(families), 200, {"Content-Type": CONTENT_TYPE})


def _gauges() -> Iterator[tuple[str, str, list[tuple[str, float]]]]:
    store, at_ms = current.store(), now_ms()

    def ask_figures() -> Figures:
        with store.read() as conn:
            return figures.figures(conn, at_ms)

    def ask_sizes() -> Sizes:
        with store.read() as conn:
            return figures.sizes(conn)

    found: Figures = current_app.extensions["figures"].ask(ask_figures)
    size: Sizes = current_app.extensions["sizes"].ask(ask_sizes)

    def one(name: str, value: float) -> list[tuple[str, float]]:
        return [sample(f"honorcard_{name}", value)]

    def age(waiting: Waiting) -> float:
        return max(0, at_ms - waiting.since_ms) / 1000 if waiting.since_ms is not None else 0

    yield (
        "cases", "Applications that are open, by state.",
        [sample("honorcard_cases", one_.count, state=state) for state, one_ in found.cases.items()],
    )  # fmt: skip
    yield (
        "case_oldest_seconds", "Age of the oldest of them, since it came in.",
        [sample("honorcard_case_oldest_seconds", age(one_), state=state) for state, one_ in found.cases.items()],
    )  # fmt: skip
    yield (
        "decisions_pending",
        "Decisions that have not taken effect yet.",
        one("decisions_pending", found.decisions.count),
    )
    late = max(0, at_ms - found.decisions.since_ms) / 1000 if found.decisions.since_ms else 0
    yield "decisions_late_seconds", "How long the oldest of them is overdue.", one("decisions_late_seconds", late)
    yield (
        "photos_to_open",
        "Photographs that arrived and were not opened yet.",
        one("photos_to_open", found.photos.count),
    )
    yield (
        "letters_open",
        "What was not taken in and waits for the administrator.",
        one("letters_open", found.letters.count),
    )
    yield "letter_oldest_seconds", "Age of the oldest of them.", one("letter_oldest_seconds", age(found.letters))
    yield (
        "choices_open",
        "Changes and pairs that a reviewer has to decide on.",
        one("choices_open", found.choices.count),
    )
    yield "uploads_under_way", "Photographs that are being uploaded.", one("uploads_under_way", found.uploads.count)
    yield (
        "uploads_under_way_bytes",
        "Their size when they are whole.",
        one("uploads_under_way_bytes", found.upload_bytes),
    )
    if found.mail is not None:
        yield "mail_waiting", "Mails that were not sent yet.", one("mail_waiting", found.mail.count)
        yield "mail_oldest_seconds", "Age of the oldest of them.", one("mail_oldest_seconds", age(found.mail))
    yield "tablets", "Tablets that are not disabled.", one("tablets", found.tablets)
    yield "tablets_seen_hour", "Those of them that asked within the hour.", one("tablets_seen_hour", found.tablets_seen)
    yield "feed_position", "The newest place of the feed.", one("feed_position", found.feed_lsn)
    yield (
        "pack_behind",
        "Changes to cards that the published list does not hold yet.",
        one("pack_behind", found.pack_behind),
    )
    yield "api_keys", "Keys of other systems that are good.", one("api_keys", found.keys_of_systems)
    for name, made, said in (
        ("backup_age_seconds", found.backup_ms, "Age of the newest verified backup."),
        ("backup_elsewhere_age_seconds", found.backup_elsewhere_ms, "Age of the newest one on another machine."),
    ):
        yield name, f"{said} NaN before the first.", one(name, (at_ms - made) / 1000 if made else float("nan"))
    yield "blobs", "Sealed photographs kept.", one("blobs", size.blobs)
    yield "blobs_bytes", "Their size.", one("blobs_bytes", size.blob_bytes)
    cards = [sample("honorcard_cards", many, status=status) for status, many in sorted(size.cards.items())]
    yield "cards", "Cards, by status.", cards
    yield from _machine()


def _machine() -> Iterator[tuple[str, str, list[tuple[str, float]]]]:
    settings, moment = current.settings(), now()
    days = []
    for use in KEY_USES:
        key = key_dates.in_use(keyring.trust(settings), use, moment)
        left = (key_dates.ends(key) - moment).total_seconds() / 86_400 if key is not None else 0.0
        days.append(sample("honorcard_key_days_left", round(left, 2), use=use))
    yield "key_days_left", "Days until the key in use is over, by use.", days
    total, free = shedding.disk_room(settings.files)
    yield "disk_bytes", "Size of the disk with the files.", [sample("honorcard_disk_bytes", total)]
    yield "disk_free_bytes", "What is free of it.", [sample("honorcard_disk_free_bytes", free)]
    running = counters().processes()
    yield "processes", "Processes of this center on this machine.", [sample("honorcard_processes", len(running))]
    resident = [resident_bytes(pid) for pid in running]
    yield "resident_bytes", "Memory they hold together.", [sample("honorcard_resident_bytes", sum(resident))]
    yield "resident_most_bytes", "Memory of the largest.", [sample("honorcard_resident_most_bytes", max(resident))]
