"""A unit's list at the kiosk: chosen, checked, taken home, and nowhere kept."""

from __future__ import annotations

import csv
import io
import re
import tempfile

import openpyxl
import pytest

from honorcard.roster import GROUPS
from kiosk import rosters
from kiosk.rosters import Checked, Rosters
from tests.english import chinese_left
from tests.kiosk.scene import PIN, Scene, build
from tests.web.test_tables import HEADINGS, ROW, book_of, csv_of

LATER = ["陳文雄", "A123456789", "113.01.01", "115.10.31", "342"]
SHORT = ["王大同", "F222222222", "112.11.01", "115.10.31", "214.5"]
WRONG = ["錢多多", "B120000009", "112.11.01", "115.13.31", "三百"]


@pytest.fixture
def client(shared: Scene):
    return shared.client()


def drop(client, data: bytes, name: str = "名單.csv"):
    return client.post("/roster", data={"list": (io.BytesIO(data), name)})


def words(answer) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", "", answer.text).split())


def everybody() -> bytes:
    return csv_of(HEADINGS, ROW, LATER, SHORT, WRONG).encode("cp950")


@pytest.mark.parametrize(
    "path", ["/roster", "/roster/result", "/roster/result.xlsx", "/roster/result.csv", "/roster/sample.xlsx"]
)
def test_lists_are_for_unlocked_tablets_only(shared, path):
    answer = shared.client(unlocked=False).get(path)
    assert answer.status_code == 303 and answer.location.startswith("/unlock")


def test_a_list_is_checked_and_shown_by_groups(client):
    answer = drop(client, everybody())
    assert (answer.status_code, answer.location) == (303, "/roster/result")
    page = client.get("/roster/result")
    assert "<h1>可以申請 1 位</h1>" in page.text
    figures = re.findall(r'data-group="(\w+)" href="[^"]+"[^>]*><svg.*?</svg><strong>(\d+)</strong>', page.text)
    assert figures == [(group, "1") for group in GROUPS]
    assert "林秀琴" in page.text and "陳文雄" not in page.text
    assert "A22****781" in page.text and "A223456781" not in page.text
    later = words(client.get("/roster/result?group=later"))
    assert "再等一下，12 月 31 日起可以申請" in later and "115.12.31（2026-12-31）" in later and "第 3 列" in later
    assert "時數還差 85.5 小時" in words(client.get("/roster/result?group=not"))
    wrong = words(client.get("/roster/result?group=wrong"))
    for said in (
        "第 5 列「身分證字號」：",
        "第 5 列「最近服務日」：曆上沒有這一天。",
        "第 5 列「服務時數」：看不懂這個時數。",
        "這幾位一列都沒有算",
    ):
        assert said in wrong, said
    assert client.get("/roster/result?group=nonsense&page=x").status_code == 200


def test_the_result_goes_home_with_reasons_and_both_calendars(client):
    drop(client, everybody())
    answer = client.get("/roster/result.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="honorcard-roster-20261121.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["姓名"] for row in rows] == ["林秀琴", "陳文雄", "王大同", "錢多多"]
    now, later, short, wrong = rows
    assert (now["結果"], now["可申請日（民國）"], now["採計時數"]) == ("可以申請", "115.11.21", "318.5")
    assert (later["可申請日（民國）"], later["可申請日（西元）"]) == ("115.12.31", "2026-12-31")
    assert "還差 61 天" in later["原因和做法"] and short["可申請日（西元）"] == ""
    assert wrong["原列"] == "5" and "第 5 列「服務時數」" in wrong["原因和做法"]
    book = openpyxl.load_workbook(io.BytesIO(client.get("/roster/result.xlsx").data)).active
    assert [str(cell.value or "") for cell in book[3]] == list(later.values())


def test_a_list_is_judged_by_the_citys_own_settings(tmp_path):
    """A site's `rules` stand over its jurisdiction's, as in every other verdict."""
    client = build(tmp_path, rules={"half_hours_needed": 400}).client()
    drop(client, csv_of(HEADINGS, SHORT).encode())
    assert "<h1>可以申請 1 位</h1>" in client.get("/roster/result").text


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sample_is_a_list_that_can_be_checked(client, kind, language):
    client.get(f"/?language={language}")
    sample = client.get(f"/roster/sample.{kind}")
    assert drop(client, sample.data, f"sample.{kind}").location == "/roster/result"
    page = client.get("/roster/result")
    assert re.findall(r"<strong>(\d)</strong>", page.text)[:4] == ["2", "1", "1", "0"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "這個檔案裡沒有人"),
        ("姓名,服務開始日\n林,112.11.01\n".encode(), "找不到這些欄：最近服務日、服務時數。"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "另存成 .xlsx"),
        (b"%PDF-1.7", "這個檔案不是名單"),
        (csv_of(HEADINGS, *[[f"志工{n}", *ROW[1:]] for n in range(20_001)]).encode(), "名單超過 20000 列"),
        (b"x" * (11 * 2**20), "檔案超過 10 MB"),
    ],
    ids=["empty", "columns", "xls", "pdf", "rows", "bytes"],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole_in_words(client, data, said):
    answer = drop(client, data)
    assert answer.status_code in (413, 422)
    assert said in words(answer) and "一列都沒有採用" in words(answer)
    assert client.get("/roster/result").status_code == 404


