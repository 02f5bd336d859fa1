"""The service record 志工服務履歷: hours by unit and year, what counts towards the next card, when its window opens."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honorcard import roc, service_record_words
from honorcard.claims import Claim
from honorcard.eligibility import judge
from honorcard.jurisdiction import NATIONAL, TAIPEI, overridden
from honorcard.records import ServiceRow, Training
from honorcard.service_record import FATES, CardHeld, Person, compile_record


def d(dotted: str) -> date:
    day = roc.read(dotted).date
    assert day is not None
    return day


def row(start: str, end: str, minutes: int, unit: str = "圖書館", category: str = "ordinary") -> ServiceRow:
    return ServiceRow(d(start), d(end), minutes, unit=unit, category=category)


CARD = CardHeld("10500001", d("105.11.30"), d("108.11.30"), d("105.11.10"))
ROWS = (
    row("105.10.01", "105.10.31", 600),
    row("105.10.15", "105.11.05", 600),
    row("105.11.01", "105.11.10", 720),
    row("105.11.11", "105.12.31", 3000),
    row("106.01.01", "107.12.31", 9010, "動物園"),
    row("108.01.01", "108.10.31", 5990),
    row("108.01.01", "108.10.31", 400, "義消分隊", "volunteer_fire"),
    row("108.12.01", "108.12.31", 60),
    row("108.10.31", "108.10.01", 60),
)
ON = d("108.11.20")
RECORD = compile_record(Person(ROWS, cards=(CARD,)), ON, TAIPEI)


def test_every_row_is_told_what_it_is_worth() -> None:
    assert RECORD.fates == (
        "before_floor", "over_floor", "used", "counts", "counts", "counts", "excluded", "later", "reversed",
    )  # fmt: skip


def test_the_sums_by_worth_are_floored_once_and_say_what_is_left() -> None:
    counted = RECORD.by_fate["counts"]
    assert (counted.rows, counted.half_hours, counted.minutes_over) == (3, 600, 0)
    assert RECORD.by_fate["excluded"].half_hours == 13
    assert RECORD.by_fate["excluded"].minutes_over == 10
    assert (RECORD.total.rows, RECORD.total.half_hours, RECORD.total.minutes_over) == (7, 677, 10)


def test_years_stand_newest_first_and_by_unit() -> None:
    told = [(line.roc_year, line.unit, line.total.half_hours, line.total.minutes_over) for line in RECORD.lines]
    assert told == [(108, "圖書館", 199, 20), (108, "義消分隊", 13, 10), (107, "動物園", 300, 10), (105, "圖書館", 164, 0)]
    assert [line.over_new_year for line in RECORD.lines] == [False, False, True, False]


def test_the_next_card_is_judged_as_an_application_of_that_day() -> None:
    ahead = RECORD.next_card
    assert (ahead.kind, ahead.opens, ahead.counting_from) == ("renewal", d("108.11.01"), d("105.11.01"))
    assert ahead.national_from == d("105.12.01")
    assert ahead.verdict.passed
    assert ahead.half_hours_short == 0


def test_under_the_national_reading_there_is_no_window_and_no_second_floor() -> None:
    ahead = compile_record(Person(ROWS, cards=(CARD,)), ON, NATIONAL).next_card
    assert (ahead.opens, ahead.counting_from, ahead.national_from) == (None, d("105.12.01"), None)


def test_without_a_card_everything_from_the_first_row_counts() -> None:
    ahead = compile_record(Person(ROWS), ON, TAIPEI).next_card
    assert (ahead.kind, ahead.opens, ahead.counting_from) == ("first", None, d("105.10.01"))


def test_somebody_new_has_an_empty_record_and_is_told_what_is_needed() -> None:
    record = compile_record(Person(), ON, TAIPEI)
    assert (record.lines, record.total.rows, record.next_card.half_hours_short) == ((), 0, 600)
    assert service_record_words.next_card(record.next_card, ON, "zh") == [
        "還沒有可以採計的服務紀錄。",
        "採計 0 小時，還差 300 小時。",
    ]


def test_a_record_of_excluded_service_alone_is_shown_and_counts_for_nothing() -> None:
    record = compile_record(Person((row("105.01.01", "108.10.31", 30000, "義消", "volunteer_fire"),)), ON, TAIPEI)
    assert record.total.half_hours == 1000
    assert record.next_card.verdict.outcome == "fail"
    assert record.next_card.half_hours_short == 600


def test_right_after_the_card_the_next_window_and_floor_are_known_c37() -> None:
    held = CardHeld("11200001", d("112.12.13"), d("115.12.13"), d("112.11.30"))
    ahead = compile_record(Person(cards=(held,)), d("112.12.14"), TAIPEI).next_card
    assert (ahead.opens, ahead.counting_from, ahead.national_from) == (d("115.12.01"), d("112.12.01"), d("112.12.14"))


def test_c18_nothing_of_what_a_card_used_counts_for_the_next() -> None:
    rows = (row("100.01.01", "106.05.31", 300_000),)
    assert compile_record(Person(rows), d("106.06.06"), TAIPEI).next_card.verdict.passed
    held = CardHeld("10600001", d("106.06.10"), d("109.06.10"), d("106.05.31"))
    after = compile_record(Person(rows, cards=(held,)), d("109.06.01"), TAIPEI)
    assert after.by_fate["counts"].half_hours == 0
    assert after.next_card.half_hours_short == 600


def test_a_revoked_card_replaces_nothing_but_its_hours_stay_used() -> None:
    revoked = replace(CARD, standing=False)
    record = compile_record(Person(ROWS, cards=(revoked,)), ON, TAIPEI)
    assert record.next_card.kind == "first"
    assert record.fates[:3] == ("used", "used", "used")


def test_a_card_approved_later_is_not_known_yet() -> None:
    assert compile_record(Person(ROWS, cards=(CARD,)), d("105.11.29"), TAIPEI).next_card.kind == "first"


def test_trainings_stand_by_day_and_the_enforced_gate_decides_from_when_rows_count() -> None:
    trainings = (Training("special", d("106.02.01"), "環保", "A-7"), Training("basic", d("105.01.01")))
    person = Person((row("105.06.01", "105.06.30", 60), row("106.03.01", "106.03.31", 60)), trainings)
    record = compile_record(person, ON, overridden(TAIPEI, {"training_gate": "enforce"}))
    assert [training.kind for training in record.trainings] == ["basic", "special"]
    assert (record.trained_on, record.fates) == (d("106.02.01"), ("before_floor", "counts"))
    assert compile_record(person, ON, TAIPEI).fates == ("counts", "counts")
    assert service_record_words.training(record.trainings[1], "zh") == "特殊訓練（環保），106 年 2 月 1 日，證書 A-7"
    assert service_record_words.training(Training("basic", None), "en") == "basic training, day not stated"


DAYS = st.dates(date(2012, 1, 1), date(2022, 12, 31))
BOOKED = st.lists(
    st.builds(
        lambda start, days, minutes, unit, category: ServiceRow(
            start, start + timedelta(days=days), minutes, unit=unit, category=category
        ),
        DAYS,
        st.integers(-3, 400),
        st.integers(0, 9000),
        st.sampled_from(["甲", "乙", ""]),
        st.sampled_from(["ordinary", "ordinary", "civil_defence"]),
    ),
    max_size=6,
)
CARDS = st.lists(
    st.builds(
        lambda approved, counted: CardHeld("10500001", approved, roc.years_after(approved, 3), counted),
        DAYS,
        st.none() | DAYS,
    ),
    max_size=2,
)


@given(BOOKED, CARDS, DAYS)
def test_the_record_agrees_with_the_verdict_of_the_same_day(rows: list, cards: list, on: date) -> None:
    record = compile_record(Person(tuple(rows), cards=tuple(cards)), on, TAIPEI)
    assert record.by_fate["counts"].half_hours == record.next_card.verdict.half_hours
    assert sum(part.rows for part in record.by_fate.values()) == len(rows)
    assert sum(line.total.rows for line in record.lines) == record.total.rows
    minutes = sum(line.total.half_hours * 30 + line.total.minutes_over for line in record.lines)
    assert minutes == record.total.half_hours * 30 + record.total.minutes_over
    sound = tuple(r for r in rows if r.start <= r.end <= on and r.category == "ordinary")
    if not cards:
        assert judge(Claim(on, entries=sound), TAIPEI) == record.next_card.verdict


@given(BOOKED, CARDS, DAYS, st.randoms())
def test_the_order_of_rows_and_cards_changes_nothing(rows: list, cards: list, on: date, random) -> None:
    one = compile_record(Person(tuple(rows), cards=tuple(cards)), on, TAIPEI)
    random.shuffle(rows)
    other = compile_record(Person(tuple(rows), cards=tuple(cards[::-1])), on, TAIPEI)
    assert (one.lines, one.total, one.by_fate, one.next_card.verdict.outcome) == (
        other.lines, other.total, other.by_fate, other.next_card.verdict.outcome,
    )  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("cards", [(), (CARD,), (replace(CARD, standing=False),)])
@pytest.mark.parametrize("on", [d("106.06.06"), ON, d("112.01.01")])
def test_everything_is_said_in_whole_sentences(language: str, cards: tuple, on: date) -> None:
    record = compile_record(Person(ROWS, (Training("basic", d("105.01.01")),), cards), on, TAIPEI)
    told = [
        *service_record_words.summary(record, language),
        *service_record_words.next_card(record.next_card, on, language),
        *(service_record_words.year_line(line, language) for line in record.lines),
        *(service_record_words.training(training, language) for training in record.trainings),
        *(service_record_words.card(card, on, language) for card in record.cards),
        *(service_record_words.fate(fate, language) for fate in FATES),
    ]
    assert all(told)
    assert not [text for text in told if "None" in text or "{" in text]


def test_the_words_carry_the_figures() -> None:
    assert service_record_words.next_card(RECORD.next_card, ON, "zh") == [
        "可以申請了。",
        "採計從 105 年 11 月 1 日開始。",
        "全國系統從 105 年 12 月 1 日起算。",
        "採計 300 小時，夠了。",
        "換發從 108 年 11 月 1 日開始，現在可以辦。",
    ]
    assert service_record_words.year_line(RECORD.lines[2], "zh") == "107 年 動物園 150 小時（另 10 分鐘），含跨年的一筆"
    assert service_record_words.year_line(RECORD.lines[2], "en").startswith("2018, 動物園: 150 hours and 10 minutes")
    assert service_record_words.summary(RECORD, "zh")[:2] == ["共 7 筆，338.5 小時（另 10 分鐘）。", "採計：300 小時。"]
    assert service_record_words.card(CARD, d("108.12.01"), "zh") == "10500001，108 年 11 月 30 日到期"
