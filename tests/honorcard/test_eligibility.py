"""The verdict as a whole: what may and may not change it. The worked cases are in test_check_lines."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from honorcard import eligibility
from honorcard.claims import Claim
from honorcard.eligibility import judge
from honorcard.jurisdiction import NATIONAL, NEW_TAIPEI, TAIPEI
from honorcard.records import EXCLUDED_CATEGORIES, ServiceRow, Training

DAYS = st.dates(date(2012, 1, 1), date(2022, 12, 31))
RULES = st.sampled_from([TAIPEI, NEW_TAIPEI, NATIONAL, replace(TAIPEI, training_gate="enforce")])


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    first, last, applied = sorted(draw(st.tuples(DAYS, DAYS, DAYS)))
    previous = draw(st.none() | DAYS)
    hours = draw(st.integers(590, 610) | st.integers(0, 2000))
    return Claim(applied, first, last, hours, previous_valid_until=previous)


@st.composite
def booked(draw: st.DrawFn) -> Claim:
    """Rows, many of which begin or end on the very days that decide: floor, used hours, half a year, three years."""
    applied, (previous, counted) = draw(DAYS), draw(st.tuples(st.none() | DAYS, st.none() | DAYS))
    edges = [applied - timedelta(days=days) for days in (0, 181, 184, 1095)]
    edges += [counted] if counted else []
    edges += [eligibility.counting_floor(previous, rules) for rules in (TAIPEI, NATIONAL)] if previous else []
    near = [edge + timedelta(days=days) for edge in edges for days in (-1, 0, 1)]
    decisive = st.sampled_from([day for day in near if date(2012, 1, 1) <= day <= applied] or [applied])
    rows = []
    for _ in range(draw(st.integers(1, 5))):
        start, end = sorted(draw(st.tuples(*[decisive | st.dates(date(2012, 1, 1), applied)] * 2)))
        rows.append(ServiceRow(start, end, draw(st.integers(0, 20000))))
    return Claim(applied, entries=tuple(rows), previous_valid_until=previous, counted_until=counted)


@st.composite
def waiting(draw: st.DrawFn) -> Claim:
    """Enough hours and recent service; only time may be lacking."""
    applied = draw(DAYS)
    last = applied - timedelta(days=draw(st.integers(0, 170)))
    first = last - timedelta(days=draw(st.integers(1000, 1200) | st.integers(0, 1095)))
    previous = draw(st.none() | st.integers(-100, 800).map(lambda days: applied + timedelta(days=days)))
    return Claim(applied, first, last, 600, previous_valid_until=previous)


@given(claims(), RULES, st.integers(0, 1000))
def test_adding_hours_never_removes_eligibility(claim: Claim, rules, more: int) -> None:
    before = judge(claim, rules)
    after = judge(replace(claim, half_hours=claim.half_hours + more), rules)
    assert {reason.code for reason in after.reasons} <= {reason.code for reason in before.reasons}


@given(booked(), RULES, st.integers(0, 20000))
def test_adding_minutes_to_a_row_never_removes_eligibility(claim: Claim, rules, more: int) -> None:
    first, *others = claim.entries
    richer = replace(claim, entries=(replace(first, minutes=first.minutes + more), *others))
    assert {r.code for r in judge(richer, rules).reasons} <= {r.code for r in judge(claim, rules).reasons}


@given(claims() | booked(), RULES, st.integers(1, 29))
def test_as_time_passes_recent_service_only_ever_lapses(claim: Claim, rules, step: int) -> None:
    lapsed = False
    for days in range(0, 800, step + 20):
        later = replace(claim, applied_on=claim.applied_on + timedelta(days=days))
        stale = judge(later, rules).reason("not_recent") is not None
        assert stale or not lapsed
        lapsed = stale


@given(claims() | booked(), RULES, st.integers(1, 2000))
def test_as_time_passes_nothing_but_recency_is_lost(claim: Claim, rules, days: int) -> None:
    later = judge(replace(claim, applied_on=claim.applied_on + timedelta(days=days)), rules)
    assert {r.code for r in later.reasons} <= {r.code for r in judge(claim, rules).reasons} | {"not_recent"}


@given(waiting(), RULES)
def test_on_the_day_promised_it_passes_once_the_book_reaches_it(claim: Claim, rules) -> None:
    verdict = judge(claim, rules)
    assert verdict.eligible_on is not None
    promised = replace(claim, applied_on=verdict.eligible_on, last_service=verdict.eligible_on)
    assert judge(promised, rules).passed


@given(waiting(), RULES)
def test_before_the_day_promised_it_does_not_pass_however_long_the_book(claim: Claim, rules) -> None:
    verdict = judge(claim, rules)
    assume(verdict.eligible_on > claim.applied_on)
    eve = verdict.eligible_on - timedelta(days=1)
    assert not judge(replace(claim, applied_on=eve, last_service=eve), rules).passed


@given(claims())
def test_one_row_says_the_same_as_the_typed_figures(claim: Claim) -> None:
    floor = claim.previous_valid_until and eligibility.counting_floor(claim.previous_valid_until, TAIPEI)
    assume(floor is None or claim.first_service >= floor)
    row = ServiceRow(claim.first_service, claim.last_service, claim.half_hours * 30 + 29)
    by_rows = judge(Claim(claim.applied_on, entries=(row,), previous_valid_until=claim.previous_valid_until), TAIPEI)
    typed = judge(claim, TAIPEI)
    assert (by_rows.reasons, by_rows.eligible_on) == (typed.reasons, typed.eligible_on)


@given(booked(), RULES)
def test_a_pass_has_no_reasons_and_a_fail_has_some(claim: Claim, rules) -> None:
    verdict = judge(claim, rules)
    assert verdict.outcome in ("pass", "fail")
    assert verdict.passed == (verdict.reasons == ())
    assert verdict.passed == (verdict.eligible_on == claim.applied_on and not verdict.reasons)


def weighed(claim: Claim, rules) -> tuple:
    """What a verdict decides, its remarks apart."""
    verdict = judge(claim, rules)
    reasons = [(reason.code, reason.details) for reason in verdict.reasons]
    return (
        verdict.outcome, reasons, verdict.counting_from, verdict.years_complete_on, verdict.last_service,
        verdict.half_hours, verdict.eligible_on,
    )  # fmt: skip


@given(booked(), RULES, st.permutations(range(5)))
def test_the_order_of_rows_never_changes_a_verdict(claim: Claim, rules, order: list[int]) -> None:
    shuffled = tuple(claim.entries[place] for place in order if place < len(claim.entries))
    other = replace(claim, entries=shuffled)
    assert weighed(claim, rules) == weighed(other, rules)
    codes_of = [[note.code for note in judge(one, rules).notes] for one in (claim, other)]
    assert codes_of[0] == codes_of[1]


@given(booked(), RULES, st.floats(0, 1), st.floats(0, 1))
def test_splitting_a_row_that_reaches_over_neither_floor_nor_used_hours_changes_nothing(
    claim: Claim, rules, where: float, share: float
) -> None:
    floor = claim.previous_valid_until and eligibility.counting_floor(claim.previous_valid_until, rules)
    if floor and floor < claim.applied_on:  # one from the very floor on, which chance seldom draws
        first = ServiceRow(floor, min(floor + timedelta(days=60), claim.applied_on), 6000)
        claim = replace(claim, entries=(*claim.entries, first))
    whole = weighed(claim, rules)
    for place, row in enumerate(claim.entries):
        over_floor = floor and row.start < floor <= row.end
        over_used = claim.counted_until and row.start <= claim.counted_until < row.end
        if row.start == row.end or over_floor or over_used:
            continue
        cut = row.start + timedelta(days=int(where * ((row.end - row.start).days - 1)))
        minutes = int(share * row.minutes)
        halves = (
            replace(row, end=cut, minutes=minutes),
            replace(row, start=cut + timedelta(days=1), minutes=row.minutes - minutes),
        )
        split = replace(claim, entries=(*claim.entries[:place], *halves, *claim.entries[place + 1 :]))
        assert weighed(split, rules) == whole


@given(claims() | booked(), RULES)
def test_a_renewal_never_counts_a_day_before_its_floor(claim: Claim, rules) -> None:
    assume(claim.previous_valid_until is not None)
    floor = eligibility.counting_floor(claim.previous_valid_until, rules)
    verdict = judge(claim, rules)
    assert verdict.counting_from is None or verdict.counting_from >= floor
    if claim.entries is not None:
        later = [row for row in claim.entries if row.start >= floor]
        assert judge(replace(claim, entries=tuple(later)), rules).half_hours == verdict.half_hours


@given(booked(), RULES, st.integers(0, 400), st.integers(0, 20000))
def test_rows_before_the_floor_may_hold_anything_and_change_nothing(
    claim: Claim, rules, days: int, minutes: int
) -> None:
    assume(claim.previous_valid_until is not None)
    floor = eligibility.counting_floor(claim.previous_valid_until, rules)
    end = min(floor, claim.applied_on) - timedelta(days=1)
    early = ServiceRow(end - timedelta(days=days), end, minutes)
    assert weighed(replace(claim, entries=(*claim.entries, early)), rules) == weighed(claim, rules)


@given(booked(), RULES, st.sampled_from(sorted(EXCLUDED_CATEGORIES)), DAYS, st.integers(0, 20000))
def test_an_excluded_row_more_changes_nothing(claim: Claim, rules, category: str, day: date, minutes: int) -> None:
    richer = replace(claim, entries=(*claim.entries, ServiceRow(day, day, minutes, category=category)))
    assert weighed(richer, rules) == weighed(claim, rules)


PASSING = Claim(date(2017, 6, 6), date(2014, 6, 7), date(2017, 6, 6), 600)


def codes(reasons) -> list[str]:
    return [reason.code for reason in reasons]


def test_a_claim_without_figures_is_incomplete() -> None:
    assert judge(Claim(date(2017, 6, 6)), TAIPEI).outcome == "error"
    assert judge(replace(PASSING, half_hours=None), TAIPEI).outcome == "error"


def test_trainings_are_a_flag_by_default_and_never_asked_for_when_nobody_asked() -> None:
    basic, special = Training("basic", date(2014, 5, 1)), Training("special", date(2015, 1, 1), "social_welfare")
    assert judge(PASSING, TAIPEI).notes == ()
    assert codes(judge(replace(PASSING, trainings=()), TAIPEI).notes) == ["training_not_shown"]
    assert codes(judge(replace(PASSING, trainings=(basic, special)), TAIPEI).notes) == ["served_before_training"]
    early = replace(special, completed_on=date(2014, 5, 2))
    assert judge(replace(PASSING, trainings=(basic, early)), TAIPEI).notes == ()
    assert judge(replace(PASSING, trainings=()), replace(TAIPEI, training_gate="off")).notes == ()


def test_where_the_gate_is_enforced_counting_begins_with_the_completed_trainings() -> None:
    rules = replace(TAIPEI, training_gate="enforce")
    both = (Training("basic", date(2014, 5, 1)), Training("special", date(2015, 1, 1)))
    verdict = judge(replace(PASSING, trainings=both), rules)
    assert (codes(verdict.reasons), verdict.counting_from) == (["tenure_short"], date(2015, 1, 1))
    assert codes(judge(replace(PASSING, trainings=both[:1]), rules).reasons) == ["training_missing"]
    for previous, floor in ((date(2017, 6, 30), date(2015, 1, 1)), (date(2018, 6, 30), date(2015, 6, 1))):
        renewal = replace(PASSING, trainings=both, previous_valid_until=previous)
        assert judge(renewal, rules).counting_from == floor  # whichever day is later
    assert judge(PASSING, rules).passed


def test_the_longest_gap_is_told_with_its_two_ends() -> None:
    rows = tuple(ServiceRow(date(year, 1, 1), date(year, 1, 31), 9000) for year in (2012, 2014, 2017, 2018))
    (note,) = judge(Claim(date(2018, 2, 1), entries=rows), TAIPEI).notes
    assert (note.code, note.details) == ("long_gap", {"after": date(2014, 1, 31), "before": date(2017, 1, 1)})


def test_overlapping_rows_leave_no_gap() -> None:
    rows = (
        ServiceRow(date(2012, 1, 1), date(2018, 1, 31), 9000),
        ServiceRow(date(2013, 1, 1), date(2013, 1, 31), 9000),
        ServiceRow(date(2017, 12, 1), date(2018, 1, 31), 9000),
    )
    assert judge(Claim(date(2018, 2, 1), entries=rows), TAIPEI).notes == ()


def test_a_national_renewal_waits_for_no_month() -> None:
    claim = replace(PASSING, previous_valid_until=date(2017, 12, 31))
    assert codes(judge(claim, TAIPEI).reasons)[0] == "window_not_open"
    assert "window_not_open" not in codes(judge(claim, NATIONAL).reasons)
