"""Whether an application can be granted: a verdict with its reasons, its notes and the day on which it would pass.

Source: domain rules §1.1–1.3, the arithmetic of §2.4, readings A1–A6, A10, A14–A16. Knows no clock: the day of the
application is in the claim. What is not here: the JSON of `honorcard check` (check_lines), words (wording).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from honorcard import hours, remarks, roc
from honorcard.claims import Claim, Reason, Service, Verdict
from honorcard.evidence import has_record
from honorcard.jurisdiction import Jurisdiction
from honorcard.records import EXCLUDED_CATEGORIES

__all__ = ["Claim", "Reason", "Verdict", "counting_floor", "floor_of", "judge", "recency_cutoff", "window_opens"]

_ONE_DAY = timedelta(days=1)


def counting_floor(previous_valid_until: date, rules: Jurisdiction) -> date:
    """The first day a renewal may count: valid to 108.11.30 → 105.11.01, with `day_after` 105.12.01. R18, R19, A2."""
    approved = roc.years_before(previous_valid_until, rules.years)
    return approved.replace(day=1) if rules.renewal_floor == "month_start" else approved + _ONE_DAY


def window_opens(previous_valid_until: date, rules: Jurisdiction) -> date | None:
    """The first day of a renewal: day 1 of the month in which the card expires; None when any day will do. R20."""
    return previous_valid_until.replace(day=1) if rules.renewal_window == "expiry_month" else None


def recency_cutoff(applied_on: date, rules: Jurisdiction) -> date:
    """The day the latest record must reach, itself included: six months before the application, clamped. R22, A5."""
    return roc.months_before(applied_on, rules.recency_months)


def judge(claim: Claim, rules: Jurisdiction) -> Verdict:
    """The verdict on a claim; never raises. The order of the steps is the contract of `honorcard check`."""
    if not _is_complete(claim):
        return Verdict("error", (Reason("malformed", "R36"),))
    if claim.category in EXCLUDED_CATEGORIES:
        return _out_of_scope(claim.category)
    floor = floor_of(claim, rules)
    if not claim.record_book or (claim.pages and not has_record(claim.pages, claim.applied_on, rules)):
        return _without_book(claim, floor, rules)
    if claim.entries and all(row.category in EXCLUDED_CATEGORIES for row in claim.entries):
        return _out_of_scope(claim.entries[0].category)
    error = _contradiction(claim)
    if error is not None:
        return Verdict("error", (error,))
    return _weighed(claim, _service(claim, floor), floor, rules)


def _is_complete(claim: Claim) -> bool:
    """Whether there is enough to judge: rows, or first day, last day and hours, or a shorter answer due."""
    if claim.category in EXCLUDED_CATEGORIES or not claim.record_book or claim.entries is not None:
        return True
    return None not in (claim.first_service, claim.last_service, claim.half_hours)


def _out_of_scope(category: str) -> Verdict:
    return Verdict("out_of_scope", (Reason("excluded_category", "R12", {"category": category}),))


def floor_of(claim: Claim, rules: Jurisdiction) -> date | None:
    """The day before which nothing counts: a renewal's floor, and under `enforce` the completion of the trainings."""
    floors = [counting_floor(claim.previous_valid_until, rules)] if claim.previous_valid_until else []
    trained = claim.trained if rules.training_gate == "enforce" else None
    if trained is not None and trained.complete_on is not None:
        floors.append(trained.complete_on)
    return max(floors, default=None)


def _contradiction(claim: Claim) -> Reason | None:
    """What in the dates cannot be: a period that ends before it begins, or service after the application (A25)."""
    if claim.entries is None:
        spans = [(claim.first_service, claim.last_service)]
        ends = [claim.last_service]
    else:
        spans = [(row.start, row.end) for row in claim.entries]
        ends = [row.end for row in claim.entries if row.category not in EXCLUDED_CATEGORIES]
    for place, (start, end) in enumerate(spans, start=1):
        if start and end and start > end:
            details: dict[str, Any] = {"first": start, "last": end}
            return Reason("start_after_last", "R8", details | ({"row": place} if claim.entries is not None else {}))
    latest = max((end for end in ends if end), default=None)
    if latest and latest > claim.applied_on:
        return Reason("last_after_application", "R15", {"last": latest, "applied_on": claim.applied_on})
    return None


