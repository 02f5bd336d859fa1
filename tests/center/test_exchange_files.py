"""A file that goes out: its columns, its days, what Big5 lacks, formulas, and a download that is broken off."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest

from center.exchange import cns, layout
from tests.center.test_exchange import CHEN, SERVED, bring
from tests.center.test_exchange_out import brought, entries, table, take


@pytest.fixture
def people(world):
    return brought(world)


def test_a_file_has_our_columns_until_the_administrator_sets_others(people):
    answer = take(people, "hours")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert table(answer)[:2] == [
        [
            "姓名",
            "身分證字號",
            "出生日期",
            "運用單位",
            "服務起日",
            "服務迄日",
            "服務時數",
            "服務項目",
            "服務內容",
            "服務種類",
        ],
        ["陳文雄", CHEN, "0510330", "北門文化導覽志工隊", "1150901", "1150930", "12.5", "", "", "一般志工"],
    ]
    form = {"heading-0": "縣市別", "of-0": "fixed", "text-0": "臺北市", "place-0": "2"}
    form |= {"heading-1": "ID", "of-1": "number", "place-1": "1"}
    form |= {"heading-2": "迄", "of-2": "end_on", "days-2": "iso", "place-2": "3"}
    assert people.browser("admin").send("/exchange/export/hours/columns", see="/exchange", **form).status_code == 303
    assert table(take(people, "hours"))[:2] == [["ID", "縣市別", "迄"], [CHEN, "臺北市", "2026-09-30"]]
    people.browser("admin").send("/exchange/export/hours/columns", see="/exchange", ours="1")
    assert table(take(people, "hours"))[0][0] == "姓名"


def test_columns_that_are_not_complete_are_refused(people):
    browser = people.browser("admin")
    for form in (
        {"heading-0": "甲"},
        {"of-0": "number"},
        {"heading-0": "甲", "of-0": "fixed"},
        {"heading-0": "甲", "of-0": "x"},
        {},
    ):
        assert browser.send("/exchange/export/hours/columns", see="/exchange", **form).status_code == 422, form


def test_what_big5_lacks_is_listed_before_anything_is_written(people):
    answer = take(people, "hours", form="big5")
    page = answer.get_data(as_text=True)
    assert "1 列裡有 1 個字寫不進 Big5" in page
    assert "堃" in page and "3-3476" in page
    assert [one.what for one in entries(people) if one.what.startswith("export")] == []
    coded = take(people, "hours", form="big5", rare="code")
    assert "林錫[3-3476]" in coded.data.decode("cp950")
    left = take(people, "hours", form="big5", rare="leave").data.decode("cp950")
    assert "陳文雄" in left and "林錫" not in left
    assert "林錫堃" in take(people, "hours", form="utf8_mark").data.decode("utf-8-sig")


def test_no_cell_of_a_file_is_taken_for_a_formula(people):
    bring(people, "hours", (*SERVED[0], "服務內容"), (CHEN, "U001", "115.10.01", "115.10.01", "2", "-2+3"))
    assert "'-2+3" in take(people, "hours").data.decode()
    book = openpyxl.load_workbook(io.BytesIO(take(people, "hours", form="xlsx").data))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert "-2+3" in [cell.value for cell in cells]


def test_a_download_that_is_broken_off_is_logged_as_that(people, monkeypatch):
    monkeypatch.setattr("web.tables_out._PIECE", 10)
    browser = people.browser("admin")
    token = browser.token("/exchange/export")
    answer = browser.client.post(
        "/exchange/export/hours", data={"csrf_token": token, "form": "utf8", "state": "all"}, buffered=False
    )
    next(answer.iter_encoded())
    answer.close()
    last = entries(people)[0]
    assert (last.what, last.sha256) == ("broken", "")


@pytest.mark.parametrize(
    ("days", "text"),
    [
        ("roc", "1151122"), ("roc_dots", "115.11.22"), ("roc_slashes", "115/11/22"), ("iso", "2026-11-22"),
        ("slashes", "2026/11/22"), ("plain", "20261122"),
    ],
)  # fmt: skip
def test_a_day_is_written_as_the_column_says(days, text):
    assert layout.written(date(2026, 11, 22), days) == text


def test_a_character_has_its_national_code_or_its_unicode_number():
    assert cns.code("林") == "1-4E2F"
    assert cns.code("堃") == "3-3476"
    assert cns.code("😀") == "U+1F600"
