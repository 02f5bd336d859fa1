"""What an application claims, as the rule engine wants it: one mapping for tablet and center, so that both judge the
same thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

import msgspec

from honorcard import evidence
from honorcard.claims import Claim, Verdict
from honorcard.eligibility import judge
from honorcard.jurisdiction import Jurisdiction, in_force
from honorcard.records import CATEGORIES, Category, ServiceRow, Training
from sync import wire
from sync.wire import ApplicationBody

Pages = Mapping[int, evidence.Evidence]


def claim_of(body: ApplicationBody, counted_until: date | None = None) -> Claim:
    """The claim in an application, made on the tablet's civil date of submission (A9).

    counted_until: the last day whose hours an earlier card used up (A4); only the center knows.
    """
    return claim(
        applied_on=body.submitted_on,
        rows=body.rows,
        first_day=body.first_day,
        last_day=body.last_day,
        half_hours=body.half_hours,
        category=body.category,
        previous=body.previous,
        pages=pages_of(body.photos),
        books=body.books,
        trainings=body.trainings,
        service_field=body.service_field,
        counted_until=counted_until,
    )


def claim(
    *, applied_on: date, rows: Iterable[wire.ServiceRow], first_day: date | None, last_day: date | None,
    half_hours: int | None, category: str, previous: wire.PreviousCard | None, pages: Pages,
    books: Iterable[wire.Book], trainings: Iterable[wire.Training] | None, service_field: str,
    counted_until: date | None = None,
) -> Claim:  # fmt: skip
    """The claim in what a draft or an application holds; with rows, typed totals are left aside."""
    return Claim(
        applied_on=applied_on,
        first_service=first_day,
        last_service=last_day,
        half_hours=half_hours,
        entries=rows_of(rows, pages) or None,
        previous_valid_until=previous.valid_until if previous is not None else None,
        counted_until=counted_until,
        category=_category(category),
        trainings=trainings_of(trainings),
        service_field=service_field,
        book_issued_on=issued_on(books),
        pages=tuple(pages[position] for position in sorted(pages)),
    )


def pages_of(photos: Iterable[wire.Photo]) -> dict[int, evidence.Evidence]:
    """What each photographed page is, by its position; a page of which nobody said so is one of the first book."""
    return {
        photo.position: page_of(photo.evidence or wire.Evidence(page=photo.position))
        for photo in photos
        if photo.slot == "page"
    }


def page_of(page: wire.Evidence) -> evidence.Evidence:
    """A page as the rules know it."""
    return evidence.Evidence(page.kind, page.book, page.page, page.printed_on)


def rows_of(rows: Iterable[wire.ServiceRow], pages: Pages) -> tuple[ServiceRow, ...]:
    """The rows as the rules know them, each with the page it stands on. ValueError for a category nobody knows."""
    return tuple(
        ServiceRow(
            start=row.start,
            end=row.end,
            minutes=row.minutes,
            item=row.item,
            content=row.content,
            unit=row.unit,
            category=_category(row.category),
            page=row.page or 0,
            evidence=pages.get(row.page) if row.page else None,
        )
        for row in rows
    )


def trainings_of(trainings: Iterable[wire.Training] | None) -> tuple[Training, ...] | None:
    """The trainings as the rules know them; None when nobody asked."""
    if trainings is None:
        return None
    return tuple(
        Training(training.kind, training.completed_on, training.field, training.certificate, training.half_hours)
        for training in trainings
    )


def issued_on(books: Iterable[wire.Book]) -> date | None:
    """The day the first book was issued, which stands in for a training without a day (§2.5)."""
    return min((book.issued_on for book in books if book.issued_on is not None), default=None)


def verdict_of(body: ApplicationBody, jurisdiction: str | Jurisdiction, counted_until: date | None = None) -> Verdict:
    """The verdict by the rules in force on the day of submission, or by those given. ProblemError
    `jurisdiction_unknown` for a city without settings.
    """
    rules = in_force(jurisdiction, body.submitted_on) if isinstance(jurisdiction, str) else jurisdiction
    return judge(claim_of(body, counted_until), rules)


def verdict_record(verdict: Verdict) -> dict[str, Any]:
    """A verdict as it is stored and sent: plain JSON values, dates as ISO text."""
    return cast(dict[str, Any], msgspec.json.decode(msgspec.json.encode(verdict)))


def _category(name: str) -> Category:
    if name not in CATEGORIES:
        raise ValueError("no such category")
    return name
