"""Which page of which record book each photograph shows, or which page of a print-out.

What a person said stands; the rest follows from the page before, so that whoever leafs through one book from its first page
types nothing. A cover photographed between two pages begins the next book. What is not here: what makes a page evidence
(honorcard.evidence), the photographs themselves (pictures).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import gettext
from msgspec.structs import replace

from honorcard import evidence, roc
from honorcard.jurisdiction import Jurisdiction
from kiosk.asking.forms import Trouble, day_of
from kiosk.drafting import Answers, DraftPhoto, Record
from sync.claims import page_of
from sync.wire import Evidence, ServiceRow


def shown(answers: Answers, photos: Sequence[DraftPhoto]) -> dict[int, Evidence]:
    """What each photographed page shows, by its position; pages that stay as they were sent are among them."""
    pages = {photo.position: photo for photo in photos if photo.slot == "page"}
    kept = {photo.position: photo.evidence for photo in answers.kept if photo.slot == "page"}
    covers = sorted((photo.taken_ms, photo.position or 1) for photo in photos if photo.slot == "cover")
    found: dict[int, Evidence] = {}
    before: Evidence | None = None
    for position in sorted({*pages, *kept}):
        taken = pages.get(position)
        said = (taken.evidence if taken is not None else None) or kept.get(position) or dict(answers.were).get(position)
        before = said or _next(before, answers.record, _opened(covers, taken))
        found[position] = before
    return found


def _opened(covers: Sequence[tuple[int, int]], page: DraftPhoto | None) -> int:
    """The book whose cover was the last one photographed before that page; 1 when none was."""
    if page is None:
        return 1
    return max((book for taken_ms, book in covers if taken_ms <= page.taken_ms), default=1)


def _next(before: Evidence | None, record: Record, opened: int) -> Evidence:
    """What most likely follows a page: the next of the same book or print-out, the first of a book just opened."""
    if before is None:
        return Evidence(kind="printout", book=0) if record == "printout" else Evidence(book=opened)
    if before.kind == "printout":
        return replace(before, page=before.page + 1)
    if opened > before.book:
        return Evidence(book=opened)
    return Evidence(book=before.book, page=before.page + 1)


def books_shown(answers: Answers, photos: Sequence[DraftPhoto]) -> int:
    """How many record books there are, by covers, pages and numbers; 0 for somebody with print-outs only."""
    if answers.record == "printout":
        return 0
    covers = [photo.position or 1 for photo in photos if photo.slot == "cover"]
    covers += [photo.position or 1 for photo in answers.kept if photo.slot == "cover"]
    pages = [page.book for page in shown(answers, photos).values()]
    return max([1, len(answers.books), *covers, *pages])


def unnumbered(answers: Answers, photos: Sequence[DraftPhoto]) -> tuple[int, ...]:
    """The books whose cover was photographed and whose number nobody typed, by their place from 1."""
    if not answers.books:
        return ()  # the question itself is open then
    covers = {photo.position or 1 for photo in photos if photo.slot == "cover"}
    covers |= {photo.position or 1 for photo in answers.kept if photo.slot == "cover"}
    return tuple(sorted(book for book in covers if book > len(answers.books)))


def rows_placed(rows: Sequence[ServiceRow], shown: Mapping[int, Evidence]) -> tuple[ServiceRow, ...]:
    """The rows with the page each stands on: the one that was chosen, or the only one there is."""
    only = next(iter(shown)) if len(shown) == 1 else None
    return tuple(row if row.page in shown else replace(row, page=only) for row in rows)


def read(typed: Mapping[str, str], today: date, rules: Jurisdiction) -> tuple[Evidence | None, tuple[Trouble, ...]]:
    """The place a form says: `page_kind`, `book`, `page`, `printed_on`; None with the troubles when it cannot be."""
    troubles: list[Trouble] = []
    kind = typed.get("page_kind", "book_page")
    is_printout = kind == "printout"
    page = _number(typed.get("page", ""))
    if page is None or not 1 <= page <= evidence.LAST_PAGE:
        troubles.append(Trouble("page", gettext("頁碼"), "evidence_place"))
    book = 0 if is_printout else _number(typed.get("book", "1"))
    if book is None or not 0 <= book <= evidence.LAST_BOOK:
        troubles.append(Trouble("book", gettext("第幾本"), "evidence_place"))
    printed_on = None
    if is_printout and typed.get("printed_on", "").strip():
        printed_on = day_of(typed, "printed_on", gettext("列印日期"), troubles)
    if troubles or page is None or book is None or kind not in evidence.EVIDENCE_KINDS:
        return None, tuple(troubles)
    said = Evidence(kind=kind, book=book, page=page, printed_on=printed_on)
    wrong = evidence.problem(page_of(said), today, rules)
    if wrong is not None:
        field = "book" if wrong == "evidence_place" else "printed_on"
        return None, (Trouble(field, gettext("列印日期") if field == "printed_on" else gettext("第幾本"), wrong),)
    return said, ()


def typed_from(place: Evidence) -> dict[str, str]:
    """The fields of a place as they stand."""
    return {
        "page_kind": place.kind,
        "book": str(place.book or 1),
        "page": str(place.page),
        "printed_on": roc.dotted(place.printed_on) if place.printed_on else "",
    }


def _number(text: str) -> int | None:
    """A whole number as people write one, full-width digits too."""
    squeezed = text.strip()
    return int(squeezed) if squeezed.isdecimal() and len(squeezed) <= 4 else None
