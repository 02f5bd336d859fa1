"""Reading what stands in a form's fields: days, e-mail addresses, what is asked back, and what is wrong where.

Typed text is kept letter by letter whether it can be read or not. The rules themselves are honorcard's; here they meet
fields and labels.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from honorcard import roc
from kiosk.drafting import Answers

_FIELD = re.compile(r"[a-z_]{1,30}(-[0-9]{1,3})?(_sure)?")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")
LONGEST_FIELD = 500  # characters kept of one field
MOST_FIELDS = 2500  # 200 rows of eight fields, and what was asked back
LONGEST_EMAIL = 254
FIRST_ROC_DAY = date(1912, 1, 1)


@dataclass(frozen=True)
class Trouble:
    """One thing to mend: the field's id, its label, and the catalogue's code with details.

    asks: nothing is wrong, the person is only asked whether it was meant so.
    """

    field: str
    label: str
    code: str
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    asks: bool = False


@dataclass(frozen=True)
class Reading:
    """What a form said: the answers as far as they could be read, and the troubles with the rest."""

    answers: Answers
    troubles: tuple[Trouble, ...] = ()


def typed_of(form: Mapping[str, str]) -> dict[str, str]:
    """The fields of a form worth keeping, as typed: no tokens, no buttons, nothing endless."""
    fields = {name: value[:LONGEST_FIELD] for name, value in form.items() if _FIELD.fullmatch(name)}
    for name in ("csrf_token", "act", "back"):
        fields.pop(name, None)
    return dict(list(fields.items())[:MOST_FIELDS])


def day_of(
    typed: Mapping[str, str],
    name: str,
    label: str,
    troubles: list[Trouble],
    *,
    latest: date | None = None,
    too_late: str = "date_in_future",
) -> date | None:
    """The day typed in a field; what is wrong with it is added to `troubles`.

    A year of one or two digits is asked back once (§4, pitfall 4): it counts when `<name>_sure` bears the day meant.
    latest: the last day that can be right; a later one is `too_late`.
    """
    text = typed.get(name, "")
    if not text.strip():
        troubles.append(Trouble(name, label, "date_missing"))
        return None
    reading = roc.read(text)
    if reading.date is None:
        troubles.append(Trouble(name, label, reading.problem_code or "date_unreadable"))
        return None
    if reading.date < FIRST_ROC_DAY:
        troubles.append(Trouble(name, label, "date_before_roc"))
        return None
    if latest is not None and reading.date > latest:
        troubles.append(Trouble(name, label, too_late, {"day": reading.date}))
        return None
    back = asked_back(text)
    if back is not None and typed.get(f"{name}_sure") != back["sure"]:
        troubles.append(Trouble(name, label, "date_short_year", back, asks=True))
        return None
    return reading.date


def asked_back(text: str) -> dict[str, Any] | None:
    """What to ask back about a date with a short year: `roc_year`, `year`, `sure`: the day as the form returns it."""
    reading = roc.read(text)
    if reading.note != "short_year" or reading.date is None:
        return None
    return {
        "roc_year": roc.roc_year(reading.date),
        "year": reading.date.year,
        "sure": reading.date.isoformat(),
        "day": reading.date,
    }


def email_of(typed: Mapping[str, str], troubles: list[Trouble]) -> str:
    """The e-mail address typed, empty when none is wished (R35) or it cannot be one."""
    text = typed.get("email", "").strip()
    if text and (len(text) > LONGEST_EMAIL or not _EMAIL.fullmatch(text)):
        troubles.append(Trouble("email", gettext("電子郵件"), "email_wrong"))
        return ""
    return text
