"""What a tablet saw in a kept photograph, for a reviewer."""

from __future__ import annotations

from honorcard import picture_hints
from honorcard.problems import CATALOGUE
from scanner import words

# said to the photographer alone: nothing is hidden by it
MILD = {
    "page_tilted", "page_askew", "page_upside_down", "page_sideways_left", "page_sideways_right", "face_busy_background",
}  # fmt: skip


def test_a_tablets_own_hints_lose_their_place_and_what_is_mild():
    assert picture_hints.told(("page_tilted", "page_glare@00.21", "page_glare@11", "page_dark")) == (
        "page_glare",
        "page_dark",
    )


def test_hints_are_told_in_a_word_or_two_and_an_unknown_one_is_left_out():
    assert picture_hints.words(("page_blurred", "page_glare"), "zh") == "模糊、反光"
    assert picture_hints.words(("face_no_face", "seen_by_a_newer_tablet"), "en") == "no face"
    assert picture_hints.words((), "zh") == ""


def test_every_finding_that_asks_for_another_picture_has_words():
    codes = {words.problem_code("page", code) for code in words.PAGE_FINDINGS}
    codes |= {words.problem_code("face", code) for code in words.FACE_FINDINGS}
    for code in codes - MILD:
        assert code in CATALOGUE
        for language in ("zh", "en"):
            assert picture_hints.words((code,), language), code
