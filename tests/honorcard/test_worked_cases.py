"""The worked cases C37–C50 that are pure, by their numbers; C01–C36 are in test_check_lines, C44–C46 and C51 where the
gate, the public page, the files and the center are.
"""

from datetime import date

import pytest

from honorcard import identity, jurisdiction, review, roc, roles
from honorcard.card import cases, number
from honorcard.card.cases import HeldCard
from honorcard.claims import Claim
from honorcard.eligibility import counting_floor, judge, window_opens
from honorcard.jurisdiction import NATIONAL, TAIPEI, in_force, overridden
from honorcard.problems import ProblemError


def d(dotted: str) -> date:
    day = roc.read(dotted).date
    assert day is not None
    return day


@pytest.mark.parametrize(
    ("approved", "previous", "until", "opens", "floor", "national_floor"),
    [
        pytest.param("112.12.13", None, "115.12.13", "115.12.01", "112.12.01", "112.12.14", id="C37"),
        pytest.param("108.11.15", "108.11.30", "111.11.30", "111.11.01", "108.11.01", "108.12.01", id="C38"),
        pytest.param("108.12.05", "108.11.30", "111.12.05", "111.12.01", "108.12.01", "108.12.06", id="C39"),
        pytest.param("105.02.29", None, "108.02.28", "108.02.01", "105.02.01", "105.02.29", id="C40"),
        pytest.param("102.02.28", None, "105.02.28", "105.02.01", "102.02.01", "102.03.01", id="C41"),
    ],
)
def test_a_card_leads_to_the_next_window_and_floor(approved, previous, until, opens, floor, national_floor) -> None:
    valid_until = number.valid_until(d(approved), d(previous) if previous else None, TAIPEI)
    assert valid_until == d(until)
    assert window_opens(valid_until, TAIPEI) == d(opens)
    assert counting_floor(valid_until, TAIPEI) == d(floor)
    assert counting_floor(valid_until, NATIONAL) == d(national_floor)


@pytest.mark.parametrize(
    ("cause", "kind", "reviewed", "old_ends"),
    [
        pytest.param("lost", "reprint", False, False, id="C42"),
        pytest.param("birth_date", "correction", True, True, id="C43"),
    ],
)
def test_a_card_made_again_keeps_number_and_validity(cause: str, kind: str, reviewed: bool, old_ends: bool) -> None:
    decision = cases.decide(cause, HeldCard("live", d("117.06.02")), d("115.11.21"))
    assert (decision.kind, decision.reviewed, decision.old_ends) == (kind, reviewed, old_ends)
    assert {"number", "valid_until", "eligibility"} <= decision.keeps


@pytest.mark.parametrize("text", ["42.3.30", "042年03月30日", "1953/3/30"], ids=lambda text: f"C47 {text}")
def test_one_birth_date_in_three_spellings_is_one_day_on_the_card(text: str) -> None:
    day = roc.read(text).date
    assert day == date(1953, 3, 30)
    assert roc.written(day) == "042年03月30日"


@pytest.mark.parametrize(
    ("text", "passport", "kind", "problem"),
    [
        pytest.param("LI225464410", False, "unknown", "length", id="C48 the specimen"),
        pytest.param("AC01234567", False, "ui_old", None, id="C48 old number"),
        pytest.param("C12345678", False, "unknown", "length", id="C48 passport not said"),
        pytest.param("C12345678", True, "passport", None, id="C48 passport said"),
    ],
)
def test_a_number_is_taken_for_what_it_is(text: str, passport: bool, kind: str, problem: str | None) -> None:
    reading = identity.read(text, passport)
    assert (reading.kind, reading.problem) == (kind, problem)


@pytest.mark.parametrize("role", ["unit_officer", "volunteer", "venue"], ids=lambda role: f"C49 {role}")
def test_a_unit_neither_imports_nor_exports_honor_cards(role: str) -> None:
    with pytest.raises(ProblemError) as caught:
        roles.require(role, "exchange")
    assert caught.value.code == "exchange_city_only"


@pytest.mark.parametrize("action", ["approve", "refuse", "return"], ids=lambda action: f"C50 {action}")
def test_one_person_does_not_do_both_reviews(action: str) -> None:
    with pytest.raises(ProblemError) as caught:
        review.move("second_review", action, "second_reviewer", "lin", "lin")
    assert caught.value.code == "review_same_person"


# settings are dated: an application is judged by the rule of its own day


@pytest.mark.parametrize(
    ("applied", "outcome", "reasons"),
    [
        ("116.12.31", "pass", []),
        ("117.01.01", "fail", ["hours_short"]),
        ("118.06.30", "fail", ["hours_short"]),
        ("118.07.01", "pass", []),
    ],
)
def test_an_application_is_judged_by_the_rule_of_its_own_day(monkeypatch, applied: str, outcome: str, reasons) -> None:
    stricter = overridden(TAIPEI, {"half_hours_needed": 700})
    milder = overridden(stricter, {"half_hours_needed": 500, "years": 2})
    versions = ((d("105.11.01"), TAIPEI), (d("117.01.01"), stricter), (d("118.07.01"), milder))
    monkeypatch.setattr(jurisdiction, "_HISTORY", {"taipei": versions})
    claim = Claim(d(applied), d("112.01.01"), d(applied), 600)
    verdict = judge(claim, in_force("taipei", claim.applied_on))
    assert (verdict.outcome, [reason.code for reason in verdict.reasons]) == (outcome, reasons)


def test_rules_that_change_later_do_not_reach_back(monkeypatch) -> None:
    claim = Claim(d("116.12.31"), d("113.12.31"), d("116.12.30"), 600)
    before = judge(claim, in_force("taipei", claim.applied_on))
    later = overridden(TAIPEI, {"years": 5, "renewal_floor": "day_after", "recency_months": 1})
    monkeypatch.setattr(jurisdiction, "_HISTORY", {"taipei": ((d("105.11.01"), TAIPEI), (d("117.01.01"), later))})
    assert before.passed
    assert judge(claim, in_force("taipei", claim.applied_on)) == before
    assert not judge(claim, in_force("taipei", d("117.01.01"))).passed
