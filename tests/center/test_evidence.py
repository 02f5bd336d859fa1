"""What a reviewer sees of books, pages, rows and trainings: sums made, places in words, each row under its page."""

from __future__ import annotations

import json
import re
from datetime import date

from sync.wire import Evidence, ServiceRow

BOOKS = [
    {"prefix": "北市志", "number": "0012345", "issued_on": "2019-06-02"},
    {"prefix": "北市志", "number": "0050001"},
]
SHOTS = {
    ("headshot", 0): None,
    ("cover", 0): None,
    ("cover", 2): None,
    ("page", 1): Evidence(kind="printout", book=0, page=1, printed_on=date(2026, 11, 2)),
    ("page", 2): Evidence(kind="inserted_page", page=9),
    ("page", 3): Evidence(book=2, page=4),
    ("certificate", 1): None,
    ("certificate", 2): None,
}
ROWS = (
    ServiceRow(
        start=date(2023, 11, 1), end=date(2024, 10, 31), minutes=6010, item="文化服務", content="展場導覽", page=2
    ),
    ServiceRow(start=date(2024, 11, 1), end=date(2025, 10, 31), minutes=6010, content="故事", unit="社子館", page=3),
    ServiceRow(start=date(2025, 11, 1), end=date(2026, 9, 30), minutes=5980, page=3),
    ServiceRow(start=date(2026, 10, 1), end=date(2026, 10, 31), minutes=15, page=1),
    ServiceRow(start=date(2026, 10, 1), end=date(2026, 10, 31), minutes=15),
)


def plain(page: str) -> str:
    """A page's words, tags taken out, one space between them."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def shown(world, **changes) -> str:
    application_id = world.application(**changes)
    return world.browser("first").get(f"/desk/case/{application_id}").get_data(as_text=True)


def test_rows_stand_under_their_page_in_the_order_one_leafs_with_the_sum_of_each_and_of_all(world):
    page = shown(world, shots=SHOTS, rows=ROWS, books=BOOKS)
    table = plain(re.search(r'<table class="book-rows">.*?</table>', page, re.DOTALL)[0])
    places = ["沒有註明在哪一頁", "第 9 頁（加頁）", "第 2 本第 4 頁", "全國系統列印第 1 頁"]
    assert [table.index(words) for words in places] == sorted(table.index(words) for words in places)
    assert "第 2 本第 4 頁 199 時 50 分" in table  # 6010 and 5980 minutes
    assert "填寫的合計 300.5" in table
    assert "文化服務 展場導覽" in table and "社子館" in table


def test_the_sum_of_all_is_floored_once(world):
    page = plain(shown(world, shots=SHOTS, rows=(*ROWS[:3], ROWS[4]), books=BOOKS))
    assert "不滿半小時的不計，是 300.0 小時" in page  # A14: 18,015 minutes


def test_photographs_bear_the_words_of_their_page_and_rows_lead_to_them(world):
    page = shown(world, shots=SHOTS, rows=ROWS, books=BOOKS)
    titles = re.findall(r'data-title="([^"]+)"', page)
    assert titles == [
        "大頭照", "第 1 本的封面", "第 2 本的封面",
        "全國系統列印第 1 頁", "第 9 頁（加頁）", "第 2 本第 4 頁", "結業證書", "結業證書",
    ]  # fmt: skip
    linked = set(re.findall(r'data-show="([^"]+)"', page))
    assert linked == {"page-1", "page-2", "page-3"} <= set(re.findall(r'data-place="([^"]+)"', page))


def test_both_books_are_named_with_their_day_of_issue(world):
    page = plain(shown(world, books=BOOKS, english_name="LIN HSIU-CHIN", service_field="文化"))
    assert "第 1 本紀錄冊 北市志字第 0012345 號 領冊日期 108.06.02" in page
    assert "第 2 本紀錄冊 北市志字第 0050001 號" in page
    assert "LIN HSIU-CHIN" in page and "服務領域 文化" in page


def test_printouts_alone_need_no_book(world):
    shots = {("headshot", 0): None, ("page", 1): Evidence(kind="printout", book=0, printed_on=date(2026, 11, 1))}
    page = plain(shown(world, books=[], shots=shots))
    assert "沒有紙本，看全國系統列印" in page and "都符合" in page


def test_trainings_are_shown_with_what_they_come_to_and_their_certificates(world):
    trainings = [
        {"kind": "basic", "completed_on": "2020-01-05", "certificate": "字第 7 號"},
        {"kind": "special", "completed_on": "2020-03-01", "field": "文化"},
    ]
    page = shown(world, shots=SHOTS, trainings=trainings, service_field="文化")
    assert "基礎訓練 109.01.05 字第 7 號 看證書" in plain(page) and "採計 109.03.01 完訓" in plain(page)
    assert {"certificate-1", "certificate-2"} <= set(re.findall(r'data-show="([^"]+)"', page))
    missing = plain(shown(world, trainings=[trainings[1]], identity_number="A123456789"))
    assert "還少基礎訓練" in missing


def test_where_nobody_asked_for_trainings_none_are_shown_as_missing(world):
    assert "f-training" not in shown(world)


def test_what_was_kept_in_the_old_schema_is_shown_as_before(world):
    from sqlalchemy import update

    from center.store.tables import application

    application_id = world.application()
    with world.store.write() as conn:
        old = json.loads(conn.exec_driver_sql("SELECT body FROM application").scalar_one())
        for gone in ("books", "schema_v", "trainings", "service_field", "english_name"):
            del old[gone]
        for photo in old["photos"]:
            del photo["evidence"]
        old |= {"book_prefix": "北市志", "book_number": "0012345"}
        conn.execute(update(application).values(body=json.dumps(old)))
    page = plain(world.browser("first").get(f"/desk/case/{application_id}").get_data(as_text=True))
    assert "紀錄冊 北市志字第 0012345 號" in page and "都符合" in page


def test_pages_left_out_and_what_no_page_can_be_are_pointed_at(world):
    shots = {("headshot", 0): None, ("cover", 0): None, ("page", 1): Evidence(page=2), ("page", 2): Evidence(page=5)}
    page = plain(shown(world, shots=shots))
    assert "相片裡沒有第 3 頁、第 4 頁" in page


def test_a_center_that_enforces_trainings_judges_by_them(make_world):
    world = make_world(rules={"training_gate": "enforce"})
    page = plain(shown(world, trainings=[{"kind": "basic", "completed_on": "2020-01-05"}]))
    assert "沒有完訓紀錄" in page and "還少特殊訓練" in page and "都符合" not in page
    assert "都符合" in plain(shown(world, identity_number="A123456789"))  # nobody had asked
