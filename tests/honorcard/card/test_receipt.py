"""Receipt numbers: read however they are typed, refused when a character is wrong."""

from __future__ import annotations

import re

import pytest

from honorcard.card.receipt import ALPHABET, new_receipt, read_receipt
from honorcard.problems import ProblemError


def passes(text: str) -> bool:
    try:
        read_receipt(text)
    except ProblemError:
        return False
    return True


def test_a_new_number_has_the_printed_form_and_reads_back():
    numbers = {new_receipt() for _ in range(200)}
    assert len(numbers) == 200
    for number in numbers:
        assert re.fullmatch(r"HC-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", number)
        assert read_receipt(number) == number


@pytest.mark.parametrize(
    "typed",
    ["hc-7k3m-22qf", "HC7K3M22QF", "7k3m 22qf", " HC 7K3M 22QF ", "7K3M-22QF", "hc－7k3m–22qf"],
)
def test_typing_is_forgiven(typed: str):
    assert read_receipt(typed) == "HC-7K3M-22QF"


def test_o_is_zero_and_i_and_l_are_one():
    number = next(n for n in iter(new_receipt, None) if "0" in n and "1" in n)
    assert read_receipt(number.replace("0", "o").replace("1", "I")) == number
    assert read_receipt(number.replace("0", "O").replace("1", "l")) == number


def test_a_number_that_begins_with_hc_of_its_own_is_not_shortened():
    number = next(n for n in iter(new_receipt, None) if n.startswith("HC-H"))
    assert read_receipt(number[3:]) == number


def test_every_wrong_character_and_every_exchange_is_noticed():
    body = "7K3M22QF"
    for place, right in enumerate(body):
        for wrong in ALPHABET:
            if wrong != right:
                assert not passes(body[:place] + wrong + body[place + 1 :])
    for first in range(8):
        for second in range(first + 1, 8):
            if body[first] != body[second]:
                swapped = list(body)
                swapped[first], swapped[second] = swapped[second], swapped[first]
                assert not passes("".join(swapped))


@pytest.mark.parametrize(
    "text", ["", "HC", "7K3M22Q", "7K3M22QFF", "7K3M22QU", "00000000", "七七七七七七七七", "HC-7K3M-22Q*"]
)
def test_what_is_no_number_is_refused(text: str):
    with pytest.raises(ProblemError, match="receipt_unreadable"):
        read_receipt(text)
