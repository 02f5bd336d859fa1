"""The queue in a browser: a line cut in mid-photo, the button with the line down and up, a restored center, an operation
refused.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import Page, expect

from center.shedding import Shortage
from kiosk import pins
from kiosk.attempts import APART_S, Attempts
from kiosk.worker import SyncWorker
from tests.journeys.stage import Camera, chromium
from tests.journeys.test_every_page import AXE, violations
from tests.kiosk.scene import PIN
from tests.sync.loopback import Center, CuttingLine, Kiosk, running

GB = 10**9


@dataclass
class Stage:
    """A tablet with a page before it, and the line to its center."""

    kiosk: Kiosk
    center: Center
    line: CuttingLine
    page: Page
    base: str
    clock: list[float]

    def press(self) -> None:
        """The button, long enough after the press before."""
        self.clock[0] += APART_S
        self.page.get_by_role("button", name="立刻再試一次").click()

    def says(self, words: str) -> None:
        """What the page says came of it."""
        expect(self.page.locator(".tried")).to_contain_text(re.compile(words))

    def shows(self, words: str) -> None:
        """What stands in the list."""
        expect(self.page.locator("#queue")).to_contain_text(re.compile(words))

    def is_for_everyone(self) -> None:
        """Nothing for axe to find."""
        assert violations(self.page) == []


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with running(tmp_path / "center") as center:
        line, clock = CuttingLine(center.port), [1_000.0]
        kiosk = Kiosk(tmp_path / "kiosk")
        kiosk.enrol(center, line.url)
        pins.set_pin(kiosk.store, PIN)
        worker = kiosk.worker = SyncWorker(kiosk.app)
        worker.attempts = Attempts(lambda: clock[0])
        server = waitress.create_server(kiosk.app, host="127.0.0.1", port=0, threads=4)
        threading.Thread(target=server.run, daemon=True).start()
        base = f"http://127.0.0.1:{server.effective_port}"
        with chromium(Camera(tmp_path / "camera.mjpeg")) as browser:
            context = browser.new_context(
                viewport={"width": 820, "height": 1180}, locale="zh-TW", reduced_motion="reduce"
            )
            context.add_init_script(path=AXE)
            page = context.new_page()
            page.goto(base + "/unlock?next=/queue")
            for digit in PIN:
                page.locator(f"[data-pinpad] [data-key='{digit}']").click()
            page.get_by_role("button", name="打開").click()
            page.wait_for_url("**/queue")
            yield Stage(kiosk, center, line, page, base, clock)
        worker.stop()
        server.close()
        line.close()


def test_whatever_becomes_of_the_line_the_queue_says_how_far_it_is(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, center = stage.page, stage.center
    stage.shows("沒有等待送出的申請")
    application_id = stage.kiosk.submit(stage.kiosk.draft(person=0, weight=400_000)).application_id
    stage.shows("已存在本機 ✓ 等待送出")
    sealed = sum(size for (size,) in stage.kiosk.rows("SELECT size FROM blob"))
    stage.line.budget = sealed // 2 + 30_000  # the operation, a photograph, and a part of the next one
    stage.kiosk.worker.start()
    stage.shows("上傳中 [012]/3")
    stage.is_for_everyone()

    stage.press()
    stage.says("連不上：")
    page.locator("#try-now").focus()
    stage.line.budget = None
    stage.press()
    stage.says("全部送達|沒有等待送出的。")
    stage.shows("志推中心已收到 ✓ HC-")
    assert page.evaluate("document.activeElement.id") == "try-now"  # the page changed around it
    assert center.case(application_id) is not None

    center.restore_to_nothing()
    center.app.extensions["shortage"] = Shortage(lambda folder: (100 * GB, 2 * GB))
    stage.press()
    stage.says("忙碌中")
    page.reload()
    expect(page.locator(".state-banner")).to_contain_text("伺服器已還原備份，正在重新核對 1 件")
    stage.is_for_everyone()
    center.app.extensions["shortage"] = Shortage()
    stage.press()
    stage.says("全部送達|沒有等待送出的。")
    assert center.case(application_id) is not None

    monkeypatch.setattr("sync.outbox.log.SCHEMA_V", 99)  # a tablet that was updated before the center
    stage.kiosk.submit(stage.kiosk.draft(person=1))
    stage.press()
    stage.shows("要您看一下")
    stage.shows("中心還不認得這種資料")
    page.locator("article[data-state=stop] a").click()
    page.wait_for_url("**/queue/*")
    expect(page.locator(".way")).to_contain_text("志推中心沒有收")
    stage.is_for_everyone()
