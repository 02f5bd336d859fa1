"""English pages of the center are English throughout: nothing but names of people and places stays Chinese."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from center.store import devices
from honorcard import corrections
from honorcard.records import CATEGORIES
from sync.wire import ServiceRow
from tests.center.conftest import PASSWORD, World
from tests.english import chinese_left

DATA = (
    "北門文化導覽志工隊", "社子島環境隊", "陳初審", "王複審", "吳管理", "黃承辦", "張外人", "林稽核", "北門展館", "花博 2 號機",
    "林秀琴", "展場導覽", "北市志",
)  # fmt: skip


def reader(world: World, name: str | None = None):
    """A person's browser after English was chosen once."""
    browser = world.browser(name)
    assert browser.get("/?language=en", follow_redirects=True).status_code < 500
    return browser


def english(answer, *more: str) -> str:
    """The page, when it is English."""
    assert answer.status_code < 300 or 400 <= answer.status_code < 500, answer.location
    text = answer.get_data(as_text=True)
    if text.lstrip().startswith("<!doctype"):
        assert '<html lang="en"' in text
    assert chinese_left(text, (*DATA, *more)) == []
    return text


PLACES = {
    "first": ("/desk/first", "/cards"),
    "second": ("/desk/second", "/cards"),
    "admin": ("/cards", "/units", "/accounts", "/tablets", "/rescue"),
    "officer": ("/", "/cards"),
    "stranger": ("/", "/cards"),
    "auditor": ("/",),
    "venue": ("/",),
}


@pytest.mark.parametrize("name", PLACES)
def test_every_page_of_every_role_is_english(world: World, name: str):
    number = world.issued()
    world.application(
        flags=["possible_duplicate", "clock_doubt", "verdict_differs", "identity_doubt", "number_alike"],
        identity_number="A123456789",
    )
    browser = reader(world, name)
    for path in (*PLACES[name], "/nothing-here", "/cards?number=11599999"):
        english(browser.get(path, follow_redirects=True))
    for path in (f"/cards/{number}", "/desk/second", "/accounts"):  # shown, or refused in a sentence
        english(browser.get(path, follow_redirects=True))


def test_signing_in_is_english(world: World):
    browser = reader(world)
    english(browser.get("/sign-in"))
    assert "Wrong account or password" in english(browser.send("/sign-in", name="first", password="no", see="/sign-in"))
    assert browser.send("/sign-in", name="first", password=PASSWORD, see="/sign-in").status_code == 303


def test_a_whole_case_is_english_from_its_first_page_to_its_history(world: World):
    application_id = world.application()
    case = f"/desk/case/{application_id}"
    first, second = reader(world, "first"), reader(world, "second")
    page = english(first.get(case))
    assert "1 November 2023 – 31 October 2024" in page and "All conditions met" in page
    english(first.send(case + "/number", see=case))
    english(first.decide(application_id, "return"))  # no reason given
    assert first.decide(application_id, "approve").status_code == 303
    english(first.get("/desk/first"))
    page = english(second.get(case))
    assert "Approved in first review" in page and "Full number shown" in page
    assert second.decide(application_id, "approve").status_code == 303
    english(second.get("/desk/second"))
    english(second.get(case))
    number = second.get("/cards").get_data(as_text=True).split('href="/cards/')[1].split('"')[0]
    assert second.send(f"/cards/{number}/revoke", see=f"/cards/{number}", text="Lent to a friend").status_code == 303
    assert "Cancelled" in english(second.get(f"/cards/{number}"))


@pytest.mark.parametrize("entry", corrections.RETURNS, ids=lambda entry: entry.code)
def test_a_case_sent_back_is_english(world: World, entry: corrections.Correction):
    application_id = world.application()
    first = reader(world, "first")
    sent = first.decide(application_id, "return", reason=entry.code, slot="page-2", text="Please look at row 3")
    assert sent.status_code == 303
    assert "Sent back" in english(first.get(f"/desk/case/{application_id}"))


def test_several_reasons_of_a_refusal_are_english(world: World):
    application_id = world.application(state="second_review")
    second = reader(world, "second")
    english(second.get(f"/desk/case/{application_id}"))
    codes = [entry.code for entry in corrections.REFUSALS]
    assert second.decide(application_id, "refuse", reason=codes, text="See the book").status_code == 303
    assert "Refused" in english(second.get(f"/desk/case/{application_id}"))


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_kind_of_service_is_named_in_english(world: World, category: str):
    rows = tuple(
        ServiceRow(start=day, end=day + timedelta(days=2), minutes=95, content="展場導覽", category=category)
        for day in (date(2024, 1, 30), date(2026, 10, 1))
    )
    page = english(reader(world, "first").get(f"/desk/case/{world.application(rows=rows)}"))
    assert "30 January – 1 February 2024" in page and "1–3 October 2026" in page and "1 h 35 min" in page


def test_a_passports_country_is_named_in_english(world: World):
    application_id = world.application(
        identity_kind="passport", identity_number="C01X00T47", nationality="DE", name="MARTIN FISCHER"
    )
    assert "Germany" in english(reader(world, "first").get(f"/desk/case/{application_id}"))


def test_an_alarm_about_a_tablet_is_said_in_words(world: World):
    with world.store.write() as conn:
        devices.sound_alarm(conn, world.device_id, "seq_reused")
    page = english(reader(world, "admin").get("/tablets"))
    assert "Serial number used twice" in page and "seq_reused" not in page


def test_what_the_administrator_does_is_answered_in_english(world: World):
    admin = reader(world, "admin")
    for path, fields in (
        ("/units", {"code": "U003", "name": "North Gate"}),
        ("/units", {"code": "U003", "name": "North Gate"}),
        ("/accounts", {"name": "mary", "person": "Mary Brown", "role": "auditor", "password": PASSWORD, "unit_id": ""}),
        ("/accounts", {"name": "mary", "person": "Mary Brown", "role": "auditor", "password": PASSWORD, "unit_id": ""}),
        ("/tablets/code", {"site": "Desk 1", "profile": "staff", "unit_id": world.units["north_gate"]}),
        (f"/accounts/{world.people['auditor']}/close", {}),
        (f"/tablets/{world.device_id}/disable", {}),
    ):
        answer = admin.send(path, see="/units", **fields)
        english(admin.get(answer.location) if answer.status_code == 303 else answer)
