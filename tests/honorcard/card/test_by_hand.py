"""A typed number never makes a card good; what it can tell, it tells."""

from __future__ import annotations

from datetime import date

import pytest

from honorcard.card.by_hand import look
from honorcard.jurisdiction import NATIONAL, NEW_TAIPEI, TAIPEI

TODAY = date(2026, 11, 22)  # ROC 115


@pytest.mark.parametrize("typed", ["11500001", "115 00001", "115-00001", "１１５００００１", " 115–00001 "])
def test_a_number_is_read_however_it_is_typed(typed):
    found = look(typed, TODAY, TAIPEI)
    assert (found.finding, found.number, found.roc_year) == ("possible", "11500001", 115)


@pytest.mark.parametrize(
    "typed", ["", "1150001", "115000011", "11500000", "00000001", "A1500001", "HTTPS://HC.TAIPEI/", "一一五"]
)
def test_what_is_no_number_is_none(typed):
    assert look(typed, TODAY, TAIPEI).finding == "malformed"


@pytest.mark.parametrize(
    ("number", "rules", "finding"),
    [
        ("11600001", TAIPEI, "not_yet"),
        ("11200001", TAIPEI, "possible"),  # to the end of 115 at the latest
        ("11100001", TAIPEI, "over"),
        ("11100001", NEW_TAIPEI, "over"),
        ("11100001", NATIONAL, "possible"),  # renewed long before the old one ran out
        ("10800001", NATIONAL, "over"),
    ],
)
def test_the_year_in_the_number_tells_what_is_over_and_what_has_not_come(number, rules, finding):
    assert look(number, TODAY, rules).finding == finding
