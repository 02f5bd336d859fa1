"""The application sheet, 申請單: one unit, many applicants, sent in together or one by one.

Source: R26, R35 (a sheet belongs to an organisation and holds many applicants). Adding returns a new sheet; the rules of
one applicant are eligibility's, the states of a case review's. What is not here: how a sheet is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args

from honorcard import identity
from honorcard.claims import Verdict
from honorcard.problems import Language, ProblemError
from honorcard.records import Unit, Volunteer
from honorcard.review import FINAL_STATES, State

Standing = Literal["ready", "waiting", "lacking", "elsewhere", "sent", "done"]
STANDINGS: tuple[Standing, ...] = get_args(Standing)

LONGEST = 500  # applicants on one sheet; more are a second sheet

_WORDS: dict[Standing, tuple[str, str]] = {
    "ready": ("可以送出", "ready to send"),
    "waiting": ("再等一下", "not yet"),
    "lacking": ("還缺資料或時數", "something is missing"),
    "elsewhere": ("請向警察或消防單位申請", "apply to the police or fire service"),
    "sent": ("審查中", "under review"),
    "done": ("已結案", "closed"),
}


@dataclass(frozen=True)
class Applicant:
    """One line of a sheet. verdict: as of the day it was last judged, None before. state: of the case once sent."""

    volunteer: Volunteer
    kind: Literal["first", "renewal"]
    verdict: Verdict | None = None
    state: State | None = None

    @property
    def standing(self) -> Standing:
        """Where this line is, for the list and the count at its head."""
        if self.state is not None:
            return "done" if self.state in FINAL_STATES else "sent"
        if self.verdict is None:
            return "lacking"
        if self.verdict.passed:
            return "ready"
        if self.verdict.outcome == "out_of_scope":
            return "elsewhere"
        return "waiting" if self.verdict.eligible_on is not None else "lacking"


@dataclass(frozen=True)
class ApplicationSheet:
    """A unit's sheet. number: the unit's own, as it likes. applicants: in the order they were added."""

    number: str
    unit: Unit
    opened_on: date
    applicants: tuple[Applicant, ...] = ()

    def with_applicant(self, applicant: Applicant) -> ApplicationSheet:
        """The sheet with one more.

        Raises `sheet_person_twice` for somebody who is on it already (by identity number, whatever its spelling),
        `sheet_full`.
        """
        number = identity.normalise(applicant.volunteer.identity_number)
        if any(identity.normalise(other.volunteer.identity_number) == number for other in self.applicants):
            raise ProblemError("sheet_person_twice")
        if len(self.applicants) >= LONGEST:
            raise ProblemError("sheet_full", most=LONGEST)
        return replace(self, applicants=(*self.applicants, applicant))

    def without(self, place: int) -> ApplicationSheet:
        """The sheet without the applicant at a place from 1. Raises `sheet_line_sent` once that one was sent."""
        if not 1 <= place <= len(self.applicants):
            raise IndexError("no such place")
        if self.applicants[place - 1].state is not None:
            raise ProblemError("sheet_line_sent")
        return replace(self, applicants=self.applicants[: place - 1] + self.applicants[place:])

    @property
    def counts(self) -> dict[Standing, int]:
        """How many lines stand where; every standing is there, also with none."""
        found = [applicant.standing for applicant in self.applicants]
        return {standing: found.count(standing) for standing in STANDINGS}

    @property
    def ready(self) -> tuple[Applicant, ...]:
        """Those that can be sent now. The others hold nobody up."""
        return tuple(applicant for applicant in self.applicants if applicant.standing == "ready")

    @property
    def alike(self) -> tuple[tuple[int, int], ...]:
        """Pairs of places (from 1) whose numbers are one unseen slip apart: perhaps one person twice (§3.2)."""
        numbers = [applicant.volunteer.identity_number for applicant in self.applicants]
        places = {identity.normalise(number): place for place, number in enumerate(numbers, 1)}
        pairs = {
            (place, places[other])
            for number, place in places.items()
            for other in identity.lookalikes(number)
            if places.get(other, 0) > place
        }
        return tuple(sorted(pairs))


def in_words(standing: Standing, language: Language) -> str:
    """A standing as a list shows it."""
    return _WORDS[standing][0 if language == "zh" else 1]
