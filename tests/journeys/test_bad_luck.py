"""Bad luck with a browser before it: a tap too early, a press too many, a page left open, a disk that runs full under
a photo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import City
from tests.journeys.stage import PATIENCE_MS, chromium
from tests.journeys.test_whole_way import unlock
from tests.kiosk import applying


@pytest.fixture(scope="module")
def browser(city: City) -> Iterator[Browser]:
    with chromium(city.camera) as found:
        yield found


@pytest.fixture
def page(city: City, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 820, "height": 1180}, locale="zh-TW")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    unlock(page, city)
    yield page
    context.close()


@pytest.fixture
def draft(city: City, page: Page) -> str:
    """The address of a new application."""
    page.goto(city.kiosk.url + "/apply/new")
    page.get_by_role("button", name="第一次申請").click()
    page.wait_for_url("**/identity")
    return page.url.removesuffix("/identity")


def test_what_was_typed_last_survives_the_language_at_once_and_the_way_back(page: Page, draft: str) -> None:
    page.goto(f"{draft}/person")
    expect(page.locator("form[data-bound]")).to_have_count(1)
    page.locator("#name").press_sequentially("王小明", delay=2)
    page.get_by_role("link", name="EN", exact=True).first.click()
    page.wait_for_url("**/person?language=en")
    expect(page.locator("#name")).to_have_value("王小明")
    page.locator("#birth").fill("57.13.4")
    page.locator(".dock [data-kind=lead]").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_role("link", name="中文", exact=True).first.click()  # of a page that a form made
    page.wait_for_url("**/person?language=zh")
    expect(page.locator("#birth")).to_have_value("57.13.4")
    expect(page.locator("form[data-bound]")).to_have_count(1)
    page.locator("#name").fill("王小明二")
    page.locator(".dock a").first.click()
    page.wait_for_url("**/identity")
    page.goto(f"{draft}/person")
    expect(page.locator("#name")).to_have_value("王小明二")


def test_hostile_words_are_shown_as_words(page: Page, draft: str) -> None:
    hostile = "<img src=q onerror=alert(1)>"
    opened: list[str] = []
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    page.goto(f"{draft}/person")
    page.locator("#name").fill(hostile)
    page.locator("#birth").fill('"><script>alert(2)</script>')
    page.locator("#email").fill('"><b>@x.tw')
    page.locator(".dock [data-kind=lead]").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("#name")).to_have_value(hostile)
    assert page.locator("img[src=q], script:not([src]), main b b").count() == 0
    assert opened == []


def test_a_photo_stays_on_the_screen_until_the_disk_took_it(page: Page, draft: str, tmp_path: Path) -> None:
    picture = tmp_path / "head.jpg"
    picture.write_bytes(applying.head())
    sentence = "這台機器的儲存空間滿了"
    full = True

    def answer(route) -> None:
        if full and route.request.method == "POST":
            word = f'<p class="camera-word" id="say" role="status" data-state="wait"><span>{sentence}</span></p>'
            route.fulfill(status=507, body=word, content_type="text/html")
        else:
            route.continue_()

    page.route("**/take/headshot", answer)
    page.goto(f"{draft}/headshot")
    expect(page.locator("[data-shoot]")).to_have_attribute("data-state", re.compile("ready|no_camera"))
    page.locator("[data-file]").set_input_files(str(picture))
    expect(page.locator("#say")).to_contain_text(sentence)
    expect(page.locator("[data-still]")).to_be_visible()
    full = False
    page.locator("[data-again]").click()
    expect(page.locator("[data-crop]")).to_be_visible()


def test_a_file_beyond_the_limit_has_its_sentence_on_the_camera(page: Page, draft: str, tmp_path: Path) -> None:
    picture = tmp_path / "huge.jpg"
    with picture.open("wb") as file:
        file.write(b"\xff\xd8\xff")
        file.truncate(81 * 2**20)
    page.goto(f"{draft}/headshot")
    expect(page.locator("[data-shoot]")).to_have_attribute("data-state", re.compile("ready|no_camera"))
    page.locator("[data-file]").set_input_files(str(picture))
    expect(page.locator("#say")).to_contain_text("檔案太大了（上限 80 MB）")
    expect(page.locator("[data-again]")).to_be_hidden()


def test_a_page_left_open_while_the_tablet_locked_comes_back_with_what_was_typed(
    city: City, page: Page, draft: str
) -> None:
    page.goto(f"{draft}/person")
    page.locator("#name").fill("林秀琴")
    with page.expect_response("**/person/keep"):
        page.locator("#name").press("Tab")
    other = page.context.new_page()
    other.goto(city.kiosk.url)
    other.locator("form[action='/lock'] button").first.click()
    page.locator("#birth").fill("47.8.16")  # the page gives way to the PIN by itself
    page.wait_for_url(re.compile(r"/unlock\?next=.*person"))
    for digit in city.demo.pin:
        page.locator(f"[data-pinpad] [data-key='{digit}']").click()
    page.get_by_role("button", name="打開").click()
    page.wait_for_url(f"{draft}/person")
    expect(page.locator("#name")).to_have_value("林秀琴")


def test_two_clicks_on_submit_are_one_application_and_back_says_where_it_is(city: City, page: Page, draft: str) -> None:
    send = {"X-CSRFToken": page.locator("[name=csrf_token]").first.input_value()}

    def post(step: str, **fields: object) -> str:
        answer = page.request.post(f"{draft}/{step}", headers=send, **fields)  # type: ignore[arg-type]
        assert answer.ok, (step, answer.status)
        return answer.url

    def photo(data: bytes) -> dict[str, object]:
        return {"photo": {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": data}}

    post("identity", form={"document": "id", "number": "A123456789", "twin_seen": "yes"})
    post("person", form=applying.PERSON)
    page.goto(post("take/headshot", multipart=photo(applying.head())))
    page.get_by_role("button", name="用這張相片").click()
    page.wait_for_url("**/book_photos")
    post("take/cover", multipart=photo(applying.cover()))
    post("take/page", multipart=photo(applying.inside(1)))
    post("book_photos")
    post("book", form=applying.BOOK)
    post("verdict")
    post("consent")
    page.goto(f"{draft}/check")
    page.get_by_role("button", name="送出申請").dblclick()
    page.wait_for_url("**/slip/*")
    receipt = page.locator(".slip-number").inner_text()
    page.goto(f"{draft}/check")
    expect(page.locator("main")).to_contain_text("已經送出")
    page.goto(city.kiosk.url + "/tray")
    expect(page.locator(".tray-row", has_text=receipt)).to_have_count(1)
