"""An app's view of time. Rules never ask for it; views pass `today()` on. Tests set `app.config["NOW"]`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

from flask import current_app

TAIPEI = timezone(
    timedelta(hours=8)
)  # fixed offset: no daylight saving since 1979, and no time-zone database needed (sync.md B.8)

Now = Callable[[], datetime]


def system_now() -> datetime:
    """The machine's clock, aware, UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """This moment, aware, in Taipei time."""
    moment: datetime = current_app.config["NOW"]()
    return moment.astimezone(TAIPEI)


def now_ms() -> int:
    """This moment as stores keep it: milliseconds since 1970."""
    return int(now().timestamp() * 1000)


def today() -> date:
    """The civil date in Taipei (A9)."""
    return now().date()
