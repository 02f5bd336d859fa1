"""What the invented volunteers bring: mostly one book; some two, an inserted page, a national print-out; trainings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sync.wire import Book, Evidence, Training

# places in the cast
TWO_BOOKS = frozenset({4, 9, 16})
INSERTED = frozenset({5, 16})
PRINTOUT = frozenset({6, 18})
TRAINED = frozenset({3, 4, 5, 12, 16})
BASIC_ONLY = frozenset({10})
FIELD = "文化"


def pages_of(index: int, count: int, submitted_on: date) -> tuple[Evidence, ...]:
    """What each of somebody's photographed pages shows: the last one is the odd one."""
    pages = [Evidence(page=number) for number in range(1, count + 1)]
    if index in INSERTED and count > 1:
        pages[count // 2] = Evidence(kind="inserted_page", page=count // 2)
    if index in TWO_BOOKS and count > 1:
        pages[-1] = Evidence(book=2, page=1)
    if index in PRINTOUT:
        pages[-1] = Evidence(kind="printout", book=0, page=1, printed_on=submitted_on - timedelta(days=2))
    return _counted(pages)


def _counted(pages: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The pages of the first book numbered on; an inserted one bears the number of the one before it."""
    number, counted = 0, []
    for page in pages:
        is_numbered = page.kind == "book_page" and page.book == 1
        number += is_numbered
        counted.append(Evidence(page=number) if is_numbered else page)
    return tuple(counted)


def books_of(index: int, prefix: str, number: str, issued_on: date) -> tuple[Book, ...]:
    """Somebody's books, oldest first."""
    first = Book(prefix=prefix, number=number, issued_on=issued_on)
    if index not in TWO_BOOKS:
        return (first,)
    return (first, Book(prefix=prefix, number=f"{int(number) + 50_000:06d}", issued_on=issued_on + timedelta(days=700)))


def trainings_of(index: int, issued_on: date) -> tuple[Training, ...] | None:
    """Somebody's trainings; None where nobody asked, as for most."""
    basic = Training(
        kind="basic", completed_on=issued_on - timedelta(days=40), certificate=f"基字第 {index + 1:04d} 號"
    )
    if index in BASIC_ONLY:
        return (basic,)
    if index not in TRAINED:
        return None
    return (basic, Training(kind="special", completed_on=issued_on - timedelta(days=12), field=FIELD))
