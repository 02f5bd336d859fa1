"""Entries at the office: service, training with certificate, insurance, English name; what is refused, and what is void."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import date

import pytest

from center import numbers
from center.store import members, people, performances, service, training, volunteers
from center.store.members import NewMember
from center.store.origin import Origin
from center.store.service import NewService
from sync import wire
from tests.center.conftest import picture

WANG = "A123456789"
FINE = {"start": "115.05.01", "end": "115.05.31", "hours": "12.5", "item": "導覽", "content": "常設展"}


@pytest.fixture
def wang(world):
    """Somebody a list made known, a volunteer of the north gate; gives the id."""
    with world.store.write() as conn:
        one = numbers.known(world.settings, WANG, "王小明", birth_date=date(1945, 3, 1))
        (no,) = volunteers.make_known(conn, [one], Origin("import", "who", 1_000, "import-1")).values()
        members.join(conn, [NewMember(no, world.units["north_gate"])], Origin("import", "who", 1_000, "import-1"))
        found = people.of(conn, one.idbx)
    return found.person_id


def plain(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def enter(world, name, person_id, what, **form):
    browser = world.browser(name)
    return browser.send(f"/people/{person_id}/{what}", see=f"/people/{person_id}/entries", **form)


def rows(world, person_id, **which):
    with world.store.read() as conn:
        return service.of_person(conn, [people.find(conn, person_id).no], **which)


def test_an_officer_enters_service_and_the_record_has_it(world, wang):
    assert enter(world, "officer", wang, "entries/service", **FINE).status_code == 303
    (row,) = rows(world, wang)
    assert (row.start, row.end, row.half_hours, row.unit_id) == (
        date(2026, 5, 1), date(2026, 5, 31), 25, world.units["north_gate"],
    )  # fmt: skip
    assert (row.mark.source, row.mark.entered_by) == ("office", world.people["officer"])
    page = plain(world.browser("officer").get(f"/people/{wang}").text)
    for words in ("12.5 小時", "北門文化導覽志工隊", "115 年", "還缺：基礎訓練、特殊訓練", "滿 80 歲了", "王小明"):
        assert words in page, words
    assert WANG not in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"start": "去年五月"}, "有一個日期看不出來"),
        ({"end": "115.04.30"}, "結束日比開始日早"),
        ({"end": "115.12.31"}, "日期還沒到"),
        ({"hours": "12.3"}, "以 0.5 小時為單位"),
        ({"hours": "0"}, "以 0.5 小時為單位"),
        ({"hours": "-2"}, "以 0.5 小時為單位"),
        ({"hours": "745"}, "31 天最多 744 小時"),
        ({"category": "parade"}, "從清單選一項"),
        ({"content": "長" * 101}, "最多 100 字"),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_typed_kept(world, wang, wrong, words):
    answer = enter(world, "officer", wang, "entries/service", **{**FINE, **wrong})
    assert answer.status_code == 422
    assert words in plain(answer.text)
    assert 'value="導覽"' in answer.text
    assert rows(world, wang) == []


def test_the_same_entry_twice_is_one(world, wang):
    enter(world, "officer", wang, "entries/service", **FINE)
    again = enter(world, "officer", wang, "entries/service", **FINE)
    assert (again.status_code, len(rows(world, wang))) == (409, 1)


def test_a_void_entry_counts_no_more_and_says_why(world, wang):
    enter(world, "officer", wang, "entries/service", **FINE)
    (row,) = rows(world, wang)
    assert enter(world, "officer", wang, "entries/void", kind="service", id=row.row_id).status_code == 422
    assert enter(world, "officer", wang, "entries/void", kind="service", id=row.row_id, why="打錯").status_code == 303
    assert enter(world, "officer", wang, "entries/void", kind="service", id=row.row_id, why="打錯").status_code == 409
    assert rows(world, wang) == []
    page = plain(world.browser("officer").get(f"/people/{wang}/entries").text)
    assert "已作廢：打錯" in page
    assert "黃承辦 作廢一筆服務： 打錯" in page


@pytest.mark.parametrize(("kind", "entity"), [("service", "7"), ("service", "x"), ("training", "0" * 36), ("", "")])
def test_what_is_not_there_cannot_be_void(world, wang, kind, entity):
    assert enter(world, "officer", wang, "entries/void", kind=kind, id=entity, why="打錯").status_code == 409


def test_another_units_entry_is_not_an_officers_to_make_void(world, wang):
    enter(world, "admin", wang, "entries/service", **FINE, unit=world.units["shezi"])
    (row,) = rows(world, wang)
    assert enter(world, "officer", wang, "entries/void", kind="service", id=row.row_id, why="打錯").status_code == 403
    assert enter(world, "stranger", wang, "entries/void", kind="service", id=row.row_id, why="打錯").status_code == 303
    assert rows(world, wang) == []


def test_the_administrator_says_for_which_unit(world, wang):
    assert "請選單位" in plain(enter(world, "admin", wang, "entries/service", **FINE).text)
    assert enter(world, "admin", wang, "entries/service", **FINE, unit=world.units["shezi"]).status_code == 303
    assert world.browser("stranger").get(f"/people/{wang}").status_code == 200  # who serves a unit is its volunteer


def test_a_certificate_is_a_fresh_picture_that_its_unit_alone_sees(world, wang):
    given = (io.BytesIO(picture("certificate")), "c.jpg")
    done = enter(
        world, "officer", wang, "entries/training", kind="basic", completed="114.03.02", certificate="T-1", file=given
    )
    assert done.status_code == 303
    with world.store.read() as conn:
        (held,) = training.of_people(conn, [people.find(conn, wang).no]).popitem()[1]
    address = f"/people/{wang}/training/{held.training_id}.jpg"
    seen = world.browser("officer").get(address)
    assert (seen.status_code, seen.data[:3], seen.headers["Cache-Control"]) == (
        200,
        b"\xff\xd8\xff",
        "private, no-store",
    )
    assert seen.data != picture("certificate")
    assert world.browser("stranger").get(address).status_code == 404
    assert world.browser("auditor").get(address).status_code == 403
    assert "基礎訓練證書 T-1" in plain(world.browser("first").get(f"/people/{wang}").text)


def test_a_file_that_is_no_picture_is_refused_and_nothing_entered(world, wang):
    for content in (b"%PDF-1.7 not a picture", b"<script>"):
        given = (io.BytesIO(content), "c.jpg")
        answer = enter(world, "officer", wang, "entries/training", kind="basic", file=given)
        assert answer.status_code in (400, 415, 422)
    assert "還沒有登錄或匯入的訓練" in world.browser("officer").get(f"/people/{wang}/entries").text


def test_insurance_is_shown_and_needs_an_insurer(world, wang):
    days = {"start": "115.01.01", "end": "115.12.31"}
    assert "請寫保險公司" in plain(enter(world, "officer", wang, "entries/insurance", **days).text)
    enter(world, "officer", wang, "entries/insurance", **days, insurer="第一產物", policy="P-7")
    assert "第一產物 P-7" in plain(world.browser("first").get(f"/people/{wang}").text)


def test_what_is_imported_and_applied_for_stands_once_and_an_overlap_stands_apart(world):
    entries = [wire.ServiceRow(start=date(2025, m, 1), end=date(2025, m, 28), minutes=600, unit="") for m in (1, 2, 3)]
    application_id = world.application(rows=tuple(entries), identity_number=WANG, name="王小明")
    north = world.units["north_gate"]
    with world.store.write() as conn:
        person_id = people.of_application(conn, application_id)
        no = people.find(conn, person_id).no
        service.add(
            conn,
            [
                NewService(no, north, date(2025, 1, 1), date(2025, 1, 28), 20),  # the very row
                NewService(no, north, date(2025, 2, 10), date(2025, 2, 10), 6),  # a day of the month
            ],
            Origin("import", "who", 5, "import-2"),
        )
    page = plain(world.browser("first").get(f"/people/{person_id}").text)
    assert "可能是同一筆服務，所以沒有加進時數" in page
    assert "累計服務13 小時" in page  # ten of the very row, three of the day; the month they are part of stands apart
    assert "審查中 1 筆，10 小時" in page


# --- the certificate of performance ---


def text_of(world, tmp_path, name, person_id):
    page = world.browser(name).get(f"/people/{person_id}/performance").text
    (address,) = re.findall(r'href="(/people/[^"]+\.pdf)"', page)[:1]
    (tmp_path / "made.pdf").write_bytes(world.browser(name).get(address).data)
    return subprocess.run(
        ["pdftotext", "-layout", tmp_path / "made.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout


def test_a_certificate_of_performance_is_made_registered_and_checked(world, wang, tmp_path):
    enter(world, "officer", wang, "entries/service", **FINE)
    days = {"start": "115.01.01", "end": "115.12.31"}
    assert enter(world, "officer", wang, "performance", **days, said="zh").status_code == 303
    text = text_of(world, tmp_path, "officer", wang)
    for words in ("志願服務績效證明書", "115-000001", "王小明", "A12****789", "12.5", "北門文化導覽志工隊"):
        assert words in text, words
    assert WANG not in text
    code = re.search(r"115-000001 ([0-9A-Z]{8})", text)[1]
    anybody = world.browser()
    fine = anybody.send("/performance", see="/performance", number="115-000001", code=code.lower())
    assert (fine.status_code, "這張證明書是真的" in fine.text, "王小明" in fine.text) == (200, True, False)
    wrong = anybody.send("/performance", see="/performance", number="115-000001", code="AAAAAAAA")
    assert (wrong.status_code, "查不到這張證明書" in wrong.text) == (404, True)
    with world.store.read() as conn:
        (made,) = performances.of_person(conn, [people.find(conn, wang).no])
    gone = enter(world, "officer", wang, f"performance/{made.certificate_id}/void", why="期間錯")
    assert gone.status_code == 303
    assert "已經作廢" in anybody.send("/performance", see="/performance", number="115-000001", code=code).text


def test_an_english_certificate_needs_the_english_name_and_says_where(world, wang, tmp_path):
    enter(world, "officer", wang, "entries/service", **FINE)
    days = {"start": "115.01.01", "end": "115.12.31", "said": "en", "number": "whole"}
    answer = enter(world, "officer", wang, "performance", **days)
    assert (answer.status_code, "請先到這位志工的「登錄與修改」填英文姓名" in answer.text) == (422, True)
    assert enter(world, "officer", wang, "entries/english", english_name="王小明").status_code == 422
    assert enter(world, "officer", wang, "entries/english", english_name="Wang Hsiao-ming").status_code == 303
    assert enter(world, "officer", wang, "performance", **days).status_code == 303
    text = text_of(world, tmp_path, "officer", wang)
    for words in ("Certificate of Volunteer Service Performance", "Wang Hsiao-ming", WANG, "12.5"):
        assert words in text, words


def test_without_service_in_the_days_there_is_no_certificate_and_no_number_is_spent(world, wang):
    enter(world, "officer", wang, "entries/service", **FINE)
    answer = enter(world, "officer", wang, "performance", start="110.01.01", end="110.12.31")
    assert (answer.status_code, "這段期間沒有服務紀錄" in answer.text) == (422, True)
    with world.store.read() as conn:
        assert performances.next_number(conn, world.now.date())[0] == "115-000001"
