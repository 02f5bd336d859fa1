"""Identity numbers: the vectors of domain rules §3.2, and what the check digit can and cannot see."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from honorcard import identity, identity_words
from honorcard.problems import CATALOGUE

NATIONAL = (
    "A123456789 A223456781 B120000008 F222222222 I100000003 L123456788 O299999994 W100000010 Z198765436 Y250000007"
)
UI_NEW = "A800000014 A900207177 F870123456 H988888880 I899999995 W900000007 A823456783 B971000012"
UI_OLD = "AA00000009 AB00207171 AC01234567 FD98765434 IB11111115 OC22222220 ZD50000001 TA03100002"
VALID = [
    *((number, "national") for number in NATIONAL.split()),
    *((number, "ui_new") for number in UI_NEW.split()),
    *((number, "ui_old") for number in UI_OLD.split()),
]


@pytest.mark.parametrize(("number", "kind"), VALID)
def test_a_valid_number_is_known_by_its_kind(number: str, kind: str) -> None:
    assert identity.read(number) == identity.IdentityNumber(number, kind, None)
    assert not identity.read(number).second_look


@pytest.mark.parametrize(
    ("number", "kind", "problem"),
    [
        ("A123456788", "national", "check_digit"),
        ("B123456789", "national", "check_digit"),
        ("L225464410", "national", "check_digit"),
        ("LI225464410", "unknown", "length"),
        ("A323456789", "unknown", "characters"),
        ("A12345678", "unknown", "length"),
        ("A1234567890", "unknown", "length"),
        ("AI23456789", "unknown", "characters"),
        ("A800000015", "ui_new", "check_digit"),
        ("A900207178", "ui_new", "check_digit"),
        ("F870123457", "ui_new", "check_digit"),
        ("H988888881", "ui_new", "check_digit"),
        ("I899999994", "ui_new", "check_digit"),
        ("W900000008", "ui_new", "check_digit"),
        ("A700000014", "unknown", "characters"),
        ("A987654321", "ui_new", "check_digit"),
        ("AA00000008", "ui_old", "check_digit"),
        ("AB00207172", "ui_old", "check_digit"),
        ("AC01234568", "ui_old", "check_digit"),
        ("FD98765435", "ui_old", "check_digit"),
        ("IB11111116", "ui_old", "check_digit"),
        ("AE00000009", "unknown", "characters"),
        ("1A00000009", "unknown", "characters"),
        ("", "unknown", "length"),
        ("身分證字號一二三四五", "unknown", "characters"),
        ("A12345678٩", "unknown", "characters"),
        ("A12345678O", "unknown", "characters"),
        ("ı123456789", "unknown", "characters"),
        ("123456789", "unknown", "length"),
        ("\ud800", "unknown", "length"),
    ],
)
def test_an_invalid_number_says_what_is_wrong(number: str, kind: str, problem: str) -> None:
    reading = identity.read(number)
    assert (reading.kind, reading.valid, reading.problem) == (kind, False, problem)
    assert reading.problem_code in CATALOGUE


@pytest.mark.parametrize("text", ["a123456789", " A123 456 789 ", "Ａ１２３４５６７８９", "ａ１２３　４５６７８９\n"])
def test_width_case_and_spaces_do_not_matter(text: str) -> None:
    assert identity.read(text) == identity.IdentityNumber("A123456789", "national", None)


def test_a_hyphen_belongs_to_no_national_number() -> None:
    assert identity.read("A-123456789").problem == "length"


@pytest.mark.parametrize(
    ("text", "number", "problem"),
    [
        ("c 123-456 7", "C1234567", None),
        ("Ｃ１２３４５６７８", "C12345678", None),
        ("312345678", "312345678", None),
        ("12345", "12345", None),
        ("A" * 20, "A" * 20, None),
        ("1234", "1234", "length"),
        ("A" * 21, "A" * 21, "length"),
        ("", "", "length"),
        ("ABC_123", "ABC_123", "characters"),
        ("護照號碼一", "護照號碼一", "characters"),
        ("A123456788", "A123456788", None),
    ],
)
def test_a_passport_number_is_checked_by_its_shape_only(text: str, number: str, problem: str | None) -> None:
    reading = identity.read(text, passport=True)
    assert reading == identity.IdentityNumber(number, "passport", problem)
    assert reading.second_look
    assert reading.problem_code is None or reading.problem_code in CATALOGUE


def test_a_passport_is_never_guessed_from_a_number_that_failed() -> None:
    assert identity.read("C12345678").kind == "unknown"


@example("U¨", False)
@example("i\u0307", True)
@given(st.text(max_size=30), st.booleans())
def test_any_text_gets_an_answer(text: str, passport: bool) -> None:
    reading = identity.read(text, passport)
    assert reading.valid == (reading.problem is None)
    assert identity.read(reading.number, passport) == reading


@given(st.sampled_from([number for number, _ in VALID]), st.integers(1, 8), st.integers(1, 9))
def test_a_wrong_digit_passes_only_where_weight_times_difference_is_a_multiple_of_ten(number, place, by) -> None:
    """The weights 8, 6, 5, 4 and 2 share a factor with ten; elsewhere every wrong digit is seen."""
    if not number[place].isdigit():
        return
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    reading = identity.read(wrong)
    difference = int(wrong[place]) - int(number[place])
    expected = (9 - place) * difference % 10 == 0
    if reading.kind != "unknown":
        assert reading.valid == expected


def test_lookalikes_are_the_slips_the_check_digit_lets_pass() -> None:
    assert identity.lookalikes("A123456789") == ("A123456798", "M123456789", "W123456789")
    assert identity.lookalikes("B120000008")[0] == "B120000080"
    assert identity.lookalikes("A123456788") == ()


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("A223456781", "A22****781"),
        ("AC01234567", "AC0****567"),
        ("C12345678", "C1*****78"),
        ("12345", "1***5"),
        ("A" * 20, "AAA" + "*" * 14 + "AAA"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_a_masked_number_gives_its_ends_only(number: str, shown: str) -> None:
    assert identity.mask(number) == shown


@given(st.text("ABC123", min_size=1, max_size=25))
def test_a_mask_never_shows_the_whole_number(number: str) -> None:
    assert identity.mask(number) != number
    assert len(identity.mask(number)) == len(number)


@pytest.mark.parametrize(
    ("number", "looks"),
    [
        ("A123456789", [("first_letter", "A", ("M", "W")), ("last_two", "89", ("98",))]),
        ("F222222222", [("first_letter", "F", ("S",))]),  # the same either way round
        ("AA00000009", [("first_letter", "A", ("M", "W")), ("last_two", "09", ("90",))]),
        ("E", []),
        ("A123456788", []),
    ],
)
def test_a_second_look_names_the_places_the_check_digit_leaves_open(number: str, looks: list) -> None:
    found = identity.second_looks(identity.read(number))
    assert [(look.doubt, look.read, look.or_else) for look in found] == looks


def test_a_passport_is_to_be_compared_whole() -> None:
    (look,) = identity.second_looks(identity.read("C12345678", passport=True))
    assert (look.doubt, look.read) == ("no_check_digit", "")


@pytest.mark.parametrize("letters", ["AMW", "BNZ", "CIP", "DOQ", "ER", "FS", "GT", "HU", "JVX", "KLY"])
def test_letters_of_one_group_stand_for_each_other(letters: str) -> None:
    for letter in letters:
        number = next(
            f"{letter}10000000{last}" for last in "0123456789" if identity.read(f"{letter}10000000{last}").valid
        )
        (look, *_) = identity.second_looks(identity.read(number))
        assert look.or_else == tuple(sorted(set(letters) - {letter}))


@given(st.sampled_from([number for number, _ in VALID]))
def test_every_second_look_is_a_slip_that_really_passes_and_gives_the_number_away_nowhere(number: str) -> None:
    looks = identity.second_looks(identity.read(number))
    for look in looks:
        for other in look.or_else:
            swapped = other + number[1:] if look.doubt == "first_letter" else number[:-2] + other
            assert identity.read(swapped).valid
            assert identity.slip_between(number, swapped) == identity.slip_between(swapped, number) == look.doubt
    for language in ("zh", "en"):
        assert number not in identity_words.hint(identity.read(number), language)


def test_a_slip_between_two_numbers_is_told_and_none_between_strangers() -> None:
    assert identity.slip_between("A123456789", "m123456789") == "first_letter"
    assert identity.slip_between("A123456789", "A123456798") == "last_two"
    assert identity.slip_between("A223456781", "A228456781") == "one_place"  # weight 6, 5 apart: a multiple of ten
    for other in ("A123456789", "B120000008", "A123456788", "", "C12345678"):
        assert identity.slip_between("A123456789", other) is None


def test_the_hint_is_one_line_in_either_language() -> None:
    reading = identity.read("A123456789")
    assert (
        identity_words.hint(reading, "zh")
        == "檢查碼看不出來，請對證件：第一個字母是 A，不是 M、W？末兩碼是 89，不是 98？"
    )
    assert "The last two digits are 89, not 98?" in identity_words.hint(reading, "en")
    assert identity_words.hint(identity.read("C12345678", passport=True), "zh") == "護照號碼沒有檢查碼，請逐字對護照。"
    assert identity_words.hint(identity.read("A123456788"), "zh") == ""


def test_every_kind_has_its_name_in_both_languages() -> None:
    assert set(identity_words.KIND_NAMES) == set(identity.IdentityKind.__args__)
    assert identity_words.kind_name("ui_old", "en") == "resident certificate (old number)"


@pytest.mark.parametrize("number", ["A123456788", "A12345678", "LI225464410", "AE00000009", ""])
def test_a_wrong_number_needs_no_second_look_but_another_one(number: str) -> None:
    assert identity.second_looks(identity.read(number)) == ()
