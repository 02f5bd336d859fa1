"""Names: the test names of domain rules §6 and what may not be stored or shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honorcard import names
from honorcard.problems import CATALOGUE

REAL_NAMES = [
    "李大明",
    "王𡍼名",
    "歐陽菲菲",
    "夏曼‧藍波安",
    "Voyʉ e Yakumangana ne Paayai",
    "謝李陳美玉",
    "游錫堃",
    "陳𣎴",
    "NGUYEN THI HOA",
    "伍" * 50,
    "林𰻝",  # plane 3
    "林\U00031350",  # newer than Python's own tables
    "葛\U000e0100城",  # a variation selector chooses the written form
    "Watan Nokan 瓦旦",
    "O’Brien",
]


@pytest.mark.parametrize("name", REAL_NAMES)
def test_a_real_name_may_be_stored_as_typed(name: str) -> None:
    assert names.problem(name) is None
    assert names.tidy(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "name_empty"),
        ("  　", "name_empty"),
        ("‧", "name_empty"),
        ("12", "name_empty"),
        ("伍" * 51, "name_over_limit"),
        ("𡍼" * 51, "name_over_limit"),
        ("李\n大明", "name_characters"),
        ("李\x00大明", "name_characters"),
        ("李\u202e大明", "name_characters"),
        ("李\u200b大明", "name_characters"),
        ("李\u2028大明", "name_characters"),
        ("\ud83d", "name_characters"),
        ("\u3164", "name_characters"),
        ("李\u3164明", "name_characters"),
        ("\uffa0\u115f", "name_characters"),
        ("李\u2800明", "name_characters"),
        ("李\u034f明", "name_characters"),
        ("李" + "\u0301" * 5, "name_characters"),
        ("李" + "\u0301" * 5000, "name_characters"),
        ("李\ue001明", "name_private_use"),
        ("\ue001", "name_private_use"),
    ],
)
def test_what_cannot_be_a_name_says_why(name: str, problem: str) -> None:
    assert names.problem(name) == problem
    assert problem in CATALOGUE


def test_fifty_rare_characters_and_marks_count_as_fifty() -> None:
    assert names.problem("𡍼" * 50) is None
    assert names.problem("e\u0331" * 50) is None  # a letter with a mark that has no composed form


def test_four_marks_may_stand_on_a_letter_and_every_rare_ideograph_may_be_written() -> None:
    assert names.problem("a\u0324\u0331\u033b\u035a") is None
    for rare in (0x20000, 0x2FA1D, 0x33479, 0x3FFFD):
        assert names.problem("王" + chr(rare)) is None
    for nothing in (0x1FFFF, 0x3FFFE, 0x40000):
        assert names.problem("王" + chr(nothing)) == "name_characters"


def test_a_compatibility_ideograph_stays_the_one_on_the_document() -> None:
    assert names.tidy("\ufa19木") == "\ufa19木"
    assert names.tidy("e\u0301\ufa19e\u0301") == "é\ufa19é"


def test_spaces_at_the_ends_go_and_runs_become_one() -> None:
    assert names.tidy("  NGUYEN　 THI  HOA ") == "NGUYEN THI HOA"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("夏曼‧藍波安", "夏曼·藍波安"),
        ("夏曼‧藍波安", "夏曼・藍波安"),
        ("夏曼‧藍波安", "夏曼．藍波安"),
        ("夏曼‧藍波安", "夏曼 . 藍波安"),
        ("Ma’ah", "MA'AH"),
        ("Ma’ah", "ma´ah"),
        ("NGUYEN THI HOA", "Ｎguyen　Thi Hoa"),
        ("李大明", "李 大 明"),
        ("神木", "\ufa19木"),
        ("葛城", "葛\U000e0100城"),
        ("José", "Jose\u0301"),
    ],
)
def test_spellings_of_one_name_fold_to_one_key(one: str, other: str) -> None:
    assert names.fold(one) == names.fold(other)


def test_every_selector_of_a_written_form_is_nothing_to_a_comparison() -> None:
    for selector in ("\ufe00", "\ufe0f", "\U000e0100", "\U000e01ef"):
        assert names.fold(f"葛{selector}城") == "葛城"
    assert names.fold("葛\U000e01f0城") == names.fold("葛城")  # no character at all, and never shown


def test_full_width_letters_and_signs_compare_as_half_width_from_first_to_last() -> None:
    assert names.fold("！Ａ～") == "!a~"
    assert names.fold("｟") == "｟"  # beyond the last


@pytest.mark.parametrize(("one", "other"), [("台大明", "臺大明"), ("李明", "李眀"), ("王𡍼名", "王塗名")])
def test_different_names_stay_different(one: str, other: str) -> None:
    assert names.fold(one) != names.fold(other)


@given(st.text())
def test_folding_twice_changes_nothing(name: str) -> None:
    assert names.fold(names.fold(name)) == names.fold(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("李大明", "李○明"),
        ("李明", "李○"),
        ("李", "○"),
        ("歐陽菲菲", "歐○○菲"),
        ("王𡍼名", "王○名"),
        ("陳𣎴", "陳○"),
        ("夏曼‧藍波安", "夏○‧○○安"),
        ("NGUYEN THI HOA", "N○○○○○ T○○ H○○"),
        ("Voyʉ e Yakumangana", "V○○○ ○ Y○○○○○○○○○○"),
        ("A B", "○ ○"),
        ("X", "○"),
        ("Ai", "A○"),
        ("O’Brien", "O○○○○○○"),
        ("Watan’ Nokan", "W○○○○○ N○○○○"),
        ("ʼAtolan", "ʼ○○○○○○"),
        ("Watan 瓦旦", "W○○○○ 瓦○"),
        ("葛\U000e0100城", "葛\U000e0100○"),
        ("", ""),
        ("‧", "○"),
    ],
)
def test_a_masked_name_keeps_its_shape_only(name: str, shown: str) -> None:
    assert names.mask(name) == shown


@given(st.text(min_size=1).filter(lambda name: names.tidy(name) and "○" not in name))
def test_a_mask_never_shows_the_whole_name(name: str) -> None:
    assert names.mask(name) != names.tidy(name)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", None),
        ("  ", None),
        ("LEE, TA-MING", None),
        ("Voyʉ e Yakumangana ne Paayai", None),
        ("O’Brien", None),
        ("José Núñez Jr.", None),
        ("e\u0331" * 50, None),
        ("A" * 51, "english_name_over_limit"),
        ("李大明", "english_name_letters"),
        ("Lee 大明", "english_name_letters"),
        ("ＬＥＥ", "english_name_letters"),
        ("Иван", "english_name_letters"),
        ("LEE\nTA", "english_name_letters"),
        ("R2D2", "english_name_letters"),
        ("-", "english_name_letters"),
    ],
)
def test_a_romanised_name_is_optional_and_latin(name: str, problem: str | None) -> None:
    assert names.english_problem(name) == problem
    assert problem is None or problem in CATALOGUE
