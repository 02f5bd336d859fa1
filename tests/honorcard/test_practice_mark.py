"""練習 on a sheet that is made already: on each of its pages, with its words as they were; no foreign page goes unmarked."""

from __future__ import annotations

import subprocess
from datetime import datetime

import pytest

from honorcard.card import slip
from honorcard.card.receipt import new_receipt
from honorcard.practice_mark import NotOursError, marked

NOW = datetime(2026, 11, 22, 9, 0).astimezone()


def slips(count: int) -> bytes:
    made = [slip.Slip(new_receipt(), b"1" * 16, "林○琴", NOW, "練習") for _ in range(count)]
    return slip.render_slips(made, "zh", created=NOW)


def words(pdf: bytes, folder) -> str:
    (folder / "one.pdf").write_bytes(pdf)
    subprocess.run(["qpdf", "--check", folder / "one.pdf"], check=True, capture_output=True)
    return subprocess.run(["pdftotext", folder / "one.pdf", "-"], check=True, capture_output=True).stdout.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_each_page_is_marked_and_its_words_stay(count, tmp_path):
    before = slips(count)
    after = marked(before)
    assert after.startswith(before.rstrip())
    assert words(after, tmp_path) == words(before, tmp_path)
    subprocess.run(["pdftoppm", "-r", "40", tmp_path / "one.pdf", tmp_path / "plain"], check=True)
    (tmp_path / "one.pdf").write_bytes(after)
    subprocess.run(["pdftoppm", "-r", "40", tmp_path / "one.pdf", tmp_path / "marked"], check=True)
    pages = sorted(tmp_path.glob("plain-*")), sorted(tmp_path.glob("marked-*"))
    assert [len(one) for one in pages] == [count, count]
    assert all(one.read_bytes() != other.read_bytes() for one, other in zip(*pages, strict=True))


def test_the_same_bytes_in_give_the_same_bytes_out():
    made = slips(1)
    assert marked(made) == marked(made)


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.4\n%%EOF\n", b"no document"])
def test_what_is_not_ours_cannot_be_marked(pdf):
    with pytest.raises(NotOursError):
        marked(pdf)
