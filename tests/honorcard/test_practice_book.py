"""Record books for practice: forty different ones, the same again tomorrow's trainer prints, that pass but for the short one."""

from __future__ import annotations

import subprocess
from datetime import date, datetime
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from honorcard import identity, practice_book
from honorcard.claims import Claim
from honorcard.eligibility import judge
from honorcard.jurisdiction import TAIPEI as RULES
from honorcard.records import ServiceRow
from scanner import page

TODAY = date(2026, 11, 22)
SEATS = range(1, 41)


def claim(book: practice_book.Book, on: date) -> Claim:
    rows = tuple(ServiceRow(row.start, row.end, row.half_hours * 30) for row in book.rows)
    return Claim(applied_on=on, entries=rows)


@pytest.mark.parametrize("on", [TODAY, date(2028, 2, 29), date(2027, 1, 1)])
def test_every_seat_has_a_book_that_passes_and_one_that_lacks_hours(on):
    for seat in SEATS:
        assert judge(claim(practice_book.book(seat, on), on), RULES).reasons == ()
        short = judge(claim(practice_book.short_book(seat, on), on), RULES)
        assert [reason.code for reason in short.reasons] == ["hours_short"]


def test_no_two_seats_have_the_same_and_the_same_seat_has_the_same_again():
    books = [make(seat, TODAY) for seat in SEATS for make in (practice_book.book, practice_book.short_book)]
    for one in ("identity_number", "number"):
        assert len({getattr(book, one) for book in books}) == 80
    assert all(identity.read(book.identity_number).kind == "national" for book in books)
    assert len({book.rows for book in books}) == 80
    assert practice_book.book(7, TODAY) == practice_book.book(7, TODAY)
    rows = practice_book.book(7, TODAY).rows
    assert all(before.start < after.start and before.start <= before.end for before, after in pairwise(rows))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> list[Image.Image]:
    folder = tmp_path_factory.mktemp("book")
    made = practice_book.render([7], TODAY, created=datetime(2026, 11, 22, 9, 0).astimezone())
    (folder / "book.pdf").write_bytes(made)
    subprocess.run(["pdftoppm", "-r", "150", "-png", folder / "book.pdf", folder / "page"], check=True)
    text = subprocess.run(["pdftotext", folder / "book.pdf", "-"], check=True, capture_output=True).stdout.decode()
    assert text.count("練習用") >= practice_book.PAGES
    return [Image.open(path).convert("RGB") for path in sorted(folder.glob("page-*.png"))]


def test_each_page_is_found_when_it_lies_on_a_table(pictures):
    assert len(pictures) == practice_book.PAGES
    for number, picture in enumerate(pictures):
        table = np.random.default_rng(number).integers(70, 86, (2300, 1700, 3), dtype=np.uint8)
        photo = Image.fromarray(table)
        photo.paste(picture, (210, 260))
        laid = np.asarray(photo.rotate(3, resample=Image.Resampling.BICUBIC, fillcolor=(78, 78, 78)))[:, :, ::-1]
        found = page.find_corners(np.ascontiguousarray(laid))
        assert found is not None, number
        wide, tall = np.linalg.norm(found[1] - found[0]), np.linalg.norm(found[3] - found[0])
        assert abs(wide / picture.width - 1) < 0.02, number
        assert abs(tall / picture.height - 1) < 0.02, number


def test_practice_stands_across_every_page(pictures):
    for picture in pictures:
        pixels = np.asarray(picture.resize((210, 297))).astype(int)
        mark = (pixels[..., 0] > 240) & (pixels[..., 1] > 215) & (pixels[..., 2] < 200)
        assert mark.mean() > 0.01
