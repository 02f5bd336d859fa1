"""An application's record books, pages, rows and trainings, as a reviewer compares them with the photographs.

Every sum is made here: of each page and of the whole, minutes added before they are floored (A14). What is not here: the verdict
(findings).
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from honorcard import evidence, hours, training
from honorcard.claims import Claim
from honorcard.problems import Language
from honorcard.reason_texts import TRAINING_NAMES
from sync import claims, wire


@dataclass(frozen=True)
class PageRows:
    """The rows that stand on one page. slot: of its photograph, empty for rows of which nobody said where they stand."""

    words: str
    slot: str
    rows: tuple[tuple[int, wire.ServiceRow], ...]  # each with its place among all, from 1
    minutes: int


@dataclass(frozen=True)
class Papers:
    """What the application rests on. photos: words for photographs by place, `page-2`. half_hours: of all rows."""

    pages: tuple[PageRows, ...]
    photos: dict[str, str]
    minutes: int
    half_hours: int
    trainings: tuple[tuple[str, wire.Training, str], ...]
    standing: training.Standing | None
    missing: str


def papers(body: wire.ApplicationBody, claim: Claim, language: Language) -> Papers:
    """The papers of an application in words; claim: the one it makes."""
    pages = claims.pages_of(body.photos)
    photos = {f"page-{position}": evidence.words(page, language) for position, page in pages.items()}
    covers = [photo.position for photo in body.photos if photo.slot == "cover"]
    if len(covers) > 1:
        photos |= {_slot("cover", at): gettext("第 %(n)s 本的封面", n=at or 1) for at in covers}
    numbered = list(enumerate(body.rows, 1))
    order = sorted(pages, key=lambda position: (pages[position].place, position))
    groups = [
        _page(photos[f"page-{position}"], f"page-{position}", [row for row in numbered if row[1].page == position])
        for position in order
    ]
    placed = [_page("", "", [row for row in numbered if row[1].page not in pages]), *groups]
    minutes = sum(row.minutes for row in body.rows)
    standing = claim.trained
    names = [TRAINING_NAMES[kind][language != "zh"] for kind in (standing.missing if standing else ())]
    return Papers(
        tuple(group for group in placed if group.rows),
        photos,
        minutes,
        hours.from_minutes(minutes),
        tuple(
            (TRAINING_NAMES[found.kind][language != "zh"], found, _certificate(body, at))
            for at, found in enumerate(body.trainings or (), 1)
        ),
        standing,
        ("、" if language == "zh" else ", ").join(names),
    )


def _page(words: str, slot: str, rows: list[tuple[int, wire.ServiceRow]]) -> PageRows:
    return PageRows(words, slot, tuple(rows), sum(row.minutes for _, row in rows))


def _certificate(body: wire.ApplicationBody, place: int) -> str:
    """The place of a training's certificate among the photographs: the basic one's is 1, the special ones' from 2."""
    trainings = body.trainings or ()
    has_basic = any(found.kind == "basic" for found in trainings)
    position = place if has_basic else place + 1
    taken = any(photo.slot == "certificate" and photo.position == position for photo in body.photos)
    return _slot("certificate", position) if taken else ""


def _slot(slot: str, position: int) -> str:
    return f"{slot}-{position}" if position else slot
