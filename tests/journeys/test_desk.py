"""The desk in a browser: decided by key, on to the next case without a new page, taken back by key, watched over."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import City
from tests.journeys.stage import PATIENCE_MS, chromium
from tests.journeys.test_every_page import AXE, violations


@pytest.fixture
def desk(city: City) -> Iterator[Page]:
    """The first reviewer's desk. Everything decided here is taken back: other journeys live in this city too."""
    name, password = city.account("first_reviewer")
    with chromium(city.camera) as browser:
        context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-TW", reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(path=AXE)
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(city.center.url + "/sign-in")
        page.get_by_label("帳號").fill(name)
        page.get_by_label("密碼").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/**")
        yield page
        assert wrong == []


# what the stop-watch says; others may have looked at the case before
SECONDS = """least => document.querySelector('[data-stopwatch-said]').textContent.split(':')
    .reduce((minutes, seconds) => 60 * minutes + Number(seconds), 0)"""


def shown(page: Page) -> str:
    """The case on the screen."""
    return page.locator("main[data-desk]").get_attribute("data-case-id") or ""


def on_another_than(page: Page, case: str) -> None:
    """The next case has come."""
    expect(page.locator("main[data-desk]")).not_to_have_attribute("data-case-id", case)


def test_a_case_is_decided_and_taken_back_without_leaving_the_keyboard_or_the_page(desk: Page, city: City) -> None:
    desk.goto(city.center.url + "/desk/queue?flag=none&kind=first")
    expect(desk.locator(".figures")).to_contain_text("等待初審")
    desk.keyboard.press("s")
    desk.wait_for_url("**/desk/first?**")
    desk.evaluate("window.still = true")  # gone with the page
    case = shown(desk)
    clean = desk.locator("button[data-decide=approve]").count()
    desk.keyboard.press("a") if clean else desk.keyboard.press("r")
    if not clean:
        desk.keyboard.press("1")
        desk.keyboard.press("Enter")
    on_another_than(desk, case)
    assert desk.evaluate("window.still") is True
    assert "kind=first" in desk.url
    expect(desk.locator("#undo")).to_contain_text("取消")

    desk.keyboard.press("u")
    desk.wait_for_url(f"**/desk/case/{case}**")
    expect(desk.locator(".said[role=status]")).to_contain_text("已取消")
    assert shown(desk) == case
    assert violations(desk) == []

    desk.keyboard.press("r")
    desk.keyboard.press("1")
    desk.keyboard.press("3")
    expect(desk.locator("[data-preview] li")).to_have_count(3)
    expect(desk.locator("[data-preview]")).to_contain_text("紀錄冊少了一頁")
    expect(desk.locator("[data-preview]")).to_contain_text("請重拍：")  # the photograph that was looked at
    desk.keyboard.press("Enter")
    on_another_than(desk, case)
    expect(desk.locator("#undo")).to_contain_text("已退回補正")
    desk.keyboard.press("u")
    desk.wait_for_url(f"**/desk/case/{case}**")
    assert desk.evaluate("window.still") is True


def test_the_stop_watch_counts_while_somebody_attends_and_a_photograph_follows_the_hand(desk: Page, city: City) -> None:
    desk.goto(city.center.url + "/desk/first")
    desk.mouse.move(500, 400)
    expect(desk.locator("[data-stopwatch-said]")).to_have_text(re.compile(r"[0-9]+:[0-9]{2}"))
    desk.wait_for_function(SECONDS + "> least", arg=desk.evaluate(SECONDS.replace("least => ", "() => ")) + 1)
    room = desk.locator(".evidence-page")
    desk.keyboard.press("+")
    zoomed = float(room.evaluate("room => room.style.getPropertyValue('--enlarged')"))
    assert zoomed > 1
    box = room.bounding_box()
    assert box is not None
    desk.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    desk.mouse.wheel(0, -600)
    desk.wait_for_function(
        "least => Number(document.querySelector('.evidence-page').style.getPropertyValue('--enlarged')) > least",
        arg=zoomed,
    )
    before = room.evaluate("room => room.scrollLeft")
    desk.mouse.down()
    desk.mouse.move(box["x"] + box["width"] / 2 - 80, box["y"] + box["height"] / 2)
    desk.mouse.up()
    assert room.evaluate("room => room.scrollLeft") > before
    desk.keyboard.press("t")
    expect(room).to_have_attribute("data-turned", "90")
    desk.keyboard.press("1")
    expect(room).to_have_attribute("data-turned", "0")
