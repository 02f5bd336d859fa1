"""Cards that run out in a month: who sees them, who gets a letter, and that nobody gets one who has applied."""

from __future__ import annotations

import csv
import io
import subprocess
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from center.store import mail
from center.store.tables import card
from tests.center.postbox import HOST


@pytest.fixture
def world(make_world):
    return make_world(mail_from="card@hc.example.gov.tw", smtp_host=HOST)


def runs_out(world, number, day):
    with world.store.write() as conn:
        conn.execute(update(card).where(card.c.number == number).values(valid_until=day))


def three_cards(world):
    """Two that run out in December, of two units; one a month later."""
    ours = world.issued()
    theirs = world.issued(identity_number="A123456789", unit="shezi", name="陳文雄", receipt="HC-2222-2222")
    later = world.issued(identity_number="F131104093", name="吳曉雯", receipt="HC-3333-3333")
    for number, day in ((ours, date(2026, 12, 1)), (theirs, date(2026, 12, 31)), (later, date(2027, 1, 1))):
        runs_out(world, number, day)
    return ours, theirs, later


def text_of(pdf: bytes, folder: Path) -> str:
    path = folder / "letters.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout


def renews(world):
    """林秀琴 applies for the next card in the month of its expiry."""
    previous = {"valid_until": date(2026, 12, 1), "source": "typed"}
    return world.application(kind="renewal", previous=previous, receipt="HC-4444-4444", submitted_on=date(2026, 12, 1))


def test_next_months_cards_are_shown_of_all_units_or_of_one_and_an_officer_sees_the_own(world):
    ours, theirs, later = three_cards(world)
    page = world.browser("admin").get("/reminders").text
    assert "115年12月到期的榮譽卡：2 張" in page
    assert ours in page and theirs in page and later not in page
    one = world.browser("admin").get(f"/reminders?unit={world.units['shezi']}").text
    assert theirs in one and ours not in one
    january = world.browser("admin").get("/reminders?month=2027-01").text
    assert later in january and ours not in january
    for asked in ("", f"?unit={world.units['shezi']}"):
        own = world.browser("officer").get(f"/reminders{asked}").text
        assert ours in own and theirs not in own and "陳文雄" not in own and "社子島" not in own
    assert "沒有卡到期" in world.browser("admin").get("/reminders?month=2031-05").text


def test_a_letter_each_tells_what_the_next_card_needs(world, tmp_path):
    three_cards(world)
    answer = world.browser("officer").get("/reminders/letters.pdf")
    assert answer.headers["Cache-Control"] == "private, no-store"
    text = text_of(answer.data, tmp_path)
    assert "林秀琴 您好" in text
    assert "陳文雄" not in text
    assert "115年12月01日起" in text
    assert "300 小時" in text
    assert "112年12月01日" in text  # R18: the month of three years before
    assert "A223456781" not in text
    both = text_of(world.browser("admin").get("/reminders/letters.pdf").data, tmp_path)
    assert both.count("您好") == 2
    assert both.count("第 1 頁，共 1 頁") == 2


def test_who_has_applied_for_the_next_card_gets_no_letter_and_is_not_counted_to_the_unit(world, tmp_path):
    three_cards(world)
    with world.store.write() as conn:
        mail.set_account_address(conn, world.people["officer"], "huang@north.example")
        mail.set_account_address(conn, world.people["stranger"], "zhang@shezi.example")
    renews(world)
    page = world.browser("officer").get("/reminders").text
    assert "審查中" in page
    assert "letters.pdf" not in page
    assert world.browser("officer").get("/reminders/letters.pdf").status_code == 404
    assert "林秀琴" not in text_of(world.browser("admin").get("/reminders/letters.pdf").data, tmp_path)
    assert world.browser("admin").send("/reminders", see="/reminders", month="2026-12").status_code == 303
    with world.store.read() as conn:
        assert [one.address for one in mail.listing(conn)] == ["zhang@shezi.example"]


def test_a_unit_is_written_to_once_about_a_month_and_the_page_says_so(world):
    three_cards(world)
    with world.store.write() as conn:
        mail.set_account_address(conn, world.people["officer"], "huang@north.example")
    admin = world.browser("admin")
    for _ in range(2):
        admin.send("/reminders", see="/reminders", month="2026-12")
    with world.store.read() as conn:
        (letter,) = mail.listing(conn)
    assert letter.facts == {"month": "2026-12-01", "count": 1, "unit": "北門文化導覽志工隊"}
    page = admin.get("/reminders?month=2026-12").text
    assert "等著寄" in page
    assert "沒有電子郵件" in page  # the other unit


def test_the_list_as_a_table_is_the_citys_alone_and_works_nothing_out(world):
    three_cards(world)
    with world.store.write() as conn:
        conn.execute(update(card).where(card.c.name == "陳文雄").values(name="=1+1"))
    answer = world.browser("admin").get("/reminders/cards.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[1] for row in rows] == ["姓名", "林秀琴", "'=1+1"]
    for name in ("officer", "first", "second"):
        assert world.browser(name).get("/reminders/cards.csv").status_code == 403


def test_without_mail_the_letters_are_still_printed_and_nothing_is_written_to_units(make_world):
    world = make_world()
    three_cards(world)
    admin = world.browser("admin")
    assert "寄信沒有開" in admin.get("/reminders").text
    assert admin.send("/reminders", see="/reminders", month="2026-12").status_code == 409


def test_more_letters_than_a_printer_should_get_at_once_ask_for_a_unit(world, monkeypatch):
    from center import reminders

    three_cards(world)
    monkeypatch.setattr(reminders, "LETTERS", 1)
    answer = world.browser("admin").get("/reminders/letters.pdf")
    assert answer.status_code == 422
    assert "請選一個單位" in answer.text
    assert world.browser("admin").get(f"/reminders/letters.pdf?unit={world.units['shezi']}").status_code == 200


def test_a_month_that_is_none_is_next_month(world):
    admin = world.browser("admin")
    for month in ("2026-13", "x", "2026-1", "9999-12", "2026-12-01", "%00", ""):
        assert "115年12月到期" in admin.get(f"/reminders?month={month}").text
