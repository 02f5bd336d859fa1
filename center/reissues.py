"""Cases about a card that exists already: which card it is, what is to become of it, and why nothing can.

The rules are honorcard.card.cases'; here they meet our records. What is not here: taking a case in (taking), issuing
(issue), the desk's page (desk).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import get_args

from sqlalchemy import Connection

from center.indices import identity_index, index_of
from center.settings import Settings
from center.store import cards, cases
from center.store.cards import Card
from center.store.cases import Case
from honorcard import names, roc
from honorcard.card import cases as rules
from honorcard.card.cases import Decision, HeldCard, Need
from honorcard.problems import ProblemError
from sync.wire import ReissueBody

OUTCOME = "papers"  # in the place of a verdict: papers are looked at, nothing is judged


@dataclass(frozen=True)
class Change:
    """One thing the card says, as it says it now and as it should. before: None where our records do not know it."""

    part: str  # name, birth_date, identity_number
    before: str | None
    after: str

    @property
    def differs(self) -> bool:
        """Whether the new card would say something else."""
        return self.before is not None and self.before != self.after


@dataclass(frozen=True)
class About:
    """What a case asks for. card: the one in our records, None when we never issued it (A7). problem: why it cannot be
    granted, then decision is None. missing: papers that were not handed in. valid_until: the last day that stays; of a
    card that is not ours the one that was typed, to be verified (A21), None when nobody could say it.
    """

    body: ReissueBody
    card: Card | None
    decision: Decision | None
    problem: ProblemError | None
    missing: tuple[Need, ...]
    valid_until: date | None
    changes: tuple[Change, ...]

    @property
    def must_verify(self) -> bool:
        """Whether the second reviewer has to say the last day, because the card is not in our records."""
        return self.card is None

    @property
    def differs_from_record(self) -> bool:
        """Whether what was typed of the old card is not what our records say."""
        typed = self.body.card
        if self.card is None:
            return False
        return (bool(typed.number) and typed.number != self.card.number) or (
            typed.valid_until is not None and typed.valid_until != self.card.valid_until
        )

    @property
    def is_clean(self) -> bool:
        """Whether nothing stands against it: the desk offers one key then."""
        return self.problem is None and not self.missing and not self.differs_from_record


def look(conn: Connection, settings: Settings, case: Case, on: date) -> About:
    """What the case asks for, on a day; only for a case of kind reissue or correction."""
    body = case.reissue
    if body is None:
        raise LookupError("this case is about no card")
    ours = find_card(conn, settings, body)
    until = ours.valid_until if ours is not None else body.card.valid_until
    decision, problem = None, None
    try:
        decision = decide(body, ours, until, on)
    except ProblemError as error:
        problem = error
    missing: tuple[Need, ...] = ()
    if decision is not None:
        handed_in = frozenset(
            need for need in get_args(Need) if (found := case.photo(need)) and found.state != "refused"
        )
        missing = rules.missing(decision, handed_in)
    return About(body, ours, decision, problem, missing, until, _changes(conn, body, ours))


def decide(body: ReissueBody, ours: Card | None, valid_until: date | None, on: date) -> Decision:
    """What becomes of it by the rules. A last day that nobody could say is taken as good until the reviewer says it.

    ProblemError as honorcard.card.cases.decide.
    """
    if ours is None:
        return rules.decide(body.cause, HeldCard("live", valid_until or on, in_system=False), on)
    return rules.decide(body.cause, HeldCard(ours.status, ours.valid_until), on)  # type: ignore[arg-type]


def find_card(conn: Connection, settings: Settings, body: ReissueBody) -> Card | None:
    """The card in our records: the person's own, by the number that stands on it, else by the one that should; else the
    one whose number was given, when name or birth date are the same: a number alone may be a stranger's.
    """
    indices = [identity_index(settings, body)]
    if body.card.identity_number:
        if body.nationality:
            indices.insert(0, index_of(settings, body.card.identity_number, body.nationality))
        indices.insert(0, index_of(settings, body.card.identity_number))
    for look_up in (cards.live_of, cards.latest_of):
        for index in indices:
            if (found := look_up(conn, index)) is not None:
                return found
    named = cards.find(conn, body.card.number) if body.card.number else None
    if named is None and body.card.seq is not None:
        named = cards.of_seq(conn, body.card.seq)
    return named if named is not None and _is_alike(conn, named, body) else None


def verified_day(text: str, on: date, settings: Settings) -> date:
    """The last day of a card that is not ours, as the second reviewer read it off the card or the papers (A21).

    ProblemError `old_card_day_missing`, `old_card_day_far` for one that no card approved by today can have, `card_over`.
    """
    day = roc.read(text).date if text.strip() else None
    if day is None:
        raise ProblemError("old_card_day_missing")
    # A6: a renewal approved early counts from the last day of the card before, a month away at most
    latest = roc.years_after(roc.months_after(on, 1), settings.rules_on(on).years)
    if day > latest:
        raise ProblemError("old_card_day_far", valid_until=day)
    if day < on:
        raise ProblemError("card_over", valid_until=day)
    return day


def _is_alike(conn: Connection, card: Card, body: ReissueBody) -> bool:
    if names.fold(card.name) == names.fold(body.name):
        return True
    case = cases.find(conn, card.application_id) if card.application_id else None
    return case is not None and case.body.birth_date == body.birth_date


def _changes(conn: Connection, body: ReissueBody, ours: Card | None) -> tuple[Change, ...]:
    case = cases.find(conn, ours.application_id) if ours is not None and ours.application_id else None
    name = ours.name if ours is not None else None
    birth = roc.dotted(case.body.birth_date) if case is not None else None
    number = case.body.identity_number if case is not None else body.card.identity_number or None
    return (
        Change("name", name, body.name),
        Change("birth_date", birth, roc.dotted(body.birth_date)),
        Change("identity_number", number, body.identity_number),
    )
