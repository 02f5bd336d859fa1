"""A public screen in a real browser: somebody's things are on it, nobody is there any more, and nothing of it is left; a card
printed by its holder with the line down; a child at the screen; the way in for staff.

The browser's clock is the test's, so that forty seconds take none.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import waitress
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from honorcard.card.slip import new_slip_secret, slip_text
from honorcard.card.symbol import qr_png
from kiosk.store import calls
from tests.journeys.stage import PATIENCE_MS, Camera, chromium
from tests.journeys.test_every_page import AXE, LEAST_TARGET, LEAST_TEXT, SMALL, TINY, WIDE, violations
from tests.kiosk.scene import NOW, PIN, Scene, build
from tests.printing_fixture import surroundings

NAME = "林○琴"
TABLET = {"width": 1024, "height": 768}


@dataclass
class Public:
    """A public kiosk that listens, its printer, and an issued card's slip."""

    scene: Scene
    url: str
    application: str
    slip: str


def held_slip(scene: Scene, pdf: bytes) -> tuple[str, str]:
    secret = new_slip_secret()
    application = scene.submit(NAME)
    scene.issue(application, secret=secret, pdf=pdf)
    with scene.store.read() as db:
        row = db.conn.execute("SELECT receipt FROM application WHERE application_id = ?", (application,)).fetchone()
    return application, slip_text(row[0], secret)


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    return Camera(tmp_path_factory.mktemp("camera") / "camera.mjpeg")


@pytest.fixture(scope="module")
def browser(camera: Camera) -> Iterator[Browser]:
    with chromium(camera) as one:
        yield one


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    folder = tmp_path_factory.mktemp("public")
    with surroundings(folder) as room:
        printer = room.printer()
        printer.load(50)
        scene = build(folder, profile="public", station="花博 3 號機", printer_uri=printer.uri, csrf=True)
        application, slip = held_slip(scene, sheet())
        server = waitress.create_server(scene.app, host="127.0.0.1", port=0, threads=8)
        threading.Thread(target=server.run, daemon=True).start()
        yield Public(scene, f"http://127.0.0.1:{server.effective_port}", application, slip)
        server.close()


def sheet() -> bytes:
    """A page of paper, for the printer."""
    out = io.BytesIO()
    Image.new("RGB", (827, 1169), "white").save(out, "PDF", resolution=100)
    return out.getvalue()


