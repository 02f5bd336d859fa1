"""What an application claims, as the rule engine wants it: one mapping for tablet and center, so that both judge the
same thing.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any, cast

import msgspec

from honorcard.claims import Claim, Verdict
from honorcard.eligibility import judge
from honorcard.jurisdiction import in_force
from honorcard.records import CATEGORIES, Category, ServiceRow
from sync.wire import ApplicationBody


def claim_of(body: ApplicationBody, counted_until: date | None = None) -> Claim:
    """The claim in an application, made on the tablet's civil date of submission (A9).

    counted_until: the last day whose hours an earlier card used up (A4); only the center knows.
    """
    rows = tuple(
        ServiceRow(
            start=row.start,
            end=row.end,
            minutes=row.minutes,
            content=row.content,
            unit=row.unit,
            category=_category(row.category),
            page=row.page or 0,
        )
        for row in body.rows
    )
    return Claim(
        applied_on=body.submitted_on,
        first_service=body.first_day,
        last_service=body.last_day,
        half_hours=body.half_hours,
        entries=rows or None,
        previous_valid_until=body.previous.valid_until if body.previous is not None else None,
        counted_until=counted_until,
        category=_category(body.category),
    )


def verdict_of(body: ApplicationBody, jurisdiction: str, counted_until: date | None = None) -> Verdict:
    """The verdict by the rules in force on the day of submission. ProblemError `jurisdiction_unknown` for a city
    without settings.
    """
    return judge(claim_of(body, counted_until), in_force(jurisdiction, body.submitted_on))


def verdict_record(verdict: Verdict) -> dict[str, Any]:
    """A verdict as it is stored and sent: plain JSON values, dates as ISO text."""
    return cast(dict[str, Any], msgspec.json.decode(msgspec.json.encode(asdict(verdict))))


def _category(name: str) -> Category:
    if name not in CATEGORIES:
        raise ValueError("no such category")
    return name
