"""A phone comes to a host over its Wi-Fi: without trust its own camera app takes the pictures; with it the page's camera opens."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from honorcard.card.receipt import new_receipt
from honorcard.card.slip import new_slip_secret, slip_text
from kiosk.doors import Doors
from tests.journeys.stage import Camera, chromium, free_port
from tests.journeys.test_every_page import AXE, violations
from tests.kiosk.applying import Applicant, cover, head, nothing
from tests.kiosk.scene import PIN, Scene, build, frame, jpeg

NAME = "classroom.local"  # resolved here to this machine; no secure context by plain http, as an address of a network is none
TAKEN = (("headshot", head, "user"), ("cover", cover, "environment"))
PHONE = {"width": 390, "height": 844}
EVENT = {
    "kind": "activity", "title": "花博導覽", "place": "爭艷館", "day": "115.11.21", "from": "09:00", "to": "12:00",
    "counting": "clock", "item": "導覽",
}  # fmt: skip


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    here, tls, plain = (free_port() for _ in range(3))
    made = build(
        tmp_path_factory.mktemp("host"), profile="hosted", plain_http="on", lan=True, lan_name=NAME, port=here, lan_port=tls,
        lan_http_port=plain,
    )  # fmt: skip
    doors = Doors(made.app, made.settings, threads=8)
    thread = threading.Thread(target=doors.run, daemon=True)
    thread.start()
    yield made
    doors.close()
    thread.join(10)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    camera = Camera(tmp_path_factory.mktemp("camera") / "camera.mjpeg")
    with chromium(camera, flags=[f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]) as one:
        yield one


def phone(browser: Browser, scene: Scene, *, trusts: bool) -> Page:
    """A phone that has just opened what the code says. trusts: whether it takes the host's certificate; that its chain is one
    to trust, tests/kiosk/test_doors.py asks.
    """
    context = browser.new_context(
        viewport=PHONE,
        locale="zh-TW",
        reduced_motion="reduce",
        ignore_https_errors=trusts,  # type: ignore[arg-type]
    )
    context.add_init_script(path=AXE)
    page = context.new_page()
    page.goto(f"http://{NAME}:{scene.settings.lan_http_port}/trust")
    return page


def begin(page: Page, scene: Scene) -> Applicant:
    """Unlocked, and an application begun."""
    page.goto(page.url.rsplit("/", 1)[0] + "/unlock?next=/apply/new")
    for digit in PIN:
        page.locator(f"[data-pinpad] [data-key='{digit}']").click()
    page.get_by_role("button", name="打開").click()
    page.get_by_role("button", name="第一次申請").click()
    page.wait_for_url("**/identity*")
    applicant = object.__new__(Applicant)
    applicant.scene, applicant.client, applicant.id = scene, scene.client(), page.url.split("/")[4]
    return applicant


def test_a_phone_that_does_not_trust_the_host_takes_its_pictures_with_its_own_camera(
    browser: Browser, scene: Scene
) -> None:
    page = phone(browser, scene, trusts=False)
    expect(page.get_by_text("還沒信任")).to_be_visible()
    expect(page.locator("[data-trust-go]")).to_be_hidden()
    assert violations(page) == []
    page.get_by_role("link", name="不安裝，用相機 App 拍").click()
    expect(page.get_by_role("link", name="申請榮譽卡")).to_be_visible()
    assert not page.evaluate("isSecureContext")
    applicant = begin(page, scene)
    base = page.url.split("/apply")[0]
    for slot, picture, facing in TAKEN:
        page = page.context.new_page()
        page.goto(f"{base}{applicant.url('take/' + slot)}")
        own = page.locator("[data-none] label", has_text="用手機的相機拍")
        expect(own).to_be_visible()
        expect(page.locator("[data-reopen]")).to_be_hidden()
        assert own.locator("input").get_attribute("capture") == facing
        before = len(applicant.photos())
        own.locator("input").set_input_files({"name": "camera.jpg", "mimeType": "image/jpeg", "buffer": picture()})
        for _ in range(600):
            if len(applicant.photos()) > before:
                break
            page.wait_for_timeout(100)
        assert len(applicant.photos()) == before + 1, slot

    page = page.context.new_page()
    page.goto(f"{base}/print/slip")
    own = page.locator("[data-scan-own]")
    expect(own).to_be_visible()
    own.locator("input").set_input_files({"name": "desk.jpg", "mimeType": "image/jpeg", "buffer": nothing()})
    expect(page.get_by_text("讀不到")).to_be_visible()
    own.locator("input").set_input_files({"name": "slip.jpg", "mimeType": "image/jpeg", "buffer": slip_picture()})
    expect(page.locator("#main [role=alert], #born").first).to_be_visible()
    _checks_in(page, applicant, base)


def _checks_in(page: Page, applicant: Applicant, base: str) -> None:
    """The same at an event: the next person's picture brings the next answer."""
    made = applicant.client.post("/events/new", data=EVENT).location
    page.goto(f"{base}{made}")
    own = page.locator("[data-scan-own]")
    expect(own).to_be_visible()
    expect(page.locator("[data-scan-word]")).to_contain_text("用手機的相機拍")
    assert violations(page) == []
    for picture, said in ((nothing(), "讀不到"), *((slip_picture(), f"第 {n} 位") for n in (1, 2))):
        own.locator("input").set_input_files({"name": "held.jpg", "mimeType": "image/jpeg", "buffer": picture})
        expect(page.locator("#main")).to_contain_text(said)


def slip_picture() -> bytes:
    return jpeg(frame(slip_text(new_receipt(), new_slip_secret()), module_px=10))


def test_a_phone_that_trusts_it_is_led_on_and_its_camera_opens(browser: Browser, scene: Scene) -> None:
    page = phone(browser, scene, trusts=True)
    expect(page.get_by_text("可以了", exact=True)).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="開始使用").click()
    page.wait_for_url("https://**")
    assert page.evaluate("isSecureContext")
    applicant = begin(page, scene)
    page.goto(f"{page.url.split('/apply')[0]}{applicant.url('take/cover')}")
    expect(page.locator("[data-preview]")).to_be_visible()
    expect(page.locator("[data-none]")).to_be_hidden()
    base, page = page.url.split("/apply")[0], page.context.new_page()
    page.goto(f"{base}/join")
    assert violations(page) == []
