"""How many cards are signed in a day, at most: whoever gets into the center cannot make a year's cards overnight.

Three times the daily mean of the last ninety days, and never fewer than the setting `signings_a_day`. A case that comes
too many stays in its second review as it is; nothing of it is lost. What is not here: the log that is counted
(center.store.issued).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from center.settings import Settings
from center.store import issued
from honorcard.problems import ProblemError

TIMES_THE_MEAN = 3  # credential.md C.5
MEAN_OF_DAYS = 90


def limit(before: int, at_least: int) -> int:
    """Signatures allowed in 24 hours, after `before` of them in the ninety days that ended then."""
    return max(at_least, -(-TIMES_THE_MEAN * before // MEAN_OF_DAYS))


def check(conn: Connection, settings: Settings, now: datetime) -> None:
    """ProblemError `signing_paced` when as many were signed within 24 hours as may be. Numbers must be locked."""
    now_ms = int(now.timestamp() * 1000)
    day_ago = now_ms - issued.DAY_MS
    signed = issued.between(conn, day_ago, now_ms + 1)
    most = limit(issued.between(conn, day_ago - MEAN_OF_DAYS * issued.DAY_MS, day_ago), settings.signings_a_day)
    if signed >= most:
        raise ProblemError("signing_paced", signed=signed)