def _service(claim: Claim, floor: date | None) -> Service:
    """First day, last day and half hours that count. Rows that begin before the floor count for nothing (A3, A10)."""
    if claim.entries is None:
        first = claim.first_service
        return Service(max(first, floor) if first and floor else first, claim.last_service, claim.half_hours)
    ordinary = (row for row in claim.entries if row.category not in EXCLUDED_CATEGORIES)
    rows = tuple(row for row in ordinary if floor is None or row.start >= floor)
    # Minutes are summed over all rows and floored once (A14); rows used for an earlier card give no hours (A4).
    used_until = claim.counted_until
    minutes = sum(row.minutes for row in rows if used_until is None or row.end > used_until)
    return Service(
        min((row.start for row in rows), default=None),
        max((row.end for row in rows), default=None),
        hours.from_minutes(minutes),
        rows,
    )


def _years_complete_on(first: date | None, rules: Jurisdiction) -> date | None:
    """The day on which the years are full; None when nothing counts, or past the calendar's end."""
    try:
        return None if first is None else roc.last_day_of_years(first, rules.years)
    except OverflowError:
        return None


def _without_book(claim: Claim, floor: date | None, rules: Jurisdiction) -> Verdict:
    """R1 alone; the figures are given where there are dates, but nothing is judged by them."""
    reasons = (Reason("no_record_book", "R1"),)
    # Rows stand instead of what was typed, empty ones too.
    if claim.first_service is None if claim.entries is None else not claim.entries:
        return Verdict("fail", reasons)
    service = _service(claim, floor)
    return Verdict(
        "fail",
        reasons,
        service.first,
        _years_complete_on(service.first, rules),
        service.last,
        service.half_hours,
        tuple(remarks.on_pages(claim, rules)),
    )


def _weighed(claim: Claim, service: Service, floor: date | None, rules: Jurisdiction) -> Verdict:
    """The verdict on sound dates: all that stands in the way, in the order of the contract."""
    opens = window_opens(claim.previous_valid_until, rules) if claim.previous_valid_until else None
    needs = _years_complete_on(service.first, rules)
    cutoff = recency_cutoff(claim.applied_on, rules)
    half_hours = service.half_hours or 0
    reasons = []
    if opens and claim.applied_on < opens:
        reasons.append(Reason("window_not_open", "R20", {"opens": opens}))
    if needs is None or service.last is None:
        reasons.append(Reason("tenure_short", "R2"))
    elif service.last < needs:
        days_short = (needs - service.last).days
        reasons.append(Reason("tenure_short", "R2", {"needs": needs, "days_short": days_short}))
    if service.last is None or half_hours < rules.half_hours_needed:
        short = max(rules.half_hours_needed - half_hours, 0)
        reasons.append(Reason("hours_short", "R3", {"half_hours": half_hours, "half_hours_short": short}))
    if service.last is None or service.last < cutoff:
        reasons.append(Reason("not_recent", "R22", {"cutoff": cutoff}))
    trained = claim.trained if rules.training_gate == "enforce" else None
    if trained is not None and not trained.complete:
        reasons.append(Reason("training_missing", "R61", {"missing": list(trained.missing)}))
    return Verdict(
        "fail" if reasons else "pass",
        tuple(reasons),
        service.first,
        needs,
        service.last,
        half_hours,
        tuple(remarks.on(claim, service, floor, rules)),
        _eligible_on(claim.applied_on, reasons, opens, needs),
        opens,
        cutoff,
    )


def _eligible_on(applied_on: date, reasons: list[Reason], opens: date | None, needs: date | None) -> date | None:
    """The day of the application on a pass; the day that waiting alone leads to; else None."""
    if any(reason.code not in ("window_not_open", "tenure_short") for reason in reasons):
        return None
    if not reasons:
        return applied_on
    return None if needs is None else max(applied_on, opens or applied_on, needs)
