"""Nationalities for a passport: ISO 3166 codes with their names in both languages, from Babel's own tables."""

from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale

_CODE = re.compile(r"[A-Z]{2}")
_NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
# who serves as a volunteer here most often, first in the list
_FIRST = ("VN", "ID", "PH", "TH", "MY", "JP", "KR", "US", "HK", "MO", "SG", "IN")


@lru_cache(maxsize=4)
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """Code and name of every country, the frequent ones first, the others by name."""
    territories = Locale.parse("en" if language == "en" else "zh_Hant_TW").territories
    known = {code: name for code, name in territories.items() if _CODE.fullmatch(code) and code not in _NOT_COUNTRIES}
    frequent = [(code, known.pop(code)) for code in _FIRST if code in known]
    return (*frequent, *sorted(known.items(), key=lambda entry: entry[1]))


def is_country(code: str) -> bool:
    """Whether a form's value is a code of the list."""
    return any(code == known for known, _ in countries("en"))


def country_name(code: str, language: str) -> str:
    """The name of a country; the code itself when it is unknown."""
    return dict(countries(language)).get(code, code)
