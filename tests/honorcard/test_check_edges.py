"""`honorcard check` at its edges: leap floors, used hours, mixed fields, overriding settings, orders of judging."""

import json
from datetime import date

import pytest

from honorcard import jurisdiction
from honorcard.check_lines import judge_line
from honorcard.jurisdiction import TAIPEI, overridden


def judge(**line: object) -> dict:
    return judge_line(json.dumps({"id": "x", **line}))


def codes(answer: dict) -> list[str]:
    return [reason["code"] for reason in answer["reasons"]]


def row(start: str, end: str, minutes: int = 60, category: str | None = None) -> dict:
    return {"from": start, "to": end, "minutes": minutes, **({"category": category} if category else {})}


TYPED = {"applied_on": "2017-06-06", "first_service": "2014-06-07", "last_service": "2017-06-06", "half_hours": 600}
RENEWAL = {"applied_on": "2019-11-20", "previous_valid_until": "2019-11-30"}
FULL = row("2016-11-01", "2019-10-31", 18_000)


@pytest.mark.parametrize(
    ("previous", "floor", "month", "day_after"),
    [
        ("2020-02-29", "a leap expiry", "2017-02-01", "2017-03-01"),
        ("2019-02-28", "three years back is leap", "2016-02-01", "2016-02-29"),
        ("2020-02-28", "the day before a leap expiry", "2017-02-01", "2017-03-01"),
        ("2019-03-01", "the day after February", "2016-03-01", "2016-03-02"),
        ("2018-12-31", "over New Year", "2015-12-01", "2016-01-01"),
        ("2019-01-01", "New Year", "2016-01-01", "2016-01-02"),
    ],
)
def test_the_floor_is_three_calendar_years_back(previous: str, floor: str, month: str, day_after: str) -> None:
    line = TYPED | {"applied_on": "2020-03-05", "first_service": "2001-02-01", "last_service": "2020-03-05"}
    assert judge(**line, previous_valid_until=previous)["counting_from"] == month, floor
    assert (
        judge(**line, previous_valid_until=previous, rules={"renewal_floor": "day_after"})["counting_from"] == day_after
    )


def test_a_first_row_on_a_leap_day_is_full_on_the_28th() -> None:
    answer = judge(applied_on="2019-03-05", entries=[row("2016-02-29", "2019-02-28", 18_000)])
    assert (answer["outcome"], answer["years_complete_on"]) == ("pass", "2019-02-28")


@pytest.mark.parametrize(
    ("end", "half_hours", "notes"),
    [("2016-11-09", 600, []), ("2016-11-10", 600, []), ("2016-11-11", 624, ["straddles_counted"])],
)
def test_hours_of_a_row_are_used_up_to_and_with_the_day_itself(end: str, half_hours: int, notes: list) -> None:
    rows = [row("2016-11-01", end, 720), FULL | {"from": "2016-11-12"}]
    answer = judge(**RENEWAL, counted_until="2016-11-10", entries=rows)
    assert (answer["half_hours"], answer["notes"]) == (half_hours, notes)
    assert answer["counting_from"] == "2016-11-01"


def test_used_hours_reach_rows_alone_and_all_of_them_may_be_used() -> None:
    assert judge(**TYPED, counted_until="2030-01-01") == judge(**TYPED)
    answer = judge(**RENEWAL, counted_until="2019-10-31", entries=[FULL])
    assert (codes(answer), answer["half_hours"]) == (["hours_short"], 0)
    assert (answer["years_complete_on"], answer["eligible_on"]) == ("2019-10-31", None)


def test_half_an_hour_lost_to_used_hours_is_lost_once() -> None:
    rows = [
        row("2016-11-01", "2016-11-05", 29),
        row("2016-11-11", "2018-10-31", 9_001),
        row("2018-11-01", "2019-10-31", 8_999),
    ]
    answer = judge(**RENEWAL, counted_until="2016-11-10", entries=rows)
    assert (answer["outcome"], answer["half_hours"]) == ("pass", 600)


def test_rows_stand_instead_of_typed_figures_even_of_impossible_ones() -> None:
    rows = [row("2014-06-07", "2017-06-06", 18_000)]
    plain = judge(applied_on="2017-06-06", entries=rows)
    mixed = TYPED | {"first_service": "2018-01-01", "last_service": "2017-12-31", "half_hours": 0}
    assert judge(**mixed, entries=rows) == plain
    assert plain["outcome"] == "pass"


def test_typed_figures_beside_rows_must_be_readable_all_the_same() -> None:
    rows = [row("2014-06-07", "2017-06-06", 18_000)]
    assert codes(judge(**TYPED | {"half_hours": -1}, entries=rows)) == ["bad_hours"]
    assert codes(judge(**TYPED | {"last_service": "?"}, entries=rows)) == ["bad_date"]


