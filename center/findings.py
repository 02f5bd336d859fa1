"""What a reviewer finds beside a case's photographs: the verdict with its reasons, or what a case about a card comes to.

Context for the desk's page, in the language of the request. What is not here: the decisions (decisions, issue).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import Connection

from center import decisions, evidence, reissues
from center.settings import Settings
from center.store.cases import Case
from center.words import place as photo_place
from honorcard import corrections, identity, picture_hints, remarks, roc, wording
from honorcard.card import cases as card_cases
from honorcard.claims import Reason, Verdict
from honorcard.review import OPEN_STATES
from web.languages import language


def judged(conn: Connection, settings: Settings, found: Case, today: date) -> dict[str, Any]:
    """An application's verdict, for the page. stands: a reviewer can approve it with one key. ticked: grounds of refusal."""
    claim = decisions.claim(conn, found)
    verdict = decisions.verdict_on(claim, settings, found)
    rules = settings.rules_on(found.body.submitted_on)
    if found.state in OPEN_STATES:
        verdict = replace(verdict, notes=(*verdict.notes, *remarks.at_decision(verdict, today, rules)))
    return {
        "about": None,
        "verdict": verdict,
        "headline": _headline(found, verdict),
        "requirements": wording.requirements(verdict, claim, rules, language()),
        "reasons": [_said(reason) for reason in verdict.reasons],
        "notes": [_said(note) for note in verdict.notes],
        "doubted_rows": _doubted(verdict),
        "papers": evidence.papers(found.body, claim, language()),
        "stands": verdict.passed,
        "ticked": [reason.code for reason in verdict.reasons],
        "hinted": hinted(found),
        "said_place": _said_place,
    }


def about_card(conn: Connection, settings: Settings, found: Case, queue: str, today: date) -> dict[str, Any]:
    """A case about a card, for the page: what stands against it, what it becomes, what the reviewer has to verify."""
    about = reissues.look(conn, settings, found, today)
    problem = about.problem
    may_verify = queue == "second" and about.must_verify and found.state == "second_review"
    ticked = {"card_over": "card_over", "card_suspended": "card_ended", "card_ended_already": "card_ended"}
    return {
        "about": about,
        "obstacle": problem.sentence(language()) if problem is not None else "",
        "verdict": None,
        "stands": about.is_clean and not may_verify,
        "may_verify": may_verify,
        "until_typed": roc.dotted(about.valid_until) if about.valid_until is not None else "",
        "ticked": [ticked[problem.code]] if problem is not None and problem.code in ticked else [],
        "doubted_rows": set(),
        "hinted": hinted(found),
        "said_place": _said_place,
        "mask": identity.mask,
        "card_words": lambda code: card_cases.name(code, language()),
    }


def _said(reason: Reason) -> tuple[str, str, str]:
    """A reason or note: its figures, its rule, what to do."""
    words = wording.reason_words(reason, language())
    return words.text, reason.rule, words.remedy


def hinted(found: Case) -> list[tuple[str, str]]:
    """What the tablet saw in photographs that were kept all the same: the photograph's place, and the words."""
    said = [(photo_place(photo), picture_hints.words(photo.hints, language())) for photo in found.body.photos]
    return [(place, words) for place, words in said if words]


def _said_place(place: str) -> str:
    """A photograph's place in words."""
    return corrections.slot_words(place, language())


def _headline(found: Case, verdict: Verdict) -> str:
    """The verdict in one line: all met, how many places to look at, or the first thing that is missing."""
    if not verdict.passed:
        return wording.headline(verdict, found.submitted_on, language())
    looks = len(verdict.notes) + len(found.flags) + len(hinted(found))
    return str(gettext("都符合，有 %(n)s 處請看", n=looks) if looks else gettext("都符合"))


def _doubted(verdict: Verdict) -> set[int]:
    """Places (from 1) of the service rows that a note speaks of."""
    places = (note.details.get("rows") for note in verdict.notes)
    return {place for rows in places if isinstance(rows, list) for place in rows}
