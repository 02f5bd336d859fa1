"""Import: what a dry run shows, what is written, what an undo takes back; on both stores."""

from __future__ import annotations

import io
from datetime import date

import openpyxl

from center.exchange import running
from center.store import earlier, exchange, exchange_rows, members, service, training, volunteers

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


def test_lines_of_one_list_are_compared_with_each_other(world):
    bring(world, "volunteers", *PEOPLE)
    twice = send(world, "hours", csv(*SERVED, SERVED[1], (CHEN, "U001", "115.09.01", "115.09.30", "9")))
    assert codes(world, twice) == {4: [("hours", "exchange_line_twice")], 5: [("hours", "exchange_lines_disagree")]}
    both = (PEOPLE[0], ("王小明", WANG, "", "U001", ""), ("王小明", WANG, "", "U002", ""), ("王大明", WANG, "", "", ""))
    batch = send(world, "volunteers", csv(*both))
    assert batch.counts == {"new": 2, "changed": 0, "same": 0, "refused": 1}
    press(world, batch, "write")
    with world.store.read() as conn:
        units = members.memberships(conn, [person(world, WANG).no])[person(world, WANG).no]
    assert {one.unit_id for one in units} == set(world.units.values())


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
        assert [card.valid_until for card in earlier.of_people(conn, [no])] == [date(2026, 12, 31)]
    press(world, later, "undo")
    with world.store.read() as conn:
        assert [card.valid_until for card in earlier.of_people(conn, [no])] == [date(2026, 11, 30)]
    press(world, held, "undo")
    with world.store.read() as conn:
        assert earlier.of_people(conn, [no]) == []
