"""The camera's page in a real browser, before a film: what it says, when it presses its own shutter, what it never loses."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.journeys.filming import (
    Kiosk,
    blurred,
    dark,
    film,
    filmed,
    lying,
    moving,
    served,
    still,
    unlocked,
)
from tests.journeys.test_every_page import AXE, LEAST_TARGET, SMALL, WIDE, violations
from tests.kiosk.applying import Applicant, inside, nothing
from tests.kiosk.scene import PIN, build, frame

SEEN = """() => { window.seen = []; const page = document.querySelector('[data-shoot]');
  const count = () => page.querySelectorAll('[data-waiting], li[data-photo]').length;
  const note = () => window.seen.push([performance.now(), page.dataset.seen, count()]);
  new MutationObserver(note).observe(page, {attributes: true, attributeFilter: ['data-seen']}); }"""
HIDE = """hidden => { Object.defineProperty(document, 'hidden', {configurable: true, value: hidden});
  document.dispatchEvent(new Event('visibilitychange')); }"""
AUTO_OFF = "localStorage.setItem('camera-auto', 'off')"


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as one:
        yield one


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kiosk]:
    with served(build(tmp_path_factory.mktemp("kiosk"))) as one:
        yield one


@pytest.fixture(scope="module")
def sees_a_page(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with filmed(playwright, film(tmp_path_factory.mktemp("film") / "still.mjpeg", still(lying(1), 0.5))) as browser:
        yield browser


@pytest.fixture
def page_in_view(sees_a_page: Browser) -> Iterator[Browser]:
    """A browser whose camera sees one page, lying still. No page of a test before goes on looking through it."""
    yield sees_a_page
    for context in list(sees_a_page.contexts):
        context.close()


def ready(page: Page) -> None:
    expect(page.locator("[data-shoot]")).to_have_attribute("data-state", "ready")


def taken(page: Page):
    return page.locator("[data-strip] li[data-photo]")


def test_words_lead_to_a_good_picture_and_then_the_shutter_presses_itself_once_a_page(
    playwright: Playwright, kiosk: Kiosk, tmp_path: Path
) -> None:
    bad = [
        *still(dark(lying(1)), 2),
        *still(lying(1, glare=1.0), 2),
        *still(blurred(lying(1)), 2),
        *moving(lying(1), 1.5),
    ]
    scenes = [*bad, *still(lying(1), 5), *moving(lying(2), 1), *still(lying(2), 5)]
    applicant = kiosk.applicant()
    with filmed(playwright, film(tmp_path / "film.mjpeg", scenes)) as browser:
        page = unlocked(kiosk, browser)
        page.goto(kiosk.url + applicant.url("take/cover"))
        ready(page)
        page.evaluate(SEEN)
        say = page.locator("#say")
        for words in ("太暗了", "反光了", "還不清楚"):
            expect(say).to_contain_text(words)
            expect(say).to_have_attribute("data-state", "wait")
        assert not page.locator("[data-waiting], li[data-photo]").count()
        expect(say).to_contain_text("請翻到下一頁")
        expect(page.locator("[data-task]")).to_contain_text("內頁，第 1 頁")
        expect(taken(page)).to_have_count(2)  # the same page is not taken twice, the turned one is
        seen = page.evaluate("window.seen")
    before_the_shot = [code for _, code, count in seen if not count]
    assert before_the_shot[-1] == "good" and set(before_the_shot) >= {"dark", "glare", "blurred", "moving", "good"}
    begun = next(at for at, code, _ in seen if code == "good")
    assert all(code != "good" for at, code, _ in seen if at < begun)
    assert [photo.slot for photo in applicant.photos()] == ["cover", "page"]
    assert all(photo.finished for photo in applicant.photos()), "the kiosk finds the page in what was taken, too"


def test_a_manual_shutter_keys_and_a_remembered_choice(page_in_view, kiosk: Kiosk) -> None:
    applicant = kiosk.applicant()
    page = unlocked(kiosk, page_in_view)
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)
    page.locator("[data-auto]").click()
    page.reload()
    ready(page)
    expect(page.locator("[data-auto]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#say")).to_contain_text("請按快門")
    page.wait_for_timeout(2500)
    assert not page.locator("[data-waiting], li[data-photo]").count(), "switched off is off"
    page.keyboard.press("Space")
    expect(taken(page)).to_have_count(1)
    page.locator("[data-shutter]").focus()
    page.keyboard.press("Enter")
    expect(taken(page)).to_have_count(2)
    stored = page.evaluate("JSON.stringify(localStorage)")
    assert set(re.findall(r'"(camera[^"]*)"', stored)) <= {"camera-auto", "camera-environment"}


def test_ten_pages_in_a_row_are_kept_in_order_while_the_line_to_the_kiosk_fails_once(
    page_in_view, kiosk: Kiosk
) -> None:
    applicant = kiosk.applicant()
    page = unlocked(kiosk, page_in_view)
    page.add_init_script(AUTO_OFF)
    lost = [1, 4]  # the request that never arrives, the answer that never comes back

    def answer(route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        lost[0] -= 1
        if lost[0] == 0:
            return route.abort()
        lost[1] -= 1
        if lost[1] == 0:
            route.fetch()
            return route.abort()
        return route.continue_()

    page.route("**/take/page", answer)
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)
    for number in range(1, 11):
        expect(page.locator("[data-task]")).to_contain_text(f"第 {number} 頁")
        page.locator("[data-shutter]").click()
        expect(page.locator("[data-waiting], li[data-photo]")).to_have_count(number)
        if number == 1:
            expect(page.locator("[data-waiting][data-state=wait] img")).to_be_visible()
            expect(page.locator("#say")).to_contain_text("還沒存進去")
            page.locator("[data-again]").click()
            expect(taken(page)).to_have_count(1)
    page.locator("form[data-done] button").click()  # waits for what is on its way, of itself
    page.wait_for_url("**/book_photos", timeout=180_000)
    assert [photo.position for photo in applicant.photos()] == list(range(1, 11)), "each once, in order"


@pytest.mark.parametrize("slot", ["page", "headshot"])
def test_what_was_taken_survives_the_tablets_lock_and_is_saved_when_somebody_unlocks_it(
    page_in_view, kiosk: Kiosk, slot: str
) -> None:
    applicant = kiosk.applicant()
    page = unlocked(kiosk, page_in_view, width=390, height=844)
    page.add_init_script(AUTO_OFF)
    page.add_init_script(path=AXE)
    page.goto(kiosk.url + applicant.url(f"take/{slot}"))
    ready(page)
    kiosk.scene.app.extensions["unlocked"].drop_all()  # as after a quarter of an hour in which nobody touched it
    page.locator("[data-shutter]").click()
    asked = page.locator("[data-unlock-here]")
    expect(asked).to_contain_text("請輸入 PIN")
    if slot == "page":
        page.keyboard.press("Escape")
        expect(asked).to_be_visible()
        assert violations(page) == [] and page.evaluate(WIDE) == [] and page.evaluate(SMALL, LEAST_TARGET) == []
        asked.locator("input[type=password]").fill("000000")
        asked.get_by_role("button", name="打開").click()
        expect(asked).to_contain_text("PIN 不對")
    assert not applicant.photos()
    for key in PIN:
        asked.locator(f"[data-key='{key}']").click()
    asked.get_by_role("button", name="打開").click()
    expect(asked).to_have_count(0)
    if slot == "page":
        expect(taken(page)).to_have_count(1)
    else:
        expect(page.locator("[data-crop]")).to_be_visible()
    assert [photo.slot for photo in applicant.photos()] == [slot]


def test_a_page_is_looked_at_moved_retaken_and_taken_out_by_keys_alone(page_in_view, kiosk: Kiosk) -> None:
    applicant = kiosk.applicant()
    for number in (1, 2, 3):
        applicant.photograph("page", inside(number))
    one, two, three = (photo.photo_id for photo in applicant.photos())
    page = unlocked(kiosk, page_in_view)
    page.add_init_script(AUTO_OFF)
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)

    def order() -> list[str]:
        return [photo.photo_id for photo in applicant.photos()]

    page.locator(f"[data-photo='{one}'] > a").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(taken(page).nth(0)).to_have_attribute("data-photo", two)
    expect(page.locator(f"[data-photo='{one}'] > a")).to_be_focused()
    page.keyboard.press("Enter")
    tools = page.locator("[data-page-tools]")
    expect(tools).to_be_visible()
    page.keyboard.press("Escape")
    expect(tools).to_be_hidden()
    expect(page.locator(f"[data-photo='{one}'] > a")).to_be_focused()
    page.keyboard.press("Enter")
    tools.get_by_role("button", name="重拍").press("Enter")
    expect(page.locator("[data-task]")).to_contain_text("重拍：第 2 頁")
    expect(page.locator("[data-shutter]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-task]")).to_contain_text("第 4 頁")
    expect(page.locator(f"[data-photo='{one}']")).to_have_count(0)
    assert [order()[0], order()[2]] == [two, three] and order()[1] not in (one, two, three)
    page.locator(f"[data-photo='{three}'] > a").focus()
    page.keyboard.press("Alt+Delete")
    expect(taken(page)).to_have_count(2)
    assert three not in order()


def test_what_the_kiosk_finds_is_said_with_the_way_out_first(page_in_view, kiosk: Kiosk, tmp_path: Path) -> None:
    applicant = kiosk.applicant()
    page = unlocked(kiosk, page_in_view)
    page.add_init_script(AUTO_OFF)
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)
    empty = tmp_path / "empty.jpg"
    empty.write_bytes(nothing())
    good = tmp_path / "good.jpg"
    good.write_bytes(inside(2))
    page.locator("form [data-file]").set_input_files([str(empty), str(good)])
    expect(taken(page)).to_have_count(2)
    finding = page.locator("[data-finding]")
    expect(finding).to_contain_text("第 1 頁找不到四個邊")
    expect(page.locator("#say")).to_contain_text("請先看下面的提醒")  # and not that the next page may come
    expect(finding.get_by_role("button").first).to_have_text(re.compile("重拍"))
    finding.get_by_role("button", name="照樣使用").click()
    expect(finding).to_be_hidden()
    page.locator("[data-shutter]").click()
    expect(taken(page)).to_have_count(3)
    expect(finding).to_be_hidden()  # what a person kept is not brought up again


WITHOUT = (
    ("NotAllowedError", "refused", "沒有開放相機", "blocks the camera"),
    ("NotFoundError", "no_camera", "沒有相機", "no camera"),
    ("NotReadableError", "busy", "別的程式", "nother program"),
    ("OverconstrainedError", "unsuited", "換一台相機", "another camera"),
    ("", "insecure", "沒有加密", "not encrypted"),
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_camera_that_cannot_be_had_says_why_and_files_are_taken_instead(
    page_in_view, kiosk: Kiosk, tmp_path: Path, language: str
) -> None:
    page = unlocked(kiosk, page_in_view, width=320, height=640, language=language)
    page.add_init_script(path=AXE)
    page.add_init_script("""const error = sessionStorage.getItem('error');
      if (error) navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', error));
      else Object.defineProperty(window, 'isSecureContext', {value: false});""")
    applicant = kiosk.applicant()
    for error, state, zh, en in WITHOUT:
        page.evaluate("error => sessionStorage.setItem('error', error)", error)
        page.goto(kiosk.url + applicant.url("take/page"))
        expect(page.locator("[data-shoot]")).to_have_attribute("data-state", state)
        expect(page.locator("[data-why]")).to_contain_text(zh if language == "zh" else en)
        expect(page.locator("[data-none] input[capture=environment]")).to_have_count(1)
        assert page.evaluate(WIDE) == [] and page.evaluate(SMALL, LEAST_TARGET) == []
    assert violations(page) == []
    pictures = []
    for number in (1, 2):
        pictures.append(tmp_path / f"{number}.jpg")
        pictures[-1].write_bytes(inside(number))
    page.locator("form [data-file]").set_input_files(pictures)
    expect(taken(page)).to_have_count(2)
    assert [photo.position for photo in applicant.photos()] == [1, 2]


def test_without_a_camera_and_without_leave_the_browsers_own_answers_are_understood(
    playwright: Playwright, kiosk: Kiosk, tmp_path: Path
) -> None:
    applicant = kiosk.applicant()
    with filmed(playwright, None, whole=True) as browser:
        page = unlocked(kiosk, browser)
        page.goto(kiosk.url + applicant.url("take/page"))
        expect(page.locator("[data-shoot]")).to_have_attribute("data-state", "no_camera")
    with filmed(playwright, film(tmp_path / "f.mjpeg", still(lying(1), 0.3)), allowed=False) as browser:
        page = unlocked(kiosk, browser)
        page.goto(kiosk.url + applicant.url("take/page"))
        expect(page.locator("[data-shoot]")).to_have_attribute("data-state", "refused")
        page.context.grant_permissions(["camera"])
        ready(page)  # by itself, as soon as it may


@pytest.mark.parametrize(
    "trouble",
    [
        "ImageCapture.prototype.getPhotoCapabilities = () => new Promise(() => {})",
        "ImageCapture.prototype.takePhoto = () => Promise.reject(new DOMException('no', 'UnknownError'))",
        """const since = performance.now(), own = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'readyState');
        Object.defineProperty(HTMLMediaElement.prototype, 'readyState',
          {get() { return performance.now() - since < 6000 ? 0 : own.get.call(this); }})""",
    ],
    ids=["never-says-what-it-can", "cannot-take-a-photograph", "first-frame-comes-late"],
)
def test_a_shutter_that_was_pressed_takes_a_picture_whatever_the_camera_does(
    page_in_view, kiosk: Kiosk, trouble: str
) -> None:
    applicant = kiosk.applicant()
    page = unlocked(kiosk, page_in_view)
    page.add_init_script(AUTO_OFF)
    page.add_init_script(trouble)
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)
    page.locator("[data-shutter]").click()
    expect(taken(page)).to_have_count(1)


def test_a_shutter_pressed_for_nothing_is_said_and_works_again(page_in_view, kiosk: Kiosk) -> None:
    applicant = kiosk.applicant()
    page = unlocked(kiosk, page_in_view)
    page.add_init_script(AUTO_OFF)
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)
    page.evaluate(
        """() => { const canvas = HTMLCanvasElement.prototype, own = canvas.toBlob;
        canvas.toBlob = done => { canvas.toBlob = own; done(null); }; }"""
    )
    page.locator("[data-shutter]").click()
    expect(page.locator("#say")).to_contain_text("剛才沒有拍到，請再按一次快門")
    page.locator("[data-shutter]").click()
    expect(taken(page)).to_have_count(1)


HELD = """let asked = 0; const own = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = wish => {
    asked += 1; document.documentElement.dataset.asked = asked; const trouble = %s;
    return trouble ? trouble() : own(wish); };"""
BUSY = "asked < 3 && (() => Promise.reject(new DOMException('no', 'NotReadableError')))"
DARK = "asked < 2 && (async () => document.createElement('canvas').captureStream(0))"


@pytest.mark.parametrize("trouble", [BUSY, DARK], ids=["still-held-by-the-page-before", "opened-and-dark"])
def test_a_camera_that_does_not_come_at_once_is_asked_for_again(page_in_view, kiosk: Kiosk, trouble: str) -> None:
    applicant = kiosk.applicant()
    page = unlocked(kiosk, page_in_view)
    page.add_init_script(AUTO_OFF)
    page.add_init_script(HELD % trouble)
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)
    page.locator("[data-shutter]").click()  # pressed before the first frame: it is taken when there is one
    expect(taken(page)).to_have_count(1)
    assert page.locator("html").get_attribute("data-asked") == ("3" if trouble is BUSY else "2")


def test_whoever_is_done_at_once_leaves_with_every_picture(page_in_view, kiosk: Kiosk) -> None:
    applicant = kiosk.applicant()
    applicant.photograph("page", inside(1))
    page = unlocked(kiosk, page_in_view)
    page.add_init_script(AUTO_OFF)
    page.add_init_script(
        """const own = HTMLCanvasElement.prototype.toBlob;
        HTMLCanvasElement.prototype.toBlob = function (...said) { setTimeout(() => own.apply(this, said), 1500); };"""
    )
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)
    expect(page.locator("[data-shoot]")).to_have_attribute("data-seen", "good")
    page.locator("[data-shutter]").click()
    page.locator("form[data-done] button").click()  # the picture is still being made
    page.wait_for_url("**/book_photos")
    assert len(applicant.photos()) == 2


def test_nothing_but_the_kiosks_own_word_drops_a_picture(page_in_view, kiosk: Kiosk, tmp_path: Path) -> None:
    applicant = kiosk.applicant()
    page = unlocked(kiosk, page_in_view)
    page.add_init_script(AUTO_OFF)
    strange = [(405, "not yet open"), (200, "<p>a proxy's own page</p>"), (403, "")]

    def answer(route) -> None:
        if route.request.method == "POST" and strange:
            code, body = strange.pop()
            return route.fulfill(status=code, body=body, content_type="text/html")
        return route.continue_()

    page.route("**/take/page", answer)
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)
    for button in ("[data-shutter]", "[data-again]", "[data-again]", "[data-again]"):
        with page.expect_response("**/take/page"):
            page.locator(button).click()
        if strange:
            expect(page.locator("[data-waiting]")).to_have_count(1)
    expect(taken(page)).to_have_count(1)
    wrong = tmp_path / "wrong.jpg"
    wrong.write_bytes(b"%PDF-1.7")
    page.set_viewport_size({"width": 390, "height": 500})
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    held: list = []
    page.route("**/take/page", lambda route: held.append(route))
    page.locator("form [data-file]").set_input_files(str(wrong))
    expect(page.locator("[data-waiting]")).to_have_count(1)
    page.locator("form[data-done] button").click()
    expect(page.locator("#say")).to_contain_text("正在存這張相片")
    held[0].continue_()
    expect(page.locator("#say")).to_contain_text("這個檔案不是相片")  # read before anybody goes on
    expect(page.locator("#say")).to_be_in_viewport(ratio=1)
    assert page.url.endswith("/take/page")


def test_a_picture_on_its_way_outlives_the_kiosk_it_was_sent_to(page_in_view, kiosk: Kiosk) -> None:
    applicant = kiosk.applicant()
    page = unlocked(kiosk, page_in_view)
    page.add_init_script(AUTO_OFF)
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)
    kiosk.scene.app.secret_key = secrets.token_bytes(32)  # as every start makes it anew: no session is known any more
    page.locator("[data-shutter]").click()
    asked = page.locator("[data-unlock-here]")
    for key in PIN:
        asked.locator(f"[data-key='{key}']").click()
    asked.get_by_role("button", name="打開").click()
    expect(taken(page)).to_have_count(1)
    page.locator("form[data-done] button").click()
    page.wait_for_url("**/book_photos")


def test_a_page_retaken_twice_before_the_first_answer_loses_neither_picture(page_in_view, kiosk: Kiosk) -> None:
    applicant = kiosk.applicant()
    applicant.photograph("page", inside(1))
    (first,) = applicant.photos()
    page = unlocked(kiosk, page_in_view)
    page.add_init_script(AUTO_OFF)
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)
    held: list = []
    page.route("**/take/page", lambda route: route.continue_() if held else held.append(route))
    for _ in range(2):
        page.locator(f"[data-photo='{first.photo_id}'] > a").click()
        page.locator("[data-page-tools]").get_by_role("button", name="重拍").click()
        page.locator("[data-shutter]").click()
        expect(page.locator("[data-task]")).to_contain_text("第 2 頁")
    held[0].continue_()
    expect(page.locator("[data-waiting]")).to_have_count(0)
    (last,) = applicant.photos()
    expect(page.locator(f"[data-photo='{last.photo_id}']")).to_have_count(1)
    assert last.photo_id != first.photo_id and last.position == 1


def test_the_camera_is_given_back_out_of_sight_and_comes_again(page_in_view, kiosk: Kiosk) -> None:
    applicant = kiosk.applicant()
    page = unlocked(kiosk, page_in_view)
    page.add_init_script(AUTO_OFF)
    page.clock.install()
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)
    page.evaluate(HIDE, True)
    page.clock.run_for(31_000)
    expect(page.locator("[data-shoot]")).to_have_attribute("data-state", "asleep")
    assert page.evaluate("document.querySelector('video').srcObject") is None
    page.evaluate(HIDE, False)
    page.clock.resume()
    ready(page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_open_camera_is_fit_for_everyone(page_in_view, kiosk: Kiosk, language: str) -> None:
    applicant = kiosk.applicant()
    applicant.photograph("page", inside(1))
    page = unlocked(kiosk, page_in_view, language=language, reduced_motion="reduce")
    page.add_init_script(AUTO_OFF)
    page.add_init_script(path=AXE)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(kiosk.url + applicant.url("take/page"))
    ready(page)
    expect(page.locator("[data-shoot]")).to_have_attribute("data-seen", "good")
    assert violations(page) == []
    assert page.evaluate(SMALL, LEAST_TARGET) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(WIDE) == [] and page.evaluate(SMALL, LEAST_TARGET) == []
    page.locator("[data-strip] li[data-photo] > a").click()
    expect(page.locator("[data-page-tools]")).to_be_visible()
    assert violations(page) == [] and page.evaluate(WIDE) == []
    assert said == []


def test_a_cards_code_is_read_by_itself_and_again_by_whoever_comes_back(
    playwright: Playwright, kiosk: Kiosk, tmp_path: Path
) -> None:
    renewal = Applicant(kiosk.scene, "renewal")
    shown = frame(kiosk.scene.cards.texts["valid"])
    with filmed(playwright, film(tmp_path / "code.mjpeg", still(shown, 0.5))) as browser:
        page = unlocked(kiosk, browser)
        for _ in range(2):
            page.goto(kiosk.url + renewal.url("previous/scan"))
            expect(page.get_by_text("讀到舊卡了")).to_be_visible()
            assert renewal.answers().previous.seq == 100_010
            page.go_back()
            expect(page.get_by_text("讀到舊卡了")).to_be_visible()
    assert renewal.photos() == []
