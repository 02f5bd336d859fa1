"""Takes the pictures that README shows: starts the demo, walks through its screens in headless Chromium, saves PNGs.

Run from anywhere: `.venv/bin/python docs/make_pictures.py` (needs what `make test` installs). With `--dir` the sample data of
an earlier run is used again. Every picture is of invented people. What is not here: comparing pictures; somebody looks at them.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, expect

from center.sample import pages
from center.sample.desk import on_desk
from center.sample.people import everyone, identity_number
from commands.demo_state import CARDS
from honorcard import roc
from tests.journeys.stage import Camera, chromium, free_port

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
TABLET = (820, 1180)
DESK = (1366, 900)
LIMIT_BYTES = 250_000
NAME = "游錫堃"  # its last character is one that many fonts lack


@dataclass(frozen=True)
class Demo:
    """A demo that runs: addresses, PIN, accounts as role → (name, password), folder of sample cards."""

    kiosk: str
    center: str
    pin: str
    accounts: dict[str, tuple[str, str]]
    cards: Path


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """`honorcard demo` in that folder, stopped at the end."""
    command = [sys.executable, "-m", "cli", "demo", "--dir", str(folder), "--json"]
    ports = ["--kiosk-port", str(free_port()), "--center-port", str(free_port())]
    with subprocess.Popen([*command, *ports], cwd=ROOT, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own command
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            accounts = {account["role"]: (account["name"], account["password"]) for account in said["accounts"]}
            yield Demo(said["kiosk"], said["center"], said["pin"], accounts, folder / CARDS)
        finally:
            process.terminate()


def main() -> int:
    """Takes them all; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dir", type=Path, help="folder of the demo (default: a new one, thrown away at the end)")
    chosen = parser.parse_args()
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = (chosen.dir or Path(scratch) / "demo").resolve()
        folder.mkdir(parents=True, exist_ok=True)
        camera = Camera(Path(scratch) / "camera.mjpeg")
        with running_demo(folder) as demo, chromium(camera) as browser:
            kiosk_pictures(browser, demo)
            gate_picture(browser, demo, camera)
            desk_picture(browser, demo)
            card_picture(demo, Path(scratch))
    return 0


# --- the screens ---


