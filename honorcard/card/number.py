"""How long a card lives and how it is numbered. Only the center gives numbers (A9).

What is not here: which serial comes next; that is one transaction in the center's store.
"""

from __future__ import annotations

import re
from datetime import date

from honorcard import roc
from honorcard.jurisdiction import Jurisdiction
from honorcard.problems import ProblemError

LAST_SERIAL = 99_999  # R42: five digits

_NUMBER = re.compile(r"([0-9]{3})([0-9]{5})")


def valid_until(approved_on: date, previous_valid_until: date | None, rules: Jurisdiction) -> date:
    """The card's last day, inclusive to midnight: the same day some years on, 29 February becoming 28.

    Counted from the approval or, under `later_of`, from the previous card's last day when that is later, so that
    nobody loses by
    renewing early. Source: R5, R17, A6, cases C37–C41.
    """
    begins = approved_on
    if rules.validity == "later_of" and previous_valid_until is not None:
        begins = max(approved_on, previous_valid_until)
    return roc.years_after(begins, rules.years)


def number(roc_year: int, serial: int) -> str:
    """The card's number, `11500001`: the ROC year of the approval, three digits, and a serial from 1, five digits.

    Raises `card_numbers_spent` past 99,999; ValueError for a year or serial that cannot be. Source: R42, A12.
    """
    if not 1 <= roc_year <= 999 or serial < 1:
        raise ValueError("no such year or serial")
    if serial > LAST_SERIAL:
        raise ProblemError("card_numbers_spent", roc_year=roc_year)
    return f"{roc_year:03d}{serial:05d}"


def read(text: str) -> tuple[int, int]:
    """The ROC year and the serial of a card number. Raises `card_number_malformed`."""
    parts = _NUMBER.fullmatch(text)
    if parts is None or int(parts[1]) == 0 or int(parts[2]) == 0:
        raise ProblemError("card_number_malformed")
    return int(parts[1]), int(parts[2])
