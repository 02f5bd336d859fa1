"""The states of a case: the two reviews in order, by two people, and nothing beside the table."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honorcard import review
from honorcard.problems import ProblemError
from honorcard.review import ACTIONS, FINAL_STATES, MOVES, ROLES, STATES, move


def code(*args, **kwargs) -> str:
    with pytest.raises(ProblemError) as caught:
        move(*args, **kwargs)
    return caught.value.code


def test_a_clean_case_goes_through_two_people_to_the_card() -> None:
    state = move("incomplete", "complete", "system", "center")
    assert state == "first_review"
    state = move(state, "pass_on", "first_reviewer", "lin")
    assert state == "second_review"
    state = move(state, "approve", "second_reviewer", "wu", "lin")
    assert state == "approved"
    assert move(state, "issue", "second_reviewer", "wu", "lin") == "issued"
    assert move(state, "issue", "system", "center", "lin") == "issued"


@pytest.mark.parametrize("action", ["approve", "refuse", "return"])
def test_c50_nobody_does_both_reviews_of_a_case(action: str) -> None:
    assert code("second_review", action, "second_reviewer", "lin", "lin") == "review_same_person"
    assert code("approved", "issue", "second_reviewer", "lin", "lin") == "review_same_person"
    assert move("second_review", action, "second_reviewer", "wu", "lin") in ("approved", "refused", "returned")


def test_a_second_review_without_a_first_on_record_is_refused() -> None:
    for nobody in (None, ""):
        assert code("second_review", "approve", "second_reviewer", "wu", nobody) == "review_first_unknown"


@pytest.mark.parametrize("origin", ["first_review", "second_review"])
def test_an_amended_case_goes_back_to_the_reviewer_who_returned_it(origin: str) -> None:
    role = "first_reviewer" if origin == "first_review" else "second_reviewer"
    assert move(origin, "return", role, "wu", "lin") == "returned"
    assert move("returned", "amend", "unit_officer", "chen", "lin", returned_from=origin) == origin


def test_an_amended_case_cannot_jump_past_the_reviews() -> None:
    assert code("returned", "amend", "unit_officer", "chen", returned_from="approved") == "review_move_impossible"


@pytest.mark.parametrize("state", ["incomplete", "first_review", "returned", "second_review"])
def test_a_unit_may_withdraw_until_the_decision(state: str) -> None:
    assert move(state, "withdraw", "unit_officer", "chen") == "withdrawn"


@pytest.mark.parametrize("state", ["approved", *sorted(FINAL_STATES)])
def test_after_the_decision_nothing_is_withdrawn(state: str) -> None:
    assert code(state, "withdraw", "unit_officer", "chen") == "review_move_impossible"


@pytest.mark.parametrize(("state", "action"), list(product(sorted(FINAL_STATES), ACTIONS)))
def test_a_finished_case_moves_no_more(state: str, action: str) -> None:
    for role in ROLES:
        assert code(state, action, role, "wu", "lin") == "review_move_impossible"


def test_a_move_that_is_not_in_the_table_names_state_and_move() -> None:
    with pytest.raises(ProblemError) as caught:
        move("incomplete", "approve", "second_reviewer", "wu", "lin")
    assert caught.value.details["state"] == "incomplete"
    assert caught.value.details["action"] == "approve"
    assert "照片還沒到齊" in caught.value.sentence("zh")
    english = caught.value.sentence("en")
    assert "photos still on their way" in english
    assert "incomplete" not in english and "approve" not in english


@pytest.mark.parametrize(
    ("state", "action", "role"),
    [
        ("first_review", "pass_on", "second_reviewer"),
        ("first_review", "pass_on", "unit_officer"),
        ("second_review", "approve", "first_reviewer"),
        ("second_review", "approve", "administrator"),
        ("first_review", "withdraw", "first_reviewer"),
        ("returned", "amend", "first_reviewer"),
        ("incomplete", "complete", "unit_officer"),
    ],
)
def test_another_role_may_not_take_the_step(state: str, action: str, role: str) -> None:
    assert code(state, action, role, "x", "lin") == "review_wrong_role"


@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.sampled_from(ROLES), st.sampled_from(["a", "b"])), max_size=40))
def test_no_way_leads_to_a_card_without_two_different_reviewers(steps) -> None:
    state, first, second, origin = "incomplete", None, None, "first_review"
    for action, role, by in steps:
        try:
            following = move(state, action, role, by, first, origin)
        except ProblemError:
            continue
        first = by if action == "pass_on" else first
        second = by if action == "approve" else second
        origin = state if action == "return" else origin
        state = following
    if state in ("approved", "issued"):
        assert first and second and first != second


def test_the_center_itself_issues_what_somebody_approved() -> None:
    assert move("approved", "issue", "system", "center") == "issued"


def test_every_state_is_reached_and_has_words() -> None:
    reached = {step.to for step in MOVES.values()} | {"incomplete"}
    assert set(STATES) <= reached
    assert all(review.in_words(state) for state in STATES)
    assert all(review.in_words(state, "en").isascii() for state in STATES)


def test_the_buttons_of_a_role_are_the_moves_it_may_take() -> None:
    assert review.actions("first_review", "first_reviewer") == ("pass_on", "return")
    assert review.actions("second_review", "second_reviewer") == ("return", "approve", "refuse")
    assert review.actions("issued", "second_reviewer") == ()
