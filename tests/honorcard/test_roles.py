"""Who may do what (R34), with the city's own exchange (R60, C49) and volunteers who apply alone (R26, A11)."""

from itertools import product

import pytest

from honorcard import roles
from honorcard.jurisdiction import TAIPEI, in_force, overridden
from honorcard.problems import ProblemError
from honorcard.review import MOVES
from honorcard.roles import RIGHTS, ROLES

OPEN = overridden(TAIPEI, {"self_application": True})


def refused(role: str, right: str, rules=TAIPEI) -> str:
    with pytest.raises(ProblemError) as caught:
        roles.require(role, right, rules)
    return caught.value.code


@pytest.mark.parametrize("role", [role for role in ROLES if role != "administrator"])
def test_c49_only_the_city_imports_and_exports_honor_card_data(role: str) -> None:
    assert refused(role, "exchange") == "exchange_city_only"
    roles.require("administrator", "exchange", TAIPEI)


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        ("volunteer", {"see_own", "print_card"}),
        ("venue", {"verify"}),
        ("auditor", {"read_exchanges", "statistics", "read_history"}),
        (
            "unit_officer",
            {
                "apply", "amend", "withdraw", "see_previous_card", "see_cards", "see_records", "keep_records", "print_card",
                "ask_reissue", "verify",
            },
        ),
        (
            "first_reviewer",
            {
                "see_previous_card", "first_review", "see_cards", "see_records", "print_card", "handle_reissue", "verify",
                "statistics", "read_history",
            },
        ),
        (
            "second_reviewer",
            {
                "see_previous_card", "second_review", "issue", "see_cards", "see_records", "print_card", "suspend", "revoke",
                "verify", "statistics", "read_history",
            },
        ),
        (
            "administrator",
            {
                "see_cards", "see_records", "keep_records", "suspend", "revoke", "exchange", "read_exchanges", "statistics",
                "read_history", "manage",
            },
        ),
    ],
)  # fmt: skip
def test_a_role_has_the_rights_of_the_table_and_no_others(role: str, rights: set) -> None:
    assert set(roles.rights(role, TAIPEI)) == rights
    for right in set(RIGHTS) - rights:
        assert refused(role, right) in ("not_allowed", "exchange_city_only", "self_application_closed")


def test_a_volunteer_applies_alone_only_where_the_setting_is_on_and_it_is_off_by_default() -> None:
    for code in ("taipei", "new_taipei", "national"):
        assert not in_force(code, TAIPEI.printouts_since).self_application
    for right in ("apply", "amend", "withdraw", "ask_reissue"):
        assert refused("volunteer", right) == "self_application_closed"
        assert roles.may("volunteer", right, OPEN)
        assert not roles.may("volunteer", right)
    assert refused("volunteer", "first_review", OPEN) == "not_allowed"


def test_no_role_does_both_reviews_and_nobody_unknown_does_anything() -> None:
    for role in ROLES:
        assert not (roles.may(role, "first_review", OPEN) and roles.may(role, "second_review", OPEN))
    assert roles.rights("stranger", OPEN) == roles.rights("", OPEN) == ()


def test_every_right_has_somebody_and_the_setting_takes_nothing_away() -> None:
    for right, role in product(RIGHTS, ROLES):
        assert roles.who(right)
        assert not roles.may(role, right, TAIPEI) or roles.may(role, right, OPEN)


@pytest.mark.parametrize(
    ("action", "right"),
    [
        ("pass_on", "first_review"), ("approve", "second_review"), ("refuse", "second_review"), ("amend", "amend"),
        ("withdraw", "withdraw"), ("issue", "issue"),
    ],
)  # fmt: skip
def test_the_moves_of_a_case_agree_with_the_table(action: str, right: str) -> None:
    movers = {role for (_, moved), step in MOVES.items() if moved == action for role in step.roles} - {"system"}
    assert movers and all(roles.may(role, right) for role in movers)
