"""Import: what a dry run shows, what is written, what an undo takes back; on both stores."""

from __future__ import annotations

import io
import re
from datetime import date

import openpyxl
import pytest

from center.exchange import running
from center.exchange.fields import FIELDS
from center.store import exchange, exchange_rows, service, training, volunteers

CHEN, LIN, WANG = "A123456789", "A223456781", "F131104093"


def csv(*rows, encoding="utf-8-sig", between=","):
    return "\r\n".join(between.join(str(cell) for cell in row) for row in rows).encode(encoding)


def xlsx(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def send(world, kind, data, *, name="list.csv", browser=None):
    """The batch that a file became, read."""
    browser = browser or world.browser("admin")
    answer = browser.client.post(
        "/exchange",
        data={"csrf_token": browser.token("/exchange"), "kind": kind, "list": (io.BytesIO(data), name)},
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)
    batch_id = answer.headers["Location"].rsplit("/", 1)[1]
    running.step(world.store, world.settings, world.now)
    return found(world, batch_id)


def found(world, batch_id):
    with world.store.read() as conn:
        return exchange.find(conn, batch_id)


def lines(world, batch, *outcomes):
    with world.store.read() as conn:
        return exchange.lines(conn, batch.batch_id, outcomes or exchange.OUTCOMES, limit=1000)


def press(world, batch, what, **form):
    """A button of an import's page, and the work it sets going."""
    answer = world.browser("admin").send(f"/exchange/import/{batch.batch_id}/{what}", see="/exchange", **form)
    running.step(world.store, world.settings, world.now)
    return answer, found(world, batch.batch_id)


def bring(world, kind, *rows):
    """A list that was written."""
    batch = send(world, kind, csv(*rows))
    assert batch.state == "ready", (batch.state, batch.problem)
    return press(world, batch, "write")[1]


def person(world, number):
    from center.indices import index_of

    idbx = index_of(world.settings, number)
    with world.store.read() as conn:
        return volunteers.find(conn, [idbx]).get(idbx)


def served(world, number):
    with world.store.read() as conn:
        return service.of_person(conn, [person(world, number).no])


def codes(world, batch):
    return {one.line: [(of, code) for of, _, _, code, _ in one.troubles] for one in lines(world, batch, "refused")}


PEOPLE = (
    ("姓名", "身分證字號", "出生年月日", "運用單位", "紀錄冊字號"),
    ("陳文雄", CHEN, "051.03.30", "U001", "北市志 0012345"),
    ("林秀琴", LIN, "047.08.16", "北門文化導覽志工隊", ""),
)
SERVED = (
    ("身分證字號", "單位代碼", "服務起日", "服務迄日", "服務時數"),
    (CHEN, "U001", "115.09.01", "115.09.30", "12.5"),
    (LIN, "U001", "115.09.01", "115.09.30", "8"),
)


def test_a_dry_run_writes_nothing_and_says_what_each_line_would_change(world):
    batch = send(world, "volunteers", csv(*PEOPLE))
    assert (batch.state, batch.counts) == ("ready", {"new": 2, "changed": 0, "same": 0, "refused": 0})
    assert person(world, CHEN) is None
    first = lines(world, batch)[0]
    assert (first.line, first.outcome) == (2, "new")
    assert ["unit", "", "U001 北門文化導覽志工隊"] in first.changes
    page = world.browser("admin").get(f"/exchange/import/{batch.batch_id}").get_data(as_text=True)
    assert "匯入這 2 列" in page
    assert "A12****789" in page and CHEN not in page


def test_what_was_shown_is_written_and_the_same_file_again_changes_nothing(world):
    batch = bring(world, "volunteers", *PEOPLE)
    assert batch.state == "imported"
    chen = person(world, CHEN)
    assert (chen.name, chen.birth_date, chen.kept) == ("陳文雄", date(1962, 3, 30), True)
    again = send(world, "volunteers", csv(*PEOPLE))
    assert again.counts == {"new": 0, "changed": 0, "same": 2, "refused": 0}
    page = world.browser("admin").get(f"/exchange/import/{again.batch_id}").get_data(as_text=True)
    assert "由 吳管理 匯入過了" in page
    answer, _ = press(world, again, "write")
    assert answer.status_code == 422


def test_service_is_added_once_changed_in_place_and_brought_back_by_an_undo(world):
    bring(world, "volunteers", *PEOPLE)
    first = bring(world, "hours", *SERVED)
    assert [row.half_hours for row in served(world, CHEN)] == [25]
    changed = send(world, "hours", csv(SERVED[0], (CHEN, "U001", "115.09.01", "115.09.30", "13"), SERVED[2]))
    assert (changed.counts["changed"], changed.counts["same"]) == (1, 1)
    assert lines(world, changed, "changed")[0].changes == [["hours", 25, 26]]
    press(world, changed, "write")
    assert [row.half_hours for row in served(world, CHEN)] == [26]
    _, undone = press(world, changed, "undo")
    assert (undone.state, undone.kept) == ("undone", 0)
    assert [row.half_hours for row in served(world, CHEN)] == [25]
    press(world, first, "undo")
    assert served(world, CHEN) == [] == served(world, LIN)
    with world.store.read() as conn:
        assert service.sums(conn) == []


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
    assert shapes == ["mixed 10", "empty", "mixed 9", "mixed 9", "text 5"]
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


@pytest.mark.parametrize(
    ("encoding", "between"), [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("cp950", ","), ("big5", ";")]
)
def test_lists_are_read_as_spreadsheets_in_taiwan_write_them(world, encoding, between):
    batch = send(world, "volunteers", csv(*PEOPLE, encoding=encoding, between=between))
    assert (batch.state, batch.counts["new"]) == ("ready", 2)


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


def test_lines_of_one_list_are_compared_with_each_other(world):
    bring(world, "volunteers", *PEOPLE)
    twice = send(world, "hours", csv(*SERVED, SERVED[1], (CHEN, "U001", "115.09.01", "115.09.30", "9")))
    assert codes(world, twice) == {4: [("hours", "exchange_line_twice")], 5: [("hours", "exchange_lines_disagree")]}
    both = (PEOPLE[0], ("王小明", WANG, "", "U001", ""), ("王小明", WANG, "", "U002", ""), ("王大明", WANG, "", "", ""))
    batch = send(world, "volunteers", csv(*both))
    assert batch.counts == {"new": 2, "changed": 0, "same": 0, "refused": 1}
    press(world, batch, "write")
    with world.store.read() as conn:
        units = volunteers.memberships(conn, [person(world, WANG).no])[person(world, WANG).no]
    assert {one.unit_id for one in units} == set(world.units.values())


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


def test_where_something_changed_after_the_dry_run_nothing_is_written(world):
    bring(world, "volunteers", *PEOPLE)
    shown = send(world, "hours", csv(*SERVED))
    bring(world, "hours", SERVED[0], (CHEN, "U001", "115.09.01", "115.09.30", "6"))
    _, moved = press(world, shown, "write")
    running.step(world.store, world.settings, world.now)
    moved = found(world, shown.batch_id)
    assert (moved.state, moved.moved) == ("ready", True)
    assert [row.half_hours for row in served(world, CHEN)] == [12]
    assert served(world, LIN) == []
    assert moved.counts == {"new": 1, "changed": 1, "same": 0, "refused": 0}
    page = world.browser("admin").get(f"/exchange/import/{shown.batch_id}").get_data(as_text=True)
    assert "所以沒有寫入" in page
    press(world, moved, "write")
    assert [row.half_hours for row in served(world, CHEN)] == [25]


def test_an_undo_names_what_something_depends_on_since(world):
    units = bring(world, "units", ("代碼", "名稱"), ("U010", "甲隊"), ("U011", "乙隊"), ("U001", "北門新名"))
    people = bring(
        world, "volunteers", PEOPLE[0], ("陳文雄", CHEN, "", "U010", ""), ("林秀琴", LIN, "", "U001", ""),
    )  # fmt: skip
    bring(world, "hours", SERVED[0], (LIN, "U001", "115.09.01", "115.09.30", "6"))
    _, units = press(world, units, "undo")
    assert (units.state, units.kept) == ("undone", 1)
    with world.store.read() as conn:
        kept = exchange.lines(conn, units.batch_id, kept=True)
        names = {one.code: one.name for one in exchange_rows.units(conn)}
    assert [(one.line, one.kept) for one in kept] == [(2, "exchange_used_since")]
    assert names == {"U001": "北門文化導覽志工隊", "U002": "社子島環境隊", "U010": "甲隊"}
    _, people = press(world, people, "undo")
    assert people.kept == 1
    assert not person(world, CHEN).kept
    assert person(world, LIN).kept
    page = world.browser("admin").get(f"/exchange/import/{people.batch_id}").get_data(as_text=True)
    assert "所以留著" in page


def test_what_was_changed_again_since_is_not_put_back(world):
    bring(world, "volunteers", *PEOPLE)
    changed = bring(world, "volunteers", PEOPLE[0], ("陳文熊", CHEN, "051.03.31", "U001", "北市志 9"))
    assert person(world, CHEN).birth_date == date(1962, 3, 31)
    with world.store.write() as conn:
        volunteers.change(conn, person(world, CHEN).no, by="x", now_ms=1, name=("陳文能", "陳文能"))
    _, undone = press(world, changed, "undo")
    assert undone.kept == 1
    chen = person(world, CHEN)
    assert (chen.name, chen.birth_date) == ("陳文能", date(1962, 3, 30))


def test_trainings_and_earlier_cards_come_in_change_and_go(world):
    bring(world, "volunteers", *PEOPLE)
    courses = (
        ("證號", "訓練種類", "領域", "結業日期", "證書字號"),
        (CHEN, "基礎訓練", "", "112.10.15", "字第 1 號"),
        (LIN, "特殊", "社福", "112.10.16", ""),
    )
    first = bring(world, "training", *courses)
    assert first.counts["new"] == 2
    bring(world, "training", courses[0], (LIN, "特殊", "社福", "112.10.16", "字第 2 號"))
    with world.store.read() as conn:
        (row,) = training.of_people(conn, [person(world, LIN).no])[person(world, LIN).no]
    assert row.certificate == "字第 2 號"
    cards = (
        ("證號", "卡號", "發卡機關", "發卡日期", "有效日期"),
        (CHEN, "1120001", "新北市", "112.11.30", "115.11.30"),
    )
    held = bring(world, "cards", *cards)
    other = send(world, "cards", csv(cards[0], (LIN, "1120001", "", "", "115.11.30")))
    assert codes(world, other) == {2: [("card", "exchange_card_of_other")]}
    later = bring(world, "cards", cards[0], (CHEN, "1120001", "新北市", "112.11.30", "115.12.31"))
    no = person(world, CHEN).no
    with world.store.read() as conn:
        assert [card.valid_until for card in exchange_rows.earlier_of(conn, [no])] == [date(2026, 12, 31)]
    press(world, later, "undo")
    with world.store.read() as conn:
        assert [card.valid_until for card in exchange_rows.earlier_of(conn, [no])] == [date(2026, 11, 30)]
    press(world, held, "undo")
    with world.store.read() as conn:
        assert exchange_rows.earlier_of(conn, [no]) == []


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


@pytest.mark.parametrize("kind", list(FIELDS))
def test_the_sample_of_a_kind_has_headings_that_are_known(world, kind):
    browser = world.browser("admin")
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
