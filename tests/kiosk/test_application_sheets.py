"""A unit's application sheet: many applicants, each with a standing in words, sent together or one by one."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from honorcard.problems import CATALOGUE
from kiosk import application_sheets as views
from kiosk import pins
from kiosk.drafting import Identity, Service
from kiosk.store import application_sheets, drafts
from sync.ids import uuid7
from sync.wire import ServiceRow
from tests.sync.loopback import Kiosk, running, whole_answers
from tests.web.test_tables import csv_of

PIN = "204680"
NAMES = ("王小明", "陳美玲", "林志遠")
NUMBERS = ("A123456789", "B223456786", "F131104093")
SHORT = Service(rows=(ServiceRow(start=date(2022, 11, 1), end=date(2026, 11, 1), minutes=60 * 100),))


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory):
    with running(tmp_path_factory.mktemp("center")) as found:
        yield found


class Desk:
    """A staff tablet, unlocked, with a browser."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk = kiosk
        self.kiosk.app.config["WTF_CSRF_ENABLED"] = False
        pins.set_pin(kiosk.store, PIN)
        self.client = kiosk.app.test_client()
        self.client.environ_base["HTTP_HOST"] = "localhost"
        assert self.client.post("/unlock", data={"pin": PIN}).status_code == 303

    def sheet(self, number: str = "甲-1") -> str:
        answer = self.client.post("/sheets", data={"number": number})
        return answer.location.rsplit("/", 1)[1]

    def put(self, sheet: str, person: int = 0, **changed) -> str:
        answers = replace(whole_answers(NAMES[person], NUMBERS[person]), typed={}, **changed)
        application_id = self.kiosk.draft(answers=answers)
        assert self.client.post(f"/sheets/{sheet}/add/{application_id}").status_code == 303
        return application_id

    def page(self, sheet: str, language: str = "zh") -> str:
        answer = self.client.get(f"/sheets/{sheet}?language={language}")
        assert answer.status_code == 200
        return plain(answer.text)


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"</?span[^>]*>", "", text)).split())


@pytest.fixture
def desk(tmp_path: Path, center) -> Desk:
    kiosk = Kiosk(tmp_path / "kiosk")
    kiosk.enrol(center)
    return Desk(kiosk)


def test_everybody_has_a_standing_and_those_who_lack_something_hold_nobody_up(desk):
    sheet = desk.sheet()
    desk.put(sheet, 0)
    desk.put(sheet, 1, consent=False)
    desk.put(sheet, 2, service=SHORT)
    desk.client.post(f"/sheets/{sheet}/add")
    page = desk.page(sheet)
    for words in ("1 可以送出", "3 還缺資料或時數", "還缺：同意", "還差 200 小時", "還沒有姓名", "A12****789"):
        assert words in page, words
    assert NUMBERS[0] not in page
    answer = desk.client.post(f"/sheets/{sheet}/send")
    assert answer.status_code == 303
    assert desk.kiosk.rows("SELECT masked_name FROM application") == [("王○明",)]
    page = desk.page(sheet)
    assert "王○明" in page
    assert "王小明" not in page
    assert "陳美玲" in page
    assert "已送出，還在這台機器等網路" in page


def test_all_that_are_ready_go_with_one_tap_and_their_states_come_back(desk, center):
    sheet = desk.sheet()
    sent = [desk.put(sheet, person) for person in range(3)]
    assert desk.client.post(f"/sheets/{sheet}/send").status_code == 303
    desk.kiosk.sync()
    center.worker.step()
    desk.kiosk.step()
    assert {center.case(application_id).state for application_id in sent} == {"first_review"}
    page = desk.page(sheet)
    assert "3 審查中" in page
    assert "可以送出" not in page
    assert desk.client.post(f"/sheets/{sheet}/send").status_code == 303  # again: nobody is left
    assert desk.kiosk.rows("SELECT count(*) FROM application") == [(3,)]


