"""Validity (C37–C41) and the card's number."""

from dataclasses import replace
from datetime import date

import pytest

from honorcard import roc
from honorcard.card import number
from honorcard.eligibility import counting_floor, window_opens
from honorcard.jurisdiction import NATIONAL, TAIPEI
from honorcard.problems import ProblemError


def d(dotted: str) -> date:
    day = roc.read(dotted).date
    assert day is not None
    return day


@pytest.mark.parametrize(
    ("approved", "previous", "until"),
    [
        pytest.param("112.12.13", None, "115.12.13", id="C37"),
        pytest.param("108.11.15", "108.11.30", "111.11.30", id="C38"),
        pytest.param("108.12.05", "108.11.30", "111.12.05", id="C39"),
        pytest.param("105.02.29", None, "108.02.28", id="C40"),
        pytest.param("102.02.28", None, "105.02.28", id="C41"),
        pytest.param("109.02.10", "109.02.29", "112.02.28", id="leap expiry"),
    ],
)
def test_a_card_lives_three_years_to_the_day(approved: str, previous: str | None, until: str) -> None:
    assert number.valid_until(d(approved), d(previous) if previous else None, TAIPEI) == d(until)


def test_validity_may_be_set_to_count_from_the_approval_only() -> None:
    rules = replace(TAIPEI, validity="approval_only")
    assert number.valid_until(d("108.11.15"), d("108.11.30"), rules) == d("111.11.15")


def test_c37_and_c38_lead_to_the_next_window_and_floor() -> None:
    assert window_opens(d("115.12.13"), TAIPEI) == d("115.12.01")
    assert counting_floor(d("115.12.13"), TAIPEI) == d("112.12.01")
    assert counting_floor(d("115.12.13"), NATIONAL) == d("112.12.14")
    assert counting_floor(d("111.11.30"), TAIPEI) == d("108.11.01")
    assert counting_floor(d("111.12.05"), TAIPEI) == d("108.12.01")


def test_a_number_is_the_roc_year_and_a_serial() -> None:
    assert number.number(115, 1) == "11500001"
    assert number.number(106, 12345) == "10612345"
    assert number.number(99, 99_999) == "09999999"
    assert number.read("10612345") == (106, 12345)


def test_after_99999_cards_the_year_is_full() -> None:
    with pytest.raises(ProblemError) as caught:
        number.number(115, 100_000)
    assert caught.value.code == "card_numbers_spent"
    for year, serial in ((115, 0), (0, 1), (1000, 1), (115, -1)):
        with pytest.raises(ValueError, match="no such"):
            number.number(year, serial)


@pytest.mark.parametrize(
    "text", ["", "1061234", "106123456", "1061234A", "１０６１２３４５", "10600000", "00012345", "10612345\n"]
)
def test_what_is_no_card_number_is_refused(text: str) -> None:
    with pytest.raises(ProblemError) as caught:
        number.read(text)
    assert caught.value.code == "card_number_malformed"
