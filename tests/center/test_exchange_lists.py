"""What a list says: cells that are wrong, files as spreadsheets write them, columns nobody knows, and what is let go."""

from __future__ import annotations

import io
import re
from datetime import date

from center.exchange.fields import FIELDS
from center.store import exchange
from tests.center.test_exchange import (
    CHEN,
    LIN,
    PEOPLE,
    SERVED,
    WANG,
    bring,
    codes,
    csv,
    found,
    lines,
    press,
    send,
    served,
    xlsx,
)  # fmt: skip


def test_each_wrong_cell_is_named_with_its_reason_and_never_with_its_value(world, caplog):
    batch = send(
        world, "volunteers",
        csv(
            PEOPLE[0],
            ("陳文雄", "A123456788", "051.03.30", "U001", ""),  # check digit
            ("", CHEN, "051.13.30", "U999", ""),  # no name, no such month; the unit is not even asked about
            ("林秀琴", LIN, "200.01.01", "U001", ""),  # a birth that is still to come
            ("王小明", WANG, "", "沒有這個隊", ""),
            ("合計", "", "", "", ""),  # nobody's line
        ),
    )  # fmt: skip
    assert codes(world, batch) == {
        2: [("identity", "roster_id_check_digit")],
        3: [("name", "exchange_needed"), ("birth", "date_no_such_day")],
        4: [("birth", "exchange_day_to_come")],
        5: [("unit", "exchange_unit_unknown")],
    }
    assert batch.counts["refused"] == 4
    shapes = [shape for one in lines(world, batch, "refused") for _, _, shape, _, _ in one.troubles]
    assert shapes == ["mixed 10", "empty", "figures 9", "figures 9", "text 5"]
    page = world.browser("admin").get(f"/exchange/import/{batch.batch_id}?show=refused").get_data(as_text=True)
    assert "B2" in page and "C3" in page and "A123456788" not in page
    assert "A123456788" not in caplog.text and "林秀琴" not in caplog.text


def test_refused_lines_come_back_as_they_stood_and_can_be_mended_and_sent_again(world):
    bring(world, "volunteers", *PEOPLE)
    wrong = (*SERVED, (CHEN, "U001", "115.10.01", "115.10.31", "12.3"), ("=1+1", "U001", "115.10.01", "", "3"))
    batch = send(world, "hours", csv(*wrong))
    assert codes(world, batch) == {4: [("hours", "hours_step")], 5: [("identity", "roster_formula")]}
    back = world.browser("admin").get(f"/exchange/import/{batch.batch_id}/errors.csv").data.decode("utf-8-sig")
    assert back.splitlines()[0] == "列,原因,身分證字號,單位代碼,服務起日,服務迄日,服務時數"
    assert "E4 服務時數" in back and "115.10.01" in back
    mended = send(world, "hours", back.replace("12.3", "12.5").encode())
    assert mended.counts["new"] == 1


