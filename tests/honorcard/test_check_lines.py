"""`honorcard check`, line by line: the worked cases C01–C36, the order of judging, lines that are no application."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honorcard import roc
from honorcard.check_lines import judge_line, judge_lines

KEYS = ["id", "outcome", "reasons", "counting_from", "years_complete_on", "half_hours", "notes", "eligible_on"]


def iso(dotted: str) -> str:
    day = roc.read(dotted).date
    assert day is not None
    return day.isoformat()


def judge(line: dict) -> dict:
    """The answer to one application, as it comes out of the command."""
    answer = json.loads(json.dumps(judge_line(json.dumps({"id": "x", **line})), allow_nan=False))
    assert list(answer) == KEYS
    return answer


def codes(answer: dict) -> list[str]:
    return [reason["code"] for reason in answer["reasons"]]


def typed(applied: str, first: str, last: str, hours: float, **more) -> dict:
    return {
        "applied_on": iso(applied),
        "first_service": iso(first),
        "last_service": iso(last),
        "half_hours": int(hours * 2),
        **{key: iso(value) if key == "previous_valid_until" else value for key, value in more.items()},
    }


def row(start: str, end: str, minutes: int, category: str = "ordinary") -> dict:
    return {"from": iso(start), "to": iso(end), "minutes": minutes, "category": category}


def rows(applied: str, *entries: dict, **more) -> dict:
    dates = ("previous_valid_until", "counted_until")
    return {
        "applied_on": iso(applied),
        "entries": list(entries),
        **{key: iso(value) if key in dates else value for key, value in more.items()},
    }


def tenure(needs: str, days: int) -> dict:
    return {"code": "tenure_short", "rule": "R2", "needs": iso(needs), "days_short": days}


def hours_short(half_hours: int) -> dict:
    return {"code": "hours_short", "rule": "R3", "half_hours": half_hours, "half_hours_short": 600 - half_hours}


def not_recent(cutoff: str) -> dict:
    return {"code": "not_recent", "rule": "R22", "cutoff": iso(cutoff)}


def not_open(opens: str) -> dict:
    return {"code": "window_not_open", "rule": "R20", "opens": iso(opens)}


SCOPE = [{"code": "excluded_category", "rule": "R12", "category": "volunteer_fire"}]
P11 = {"previous_valid_until": "108.11.30"}

CASES = [
    # first card
    ("C01", typed("106.06.06", "103.06.07", "106.06.06", 300), "pass", [], "106.06.06"),
    ("C02", typed("106.06.06", "103.06.07", "106.06.05", 300), "fail", [tenure("106.06.06", 1)], "106.06.06"),
    ("C03", typed("106.06.06", "103.06.07", "106.06.06", 299.5), "fail", [hours_short(599)], None),
    (
        "C04",
        rows(
            "106.06.06",
            row("103.06.07", "104.06.06", 6010),
            row("104.06.07", "105.06.06", 6010),
            row("105.06.07", "106.06.06", 5990),
        ),
        "pass",
        [],
        "106.06.06",
    ),
    ("C05", typed("105.11.15", "102.11.01", "105.10.31", 300), "pass", [], "105.11.15"),
    ("C06", typed("105.11.15", "102.11.02", "105.10.31", 300), "fail", [tenure("105.11.01", 1)], "105.11.15"),
    ("C07", typed("108.03.05", "105.02.29", "108.02.28", 300), "pass", [], "108.03.05"),
    ("C08", typed("108.03.05", "105.02.29", "108.02.27", 300), "fail", [tenure("108.02.28", 1)], "108.03.05"),
    ("C09", typed("108.03.05", "105.03.01", "108.02.28", 300), "pass", [], "108.03.05"),
    ("C10", typed("105.03.01", "102.03.01", "105.02.28", 300), "fail", [tenure("105.02.29", 1)], "105.03.01"),
    ("C11", typed("105.03.01", "102.03.01", "105.02.29", 300), "pass", [], "105.03.01"),
    ("C12", typed("106.06.06", "102.01.01", "105.12.06", 400), "pass", [], "106.06.06"),
    ("C13", typed("106.06.06", "102.01.01", "105.12.05", 400), "fail", [not_recent("105.12.06")], None),
    ("C14", typed("106.08.31", "102.01.01", "106.02.28", 400), "pass", [], "106.08.31"),
    ("C15", typed("105.08.31", "101.01.01", "105.02.28", 400), "fail", [not_recent("105.02.29")], None),
    (
        "C16",
        typed("106.06.06", "103.06.07", "106.06.30", 300),
        "error",
        [{"code": "last_after_application", "rule": "R15", "last": "2017-06-30", "applied_on": "2017-06-06"}],
        None,
    ),
    (
        "C17",
        {"applied_on": "2017-06-06", "first_service": None, "half_hours": 1800, "record_book": False},
        "fail",
        [{"code": "no_record_book", "rule": "R1"}],
        None,
    ),
    ("C18", typed("106.06.06", "100.01.01", "106.05.31", 5000), "pass", [], "106.06.06"),
    (
        "C19",
        typed("106.06.06", "102.01.01", "106.05.31", 400, category="volunteer_fire"),
        "out_of_scope",
        SCOPE,
        None,
    ),
    (
        "C19-rows",
        rows("106.06.06", row("102.01.01", "106.05.31", 24000, "volunteer_fire")),
        "out_of_scope",
        SCOPE,
        None,
    ),
    (
        "C20",
        rows(
            "106.06.06",
            row("102.01.01", "106.05.31", 320 * 60),
            row("102.01.01", "106.05.31", 200 * 60, "civil_defence"),
        ),
        "pass",
        [],
        "106.06.06",
    ),
    (
        "C21",
        rows(
            "106.06.06",
            row("102.01.01", "106.05.31", 250 * 60),
            row("102.01.01", "106.05.31", 200 * 60, "civil_defence"),
        ),
        "fail",
        [hours_short(500)],
        None,
    ),
    # renewal
    ("C22", typed("108.11.01", "105.11.01", "108.10.31", 300, **P11), "pass", [], "108.11.01"),
    ("C23", typed("108.10.31", "105.11.01", "108.10.31", 300, **P11), "fail", [not_open("108.11.01")], "108.11.01"),
    ("C24", typed("108.11.20", "102.01.01", "108.10.31", 300, **P11), "pass", [], "108.11.20"),
    ("C25", typed("108.11.20", "102.01.01", "108.10.31", 280, **P11), "fail", [hours_short(560)], None),
    ("C26", typed("108.11.20", "105.11.20", "108.10.31", 300, **P11), "fail", [tenure("108.11.19", 19)], "108.11.20"),
    ("C27", typed("108.11.25", "105.11.20", "108.11.19", 300, **P11), "pass", [], "108.11.25"),
    ("C28", typed("109.08.15", "105.11.01", "109.07.31", 300, **P11), "pass", [], "109.08.15"),
    ("C29", typed("109.08.15", "105.11.01", "109.02.14", 350, **P11), "fail", [not_recent("109.02.15")], None),
    ("C30", typed("109.08.15", "105.11.01", "109.02.15", 350, **P11), "pass", [], "109.08.15"),
    (
        "C31",
        typed("109.02.01", "106.02.01", "109.01.31", 300, previous_valid_until="109.02.29"),
        "pass",
        [],
        "109.02.01",
    ),
    (
        "C32",
        typed("108.06.01", "105.06.01", "108.05.31", 300, previous_valid_until="108.06.02"),
        "pass",
        [],
        "108.06.01",
    ),
    (
        "C33",
        typed("108.05.31", "105.06.01", "108.05.31", 300, previous_valid_until="108.06.02"),
        "fail",
        [not_open("108.06.01")],
        "108.06.01",
    ),
    (
        "C34",
        typed("108.09.10", "105.09.01", "108.08.31", 320, previous_valid_until="105.06.30"),
        "pass",
        [],
        "108.09.10",
    ),
    (
        "C35",
        rows(
            "108.11.20",
            row("105.11.01", "105.11.10", 12 * 60),
            row("105.11.11", "108.10.31", 293 * 60),
            previous_valid_until="108.11.30",
            counted_until="105.11.10",
        ),
        "fail",
        [hours_short(586)],
        None,
    ),
    (
        "C36",
        typed("108.11.01", "105.11.01", "108.10.31", 300, rules={"renewal_floor": "day_after"}, **P11),
        "fail",
        [tenure("108.11.30", 30)],
        "108.11.30",
    ),
]


@pytest.mark.parametrize(
    ("line", "outcome", "reasons", "eligible_on"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_worked_case(line: dict, outcome: str, reasons: list, eligible_on: str | None) -> None:
    answer = judge(line)
    assert (answer["outcome"], answer["reasons"]) == (outcome, reasons)
    assert answer["eligible_on"] == (eligible_on and iso(eligible_on))


def test_the_line_of_the_contract_is_answered_as_the_contract_says() -> None:
    line = (
        '{"id":"c22","applied_on":"2019-11-01","first_service":"2016-11-01","last_service":"2019-10-31","half_hours":600,'
        '"previous_valid_until":"2019-11-30","category":"ordinary","record_book":true}'
    )
    assert judge_line(line) == {
        "id": "c22",
        "outcome": "pass",
        "reasons": [],
        "counting_from": "2016-11-01",
        "years_complete_on": "2019-10-31",
        "half_hours": 600,
        "notes": [],
        "eligible_on": "2019-11-01",
    }


@pytest.mark.parametrize(
    ("previous", "settings", "floor"),
    [
        ("108.11.30", {}, "105.11.01"),
        ("108.11.30", {"renewal_floor": "day_after"}, "105.12.01"),
        ("105.01.31", {"renewal_floor": "day_after"}, "102.02.01"),
        ("109.02.29", {}, "106.02.01"),
        ("109.02.29", {"renewal_floor": "day_after"}, "106.03.01"),
    ],
)
def test_a_first_day_before_the_floor_moves_to_it(previous: str, settings: dict, floor: str) -> None:
    answer = judge(typed("109.03.05", "90.02.01", "109.03.05", 300, previous_valid_until=previous, rules=settings))
    assert answer["counting_from"] == iso(floor)


def test_a_last_day_before_the_floor_is_judged_like_any_other() -> None:
    answer = judge(typed("108.11.20", "102.01.01", "105.10.31", 300, **P11))
    assert answer["counting_from"] == iso("105.11.01")
    assert answer["reasons"] == [tenure("108.10.31", 1095), not_recent("108.05.20")]


def test_all_that_applies_is_named_in_the_order_of_the_contract() -> None:
    answer = judge(typed("108.10.31", "105.12.01", "108.03.31", 100, **P11))
    assert answer["reasons"] == [
        not_open("108.11.01"),
        tenure("108.11.30", 244),
        hours_short(200),
        not_recent("108.04.30"),
    ]


def test_waiting_leads_to_the_latest_of_application_opening_and_full_years() -> None:
    assert judge(typed("108.10.01", "105.12.15", "108.09.30", 300, **P11))["eligible_on"] == iso("108.12.14")
    assert judge(typed("108.10.01", "105.11.01", "108.09.30", 300, **P11))["eligible_on"] == iso("108.11.01")


# rows


def test_rows_before_the_floor_count_for_nothing_and_one_over_it_is_noted() -> None:
    answer = judge(
        rows(
            "108.11.20",
            row("108.01.01", "108.10.31", 9000),
            row("105.11.01", "107.12.31", 9000),
            row("105.10.15", "105.11.15", 6000),
            row("102.01.01", "105.10.31", 36000),
            previous_valid_until="108.11.30",
        )
    )
    assert (answer["outcome"], answer["half_hours"], answer["notes"]) == ("pass", 600, ["straddles_floor"])
    assert answer["counting_from"] == iso("105.11.01")


def test_a_row_that_ends_the_day_before_the_floor_does_not_reach_over_it() -> None:
    entries = (row("105.10.01", "105.10.31", 60), row("105.11.01", "108.10.31", 18000))
    assert judge(rows("108.11.20", *entries, previous_valid_until="108.11.30"))["notes"] == []
    touching = (row("105.10.01", "105.11.01", 60), entries[1])
    assert judge(rows("108.11.20", *touching, previous_valid_until="108.11.30"))["notes"] == ["straddles_floor"]


def test_used_hours_still_count_for_tenure_and_a_row_over_their_end_is_noted() -> None:
    entries = (row("105.11.01", "105.11.10", 720), row("105.11.05", "108.10.31", 18000))
    answer = judge(rows("108.11.20", *entries, previous_valid_until="108.11.30", counted_until="105.11.10"))
    assert (answer["outcome"], answer["half_hours"]) == ("pass", 600)
    assert answer["counting_from"] == iso("105.11.01")
    assert answer["notes"] == ["straddles_counted"]


@pytest.mark.parametrize("entries", [[], [row("102.01.01", "105.10.31", 30000)]])
def test_when_no_row_counts_everything_is_short(entries: list) -> None:
    answer = judge(rows("108.10.31", *entries, previous_valid_until="108.11.30"))
    assert answer["reasons"] == [
        not_open("108.11.01"),
        {"code": "tenure_short", "rule": "R2"},
        hours_short(0),
        not_recent("108.04.30"),
    ]
    assert [answer[key] for key in KEYS[3:]] == [None, None, 0, [], None]


def test_no_rows_at_all_are_no_rows_of_an_excluded_category() -> None:
    assert judge(rows("108.11.20"))["outcome"] == "fail"


def test_excluded_rows_are_noted_and_give_neither_days_nor_hours() -> None:
    answer = judge(
        rows(
            "106.06.06",
            row("90.02.01", "106.06.06", 99999, "civil_defence"),
            row("104.01.01", "105.10.31", 20000),
        )
    )
    assert codes(answer) == ["tenure_short", "not_recent"]
    assert answer["counting_from"] == iso("104.01.01")
    assert answer["notes"] == ["excluded_rows"]


def test_an_excluded_row_may_end_after_the_application_but_not_before_it_begins() -> None:
    good = row("102.01.01", "106.05.31", 20000)
    later = row("106.01.01", "106.12.31", 60, "volunteer_police")
    assert judge(rows("106.06.06", good, later))["outcome"] == "pass"
    reversed_row = row("106.02.01", "106.01.01", 60, "volunteer_police")
    assert codes(judge(rows("106.06.06", good, reversed_row))) == ["start_after_last"]
    assert codes(judge(rows("106.06.06", row("106.01.01", "106.12.31", 60), reversed_row))) == ["start_after_last"]
    assert codes(judge(rows("106.06.06", row("106.01.01", "106.12.31", 60)))) == ["last_after_application"]


def test_the_order_of_rows_does_not_matter() -> None:
    entries = [
        row("105.06.07", "106.06.06", 6000),
        row("103.06.07", "104.06.06", 6010),
        row("104.06.07", "105.06.06", 5990),
    ]
    answers = [judge(rows("106.06.06", *order)) for order in (entries, entries[::-1])]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("resumed", "notes"),
    [("106.01.01", []), ("106.01.02", ["long_gap"])],
    ids=["twelve months", "twelve months and a day"],
)
def test_a_gap_of_more_than_twelve_months_is_noted(resumed: str, notes: list) -> None:
    entries = (row("103.01.01", "104.12.31", 9000), row(resumed, "106.12.31", 9000))
    answer = judge(rows("107.01.05", *entries))
    assert (answer["outcome"], answer["notes"]) == ("pass", notes)


def test_what_cannot_well_be_true_is_noted_and_passes() -> None:
    assert judge(typed("106.06.06", "89.12.31", "106.06.06", 400))["notes"] == ["before_act"]
    assert judge(typed("106.06.06", "103.06.07", "106.06.06", 30000))["notes"] == ["hours_implausible"]
    assert judge(rows("106.06.06", row("103.06.07", "106.06.05", 18000), row("106.06.06", "106.06.06", 1441)))[
        "notes"
    ] == ["hours_implausible"]


# the order of judging


def test_an_excluded_category_goes_before_the_record_book_and_needs_no_dates() -> None:
    answer = judge({"applied_on": "2017-06-06", "category": "volunteer_fire", "record_book": False})
    assert (answer["outcome"], answer["reasons"]) == ("out_of_scope", SCOPE)
    assert [answer[key] for key in KEYS[3:]] == [None] * 5


def test_no_record_book_stands_alone_whatever_the_dates_say() -> None:
    line = typed("106.06.06", "106.06.30", "103.06.07", 1, record_book=False)
    assert codes(judge(line)) == ["no_record_book"]
    assert codes(judge(rows("106.06.06", row("103.01.01", "103.02.01", 1, "civil_defence"), record_book=False))) == [
        "no_record_book"
    ]
    assert [judge({"applied_on": "2017-06-06", "record_book": False})[key] for key in KEYS[3:]] == [None] * 5


def test_no_record_book_still_gives_the_figures_where_there_are_dates() -> None:
    answer = judge(typed("106.06.06", "103.06.07", "106.06.06", 300, record_book=False))
    assert [answer[key] for key in KEYS[3:]] == [iso("103.06.07"), iso("106.06.06"), 600, [], None]
    empty = judge(typed("106.06.06", "103.06.07", "106.06.06", 300, record_book=False, entries=[]))
    assert [empty[key] for key in KEYS[3:]] == [None] * 5


def test_a_period_that_ends_before_it_begins_goes_before_one_after_the_application() -> None:
    assert codes(judge(typed("106.06.06", "107.06.07", "107.01.01", 300))) == ["start_after_last"]


GOOD = typed("106.06.06", "103.06.07", "106.06.06", 300)
WITHOUT = {key: GOOD[key] for key in ("applied_on", "first_service", "last_service")}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"id": None}, "malformed"),
        ({"id": ["x"]}, "malformed"),
        ({"applied_on": None}, "malformed"),
        ({"first_service": None}, "malformed"),
        ({"last_service": None}, "malformed"),
        ({"half_hours": None}, "malformed"),
        ({"entries": {}}, "malformed"),
        ({"entries": [1]}, "malformed"),
        ({"record_book": "no"}, "malformed"),
        ({"record_book": 0}, "malformed"),
        ({"rules": []}, "malformed"),
        ({"rules": {"renewal_floor": "sometimes"}}, "malformed"),
        ({"rules": {"renewal_floor": ["day_after"]}}, "malformed"),
        ({"rules": {"years": True}}, "malformed"),
        ({"rules": {"code": "x"}}, "malformed"),
        ({"category": "fire"}, "bad_category"),
        ({"category": ""}, "bad_category"),
        ({"category": ["ordinary"]}, "bad_category"),
        ({"category": 0}, "bad_category"),
        ({"category": "fire", "first_service": None, "half_hours": None}, "bad_category"),
        ({"category": [], "last_service": None}, "bad_category"),
        ({"half_hours": -1}, "bad_hours"),
        ({"half_hours": 600.0}, "bad_hours"),
        ({"half_hours": "600"}, "bad_hours"),
        ({"half_hours": True}, "bad_hours"),
        ({"half_hours": [600]}, "bad_hours"),
        ({"half_hours": float("nan")}, "bad_hours"),
        ({"half_hours": float("inf")}, "bad_hours"),
        ({"half_hours": -1, "record_book": False}, "bad_hours"),
        ({"applied_on": "2017-6-6"}, "bad_date"),
        ({"applied_on": "20170606"}, "bad_date"),
        ({"applied_on": "2017-W23-2"}, "bad_date"),
        ({"applied_on": "2017-06-06T00:00:00"}, "bad_date"),
        ({"applied_on": "2017-06-06\n"}, "bad_date"),
        ({"applied_on": "106-06-06"}, "bad_date"),
        ({"applied_on": "0000-06-06"}, "bad_date"),
        ({"applied_on": "２０１７-06-06"}, "bad_date"),
        ({"applied_on": 20170606}, "bad_date"),
        ({"applied_on": {}}, "bad_date"),
        ({"first_service": "2015-02-29"}, "bad_date"),
        ({"previous_valid_until": "soon"}, "bad_date"),
        ({"counted_until": ""}, "bad_date"),
        ({"first_service": "x", "category": "volunteer_fire"}, "bad_date"),
        ({"half_hours": -1, "applied_on": "x"}, "bad_hours"),
        ({"half_hours": -1, "category": "x"}, "bad_category"),
        ({"half_hours": -1, "category": "x", "record_book": 1}, "malformed"),
        ({"entries": [{"from": "2015-01-01", "to": "2015-01-02"}]}, "bad_hours"),
        ({"entries": [{"from": "2015-01-01", "minutes": 1}]}, "bad_date"),
        ({"entries": [{"from": "2015-01-01", "to": "2015-01-02", "minutes": 1.5}]}, "bad_hours"),
        ({"entries": [{"from": "2015-01-01", "to": "2015-01-02", "minutes": 1, "category": "x"}]}, "bad_category"),
    ],
)
def test_a_line_that_is_no_application_gets_one_error(line: dict, code: str) -> None:
    answer = judge({**GOOD, **line})
    assert (answer["outcome"], codes(answer)) == ("error", [code])
    assert [answer[key] for key in KEYS[3:]] == [None] * 5


def test_a_bad_date_names_its_field_and_row() -> None:
    assert judge({**GOOD, "last_service": "x"})["reasons"] == [
        {"code": "bad_date", "rule": "R36", "field": "last_service"}
    ]
    entries = [
        {"from": "2015-01-01", "to": "2015-01-02", "minutes": 1},
        {"from": "2015-01-01", "to": "x", "minutes": 1},
    ]
    assert judge({**GOOD, "entries": entries})["reasons"] == [
        {"code": "bad_date", "rule": "R36", "field": "to", "row": 2}
    ]


def test_nulls_are_absent_and_defaults_stand() -> None:
    nulls = dict.fromkeys(("category", "record_book", "previous_valid_until", "entries", "counted_until", "rules"))
    assert judge({**GOOD, **nulls}) == judge(GOOD)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "  ",
        "{",
        "null",
        "[]",
        "3",
        '"x"',
        "NaN",
        "{'id':1}",
        "[" * 100_000,
        '{"a":' * 5000,
        "\x00",
        b"\xff{}",
        b"{\xc3}",
    ],
)
def test_a_line_that_is_no_object_is_malformed(line: str | bytes) -> None:
    answer = judge_line(line)
    assert (answer["id"], answer["outcome"], codes(answer)) == (None, "error", ["malformed"])


def test_numbers_without_measure_are_answered() -> None:
    line = json.dumps({"id": "x", **WITHOUT})[:-1] + ', "half_hours": %s}'
    assert judge_line(line % ("9" * 4000))["outcome"] == "pass"
    assert codes(judge_line(line % ("9" * 5000))) == ["bad_hours"]
    assert codes(judge_line(line % "1e999")) == ["bad_hours"]
    assert json.dumps(judge_line('{"id": 1e999}'), allow_nan=False)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_answered(day: str) -> None:
    line = {"applied_on": day, "first_service": day, "last_service": day, "half_hours": 600}
    assert codes(judge(line)) == ["tenure_short"]
    for settings in ({}, {"renewal_floor": "day_after"}):
        assert judge({**line, "previous_valid_until": day, "rules": settings})["outcome"] == "fail"
        assert judge({**line, "previous_valid_until": day, "entries": [], "rules": settings})["outcome"] == "fail"


def test_settings_on_the_line_override() -> None:
    assert judge({**GOOD, "half_hours": 500, "rules": {"half_hours_needed": 500}})["outcome"] == "pass"
    assert judge({**GOOD, "rules": {"years": 4}})["years_complete_on"] == iso("107.06.06")
    early = typed("108.10.31", "105.11.01", "108.10.31", 300, **P11)
    assert judge({**early, "rules": {"renewal_window": "any"}})["outcome"] == "pass"
    assert judge({**GOOD, "rules": {"training_gate": "enforce", "validity": "approval_only"}}) == judge(GOOD)


def test_answers_come_in_order_one_a_line() -> None:
    lines = [json.dumps({"id": n, **GOOD}) if n % 2 else "?" for n in range(6)]
    assert [answer["id"] for answer in judge_lines(lines)] == [None, 1, None, 3, None, 5]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates().map(date.isoformat),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ROWS = st.lists(
    st.fixed_dictionaries({}, optional={"from": JSON, "to": JSON, "minutes": JSON | st.just(60), "category": JSON}),
    max_size=3,
)
LINES = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON,
        "applied_on": JSON,
        "first_service": JSON,
        "last_service": JSON,
        "half_hours": JSON | st.integers(0, 900),
        "previous_valid_until": JSON,
        "counted_until": JSON,
        "category": JSON | st.just("ordinary"),
        "record_book": JSON,
        "entries": JSON | ROWS,
        "rules": JSON,
    },
)


@given(LINES | JSON)
def test_any_json_gets_exactly_one_answer(value: object) -> None:
    answer = judge_line(json.dumps(value))
    assert list(answer) == KEYS
    assert (answer["outcome"] == "pass") == (answer["reasons"] == [])
    assert json.dumps(answer, allow_nan=False)


@given(st.text())
def test_any_text_gets_exactly_one_answer(line: str) -> None:
    assert list(judge_line(line)) == KEYS