def test_one_is_sent_alone(desk):
    sheet = desk.sheet()
    first, _ = desk.put(sheet, 0), desk.put(sheet, 1)
    desk.client.post(f"/sheets/{sheet}/send", data={"application_id": first})
    assert desk.kiosk.rows("SELECT application_id FROM application") == [(first,)]
    desk.client.post(f"/sheets/{sheet}/send", data={"application_id": uuid7()})
    assert desk.kiosk.rows("SELECT count(*) FROM application") == [(1,)]


def test_many_are_sent_over_several_answers_without_another_tap(desk, monkeypatch):
    sheet = desk.sheet()
    for person in range(3):
        desk.put(sheet, person)
    monkeypatch.setattr(views, "AT_ONCE_S", 0.0)
    answer = desk.client.post(f"/sheets/{sheet}/send")
    assert answer.status_code == 200
    assert 'hx-trigger="load' in answer.text
    assert "正在送出，還有 2 位" in answer.text
    desk.client.post(f"/sheets/{sheet}/send")
    assert desk.client.post(f"/sheets/{sheet}/send").status_code == 303
    assert desk.kiosk.rows("SELECT count(*) FROM application") == [(3,)]


def test_what_stands_in_the_way_is_said_on_the_line_and_the_others_go(desk):
    sheet = desk.sheet()
    broken, _ = desk.put(sheet, 0), desk.put(sheet, 1)
    with desk.kiosk.store.read() as db:
        (photo, *_) = drafts.photos(db, broken)
    (desk.kiosk.settings.photos_dir / photo.result).unlink()
    answer = desk.client.post(f"/sheets/{sheet}/send")
    assert answer.status_code == 409
    assert "有 1 位沒有送出" in answer.text
    assert desk.kiosk.rows("SELECT masked_name FROM application") == [("陳○玲",)]


def test_a_verdict_that_no_longer_holds_is_not_sent(desk):
    sheet = desk.sheet()
    desk.put(sheet, 0, service=SHORT)
    assert desk.client.post(f"/sheets/{sheet}/send").status_code == 303
    assert desk.kiosk.rows("SELECT count(*) FROM application") == [(0,)]


# --- the list itself ---


def test_every_question_and_the_slip_lead_back_to_the_sheet(desk):
    sheet = desk.sheet("丙-3")
    application_id = desk.put(sheet, 0)
    for step in ("person", "book", "verdict", "check", "book_photos"):
        page = desk.client.get(f"/apply/{application_id}/{step}").text
        assert f'href="/sheets/{sheet}">申請單 丙-3</a>' in page, step
        assert "href=\"/\">" not in page.split('<footer class="dock">')[1], step
    desk.client.post(f"/sheets/{sheet}/send", data={"application_id": application_id})
    assert f'href="/sheets/{sheet}"' in desk.client.get(f"/slip/{application_id}").text
    desk.client.post("/lock")
    assert sheet not in desk.client.get(f"/slip/{application_id}").text


def test_a_sheet_goes_on_another_day_after_a_restart(desk):
    sheet = desk.sheet("乙-7")
    desk.put(sheet, 0)
    desk.kiosk.store.close()
    page = plain(desk.client.get("/sheets").text)
    assert "乙-7" in page
    assert "1 位" in page


def test_a_line_is_taken_off_and_the_draft_stays_and_what_was_sent_cannot_be(desk):
    sheet = desk.sheet()
    first, second = desk.put(sheet, 0), desk.put(sheet, 1)
    assert desk.client.post(f"/sheets/{sheet}/take_off/{first}").status_code == 303
    with desk.kiosk.store.read() as db:
        assert drafts.find(db, first) is not None
        assert application_sheets.applications(db, sheet) == [second]
    assert "還沒放進申請單的草稿" in desk.page(sheet)
    desk.client.post(f"/sheets/{sheet}/send")
    answer = desk.client.post(f"/sheets/{sheet}/take_off/{second}")
    assert answer.status_code == 409
    assert "已經送出" in answer.text


def test_a_draft_thrown_away_leaves_the_sheet(desk):
    sheet = desk.sheet()
    gone = desk.put(sheet, 0)
    desk.put(sheet, 1)
    desk.client.post(f"/apply/{gone}/throw_away")
    page = desk.page(sheet)
    assert "王小明" not in page
    assert "名單 1" in page


