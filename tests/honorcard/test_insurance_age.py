"""Up to which age insurers take volunteers (R63)."""

from datetime import date

import pytest

from honorcard.insurance_age import age_on, beyond


@pytest.mark.parametrize(
    ("on", "insurers"),
    [
        (date(2026, 11, 21), []), (date(2026, 11, 22), ["新光"]), (date(2031, 11, 21), ["新光"]),
        (date(2031, 11, 22), ["新光", "第一"]),
    ],
)  # fmt: skip
def test_the_limit_is_reached_on_the_birthday(on: date, insurers: list[str]) -> None:
    assert [insurer for insurer, _ in beyond(date(1951, 11, 22), on)] == insurers


def test_without_a_birth_date_nobody_says_anything() -> None:
    assert beyond(None, date(2026, 11, 22)) == []


def test_who_was_born_on_the_29th_of_february_is_older_on_the_1st_of_march() -> None:
    assert [age_on(date(1952, 2, 29), date(2027, *day)) for day in ((2, 28), (3, 1))] == [74, 75]
