"""The problem catalogue: every sentence that tells a person something went wrong, in zh-Hant and English.

One entry a problem: a code, the HTTP status it travels under (RFC 9457), and two sentences that say what happened and what to do
next. Details are named placeholders. What is not here: how a problem is rendered (each app's pages module does that, once).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from honorcard import roc
from honorcard.problems import (
    accounts,
    api,
    applying,
    card,
    center,
    desk,
    events,
    exchange,
    general,
    kiosk,
    people,
    pictures,
    practice,
    roster,
    rules,
    running,
    sync,
)
from honorcard.problems.entry import Language, Problem


class ProblemError(Exception):
    """A problem of the catalogue, raised with its details; never carries an identity number or a name."""

    def __init__(self, code: str, **details: Any) -> None:
        self.problem = CATALOGUE[code]
        self.details: Mapping[str, Any] = details
        super().__init__(code)

    @property
    def code(self) -> str:
        """The catalogue code."""
        return self.problem.code

    def sentence(self, language: Language) -> str:
        """The sentence for a person, details filled in."""
        return sentence(self.problem.code, language, self.details)

    def document(self, language: Language) -> dict[str, Any]:
        """The RFC 9457 problem document (`type`, `title`, `status`, plus the details as members)."""
        return {
            "type": f"urn:honorcard:problem:{self.code}",
            "title": self.sentence(language),
            "status": self.problem.status,
            **self.details,
        }


def sentence(code: str, language: Language, details: Mapping[str, Any] | None = None) -> str:
    """The sentence of a catalogue code in one language; a day is said as that language says it, unknown details stay
    as written in the sentence.
    """
    problem = CATALOGUE[code]
    template = problem.zh if language == "zh" else problem.en
    return template.format_map(_Kept({name: _said(value, language) for name, value in (details or {}).items()}))


def _said(value: Any, language: Language) -> Any:
    """A detail for people: `108.06.02` or `2 June 2019` for a day."""
    if not isinstance(value, date):
        return value
    return roc.dotted(value) if language == "zh" else f"{value.day} {value:%B} {value.year}"


class _Kept(dict[str, Any]):
    """Leaves `{name}` standing when the detail is missing, so that a sentence never fails to appear."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


ROOMS = (
    general, rules, pictures, applying, roster, card, sync, kiosk, accounts, center, running, desk, people, exchange, api, events,
    practice,
)  # fmt: skip

CATALOGUE: dict[str, Problem] = {entry.code: entry for room in ROOMS for entry in room.ENTRIES}

__all__ = ["CATALOGUE", "ROOMS", "Language", "Problem", "ProblemError", "sentence"]
