"""The numbers of the record books, 字第 號, with the day of issue if it is read: one book, or several from the oldest on.

The first book's fields are `book_prefix`, `book_number`, `book_issued`; those of the second are `book_prefix-2` and so on.
Somebody who has print-outs of the national system only needs no number (R56).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext

from honorcard import roc
from honorcard.evidence import LAST_BOOK
from honorcard.records import RecordBook
from kiosk.asking.forms import Trouble, day_of
from kiosk.drafting import Record
from sync.wire import Book

FIELDS = ("book_prefix", "book_number", "book_issued")


def field(name: str, book: int) -> str:
    """The field of a book, counted from 1: `book_number` of the first, `book_number-2` of the second."""
    return name if book == 1 else f"{name}-{book}"


def count(typed: Mapping[str, str]) -> int:
    """How many books the fields make up, empty ones included."""
    places = [
        int(place)
        for key in typed
        for name, _, place in [key.removesuffix("_sure").partition("-")]
        if name in FIELDS and place.isdigit()
    ]
    return min(LAST_BOOK, max([1, *places]))


def with_book(typed: Mapping[str, str]) -> dict[str, str]:
    """The fields with one book more; its number mostly has the first one's prefix."""
    further = count(typed) + 1
    if further > LAST_BOOK:
        return dict(typed)
    return {**typed, field("book_prefix", further): typed.get("book_prefix", ""), field("book_number", further): ""}


def read(record: Record, typed: Mapping[str, str], today: date, troubles: list[Trouble]) -> tuple[Book, ...]:
    """The books that the fields name, oldest first; what is wrong is added to `troubles`."""
    numbered = [book for book in range(1, count(typed) + 1) if _has_number(typed, book)]
    needed = max([0 if record == "printout" else 1, *numbered])
    books = [_read_one(typed, book, today, troubles) for book in range(1, needed + 1)]
    return tuple(book for book in books if book is not None)


def _has_number(typed: Mapping[str, str], book: int) -> bool:
    """Whether anybody gave this book a number; a prefix alone was proposed."""
    names = ("book_number", "book_issued") if book > 1 else FIELDS
    return any(typed.get(field(name, book), "").strip() for name in names)


def _read_one(typed: Mapping[str, str], book: int, today: date, troubles: list[Trouble]) -> Book | None:
    before = len(troubles)
    prefix, number = (typed.get(field(name, book), "").strip() for name in ("book_prefix", "book_number"))
    wrong = RecordBook(prefix, number).problem()
    if wrong is not None:
        where = "book_number" if prefix or not number else "book_prefix"
        label = gettext("紀錄冊編號") if book == 1 else gettext("第 %(n)s 本的編號", n=book)
        troubles.append(Trouble(field(where, book), label, wrong))
    issued, issued_on = field("book_issued", book), None
    if typed.get(issued, "").strip():
        issued_on = day_of(typed, issued, gettext("領冊日期"), troubles, latest=today)
    return None if len(troubles) > before else Book(prefix=prefix, number=number, issued_on=issued_on)


def typed_from(books: tuple[Book, ...]) -> dict[str, str]:
    """The fields filled in from books that were not typed here: a returned case."""
    typed: dict[str, str] = {}
    for place, book in enumerate(books, 1):
        typed[field("book_prefix", place)], typed[field("book_number", place)] = book.prefix, book.number
        typed[field("book_issued", place)] = roc.dotted(book.issued_on) if book.issued_on else ""
    return typed
