"""Venues and the form of card they accept (R48, A30)."""

import pytest

from honorcard import venues
from honorcard.problems import CATALOGUE
from honorcard.venues import ACCEPTED_FORMS, VENUE_KINDS, Venue

ZOO = Venue("zoo", "木柵動物園", "臺北市", "culture_education")


@pytest.mark.parametrize(
    ("form", "paper", "digital"),
    [("paper", "yes", "no"), ("digital", "no", "yes"), ("both", "yes", "yes"), ("unknown", "ask", "ask")],
)
def test_a_venue_takes_what_it_says_and_where_it_says_nothing_one_asks(form: str, paper: str, digital: str) -> None:
    venue = Venue("x", "某處", "某縣", "scenic_area", form)
    assert (venues.takes(venue, "paper"), venues.takes(venue, "digital")) == (paper, digital)


def test_nobody_having_asked_is_the_default() -> None:
    assert ZOO.accepted_form == "unknown"


def test_every_form_and_kind_has_words_and_advice_in_both_languages() -> None:
    for form in ACCEPTED_FORMS:
        venue = Venue("x", "某處", "某縣", "recreation", form)
        assert venues.form_words(form, "zh") and venues.form_words(form, "en").isascii()
        assert venues.advice(venue, "zh").endswith("。") and venues.advice(venue, "en").isascii()
    assert all(venues.kind_words(kind, "zh") and venues.kind_words(kind, "en") for kind in VENUE_KINDS)
    assert "印好的卡" in venues.advice(Venue("x", "某處", "某縣", "scenic_area", "paper"), "zh")


@pytest.mark.parametrize(
    ("venue", "problem"),
    [
        (ZOO, None),
        (Venue("", "某處", "某縣", "recreation"), "venue_field_missing"),
        (Venue("x", "  ", "某縣", "recreation"), "venue_field_missing"),
        (Venue("x", "某處", "", "recreation"), "venue_field_missing"),
        (Venue("x", "園" * 60, "某縣", "recreation"), None),
        (Venue("x", "園" * 61, "某縣", "recreation"), "venue_name_too_long"),
    ],
)
def test_a_venue_without_its_fields_is_not_listed(venue: Venue, problem: str | None) -> None:
    assert venue.problem() == problem
    assert problem is None or problem in CATALOGUE


def test_those_that_want_paper_come_first_then_those_that_may() -> None:
    listed = [
        ZOO,
        Venue("b", "乙", "雲林縣", "scenic_area", "paper"),
        Venue("a", "甲", "雲林縣", "scenic_area", "paper"),
        Venue("c", "丙", "雲林縣", "scenic_area", "both"),
        Venue("d", "丁", "雲林縣", "scenic_area", "digital"),
    ]
    assert [venue.code for venue in venues.wanting_paper(listed)] == ["b", "a", "zoo"]
