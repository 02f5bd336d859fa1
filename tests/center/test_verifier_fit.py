"""The verifier's page is fit for everyone: axe, 320 px, targets, keyboard, twice the size, every theme, both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browsers import SHELL
from tests.center.verifying import QUIET, Issuer, Served, judged, opened, served
from tests.journeys.stage import PATIENCE_MS
from tests.journeys.test_every_page import AXE, FOCUSED, LEAST_TARGET, LEAST_TEXT, SMALL, TINY, WIDE, violations

TABLET, PHONE, NARROW = {"width": 820, "height": 1180}, {"width": 390, "height": 844}, {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    made = Issuer(tmp_path_factory.mktemp("center"))
    made.issue("林秀琴")
    made.issue("歐陽菲菲", photo=b"")
    made.issue("李志明", listed=False)
    made.publish()
    return made


@pytest.fixture(scope="module")
def here(issuer: Issuer) -> Iterator[Served]:
    with served(issuer.app) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=SHELL, args=[*QUIET])
        try:
            yield found
        finally:
            found.close()


@pytest.fixture(params=["zh", "en"])
def page(request: pytest.FixtureRequest, browser: Browser, here: Served) -> Iterator[Page]:
    context = browser.new_context(viewport=TABLET, locale="zh-TW", reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(path=str(AXE))
    said: list[str] = []
    found = context.new_page()
    found.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    found.on("pageerror", lambda error: said.append(str(error)))
    yield opened(context, here.url, "/gate/" if request.param == "zh" else "/gate/en")
    assert said == []
    context.close()


def go(page: Page, issuer: Issuer, view: str) -> None:
    """The page showing that view."""
    page.keyboard.press("Escape")
    if view in issuer.texts:
        judged(page, issuer.texts[view])
    elif view == "number":
        page.locator("[data-do=number]").click()
        page.locator("#card-number").fill("12")
        page.keyboard.press("Enter")
        expect(page.locator("[data-number-error]")).to_be_visible()
    elif view in ("settings", "self-test"):
        page.locator("[data-do=settings]").click()
        expect(page.locator("[data-facts] dd").first).to_be_visible()
        if view == "self-test":
            page.locator("[data-do=test]").click()
            expect(page.locator("[data-test-rows] li").first).to_be_visible()


VIEWS = ("waiting", "林秀琴", "歐陽菲菲", "李志明", "number", "settings", "self-test")


def test_every_view_is_fit_for_everyone(page: Page, issuer: Issuer) -> None:
    found: dict[str, list[str]] = {}
    for view in VIEWS:
        page.set_viewport_size(TABLET)  # type: ignore[arg-type]
        go(page, issuer, view)
        found[f"{view} axe"] = violations(page)
        found[f"{view} targets"] = page.evaluate(SMALL, LEAST_TARGET)
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        found[f"{view} wider than 320 px"] = page.evaluate(WIDE)
        found[f"{view} targets at 320 px"] = page.evaluate(SMALL, LEAST_TARGET)
        found[f"{view} text"] = page.evaluate(TINY, LEAST_TEXT)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.evaluate("() => { document.documentElement.dataset.zoom = '200' }")
        found[f"{view} twice the size"] = page.evaluate(WIDE)
        page.evaluate("() => { document.documentElement.dataset.zoom = '100' }")
        page.set_viewport_size(TABLET)  # type: ignore[arg-type]
        if view != "self-test":
            for theme in ("dark", "contrast"):
                page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
                found[f"{view} {theme}"] = violations(page)
            page.evaluate("() => { document.documentElement.dataset.theme = 'light' }")
    assert {what: where for what, where in found.items() if where} == {}


def test_the_gate_is_worked_by_keyboard_alone_and_a_face_is_never_confirmed_by_a_stray_enter(
    page: Page, issuer: Issuer
) -> None:
    judged(page, issuer.texts["林秀琴"])
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#gate")).to_have_attribute("data-code", "valid")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["ring"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#gate")).to_have_attribute("data-shows", "waiting")
    judged(page, issuer.texts["李志明"])
    page.keyboard.press("Enter")
    expect(page.locator("#gate")).to_have_attribute("data-shows", "waiting")


def test_a_verdict_is_told_apart_without_colour_and_moves(page: Page, issuer: Issuer, tmp_path: Path) -> None:
    seen = {}
    for view in ("林秀琴", "歐陽菲菲", "李志明"):
        go(page, issuer, view)
        word = page.locator(".gate-word")
        seen[view] = (word.text_content().strip(), word.locator("svg path").first.get_attribute("d"))
        assert page.locator(".gate-live").is_visible()
    assert len({word for word, _ in seen.values()}) == len({sign for _, sign in seen.values()}) == 3
    before = page.locator("[data-clock]").text_content()
    expect(page.locator("[data-clock]")).not_to_have_text(str(before))


def test_a_verdict_goes_by_itself_so_that_the_next_card_finds_the_camera(page: Page, issuer: Issuer) -> None:
    page.clock.install()
    judged(page, issuer.texts["李志明"])
    page.clock.fast_forward(14_000)
    expect(page.locator("#gate")).to_have_attribute("data-shows", "verdict")
    page.clock.fast_forward(2_000)
    expect(page.locator("#gate")).to_have_attribute("data-shows", "waiting")