def test_empty_rows_stand_instead_of_typed_figures_and_null_ones_do_not() -> None:
    assert codes(judge(**TYPED, entries=[])) == ["tenure_short", "hours_short", "not_recent"]
    assert judge(**TYPED, entries=None) == judge(**TYPED)
    assert codes(judge(applied_on="2017-06-06", entries=None)) == ["malformed"]


def test_rows_that_do_not_count_are_still_held_against_the_application_date() -> None:
    early = row("2016-10-01", "2019-12-01")  # begins before the floor, ends after the application
    assert codes(judge(**RENEWAL, entries=[FULL, early])) == ["last_after_application"]
    used = judge(**RENEWAL, counted_until="2020-01-01", entries=[FULL, row("2019-11-01", "2019-11-21")])
    assert codes(used) == ["last_after_application"]


def test_the_last_day_may_be_the_day_of_the_application() -> None:
    assert judge(**RENEWAL, entries=[FULL, row("2019-11-20", "2019-11-20")])["outcome"] == "pass"


def test_rows_all_of_an_excluded_category_are_out_of_scope_whatever_their_dates() -> None:
    answer = judge(applied_on="2017-06-06", entries=[row("2018-01-02", "2018-01-01", 1, "mountain_police")])
    assert (answer["outcome"], answer["reasons"]) == (
        "out_of_scope",
        [{"code": "excluded_category", "rule": "R12", "category": "mountain_police"}],
    )


def test_an_excluded_row_over_the_floor_is_not_said_to_straddle_it() -> None:
    rows = [FULL, row("2016-10-01", "2016-11-30", 60, "civil_defence")]
    assert judge(**RENEWAL, entries=rows)["notes"] == ["excluded_rows"]


@pytest.mark.parametrize(
    "entries",
    [
        [row("2016-10-31", "2019-10-31", 30_000)],
        [row("2013-01-01", "2016-10-31", 30_000)],
        [row("2013-01-01", "2013-02-01"), row("2019-11-01", "2019-11-02", 30_000, "civil_defence")],
    ],
)
def test_when_every_ordinary_row_begins_before_the_floor_nothing_counts(entries: list) -> None:
    answer = judge(**RENEWAL, entries=entries)
    assert answer["outcome"] == "fail"
    assert answer["reasons"] == [
        {"code": "tenure_short", "rule": "R2"},
        {"code": "hours_short", "rule": "R3", "half_hours": 0, "half_hours_short": 600},
        {"code": "not_recent", "rule": "R22", "cutoff": "2019-05-20"},
    ]
    assert (answer["counting_from"], answer["years_complete_on"], answer["eligible_on"]) == (None, None, None)


@pytest.mark.parametrize(
    ("applied", "first", "last", "eligible"),
    [
        ("2019-10-01", "2016-11-01", "2019-09-30", "2019-11-01"),  # window and one day of years: the window is later
        ("2019-10-01", "2016-12-15", "2019-09-30", "2019-12-14"),  # the years are later
        ("2019-11-20", "2016-11-10", "2019-10-31", "2019-11-20"),  # full since the 9th: only an entry is lacking
    ],
)
def test_waiting_leads_to_the_latest_of_the_three_days(applied: str, first: str, last: str, eligible: str) -> None:
    answer = judge(
        applied_on=applied, first_service=first, last_service=last, half_hours=600, previous_valid_until="2019-11-30"
    )
    assert (answer["outcome"], answer["eligible_on"]) == ("fail", eligible)
    short = next((reason for reason in answer["reasons"] if reason["code"] == "tenure_short"), None)
    assert short is None or short["needs"] == answer["years_complete_on"]


def test_no_waiting_brings_hours_or_recent_service() -> None:
    short = TYPED | {"first_service": "2015-01-01"}
    assert judge(**short)["eligible_on"] == "2017-12-31"
    assert judge(**short | {"half_hours": 599})["eligible_on"] is None
    assert judge(**short | {"last_service": "2016-12-05"})["eligible_on"] is None


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"renewal_floor": "day after"}, "rules.renewal_floor"),
        ({"renewal_floor": None}, "rules.renewal_floor"),
        ({"years": 0}, "rules.years"),
        ({"years": "3"}, "rules.years"),
        ({"half_hours_needed": -1}, "rules.half_hours_needed"),
        ({"half_hours_needed": 1e400}, "rules.half_hours_needed"),
        ({"recency_months": 6.0}, "rules.recency_months"),
        ({"no_such": 1}, "rules.no_such"),
        ({"earliest_service": "2001-01-20"}, "rules.earliest_service"),
        ("day_after", "rules"),
        (1, "rules"),
    ],
)
def test_settings_that_cannot_be_used_are_named_before_anything_is_judged(rules: object, field: str) -> None:
    for line in (TYPED, TYPED | {"category": "volunteer_fire"}, TYPED | {"record_book": False}):
        assert judge(**line, rules=rules)["reasons"] == [{"code": "malformed", "rule": "R36", "field": field}]


