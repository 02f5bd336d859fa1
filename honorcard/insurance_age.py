"""Up to which age insurers take volunteers, as information (R63): no rule of a card asks for insurance.

Source: the national liaison meeting of 113, 「新光 75歲、第一 80歲」. Units without volunteers of 75 insure themselves; others go
through the city government.
"""

from __future__ import annotations

from datetime import date

AGE_LIMITS: tuple[tuple[str, int], ...] = (("新光", 75), ("第一", 80))  # R63


def age_on(birth_date: date, on: date) -> int:
    """Full years on a day; somebody born on 29 February is a year older on 1 March where there is none."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def beyond(birth_date: date | None, on: date) -> list[tuple[str, int]]:
    """The insurers whose limit a person has reached, with it; none when the birth date is not known."""
    if birth_date is None:
        return []
    age = age_on(birth_date, on)
    return [(insurer, limit) for insurer, limit in AGE_LIMITS if age >= limit]
