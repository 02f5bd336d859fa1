"""ROC dates: every form of domain rules §4, the calendar sums of §2.4, and what printing gives back."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honorcard import roc
from honorcard.problems import CATALOGUE

ROC_DAYS = st.dates(date(1912, 1, 1), date(2111, 12, 31))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("108.06.02", "2019-06-02"),
        ("108/06/02", "2019-06-02"),
        ("108-6-2", "2019-06-02"),
        ("1080602", "2019-06-02"),
        ("01080602", "2019-06-02"),
        ("民國108年6月2日", "2019-06-02"),
        ("中華民國 108 年 6 月 2 日", "2019-06-02"),
        ("１０８．０６．０２", "2019-06-02"),
        ("１０８／６／２", "2019-06-02"),
        ("108 .06. 02", "2019-06-02"),
        ("\u3000108年 6月　2日\n", "2019-06-02"),
        ("108年6月2", "2019-06-02"),
        ("108年6.2", "2019-06-02"),
        ("042年03月30日", "1953-03-30"),
        ("0420330", "1953-03-30"),
        ("2014/06/07", "2014-06-07"),
        ("20140607", "2014-06-07"),
        ("2016-11-16", "2016-11-16"),
        ("1950/1/1", "1950-01-01"),
        ("1900.1.1", "1900-01-01"),
        ("105.02.29", "2016-02-29"),
        ("001.01.01", "1912-01-01"),
        ("0010101", "1912-01-01"),
        ("200.12.31", "2111-12-31"),
        ("113年 9月 10日（星期二）", "2024-09-10"),
        ("113.9.10(二)", "2024-09-10"),
        ("113.9.10㈡", "2024-09-10"),
        ("113年9月10日 (週二)", "2024-09-10"),
        ("2024-09-10 (Tue)", "2024-09-10"),
        ("2024-09-10（Tuesday）", "2024-09-10"),
        ("(二)113.9.10", "2024-09-10"),
        ("113.9.10（日）", "2024-09-10"),
        ("民國42年3月30日", "1953-03-30"),
        ("民國990131", "2010-01-31"),
    ],
)
def test_a_written_date_is_read_without_asking_back(text: str, iso: str) -> None:
    assert roc.read(text) == roc.DateReading(text, date.fromisoformat(iso))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("42.3.30", "1953-03-30"),
        ("42年3月30日", "1953-03-30"),
        ("420330", "1953-03-30"),
        ("990131", "2010-01-31"),
        ("99/12/31", "2010-12-31"),
        ("10/11/12", "1921-11-12"),
        ("1.1.1", "1912-01-01"),
    ],
)
def test_a_year_of_one_or_two_digits_is_roc_and_asks_back(text: str, iso: str) -> None:
    assert roc.read(text) == roc.DateReading(text, date.fromisoformat(iso), note="short_year")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("104.02.29", "no_such_day"),
        ("99.02.29", "no_such_day"),
        ("106.11.31", "no_such_day"),
        ("108.13.01", "no_such_day"),
        ("108.00.10", "no_such_day"),
        ("108.6.0", "no_such_day"),
        ("1081301", "no_such_day"),
        ("000.01.01", "year_out_of_range"),
        ("0.1.1", "year_out_of_range"),
        ("民國0年1月1日", "year_out_of_range"),
        ("000101", "year_out_of_range"),
        ("300.01.01", "year_out_of_range"),
        ("201.1.1", "year_out_of_range"),
        ("1899.12.31", "year_out_of_range"),
        ("10800602", "year_out_of_range"),
        ("20190.1.1", "year_out_of_range"),
        ("9" * 5000 + ".1.1", "year_out_of_range"),
        ("300.13.45", "year_out_of_range"),
        ("民國前1年1月1日", "before_roc"),
        ("民國前1年…", "before_roc"),
        ("中華民國前一年", "before_roc"),
        ("民前1.1.1", "before_roc"),
        ("105.11", "unreadable"),
        ("106 年 6 月", "unreadable"),
        ("10511", "unreadable"),
        ("民國", "unreadable"),
        ("", "unreadable"),
        ("   ", "unreadable"),
        ("昨天", "unreadable"),
        ("108.06.02.", "unreadable"),
        ("108.006.002", "unreadable"),
        ("-108.6.2", "unreadable"),
        ("6/2/2019", "unreadable"),
        ("108.6.2 14:00", "unreadable"),
        ("108.6.2(上午)", "unreadable"),
        ("(二)", "unreadable"),
        ("１２３４５６７８９", "unreadable"),
        ("١٠٨.٠٦.٠٢", "unreadable"),
        ("\ud800", "unreadable"),
    ],
)
def test_what_is_no_date_says_why(text: str, problem: str) -> None:
    reading = roc.read(text)
    assert (reading.date, reading.problem, reading.note) == (None, problem, None)
    assert reading.problem_code in CATALOGUE


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    reading = roc.read(text)
    assert (reading.date is None) == (reading.problem is not None)


@given(ROC_DAYS)
def test_a_printed_date_reads_back_as_the_same_day(day: date) -> None:
    year = roc.roc_year(day)
    forms = (
        roc.dotted(day),
        roc.written(day),
        day.isoformat(),
        f"民國{year}年{day.month}月{day.day}日",
        f"{year:03d}{day:%m%d}",
        f"{day:%Y%m%d}",
    )
    for text in forms:
        assert roc.read(text) == roc.DateReading(text, day)


@given(
    ROC_DAYS, st.booleans(), st.sampled_from(["{}.{}.{}", "{}/{}/{}", "民國{}年{}月{}日", " {} 年 {} 月 {} 日 (一)"])
)
def test_text_to_date_to_text_ends_at_one_spelling(day: date, padded: bool, form: str) -> None:
    year, month, number = roc.roc_year(day), day.month, day.day
    parts = (f"{year:03d}", f"{month:02d}", f"{number:02d}") if padded else (year, month, number)
    read = roc.read(form.format(*parts)).date
    assert read is not None
    assert roc.dotted(read) == f"{year:03d}.{month:02d}.{number:02d}"
    again = roc.read(roc.written(read)).date
    assert again == day and roc.written(again) == roc.written(day)


@pytest.mark.parametrize("century", range(0, 200, 50))
def test_every_year_that_is_read_as_roc_is_printed_as_it_was_read(century: int) -> None:
    for year in range(century + 1, century + 51):
        for month, number in ((1, 1), (2, 28), (2, 29), (3, 1), (12, 31)):
            reading = roc.read(f"{year:03d}.{month:02d}.{number:02d}")
            if (month, number) == (2, 29) and (year + 1911) % 4 + (year == 189):  # 189 = 2100, which is not leap
                assert reading.problem == "no_such_day"
            else:
                assert reading.date == date(year + 1911, month, number)
                assert roc.dotted(reading.date) == f"{year:03d}.{month:02d}.{number:02d}"


def test_the_card_prints_its_dates_as_the_specimen_does() -> None:
    assert roc.dotted(date(2019, 6, 2)) == "108.06.02"
    assert roc.written(date(1953, 3, 30)) == "042年03月30日"
    assert roc.roc_year(date(1912, 1, 1)) == 1


@pytest.mark.parametrize("write", [roc.dotted, roc.written, roc.roc_year])
def test_a_day_before_the_roc_calendar_is_not_printed(write) -> None:
    with pytest.raises(ValueError, match="1912"):
        write(date(1911, 12, 31))


def d(dotted: str) -> date:
    day = roc.read(dotted).date
    assert day is not None
    return day


@pytest.mark.parametrize(
    ("start", "last"),
    [
        ("103.06.07", "106.06.06"),
        ("105.11.01", "108.10.31"),
        ("105.02.29", "108.02.28"),
        ("105.03.01", "108.02.28"),
        ("102.03.01", "105.02.29"),
        ("102.02.28", "105.02.27"),
        ("108.01.01", "110.12.31"),
    ],
)
def test_three_full_years_include_the_first_and_the_last_day(start: str, last: str) -> None:
    assert roc.last_day_of_years(d(start)) == d(last)


@given(ROC_DAYS)
def test_full_years_end_the_day_before_the_same_day(start: date) -> None:
    following = roc.last_day_of_years(start) + timedelta(days=1)
    assert following == date(start.year + 3, start.month, start.day) if (start.month, start.day) != (2, 29) else True
    assert following.year == start.year + 3
    assert following >= roc.years_after(start, 3)


@pytest.mark.parametrize(
    ("day", "cutoff"),
    [("106.06.06", "105.12.06"), ("106.08.31", "106.02.28"), ("105.08.31", "105.02.29"), ("106.03.01", "105.09.01")],
)
def test_half_a_year_is_clamped_to_the_end_of_the_month(day: str, cutoff: str) -> None:
    assert roc.months_before(d(day), 6) == d(cutoff)


def test_years_move_the_29th_of_february_to_the_28th() -> None:
    assert roc.years_after(d("105.02.29"), 3) == d("108.02.28")
    assert roc.years_after(d("105.02.29"), 4) == d("109.02.29")
    assert roc.years_before(d("109.02.29"), 3) == d("106.02.28")
    assert roc.months_after(d("104.11.30"), 3) == d("105.02.29")


def test_the_ends_of_the_calendar_do_not_break_a_comparison() -> None:
    assert roc.months_before(date(1, 2, 1), 6) == date.min
    assert roc.years_before(date(2, 1, 1), 3) == date.min
    assert roc.months_after(date(9999, 12, 1), 1) == date.max
    with pytest.raises(OverflowError):
        roc.last_day_of_years(date(9998, 1, 2))
    with pytest.raises(OverflowError):
        roc.years_after(date(9998, 1, 2), 3)


# months and periods: rows of the book


@pytest.mark.parametrize(
    ("text", "first", "last", "notes"),
    [
        ("105年11月", "105.11.01", "105.11.30", ("whole_month",)),
        ("105 年 11 月份", "105.11.01", "105.11.30", ("whole_month",)),
        ("民國99年2月", "099.02.01", "099.02.28", ("whole_month",)),
        ("105.2", "105.02.01", "105.02.29", ("whole_month",)),
        ("１０５／１２", "105.12.01", "105.12.31", ("whole_month",)),
        ("10502", "105.02.01", "105.02.29", ("whole_month",)),
        ("2016-11", "105.11.01", "105.11.30", ("whole_month",)),
        ("99.12", "099.12.01", "099.12.31", ("whole_month", "short_year")),
    ],
)
def test_a_month_alone_is_its_first_to_its_last_day_and_says_so(text: str, first: str, last: str, notes) -> None:
    reading = roc.read_month(text)
    assert reading == roc.PeriodReading(text, d(first), d(last), notes=notes)
    assert roc.read(text).date is None
    assert roc.read_period(text) == reading


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("105.13", "no_such_day"),
        ("105.0", "no_such_day"),
        ("0.11", "year_out_of_range"),
        ("300年1月", "year_out_of_range"),
        ("民國前1年11月", "before_roc"),
        ("201611", "unreadable"),
        ("9911", "unreadable"),
        ("105", "unreadable"),
        ("11月", "unreadable"),
        ("105.11.01", "unreadable"),
        ("", "unreadable"),
    ],
)
def test_what_is_no_month_says_why(text: str, problem: str) -> None:
    reading = roc.read_month(text)
    assert (reading.first, reading.last, reading.problem, reading.notes) == (None, None, problem, ())
    assert reading.problem_code in CATALOGUE


@pytest.mark.parametrize(
    ("text", "first", "last", "notes"),
    [
        ("105.11.01~105.11.30", "105.11.01", "105.11.30", ()),
        ("105.11.01～105.11.30", "105.11.01", "105.11.30", ()),
        ("105年11月1日 至 105年11月30日", "105.11.01", "105.11.30", ()),
        ("2016-11-01 – 2016-11-30", "105.11.01", "105.11.30", ()),
        ("105年11月到106年1月", "105.11.01", "106.01.31", ("whole_month",)),
        ("105.11.15", "105.11.15", "105.11.15", ()),
        ("99.1.1~99.2.1", "099.01.01", "099.02.01", ("short_year",)),
        ("105.11.30~105.11.01", "105.11.30", "105.11.01", ()),
    ],
)
def test_a_period_has_both_its_days(text: str, first: str, last: str, notes: tuple) -> None:
    assert roc.read_period(text) == roc.PeriodReading(text, d(first), d(last), notes=notes)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("105.11.01~11.12", "unreadable"),
        ("105.11~105.11.30", "unreadable"),
        ("105.11.01~", "unreadable"),
        ("~", "unreadable"),
        ("105.1.1~105.1.2~105.1.3", "unreadable"),
        ("104.02.29~104.03.01", "no_such_day"),
        ("105.11.01~300.01.01", "year_out_of_range"),
    ],
)
def test_what_is_no_period_says_why(text: str, problem: str) -> None:
    reading = roc.read_period(text)
    assert (reading.first, reading.last, reading.problem) == (None, None, problem)


@given(ROC_DAYS, ROC_DAYS)
def test_a_written_month_or_period_reads_back(one: date, other: date) -> None:
    month = roc.read_month(roc.month_written(one))
    assert month.first is not None and month.last is not None
    assert month.first <= one <= month.last
    assert (month.last + timedelta(days=1)).day == month.first.day == 1
    period = roc.read_period(f"{roc.dotted(one)}~{roc.dotted(other)}")
    assert (period.first, period.last, period.notes) == (one, other, ())


@given(st.text())
def test_any_text_gets_an_answer_as_a_period(text: str) -> None:
    reading = roc.read_period(text)
    assert (reading.first is None) == (reading.last is None) == (reading.problem is not None)


def test_the_book_is_advised_to_be_settled_to_the_end_of_the_month_before() -> None:
    assert roc.end_of_previous_month(d("105.11.15")) == d("105.10.31")  # R9
    assert roc.end_of_previous_month(d("108.11.01")) == d("108.10.31")  # R19
    assert roc.end_of_previous_month(date(1, 1, 9)) == date.min


@pytest.mark.parametrize("text", ["105.11.01~11.12", "105.11~105.12.01", "105年11月至105年12月3日"])
def test_a_period_of_a_day_and_a_month_is_nobodys_guess(text: str) -> None:
    assert roc.read_period(text).problem == "unreadable"


def test_the_first_and_the_last_year_of_the_calendar_are_still_years() -> None:
    assert roc.last_day_of_years(date(9996, 5, 1)) == date(9999, 4, 30)
    assert roc.years_after(date(9996, 2, 29), 3) == date(9999, 2, 28)
    assert roc.months_before(date(1, 7, 31), 6) == date(1, 1, 31)
    assert roc.months_after(date(9999, 6, 30), 6) == date(9999, 12, 30)
    for beyond in (lambda: roc.last_day_of_years(date(9997, 5, 1)), lambda: roc.years_after(date(9997, 5, 1), 3)):
        with pytest.raises(OverflowError):
            beyond()
