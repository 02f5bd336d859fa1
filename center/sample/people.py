"""Thirty invented volunteers: names of every shape of §6, identity numbers of every kind, and what becomes of them.

The plan says where each application stands in the demo and what is short, if anything. Days are counted back from the
day the demo is made, so that a demo made next year is as fresh. Nobody here exists.
"""

from __future__ import annotations

import random
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from center.sample import brought
from center.sample.looks import Look, look_for
from center.sample.pages import ROWS_A_PAGE, BookRow
from center.sample.service import rows_between
from honorcard import identity, roc
from sync.wire import Book, Evidence, Training

IdentityKind = Literal["national", "ui_new", "ui_old", "passport"]
# where an application stands in the demo; `tablet` is one that the sample kiosk itself submits
Plan = Literal[
    "incomplete", "first_review", "second_review", "returned", "refused", "withdrawn",
    "valid", "expired", "revoked", "tablet",
]  # fmt: skip
Short = Literal["", "hours", "tenure", "recent"]


@dataclass(frozen=True)
class Person:
    """One volunteer and the application planned for them; half-hours are whole."""

    index: int
    name: str
    woman: bool
    birth_date: date
    identity_kind: IdentityKind
    identity_number: str
    nationality: str
    email: str
    book_prefix: str
    book_number: str
    book_issued_on: date
    plan: Plan
    submitted_on: date
    rows: tuple[BookRow, ...]
    previous_valid_until: date | None

    @property
    def kind(self) -> Literal["first", "renewal"]:
        """First card or renewal."""
        return "first" if self.previous_valid_until is None else "renewal"

    @property
    def previous_number(self) -> str:
        """The number of the card to be renewed; empty for a first card."""
        if self.previous_valid_until is None:
            return ""
        return f"{roc.roc_year(self.previous_valid_until) - 3:03d}{20000 + self.index * 37:05d}"

    @property
    def pages(self) -> tuple[Evidence, ...]:
        """What each photographed page shows."""
        return brought.pages_of(self.index, -(-len(self.rows) // ROWS_A_PAGE), self.submitted_on)

    @property
    def books(self) -> tuple[Book, ...]:
        """The record books, oldest first."""
        return brought.books_of(self.index, self.book_prefix, self.book_number, self.book_issued_on)

    @property
    def trainings(self) -> tuple[Training, ...] | None:
        """The trainings, None where nobody asked."""
        return brought.trainings_of(self.index, self.book_issued_on)

    @property
    def half_hours(self) -> int:
        """All hours of the book."""
        return sum(row.half_hours for row in self.rows)

    @property
    def look(self) -> Look:
        """The face that goes with sex and age."""
        return look_for(1000 + self.index, woman=self.woman, age=self.submitted_on.year - self.birth_date.year)


# name, woman, year of birth, identity kind, nationality, plan, what is short, renewal
_CAST: tuple[tuple[str, bool, int, IdentityKind, str, Plan, Short, bool], ...] = (
    ("林秀蓁", True, 1954, "national", "", "valid", "", False),
    ("王𡍼名", False, 1950, "national", "", "expired", "", False),
    ("歐陽美雲", True, 1957, "national", "", "revoked", "", False),
    ("陳信義", False, 1949, "national", "", "first_review", "", False),
    ("張簡素蘭", True, 1952, "national", "", "first_review", "", False),
    ("巴奈‧給路", True, 1961, "national", "", "first_review", "", False),
    ("李明", False, 1947, "national", "", "first_review", "", False),
    ("黃國堃", False, 1955, "national", "", "first_review", "hours", False),
    ("NGUYEN THI LAN", True, 1972, "ui_new", "", "first_review", "", False),
    ("司徒志遠", False, 1959, "national", "", "first_review", "", True),
    ("吳玉霞", True, 1951, "national", "", "first_review", "tenure", False),
    ("蔡林阿滿", True, 1944, "national", "", "first_review", "", True),
    ("Savi Takisvaan", True, 1963, "national", "", "first_review", "", False),
    ("郭俊宏", False, 1960, "national", "", "first_review", "recent", False),
    ("高英", True, 1956, "national", "", "first_review", "", False),
    ("MARTIN FISCHER", False, 1958, "passport", "DE", "second_review", "", False),
    ("許雅惠", True, 1958, "national", "", "second_review", "", False),
    ("瓦歷斯‧尤命", False, 1962, "national", "", "second_review", "", False),
    ("周陳月嬌", True, 1948, "national", "", "second_review", "", True),
    ("楊志強", False, 1953, "national", "", "second_review", "", False),
    ("SITI RAHAYU", True, 1975, "ui_old", "", "returned", "", False),
    ("曾麗卿", True, 1955, "national", "", "returned", "", False),
    ("鄭文雄", False, 1946, "national", "", "returned", "", False),
    ("劉金枝", True, 1950, "national", "", "refused", "hours", False),
    ("上官慶", False, 1957, "national", "", "refused", "tenure", False),
    ("江麗華", True, 1959, "national", "", "incomplete", "", False),
    ("賴永福", False, 1952, "national", "", "incomplete", "", False),
    ("廖淑貞", True, 1988, "national", "", "withdrawn", "", False),
    ("何寶珠", True, 1953, "national", "", "tablet", "", False),
    ("方建民", False, 1956, "national", "", "tablet", "", False),
)  # fmt: skip


def everyone(today: date) -> tuple[Person, ...]:
    """The thirty, the same for the same day."""
    return tuple(_person(index, today) for index in range(len(_CAST)))


def holder_elsewhere(today: date) -> Person:
    """Somebody who holds a paper card of another issuer and has lost it; not one of the thirty."""
    return Person(
        index=len(_CAST),
        name="簡素卿",
        woman=True,
        birth_date=date(1953, 4, 9),
        identity_kind="national",
        identity_number=identity_number("national", True, len(_CAST)),
        nationality="",
        email="",
        book_prefix="北市志文",
        book_number="000731",
        book_issued_on=roc.years_before(today, 5),
        plan="first_review",
        submitted_on=today,
        rows=(),
        previous_valid_until=None,
    )


def identity_number(kind: IdentityKind, woman: bool, seed: int) -> str:
    """A number of that kind that passes its check; invented."""
    dice = random.Random(f"identity {seed}")  # noqa: S311 — sample data, not a secret
    if kind == "passport":
        return "C" + "".join(dice.choices("0123456789CFGHJKLMNPRTVWXYZ", k=8))
    letter = dice.choice("ABCDEFGHJKLMNPQRSTUVWXYZIO")
    second = {"national": "12", "ui_new": "89", "ui_old": "CD"}[kind][woman]
    body = "".join(dice.choices("0123456789", k=7))
    candidates = (f"{letter}{second}{body}{last}" for last in range(10))
    return next(number for number in candidates if identity.read(number).valid)


def _person(index: int, today: date) -> Person:
    name, woman, year, kind, nationality, plan, short, renewal = _CAST[index]
    dice = random.Random(f"person {index}")  # noqa: S311
    submitted = _submitted(plan, today, dice)
    valid_until = _month_end(submitted) if renewal else None
    return Person(
        index=index,
        name=name,
        woman=woman,
        birth_date=date(year, dice.randint(1, 12), dice.randint(1, 28)),
        identity_kind=kind,
        identity_number=identity_number(kind, woman, index),
        nationality=nationality,
        email=f"volunteer{index + 1:02d}@example.org" if dice.random() < 0.4 else "",
        book_prefix="北市志文",
        book_number=f"{dice.randint(1, 99999):06d}",
        book_issued_on=_issued(submitted, dice),
        plan=plan,
        submitted_on=submitted,
        rows=_rows(index, submitted, valid_until, short, dice),
        previous_valid_until=valid_until,
    )


def _submitted(plan: Plan, today: date, dice: random.Random) -> date:
    """The day of the application: long ago for the cards, a few days for what still waits."""
    if plan == "expired":
        return roc.years_before(today, 3) - timedelta(days=75)
    days = {
        "valid": 45, "revoked": 310, "refused": dice.randint(20, 40), "withdrawn": 15, "returned": dice.randint(4, 12),
        "second_review": dice.randint(3, 8), "tablet": 0,
    }.get(plan, dice.randint(1, 6))  # fmt: skip
    return today - timedelta(days=days)


def _issued(submitted: date, dice: random.Random) -> date:
    return roc.years_before(submitted, 4) - timedelta(days=dice.randint(10, 900))


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _rows(
    index: int, submitted: date, valid_until: date | None, short: Short, dice: random.Random
) -> tuple[BookRow, ...]:
    """Settled to the end of the month before the application, as is advised (R9), unless something is short."""
    last = submitted.replace(day=1) - timedelta(days=1)
    if short == "recent":
        last = _month_end(roc.months_before(last.replace(day=1), 7))
    if valid_until is not None:
        # begins when the previous card was approved, on the first day that counts (R18)
        first = roc.years_before(valid_until, 3).replace(day=1)
    elif short == "tenure":
        first = roc.years_before(last + timedelta(days=1), 3) + timedelta(days=24)
    else:
        first = roc.years_before(last + timedelta(days=1), 3)
    half_hours = 599 if short == "hours" else dice.randint(604, 760)
    return rows_between(first, last, half_hours, seed=index)