def test_an_empty_set_of_settings_overrides_nothing() -> None:
    assert judge(**TYPED, rules={}) == judge(**TYPED, rules=None) == judge(**TYPED)


def test_the_same_row_twice_counts_twice_and_huge_minutes_are_summed_exactly() -> None:
    twice = judge(applied_on="2017-06-06", entries=[row("2014-06-07", "2017-06-06", 9_000)] * 2)
    assert (twice["outcome"], twice["half_hours"]) == ("pass", 600)
    huge = judge(applied_on="2017-06-06", entries=[row("2014-06-07", "2017-06-06", 10**60 + 15)] * 2)
    assert huge["half_hours"] == (2 * 10**60 + 30) // 30
    assert huge["notes"] == ["hours_implausible"]


def test_a_key_said_twice_is_taken_as_said_last() -> None:
    line = json.dumps({"id": "x", **TYPED})[:-1] + ', "half_hours": 599}'
    assert codes(judge_line(line)) == ["hours_short"]


@pytest.mark.parametrize("identifier", ["", "c22", 0, 7, -1, 1.5, "編號", True])
def test_an_id_comes_back_as_it_was(identifier: object) -> None:
    answer = judge_line(json.dumps({"id": identifier, **TYPED}))
    assert (answer["id"], answer["outcome"]) == (identifier, "pass")


def test_without_a_book_the_hours_and_dates_may_be_missing_but_not_wrong() -> None:
    assert codes(judge(applied_on="2017-06-06", record_book=False, half_hours=None, last_service=None)) == [
        "no_record_book"
    ]
    assert codes(judge(applied_on="2017-06-06", record_book=False, half_hours=1.5)) == ["bad_hours"]
    assert codes(judge(applied_on="2017-06-06", record_book=False, first_service="2017-02-29")) == ["bad_date"]
    assert codes(judge(applied_on=None, record_book=False)) == ["malformed"]


def test_an_error_names_the_day_that_cannot_be() -> None:
    answer = judge(applied_on="2017-06-06", entries=[row("2017-01-01", "2017-06-07"), row("2017-03-02", "2017-03-01")])
    assert answer["reasons"] == [
        {"code": "start_after_last", "rule": "R8", "first": "2017-03-02", "last": "2017-03-01", "row": 2}
    ]


def test_each_line_is_judged_by_the_settings_of_its_own_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A city that asks for 350 hours from 117.01.01: the day of the application decides, not the day of the run."""
    stricter = overridden(TAIPEI, {"half_hours_needed": 700, "renewal_floor": "day_after"})
    history = {"taipei": ((date(2016, 11, 1), TAIPEI), (date(2028, 1, 1), stricter))}
    monkeypatch.setattr(jurisdiction, "_HISTORY", history)
    line = {"first_service": "2020-01-01", "last_service": "2027-12-31", "half_hours": 699}
    assert codes(judge(applied_on="2027-12-31", **line)) == []
    assert codes(judge(applied_on="2028-01-01", **line)) == ["hours_short"]
    assert codes(judge(applied_on="2028-01-01", **line, rules={"half_hours_needed": 600})) == []
    renewal = {**line, "previous_valid_until": "2027-11-30", "half_hours": 900}
    assert judge(applied_on="2027-12-31", **renewal)["counting_from"] == "2024-11-01"
    assert judge(applied_on="2028-01-02", **renewal)["counting_from"] == "2024-12-01"


@pytest.mark.parametrize(
    ("code", "floor", "reasons"),
    [
        ("taipei", "2016-11-01", ["window_not_open"]),
        ("new_taipei", "2016-12-01", ["window_not_open", "tenure_short"]),
        ("national", "2016-12-01", ["tenure_short"]),
    ],
)
def test_each_jurisdiction_has_its_floor_and_its_window(code: str, floor: str, reasons: list) -> None:
    line = {"id": 1, "applied_on": "2019-10-31", "previous_valid_until": "2019-11-30"}
    line |= {"first_service": "2010-01-01", "last_service": "2019-10-31", "half_hours": 600}
    answer = judge_line(json.dumps(line), code)
    assert (answer["counting_from"], codes(answer)) == (floor, reasons)
    by_line = judge_line(json.dumps(line | {"rules": {"renewal_floor": "month_start"}}), code)
    assert by_line["counting_from"] == "2016-11-01"
