"""The application sheet: one unit, many applicants, nobody twice (R26, R35)."""

from dataclasses import replace
from datetime import date

import pytest

from honorcard import application_sheet
from honorcard.application_sheet import Applicant, ApplicationSheet
from honorcard.claims import Claim
from honorcard.eligibility import judge
from honorcard.jurisdiction import TAIPEI
from honorcard.problems import ProblemError
from honorcard.records import Unit, Volunteer

ON = date(2026, 11, 21)
SHEET = ApplicationSheet("115-3", Unit("BM", "測試圖書館"), ON)
PASSING = Claim(ON, date(2023, 11, 1), date(2026, 10, 31), 600)


def applicant(number: str, claim: Claim | None = PASSING, **more) -> Applicant:
    verdict = None if claim is None else judge(claim, TAIPEI)
    return Applicant(Volunteer(number, "李大明", date(1953, 3, 30)), "first", verdict, **more)


def code(act) -> str:
    with pytest.raises(ProblemError) as caught:
        act()
    return caught.value.code


def test_applicants_stand_in_the_order_they_were_added_and_the_old_sheet_stays_as_it_was() -> None:
    one = SHEET.with_applicant(applicant("A123456789"))
    two = one.with_applicant(applicant("B120000008"))
    assert [entry.volunteer.identity_number for entry in two.applicants] == ["A123456789", "B120000008"]
    assert (len(SHEET.applicants), len(one.applicants)) == (0, 1)


def test_nobody_is_on_a_sheet_twice_whatever_the_spelling() -> None:
    one = SHEET.with_applicant(applicant("A123456789"))
    for again in ("A123456789", " a123 456 789", "Ａ１２３４５６７８９"):
        assert code(lambda again=again: one.with_applicant(applicant(again))) == "sheet_person_twice"


@pytest.mark.parametrize(
    ("entry", "standing"),
    [
        (applicant("A123456789"), "ready"),
        (applicant("A123456789", None), "lacking"),
        (applicant("A123456789", replace(PASSING, half_hours=10)), "lacking"),
        (applicant("A123456789", replace(PASSING, first_service=date(2023, 12, 15))), "waiting"),
        (applicant("A123456789", replace(PASSING, category="volunteer_fire")), "elsewhere"),
        (applicant("A123456789", replace(PASSING, last_service=date(2026, 12, 1))), "lacking"),
        (applicant("A123456789", state="second_review"), "sent"),
        (applicant("A123456789", state="returned"), "sent"),
        (applicant("A123456789", state="issued"), "done"),
        (applicant("A123456789", state="refused"), "done"),
    ],
)
def test_a_line_says_where_it_stands(entry: Applicant, standing: str) -> None:
    assert entry.standing == standing
    sheet = SHEET.with_applicant(entry)
    assert sheet.counts[standing] == 1
    assert sum(sheet.counts.values()) == 1
    assert bool(sheet.ready) == (standing == "ready")
    assert application_sheet.in_words(standing, "zh") and application_sheet.in_words(standing, "en").isascii()


def test_one_who_waits_holds_nobody_up() -> None:
    sheet = SHEET.with_applicant(applicant("A123456789", None)).with_applicant(applicant("B120000008"))
    assert [entry.volunteer.identity_number for entry in sheet.ready] == ["B120000008"]


def test_a_line_can_be_taken_off_until_it_is_sent() -> None:
    sheet = SHEET.with_applicant(applicant("A123456789")).with_applicant(applicant("B120000008", state="issued"))
    assert [entry.volunteer.identity_number for entry in sheet.without(1).applicants] == ["B120000008"]
    assert code(lambda: sheet.without(2)) == "sheet_line_sent"
    for place in (0, 3, -1):
        with pytest.raises(IndexError):
            sheet.without(place)


def test_a_sheet_ends_at_five_hundred() -> None:
    full = replace(SHEET, applicants=tuple(applicant(f"X{n}", None) for n in range(application_sheet.LONGEST)))
    assert code(lambda: full.with_applicant(applicant("A123456789"))) == "sheet_full"


def test_numbers_one_unseen_slip_apart_are_shown_as_a_pair() -> None:
    sheet = SHEET
    for number in ("B120000008", "A123456789", "F222222222", "M123456789", "A123456798"):
        sheet = sheet.with_applicant(applicant(number, None))
    assert sheet.alike == ((2, 4), (2, 5))
