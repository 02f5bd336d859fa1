"""Remarks on a claim for the reviewer's eye; none of them refuses anything.

Rows that count only in part, pages left out, long gaps, service before the Act, more hours than the days have, trainings not shown.
What is not here: reasons (eligibility).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from honorcard import evidence, hours, roc
from honorcard.claims import Claim, Reason, Service, Verdict
from honorcard.jurisdiction import Jurisdiction
from honorcard.records import EXCLUDED_CATEGORIES, ServiceRow
from honorcard.training import Standing

_ONE_DAY = timedelta(days=1)


def on(claim: Claim, service: Service, floor: date | None, rules: Jurisdiction) -> Iterator[Reason]:
    """The remarks on a claim, in a fixed order. floor: the day before which nothing counts."""
    yield from _on_rows(claim, service, floor)
    yield from on_pages(claim, rules)
    gap = _longest_gap(service.rows, rules.gap_months)
    if gap is not None:
        yield Reason("long_gap", "A15", {"after": gap[0], "before": gap[1]})
    first = claim.first_service if claim.entries is None else service.first
    if first and first < rules.earliest_service:
        yield Reason("before_act", "R23", {"first": first, "earliest": rules.earliest_service})
    if _is_more_than_day_and_night(service):
        yield Reason("hours_implausible", "R23", {"half_hours": service.half_hours})
    trained = claim.trained if rules.training_gate != "off" else None
    if trained is not None:
        yield from _on_trainings(trained, service)


def on_pages(claim: Claim, rules: Jurisdiction) -> Iterator[Reason]:
    """Remarks on what was photographed: pages left out within a book, print-outs too early, pages that no book has.

    Pages are given as (kind, book, page), lists in JSON.
    """
    gaps = [
        ["printout" if book == 0 else "book_page", book, page] for book, page in evidence.missing_pages(claim.pages)
    ]
    if gaps:
        yield Reason("pages_missing", "R36", {"pages": gaps})
    unfit: dict[str, list[list[str | int]]] = {}
    for page in claim.pages:
        wrong = evidence.problem(page, claim.applied_on, rules)
        if wrong is not None:
            place = "page" if wrong == "evidence_place" else "printout"
            unfit.setdefault(place, []).append([page.kind, page.book, page.page])
    if "printout" in unfit:
        yield Reason("printout_unfit", "R56", {"pages": unfit["printout"], "since": rules.printouts_since})
    if "page" in unfit:
        yield Reason("page_unknown", "R36", {"pages": unfit["page"]})


def at_decision(verdict: Verdict, decided_on: date, rules: Jurisdiction) -> tuple[Reason, ...]:
    """What has changed since the application, on the day a reviewer looks at it; still no reason to refuse (A5, A20).

    Recent service that has lapsed meanwhile: it is judged on the day of submission, and told all the same.
    """
    if verdict.last_service is None or verdict.reason("not_recent") is not None:
        return ()
    cutoff = roc.months_before(decided_on, rules.recency_months)
    if verdict.last_service >= cutoff:
        return ()
    return (Reason("lapsed_since", "A5", {"last": verdict.last_service, "cutoff": cutoff}),)


def _on_trainings(trained: Standing, service: Service) -> Iterator[Reason]:
    """Whether the trainings are shown, and were complete before the first service that counts. A16."""
    if not trained.complete:
        yield Reason("training_not_shown", "R61", {"missing": list(trained.missing)})
        return
    if trained.deemed:
        yield Reason("training_deemed", "R62")
    if service.first and trained.complete_on and service.first < trained.complete_on:
        yield Reason("served_before_training", "R61", {"completed_on": trained.complete_on})


def _on_rows(claim: Claim, service: Service, floor: date | None) -> Iterator[Reason]:
    """Remarks on rows that count only in part, or not at all."""
    entries = claim.entries or ()
    ordinary = [(place, row) for place, row in enumerate(entries, 1) if row.category not in EXCLUDED_CATEGORIES]
    over_floor = [place for place, row in ordinary if floor and row.start < floor <= row.end]
    if over_floor:
        yield Reason("straddles_floor", "R18", {"floor": floor, "rows": over_floor})
    used = claim.counted_until
    counted = [(place, row) for place, row in ordinary if not (floor and row.start < floor)]
    over_used = [place for place, row in counted if used and row.start <= used < row.end]
    if over_used:
        yield Reason("straddles_counted", "R6", {"counted_until": used, "rows": over_used})
    alike = _alike(claim)
    if alike:
        yield Reason("rows_alike", "R6", {"rows": alike})
    excluded = [row for row in entries if row.category in EXCLUDED_CATEGORIES]
    if excluded:
        left_out = hours.from_minutes(sum(row.minutes for row in excluded))
        yield Reason("excluded_rows", "R12", {"rows": len(excluded), "half_hours": left_out})


def _alike(claim: Claim) -> list[int]:
    """Places of rows that stand there twice, word for word: a page photographed or typed again.

    Rows without a word of item, content or unit are not compared: two of them may well be two units' months.
    """
    seen: dict[ServiceRow, list[int]] = {}
    for place, row in enumerate(claim.entries or (), 1):
        if row.category not in EXCLUDED_CATEGORIES and (row.item or row.content or row.unit):
            seen.setdefault(replace(row, page=0, evidence=None), []).append(place)
    return sorted(place for places in seen.values() if len(places) > 1 for place in places)


def _longest_gap(rows: tuple[ServiceRow, ...], gap_months: int) -> tuple[date, date] | None:
    """The days on either side of the longest time without a record, when that is over `gap_months`. A15."""
    longest: tuple[date, date] | None = None
    reached: date | None = None
    for row in sorted(rows, key=lambda row: row.start):
        # Days after `reached` and before row.start: more than the months when the day before row.start lies past them.
        if (
            reached
            and row.start > reached
            and row.start - _ONE_DAY > roc.months_after(reached, gap_months)
            and (longest is None or row.start - reached > longest[1] - longest[0])
        ):
            longest = (reached, row.start)
        reached = max(reached or row.end, row.end)
    return longest


def _is_more_than_day_and_night(service: Service) -> bool:
    """Whether more time was booked than the days have: a slip of the keyboard, or an hour column read as minutes."""
    if any(row.minutes > ((row.end - row.start).days + 1) * 24 * 60 for row in service.rows):
        return True
    if service.first is None or service.last is None or service.last < service.first:
        return False
    return (service.half_hours or 0) > ((service.last - service.first).days + 1) * 48
