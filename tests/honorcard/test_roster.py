"""A unit's list: columns by name, cells as spreadsheets write them, wrong rows named, verdicts as everywhere."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from honorcard import eligibility, roster
from honorcard.claims import Claim
from honorcard.jurisdiction import TAIPEI
from honorcard.problems import CATALOGUE, ProblemError
from honorcard.roster import EXCEL_EPOCH, EXCEL_EPOCH_1904, Line, Merged, Roster, Unusable, cells, columns

TODAY = date(2026, 11, 21)
HEADINGS = ("姓名", "身分證字號", "生日", "服務開始日", "最近服務日", "服務時數", "前卡到期日", "類別")
GOOD = ("林秀琴", "A223456781", "047.08.16", "112.11.01", "115.10.31", "318.5", "", "")


def checked(*rows: tuple, headings: tuple = HEADINGS, epoch: date = EXCEL_EPOCH) -> Roster:
    lines = [Line(number, row) for number, row in enumerate((headings, *rows), start=1)]
    return roster.check(lines, TODAY, TAIPEI, epoch)


def but(**changed: object) -> tuple:
    """The good row with some cells changed, by heading."""
    names = dict(zip(("name", "id", "birth", "start", "last", "hours", "previous", "category"), range(8), strict=True))
    row = list(GOOD)
    for name, value in changed.items():
        row[names[name]] = value
    return tuple(row)


def only(found: Roster):
    assert len(found.persons) == 1
    return found.persons[0]


def codes(person) -> list[str]:
    return [trouble.code for trouble in person.troubles]


# --- verdicts ---


def test_a_good_row_is_judged_as_honorcard_check_would():
    person = only(checked(GOOD))
    claim = Claim(TODAY, date(2023, 11, 1), date(2026, 10, 31), 637)
    assert person.verdict == eligibility.judge(claim, TAIPEI)
    assert person.group == "now" and person.lines == (2,) and person.identity_number == "A223456781"


@pytest.mark.parametrize(
    ("changed", "group", "reasons", "day"),
    [
        ({"hours": "300"}, "now", [], TODAY),
        ({"hours": "299.5"}, "not", ["hours_short"], None),
        ({"start": "113.01.01"}, "later", ["tenure_short"], date(2026, 12, 31)),
        ({"last": "115.05.20", "start": "110.01.01"}, "not", ["not_recent"], None),
        ({"last": "115.05.21", "start": "110.01.01"}, "now", [], TODAY),
        ({"previous": "115.12.31", "start": "110.01.01"}, "later", ["window_not_open", "tenure_short"], date(2026, 12, 1)),
        ({"previous": "115.11.30", "start": "110.01.01"}, "now", [], TODAY),
        ({"category": "義消"}, "not", ["excluded_category"], None),
        ({"category": "volunteer_police", "start": "", "last": "", "hours": ""}, "not", ["excluded_category"], None),
        ({"category": "文化類"}, "now", [], TODAY),
    ],
)  # fmt: skip
def test_each_person_stands_in_one_group_with_the_day(changed, group, reasons, day):
    person = only(checked(but(**changed)))
    assert (person.group, [it.code for it in person.verdict.reasons], person.verdict.eligible_on) == (
        group,
        reasons,
        day,
    )


def test_a_row_without_a_record_book_needs_no_dates():
    found = checked(("林秀琴", "", "", "", "沒有"), headings=("姓名", "起日", "迄日", "時數", "有無紀錄冊"))
    assert [it.code for it in only(found).verdict.reasons] == ["no_record_book"]


def test_those_who_will_qualify_come_by_their_day():
    late = but(name="甲乙", id="A123456789", start="113.06.01")
    soon = but(name="丙丁", id="B120000008", start="112.12.01")
    assert [person.name for person in checked(late, soon).group("later")] == ["丙丁", "甲乙"]


def test_rows_of_one_number_are_one_record_book_and_minutes_are_floored_once():
    rows = [
        ("林秀琴", "A223456781", "112.11.01", "113.10.31", "100:10"),
        ("林秀琴", "Ａ２２３４５６７８１", "113.11.01", "114.10.31", timedelta(hours=100, minutes=10)),
        ("林秀琴", "A223456781", "114.11.01", "115.10.31", "99:50"),
    ]
    person = only(checked(*rows, headings=("姓名", "身分證", "起", "迄", "時數")))
    assert person.lines == (2, 3, 4)
    assert person.verdict.passed and person.verdict.half_hours == 600  # C04
    assert person.verdict.counting_from == date(2023, 11, 1)


def test_a_renewals_row_over_the_floor_is_named_by_its_line():
    rows = [
        ("林秀琴", "A223456781", "112.10.01", "112.12.31", "50", "115.11.30"),
        ("林秀琴", "A223456781", "113.01.01", "115.10.31", "290", ""),
    ]
    verdict = only(checked(*rows, headings=("姓名", "身分證", "起", "迄", "時數", "前卡到期日"))).verdict
    note = next(note for note in verdict.notes if note.code == "straddles_floor")
    assert note.details["rows"] == [2]
    assert verdict.half_hours == 580


# --- columns ---


@pytest.mark.parametrize(
    "headings",
    [
        ("志工姓名", "身份證號", "出生年月日（民國）", "服務起日", "服務迄日", "累計服務時數(小時)", "前張卡到期日", "志工類別"),
        ("Name", "ID number", "Birth date", "First day of service", "Latest day of service", "Hours",
         "Old card valid until", "Category"),
        ("姓 名*", "國民身分證統一編號", "生日", "本次申請服務紀錄冊登載之服務開始日期",
         "手冊上最近一次服務日期 (申請榮譽卡需在最近半年有服務紀錄)", "服務時數(需滿300小時)", "榮譽卡有效期限", "服務種類"),
        ("姓名\n", "身分證\n字號", "出生日期", "服務年資-起", "服務年資-訖", "服務總時數", "舊卡到期日", "類　別"),
        ("申請人姓名", "身分證字號/護照號碼", "DOB", "Start date", "End date", "Total hours", "Expiry date", "種類"),
    ],
)  # fmt: skip
def test_columns_are_found_by_many_names(headings):
    assert only(checked(GOOD, headings=headings)).group == "now"
    assert only(checked(but(category="義勇消防", previous="115.11.30"), headings=headings)).group == "not"


@given(st.permutations(range(len(HEADINGS))))
@settings(max_examples=30, deadline=None)
def test_the_order_of_columns_is_no_matter(order):
    def arranged(row: tuple) -> tuple:
        return tuple(row[at] for at in order)

    assert only(checked(arranged(GOOD), headings=arranged(HEADINGS))).verdict == only(checked(GOOD)).verdict


def test_titles_above_and_two_rows_of_headings_are_understood():
    lines = [
        Line(1, ("臺北市北門文化導覽志工隊 名冊",)),
        Line(3, ("編號", "姓名", "身分證字號", "服務期間", None, "時數")),
        Line(4, (None, None, None, "起", "迄", None)),
        Line(5, (1, "林秀琴", "A223456781", "112.11.01", "115.10.31", 318.5)),
        Line(6, (None, "合計", None, None, None, 318.5)),
    ]
    found = roster.check(lines, TODAY, TAIPEI)
    assert only(found).lines == (5,) and only(found).group == "now"
    assert found.skipped == (6,)
    assert found.titles["start"] == "服務期間起"


def test_a_period_in_one_cell_and_a_day_column_are_read():
    by_period = checked(("林秀琴", "112.11.01～115.10.31", "300"), headings=("姓名", "服務期間", "時數"))
    assert only(by_period).group == "now"
    days = [("林秀琴", "A223456781", day, "150") for day in ("112.11.01", "115.10.31")]
    assert only(checked(*days, headings=("姓名", "身分證字號", "服務日期", "時數"))).group == "now"


def test_a_column_of_minutes_is_read_as_minutes():
    assert (
        only(
            checked(("林秀琴", "112.11.01", "115.10.31", "18,010"), headings=("姓名", "起", "迄", "服務時數(分鐘)"))
        ).group
        == "now"
    )


def test_missing_columns_are_named_in_both_languages():
    with pytest.raises(ProblemError) as raised:
        checked(("林秀琴", "112.11.01"), headings=("姓名", "服務開始日"))
    assert raised.value.sentence("zh").startswith("找不到這些欄：最近服務日、服務時數。")
    assert "Latest day of service, Hours" in raised.value.sentence("en")


def test_two_columns_of_one_name_are_asked_about_unless_one_is_better_known():
    with pytest.raises(ProblemError, match="roster_column_twice"):
        checked(("林", "112.11.01", "115.10.31", 1, 2), headings=("姓名", "起日", "迄日", "時數", "時數"))
    better = checked(
        ("林秀琴", "112.11.01", "115.10.31", 20, 300), headings=("姓名", "起日", "迄日", "時數", "累計時數")
    )
    assert only(better).group == "now"


def test_other_columns_are_not_taken_for_ours():
    headings = (
        "英文姓名",
        "姓名",
        "服務單位",
        "訓練時數",
        "本月時數",
        "起日",
        "迄日",
        "時數",
        "紀錄冊編號",
        "緊急聯絡人姓名",
    )
    row = ("Lin", "林秀琴", "x", 12, 8, "112.11.01", "115.10.31", 300, "043871", "y")
    assert only(checked(row, headings=headings)).group == "now"


@pytest.mark.parametrize("lines", [[], [()], [(None, "  ")], [HEADINGS], [HEADINGS, (None,) * 8]])
def test_a_list_of_nobody_is_said_to_be_empty(lines):
    with pytest.raises(ProblemError, match="roster_empty"):
        roster.check([Line(at, cells) for at, cells in enumerate(lines, start=1)], TODAY, TAIPEI)


def test_every_known_name_belongs_to_one_field():
    names = [name for names in columns._NAMES.values() for name in names.split()]
    assert len(names) == len(set(names))


def test_more_rows_than_a_list_may_have_are_refused_as_a_whole():
    row = ("林", "112.11.01", "115.10.31", 1)
    lines = [Line(1, ("姓名", "起", "迄", "時數"))] + [Line(at, row) for at in range(2, roster.MOST_ROWS + 3)]
    with pytest.raises(ProblemError, match="roster_rows_too_many"):
        roster.check(lines, TODAY, TAIPEI)


# --- cells ---


@pytest.mark.parametrize(
    "cell",
    ["112.11.01", "１１２／１１／０１", "112年11月1日", "民國112年11月1日（星期三）", "1121101", 1121101, 1121101.0,
     "2023/11/1", "20231101", 20231101, date(2023, 11, 1), datetime(2023, 11, 1, 9, 30), 45231, 45231.0, 45231.75, "45231",
     "2023-11-01 00:00:00",
     "2023/11/1 上午 12:00:00", " 112 . 11 . 01 "],
)  # fmt: skip
def test_a_day_is_read_in_every_form_a_spreadsheet_gives(cell):
    assert cells.day(cell, EXCEL_EPOCH) == date(2023, 11, 1)


def test_a_serial_number_counts_from_the_workbooks_own_day():
    assert cells.day(45231 - 1462, EXCEL_EPOCH_1904) == date(2023, 11, 1)


@pytest.mark.parametrize("month", ["10801", 11512, "112.11", "9901"])
def test_a_month_is_not_taken_for_a_serial_number(month):
    with pytest.raises(cells.CellTrouble, match="date_unreadable"):
        cells.day(month, EXCEL_EPOCH)


@pytest.mark.parametrize("cell", ["16/11/1", date(1900, 10, 26), "10/11/12"])
def test_a_day_long_before_there_were_volunteers_is_a_slip(cell):
    with pytest.raises(cells.CellTrouble, match="roster_day_too_early"):
        cells.day(cell, EXCEL_EPOCH)
    assert cells.day(cell, EXCEL_EPOCH, service=False)


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [(300, 18000), (300.5, 18030), ("３００．５", 18030), ("1,234.5小時", 74070), ("300½", 18030), (0, 0), ("12:20", 740),
     (time(2, 30), 150), (timedelta(hours=300), 18000), (0.1 + 0.2 + 0.2, 30), (299.99999999999994, 18000), (None, None),
     ("", None)],
)  # fmt: skip
def test_hours_are_read_from_text_numbers_and_durations(cell, minutes):
    assert cells.minutes(cell) == minutes


@pytest.mark.parametrize(
    ("changed", "expected", "column"),
    [
        ({"name": ""}, "roster_name_missing", "姓名"),
        ({"name": "林\n秀琴"}, "name_characters", "姓名"),
        ({"name": "游錫?"}, "roster_name_lost", "姓名"),
        ({"id": "A223456782"}, "roster_id_check_digit", "身分證字號"),
        ({"id": "X1234567"}, "roster_id_length", "身分證字號"),
        ({"birth": "047.13.16"}, "date_no_such_day", "生日"),
        ({"birth": "116.01.01"}, "birth_in_future", "生日"),
        ({"start": ""}, "roster_day_missing", "服務開始日"),
        ({"start": "112.11"}, "date_unreadable", "服務開始日"),
        ({"last": "115.11.22"}, "roster_day_to_come", "最近服務日"),
        ({"last": "111.11.22"}, "roster_start_after_last", "最近服務日"),
        ({"last": "104.02.29"}, "date_no_such_day", "最近服務日"),
        ({"hours": ""}, "roster_hours_missing", "服務時數"),
        ({"hours": "三百"}, "hours_unreadable", "服務時數"),
        ({"hours": "300.3"}, "hours_step", "服務時數"),
        ({"hours": -1}, "hours_range", "服務時數"),
        ({"hours": datetime(1900, 10, 26)}, "roster_hours_are_a_day", "服務時數"),
        ({"hours": Unusable("roster_formula", "F2")}, "roster_formula", "服務時數"),
        ({"last": Unusable("roster_cell_error", "E2")}, "roster_cell_error", "最近服務日"),
        ({"hours": Merged(300)}, "roster_merged", "服務時數"),
        ({"category": "魔法"}, "roster_category", "類別"),
        ({"category": "換發"}, "roster_previous_missing", "前卡到期日"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_with_its_line_and_column(changed, expected, column):
    found = checked(GOOD, but(**{"id": "B120000008", "name": "陳文雄"} | changed))
    good, wrong = found.persons
    assert good.group == "now" and wrong.group == "wrong" and wrong.verdict is None
    assert codes(wrong) == [expected]
    assert (wrong.troubles[0].line, wrong.troubles[0].column) == (3, column)
    for language, place in (("zh", f"第 3 列「{column}」："), ("en", f"Row 3, “{column}”: ")):
        words = roster.trouble_words(wrong.troubles[0], language)
        assert words.startswith(place) and "{" not in words


def test_all_that_is_wrong_in_a_row_is_said_at_once():
    assert codes(only(checked(but(start="x", last="115.13.01", hours="?")))) == [
        "date_unreadable",
        "date_no_such_day",
        "hours_unreadable",
    ]


def test_a_passport_is_one_only_where_the_list_says_so():
    assert only(checked(but(id="護照 X1234567"))).identity_number == "X1234567"
    headings = ("姓名", "護照號碼", "起", "迄", "時數")
    assert (
        only(
            checked(("NGUYEN THI HOA", "c-1234567", "112.11.01", "115.10.31", "300"), headings=headings)
        ).identity_number
        == "C1234567"
    )


# --- persons ---


def test_a_person_with_one_wrong_row_is_not_judged_by_the_others():
    found = checked(GOOD, but(start="115.11.01", last="115.11.0x", hours="3"))
    assert only(found).group == "wrong" and only(found).lines == (2, 3)


def test_the_same_name_with_nothing_to_tell_apart_is_asked_about():
    nameless = but(id="", birth="")
    for rows in ((nameless, nameless), (nameless, GOOD), (GOOD, but(id="A223456782", birth=""))):
        found = checked(*rows)
        assert [person.group for person in found.persons] == ["wrong", "wrong"]
        assert all("roster_same_name" in codes(person) for person in found.persons)
    apart = checked(but(id=""), but(id="", birth="050.01.01"))
    assert [person.group for person in apart.persons] == ["now", "now"]
    assert len(checked(GOOD, but(id="B120000008", birth="")).persons) == 2


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({}, "roster_row_twice"),
        ({"category": "一般"}, "roster_row_twice"),
        ({"name": "林秀芹", "last": "115.11.01"}, "roster_rows_disagree"),
        ({"birth": "047.08.17", "last": "115.11.01"}, "roster_rows_disagree"),
    ],
)
def test_rows_of_one_number_that_contradict_each_other_are_asked_about(second, expected):
    person = only(checked(GOOD, but(**second)))
    assert codes(person) == [expected] and person.troubles[0].details == {"other": 2}


def test_two_shifts_of_one_day_are_two_rows():
    headings = ("姓名", "身分證字號", "服務日期", "時數", "服務內容")
    rows = [("林秀琴", "A223456781", day, "75", what) for day in ("112.11.01", "115.10.31") for what in ("早", "晚")]
    assert only(checked(*rows, headings=headings)).verdict.half_hours == 600


def test_nothing_of_a_person_is_in_what_a_log_would_print():
    assert "林" not in repr(only(checked(GOOD))) and "A22" not in repr(only(checked(GOOD)))


DAYS = st.dates(date(2022, 1, 1), date(2026, 11, 21))
PEOPLE = ("A123456789", "A223456781", "B120000008", "")
ROWS = st.tuples(
    st.sampled_from(PEOPLE),
    DAYS,
    DAYS,
    st.integers(0, 400),
    st.sampled_from(("", "義消")),
    st.sampled_from(("", "115.11.30")),
)


@given(st.lists(ROWS, min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_a_verdict_never_depends_on_the_order_of_rows(drawn, chance: random.Random):
    rows = [
        (f"志工{number[-1:]}{at if not number else ''}", number, "", one, other, hours, previous, category)
        for at, (number, one, other, hours, category, previous) in enumerate(drawn)
    ]
    shuffled = list(rows)
    chance.shuffle(shuffled)

    def told(found: Roster) -> dict:
        return {
            (person.name, person.identity_number): (
                person.group,
                person.verdict
                and (
                    [(it.code, it.details) for it in person.verdict.reasons],
                    person.verdict.eligible_on,
                    person.verdict.half_hours,
                    sorted(note.code for note in person.verdict.notes),
                ),
            )
            for person in found.persons
        }

    assert told(checked(*rows)) == told(checked(*shuffled))


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.text(max_size=12),
            st.integers(),
            st.floats(),
            st.dates(),
            st.datetimes(),
            st.times(),
            st.timedeltas(),
        ),
        max_size=8,
    )
)
@settings(max_examples=200, deadline=None)
def test_whatever_stands_in_a_row_it_is_answered(row):
    try:
        found = checked(tuple(row))
    except ProblemError as problem:
        assert problem.code == "roster_empty"
        return
    for person in found.persons:
        for trouble in person.troubles:
            assert trouble.code in CATALOGUE and trouble.line == 2
