"""The records every room speaks of: frozen values, as read from the book and typed by a person.

What is not here: how they are stored (each app's store), how they travel (sync.wire), and what the rules make of them
(eligibility).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from honorcard import names
from honorcard.evidence import Evidence

Category = Literal[
    "ordinary",
    "civil_defence",
    "volunteer_police",
    "volunteer_traffic_police",
    "volunteer_fire",
    "neighbourhood_watch",
    "mountain_police",
    "disaster_relief_group",
    "disaster_relief_organisation",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)
EXCLUDED_CATEGORIES = frozenset(CATEGORIES) - {"ordinary"}  # R12; by legal organisation, not by a team's name (A10)

LONGEST_BOOK_PART = 30  # characters on either side of 字第; the longest seen has 12


@dataclass(frozen=True)
class ServiceRow:
    """One row of the record book's service pages, or of the national system's print-out.

    start, end: first and last day, both inclusive. minutes: served within them, whole minutes (A14). page: of the
    photographed book, from 1; 0 when the row came from elsewhere. evidence: where exactly it stands, None when nobody
    said. Source: §2.6.
    """

    start: date
    end: date
    minutes: int
    item: str = ""
    content: str = ""
    unit: str = ""
    category: Category = "ordinary"
    page: int = 0
    evidence: Evidence | None = None


@dataclass(frozen=True)
class RecordBook:
    """The number of a record book: what stands before 字第 and the number after it. Source: R36, item 1.

    issued_on: 領冊日期, None when not read. One person has one book after another, through all units (§2.3).
    """

    prefix: str
    number: str
    issued_on: date | None = None

    def __str__(self) -> str:
        return f"{self.prefix}字第{self.number}號"

    def problem(self) -> str | None:
        """The catalogue code of what is wrong; None when both parts are there and not too long."""
        if not (self.prefix.strip() and self.number.strip()):
            return "book_number_missing"
        longest = max(len(self.prefix.strip()), len(self.number.strip()))
        return "book_number_too_long" if longest > LONGEST_BOOK_PART else None


@dataclass(frozen=True)
class Unit:
    """A unit that employs volunteers, 運用單位. code: the center's. category: of its legal organisation (A10)."""

    code: str
    name: str
    category: Category = "ordinary"


@dataclass(frozen=True)
class Training:
    """One training completed: 基礎訓練 `basic` or 特殊訓練 `special`, its field, the day of completion.

    completed_on: None when the book names the training without its day; then the book's own day of issue stands in
    (§2.5). field: of service, 衛生福利 and others, empty when not known. certificate: the number on it. half_hours: its
    length; never hours of service. Source: Volunteer Service Act art. 9, §2.5, R61.
    """

    kind: Literal["basic", "special"]
    completed_on: date | None
    field: str = ""
    certificate: str = ""
    half_hours: int | None = None


@dataclass(frozen=True)
class PreviousCard:
    """The card a renewal replaces. valid_until: its last day, inclusive. number: None when it cannot be read.

    source: `center` when our own records say so, `card` when it was typed from a paper or another city's card and the
    second reviewer must compare it with its photograph (A21).
    """

    valid_until: date
    number: str | None = None
    source: Literal["center", "card"] = "card"


@dataclass(frozen=True)
class Volunteer:
    """A person as registered. identity_number: normalised (identity.normalise). nationality: of a passport, else empty.

    english_name: as the person spells it, never printed on the card (R49). email: optional (R35).
    """

    identity_number: str
    name: str
    birth_date: date
    english_name: str = ""
    nationality: str = ""
    email: str = ""

    @property
    def masked_name(self) -> str:
        """The name as public screens show it."""
        return names.mask(self.name)

    def __repr__(self) -> str:
        """Says nothing about the person, so that a traceback or a log line cannot either."""
        return "Volunteer(…)"
