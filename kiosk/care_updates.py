"""What the kiosk has to do with its own updates: it says whether anybody uses it, shows how the last one went, and notes that the
version before is wanted back. It never changes itself: `honorcard update` (commands.update) does that from outside.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
from flask import Flask, request
from flask.sansio.app import App

import kiosk
from honorcard.typed import read_json
from kiosk import guard
from kiosk.store import cards
from kiosk.version import app_version

VERSIONS = "versions"  # <root>/versions/<name>/ is one version; <root>/current points at the one in use
STATE = "update.json"  # in <root>: what the last run did
WANTED = "update-wanted"  # in the data folder: staff wants the version before
BACK = "back"
_UNTOUCHED = ("/healthz", "/metrics", "/static/", "/state", "/in-use")


class Update(msgspec.Struct):
    """How the last update stands. state: `waiting` for an idle moment, `done`, `failed` (the version before works on),
    `taken_back`; version: the one in use after it; other: the one tried, or the one before; why: a code.
    """

    state: str
    version: str
    other: str = ""
    why: str = ""
    at: str = ""


@dataclass(frozen=True)
class Standing:
    """For the page: the last update, whether there is a version to go back to, whether that was asked for."""

    update: Update
    back_to: str
    wanted: bool


def root_of(program: Path | None = None) -> Path | None:
    """The folder of versions this program runs from; None where it runs from a plain checkout."""
    here = (program or Path(kiosk.__file__).parents[1]).resolve()
    return here.parent.parent if here.parent.name == VERSIONS else None


def read_state(root: Path) -> Update | None:
    """What the last run wrote; None when it wrote nothing that can be read."""
    try:
        return read_json((root / STATE).read_bytes(), Update)
    except (OSError, msgspec.MsgspecError):
        return None


def look(data_dir: Path, program: Path | None = None) -> Standing | None:
    """For the page; None where versions are not managed this way."""
    root = root_of(program)
    update = read_state(root) if root else None
    if root is None or update is None:
        return None
    back_to = update.other if update.state == "done" and (root / VERSIONS / update.other).is_dir() else ""
    return Standing(update, back_to, (data_dir / WANTED).exists())


def want_back(data_dir: Path) -> None:
    """Notes that the version before is wanted."""
    (data_dir / WANTED).write_text(BACK)


class Use:
    """When somebody last did something here (monotonic seconds), and how many requests are under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self._under_way = 0

    def begin(self) -> None:
        """Somebody asked for something."""
        with self._lock:
            self._under_way += 1
            self._last = time.monotonic()

    def end(self) -> None:
        """And has been answered."""
        with self._lock:
            self._under_way -= 1
            self._last = time.monotonic()

    def idle_s(self) -> float:
        """For how long nobody has; 0 while a request is under way."""
        with self._lock:
            return 0.0 if self._under_way else time.monotonic() - self._last


def watch(app: App) -> None:
    """Counts what people do in `app`; pages that refresh themselves are not people."""
    use = app.extensions["use"] = Use()

    @app.before_request
    def _begin() -> None:
        if not request.path.startswith(_UNTOUCHED) and guard.POLL not in request.headers:
            request.environ["honorcard.use"] = True
            use.begin()

    @app.teardown_request
    def _end(_error: BaseException | None) -> None:
        if request.environ.pop("honorcard.use", False):
            use.end()


def in_use(app: Flask) -> dict[str, object]:
    """Seconds since anybody did anything here, whether a card is being printed, and which version this is."""
    with app.extensions["store"].read() as db:
        printing = bool(cards.running_jobs(db))
    return {"idle_s": round(app.extensions["use"].idle_s(), 1), "printing": printing, "version": app_version()}
