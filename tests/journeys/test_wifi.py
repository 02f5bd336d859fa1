"""A phone on a hosted kiosk whose Wi-Fi drops at each step of an application: the page says so, keeps what was typed and
photographed, and does what was pressed when the Wi-Fi is back.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.journeys.stage import Camera, chromium
from tests.journeys.test_every_page import AXE, violations
from tests.kiosk.applying import BOOK, PERSON, Applicant, cover, head
from tests.kiosk.scene import PIN, Scene, build


@dataclass
class Phone:
    """A phone's browser before a hosted kiosk."""

    scene: Scene
    context: BrowserContext
    page: Page

    @property
    def strip(self) -> Locator:
        return self.page.locator("[data-line]")

    def typed(self) -> dict[str, str]:
        return self.page.evaluate(
            "() => Object.fromEntries([...document.querySelectorAll('main input:not([type=hidden]):not([type=file])')]"
            ".map((field, at) => [at + field.name, field.value + field.checked]))"
        )

    def press(self, button: Locator) -> None:
        """Pressed while there is no line: nothing is lost, and it is done when the line is back."""
        here, typed = self.page.url, self.typed()
        self.context.set_offline(True)
        button.click()
        expect(self.strip).to_be_visible()
        assert "Wi-Fi" in self.strip.inner_text()
        assert (self.page.url, self.typed()) == (here, typed)
        self.context.set_offline(False)
        self.page.wait_for_url(lambda url: url != here)
        expect(self.strip).to_be_hidden()

    def go_on(self) -> None:
        self.press(self.page.locator(".dock button[data-kind=lead], main button[data-kind=lead]").last)


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Phone]:
    scene = build(tmp_path, csrf=True, profile="hosted")
    server = waitress.create_server(scene.app, host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    with chromium(Camera(tmp_path / "camera.mjpeg")) as browser:
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-TW", reduced_motion="reduce")
        context.add_init_script(path=AXE)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.effective_port}/unlock?next=/apply/new")
        for digit in PIN:
            page.locator(f"[data-pinpad] [data-key='{digit}']").click()
        page.get_by_role("button", name="打開").click()
        page.wait_for_url(lambda url: url.endswith("/apply/new") and "unlock" not in url)
        yield Phone(scene, context, page)
    server.close()


def test_the_line_is_cut_at_each_step_and_nothing_is_lost(phone: Phone) -> None:
    page, scene = phone.page, phone.scene
    phone.press(page.get_by_role("button", name="第一次申請"))
    scene.app.config["WTF_CSRF_ENABLED"] = False  # for the test's own client, which takes the book's other photographs
    applicant = object.__new__(Applicant)
    applicant.scene, applicant.client, applicant.id = scene, scene.client(), page.url.split("/")[4]

    page.goto(page.url.rsplit("/", 1)[0] + "/identity")
    page.locator("[name=number]").fill("A223456781")
    phone.context.set_offline(True)
    expect(phone.strip).to_be_visible()
    assert violations(page) == []  # the strip is for everyone
    phone.context.set_offline(False)
    expect(phone.strip).to_be_hidden()
    phone.go_on()
    applicant.identify()

    page.goto(page.url.rsplit("/", 1)[0] + "/person")
    page.locator("[name=name]").fill("林秀芹")
    phone.go_on()
    assert applicant.answers().name == "林秀芹"
    applicant.say("person", **PERSON)

    applicant.photograph("headshot", head())
    applicant.show_face()
    page.goto(f"{page.url.split('/apply')[0]}{applicant.url('take/cover')}")
    chooser = page.locator("input[type=file]").first
    phone.context.set_offline(True)
    chooser.set_input_files({"name": "cover.jpg", "mimeType": "image/jpeg", "buffer": cover()})
    expect(phone.strip).to_be_visible()
    before = len(applicant.photos())
    phone.context.set_offline(False)
    for _ in range(300):  # the page's own queue tries again
        if len(applicant.photos()) > before:
            break
        page.wait_for_timeout(200)
    assert len(applicant.photos()) == before + 1

    applicant.show_book()
    page.goto(f"{page.url.split('/apply')[0]}{applicant.url('book')}")
    applicant.say("book", **BOOK)
    for step in ("verdict", "consent", "check"):
        page.goto(f"{page.url.split('/apply')[0]}{applicant.url(step)}")
        phone.go_on()
    page.wait_for_url("**/slip/**")
    assert scene.ops("application.submit") == 1


def test_a_link_pressed_without_a_line_waits_too(phone: Phone) -> None:
    phone.page.goto(phone.page.url.split("/apply")[0] + "/")
    phone.press(phone.page.get_by_role("link", name="申請榮譽卡").first)


def test_a_form_pressed_again_and_again_is_sent_once_when_the_wifi_is_back(phone: Phone) -> None:
    page = phone.page
    phone.press(page.get_by_role("button", name="第一次申請"))
    page.goto(page.url.rsplit("/", 1)[0] + "/identity")
    page.locator("[name=number]").fill("A223456781")
    sent: list[str] = []

    def slowly(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.post_data or "")
            page.wait_for_timeout(600)  # under way: it is pressed once more meanwhile
        route.continue_()

    page.route("**/identity", slowly)
    here = page.url
    press = "() => document.querySelector('.dock button[data-kind=lead], main button[data-kind=lead]').click()"
    phone.context.set_offline(True)
    for _ in range(5):
        page.evaluate(press)
    expect(phone.strip).to_be_visible()
    assert sent == []
    page.evaluate(f"() => {{ setInterval({press}, 50) }}")  # before it is back: it is sent at once then, and the page gone
    phone.context.set_offline(False)
    page.wait_for_url(lambda url: url != here)
    assert len(sent) == 1 and "A223456781" in sent[0]


def test_it_can_be_installed(phone: Phone) -> None:
    href = phone.page.locator("link[rel=manifest]").get_attribute("href")
    told = phone.page.request.get(phone.page.url.split("/apply")[0] + str(href))
    assert "manifest" in told.headers["content-type"]
    said = told.json()
    assert (said["display"], said["start_url"]) == ("standalone", "/")
    for icon in said["icons"]:
        assert phone.page.request.get(phone.page.url.split("/apply")[0] + icon["src"]).ok


def test_at_the_machine_itself_there_is_no_line_to_lose(tmp_path: Path) -> None:
    text = build(tmp_path).client().get("/").text
    assert "data-line=" not in text
    assert "manifest" not in text
    assert "data-paper" in text  # where a PDF's own window would have no way back