def test_one_number_twice_and_numbers_alike_are_told(desk):
    sheet = desk.sheet()
    desk.put(sheet, 0)
    desk.put(sheet, 1, identity=Identity(number=NUMBERS[0], kind="national"))
    desk.put(sheet, 2, identity=Identity(number="A123456798", kind="national"))
    page = desk.page(sheet)
    assert "和第 2 位是同一個證號" in page
    assert "和第 1 位是同一個證號" in page
    assert "證號和第 3 位很像" in page


def test_somebody_sent_before_is_told_by_the_receipt(desk):
    sheet = desk.sheet()
    desk.put(sheet, 0)
    desk.client.post(f"/sheets/{sheet}/send")
    ((receipt,),) = desk.kiosk.rows("SELECT receipt FROM application")
    desk.put(sheet, 0)
    assert f"收據 {receipt}" in desk.page(sheet)


def test_putting_a_sheet_away_keeps_drafts_and_what_was_sent(desk):
    sheet = desk.sheet()
    desk.put(sheet, 0)
    desk.client.post(f"/sheets/{sheet}/send")
    draft = desk.put(sheet, 1)
    assert "要收起" in desk.client.get(f"/sheets/{sheet}/close").text
    assert desk.client.post(f"/sheets/{sheet}/close").location == "/sheets"
    assert desk.client.get(f"/sheets/{sheet}").status_code == 404
    assert desk.kiosk.rows("SELECT count(*) FROM application") == [(1,)]
    with desk.kiosk.store.read() as db:
        assert drafts.find(db, draft) is not None


def test_the_list_goes_on_paper_with_room_to_sign(desk, tmp_path):
    sheet = desk.sheet()
    desk.put(sheet, 0)
    answer = desk.client.get(f"/sheets/{sheet}/list.pdf")
    assert answer.mimetype == "application/pdf"
    text = text_of(answer.data, tmp_path)
    for words in ("申請單 甲-1", "王小明", "A12****789", "本人簽名", "可以送出"):
        assert words in text
    assert NUMBERS[0] not in text


def test_all_slips_of_a_sheet_are_one_file_a_page_each(desk, tmp_path):
    sheet = desk.sheet()
    assert desk.client.get(f"/sheets/{sheet}/slips.pdf").status_code == 404
    for person in range(3):
        desk.put(sheet, person)
    desk.client.post(f"/sheets/{sheet}/send")
    assert "印全部收據" in desk.page(sheet)
    text = text_of(desk.client.get(f"/sheets/{sheet}/slips.pdf").data, tmp_path)
    assert text.count("榮譽卡申請收據") == text.count("\f") == 3
    for (receipt,) in desk.kiosk.rows("SELECT receipt FROM application"):
        assert receipt in text


# --- from a checked list ---


HEAD = ["姓名", "身分證字號", "出生日期", "服務開始日", "最近服務日", "服務時數", "前卡到期日"]
LIST = [
    ["王小明", NUMBERS[0], "59.05.17", "112.10.01", "115.10.31", "320.5", ""],
    ["陳美玲", "F222222222", "", "112.11.01", "115.10.31", "301", "115.11.30"],
    ["林志遠", NUMBERS[2], "60.01.01", "112.11.01", "115.10.31", "20", ""],
]


def test_those_who_qualify_on_a_list_stand_on_a_sheet_without_being_typed_again(desk):
    desk.client.post("/roster", data={"list": (io.BytesIO(csv_of(HEAD, *LIST).encode()), "名單.csv")})
    assert "把合格的 2 位加到申請單" in desk.client.get("/roster/result").text
    answer = desk.client.post("/sheets/from_list")
    sheet = answer.location.rsplit("/", 1)[1]
    with desk.kiosk.store.read() as db:
        first, second = (drafts.find(db, id_).answers for id_ in application_sheets.applications(db, sheet))
    assert (first.kind, first.name, first.birth_date, first.identity.number) == (
        "first", "王小明", date(1970, 5, 17), NUMBERS[0],
    )  # fmt: skip
    assert (first.service.first_day, first.service.half_hours) == (date(2023, 10, 1), 641)
    assert (second.kind, second.previous.valid_until, second.birth_date) == ("renewal", date(2026, 11, 30), None)
    page = desk.page(sheet)
    assert "採計 320.5 小時" in page
    assert "林志遠" not in page
    form = desk.client.get(f"/apply/{application_of(desk, sheet, 1)}/person").text
    assert "陳美玲" in form


