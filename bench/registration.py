"""Taps and typed characters of a registration with eight photographs, as an officer makes them, counted in a browser.

    .venv/bin/python -m bench.registration [--pages 6] [--look FOLDER]

A kiosk with its own store in a temporary folder, unlocked, on loopback to Chromium at 820 × 1180 whose camera shows what is held
up: a head, a cover, inside pages. What a person has to do is done as a person does it, through the page's own buttons and boxes,
and nothing else: an address typed into the browser would count for nothing. A line a question: taps, characters; the shutter by
hand, which the camera presses by itself where it is let (static/js/camera-auto.js). --look keeps a picture of each question.
"""

from __future__ import annotations

import argparse
import io
import re
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import waitress
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from center.sample import pages
from center.sample.desk import on_desk
from tests.journeys.stage import Camera, chromium
from tests.kiosk.applying import head
from tests.kiosk.scene import PIN, build

FRAME = (1200, 1600)  # a tablet's camera stands upright, as the tablet does
NUMBER, NAME, BORN = "A223456781", "林秀琴", "470816"
BOOK = {
    "book_prefix": "北市志",
    "book_number": "043871",
    "first_day": "1121101",
    "last_day": "1151031",
    "hours": "318.5",
}


@dataclass
class Officer:
    """Presses and types on a page, and counts it by question."""

    page: Page
    look: Path | None = None
    taps: dict[str, int] = field(default_factory=dict)
    characters: dict[str, int] = field(default_factory=dict)
    shutter: int = 0

    def ask(self, question: str) -> None:
        """The question that what follows belongs to."""
        self._question = question
        self.taps.setdefault(question, 0)
        self.characters.setdefault(question, 0)
        if self.look is not None:
            self.page.screenshot(path=self.look / f"{len(self.taps):02}-{question.replace(' ', '-')}.png")

    def press(self, button: Locator) -> None:
        """One tap."""
        button.click()
        self.taps[self._question] += 1

    def type(self, box: Locator, text: str) -> None:
        """A tap into the box where it does not wait for typing already, and each character."""
        if not box.evaluate("box => box === document.activeElement"):
            self.press(box)
        box.press_sequentially(text)
        self.characters[self._question] += len(text)

    def go_on(self) -> None:
        """The button that leads on."""
        self.press(self.page.locator(".dock [data-kind=lead]:visible, form [data-kind=lead]:visible").last)

    def shoot(self) -> None:
        """The shutter, by hand."""
        expect(self.page.locator("[data-shoot]")).to_have_attribute("data-state", "ready")
        self.page.locator("[data-shutter]").click()
        self.shutter += 1


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=6)
    parser.add_argument("--look", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        officer = register(Path(folder), asked.pages, asked.look)
    print("| question | taps | characters |\n|---|---|---|")
    for question, taps in officer.taps.items():
        print(f"| {question} | {taps} | {officer.characters[question]} |")
    print(f"| all | {sum(officer.taps.values())} | {sum(officer.characters.values())} |")
    print(f"\nshutter by hand: {officer.shutter}")


def register(folder: Path, inside: int, look: Path | None) -> Officer:
    """One whole registration."""
    scene = build(folder, csrf=True)
    server = waitress.create_server(scene.app, host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    camera = Camera(folder / "camera.mjpeg")
    _show(camera, Image.new("RGB", FRAME, (40, 44, 52)))
    with chromium(camera, whole=True) as browser:
        context = browser.new_context(viewport={"width": 820, "height": 1180}, locale="zh-TW")
        context.set_default_timeout(20_000)
        context.add_init_script("localStorage.setItem('camera-auto', 'off')")
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.effective_port}/unlock?next=/")
        for digit in PIN:
            page.locator(f"[data-pinpad] [data-key='{digit}']").click()
        page.get_by_role("button", name="打開").click()
        officer = Officer(page, look)
        try:
            _answer(officer, camera, inside)
        except Exception:
            if look is not None:
                page.screenshot(path=look / "stopped.png")
            print("stopped at", page.url)
            raise
    server.close()
    return officer


def _answer(officer: Officer, camera: Camera, inside: int) -> None:
    page = officer.page
    officer.ask("kind")
    officer.press(page.get_by_role("link", name="申請榮譽卡"))
    officer.press(page.get_by_role("button", name="第一次申請"))
    page.wait_for_url("**/identity")
    officer.ask("identity number")
    officer.type(page.locator("#number"), NUMBER)
    officer.go_on()
    page.wait_for_url("**/person")
    officer.ask("person")
    officer.type(page.locator("#name"), NAME)
    officer.type(page.locator("#birth"), BORN)
    expect(page.locator("#birth-live")).to_contain_text("1958")  # which is read before the next press
    officer.go_on()
    page.wait_for_url(re.compile("headshot"))
    officer.ask("headshot")
    _hold(camera, page, head())
    officer.shoot()
    expect(page.locator("[data-crop]")).to_be_visible()
    officer.press(page.get_by_role("button", name="用這張相片"))
    expect(page.get_by_role("heading", name=re.compile("封面"))).to_be_visible()
    officer.ask("cover")
    made = pages.cover(NAME, "北市志", "043871", "臺北市政府社會局", issued_on=date(2023, 10, 1))
    _hold(camera, page, _on_desk(made))
    officer.shoot()
    expect(page.locator("[data-strip] li[data-photo]").first).to_be_visible()  # the camera goes on to page 1 by itself
    officer.ask(f"{inside} inside pages")
    for number in range(1, inside + 1):
        day = date(2023 + number // 3, 11, number)
        rows = [pages.BookRow(day, day, "導覽", "展場導覽", 5, "花博", "王")] * 8
        _hold(camera, page, _on_desk(pages.page(rows, number=number)))
        officer.shoot()
        expect(page.locator(f"[data-strip] li[data-photo][data-label='第 {number} 頁']")).to_be_visible()
    officer.press(page.get_by_role("button", name="拍完了"))
    page.wait_for_url("**/book*")
    officer.ask("record book")
    for name, text in BOOK.items():
        if not page.locator(f"#{name}").input_value():
            officer.type(page.locator(f"#{name}"), text)
    officer.go_on()
    page.wait_for_url("**/verdict*")
    officer.ask("verdict")
    officer.go_on()
    for question in ("consent", "check"):
        page.wait_for_url(f"**/{question}*")
        officer.ask(question)
        officer.go_on()
    page.wait_for_url("**/slip/**")
    officer.ask("slip")


def _show(camera: Camera, photo: Image.Image) -> None:
    one = io.BytesIO()
    photo.resize(FRAME).save(one, "JPEG", quality=92)
    draft = camera.file.with_suffix(".new")
    draft.write_bytes(one.getvalue() * 4)
    draft.replace(camera.file)  # Chromium may be reading it


def _on_desk(made: Image.Image) -> bytes:
    out = io.BytesIO()
    on_desk(made, size=FRAME, fill=0.94, angle=3, tilt=0.03)[0].save(out, "JPEG", quality=90)
    return out.getvalue()


def _hold(camera: Camera, page: Page, photo: bytes) -> None:
    """Holds it up. Chromium's camera begins its file when a page opens it; nobody at a real one presses anything for that."""
    _show(camera, Image.open(io.BytesIO(photo)))
    taken = page.locator("[data-strip] li[data-photo]").count()
    if taken:
        page.goto("/".join(page.url.split("/")[:5]) + "/take/page")
    else:
        page.reload()


if __name__ == "__main__":
    main()
