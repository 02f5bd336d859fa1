"""A training: one trainee on a phone does all tasks, two others sit beside, the trainer watches, helps and begins anew."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import Browser, Page, expect

from honorcard import practice_book
from tests.journeys.stage import Camera, chromium
from tests.journeys.test_every_page import AXE, violations
from tests.kiosk.scene import NOW, PIN, Scene, build
from tests.kiosk.test_training import Trainee, seat

SEAT = 7


@dataclass
class Room:
    """A practice room, and the browser in which both screens stand."""

    scene: Scene
    browser: Browser
    url: str

    def screen(self, width: int, height: int) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-TW", reduced_motion="reduce"
        )
        context.add_init_script(path=AXE)
        return context.new_page()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    scene = build(tmp_path, profile="training")
    server = waitress.create_server(scene.app, host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    with chromium(Camera(tmp_path / "camera.mjpeg")) as browser:
        yield Room(scene, browser, f"http://127.0.0.1:{server.effective_port}")
    server.close()


def go_on(page: Page) -> None:
    """Presses the one button that leads on."""
    here = page.url
    page.locator(".dock button[data-kind=lead], main button[data-kind=lead]").last.click()
    page.wait_for_url(lambda url: url != here)


def test_a_trainee_does_all_tasks_while_the_trainer_watches(room: Room) -> None:
    phone, trainer = room.screen(390, 844), room.screen(1024, 768)
    seat(room.scene, 12)
    Trainee(room.scene, 30).identify()
    room.scene.app.config["WTF_CSRF_ENABLED"] = True  # but for the test's own clients
    trainer.goto(f"{room.url}/unlock?next=/training/room")
    for digit in PIN:
        trainer.locator(f"[data-pinpad] [data-key='{digit}']").click()
    trainer.get_by_role("button", name="打開").click()
    expect(trainer.get_by_text("2 人在座")).to_be_visible()
    assert violations(trainer) == []

    phone.goto(room.url)
    assert violations(phone) == []
    phone.get_by_role("button", name=f"{SEAT}", exact=True).click()
    expect(phone.locator(".practice-seat")).to_have_text(f"{SEAT} 號")
    assert phone.title().startswith("練習 · ")
    assert violations(phone) == []
    mine = trainer.locator(".room-seat").nth(SEAT - 1)
    expect(mine).to_contain_text("建立一位志工")  # by itself

    book = practice_book.book(SEAT, NOW.date())
    phone.get_by_role("link", name="先做").click()
    phone.get_by_role("button", name="第一次申請").click()
    phone.locator("[name=number]").fill(book.identity_number)
    go_on(phone)
    phone.locator("[name=name]").fill(book.name)
    phone.locator("[name=birth]").fill(f"{book.birth_date}")
    go_on(phone)
    phone.locator(".practice-panel").get_by_role("button", name="請老師來").click()
    expect(trainer.get_by_text(f"請老師來：{SEAT}")).to_be_visible()
    mine.get_by_role("button", name="去過了").click()
    expect(trainer.get_by_text("0 人請老師")).to_be_visible()

    # the camera and what becomes of a photograph are other tests' work (test_camera, test_capture)
    hands = object.__new__(Trainee)
    hands.scene, hands.client, hands.book = room.scene, room.scene.client(unlocked=False), book
    hands.client.set_cookie("seat", next(one["value"] for one in phone.context.cookies() if one["name"] == "seat"))
    hands.id = phone.url.split("/")[4]
    room.scene.app.config["WTF_CSRF_ENABLED"] = False
    hands.lay_photographs()
    hands.enter()
    room.scene.app.config["WTF_CSRF_ENABLED"] = True
    expect(phone.locator(".practice-task")).to_contain_text("看規則結果")  # the panel moves on by itself
    phone.locator(".practice-task").click()
    phone.get_by_role("link", name="接著做").click()
    for step in ("verdict", "consent", "check"):
        phone.wait_for_url(f"**/{step}")
        go_on(phone)
    expect(phone.get_by_text("練習卡已經好了")).to_be_visible()
    assert violations(phone) == []

    phone.locator(".practice-task").click()
    phone.get_by_role("link", name="接著做").click()
    expect(phone.get_by_role("heading", name="我的收據和練習卡")).to_be_visible()
    assert violations(phone) == []
    phone.get_by_role("button", name="代替掃描").click()
    expect(phone.get_by_role("heading", name=re.compile(r"核准了，\s*可以印卡"))).to_be_visible()
    phone.locator(".practice-task").click()
    phone.get_by_role("link", name="接著做").click()
    phone.get_by_role("button", name="代替刷卡").click()
    expect(phone.get_by_role("heading", name="練習卡", exact=True)).to_be_visible()
    assert violations(phone) == []
    expect(mine).to_contain_text("全部完成")

    phone.goto(f"{room.url}/training")
    phone.get_by_role("link", name="最後：哪裡不清楚？").click()
    phone.get_by_text("都懂了").click()
    assert violations(phone) == []
    phone.get_by_role("button", name="送出意見").click()
    expect(phone.get_by_role("heading", name="謝謝，收到了")).to_be_visible()
    expect(trainer.get_by_text("1 份意見")).to_be_visible()

    trainer.get_by_role("link", name="清空整間教室").click()
    trainer.get_by_role("button", name="清空，重新開始").click()
    expect(trainer.get_by_text("0 人在座")).to_be_visible()
    phone.wait_for_url("**/training/seat")  # by itself
    expect(phone.get_by_text("老師重新開始了")).to_be_visible()
