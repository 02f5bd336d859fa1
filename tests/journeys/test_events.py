"""An event in a browser: three people scan in and out with the line down, it is closed, and the rows stand at the center."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import waitress
from playwright.sync_api import Page, expect

from center import numbers
from center.store import service, volunteers
from center.store.origin import Origin
from honorcard.card.receipt import new_receipt
from honorcard.card.slip import slip_text
from kiosk import pins
from kiosk.worker import SyncWorker
from tests.journeys.stage import Camera, chromium
from tests.journeys.test_every_page import AXE, violations
from tests.kiosk.scene import PIN
from tests.sync.loopback import Center, CuttingLine, Kiosk, running

WANG, LIN = "A123456789", "F131104093"
# a scanner types faster than any finger: all keys in one turn of the page
TYPE = """text => { for (const key of [...text, "Enter"])
  document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})); }"""
WIDE = "() => document.documentElement.scrollWidth - innerWidth"


@dataclass
class Stage:
    """A tablet with a page before it, and its center."""

    kiosk: Kiosk
    center: Center
    page: Page
    base: str
    worker: SyncWorker

    def is_for_everyone(self) -> None:
        """Nothing for axe to find, and nothing wider than a narrow screen."""
        assert violations(self.page) == []
        size = self.page.viewport_size
        assert size is not None
        self.page.set_viewport_size({"width": 320, "height": 640})
        assert self.page.evaluate(WIDE) <= 0
        self.page.set_viewport_size(size)

    def told(self, how: str, words: str) -> None:
        """What the page says, over the camera."""
        expect(self.page.locator(f'#told [data-told="{how}"]')).to_contain_text(words)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with running(tmp_path / "center") as center:
        line = CuttingLine(center.port)
        kiosk = Kiosk(tmp_path / "kiosk")
        kiosk.enrol(center, line.url)
        pins.set_pin(kiosk.store, PIN)
        server = waitress.create_server(kiosk.app, host="127.0.0.1", port=0, threads=8)
        threading.Thread(target=server.run, daemon=True).start()
        base = f"http://127.0.0.1:{server.effective_port}"
        with chromium(Camera(tmp_path / "camera.mjpeg")) as browser:
            context = browser.new_context(
                viewport={"width": 820, "height": 1180}, locale="zh-TW", reduced_motion="reduce"
            )
            context.add_init_script(path=AXE)
            page = context.new_page()
            page.goto(f"{base}/unlock?next=/events/new")
            yield Stage(kiosk, center, page, base, SyncWorker(kiosk.app))
        server.close()
        line.close()


def test_three_people_in_and_out_become_rows_at_the_center(stage: Stage) -> None:
    page, settings = stage.page, stage.center.settings
    with stage.center.store.write() as conn:
        people = [numbers.known(settings, number, name) for number, name in ((WANG, "王小明"), (LIN, "林志遠"))]
        nos = list(volunteers.make_known(conn, people, Origin("import", "who", 1, "import-1")).values())
    for digit in PIN:
        page.locator(f"[data-pinpad] [data-key='{digit}']").click()
    page.get_by_role("button", name="打開").click()
    page.wait_for_url("**/events/new")
    stage.is_for_everyone()
    today = date.today()
    for field, said in (
        ("title", "花博導覽"), ("day", today.isoformat()), ("from", "00:00"), ("to", "24:00"), ("hours", "2.5")
    ):  # fmt: skip
        page.locator(f"#event-{field}").fill(said)
    page.get_by_text("每個人固定時數").click()
    page.get_by_role("button", name="建立活動").click()
    expect(page.locator("[data-scan][data-bound]")).to_be_visible()
    here = page.url
    camera = page.locator("video").element_handle()
    stage.is_for_everyone()
    receipts = new_receipt(), new_receipt()
    for place, receipt in enumerate(receipts, start=1):
        page.evaluate(TYPE, slip_text(receipt, bytes(16)))
        stage.told("in", f"第 {place} 位")
    assert camera is not None and camera.evaluate("one => one.isConnected"), "the camera stays open"
    page.get_by_role("button", name="取消上一筆").click()
    stage.told("waiting", "取消了")
    for number in (WANG, LIN):
        page.locator("summary").filter(has_text="沒有卡片").click()
        page.locator("#number").fill(number)
        page.locator("#number").press("Enter")
        expect(page.locator("#number")).to_have_value("")
    stage.told("in", "第 3 位")
    page.goto(f"{here}?way=out")
    page.evaluate(TYPE, slip_text(receipts[0], bytes(16)))
    stage.told("out", "已簽退")
    page.goto(f"{here}/people")
    stage.is_for_everyone()
    page.get_by_role("button", name="結束報到").click()
    expect(page.get_by_text("報到結束了").first).to_be_visible()
    page.goto(f"{stage.base}/events")
    stage.is_for_everyone()
    stage.worker.step()
    with stage.center.store.read() as conn:
        found = service.of_people(conn, nos)
    assert [[(row.half_hours, row.content) for row in found[no]] for no in nos] == [
        [(5, "花博導覽")],
        [(5, "花博導覽")],
    ]
