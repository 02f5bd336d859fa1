"""A sheet that is made, put on other paper: only the page changes, never what is drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from honorcard.card.sheet import CardFace, Paper, render
from honorcard.card.sheet_paper import on_paper, orientation_of
from honorcard.jurisdiction import TAIPEI, Orientation
from tests.honorcard.card.test_sheet import MADE, boxes_mm, check_whole, face, pictures, words_of  # noqa: F401 (a fixture)

PAPERS: tuple[Paper, ...] = ("card", "two-pages", "a4")


def made(of: CardFace, paper: Paper, orientation: Orientation = "landscape") -> bytes:
    return render([of], replace(TAIPEI, orientation=orientation), created=MADE, paper=paper)


@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
@pytest.mark.parametrize("paper", PAPERS)
def test_it_has_the_boxes_of_a_sheet_made_for_that_paper(
    face: CardFace,  # noqa: F811
    paper: Paper,
    orientation: Orientation,
    tmp_path: Path,
):
    changed = on_paper(made(face, "folded", orientation), paper)
    assert boxes_mm(changed) == boxes_mm(made(face, paper, orientation))
    assert b"/PrintScaling /None" in changed
    check_whole(changed, tmp_path)


@pytest.mark.parametrize("paper", PAPERS)
def test_it_looks_like_a_sheet_made_for_that_paper(face: CardFace, paper: Paper, tmp_path: Path):  # noqa: F811
    changed = pictures(on_paper(made(face, "folded"), paper), tmp_path, 75)
    direct = pictures(made(face, paper), tmp_path, 75)
    for one, other in zip(changed, direct, strict=True):
        pairs = zip(one.convert("L").tobytes(), other.convert("L").tobytes(), strict=True)
        unlike = sum(abs(a - b) > 60 for a, b in pairs) / (one.width * one.height)
        assert unlike < 0.03, "nothing but the cut and fold lines that a face alone does not have"
    assert len(changed) == len(direct)


def test_there_and_back_and_the_same_bytes_each_time(face: CardFace):  # noqa: F811
    sheet = made(face, "folded")
    assert orientation_of(sheet) == "landscape"
    assert orientation_of(made(face, "a4", "portrait")) == "portrait"
    assert on_paper(sheet, "folded") == sheet
    assert on_paper(sheet, "a4") == on_paper(sheet, "a4") != sheet
    assert on_paper(sheet, "a4").startswith(sheet.rstrip(b"\n")), "what the center made is in it, byte for byte"
    assert words_of(on_paper(sheet, "card")) == words_of(made(face, "card"))


def test_what_is_no_single_card_of_ours_stays_as_it_is(face: CardFace):  # noqa: F811
    two = render([face, face], TAIPEI, created=MADE)
    for pdf in (b"", b"%PDF-1.4\n%%EOF\n", two, render([face], TAIPEI, created=MADE, paper="a4-four")):
        assert orientation_of(pdf) is None
        assert on_paper(pdf, "a4") == pdf
    with pytest.raises(ValueError, match="four cards"):
        on_paper(made(face, "folded"), "a4-four")