def test_rows_of_one_person_on_a_list_come_as_rows(desk):
    rows = [
        ["王小明", NUMBERS[0], "59.05.17", f"{year}.11.01", f"{year + 1}.10.31", "110", ""] for year in (112, 113, 114)
    ]
    desk.client.post("/roster", data={"list": (io.BytesIO(csv_of(HEAD, *rows).encode()), "名單.csv")})
    sheet = desk.client.post("/sheets/from_list").location.rsplit("/", 1)[1]
    with desk.kiosk.store.read() as db:
        answers = drafts.find(db, application_sheets.applications(db, sheet)[0]).answers
    assert [row.minutes for row in answers.service.rows] == [6600] * 3
    assert "114.11.01" in desk.client.get(f"/apply/{application_of(desk, sheet, 0)}/book").text


def test_without_a_checked_list_there_is_nothing_to_make_a_sheet_of(desk):
    assert desk.client.post("/sheets/from_list").status_code in (404, 409, 410)


# --- doors ---


def test_sheets_are_for_unlocked_tablets_only(desk):
    sheet = desk.sheet()
    stranger = desk.kiosk.app.test_client()
    stranger.environ_base["HTTP_HOST"] = "localhost"
    for path in ("/sheets", f"/sheets/{sheet}", f"/sheets/{sheet}/list.pdf", f"/sheets/{sheet}/slips.pdf"):
        assert stranger.get(path).status_code == 303
    for path in ("/sheets", "/sheets/from_list", f"/sheets/{sheet}/send", f"/sheets/{sheet}/close"):
        assert stranger.post(path).location.startswith("/unlock")


def test_an_unknown_sheet_is_said_so(desk):
    for path in (f"/sheets/{uuid7()}", f"/sheets/{uuid7()}/list.pdf"):
        assert desk.client.get(path).status_code == 404
    assert desk.client.post(f"/sheets/{uuid7()}/add").status_code == 404


def test_a_sheet_has_its_words_in_english(desk):
    sheet = desk.sheet()
    desk.put(sheet, 0)
    page = desk.page(sheet, "en")
    assert "1 ready to send" in page
    assert "Send those that are ready (1)" in page


def application_of(desk: Desk, sheet: str, at: int) -> str:
    with desk.kiosk.store.read() as db:
        return application_sheets.applications(db, sheet)[at]


def text_of(pdf: bytes, tmp_path: Path) -> str:
    (tmp_path / "out.pdf").write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "out.pdf", "-"], check=True, capture_output=True, text=True
    )
    return done.stdout


def test_a_full_sheet_takes_nobody_more_by_either_way(desk, monkeypatch):
    monkeypatch.setattr("honorcard.application_sheet.LONGEST", 2)
    sheet = desk.sheet()
    on_it = desk.put(sheet, 0)
    assert desk.client.post(f"/sheets/{sheet}/add").status_code == 303
    another = desk.kiosk.draft(answers=replace(whole_answers(NAMES[1], NUMBERS[1]), typed={}))
    for way in ("add", f"add/{another}"):
        answer = desk.client.post(f"/sheets/{sheet}/{way}")
        assert answer.status_code == CATALOGUE["sheet_full"].status
        assert CATALOGUE["sheet_full"].zh.split("{")[0] in plain(answer.text)
    with desk.kiosk.store.read() as db:
        assert len(application_sheets.applications(db, sheet)) == 2
    assert desk.client.post(f"/sheets/{sheet}/add/{on_it}").status_code == 303  # it is there already
