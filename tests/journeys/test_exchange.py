"""A list in a browser: tried with errors, mended, imported, taken back; each page put before axe and looked at 320 px wide."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.conftest import City
from tests.journeys.stage import PATIENCE_MS, chromium
from tests.journeys.test_every_page import AXE, violations

HEADINGS = "隊別代號,隊名,行政區"
WRONG = f"{HEADINGS}\r\nX901,關渡賞鳥志工隊,北投區\r\n,芝山志工隊,士林區\r\n"
MENDED = f"{HEADINGS}\r\nX901,關渡賞鳥志工隊,北投區\r\nX902,芝山志工隊,士林區\r\n"


def send(page: Page, city: City, kind: str, text: str) -> None:
    page.goto(city.center.url + "/exchange")
    page.get_by_label("名單是什麼").select_option(label=kind)
    page.get_by_label("檔案", exact=True).set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
    )
    page.get_by_role("button", name="試跑").click()
    page.wait_for_url("**/exchange/import/**")


def looked_at(page: Page) -> None:
    """Nothing for axe to find, and nothing beyond the edge of a narrow screen."""
    assert violations(page) == []
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size(size)


def test_a_list_with_errors_is_tried_mended_imported_and_taken_back(city: City) -> None:
    name, password = city.account("administrator")
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
        page.wait_for_url(lambda url: "/sign-in" not in url)

        send(page, city, "單位", WRONG)
        expect(page.get_by_role("heading", name="有欄位認不出來")).to_be_visible()
        looked_at(page)
        page.get_by_role("link", name="選欄位").click()
        looked_at(page)
        page.get_by_label("單位代碼").select_option(label="1. 隊別代號")
        page.get_by_label("單位名稱").select_option(label="2. 隊名")
        page.get_by_role("button", name="用這些欄再試跑").click()

        expect(page.locator("main")).to_contain_text("A3 單位代碼")
        expect(page.locator("main")).to_contain_text("這一格不能空著")
        looked_at(page)
        with page.expect_download() as taken:
            page.get_by_role("link", name="下載有錯的列").click()
        assert "芝山志工隊" in taken.value.path().read_text("utf-8-sig")

        send(page, city, "單位", MENDED)  # the headings are remembered now
        expect(page.get_by_role("button", name="匯入這 2 列")).to_be_visible()
        looked_at(page)
        page.get_by_role("button", name="匯入這 2 列").click()
        expect(page.get_by_role("heading", name="已匯入 2 列")).to_be_visible()
        page.goto(city.center.url + "/units")
        expect(page.locator("main")).to_contain_text("芝山志工隊")

        page.go_back()
        page.get_by_role("button", name="復原這次匯入").click()
        expect(page.get_by_role("heading", name="已復原 2 列")).to_be_visible()
        page.goto(city.center.url + "/units")
        expect(page.locator("main")).not_to_contain_text("芝山志工隊")

        for path in ("/exchange", "/exchange/export", "/exchange/export/hours/columns", "/exchange/log"):
            page.goto(city.center.url + path)
            looked_at(page)
        assert wrong == []
