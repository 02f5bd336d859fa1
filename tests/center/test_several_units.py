"""One person acts for several units, one at a time; and each list is narrowed by unit (R34, R58)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from center.store import accounts
from center.store.tables import history
from tests.center.conftest import World

NORTH, SHEZI = "北門文化導覽志工隊", "社子島環境隊"


@pytest.fixture
def both(world: World) -> World:
    """The officer of the north gate acts for Shezi too; each has an issued card."""
    with world.store.write() as conn:
        accounts.add_to_unit(conn, world.people["officer"], world.units["shezi"])
    world.north = world.issued()
    world.shezi = world.issued(
        unit="shezi", identity_number="A123456789", name="陳文雄", receipt="HC-CCCC-DDDD", birth_date="1960-01-02"
    )
    return world


def _switch(world: World, browser, unit: str):
    return browser.send("/account/unit", see="/account", unit_id=world.units[unit], next="/cards")


def test_an_officer_sees_the_unit_acted_for_and_no_other(both):
    browser = both.browser("officer")
    for unit, own, other in (("north_gate", both.north, both.shezi), ("shezi", both.shezi, both.north)):
        assert _switch(both, browser, unit).headers["Location"] == "/cards"
        assert browser.get(f"/cards/{own}").status_code == 200
        assert browser.get(f"/cards/{other}").status_code == 404
    text = browser.get("/cards").get_data(as_text=True)
    assert "陳文雄" in text and "林秀琴" not in text
    for path in ("/people", "/applications"):
        text = browser.get(path).get_data(as_text=True)
        assert "陳文雄" in text and "林秀琴" not in text, path


def test_the_other_sessions_of_the_same_person_stay_with_their_unit(both):
    here, there = both.browser("officer"), both.browser("officer")
    _switch(both, here, "shezi")
    assert there.get(f"/cards/{both.north}").status_code == 200


def test_nobody_acts_for_a_unit_that_is_not_theirs(both):
    stranger = both.browser("stranger")
    assert _switch(both, stranger, "north_gate").status_code == 403
    assert stranger.get(f"/cards/{both.north}").status_code == 404
    assert _switch(both, both.browser("first"), "north_gate").status_code == 403


def test_what_is_done_is_written_down_with_the_unit_it_was_done_for(both):
    browser = both.browser("officer")
    _switch(both, browser, "shezi")
    assert browser.get(f"/cards/{both.shezi}/sheet.pdf").status_code == 200
    with both.store.read() as conn:
        kept = conn.execute(select(history.c.for_unit).where(history.c.move == "sheet_taken")).scalars().all()
    assert kept == [both.units["shezi"]]
    assert f"代表「{SHEZI}」" in both.browser("auditor").get("/history").get_data(as_text=True)


def test_a_unit_that_is_taken_away_is_gone_at_once_also_in_the_session_that_acts_for_it(both):
    browser, admin, their = both.browser("officer"), both.browser("admin"), both.people["officer"]
    _switch(both, browser, "shezi")
    remove = f"/accounts/{their}/units/{both.units['shezi']}/remove"
    assert admin.send(remove, see="/account").status_code == 303
    assert browser.get(f"/cards/{both.shezi}").status_code == 404
    assert browser.get(f"/cards/{both.north}").status_code == 200
    assert admin.send(remove, see="/account").status_code == 404
    last = f"/accounts/{their}/units/{both.units['north_gate']}/remove"
    assert admin.send(last, see="/account").status_code == 422


def test_the_administrator_adds_a_unit_to_an_officer_and_to_nobody_else(world):
    admin = world.browser("admin")
    shezi = world.units["shezi"]
    path = "/accounts/{}/units".format
    assert admin.send(path(world.people["officer"]), see="/account", unit_id=shezi).status_code == 303
    assert SHEZI in world.browser("officer").get("/account").get_data(as_text=True)
    assert admin.send(path(world.people["first"]), see="/account", unit_id=shezi).status_code == 422
    assert admin.send(path(world.people["officer"]), see="/account", unit_id="none").status_code == 422


def test_the_officers_first_page_counts_the_units_own(both):
    both.application(receipt="HC-2345-6789", identity_number="F131104093", name="林志明")
    text = both.browser("officer").get("/").get_data(as_text=True)

    def figure(words: str) -> str:
        return re.search(words + r"</span><strong>(\d+)<", text)[1]

    assert [figure(words) for words in ("等待初審", "已發卡", "有效的榮譽卡", "申請過的志工")] == ["1", "1", "1", "2"]


def test_an_account_that_had_one_unit_before_has_it_after(world):
    with world.store.read() as conn:
        assert [unit.name for unit in accounts.units_of(conn, world.people["officer"])] == [NORTH]


LISTS = ("/cards", "/applications", "/history", "/accounts", "/tablets")


@pytest.mark.parametrize("path", LISTS)
def test_every_list_is_narrowed_by_unit_and_says_so_in_its_address(both, path):
    browser = both.browser("admin")
    north, shezi = both.units["north_gate"], both.units["shezi"]
    of = {
        "/cards": ("林秀琴", "陳文雄"), "/applications": ("林秀琴", "陳文雄"), "/history": ("HC-7K3M-22QF", "HC-CCCC-DDDD"),
        "/accounts": ("黃承辦", "張外人"), "/tablets": ("花博 2 號機", "無"),
    }[path]  # fmt: skip
    everything = browser.get(path).get_data(as_text=True)
    assert f'<option value="{north}"' in everything
    narrowed = browser.get(f"{path}?unit={north}").get_data(as_text=True)
    assert f'<option value="{north}" selected' in narrowed
    assert of[0] in narrowed
    assert of[1] not in narrowed
    other = browser.get(f"{path}?unit={shezi}").get_data(as_text=True)
    if path != "/accounts":  # the officer acts for both
        assert of[0] not in other
    assert browser.get(f"{path}?unit=nothing-of-ours").status_code == 200


def test_a_unit_in_the_address_opens_nothing_to_an_officer(both):
    stranger = both.browser("stranger")
    for path in ("/cards", "/applications"):
        text = stranger.get(f"{path}?unit={both.units['north_gate']}").get_data(as_text=True)
        assert "林秀琴" not in text, path
        assert "陳文雄" in text, path


def test_the_next_page_of_a_list_keeps_its_unit(both, monkeypatch):
    from center import applications, cards

    monkeypatch.setattr(cards, "PAGE", 1)
    monkeypatch.setattr(applications, "PAGE", 1)
    both.issued(receipt="HC-2345-6789", identity_number="F131104093", name="林志明")
    browser, north = both.browser("admin"), both.units["north_gate"]
    for path in ("/cards", "/applications"):
        first = browser.get(f"{path}?unit={north}").get_data(as_text=True)
        (onward,) = re.findall(rf'href="({path}\?[^"]*below=[^"]+)"', first)
        second = browser.get(onward.replace("&amp;", "&")).get_data(as_text=True)
        assert "林志明" in first and "林秀琴" in second and "陳文雄" not in second, path


def test_applications_are_narrowed_by_state(both):
    both.application(receipt="HC-2345-6789", identity_number="F131104093", name="林志明")
    browser = both.browser("first")
    waiting = browser.get("/applications?state=first_review").get_data(as_text=True)
    assert "林志明" in waiting and "林秀琴" not in waiting
    assert "林秀琴" in browser.get("/applications?state=issued").get_data(as_text=True)
    assert browser.get("/applications?state=nonsense&below=x").status_code == 200
