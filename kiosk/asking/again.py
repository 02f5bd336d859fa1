"""A card to be issued again, 補發 or 更正: why, which card, and what is enough instead (R38, R39, A7, A24).

What is not here: the rules (honorcard.card.cases), identity number and person (questions), the papers' photographs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext
from msgspec.structs import replace

from honorcard import identity, roc
from honorcard.card import cases, number
from honorcard.card.cases import CAUSES, CORRECTIONS, HeldCard
from honorcard.problems import ProblemError
from kiosk.asking.forms import Reading, Trouble, day_of
from kiosk.drafting import Answers
from sync.wire import CardCause, OldCard


def causes(answers: Answers) -> list[CardCause]:
    """The causes that the chosen kind of case can have, in the order of the form."""
    wanted = answers.kind == "correction"
    return [cause for cause in CAUSES if (cause in CORRECTIONS) == wanted]


def read_cause(answers: Answers, typed: Mapping[str, str], _today: date) -> Reading:
    """Why the card is to be issued again."""
    cause = next((known for known in causes(answers) if known == typed.get("cause")), None)
    if cause is None:
        return Reading(replace(answers, cause=None), (Trouble("cause", gettext("原因"), "cause_missing"),))
    return Reading(replace(answers, cause=cause))


def read_old_card(answers: Answers, typed: Mapping[str, str], today: date) -> Reading:
    """Number and last day of the card, as far as the person knows them; what its QR said stays while the day is the same.

    Troubles: `card_over` for a card past its last day, which is renewed; `old_identity_missing` when it is the identity
    number that is wrong: by the old one the card is found.
    """
    troubles: list[Trouble] = []
    label = gettext("有效期限")
    day = day_of(typed, "valid_until", label, troubles) if typed.get("valid_until", "").strip() else None
    if day is not None:
        try:
            cases.decide(answers.cause or "lost", HeldCard("live", day, in_system=False), today)
        except ProblemError as problem:
            troubles.append(Trouble("valid_until", label, problem.code, problem.details))
    card_number = typed.get("card_number", "").strip()
    if card_number:
        card_number = _digits(card_number)
        try:
            number.read(card_number)
        except ProblemError as problem:
            troubles.append(Trouble("card_number", gettext("卡號"), problem.code))
    old = identity.normalise(typed.get("old_identity", ""))
    if answers.cause == "identity_number" and not old:
        troubles.append(Trouble("old_identity", gettext("卡片上的證號"), "old_identity_missing"))
    if troubles:
        return Reading(replace(answers, old_card=None), tuple(troubles))
    known = answers.old_card
    scanned = known is not None and known.source == "qr" and known.valid_until == day
    return Reading(
        replace(
            answers,
            old_card=OldCard(
                number=card_number,
                valid_until=day,
                source="qr" if scanned else "typed",
                seq=known.seq if known is not None and scanned else None,
                identity_number=old if answers.cause == "identity_number" else "",
            ),
        )
    )


def typed_from(answers: Answers) -> dict[str, dict[str, str]]:
    """The fields filled in from answers that were not typed here: a returned case, a card's QR."""
    typed: dict[str, dict[str, str]] = {}
    if answers.cause is not None:
        typed["cause"] = {"cause": answers.cause}
    if answers.old_card is not None:
        until = answers.old_card.valid_until
        typed["old_card"] = {
            "card_number": answers.old_card.number,
            "valid_until": roc.dotted(until) if until is not None else "",
            "old_identity": answers.old_card.identity_number,
        }
    return typed


def _digits(text: str) -> str:
    """A card number as people type it: full-width digits, spaces and hyphens."""
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in text if sign not in " -－　")
