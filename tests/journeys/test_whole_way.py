"""The whole way: a record book is photographed with the line down, and ends as a green verdict at the gate.

One test, since each step stands on the one before; the names of the steps are the names of the screenshots kept on failure.
"""

from __future__ import annotations

import io
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from center.sample import pages, portraits
from center.sample.desk import on_desk
from center.sample.people import everyone, identity_number
from center.sample.service import BookRow
from honorcard import roc
from honorcard.card import token
from honorcard.card.trust import Trust
from scanner import files, qr
from tests.journeys.conftest import City
from tests.journeys.stage import PATIENCE_MS, chromium, keep_screenshot
from tests.journeys.test_every_page import AXE
from tests.journeys.test_every_page import violations as found_by_axe
from tests.printing_fixture import Printer, surroundings

pytestmark = pytest.mark.timeout(420)

NAME = "游錫堃"
TODAY = date.today()


@contextmanager
def step(page: Page, name: str) -> Iterator[None]:
    """One step of the journey; its screen is kept when it fails."""
    try:
        yield
    except BaseException:
        keep_screenshot(page, name)
        raise


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[Printer]:
    with surroundings(tmp_path) as around:
        yield around.printer()


def book_rows() -> list[BookRow]:
    """Some rows as they stand in the sample's books."""
    return list(everyone(TODAY)[3].rows)[:12]


