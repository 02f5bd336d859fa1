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
