"""The two questions before a card is printed and before a service record is shown: the slip, then the birth date.

What is not here: the pages (printing, own_record; templates/kiosk/_by_slip.html) and opening what is sealed (sheets).
"""

from __future__ import annotations

from datetime import date

from honorcard import roc
from honorcard.card import slip
from honorcard.problems import ProblemError
from kiosk.reading import texts_in_frame


def slip_in_frame(jpeg: bytes) -> str | None:
    """The text of the slip that a camera frame shows; None when it shows none."""
    for text in texts_in_frame(jpeg):
        try:
            slip.read_slip(text.strip())
        except ProblemError:
            continue
        return text.strip()
    return None


def birth_date(typed: str, today: date) -> date:
    """The birth date, ROC or Gregorian. ProblemError with a `date_` code for anything that is none."""
    reading = roc.read(typed)
    if reading.date is None or reading.date > today:
        raise ProblemError(f"date_{reading.problem or 'unreadable'}")
    return reading.date
