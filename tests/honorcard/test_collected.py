"""Successive applications of one person: each row of the book counts once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honorcard.claims import Claim
from honorcard.collected import Brought, History, collect, look
from honorcard.jurisdiction import NATIONAL, TAIPEI
from honorcard.records import ServiceRow, Training
from honorcard.service_record import CardHeld

TODAY = date(2026, 11, 21)
MARCH = ServiceRow(date(2025, 3, 1), date(2025, 3, 31), 600, item="導覽", content="常設展", unit="北門志工隊")
APRIL = ServiceRow(date(2025, 4, 1), date(2025, 4, 30), 450, item="導覽", content="常設展", unit="北門志工隊")


def brought(*rows: ServiceRow, accepted: bool = True, **claimed) -> Brought:
    return Brought(Claim(TODAY, entries=rows or None, **claimed), accepted)


def minutes(history: History) -> int:
    return sum(row.minutes for row in history.person.rows)


def test_a_row_sent_again_is_one_row():
    history = collect([brought(MARCH), brought(MARCH, APRIL)])
    assert history.person.rows == (MARCH, APRIL)


def test_two_equal_rows_of_one_book_are_two():
    twice = collect([brought(MARCH, MARCH)])
    assert len(twice.person.rows) == 2
    assert len(collect([brought(MARCH, MARCH), brought(MARCH, MARCH)]).person.rows) == 2
    assert len(collect([brought(MARCH), brought(MARCH, MARCH)]).person.rows) == 2


@pytest.mark.parametrize("blank", ["unit", "item", "content"])
def test_a_row_that_says_less_is_the_same_row_and_the_fuller_one_stands(blank):
    short = replace(MARCH, **{blank: ""})
    for order in ([short, MARCH], [MARCH, short]):
        assert collect([brought(row) for row in order]).person.rows == (MARCH,)


def test_width_and_blanks_make_no_other_row():
    assert len(collect([brought(MARCH), brought(replace(MARCH, unit=" 北門 志工隊"))]).person.rows) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"minutes": 601}, {"start": date(2025, 3, 2)}, {"end": date(2025, 3, 30)}, {"category": "volunteer_fire"},
        {"content": "特展"}, {"unit": "社子島環境隊"}, {"item": "環境"},
    ],
)  # fmt: skip
def test_a_row_that_says_something_else_is_another_row(other):
    assert len(collect([brought(MARCH), brought(replace(MARCH, **other))]).person.rows) == 2


def test_rows_alike_to_the_letter_find_each_other_before_those_that_say_less():
    bare, other = replace(MARCH, content=""), replace(MARCH, content="特展")
    rows = collect([brought(MARCH, other), brought(bare, MARCH)]).person.rows
    assert set(rows) == {MARCH, other}


def test_rows_of_an_open_application_wait_and_those_granted_before_do_not():
    history = collect([brought(MARCH), brought(MARCH, APRIL, accepted=False)])
    assert (history.person.rows, history.under_review, history.open_case) == ((MARCH,), (APRIL,), True)


def test_a_total_stands_as_one_row_less_what_rows_show():
    span = {"first_service": date(2025, 1, 1), "last_service": date(2025, 12, 31), "half_hours": 100}
    alone = collect([brought(**span)])
    assert (minutes(alone), alone.only_totals) == (3000, True)
    assert minutes(collect([brought(**span), brought(MARCH)])) == 3000
    assert minutes(collect([brought(**span), brought(replace(MARCH, minutes=5000))])) == 5000
    assert minutes(collect([brought(**span), brought(**span)])) == 3000


def test_trainings_are_told_once_with_all_that_is_known_of_them():
    basic = Training("basic", date(2024, 5, 1))
    history = collect(
        [
            brought(MARCH, trainings=(Training("basic", None, certificate="7"),)),
            brought(APRIL, trainings=(basic, Training("special", date(2024, 6, 1), "環境"))),
        ]
    )
    assert history.person.trainings == (
        replace(basic, certificate="7"),
        Training("special", date(2024, 6, 1), "環境"),
    )
    assert collect([brought(MARCH)]).person.trainings is None


def test_a_paper_card_stands_once_the_renewal_was_granted_and_moves_the_floor_before():
    paper = {"previous_valid_until": date(2026, 11, 30)}
    granted = collect([brought(MARCH, **paper)])
    assert [card.valid_until for card in granted.person.cards] == [date(2026, 11, 30)]
    asked = collect([brought(MARCH, accepted=False, **paper)])
    assert asked.person.cards == ()
    ahead = look(asked, TODAY, TAIPEI).ahead
    assert (ahead.kind, ahead.counting_from, ahead.opens) == ("renewal", date(2023, 11, 1), date(2026, 11, 1))
    assert ahead.national_from == date(2023, 12, 1)
    assert look(asked, TODAY, NATIONAL).ahead.opens is None


def test_our_own_card_is_not_told_a_second_time_by_the_renewal_that_names_it():
    own = CardHeld("11200001", date(2023, 11, 15), date(2026, 11, 15), date(2023, 10, 31))
    history = collect([brought(MARCH, previous_valid_until=own.valid_until)], [own])
    assert history.person.cards == (own,)


def test_the_next_card_is_judged_with_what_is_under_review_and_the_record_is_not():
    rows = tuple(ServiceRow(date(year, 11, 1), date(year + 1, 10, 31), 6000) for year in (2023, 2024, 2025))
    seen = look(collect([brought(*rows, accepted=False)]), TODAY, TAIPEI)
    assert (seen.record.total.rows, seen.waiting_total.half_hours) == (0, 600)
    assert seen.ahead.verdict.passed
    assert [line.roc_year for line in seen.waiting] == [115, 114, 113]


ROWS = st.lists(
    st.builds(
        ServiceRow,
        st.dates(date(2024, 1, 1), date(2024, 1, 3)), st.dates(date(2024, 1, 3), date(2024, 1, 4)),
        st.sampled_from([60, 90]), item=st.sampled_from(["導覽", "環境"]), content=st.just("x"), unit=st.just("y"),
    ),
    max_size=6,
)  # fmt: skip


@given(ROWS, ROWS)
def test_sending_the_same_rows_again_in_any_order_never_changes_the_sum(first, second):
    once = collect([brought(*first), brought(*second)])
    again = collect([brought(*first), brought(*second), brought(*reversed(first)), brought(*second)])
    assert minutes(once) == minutes(again)
    assert max(sum(row.minutes for row in rows) for rows in (first, second)) <= minutes(once)
    assert minutes(once) <= sum(row.minutes for row in (*first, *second))


# --- rows of the office beside those of applications ---


def office(first: date, last: date, minutes: int, unit: str = "北門隊", category: str = "ordinary") -> ServiceRow:
    return ServiceRow(first, last, minutes, unit=unit, category=category)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "standing", "apart", "marked"),
    [
        (office(date(2025, 5, 1), date(2025, 5, 31), 600), 1, 0, 0),  # the very row
        (office(date(2025, 5, 1), date(2025, 5, 31), 600, unit=""), 1, 0, 0),  # saying less
        (office(date(2025, 5, 31), date(2025, 6, 2), 60), 1, 1, 0),  # a day in common
        (office(date(2025, 6, 1), date(2025, 6, 1), 60), 2, 0, 0),
        (office(date(2025, 5, 7), date(2025, 5, 7), 60, unit="社子隊"), 2, 0, 1),
        (office(date(2025, 5, 7), date(2025, 5, 7), 60, category="civil_defence"), 2, 0, 0),
    ],
)
def test_what_an_application_shows_of_entered_days_is_never_counted_twice(
    shown: ServiceRow, standing: int, apart: int, marked: int
) -> None:
    entered = office(date(2025, 5, 1), date(2025, 5, 31), 600)
    brought = Brought(Claim(date(2026, 11, 22), entries=(shown,)), True)
    found = collect([brought], office=[[entered]])
    assert (len(found.person.rows), len(found.overlapping), len(found.coinciding)) == (standing, apart, marked)


def test_two_lists_that_bring_the_same_month_bring_it_once_and_one_list_may_have_two_shifts() -> None:
    shift = office(date(2025, 5, 7), date(2025, 5, 7), 120)
    assert len(collect([], office=[[shift], [shift]]).person.rows) == 1
    assert len(collect([], office=[[shift, shift], [shift]]).person.rows) == 2


def test_trainings_of_the_office_stand_beside_those_of_applications() -> None:
    done = Training("basic", date(2025, 3, 2), certificate="T-1")
    assert collect([], trained=[done]).person.trainings == (done,)
    assert collect([]).person.trainings is None
