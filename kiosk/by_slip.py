"""The two questions before a card is printed and before a service record is shown: the slip, then the birth date. A card is
printed by an earlier card too.

What is not here: the pages (printing, own_record; templates/kiosk/_by_slip.html) and opening what is sealed (sheets).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import request

from honorcard import roc
from honorcard.card import slip
from honorcard.problems import ProblemError
from kiosk import by_card
from kiosk.reading import texts_in_frame


def slip_in_frame(jpeg: bytes) -> str | None:
    """The text of the slip that a camera frame shows; None when it shows none. ProblemError `one_at_a_time` for two of them."""
    return only(slips(texts_in_frame(jpeg)))


def held_in_frame(jpeg: bytes, prefix: str) -> str | None:
    """As `slip_in_frame`, and where no slip is in the frame the text of a card."""
    texts = texts_in_frame(jpeg)
    return only(slips(texts) or [text for text in dict.fromkeys(texts) if by_card.is_card(text, prefix)])


def slips(texts: Sequence[str]) -> list[str]:
    """Those of the texts that are slips', each once."""
    found = []
    for text in dict.fromkeys(text.strip() for text in texts):
        try:
            slip.read_slip(text)
        except ProblemError:
            continue
        found.append(text)
    return found


def only(texts: Sequence[str]) -> str | None:
    """The one that is held up; None for none. ProblemError `one_at_a_time` for more."""
    if len(texts) > 1:
        raise ProblemError("one_at_a_time")
    return texts[0] if texts else None


def is_said_already(problem: ProblemError) -> bool:
    """Whether the page whose camera asks says just that (the mark of what it shows): frames come five times a second."""
    return request.headers.get("X-Seen") == problem.code


def birth_date(typed: str, today: date) -> date:
    """The birth date, ROC or Gregorian. ProblemError with a `date_` code for anything that is none."""
    reading = roc.read(typed)
    if reading.date is None or reading.date > today:
        raise ProblemError(f"date_{reading.problem or 'unreadable'}")
    return reading.date
