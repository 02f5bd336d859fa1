"""A card's number typed at the gate because its code cannot be read: what the number can tell, which is little.

Numbers are on no list a venue holds and carry no signature: a right number proves nothing, a wrong one a little. So
the answer is never that a card is good. What is not here: reading the code (token) and deciding on it (verdict).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from honorcard import roc
from honorcard.card import number
from honorcard.jurisdiction import Jurisdiction
from honorcard.problems import ProblemError

Finding = Literal["malformed", "not_yet", "over", "possible"]


@dataclass(frozen=True)
class NumberLook:
    """What a typed number says. roc_year: of the approval, None where the text is no number."""

    finding: Finding
    number: str = ""
    roc_year: int | None = None


def look(typed: str, today: date, rules: Jurisdiction) -> NumberLook:
    """What can be said of a card number, written in any width, with blanks or dashes between.

    `not_yet`: a year that has not come. `over`: no card approved in that year can still be valid: its last day is three
    years (R5) after the approval or, where the card before ran on, after that one's last day, which lies within the
    approval's year where renewals wait for the month of expiry (R20) and up to three years after it elsewhere.
    """
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", typed) if sign not in " -–—‐\u3000")
    try:
        year, _ = number.read(digits)
    except ProblemError:
        return NumberLook("malformed")
    longest = (
        rules.years if rules.validity == "approval_only" or rules.renewal_window == "expiry_month" else 2 * rules.years
    )
    this_year = roc.roc_year(today)
    if year > this_year:
        return NumberLook("not_yet", digits, year)
    return NumberLook("over" if year + longest < this_year else "possible", digits, year)
