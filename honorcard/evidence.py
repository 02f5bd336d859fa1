"""What a service row or a training is read from: a page of a paper record book, an inserted page, or a print-out of the
national system; and what of it is missing.

Since 115.01.01 paper books need no longer be issued (R56), while the three years an application looks back on reach over
that day: both kinds stand side by side. What is not here: the pictures (scanner), the rows (records).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from honorcard.jurisdiction import Jurisdiction
from honorcard.problems import Language

EvidenceKind = Literal["book_page", "inserted_page", "printout"]
EVIDENCE_KINDS: tuple[EvidenceKind, ...] = get_args(EvidenceKind)
EvidenceProblem = Literal["printout_too_early", "printout_from_future", "evidence_place"]

LAST_BOOK = 20  # books of one person; the longest-serving have a handful
LAST_PAGE = 500


@dataclass(frozen=True)
class Evidence:
    """One page on which rows stand.

    book: which of the person's books, from 1, oldest first; 0 for a print-out. page: its number, from 1; an inserted page
    continues the book's numbers, or stands behind the page whose number it repeats (§2.3: pages are added, not books).
    printed_on: of a print-out.
    """

    kind: EvidenceKind = "book_page"
    book: int = 1
    page: int = 1
    printed_on: date | None = None

    @property
    def place(self) -> tuple[int, int, bool]:
        """The order in which a reviewer leafs: print-outs last, an inserted page behind the one it was put in after."""
        return (self.book or LAST_BOOK + 1, self.page, self.kind == "inserted_page")


def problem(evidence: Evidence, on: date, rules: Jurisdiction) -> EvidenceProblem | None:
    """The catalogue code of what keeps a page from being evidence on a day, None when nothing does. Source: R56."""
    is_printout = evidence.kind == "printout"
    book_right = evidence.book == 0 if is_printout else 1 <= evidence.book <= LAST_BOOK
    if not book_right or not 1 <= evidence.page <= LAST_PAGE:
        return "evidence_place"
    if not is_printout:
        return None
    printed_on = evidence.printed_on or on
    if printed_on > on:
        return "printout_from_future"
    return "printout_too_early" if printed_on < rules.printouts_since else None


def has_record(evidence: Iterable[Evidence], on: date, rules: Jurisdiction) -> bool:
    """Whether R1 is met: a paper book, or from 115.01.01 on a print-out of what replaced it (R56)."""
    return any(problem(page, on, rules) is None for page in evidence)


def missing_pages(evidence: Iterable[Evidence]) -> tuple[tuple[int, int], ...]:
    """(book, page) of pages that were left out between the first and the last one of each book; print-outs as book 0.

    A hint for the reviewer: a book may be photographed from any page on, but a hole within is worth a question.
    """
    pages: dict[int, set[int]] = {}
    for page in evidence:
        pages.setdefault(page.book, set()).add(page.page)
    return tuple(
        (book, page)
        for book in sorted(pages)
        for page in range(min(pages[book]), max(pages[book]))
        if page not in pages[book]
    )


def words(evidence: Evidence, language: Language) -> str:
    """Where to look, for a person: 「第 2 本第 5 頁」, 「全國系統列印第 1 頁」; the first book needs no number."""
    zh = language == "zh"
    if evidence.kind == "printout":
        return f"全國系統列印第 {evidence.page} 頁" if zh else f"national system print-out, page {evidence.page}"
    inserted = evidence.kind == "inserted_page"
    if zh:
        book = f"第 {evidence.book} 本" if evidence.book > 1 else ""
        return f"{book}第 {evidence.page} 頁{'（加頁）' if inserted else ''}"
    book = f"book {evidence.book}, " if evidence.book > 1 else ""
    return f"{book}page {evidence.page}{' (inserted)' if inserted else ''}"
