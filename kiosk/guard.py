"""Who may use what needs the PIN: `staff_only` round a view, and what an unlocked tablet is.

An unlocked browser holds a random token in its session cookie; the token counts only while this process remembers it,
so that locking is final at once (a copied cookie opens nothing) and a restart locks. Left alone for
`settings.idle_lock_s` it locks itself; pages that refresh themselves say so with `X-Poll` and do not count as use.
Checking the PIN is kiosk.pins; its pages are kiosk.staff.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from kiosk import current, practising
from kiosk.pages import see_other
from web.clock import today

P = ParamSpec("P")
KEY = "unlocked"
POLL = "X-Poll"
ALONE = "alone"
ALONE_IDLE_S = 300.0  # a volunteer who walks away leaves nothing on the screen for longer


class Unlocked:
    """The tokens of unlocked browsers and when each was last used (monotonic seconds). In memory only."""

    def __init__(self, idle_s: float, ticks: Callable[[], float] = time.monotonic) -> None:
        self.idle_s = idle_s
        self._ticks = ticks
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self) -> str:
        """A new token, in use from now on."""
        token = secrets.token_urlsafe(18)
        with self._lock:
            now = self._ticks()
            self._seen = {known: at for known, at in self._seen.items() if now - at <= self.idle_s}
            self._seen[token] = now
        return token

    def holds(self, token: str | None, *, touch: bool) -> bool:
        """Whether the token is unlocked; `touch` counts this as use. One that lay idle too long is forgotten."""
        if not token:
            return False
        with self._lock:
            seen = self._seen.get(token)
            now = self._ticks()
            if seen is None or now - seen > self.idle_s:
                self._seen.pop(token, None)
                return False
            if touch:
                self._seen[token] = now
            return True

    def drop(self, token: str | None) -> None:
        """Locks one browser."""
        with self._lock:
            self._seen.pop(token or "", None)

    def drop_all(self) -> None:
        """Locks every browser, as a new PIN does."""
        with self._lock:
            self._seen.clear()


def _unlocked(app: Flask) -> Unlocked:
    held: Unlocked = app.extensions.setdefault("unlocked", Unlocked(app.config["SETTINGS"].idle_lock_s))
    return held


def unlock() -> None:
    """Marks this browser as unlocked (after the PIN was right)."""
    session[KEY] = _unlocked(current_app).add()


def lock() -> None:
    """Locks this browser."""
    _unlocked(current_app).drop(session.pop(KEY, None))


def lock_all() -> None:
    """Locks every browser."""
    _unlocked(current_app).drop_all()
    session.pop(KEY, None)


def lock_out(app: Flask) -> None:
    """Locks every browser from outside a request; a volunteer's too."""
    _unlocked(app).drop_all()
    _alone(app).drop_all()


def is_unlocked() -> bool:
    """Whether this request comes from an unlocked browser, or from a seat of the practice room that opens what was asked for;
    counts as use unless the page refreshed itself.
    """
    return has_pin() or practising.opens_room()


def has_pin() -> bool:
    """Whether the PIN was typed in this browser; counts as use as `is_unlocked` does."""
    return _unlocked(current_app).holds(session.get(KEY), touch=POLL not in request.headers)


def note_use() -> None:
    """The tablet is in use although nobody touches it: a card was held to the camera."""
    _unlocked(current_app).holds(session.get(KEY), touch=True)


def may_apply_alone() -> bool:
    """Whether this is a public tablet of a city where volunteers may apply without a unit (R26, A11)."""
    settings = current.settings()
    return bool(settings.profile == "public" and settings.rules_on(today()).self_application)


def begin_alone(application_id: str) -> None:
    """This browser fills in that application, and no other one, until it goes home or lies idle."""
    session[ALONE] = {"token": _alone(current_app).add(), "application_id": application_id}


def alone_with() -> str | None:
    """The application that a volunteer fills in on this browser just now."""
    held = session.get(ALONE)
    return str(held["application_id"]) if held is not None and is_alone(held["application_id"]) else None


def end_alone() -> None:
    """The volunteer is done, or went home: the next person at the tablet finds nothing of it."""
    held = session.pop(ALONE, None)
    if held is not None:
        _alone(current_app).drop(held["token"])


def is_alone(application_id: str | None) -> bool:
    """Whether this request comes from the browser in which a volunteer fills in just that application.

    None: of whichever application (the live view of the camera names none).
    """
    held = session.get(ALONE)
    if held is None or not may_apply_alone() or application_id not in (None, held["application_id"]):
        return False
    return _alone(current_app).holds(held["token"], touch=POLL not in request.headers)


def left_alone() -> bool:
    """Whether a volunteer's application lies on this screen and nobody has touched it for too long; told once."""
    if ALONE not in session or is_alone(None):
        return False
    session.pop(ALONE)
    return True


def _alone(app: Flask) -> Unlocked:
    held: Unlocked = app.extensions.setdefault("alone", Unlocked(min(ALONE_IDLE_S, app.config["SETTINGS"].idle_lock_s)))
    return held


def went_idle() -> bool:
    """Whether this browser was unlocked and has lain idle too long since; told once. A page that refreshes itself then
    gives way to the PIN, so that nothing stays on a screen nobody looks after.
    """
    if KEY not in session or has_pin():
        return False
    session.pop(KEY)
    return True


def staff_only(view: Callable[P, Any]) -> Callable[P, Any]:
    """The view, for unlocked browsers only; others are sent to the PIN and come back afterwards."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        if is_unlocked():
            return view(*args, **kwargs)
        return to_unlock()

    return guarded


def applicant_or_staff(view: Callable[P, Any]) -> Callable[P, Any]:
    """The view of one application: for unlocked browsers, and where the city lets volunteers apply alone for the browser
    that began this very one.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        application_id = kwargs.get("application_id")
        if is_unlocked() or is_alone(application_id if isinstance(application_id, str) else None):
            return view(*args, **kwargs)
        return to_unlock()

    return guarded


def to_unlock() -> Response | AnyResponse:
    """To the PIN page, and from there back to what was asked for (the page a form stood on, for a form). To the seats of a
    practice room, where a seat would do.
    """
    if practising.is_on() and request.blueprint in practising.ROOMS:
        return see_other(url_for("training.sit"))
    if request.method in ("GET", "HEAD") and POLL not in request.headers and not request.headers.get("HX-Request"):
        wanted = request.full_path if request.query_string else request.path
    else:
        current = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
        parts = urlsplit(current)
        wanted = (parts.path + (f"?{parts.query}" if parts.query else "")) if parts.path else "/"
    return see_other(url_for("staff.unlock", next=local_path(wanted)))


def local_path(path: str | None, default: str = "/") -> str:
    """`path` when it is a path of this machine, else `default`: no scheme, no host, nothing a browser reads as one."""
    if not path or not path.startswith("/") or path.startswith("//"):
        return default
    if "\\" in path or any(ord(char) < 0x20 or ord(char) == 0x7F for char in path):
        return default
    parts = urlsplit(path)
    return default if parts.scheme or parts.netloc else path