def test_no_file_is_said_too(client):
    assert "還沒有選檔案" in words(client.post("/roster", data={}))


def test_the_first_visible_sheet_with_the_headings_is_read(client):
    def sheets(book):
        book.create_sheet("說明", 0).append(["請照範例填寫"])
        book.create_sheet("舊名單").append(["姓名"])

    drop(client, book_of(HEADINGS, ROW, change=sheets), "a.xlsx")
    assert "讀了這張工作表 Sheet （另外 2 張沒有讀）" in words(client.get("/roster/result"))

    def hide(book):
        sheets(book)
        book["Sheet"].sheet_state = "hidden"

    assert "隱藏的工作表" in words(drop(client, book_of(HEADINGS, ROW, change=hide), "a.xlsx"))


def test_many_people_come_page_by_page(client):
    drop(client, csv_of(HEADINGS, *[[f"志工{n}", "", *ROW[2:]] for n in range(250)]).encode())
    first, last = client.get("/roster/result"), client.get("/roster/result?page=3")
    assert "第 1 到 100 位，共 250 位" in words(first) and "page=2" in first.text
    assert "志工249" in last.text and "page=4" not in last.text
    assert "志工249" in client.get("/roster/result?page=99").text


def test_locking_takes_the_list_out_of_reach(client):
    drop(client, everybody())
    client.post("/lock")
    client.post("/unlock", data={"pin": PIN})
    assert client.get("/roster/result").status_code == 404
    assert "看上一次的結果" not in client.get("/roster").text


def test_a_list_is_seen_by_its_own_browser_alone_and_can_be_cleared(shared, client):
    drop(client, everybody())
    assert shared.client().get("/roster/result").status_code == 404
    assert "看上一次的結果" in client.get("/roster").text
    assert client.post("/roster/forget").status_code == 303
    assert client.get("/roster/result.csv").status_code == 404


def test_nothing_of_a_list_touches_the_disk(client, monkeypatch):
    def refuse(*_: object, **__: object):
        raise AssertionError("a temporary file was opened")

    people = [[f"志工{n}", "", *ROW[2:4], str(n)] for n in range(5000)]
    as_book, as_text = book_of(HEADINGS, *people), csv_of(HEADINGS, *people).encode() + b"\r\n" * 300_000
    assert len(as_text) > 600_000  # beyond what a request's file may weigh in memory by itself
    monkeypatch.setattr(tempfile, "_sanitize_params", refuse)  # every way of opening one goes through it
    head = b'--edge\r\nContent-Disposition: form-data; name="list"; filename="x"\r\nContent-Type: text/csv\r\n\r\n'
    for data in (as_book, as_text):
        body = head + data + b"\r\n--edge--\r\n"
        answer = client.post("/roster", data=body, content_type="multipart/form-data; boundary=edge")
        assert answer.status_code == 303
        for kind in ("xlsx", "csv"):
            assert client.get(f"/roster/result.{kind}").status_code == 200


def test_a_list_is_forgotten_after_its_time():
    clock = [0.0]
    held = Rosters(kept_s=900, ticks=lambda: clock[0])
    checked = Checked(None)  # type: ignore[arg-type]
    held.remember("a", checked)
    clock[0] = 900
    assert held.recall("a") is checked
    clock[0] = 901
    assert held.recall("a") is None
    for number in range(rosters.MOST_HELD + 1):
        held.remember(str(number), checked)
    assert held.recall("0") is None and held.recall(str(rosters.MOST_HELD)) is checked


def test_every_page_of_it_is_english(shared):
    client = shared.client()
    client.get("/?language=en")
    data = ("花博爭艷館 1 號機", "北門文化導覽志工隊", "林秀琴", "陳文雄", "王大同", "錢多多", *HEADINGS)
    assert chinese_left(client.get("/roster").text, data) == []
    assert chinese_left(drop(client, b"x").text, data) == []
    drop(client, everybody())
    for group in GROUPS:
        page = client.get(f"/roster/result?group={group}").text
        assert chinese_left(page, data) == [], group
    assert "from 31 December" in words(client.get("/roster/result?group=later"))


def test_a_form_from_elsewhere_is_not_taken(tmp_path):
    scene = build(tmp_path, csrf=True)
    assert scene.client(unlocked=False).post("/roster", data={}).status_code == 400
