"""The report of a year: text that can be selected, pictures in lines; what tells of few people does not leave."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honorcard import yearly_report
from honorcard.yearly_report import Figure, Report, Series, to_leave, withheld

AT = datetime(2026, 11, 22, tzinfo=UTC)


def text_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], check=True, capture_output=True, input=pdf)
    return done.stdout.decode()


def figure(**changes: object) -> Figure:
    given_: dict[str, object] = {
        "code": "months", "title": "10 月申請最多", "first": "月", "labels": ("9 月", "10 月"),
        "series": (Series("申請", (12, 672)), Series("核發", (11, 648))), "shape": "columns", "drawn": 2,
    }  # fmt: skip
    return Figure(**{**given_, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ((0, 3, 10, 20), (0, None, None, 20)),
        ((2, 3, 10), (None, None, 10)),
        ((0, 5, 10), (0, 5, 10)),
        ((4,), (None,)),
        ((), ()),
    ],
)
def test_fewer_people_than_that_are_withheld_and_never_one_alone(values, left):
    assert withheld(values, 5) == left


@given(st.lists(st.integers(0, 50)), st.integers(2, 12))
def test_no_small_number_leaves_and_the_sum_tells_none(values: list[int], least: int) -> None:
    left = withheld(values, least)
    assert all(value is None or value == 0 or value >= least for value in left)
    assert left.count(None) != 1 or sum(value > 0 for value in values) == 1


def test_a_share_goes_with_the_count_it_would_give_away():
    one = figure(series=(Series("申請", (2, 3)), Series("退回率", ("50 %", "33 %"), counts=False)))
    assert to_leave(one, 5).series[1].values == (None, None)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("shape", ["columns", "rows"])
def test_titles_labels_and_figures_are_text_in_the_pdf(language, shape):
    report = Report("115 年統計", ("申請　684",), (figure(shape=shape),), "少於 5 人的數字不列")
    pdf = yearly_report.render(report, language, created=AT)
    text = text_of(pdf)
    for said in ("115 年統計", "10 月申請最多", "10 月", "672", "648", "少於 5 人"):
        assert said in text
    assert b"/Subtype /Image" not in pdf


def test_many_lines_go_on_to_the_next_page():
    many = tuple(f"單位 {n}" for n in range(120))
    report = Report(
        "統計", (), (figure(labels=many, series=(Series("申請", tuple(range(120))),), drawn=1, shape="rows"),)
    )
    assert text_of(yearly_report.render(report, "zh", created=AT)).count("\f") > 2


def test_a_year_without_anything_says_so():
    report = Report("統計", (), (figure(series=(Series("申請", (0, 0)),), drawn=1),))
    assert "沒有資料" in text_of(yearly_report.render(report, "zh", created=AT))


@pytest.mark.parametrize(("language", "said", "not_said"), [("zh", "人數太少", "沒有資料"), ("en", "Too few", "nothing")])
def test_few_people_are_not_called_nobody(language, said, not_said):
    few = to_leave(figure(series=(Series("申請", (0, 2)),), drawn=1), 5)
    text = text_of(yearly_report.render(Report("統計", (), (few,)), language, created=AT))
    assert said in text
    assert not_said not in text


def test_the_same_year_gives_the_same_bytes():
    report = Report("統計", (), (figure(),))
    assert yearly_report.render(report, "zh", created=AT) == yearly_report.render(report, "zh", created=AT)