@pytest.fixture
def page(browser: Browser, public: Public, camera: Camera) -> Iterator[Page]:
    camera.put_down()  # a slip that the test before held up would be read before this one has begun
    context: BrowserContext = browser.new_context(viewport=TABLET, locale="zh-TW", reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(
        "window.asked = []; if (navigator.wakeLock) navigator.wakeLock.request = async kind => { window.asked.push(kind);"
        " return {released: false, release: async () => {}}; };"
    )
    one = context.new_page()
    one.clock.install(time=NOW)
    one.clock.pause_at(NOW + timedelta(seconds=1))
    yield one
    context.close()


def to_the_card(page: Page, public: Public) -> None:
    """With slip and birth date to the own card's page."""
    page.goto(public.url + "/print/slip")
    page.locator("#text").fill(public.slip)
    page.locator("main form button").click()
    page.locator("#born").fill("47.08.16")
    page.locator("main form button[data-kind=lead]").click()
    expect(page.locator("h1")).to_contain_text(NAME)


def content(page: Page) -> str:
    """What is there, once the browser has got there."""
    while True:
        try:
            return page.content()
        except Error:  # still on its way
            page.wait_for_timeout(50)


def wait_out(page: Page, seconds: int) -> None:
    """So many seconds pass. First what a page does right after it has come: htmx tells of it a moment later."""
    page.clock.run_for(100)
    page.clock.fast_forward(seconds * 1000)


def test_nobody_there_and_the_next_person_finds_nothing_by_any_key(page: Page, public: Public) -> None:
    page.goto(public.url + "/?language=en")
    page.locator(".display-tools:not([data-low]) [data-display=zoom]").click()
    expect(page.locator("html")).to_have_attribute("data-zoom", "125")
    to_the_card(page, public)
    question = page.locator("dialog[data-idle]")

    wait_out(page, 21)  # asked, and answered by any key
    expect(question).to_be_visible()
    expect(question).to_contain_text("Are you still there?")
    expect(question.locator("[role=status]")).to_contain_text("20")
    page.keyboard.press("ArrowDown")
    expect(question).to_be_hidden()
    expect(page.locator("h1")).to_contain_text(NAME)

    wait_out(page, 21)
    expect(question).to_be_visible()
    wait_out(page, 11)
    expect(question.locator("[data-left]")).to_have_text("9")
    wait_out(page, 10)
    expect(page.locator("h1")).to_have_text("您好，今天要辦什麼？")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant-TW")
    assert page.evaluate("document.documentElement.dataset.zoom ?? '100'") == "100"
    kept = page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")
    assert "visit" not in kept and "display" not in kept and public.application not in kept

    for step in ("back", "back", "reload", "back", "forward", "back", "back"):
        try:
            {"back": page.go_back, "forward": page.go_forward, "reload": page.reload}[step](wait_until="load")  # type: ignore[operator]
        except Error as error:  # a form that would have to be sent again: the browser shows nothing of it
            assert "ERR_CACHE_MISS" in str(error), step
        shown = content(page)
        assert NAME not in shown, step
        assert public.slip not in shown, step
    page.goto(f"{public.url}/print/{public.application}")
    assert page.url.startswith(public.url + "/unlock")


def test_more_time_is_ten_times_as_much_and_a_running_camera_is_not_idle(page: Page, public: Public) -> None:
    page.goto(public.url + "/places")
    question = page.locator("dialog[data-idle]")
    wait_out(page, 21)
    question.locator("[data-more]").click()
    wait_out(page, 190)
    expect(question).to_be_hidden()
    wait_out(page, 20)
    expect(question).to_be_visible()
    wait_out(page, 190)
    expect(question).to_be_visible()
    question.locator("[data-leave]").click()
    expect(page.locator("h1")).to_have_text("您好，今天要辦什麼？")
    page.goto(public.url + "/progress")
    expect(page.locator("[data-scan]")).to_have_attribute("data-state", "live")
    for _ in range(4):
        wait_out(page, 20)
        page.wait_for_timeout(50)
    expect(page.locator("dialog[data-idle]")).to_be_hidden()


def test_a_card_is_printed_by_its_holder_with_the_line_down_and_once_however_often_it_is_pressed(
    page: Page, public: Public, camera: Camera
) -> None:
    camera.hold(Image.open(io.BytesIO(qr_png(public.slip, 10))))
    page.clock.resume()
    page.goto(public.url + "/progress")
    expect(page.locator("h1")).to_have_text("核准了，可以印卡")
    assert NAME not in page.content()
    page.get_by_role("button", name="列印卡片").click()
    page.locator("#born").fill("47.08.16")
    page.locator("main form button:not(.key)").click()
    expect(page.locator("h1")).to_contain_text(NAME)
    page.evaluate(
        "() => { const button = document.querySelector('main form button'); for (let n = 0; n < 20; n++) button.click() }"
    )
    expect(page.locator("h1")).to_have_text("印好了，請拿卡片")
    with public.scene.store.read() as db:
        assert db.conn.execute("SELECT state FROM print_job").fetchall() == [("completed",)]
    assert public.scene.ops("card.print_ack") == 1  # waits for the line


def test_a_child_at_the_screen_does_nothing_twice(page: Page, public: Public) -> None:
    page.goto(public.url + "/")
    assert page.evaluate("window.asked.length") >= 1  # the screen stays on
    page.evaluate(
        "() => { const button = document.querySelector('.help-tool button'); for (let n = 0; n < 30; n++) button.click() }"
    )
    expect(page.locator("main h1")).to_have_text("請找工作人員")
    expect(page.locator(".call-station")).to_have_text("花博 3 號機")
    with public.scene.store.read() as db:
        assert len(calls.waiting(db, int(NOW.timestamp() * 1000))) == 1


def test_staff_find_the_way_in_by_hand_and_by_keyboard_and_nobody_else_sees_it(page: Page, public: Public) -> None:
    page.goto(public.url + "/")
    expect(page.get_by_text("工作人員解鎖")).to_have_count(0)
    box = page.locator(".mark").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    wait_out(page, 2)
    assert page.url == public.url + "/"
    wait_out(page, 2)
    page.wait_for_url(public.url + "/unlock")
    page.mouse.up()
    page.goto(public.url + "/places")
    page.keyboard.press("Control+Alt+s")
    page.wait_for_url(public.url + "/unlock")
    page.locator("#pin").fill(PIN)
    page.locator(".pin-form [data-kind=lead]").click()
    expect(page.locator(".verb-tile", has_text="送件匣")).to_be_visible()
    expect(page.locator("dialog[data-idle]")).to_have_count(0)


VOICES = """(() => {
  const said = window.said = [];
  class Utterance { constructor(text) { this.text = text } }
  const speech = Object.assign(new EventTarget(), {
    speaking: false, getVoices: () => [{lang: 'en-US'}, {lang: 'zh-HK'}, {lang: 'zh-TW'}],
    speak(one) { this.speaking = true; said.push([one.lang, one.text]) },
    cancel() { this.speaking = false; said.push('stopped') },
  });
  Object.defineProperty(window, 'speechSynthesis', {value: speech});
  Object.defineProperty(window, 'SpeechSynthesisUtterance', {value: Utterance});
})()"""


def test_the_page_is_read_aloud_in_its_language_and_stops_when_it_is_pressed_again(page: Page, public: Public) -> None:
    page.context.add_init_script(VOICES)
    page.goto(public.url + "/progress?language=zh")
    button = page.locator(".station-bar [data-speak]")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    said = [one for one in page.evaluate("window.said") if one != "stopped"]
    assert said[0] == ["zh-TW", "請把收據或榮譽卡的 QR 碼對準鏡頭"]
    assert all(language == "zh-TW" for language, _ in said)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("window.said.at(-1)") == "stopped"
    page.goto(public.url + "/?language=en")
    page.locator(".station-bar [data-speak]").click()
    assert ["en-US", "Print a card"] in page.evaluate("window.said")
    wait_out(page, 21)  # a voice that reads is no idleness
    expect(page.locator("dialog[data-idle]")).to_be_hidden()


def test_without_a_voice_there_is_no_button_for_one(page: Page, public: Public) -> None:
    page.context.add_init_script(VOICES.replace("{lang: 'zh-TW'}", "{lang: 'ja-JP'}"))
    page.goto(public.url + "/?language=zh")
    expect(page.locator(".station-bar [data-speak]")).to_be_hidden()


def post(page: Page, path: str, **fields: str) -> None:
    """Sends a form of the page's own, as a scanner or a button would."""
    page.evaluate(
        """([path, fields]) => { const form = Object.assign(document.createElement('form'), {method: 'post', action: path});
        const csrf_token = JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken'];
        for (const [name, value] of Object.entries({...fields, csrf_token}))
          form.append(Object.assign(document.createElement('input'), {type: 'hidden', name, value}));
        document.body.append(form); form.submit() }""",
        [path, fields],
    )
    page.wait_for_url(lambda address: "/places" not in address)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "state",
    ["start", "asked", "hold up", "print", "print slip", "progress", "card", "born", "own card", "call", "refused"],
)
def test_a_public_page_is_fit_for_everyone(page: Page, public: Public, state: str, language: str) -> None:
    page.context.add_init_script(path=AXE)
    page.clock.resume()
    page.goto(f"{public.url}/places?language={language}")
    match state:
        case "asked":
            page.evaluate("document.querySelector('dialog[data-idle]').showModal()")
        case "progress":
            post(page, "/progress/text", text=public.slip)
        case "card":
            post(page, "/progress/text", text=public.scene.cards.texts["valid"])
        case "born":
            post(page, "/print/slip/text", text=public.slip)
        case "own card":
            post(page, "/print/slip", slip=public.slip, born="47.08.16")
        case "call":
            post(page, "/call")
        case "refused":
            page.goto(public.url + "/roster")
        case _:
            address = {"start": "/", "hold up": "/progress", "print": "/print", "print slip": "/print/slip"}[state]
            page.goto(public.url + address)
    found: dict[str, list[str]] = {}
    found["axe"] = violations(page, colours=language == "zh")
    if language == "zh":  # no language changes a colour
        page.evaluate("() => { document.documentElement.dataset.theme = 'contrast' }")
        found["axe, contrast"] = violations(page)
    found["targets"] = page.evaluate(SMALL, LEAST_TARGET)
    page.set_viewport_size({"width": 320, "height": 640})
    found["wider than 320 px"] = page.evaluate(WIDE)
    found["targets at 320 px"] = page.evaluate(SMALL, LEAST_TARGET)
    found["text"] = page.evaluate(TINY, LEAST_TEXT)
    page.evaluate("() => { document.documentElement.dataset.zoom = '200' }")
    page.set_viewport_size({"width": 390, "height": 844})
    found["at twice the size"] = page.evaluate(WIDE)
    assert {what: where for what, where in found.items() if where} == {}
