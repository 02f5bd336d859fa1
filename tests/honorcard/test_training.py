"""Trainings: complete since when, deemed complete, and what off, warn and enforce make of it (A16, R61, R62, §2.5)."""

from dataclasses import replace
from datetime import date

import pytest

from honorcard.claims import Claim
from honorcard.eligibility import judge
from honorcard.jurisdiction import TAIPEI, overridden
from honorcard.records import ServiceRow, Training
from honorcard.training import is_health_welfare, standing

BASIC = Training("basic", date(2014, 3, 1))
SPECIAL = Training("special", date(2014, 5, 1))
ISSUED = date(2014, 6, 1)
PASSING = Claim(date(2017, 6, 6), date(2014, 6, 7), date(2017, 6, 6), 600)


def test_hours_may_count_from_the_later_of_the_two_trainings() -> None:
    assert standing((BASIC, SPECIAL)).complete_on == date(2014, 5, 1)
    assert standing((SPECIAL, replace(BASIC, completed_on=date(2015, 1, 1)))).complete_on == date(2015, 1, 1)


def test_a_training_taken_again_or_for_another_field_moves_nothing() -> None:
    later = replace(SPECIAL, completed_on=date(2016, 1, 1))
    assert standing((BASIC, SPECIAL, later, replace(BASIC, completed_on=date(2016, 2, 2)))).complete_on == date(2014, 5, 1)


@pytest.mark.parametrize(
    ("trainings", "missing"),
    [((), ("basic", "special")), ((BASIC,), ("special",)), ((SPECIAL,), ("basic",)), ((BASIC, SPECIAL), ())],
)
def test_what_is_missing_is_named(trainings: tuple, missing: tuple) -> None:
    found = standing(trainings)
    assert (found.missing, found.complete) == (missing, not missing)
    assert (found.complete_on is None) == bool(missing)


def test_another_fields_special_training_does_not_do() -> None:
    sport = replace(SPECIAL, field="體育")
    assert standing((BASIC, sport), "環保").missing == ("special",)
    assert standing((BASIC, sport), "體育").complete
    assert standing((BASIC, sport)).complete  # nobody said in which field the service was
    assert standing((BASIC, SPECIAL), "環保").complete  # the certificate names no field


@pytest.mark.parametrize("field", ["衛生福利", "衛生福利類", " 衛生福利 ", "health_welfare"])
def test_health_and_welfare_with_a_book_is_deemed_trained_in_that_field(field: str) -> None:
    found = standing((BASIC,), field, book_issued_on=ISSUED)
    assert (found.missing, found.deemed, found.complete_on) == ((), True, ISSUED)
    assert standing((BASIC,), field).complete_on == BASIC.completed_on
    assert standing((BASIC,), field, has_book=False).missing == ("special",)
    assert standing((), field).missing == ("basic",)
    assert not standing((BASIC, replace(SPECIAL, field="衛生福利")), field).deemed


def test_only_health_and_welfare_is_deemed_trained() -> None:
    assert not is_health_welfare("環保") and not is_health_welfare("")
    assert standing((BASIC,), "環保", book_issued_on=ISSUED).missing == ("special",)


def test_a_training_without_a_day_counts_from_the_books_issue() -> None:
    undated = (replace(BASIC, completed_on=None), replace(SPECIAL, completed_on=None))
    assert standing(undated, book_issued_on=ISSUED).complete_on == ISSUED
    assert (standing(undated).complete, standing(undated).complete_on) == (True, None)


@pytest.mark.parametrize(
    ("gate", "trainings", "outcome", "codes"),
    [
        ("off", (), "pass", []),
        ("off", (BASIC,), "pass", []),
        ("warn", None, "pass", []),
        ("warn", (), "pass", ["training_not_shown"]),
        ("warn", (BASIC,), "pass", ["training_not_shown"]),
        ("warn", (BASIC, SPECIAL), "pass", []),
        ("warn", (BASIC, replace(SPECIAL, completed_on=date(2014, 6, 8))), "pass", ["served_before_training"]),
        ("enforce", None, "pass", []),
        ("enforce", (BASIC, SPECIAL), "pass", []),
        ("enforce", (BASIC,), "fail", ["training_missing", "training_not_shown"]),
        ("enforce", (BASIC, replace(SPECIAL, completed_on=date(2014, 6, 8))), "fail", ["tenure_short"]),
    ],
)
def test_the_gate_looks_away_warns_or_enforces(gate: str, trainings, outcome: str, codes: list) -> None:
    verdict = judge(replace(PASSING, trainings=trainings), overridden(TAIPEI, {"training_gate": gate}))
    assert verdict.outcome == outcome
    assert [reason.code for reason in (*verdict.reasons, *verdict.notes)] == codes


def test_enforced_rows_before_the_trainings_give_no_hours() -> None:
    rows = (
        ServiceRow(date(2014, 1, 1), date(2014, 4, 30), 6000),
        ServiceRow(date(2014, 5, 1), date(2017, 6, 6), 17_970),
    )
    claim = Claim(date(2017, 6, 6), entries=rows, trainings=(BASIC, SPECIAL))
    assert judge(claim, TAIPEI).passed
    enforced = judge(claim, overridden(TAIPEI, {"training_gate": "enforce"}))
    assert [reason.code for reason in enforced.reasons] == ["hours_short"]
    assert (enforced.half_hours, enforced.counting_from) == (599, date(2014, 5, 1))


def test_deemed_training_is_said_to_the_reviewer_and_lets_the_hours_count() -> None:
    claim = replace(PASSING, trainings=(BASIC,), service_field="衛生福利", book_issued_on=date(2014, 3, 1))
    for gate in ("warn", "enforce"):
        verdict = judge(claim, overridden(TAIPEI, {"training_gate": gate}))
        assert verdict.passed
        assert [note.code for note in verdict.notes] == ["training_deemed"]