def test_lists_are_read_as_spreadsheets_in_taiwan_write_them(world):
    browser = world.browser("admin")
    for encoding, between in (("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("cp950", ","), ("big5", ";")):
        batch = send(world, "volunteers", csv(*PEOPLE, encoding=encoding, between=between), browser=browser)
        assert (batch.state, batch.counts["new"]) == ("ready", 2), encoding


def test_a_workbook_is_read_with_its_dates_and_numbers(world):
    bring(world, "volunteers", *PEOPLE)
    batch = send(
        world,
        "hours",
        xlsx(["服務紀錄"], ["證號", "單位", "日期", "時數"], [CHEN, "U001", date(2026, 9, 3), 4.5]),
        name="a.xlsx",
    )
    assert batch.counts["new"] == 1
    press(world, batch, "write")
    (row,) = served(world, CHEN)
    assert (row.start, row.end, row.half_hours) == (date(2026, 9, 3), date(2026, 9, 3), 9)


def test_columns_nobody_knows_are_chosen_once_and_remembered(world):
    odd = (("甲", "乙", "丙"), ("U077", "內湖志工隊", "內湖區"))
    batch = send(world, "units", csv(*odd))
    assert batch.state == "columns"
    answer, batch = press(world, batch, "columns", **{"at-code": "0", "at-name": "0"})
    assert answer.status_code == 422  # one column twice
    answer, batch = press(world, batch, "columns", **{"at-code": "0"})
    assert answer.status_code == 422 and batch.state == "columns"
    answer, batch = press(world, batch, "columns", **{"at-code": "0", "at-name": "1", "at-district": ""})
    assert (batch.state, batch.counts["new"]) == ("ready", 1)
    again = send(world, "units", csv(odd[0], ("U078", "文山志工隊", "文山區")))
    assert again.state == "ready"
    assert [change[0] for change in lines(world, again)[0].changes] == ["code", "name"]  # 丙 stays unwanted


def test_service_of_people_nobody_knows_or_of_another_name_is_refused(world):
    bring(world, "volunteers", *PEOPLE)
    batch = send(
        world, "hours",
        csv(
            ("姓名", *SERVED[0]), ("王小明", WANG, "U001", "115.09.01", "115.09.30", "5"),
            ("陳小雄", CHEN, "U001", "115.09.01", "115.09.30", "5"), ("陳文雄", CHEN, "U001", "115.09.02", "115.09.01", "5"),
            ("陳文雄", CHEN, "U001", "115.09.02", "115.09.02", "24.5"), ("陳文雄", CHEN, "U001", "115.09.02", "115.09.02", "0"),
        ),
    )  # fmt: skip
    assert codes(world, batch) == {
        2: [("identity", "exchange_person_unknown")], 3: [("name", "exchange_name_differs")],
        4: [("end", "exchange_ends_before_it_begins")], 5: [("hours", "exchange_hours_over_days")],
        6: [("hours", "exchange_no_hours")],
    }  # fmt: skip


def test_a_card_holders_name_changes_with_a_card_only(world):
    world.issued()
    batch = send(world, "volunteers", csv(PEOPLE[0], ("林秀芹", LIN, "", "U001", "")))
    assert codes(world, batch) == {2: [("name", "exchange_name_on_card")]}
    same = send(world, "volunteers", csv(PEOPLE[0], ("林秀琴", LIN, "", "U001", "北市志 0000777")))
    assert same.counts["changed"] == 1
    assert ["book", "", "北市志 0000777"] in lines(world, same)[0].changes


def test_a_file_that_is_no_list_is_refused_as_a_whole(world):
    browser = world.browser("admin")
    for data, words in ((b"", "這個檔案裡沒有人"), (b"\x89PNG\r\n\x1a\n" + b"x" * 99, "不是名單")):
        answer = browser.client.post(
            "/exchange",
            data={"csrf_token": browser.token("/exchange"), "kind": "units", "list": (io.BytesIO(data), "a.csv")},
        )
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)
    broken = send(world, "units", b"PK\x03\x04" + b"x" * 999, name="a.xlsx")
    assert (broken.state, broken.problem["code"]) == ("broken", "roster_damaged")
    answer, broken = press(world, broken, "drop")
    assert broken.state == "dropped"
    assert browser.get(f"/exchange/import/{broken.batch_id}").status_code == 404


def test_a_list_given_up_or_imported_leaves_nothing_it_said(world):
    batch = bring(world, "volunteers", *PEOPLE)
    given_up = send(world, "volunteers", csv(PEOPLE[0], ("王小明", WANG, "", "U001", "")))
    press(world, given_up, "drop")
    with world.store.read() as conn:
        assert exchange.pieces(conn, batch.batch_id) == exchange.pieces(conn, given_up.batch_id) == []
        assert exchange.lines(conn, given_up.batch_id) == []
        assert all(not one.entry and not one.cells for one in exchange.lines(conn, batch.batch_id))


def test_a_button_pressed_twice_or_too_late_changes_nothing(world):
    batch = bring(world, "volunteers", *PEOPLE)
    for what in ("write", "drop"):
        answer, _ = press(world, batch, what)
        assert answer.status_code == 409, what
    assert found(world, batch.batch_id).state == "imported"


def test_the_sample_of_each_kind_has_headings_that_are_known(world):
    browser = world.browser("admin")
    for kind in FIELDS:
        for form in ("csv", "xlsx"):
            data = browser.get(f"/exchange/sample/{kind}.{form}").data
            batch = send(world, kind, data, name=f"a.{form}", browser=browser)
            assert batch.state == "ready"
            assert set(batch.head["at"]) == {one.code for one in FIELDS[kind]}


def test_the_auditor_reads_who_did_what(world):
    batch = bring(world, "volunteers", *PEOPLE)
    press(world, batch, "undo")
    page = world.browser("auditor").get("/exchange/log").get_data(as_text=True)
    said = re.sub(r"<[^>]+>", " ", page)
    assert re.search(r"復原\s+志工", said) and re.search(r"匯入\s+志工", said) and "吳管理" in said
    assert "陳文雄" not in page and CHEN not in page
