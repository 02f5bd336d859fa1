"""A volunteer's service record, 志工服務履歷: hours, service and training by unit and year, what counts towards the next
card, and when its window opens.

Source: R33, R54, A14 (minutes are summed, then floored once), A4, R7. The next card is judged by eligibility, so that the
record, the kiosk and the reviewers never differ. What is not here: the words (service_record_words), where rows come from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from honorcard import hours, roc
from honorcard.claims import Claim, Verdict
from honorcard.eligibility import counting_floor, floor_of, judge, window_opens
from honorcard.jurisdiction import Jurisdiction, in_force
from honorcard.records import EXCLUDED_CATEGORIES, ServiceRow, Training

Fate = Literal["counts", "used", "before_floor", "over_floor", "excluded", "later", "reversed"]
FATES: tuple[Fate, ...] = get_args(Fate)


@dataclass(frozen=True)
class CardHeld:
    """A card somebody has or had. counted_until: last day whose hours it used up, None where only paper knows (A4).

    standing: False for one that was revoked: it replaces nothing and uses up nothing but what it counted.
    """

    number: str
    approved_on: date
    valid_until: date
    counted_until: date | None = None
    standing: bool = True


@dataclass(frozen=True)
class Person:
    """What is known of somebody's service. rows, trainings, cards: in any order; trainings None when nobody asked."""

    rows: tuple[ServiceRow, ...] = ()
    trainings: tuple[Training, ...] | None = None
    cards: tuple[CardHeld, ...] = ()
    service_field: str = ""
    book_issued_on: date | None = None


@dataclass(frozen=True)
class Sum:
    """Hours of some rows. half_hours: the sum of the minutes floored once; minutes_over: what that leaves, 0 to 29."""

    rows: int
    half_hours: int
    minutes_over: int

    @classmethod
    def of(cls, rows: Iterable[ServiceRow]) -> Sum:
        """The sum of rows; floored once, so that sums of parts may come to half an hour less than the whole (A14)."""
        minutes = [row.minutes for row in rows]
        half_hours = hours.from_minutes(sum(minutes))
        return cls(len(minutes), half_hours, sum(minutes) - half_hours * hours.MINUTES_PER_HALF_HOUR)


@dataclass(frozen=True)
class YearLine:
    """One unit in one ROC year. first, last: days served within it.

    A row that reaches over New Year stands whole in the year it ends in, where it was entered; over_new_year says so.
    """

    roc_year: int
    unit: str
    total: Sum
    first: date
    last: date
    over_new_year: bool


@dataclass(frozen=True)
class NextCard:
    """The next card, as far as it can be told on a day.

    verdict: as if the application were made that day. opens: first day of the window, None where any day will do (first
    card, or a city without window). counting_from: first day that counts, the floor of a renewal even before any row.
    national_from: the same by the national system's reading, where that differs (A2).
    """

    kind: Literal["first", "renewal"]
    verdict: Verdict
    opens: date | None
    counting_from: date | None
    national_from: date | None
    previous_valid_until: date | None

    @property
    def half_hours_short(self) -> int:
        """Half hours that are still to be served."""
        short = self.verdict.reason("hours_short")
        return int(short.details["half_hours_short"]) if short else 0


@dataclass(frozen=True)
class ServiceRecord:
    """A record as of a day. lines: newest year first, then by unit. fates: one for each row, in the order given."""

    on: date
    lines: tuple[YearLine, ...]
    total: Sum
    by_fate: dict[Fate, Sum]
    fates: tuple[Fate, ...]
    trainings: tuple[Training, ...]
    trained_on: date | None
    cards: tuple[CardHeld, ...]
    next_card: NextCard


def compile_record(person: Person, on: date, rules: Jurisdiction) -> ServiceRecord:
    """The record of a person on a day.

    Service of an excluded category stands in the years, as it was served, and in no card (R12). Rows that lie in the
    future or end before they begin are named by their fate and left out of every sum.
    """
    claim = _claim(person, on)
    floor = floor_of(claim, rules)
    fates = tuple(_fate(row, claim, floor) for row in person.rows)
    grouped: dict[Fate, list[ServiceRow]] = {fate: [] for fate in FATES}
    for row, fate in zip(person.rows, fates, strict=True):
        grouped[fate].append(row)
    sound = [row for fate in FATES if fate not in ("later", "reversed") for row in grouped[fate]]
    return ServiceRecord(
        on,
        _lines(sound),
        Sum.of(sound),
        {fate: Sum.of(rows) for fate, rows in grouped.items()},
        fates,
        tuple(sorted(person.trainings or (), key=lambda training: (training.completed_on or date.min, training.kind))),
        claim.trained.complete_on if claim.trained else None,
        tuple(sorted(person.cards, key=lambda card: (card.valid_until, card.number), reverse=True)),
        _next_card(claim, rules),
    )


def _claim(person: Person, on: date) -> Claim:
    """The application as it would be made that day, from all that lies behind."""
    cards = [card for card in person.cards if card.approved_on <= on]
    return Claim(
        on,
        # Service under an excluded organisation alone is no application here: judged as no rows at all.
        entries=tuple(
            row for row in person.rows if row.start <= row.end <= on and row.category not in EXCLUDED_CATEGORIES
        ),
        previous_valid_until=max((card.valid_until for card in cards if card.standing), default=None),
        # Hours that a revoked card used up are used all the same (R6).
        counted_until=max((card.counted_until for card in cards if card.counted_until), default=None),
        trainings=person.trainings,
        service_field=person.service_field,
        book_issued_on=person.book_issued_on,
    )


def _next_card(claim: Claim, rules: Jurisdiction) -> NextCard:
    """The verdict, and the days from which on more of what lies ahead will count."""
    verdict = judge(claim, rules)
    previous = claim.previous_valid_until
    if previous is None:
        return NextCard("first", verdict, None, verdict.counting_from, None, None)
    floor = counting_floor(previous, rules)
    national = counting_floor(previous, in_force("national", claim.applied_on))
    return NextCard(
        "renewal", verdict, window_opens(previous, rules), floor, national if national != floor else None, previous
    )


def _fate(row: ServiceRow, claim: Claim, floor: date | None) -> Fate:
    """What a row is worth for the next card, by the same steps as eligibility."""
    if row.start > row.end:
        return "reversed"
    if row.end > claim.applied_on:
        return "later"
    if row.category in EXCLUDED_CATEGORIES:
        return "excluded"
    if floor is not None and row.start < floor:
        return "over_floor" if row.end >= floor else "before_floor"
    return "used" if claim.counted_until is not None and row.end <= claim.counted_until else "counts"


def _lines(rows: Iterable[ServiceRow]) -> tuple[YearLine, ...]:
    groups: dict[tuple[int, str], list[ServiceRow]] = {}
    for row in rows:
        groups.setdefault((row.end.year - roc.ROC_OFFSET, row.unit.strip()), []).append(row)
    lines = [
        YearLine(
            year,
            unit,
            Sum.of(group),
            min(row.start for row in group),
            max(row.end for row in group),
            any(row.start.year != row.end.year for row in group),
        )
        for (year, unit), group in groups.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.roc_year, line.unit)))
