"""Trainings: whether basic and special training are complete, since when, and what the setting makes of it.

Source: Volunteer Service Act art. 9, §2.5, R61, R62, A16. The city's own sheet does not ask for them, so the setting
`training_gate` decides: `off` looks away, `warn` tells the reviewer, `enforce` counts nothing before both are complete.
What is not here: the hours (eligibility).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from honorcard.records import Training

TrainingKind = Literal["basic", "special"]

HEALTH_WELFARE = "health_welfare"
_HEALTH_WELFARE_NAMES = ("衛生福利", HEALTH_WELFARE)


@dataclass(frozen=True)
class Standing:
    """How far somebody's trainings are.

    missing: what is not shown, in the order basic, special. complete_on: the later of the two days, None while something
    is missing or no day is known at all. deemed: the special training stands without a certificate (R62).
    """

    missing: tuple[TrainingKind, ...]
    complete_on: date | None
    deemed: bool = False

    @property
    def complete(self) -> bool:
        """Whether hours may count at all."""
        return not self.missing


def is_health_welfare(field: str) -> bool:
    """Whether a field of service is health and welfare, 衛生福利類, by the name a person or the system writes."""
    return field.strip().startswith(_HEALTH_WELFARE_NAMES)


def standing(
    trainings: tuple[Training, ...], field: str = "", has_book: bool = True, book_issued_on: date | None = None
) -> Standing:
    """How far the trainings are for service in a field.

    A special training counts for its own field; one that names none, or a service that names none, fits any. Who holds a
    record book in health and welfare is deemed to have that field's special training (R62). A training without a day
    counts from the book's day of issue (§2.5); of several, the earliest counts.
    """
    basic = _first_day((t for t in trainings if t.kind == "basic"), book_issued_on)
    fitting = (t for t in trainings if t.kind == "special" and _fits(t.field, field))
    special = _first_day(fitting, book_issued_on)
    deemed = not special.shown and has_book and is_health_welfare(field)
    missing: list[TrainingKind] = []
    if not basic.shown:
        missing.append("basic")
    if not (special.shown or deemed):
        missing.append("special")
    days = [day for day in (basic.day, book_issued_on if deemed else special.day) if day is not None]
    return Standing(tuple(missing), max(days, default=None) if not missing else None, deemed)


@dataclass(frozen=True)
class _Shown:
    shown: bool
    day: date | None


def _first_day(trainings: Iterable[Training], issued_on: date | None) -> _Shown:
    shown = tuple(trainings)
    days = [day for training in shown if (day := training.completed_on or issued_on) is not None]
    return _Shown(bool(shown), min(days, default=None))


def _fits(training_field: str, field: str) -> bool:
    if not training_field.strip() or not field.strip():
        return True
    if is_health_welfare(training_field) or is_health_welfare(field):
        return is_health_welfare(training_field) and is_health_welfare(field)
    return training_field.strip() == field.strip()
