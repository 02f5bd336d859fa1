"""In a browser: the second approval, the letter at a mail server, its link, the sign-in, the sheet; and a place's gate."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from center.postman import Postman
from center.store import mail
from tests.browsers import SHELL
from tests.center.conftest import PASSWORD, World
from tests.center.postbox import HOST, postbox
from tests.center.test_venues_gates import PALACE
from tests.center.verifying import QUIET, served
from tests.journeys.stage import PATIENCE_MS

pytestmark = pytest.mark.timeout(240)


def sign_in(page: Page, name: str) -> None:
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_from_the_second_approval_to_the_sheet_by_way_of_the_letter(make_world: Callable[..., World]) -> None:
    with postbox() as box:
        # where the letter's link leads is known once the app answers, and the app's settings are known before
        world = make_world(smtp_host=HOST, smtp_port=box.port, smtp_security="none", mail_from="card@hc.example.gov.tw")
        with world.store.write() as conn:
            mail.set_account_address(conn, world.people["officer"], "huang@north.example")
        application_id = world.application(state="second_review")
        postman = Postman(world.app, every_s=0.05)
        with served(world.app) as here, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=SHELL, args=[*QUIET])
            postman.start()
            try:
                reviewer = browser.new_context(locale="zh-TW", viewport={"width": 1366, "height": 900}).new_page()
                reviewer.set_default_timeout(PATIENCE_MS)
                reviewer.goto(f"{here.url}/sign-in?next=/desk/case/{application_id}")
                sign_in(reviewer, "second")
                reviewer.locator("button[data-decide=approve]").click()
                expect(reviewer.locator("main")).not_to_contain_text("林秀琴")

                deadline = time.monotonic() + PATIENCE_MS / 1000
                while not box.messages and time.monotonic() < deadline:
                    time.sleep(0.05)
                assert box.to == [["huang@north.example"]]
                link = re.search(
                    r"https://hc\.taipei(/cards/\d{8})\s", box.messages[0].get_body(("plain",)).get_content()
                )
                assert link is not None

                officer = browser.new_context(locale="zh-TW", viewport={"width": 390, "height": 844}).new_page()
                officer.set_default_timeout(PATIENCE_MS)
                officer.goto(here.url + link[1])
                assert "/sign-in" in officer.url, "the link opens nothing by itself"
                sign_in(officer, "officer")
                assert officer.url.endswith(link[1])
                with officer.expect_download() as taken:
                    officer.get_by_role("button", name="下載 PDF").click()
                assert taken.value.path().read_bytes().startswith(b"%PDF")

                world.browser("admin").send("/venues/list", see="/venues/list", **PALACE)
                officer.goto(f"{here.url}/gate/#V1")
                expect(officer.locator("[data-venue-name]")).to_have_text("故宮")
                expect(officer.locator("[data-venue-said]")).to_contain_text("特展另計")
            finally:
                postman.stop()
                browser.close()
