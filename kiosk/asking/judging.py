"""The verdict on a draft as a page shows it: the claim it makes, the three years and the hours as bars, in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from msgspec.structs import replace

from honorcard import eligibility, roc
from honorcard.claims import Claim, Verdict
from honorcard.jurisdiction import Jurisdiction
from kiosk.asking import places
from kiosk.asking.progress import SEEN
from kiosk.drafting import Answers, DraftPhoto
from sync import claims


def claim_of(answers: Answers, photos: Sequence[DraftPhoto], today: date) -> Claim:
    """What the draft claims on that day, as the center will read it; only for drafts whose book question is answered."""
    service = answers.service
    assert service is not None
    shown = places.shown(answers, photos)
    return claims.claim(
        applied_on=today,
        rows=places.rows_placed(service.rows, shown),
        first_day=service.first_day,
        last_day=service.last_day,
        half_hours=service.half_hours,
        category=service.category,
        previous=answers.previous if answers.kind == "renewal" else None,
        pages={position: claims.page_of(page) for position, page in shown.items()},
        books=answers.books,
        trainings=answers.trainings,
        service_field=answers.service_field,
    )


def judge(answers: Answers, photos: Sequence[DraftPhoto], rules: Jurisdiction, today: date) -> Verdict:
    """The verdict on a draft under the authority's settings of that day."""
    return eligibility.judge(claim_of(answers, photos, today), rules)


def seen(answers: Answers) -> Answers:
    """The answers with the verdict on them read."""
    return replace(answers, typed={**answers.typed, "verdict": {SEEN: "1"}})


def unseen(answers: Answers) -> Answers:
    """The answers with the verdict to be read again, because what it rests on changed."""
    return replace(answers, typed={step: fields for step, fields in answers.typed.items() if step != "verdict"})


@dataclass(frozen=True)
class Bars:
    """The two bars of the verdict page. Fractions run from 0 to 1; years and months are full ones."""

    years: int
    months: int
    years_held: float
    hours_held: float
    first: date | None
    last: date | None
    needs: date | None
    half_hours: int
    half_hours_needed: int
    needed_years: int


def bars(verdict: Verdict, rules: Jurisdiction) -> Bars:
    """The figures behind a verdict, for drawing."""
    first, last, needs = verdict.counting_from, verdict.last_service, verdict.years_complete_on
    months, held = 0, 0.0
    if first and last and needs and last >= first:
        months = _full_months(first, last)
        held = min(1.0, ((last - first).days + 1) / ((needs - first).days + 1))
    half_hours = verdict.half_hours or 0
    return Bars(
        years=months // 12,
        months=months % 12,
        years_held=held,
        hours_held=min(1.0, half_hours / rules.half_hours_needed) if rules.half_hours_needed else 1.0,
        first=first,
        last=last,
        needs=needs,
        half_hours=half_hours,
        half_hours_needed=rules.half_hours_needed,
        needed_years=rules.years,
    )


def _full_months(first: date, last: date) -> int:
    """Full months from the first to the last day, both inclusive (A1)."""
    after = last + timedelta(days=1)
    months = (after.year - first.year) * 12 + after.month - first.month
    return months if roc.months_after(first, months) <= after else months - 1
