"""What rows are read from: pages of several books, inserted pages, print-outs of the national system since 115.01.01."""

from dataclasses import replace
from datetime import date

import pytest

from honorcard import evidence, wording
from honorcard.claims import Claim, Verdict
from honorcard.eligibility import judge
from honorcard.evidence import EVIDENCE_KINDS, Evidence
from honorcard.jurisdiction import TAIPEI
from honorcard.problems import CATALOGUE
from honorcard.records import Training

NOW = date(2026, 11, 21)
PRINTED = Evidence("printout", 0, 1, date(2026, 3, 1))


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (Evidence(), None),
        (Evidence("book_page", 3, 48), None),
        (Evidence("inserted_page", 1, 52), None),
        (PRINTED, None),
        (Evidence("printout", 0, 1), None),
        (Evidence("printout", 0, 1, date(2026, 1, 1)), None),
        (Evidence("printout", 0, 1, date(2025, 12, 31)), "printout_too_early"),
        (Evidence("printout", 0, 1, date(2026, 11, 22)), "printout_from_future"),
        (Evidence("printout", 1, 1, date(2026, 3, 1)), "evidence_place"),
        (Evidence("book_page", 0, 1), "evidence_place"),
        (Evidence("book_page", 21, 1), "evidence_place"),
        (Evidence("book_page", 1, 0), "evidence_place"),
        (Evidence("book_page", 1, 501), "evidence_place"),
    ],
)
def test_a_page_is_evidence_or_says_why_not(page: Evidence, problem: str | None) -> None:
    assert evidence.problem(page, NOW, TAIPEI) == problem
    assert problem is None or problem in CATALOGUE


def test_a_printout_stands_for_the_book_from_115_01_01_on() -> None:
    undated = Evidence("printout", 0, 1)
    assert not evidence.has_record([undated], date(2025, 12, 31), TAIPEI)
    assert evidence.has_record([undated], date(2026, 1, 1), TAIPEI)
    assert evidence.has_record([Evidence()], date(2019, 11, 1), TAIPEI)
    assert not evidence.has_record([], NOW, TAIPEI)


def test_pages_left_out_within_a_book_are_named_book_by_book() -> None:
    pages = [Evidence("book_page", 1, page) for page in (4, 5, 8)]
    pages += [Evidence("inserted_page", 1, 9), Evidence("book_page", 2, 1), Evidence("book_page", 2, 3), PRINTED]
    assert evidence.missing_pages(pages) == ((1, 6), (1, 7), (2, 2))
    assert evidence.missing_pages(pages[::-1]) == evidence.missing_pages(pages)
    assert evidence.missing_pages([]) == ()


def test_pages_lie_in_the_order_a_reviewer_leafs_through_them() -> None:
    ordered = [
        Evidence("book_page", 1, 4),
        Evidence("inserted_page", 1, 4),
        Evidence("book_page", 1, 5),
        Evidence("book_page", 2, 1),
        PRINTED,
    ]
    assert sorted(ordered[::-1], key=lambda page: page.place) == ordered


@pytest.mark.parametrize(
    ("page", "zh", "en"),
    [
        (Evidence("book_page", 1, 5), "第 5 頁", "page 5"),
        (Evidence("book_page", 2, 5), "第 2 本第 5 頁", "book 2, page 5"),
        (Evidence("inserted_page", 1, 5), "第 5 頁（加頁）", "page 5 (inserted)"),
        (PRINTED, "全國系統列印第 1 頁", "national system print-out, page 1"),
    ],
)
def test_a_page_is_called_by_where_it_lies(page: Evidence, zh: str, en: str) -> None:
    assert (evidence.words(page, "zh"), evidence.words(page, "en")) == (zh, en)


def test_there_are_three_kinds_of_pages() -> None:
    assert EVIDENCE_KINDS == ("book_page", "inserted_page", "printout")


# --- what the judging makes of pages ---


def judged(*pages: Evidence, **changed) -> Verdict:
    claim = Claim(NOW, date(2023, 11, 1), date(2026, 10, 31), 685, pages=pages)
    return judge(replace(claim, **changed), TAIPEI)


def test_without_a_look_at_pages_nothing_is_said_of_them() -> None:
    assert judged().passed and not judged().notes


def test_a_printout_alone_is_a_record_book_from_115_01_01_on() -> None:
    assert judged(PRINTED).passed
    early = judged(Evidence("printout", 0, 1, date(2025, 12, 31)))
    assert [reason.code for reason in early.reasons] == ["no_record_book"]
    assert [note.code for note in early.notes] == ["printout_unfit"]
    [row] = wording.requirements(early, Claim(NOW, pages=(PRINTED,)), TAIPEI, "zh", NOW)
    assert (row.code, row.state) == ("book", "stop")


def test_one_sound_page_is_enough_and_the_others_are_remarked_on() -> None:
    verdict = judged(Evidence(), Evidence("printout", 0, 1, date(2027, 1, 1)), Evidence("book_page", 1, 900))
    assert verdict.passed
    told = {note.code: note.details["pages"] for note in verdict.notes}
    assert told["printout_unfit"] == [["printout", 0, 1]]
    assert told["page_unknown"] == [["book_page", 1, 900]]


def test_pages_left_out_are_named_and_the_many_are_counted() -> None:
    [note] = judged(Evidence("book_page", 2, 3), Evidence("book_page", 2, 5)).notes
    assert wording.reason_words(note, "zh").text == "相片裡沒有第 2 本第 4 頁。"
    [note] = judged(Evidence("book_page", 1, 1), Evidence("book_page", 1, 500)).notes
    assert "等共 498 頁" in wording.reason_words(note, "zh").text
    assert "498 in all" in wording.reason_words(note, "en").text


def test_only_who_was_issued_a_book_is_deemed_trained() -> None:
    trained = {"trainings": (Training("basic", date(2023, 1, 1)),), "service_field": "衛生福利"}
    assert [note.code for note in judged(Evidence(), **trained).notes] == ["training_deemed"]
    assert [note.code for note in judged(PRINTED, **trained).notes] == ["training_not_shown"]
