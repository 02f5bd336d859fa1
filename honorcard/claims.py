"""What is judged and what the judging says: a claim, the service that counts, a verdict with reasons and notes.

What is not here: the judging (eligibility), the remarks for a reviewer (remarks), words for a person (wording).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from honorcard import training
from honorcard.evidence import Evidence
from honorcard.records import Category, ServiceRow, Training
from honorcard.training import Standing

Outcome = Literal["pass", "fail", "out_of_scope", "error"]


@dataclass(frozen=True)
class Claim:
    """What an application claims, on the day it is made.

    Either entries (rows of the book) or first_service, last_service and half_hours (typed; hours inside the counting
    window). previous_valid_until: last day of the card a renewal replaces. counted_until: hours of rows ending by then
    were used for an earlier card (A4). trainings: None when nobody asked. service_field: of the applying unit, and
    book_issued_on: 領冊日期; both only say how the trainings are read (training.standing). pages: what was photographed,
    empty where nobody looked at pages; with pages, a record book is what they show (R1, R56).
    """

    applied_on: date
    first_service: date | None = None
    last_service: date | None = None
    half_hours: int | None = None
    entries: tuple[ServiceRow, ...] | None = None
    previous_valid_until: date | None = None
    counted_until: date | None = None
    category: Category = "ordinary"
    record_book: bool = True
    trainings: tuple[Training, ...] | None = None
    service_field: str = ""
    book_issued_on: date | None = None
    pages: tuple[Evidence, ...] = ()

    @property
    def trained(self) -> Standing | None:
        """How far the trainings are; None when nobody asked."""
        if self.trainings is None:
            return None
        # only who was issued a book is deemed trained (R62)
        has_book = self.record_book and (not self.pages or any(page.kind != "printout" for page in self.pages))
        return training.standing(self.trainings, self.service_field, has_book, self.book_issued_on)


@dataclass(frozen=True)
class Reason:
    """Why a verdict is not a pass, or what a reviewer should look at: a code, the rule it rests on, and its figures."""

    code: str
    rule: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """The answer to a claim. reasons: empty exactly on a pass. notes: never a reason to refuse.

    counting_from: first day that counts. years_complete_on: the last day that must be reached; last_service: the last
    that was. half_hours: that count. eligible_on: the day of the application on a pass, the day on which waiting alone
    makes it one, else None. opens: first day of the renewal window. cutoff: the day the latest record must reach.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    counting_from: date | None = None
    years_complete_on: date | None = None
    last_service: date | None = None
    half_hours: int | None = None
    notes: tuple[Reason, ...] = ()
    eligible_on: date | None = None
    opens: date | None = None
    cutoff: date | None = None

    @property
    def passed(self) -> bool:
        """Whether the application can be granted."""
        return self.outcome == "pass"

    def reason(self, code: str) -> Reason | None:
        """The reason of that code, None when it does not stand."""
        return next((reason for reason in self.reasons if reason.code == code), None)


@dataclass(frozen=True)
class Service:
    """The service that counts, whichever way it was claimed; first and last are None when nothing does.

    rows: those that count, empty when the claim was typed.
    """

    first: date | None
    last: date | None
    half_hours: int | None
    rows: tuple[ServiceRow, ...] = ()
