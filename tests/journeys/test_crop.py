"""The headshot in a real browser: what the camera says of the face, and the crop under one finger, two fingers, wheel, keys."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, expect, sync_playwright

from center.sample import portraits
from tests.journeys.filming import Kiosk, film, filmed, served, still, unlocked
from tests.kiosk.applying import head
from tests.kiosk.scene import build

VALUES = "() => ['x', 'y', 'height', 'angle'].map(name => Number(document.querySelector('[data-crop]').elements[name].value))"


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kiosk]:
    with served(build(tmp_path_factory.mktemp("kiosk"))) as one:
        yield one


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    seen = film(tmp_path_factory.mktemp("film") / "face.mjpeg", still(portraits.draw(5, (1280, 720), zoom=0.8), 0.5))
    with sync_playwright() as playwright, filmed(playwright, seen) as one:
        yield one


def fingers(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_a_well_placed_face_is_told_so_then_the_shutter_presses_itself_and_the_crop_is_proposed(
    kiosk: Kiosk, browser: Browser
) -> None:
    applicant = kiosk.applicant()
    page = unlocked(kiosk, browser)
    said: list[str] = []
    page.expose_function("heard", lambda words: said.append(words))
    page.add_init_script("""addEventListener('DOMContentLoaded', () => { const say = document.getElementById('say');
      if (say) new MutationObserver(() => heard(say.textContent.trim())).observe(say, {childList: true}); })""")
    page.goto(kiosk.url + applicant.url("take/headshot"))
    expect(page.locator("[data-crop]")).to_be_visible(timeout=150_000)  # and nobody pressed anything
    assert any("很好，不要動" in words for words in said)
    (photo,) = applicant.photos()
    assert photo.slot == "headshot" and "face_no_face" not in photo.hints
    x, y, height, angle = page.evaluate(VALUES)
    assert height < 0.98 * photo.original_height and angle == 0  # round the face, not the whole photo
    assert abs(x + 0.4 * height - photo.original_width / 2) < 0.1 * photo.original_width and y >= 0
    page.context.close()


def test_without_answers_the_camera_hardly_asks_and_takes_the_picture(kiosk: Kiosk, browser: Browser) -> None:
    applicant = kiosk.applicant()
    page = unlocked(kiosk, browser)
    asked: list[str] = []

    def busy(route) -> None:
        asked.append(route.request.url)
        route.fulfill(json={"busy": True})

    page.route("**/capture/frame-face", busy)
    page.goto(kiosk.url + applicant.url("take/headshot"))
    expect(page.locator("[data-shoot]")).to_have_attribute("data-state", "ready")
    for _ in range(60):
        page.wait_for_timeout(500)
        if len(asked) >= 3:
            break
    page.wait_for_timeout(3000)  # it would have asked ten times
    assert len(asked) == 3
    page.locator("[data-shutter]").click()
    expect(page.locator("[data-crop]")).to_be_visible()
    page.context.close()


def test_a_kiosk_that_was_busy_for_a_while_helps_again_by_itself(kiosk: Kiosk, browser: Browser) -> None:
    page = unlocked(kiosk, browser)
    asked: list[str] = []

    def busy_thrice(route) -> None:
        asked.append(route.request.url)
        if len(asked) <= 3:
            route.fulfill(json={"busy": True})
        else:
            route.continue_()

    page.route("**/capture/frame-face", busy_thrice)
    page.goto(kiosk.url + kiosk.applicant().url("take/headshot"))
    expect(page.locator("[data-crop]")).to_be_visible(timeout=150_000)  # nobody pressed anything, nobody loaded the page again
    assert len(asked) >= 5
    page.context.close()


def test_a_slow_kiosks_answers_come_late_and_still_press_the_shutter(kiosk: Kiosk, browser: Browser) -> None:
    page = unlocked(kiosk, browser)

    def slowly(route) -> None:
        time.sleep(1.5)
        route.continue_()

    page.route("**/capture/frame-face", slowly)
    page.goto(kiosk.url + kiosk.applicant().url("take/headshot"))
    expect(page.locator("[data-crop]")).to_be_visible(timeout=150_000)
    page.context.close()


def test_the_photo_follows_fingers_wheel_and_keys_and_is_judged_when_it_rests(kiosk: Kiosk, browser: Browser) -> None:
    applicant = kiosk.applicant()
    applicant.photograph("headshot", head())
    page = unlocked(kiosk, browser, has_touch=True)
    page.goto(kiosk.url + applicant.at)
    stage = page.locator("[data-stage]")
    box = stage.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    first = page.evaluate(VALUES)

    # two fingers apart by half as much again and turned by 20° clockwise, about the middle of the frame
    hand = page.context.new_cdp_session(page)
    fingers(hand, "touchStart", (x - 60, y), (x + 60, y))
    for step in range(1, 11):
        reach, turn = 60 + 3 * step, math.radians(2 * step)
        across, down = reach * math.cos(turn), reach * math.sin(turn)
        fingers(hand, "touchMove", (x - across, y - down), (x + across, y + down))
    fingers(hand, "touchEnd")
    left, top, height, angle = page.evaluate(VALUES)
    assert height == pytest.approx(first[2] / 1.5, rel=0.03)
    assert angle == pytest.approx(340, abs=1)
    assert left + 0.4 * height == pytest.approx(first[0] + 0.4 * first[2], abs=8)

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 50, y)
    page.mouse.up()
    dragged = page.evaluate(VALUES)
    assert dragged[0] < left and dragged[1] > top  # along the frame's own axes, which lean now
    page.mouse.wheel(0, 200)
    expect(page.locator("[data-crop] [name=height]")).not_to_have_value(str(dragged[2]))
    larger = page.evaluate(VALUES)[2]
    assert larger > dragged[2]

    stage.focus()
    page.keyboard.press("0")
    expect(page.locator("[data-crop] [name=height]")).to_have_value(str(first[2]))
    assert page.evaluate(VALUES) == first
    for _ in range(12):
        page.keyboard.press("-")
    expect(page.locator("[data-judged]")).to_contain_text("框裡的臉太小")
    for _ in range(5):
        page.keyboard.press("]")
    assert page.evaluate(VALUES)[3] == 350
    page.get_by_role("button", name="相片沒問題，繼續").click()
    expect(page.locator("[data-crop]")).to_have_count(0)
    page.context.close()
