"""The sample people's photographs as JPEG files in a folder: drawn once, on every core, found there the next time."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from center.sample import cardface, pages, portraits, printouts
from center.sample.people import Person
from center.sample.service import UNIT
from sync.wire import Slot

PAGE_SIZE = (858, 1200)
JPEG_QUALITY = 82
_EARLIER: Slot = "previous_card"
_COVER: Slot = "cover"


@dataclass(frozen=True)
class Photograph:
    """One JPEG with its size in pixels."""

    slot: Slot
    position: int
    jpeg: bytes
    width: int
    height: int


def draw_all(people: Sequence[Person], folder: Path, drawn: Callable[[int], None]) -> None:
    """Draws what is not in the folder yet; `drawn` hears the number of people done and may raise to stop."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [person for person in people if not _complete(person, folder)]
    done = len(people) - len(missing)
    drawn(done)
    if not missing:
        return
    parent = os.getpid()
    with ProcessPoolExecutor(
        min(8, os.cpu_count() or 1, len(missing)), initializer=_settle, initargs=(parent,)
    ) as pool:
        try:
            for finished in as_completed([pool.submit(_draw, person, folder) for person in missing]):
                finished.result()
                done += 1
                drawn(done)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _settle(parent: int) -> None:
    """A drawing process leaves Ctrl-C to its parent, and never outlives it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def of(person: Person, folder: Path) -> tuple[Photograph, ...]:
    """The person's photographs in the order of their application: headshot, cover, pages, the card to be renewed."""
    return tuple(_read(folder / name, slot, position) for name, slot, position in _names(person))


def _names(person: Person) -> list[tuple[str, Slot, int]]:
    stem = f"{person.index:02d}"
    inside = len(person.pages)
    return [
        (f"{stem}-headshot.jpg", "headshot", 0),
        (f"{stem}-cover.jpg", "cover", 0),
        *((f"{stem}-cover-{book}.jpg", _COVER, book) for book in range(2, len(person.books) + 1)),
        *((f"{stem}-page-{number}.jpg", "page", number) for number in range(1, inside + 1)),
        *(() if person.previous_valid_until is None else ((f"{stem}-previous.jpg", _EARLIER, 0),)),
    ]


def _complete(person: Person, folder: Path) -> bool:
    return all((folder / name).exists() for name, _, _ in _names(person))


def _draw(person: Person, folder: Path) -> None:
    issuer = f"臺北市{UNIT}"
    drawn = [
        portraits.draw(person.look),
        pages.cover(
            person.name, person.book_prefix, person.book_number, issuer,
            issued_on=person.book_issued_on, seed=person.index, size=PAGE_SIZE,
        ),
        *(
            pages.cover(
                person.name, book.prefix, book.number, issuer, issued_on=book.issued_on or person.book_issued_on,
                seed=person.index + 100 * place, size=PAGE_SIZE,
            )
            for place, book in enumerate(person.books[1:], 1)
        ),
        *(_page(person, at) for at in range(len(person.pages))),
    ]  # fmt: skip
    if person.previous_valid_until is not None:
        young = portraits.draw(replace(person.look, age=person.look.age - 3))
        drawn.append(cardface.draw(person.name, person.previous_number, person.previous_valid_until, young, None))
    for (name, _, _), picture in zip(_names(person), drawn, strict=True):
        draft = folder / f".{name}"
        picture.save(draft, format="JPEG", quality=JPEG_QUALITY)
        draft.rename(folder / name)


def _page(person: Person, at: int) -> Image.Image:
    """One page with its twelve rows: of the book, or of a print-out."""
    rows = person.rows[at * pages.ROWS_A_PAGE : (at + 1) * pages.ROWS_A_PAGE]
    shown = person.pages[at]
    if shown.kind == "printout":
        printed_on = shown.printed_on or person.submitted_on
        return printouts.draw(person.name, rows, printed_on, number=shown.page, size=PAGE_SIZE)
    words = f"第 {shown.page} 頁" + ("（加頁）" if shown.kind == "inserted_page" else "")
    return pages.page(rows, number=at + 1, words=words, seed=person.index, size=PAGE_SIZE)


def _read(file: Path, slot: Slot, position: int) -> Photograph:
    content = file.read_bytes()
    with Image.open(io.BytesIO(content)) as picture:
        return Photograph(slot, position, content, picture.width, picture.height)