def eventually(check: Callable[[], bool], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"{what} did not come about"
        time.sleep(0.25)


def unlock(page: Page, city: City) -> None:
    page.goto(city.kiosk.url)
    page.get_by_role("link", name="申請榮譽卡").click()
    for digit in city.demo.pin:
        page.locator(f"[data-pinpad] [data-key='{digit}']").click()
    page.get_by_role("button", name="打開").click()
    expect(page.get_by_role("button", name="第一次申請")).to_be_visible()  # whoever goes on before that is still locked out


def take(page: Page) -> None:
    """Waits for the camera and presses the shutter."""
    expect(page.locator("[data-shoot]")).to_have_attribute("data-state", "ready")
    page.locator("[data-shutter]").click()


def sign_in(page: Page, city: City, role: str) -> None:
    name, password = city.account(role)
    page.goto(city.center.url + "/sign-in")
    page.get_by_label("帳號").fill(name)
    page.get_by_label("密碼").fill(password)
    page.get_by_role("button", name="登入").click()


def pdf_as_picture(pdf: bytes, folder: Path, dpi: int = 300) -> Image.Image:
    path = folder / "sheet.pdf"
    path.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-png", "-r", str(dpi), "-f", "1", "-l", "1", path, folder / "sheet"], check=True)
    return Image.open(next(folder.glob("sheet*.png"))).convert("RGB")


def held_up(sheet: Image.Image) -> Image.Image:
    """The part of the sheet with the code, held before the camera at a tilt."""
    import cv2
    import numpy as np

    found = cv2.QRCodeDetector().detect(np.asarray(sheet)[:, :, ::-1].copy())[1]
    if found is None:
        card = sheet
    else:
        x, y, w, h = cv2.boundingRect(found.astype(np.float32))
        room = int(0.9 * max(w, h))
        card = sheet.crop(
            (max(0, x - room), max(0, y - room), min(sheet.width, x + w + room), min(sheet.height, y + h + room))
        )
    photo, _ = on_desk(card, angle=9, tilt=0.05, sway=0.04, fill=0.92, size=(1280, 720), glare=0.1)
    return photo


def test_from_a_photographed_record_book_to_green_at_the_gate(city: City, printer: Printer, tmp_path: Path) -> None:
    first_day = TODAY.replace(day=1) - timedelta(days=3 * 366 + 40)
    last_day = TODAY - timedelta(days=12)
    number = identity_number("national", False, 70701)
    page_photo, _ = on_desk(pages.page(book_rows(), number=1, seed=5), angle=6, tilt=0.07)
    cover_photo, _ = on_desk(
        pages.cover(NAME, "北市志", "043871", "臺北市政府社會局", issued_on=first_day, seed=5),
        angle=-5,
        tilt=0.05,
        seed=3,
    )
    portrait = Image.new("RGB", (1280, 720), (214, 222, 228))
    portrait.paste(portraits.draw(77, size=(576, 720)), (352, 0))

    with chromium(city.camera, whole=True) as browser:
        context = browser.new_context(viewport={"width": 820, "height": 1180}, locale="zh-TW", accept_downloads=True)
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script("localStorage.setItem('camera-auto', 'off')")  # the shutter's own turn: test_camera
        page = context.new_page()
        violations: list[str] = []
        page.on(
            "console",
            lambda message: violations.append(message.text) if "Content Security Policy" in message.text else None,
        )

        with step(page, "01-unlock"):
            unlock(page, city)
            page.goto(city.kiosk.url + "/staff/printer")
            page.locator("#uri").fill(printer.uri)
            page.get_by_role("button", name="存起來並測試").click()
            expect(page.get_by_text("可以列印").first).to_be_visible()

        city.center.stop()  # from here to the slip there is no line

        with step(page, "02-kind"):
            page.goto(city.kiosk.url)
            page.get_by_role("link", name="申請榮譽卡").click()
            page.get_by_role("button", name="第一次申請").click()

        with step(page, "03-identity"):
            page.locator("#number").fill(number[:-1] + str((int(number[-1]) + 1) % 10))
            page.get_by_role("button", name="下一步").last.click()
            expect(page.locator("#number")).to_have_attribute("aria-invalid", "true")
            page.locator("#number").fill(number)
            expect(page.locator("#number-live")).to_contain_text("號碼正確")
            page.get_by_role("button", name="下一步").last.click()

        with step(page, "04-person"):
            page.locator("#name").fill(NAME)
            page.locator("#birth").fill("47.8.16")
            expect(page.locator("#birth-live")).to_contain_text("1958")
            page.get_by_role("button", name="下一步").last.click()

        with step(page, "05-headshot"):
            city.camera.hold(portrait)
            expect(page.get_by_role("heading", name=re.compile("拍大頭照"))).to_be_visible()
            page.reload()  # opens the camera anew: it sees what is held up now
            take(page)
            expect(page.locator("[data-crop]")).to_be_visible()
            expect(page.get_by_text("找到臉了")).to_be_visible()
            before = page.locator("[name=x]").input_value()
            stage = page.locator("[data-stage]").bounding_box()
            assert stage
            middle = (stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
            page.mouse.move(*middle)
            page.mouse.down()
            page.mouse.move(middle[0] + 6, middle[1] + 4, steps=4)
            page.mouse.up()
            assert page.locator("[name=x]").input_value() != before, "the photo did not follow the finger"
            page.get_by_role("button", name="用這張相片").click()

        for name, photo in (("06-cover", cover_photo), ("07-page", page_photo)):
            with step(page, name):
                city.camera.hold(photo)
                expect(page.locator("[data-shoot]")).to_be_visible()
                page.reload()
                take(page)
                label = "封面" if name == "06-cover" else "第 1 頁"
                page.locator(f"[data-strip] li[data-photo][data-label='{label}'] > a").click()  # the camera stays open
                page.locator("[data-page-tools]").get_by_role("link", name="調整四個角").click()
                expect(page.locator("[data-corners]")).to_be_visible()
                grip = page.locator("[data-corner='0']")
                grip.focus()
                grip.press("ArrowLeft")
                page.get_by_role("button", name="就是這個範圍").click()
                flat = page.locator(".flat img")
                expect(flat).to_be_visible()
                width, height = flat.get_attribute("width"), flat.get_attribute("height")
                assert width and height and int(height) > int(width), "a portrait page lies flat as one"
                if name == "06-cover":
                    page.locator(".dock a[href$='/take/page']").click()
                else:
                    page.get_by_role("button", name="拍完了").click()

        with step(page, "08-book"):
            page.locator("#book_prefix").fill("北市志")
            page.locator("#book_number").fill("043871")
            page.locator("#first_day").fill(roc.dotted(first_day))
            page.locator("#last_day").fill(roc.dotted(last_day))
            page.locator("#hours").fill("0.3")
            page.get_by_role("button", name="下一步").last.click()
            expect(page.locator("#hours")).to_have_attribute("aria-invalid", "true")
            assert page.locator("#first_day").input_value() == roc.dotted(first_day), "what was typed is still there"
            with page.expect_response(lambda answer: answer.url.endswith("/keep") and answer.ok):
                page.locator("#hours").fill("318.5")

        city.kiosk.stop(how=signal.SIGKILL)  # the tablet dies in the middle of the question
        city.kiosk.start()

        with step(page, "09-after-the-crash"):
            unlock(page, city)
            page.get_by_text(re.compile("游.堃")).first.click()  # it goes on at its first open question

        with step(page, "10-verdict"):
            expect(page.locator(".verdict[data-verdict=good]")).to_be_visible()
            expect(page.locator("main")).to_contain_text("318.5")
            page.get_by_role("button", name="下一步").last.click()

        with step(page, "11-consent"):
            expect(page.get_by_text("本資料僅用於申請志願服務卡等相關志工服務。")).to_be_visible()
            page.get_by_role("button", name="我同意").click()

        with step(page, "12-check"):
            expect(page.locator(".answers").first).to_contain_text(number)
            expect(page.locator(".answers").first).to_contain_text("047年08月16日")
            page.get_by_role("button", name="送出申請").click()

        with step(page, "13-slip"):
            receipt = page.locator(".slip-number").inner_text().strip()
            assert re.fullmatch(r"HC-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", receipt)
            assert NAME not in page.content(), "the slip masks the name"
            address = page.locator(".dock [data-kind=lead]").get_attribute("href")
            assert address and address.endswith(".pdf")
            slip_pdf = context.request.get(city.kiosk.url + address)
            assert slip_pdf.ok and slip_pdf.body().startswith(b"%PDF")
            application_id = address.split("/")[-1].removesuffix(".pdf")
            held = context.request.get(f"{city.kiosk.url}/slip/{application_id}/qr.png").body()
            slip_text = qr.decode(files.pixels(held, 100))[0]

        with step(page, "14-tray-without-line"):
            page.goto(city.kiosk.url + "/tray")
            row = page.locator(".tray-row", has_text=receipt)
            expect(row).to_have_attribute("data-state", "waiting")
            expect(page.locator("#state-strip")).to_contain_text("1")

        city.center.start()

        with step(page, "15-drained"):
            expect(page.locator(".tray-row", has_text=receipt)).to_have_attribute("data-state", "sent")

        desk = browser.new_context(viewport={"width": 1366, "height": 900}, locale="zh-TW").new_page()
        desk.set_default_timeout(PATIENCE_MS)
        case = f"{city.center.url}/desk/case/{application_id}"
        with step(desk, "16-first-review-returns"):
            sign_in(desk, city, "first_reviewer")
            desk.goto(case)
            expect(desk.locator(".case-head")).to_contain_text(NAME)
            expect(desk.locator(".evidence img").first).to_be_visible()
            assert desk.evaluate(
                "[...document.querySelectorAll('.evidence img')].every(i => i.complete && i.naturalWidth > 300)"
            )
            desk.keyboard.press("r")
            desk.locator(".chip", has_text="反光").first.click()
            desk.locator("textarea#return-text").fill("第 1 頁左下角看不清楚")
            desk.get_by_role("button", name="退回補正").last.click()

        with step(page, "17-corrected"):
            expect(page.locator(".tray-row", has_text=receipt)).to_have_attribute("data-state", "returned")
            expect(page.locator(".tray-row", has_text=receipt)).to_contain_text("第 1 頁左下角看不清楚")
            page.locator(".tray-row", has_text=receipt).get_by_role("button", name="修正").click()
            page.goto(f"{city.kiosk.url}/apply/{application_id}/take/page?position=1")
            take(page)
            expect(page.locator(".flat img")).to_be_visible()
            page.goto(f"{city.kiosk.url}/apply/{application_id}/check")
            send = page.get_by_role("button", name="送出申請")
            for _ in range(8):  # through what is still open
                expect(page.locator(".dock [data-kind=lead]").last).to_be_visible()
                if send.count():
                    break
                here = page.url
                page.locator(".dock [data-kind=lead]").last.click()
                page.wait_for_url(lambda url, here=here: url != here)
            send.click()
            expect(page.locator(".slip-number")).to_have_text(receipt)
            page.goto(city.kiosk.url + "/tray")
            expect(page.locator(".tray-row", has_text=receipt)).to_have_attribute("data-state", "sent")

        with step(desk, "18-first-review-approves"):
            desk.goto(case)
            while not desk.locator("[data-decide=approve]").count():  # the center still opens what has just arrived
                desk.wait_for_timeout(300)
                desk.goto(case)
            desk.keyboard.press("a")
            desk.wait_for_url(lambda url: application_id not in url)
            desk.goto(case)
            assert not desk.locator("[data-decide=approve]").count(), "the first reviewer may not take the second step"

        second = browser.new_context(viewport={"width": 1366, "height": 900}, locale="zh-TW").new_page()
        second.set_default_timeout(PATIENCE_MS)
        with step(second, "19-second-review-issues"):
            sign_in(second, city, "second_reviewer")
            second.goto(case)
            second.get_by_role("button", name=re.compile("核可，發卡")).click()
            second.wait_for_url(lambda url: application_id not in url)

        with step(page, "20-card-arrives"):
            expect(page.locator(".tray-row", has_text=receipt)).to_have_attribute("data-state", "ready")
            page.locator(".tray-row", has_text=receipt).get_by_role("link", name="列印").click()
            sheet_address = page.get_by_role("link", name="打開卡片 PDF").get_attribute("href")
            assert sheet_address and sheet_address.endswith(".pdf")
            sheet = context.request.get(city.kiosk.url + sheet_address).body()

        with step(page, "21-printed"):
            page.get_by_role("button", name="列印卡片").click()
            expect(page.locator(".verdict[data-verdict=good]")).to_be_visible()
            eventually(lambda: len(printer.documents()) == 1, "the printer's copy")
            assert printer.documents() == [sheet], "what was printed is the sheet, byte for byte"

        text = subprocess.run(
            ["pdftotext", "-layout", "-", "-"], input=sheet, capture_output=True, check=True
        ).stdout.decode()
        for said in (NAME, "志願服務榮譽卡", "臺北市政府社會局", "047年08月16日", number):
            assert said in text
        card_number = re.search(r"編號：\s*(\d{8})", text)
        assert card_number and card_number[1].startswith(str(TODAY.year - 1911))
        picture = pdf_as_picture(sheet, tmp_path)

        with step(page, "22-own-record"):
            page.goto(city.kiosk.url + "/record")
            page.locator("[name=text]").fill(slip_text)
            page.locator("[name=text]").press("Enter")
            page.locator("[name=born]").fill("47.8.16")
            page.locator("[name=born]").press("Enter")
            page.wait_for_url("**/record/mine")
            expect(page.locator("#record-cards ~ ul")).to_contain_text(card_number[1])
            for language in ("zh", "en"):
                page.goto(f"{city.kiosk.url}/record/mine?language={language}")
                page.evaluate(AXE.read_text())
                assert found_by_axe(page) == []
            page.goto(f"{city.kiosk.url}/record/mine?language=zh")

        with step(page, "23-gate-green"):
            city.camera.hold(held_up(picture))
            page.goto(city.kiosk.url + "/verify")
            expect(page.locator("#gate")).to_have_attribute("data-verdict", "green")
            expect(page.locator("#gate")).to_contain_text(NAME)
            expect(page.locator("#gate")).to_contain_text(f"{TODAY.year + 3 - 1911}.")
            assert page.evaluate("document.querySelector('#gate .portrait').naturalWidth") > 60
            page.get_by_role("button", name="相符，請進").click()
            expect(page.locator("#gate:not([data-verdict])")).to_be_visible()

        for name, code in (("revoked", "red"), ("forged", "red")):
            with step(page, f"23-gate-{name}"):
                sample = next(city.sample_cards.glob(f"*{name}*.png"))
                city.camera.hold(held_up(Image.open(sample).convert("RGB")))
                page.goto(city.kiosk.url + "/verify")
                expect(page.locator("#gate")).to_have_attribute("data-verdict", code)

        # what the code says, checked without the app: read, parsed, its signature verified against the published keys
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        texts = qr.decode(files.pixels(buffer.getvalue(), 100))
        assert len(texts) == 1
        with urllib.request.urlopen(city.center.url + "/pack/trust.json") as answer:
            trust = Trust.read(answer.read())
        held = token.parse(texts[0], trust.prefix)
        card_key = trust.key(held.kid, "card")
        assert card_key is not None and token.signature_holds(held, card_key.verifying_key)
        assert held.last_valid_day.year == TODAY.year + 3

        with step(page, "24-public-page"):
            stranger = browser.new_context(locale="zh-TW").new_page()
            stranger.goto(f"{city.center.url}/{held.lookup}")
            shown = stranger.locator("main").inner_text()
            assert NAME in shown and roc.dotted(held.last_valid_day) in shown
            assert (
                number not in stranger.content()
                and "1958" not in stranger.content()
                and "318" not in stranger.content()
            )

        assert not violations, violations
