"""Whether this tablet's program is too old for the center, and from which day on it begins no new applications (sync.md B.9).

What was begun or submitted goes on as ever: it is finished, sent, printed and saved to a stick.
"""

from __future__ import annotations

from datetime import date

from sqlite_utils import Database

from honorcard import roc
from honorcard.problems import ProblemError
from kiosk.store import syncing
from kiosk.version import app_version
from sync.versions import is_older


def is_too_old(trouble: syncing.Trouble) -> bool:
    """Whether the center works with newer programs only."""
    return is_older(app_version(), trouble.min_app)


def stops_on(trouble: syncing.Trouble) -> date | None:
    """The first day on which such a program begins nothing new; None when it goes on, or the center named no day."""
    try:
        return date.fromisoformat(trouble.min_app_from) if is_too_old(trouble) else None
    except ValueError:
        return None


def check(db: Database, today: date) -> None:
    """ProblemError `app_too_old` where no new application is begun any more."""
    day = stops_on(syncing.trouble(db))
    if day is not None and today >= day:
        raise ProblemError("app_too_old", day=roc.dotted(day))
