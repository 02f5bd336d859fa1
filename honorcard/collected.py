"""What one person's successive applications brought in, put together: each row of the book once, whatever was sent again.

A renewal, a correction or a second application shows pages that were shown before. Two rows of different applications
are one row of the book when first day, last day, minutes and category are equal and unit, item and content do not
contradict each other (an empty one contradicts nothing: earlier forms asked for less). Two such rows within one
application are two rows: the book has them twice. Source: R6, R54, A4; docs/decisions says why not another key.
Rows that an office entered or imported stand before those that applications brought. What an application shows of the same days
and the same unit, spelled otherwise, is never counted beside them: it stands apart until a person has looked (decision 0014).
What is not here: which applications there are (the center's store), the record itself (service_record).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from honorcard import hours
from honorcard.claims import Claim
from honorcard.jurisdiction import Jurisdiction
from honorcard.records import ServiceRow, Training
from honorcard.service_record import (
    CardHeld,
    NextCard,
    Person,
    ServiceRecord,
    Sum,
    YearLine,
    compile_record,
)


@dataclass(frozen=True)
class Brought:
    """What one application claims. accepted: a card was granted on it; else it is under review."""

    claim: Claim
    accepted: bool


@dataclass(frozen=True)
class History:
    """A person's service as far as it is known here.

    person: what stands. under_review: rows of open applications that stand nowhere else yet. asked: the previous card an open
    application names, None when it names none. open_case: whether one is open. only_totals: some application gave first day, last
    day and hours instead of rows. overlapping: rows of applications whose days rows from the office cover, without being the
    same; in no sum. coinciding: rows of applications on days of a row from the office that names another unit; counted, since
    somebody may serve two, or one unit may be spelled in two ways.
    """

    person: Person
    under_review: tuple[ServiceRow, ...] = ()
    asked: CardHeld | None = None
    open_case: bool = False
    only_totals: bool = False
    overlapping: tuple[ServiceRow, ...] = ()
    coinciding: tuple[ServiceRow, ...] = ()


@dataclass(frozen=True)
class Look:
    """A history as of a day. ahead: the next card, judged together with what is under review; waiting: its years."""

    record: ServiceRecord
    ahead: NextCard
    waiting: tuple[YearLine, ...]
    waiting_total: Sum


def collect(
    brought: Sequence[Brought],
    cards: Iterable[CardHeld] = (),
    office: Sequence[Sequence[ServiceRow]] = (),
    trained: Sequence[Training] = (),
) -> History:
    """One history out of applications, oldest first. cards: of our own, whatever became of them. office: rows that did not come
    with applications, those of one import or event together; trained: trainings likewise.

    A paper card that an application names stands beside ours when the application was granted. Hours given as a total
    stand as one row, less what rows within the same days show.
    """
    held: list[tuple[ServiceRow, bool]] = []
    for rows in office:
        _add(held, rows, True)
    entered = len(held)
    for one in sorted(brought, key=lambda one: not one.accepted):  # stable: within each, oldest first
        _add(held, one.claim.entries or (), one.accepted)
    covered = [row for row, _ in held[:entered]]
    overlapping = tuple(row for row, _ in held[entered:] if any(_covers(one, row) for one in covered))
    held[entered:] = [one for one in held[entered:] if one[0] not in overlapping]
    coinciding = tuple(row for row, _ in held[entered:] if any(_share_days(one, row) for one in covered))
    for one in sorted(brought, key=lambda one: not one.accepted):
        total = _total(one.claim, [row for row, _ in held])
        if total is not None:
            _add(held, (total,), one.accepted)
    trainings: list[Training] = []
    _add_trainings(trainings, trained)
    for one in brought:
        _add_trainings(trainings, one.claim.trainings or ())
    own = tuple(cards)
    granted = [named for one in brought if one.accepted and (named := _named(one.claim, own)) is not None]
    open_ones = [one for one in brought if not one.accepted]
    known = [one.claim for one in brought]
    person = Person(
        rows=tuple(row for row, accepted in held if accepted),
        trainings=tuple(trainings) if trained or any(claim.trainings is not None for claim in known) else None,
        cards=(*own, *dict.fromkeys(granted)),
        service_field=next((claim.service_field for claim in reversed(known) if claim.service_field), ""),
        book_issued_on=next((claim.book_issued_on for claim in reversed(known) if claim.book_issued_on), None),
    )
    return History(
        person,
        tuple(row for row, accepted in held if not accepted),
        next((named for one in reversed(open_ones) if (named := _named(one.claim, own)) is not None), None),
        bool(open_ones),
        any(_is_total(claim) for claim in known),
        overlapping,
        coinciding,
    )


def look(history: History, on: date, rules: Jurisdiction) -> Look:
    """The record of what stands, and the next card as it would be with what is under review."""
    record = compile_record(history.person, on, rules)
    if not (history.under_review or history.asked):
        return Look(record, record.next_card, (), Sum.of(()))
    cards = history.person.cards if history.asked is None else (*history.person.cards, history.asked)
    whole = replace(history.person, rows=(*history.person.rows, *history.under_review), cards=cards)
    waiting = compile_record(Person(rows=history.under_review), on, rules)
    return Look(record, compile_record(whole, on, rules).next_card, waiting.lines, waiting.total)


# --- rows ---


def _add(held: list[tuple[ServiceRow, bool]], rows: Sequence[ServiceRow], accepted: bool) -> None:
    """Adds rows of one application; each stands for at most one row held before."""
    places: dict[object, list[int]] = {}
    for place, (row, _) in enumerate(held):
        places.setdefault(_days(row), []).append(place)
    # rows alike to the letter find each other first, so that a row that says less takes no other's place
    for row in sorted(rows, key=lambda row: -len(row.unit + row.item + row.content)):
        free = places.get(_days(row), [])
        same = [place for place in free if _texts(held[place][0]) == _texts(row)]
        fitting = same or [place for place in free if _fit(held[place][0], row)]
        if not fitting:
            held.append((row, accepted))
            continue
        place = fitting[0]
        free.remove(place)
        held[place] = (_fuller(held[place][0], row), held[place][1])


def _days(row: ServiceRow) -> object:
    return (row.start, row.end, row.minutes, row.category)


def _texts(row: ServiceRow) -> tuple[str, str, str]:
    return (_folded(row.unit), _folded(row.item), _folded(row.content))


def _fit(one: ServiceRow, other: ServiceRow) -> bool:
    return all(not a or not b or a == b for a, b in zip(_texts(one), _texts(other), strict=True))


def _covers(one: ServiceRow, other: ServiceRow) -> bool:
    """Whether two rows may tell of the same service: they share days, and their units do not contradict each other."""
    units = (_folded(one.unit), _folded(other.unit))
    return _share_days(one, other) and (not all(units) or units[0] == units[1])


def _share_days(one: ServiceRow, other: ServiceRow) -> bool:
    return one.start <= other.end and other.start <= one.end and one.category == other.category


def _fuller(one: ServiceRow, other: ServiceRow) -> ServiceRow:
    """The row held, with what only the other says."""
    return replace(
        one,
        unit=one.unit or other.unit,
        item=one.item or other.item,
        content=one.content or other.content,
        evidence=one.evidence or other.evidence,
        page=one.page or other.page,
    )


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _is_total(claim: Claim) -> bool:
    return not claim.entries and None not in (claim.first_service, claim.last_service, claim.half_hours)


def _total(claim: Claim, rows: Iterable[ServiceRow]) -> ServiceRow | None:
    """A claim's hours that no row shows, as one row over its days; None when rows show them all."""
    if not _is_total(claim):
        return None
    first, last, half_hours = claim.first_service, claim.last_service, claim.half_hours
    assert first is not None
    assert last is not None
    assert half_hours is not None
    shown = sum(
        row.minutes
        for row in rows
        if first <= row.start
        and row.end <= last
        and row.category == claim.category
        and (row.start, row.end) != (first, last)
    )
    left = half_hours * hours.MINUTES_PER_HALF_HOUR - shown
    return ServiceRow(first, last, left, category=claim.category) if left > 0 else None


# --- trainings, cards ---


def _add_trainings(held: list[Training], trainings: Iterable[Training]) -> None:
    """Adds those not known yet: the same kind and field, where day and certificate do not contradict each other."""
    for one in trainings:
        for place, other in enumerate(held):
            if (
                (one.kind, _folded(one.field)) == (other.kind, _folded(other.field))
                and (one.completed_on == other.completed_on or None in (one.completed_on, other.completed_on))
                and (one.certificate == other.certificate or not one.certificate or not other.certificate)
            ):
                held[place] = replace(
                    other,
                    completed_on=other.completed_on or one.completed_on,
                    certificate=other.certificate or one.certificate,
                    half_hours=other.half_hours if other.half_hours is not None else one.half_hours,
                )
                break
        else:
            held.append(one)


def _named(claim: Claim, own: Iterable[CardHeld]) -> CardHeld | None:
    """The card that a renewal names, when it is none of ours: of paper, or another city's (A21)."""
    until = claim.previous_valid_until
    if until is None or any(card.valid_until == until for card in own):
        return None
    return CardHeld("", date.min, until)