def kiosk_pictures(browser: Browser, demo: Demo) -> None:
    """A question, a page of the record book laid flat, the verdict."""
    page = opened(browser, TABLET)
    page.goto(demo.kiosk)
    page.get_by_role("link", name="申請榮譽卡").click()
    for digit in demo.pin:
        page.locator(f"[data-pinpad] [data-key='{digit}']").click()
    page.get_by_role("button", name="打開").click()
    page.get_by_role("button", name="第一次申請").click()
    page.locator("#number").fill(identity_number("national", False, 70701))
    expect(page.locator("#number-live")).to_contain_text("號碼正確")
    keep(page.screenshot(), "kiosk-question")
    page.get_by_role("button", name="下一步").last.click()
    application = page.url.split("/apply/")[1].split("/")[0]
    page.locator("#name, [name=twin_seen]").first.wait_for(state="attached")
    if page.locator("[name=twin_seen]").count():  # left by a run that was broken off
        page.get_by_role("button", name="下一步").last.click()

    page.locator("#name").fill(NAME)
    page.locator("#birth").fill("047.08.16")
    page.get_by_role("button", name="下一步").last.click()
    expect(page.locator("[data-shoot]")).to_be_visible()

    rows = list(everyone(date.today())[3].rows)[:12]
    photo, _ = on_desk(pages.page(rows, number=1, seed=5), angle=6, tilt=0.07, fill=0.9, size=(1800, 2400))
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=92)
    page.goto(f"{demo.kiosk}/apply/{application}/take/page?position=1")
    expect(page.locator("[data-shoot]")).to_have_attribute("data-state", "ready")
    page.locator("input[type=file]").set_input_files(
        {"name": "page.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
    )
    expect(page.locator(".flat img")).to_be_visible()
    wait_for_images(page)
    keep(page.screenshot(), "kiosk-page")

    page.goto(f"{demo.kiosk}/apply/{application}/book")
    if page.get_by_role("button", name="都對，下一步").count():
        page.get_by_role("button", name="都對，下一步").click()
    page.locator("#book_prefix").fill("北市志")
    page.locator("#book_number").fill("043871")
    page.locator("#first_day").fill(roc.dotted(date.today() - timedelta(days=3 * 366 + 40)))
    page.locator("#last_day").fill(roc.dotted(date.today() - timedelta(days=12)))
    page.locator("#hours").fill("318.5")
    page.get_by_role("button", name="下一步").last.click()
    page.goto(f"{demo.kiosk}/apply/{application}/verdict")
    expect(page.locator(".verdict[data-verdict=good]")).to_be_visible()
    settle(page)
    keep(page.screenshot(), "kiosk-verdict")

    page.goto(f"{demo.kiosk}/apply/{application}/throw_away")  # the demo is left as it was found
    page.get_by_role("button", name="刪除").click()
    page.context.close()


def gate_picture(browser: Browser, demo: Demo, camera: Camera) -> None:
    """A valid card before the camera: green."""
    card = Image.open(demo.cards / "valid.png").convert("RGB")
    photo, _ = on_desk(card, angle=5, tilt=0.04, fill=0.9, size=(1280, 720))
    camera.hold(photo)
    page = opened(browser, TABLET)
    page.goto(demo.kiosk + "/verify")
    expect(page.locator("#gate")).to_have_attribute("data-verdict", "green", timeout=40_000)
    wait_for_images(page)
    settle(page)
    keep(page.screenshot(), "verifier-green")
    page.context.close()


def desk_picture(browser: Browser, demo: Demo) -> None:
    """The case that is next at the first review."""
    page = opened(browser, DESK)
    name, password = demo.accounts["first_reviewer"]
    page.goto(demo.center + "/sign-in?next=/desk/first")
    page.get_by_label("帳號").fill(name)
    page.get_by_label("密碼").fill(password)
    page.get_by_role("button", name="登入").click()
    page.goto(demo.center + "/desk/first")
    expect(page.locator(".evidence img").first).to_be_visible()
    wait_for_images(page)
    keep(page.screenshot(), "desk")
    page.context.close()


def card_picture(demo: Demo, scratch: Path) -> None:
    """The part of the sheet that is printed: cut along the marks, folded, glued."""
    sheet = scratch / "sheet"
    convert = ["pdftoppm", "-png", "-r", "125", "-f", "1", "-l", "1", "-singlefile"]
    subprocess.run([*convert, demo.cards / "valid.pdf", sheet], check=True)  # noqa: S603 - no part of it is typed by anybody
    whole = Image.open(sheet.with_suffix(".png")).convert("RGB")
    left, top, right, bottom = ImageChops.invert(whole).getbbox() or (0, 0, *whole.size)
    margin = 24
    cut_out = whole.crop((left - margin, top - margin, right + margin, bottom + margin))
    keep(encoded(cut_out), "card")


# --- what they share ---


def opened(browser: Browser, size: tuple[int, int]) -> Page:
    """A page of that size, in Chinese, without moving parts."""
    viewport: Any = {"width": size[0], "height": size[1]}
    page = browser.new_context(
        viewport=viewport, locale="zh-TW", timezone_id="Asia/Taipei", reduced_motion="reduce"
    ).new_page()
    page.set_default_timeout(20_000)
    return page


def wait_for_images(page: Page) -> None:
    """Until every picture on the page is painted."""
    wait_for(page, "[...document.images].every(one => one.complete && one.naturalWidth > 0)")


def settle(page: Page) -> None:
    """Until whatever moves has arrived."""
    wait_for(page, "document.getAnimations().every(one => one.playState !== 'running')")


def wait_for(page: Page, true: str) -> None:
    """Until that holds in the page. Playwright's own waiting evaluates text there, which the content policy forbids."""
    for _ in range(200):
        if page.evaluate(true):
            return
        page.wait_for_timeout(100)
    raise TimeoutError(true)


def keep(png: bytes, name: str) -> None:
    """Saves the picture in at most 250 kB, with as few colours as that takes."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    content = encoded(picture)
    for colours in (256, 128, 64):
        if len(content) <= LIMIT_BYTES:
            break
        content = encoded(picture.quantize(colours, dither=Image.Dither.NONE))
    (PICTURES / f"{name}.png").write_bytes(content)
    print(f"  docs/pictures/{name}.png  {picture.width} × {picture.height}  {len(content) // 1000} kB")


def encoded(picture: Image.Image) -> bytes:
    """The picture as a PNG file."""
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
