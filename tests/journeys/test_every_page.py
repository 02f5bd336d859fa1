"""Every page of the kiosk and of the center, in both languages: for everyone's eyes, hands and keyboard.

Each page is put before axe, looked at 320 px wide, its targets measured and the console listened to. The data are the
sample city's and one application begun here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

import center.settings
from center.store import Store, cases, devices, events, proposals, refused, twins
from center.store.tables import account, application
from honorcard.card import token
from honorcard.card.trust import Trust
from scanner import files, qr
from sync import wire
from sync.ids import uuid7
from tests.journeys.conftest import City
from tests.journeys.stage import PATIENCE_MS, ROOT, chromium
from tests.kiosk.applying import Applicant

pytestmark = pytest.mark.timeout(420)  # the sample is made within it

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TABLET, NARROW, DESK = (
    {"width": 820, "height": 1180},
    {"width": 320, "height": 640},
    {"width": 1366, "height": 900},
)
LEAST_TARGET = 56  # CSS px, at every size of a touch screen
LEAST_TEXT = 16
KIOSK_PAGES = (
    "home", "unlock", "recovery", "new", "identity", "passport", "person", "camera", "crop", "cover camera", "result",
    "corners", "pages", "book", "rows", "verdict", "consent", "check", "throw away", "previous", "previous scan",
    "previous camera", "slip", "tray", "queue", "story", "print", "print card", "print slip", "printer", "care", "roster", "verify",
    "gate test", "gate place", "nowhere",
    "sheet close", "training", "page place",
    "record slip", "progress", "calls", "places", "sheets", "sheet", "cause", "old card", "papers", "check again",
)  # fmt: skip
CENTER_PAGES = {
    "nobody": ("/sign-in", "/register", "/venues", "/api/", "/performance", "public", "/AAAAAAAAAAAAAAAAAAAAAA", "/nowhere"),
    "first_reviewer": (
        "/desk/first", "/desk/queue", "waiting case", "correction case", "/cards", "/decide", "two changes", "two cases",
        "/nowhere",
    ),
    "second_reviewer": ("/desk/second", "/desk/together", "reissue case", "/people", "person", "card"),
    "unit_officer": (
        "/", "/applications", "/account", "/account/password", "/statistics", "person entries", "person certificate", "/events",
        "/events/new", "event",
    ),
    "auditor": ("/history", "/statistics", "/audit", "/retention", "/systems/uses"),
    "venue": ("/",),
    "administrator": (
        "/", "/venues/list", "venue page", "/units", "/registrations", "/accounts", "/systems", "/rescue", "/tablets",
        "/tablets/letters", "/cards", "card", "/exchange", "/exchange/export/cards", "/exchange/export/cards/columns",
        "/exchange/log", "/mail", "/reminders",
    ),
}  # fmt: skip


@dataclass
class Answer:
    """What the applicant of tests/kiosk wants to know of an answer."""

    status_code: int
    location: str
    text: str


@dataclass
class Client:
    """A browser's session, spoken to as tests/kiosk speaks to Flask's test client."""

    context: BrowserContext
    base: str

    def client(self) -> Client:
        return self

    def get(self, path: str) -> Answer:
        answer = self.context.request.get(self.base + path, max_redirects=0)
        return Answer(answer.status, answer.headers.get("location", ""), answer.text())

    def post(self, path: str, data: dict[str, Any] | None = None) -> Answer:
        page = self.context.request.get(self.base + "/").text()
        found = re.search(r'"X-CSRFToken": "([^"]+)"', page)
        assert found
        sent: dict[str, Any] = {}
        for name, value in (data or {}).items():
            if isinstance(value, tuple):
                value = {"name": value[1], "mimeType": "image/jpeg", "buffer": value[0].read()}
            sent[name] = value
        answer = self.context.request.post(
            self.base + path, multipart=sent, headers={"X-CSRFToken": found[1]}, max_redirects=0
        )
        text = answer.text() if "text" in answer.headers.get("content-type", "") else ""
        return Answer(answer.status, answer.headers.get("location", ""), text)


@dataclass
class Looker:
    """A browser in one language and what its console said."""

    context: BrowserContext
    page: Page
    said: list[str] = field(default_factory=list)

    def go(self, address: str) -> None:
        self.said.clear()
        self.page.goto(address, wait_until="load")
        self.page.wait_for_timeout(60)  # modules attach, the camera opens


def looker(browser: Browser, size: dict[str, int], language: str, base: str) -> Looker:
    context = browser.new_context(viewport=size, locale="zh-TW", reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(path=AXE)
    context.add_init_script("localStorage.setItem('camera-auto', 'off')")  # what the camera sees here is not to be taken
    context.add_cookies([{"name": "language", "value": language, "url": base}])
    one = Looker(context, context.new_page())

    def hear(kind: str, text: str) -> None:
        # a page that says what is missing answers 404 or 422: Chromium calls that an error too
        if kind == "error" and "Failed to load resource: the server responded with a status of 4" not in text:
            one.said.append(text)

    one.page.on("console", lambda message: hear(message.type, message.text))
    one.page.on("pageerror", lambda error: one.said.append(str(error)))
    return one


@pytest.fixture(scope="module")
def browser(city: City) -> Iterator[Browser]:
    with chromium(city.camera) as one:
        yield one


@dataclass
class Kiosk:
    """The kiosk in both languages, and where each page is."""

    lookers: dict[str, Looker]
    base: str
    addresses: dict[str, str]


@pytest.fixture(scope="module")
def kiosk(city: City, browser: Browser) -> Kiosk:
    base = city.kiosk.url
    lookers = {language: looker(browser, TABLET, language, base) for language in ("zh", "en")}
    for one in lookers.values():
        client = Client(one.context, base)
        assert client.post("/unlock", {"pin": city.demo.pin, "next": "/"}).status_code == 303
    client = Client(lookers["zh"].context, base)
    begun = Applicant(client).fill()  # type: ignore[arg-type]
    renewal = Applicant(client, "renewal")  # type: ignore[arg-type]
    again = Applicant(client, "correction")  # type: ignore[arg-type]
    assert again.say("cause", cause="name").status_code == 303
    assert again.say("old_card").status_code == 303
    at = f"/apply/{begun.id}"
    photos = re.findall(rf"{at}/photos/([0-9a-f-]+)", client.get(f"{at}/book_photos").text)
    face = client.get(f"{at}/headshot").location
    card = re.search(r"/print/([0-9a-f-]{36})", client.get("/print").text)
    assert photos and face and card
    sheet = client.post("/sheets", {"number": "甲-1"}).location
    assert client.post(f"{sheet}/add/{begun.id}").status_code == 303
    return Kiosk(
        lookers,
        base,
        {
            "home": "/", "unlock": "/unlock", "recovery": "/unlock/recovery", "new": "/apply/new",
            "identity": f"{at}/identity?document=id", "passport": f"{at}/identity?document=passport",
            "person": f"{at}/person", "camera": f"{at}/take/headshot", "crop": face, "cover camera": f"{at}/take/cover",
            "result": f"{at}/photos/{photos[0]}", "corners": f"{at}/photos/{photos[0]}?adjust=1",
            "pages": f"{at}/book_photos", "book": f"{at}/book?mode=totals", "rows": f"{at}/book?mode=rows",
            "verdict": f"{at}/verdict", "consent": f"{at}/consent", "check": f"{at}/check",
            "throw away": f"{at}/throw_away", "previous": f"/apply/{renewal.id}/previous",
            "previous scan": f"/apply/{renewal.id}/previous/scan",
            "previous camera": f"/apply/{renewal.id}/take/previous_card", "slip": f"/slip/{card[1]}", "tray": "/tray",
            "queue": "/queue", "story": f"/queue/{card[1]}",
            "print": "/print", "print card": f"/print/{card[1]}", "print slip": "/print/slip",
            "printer": "/staff/printer", "care": "/staff/care", "roster": "/roster", "verify": "/verify",
            "gate test": "/verify/test", "gate place": "/verify/place", "nowhere": "/nowhere",
            "sheet close": f"{sheet}/close", "training": f"{at}/training", "page place": f"{at}/pages/1",
            "record slip": "/record", "progress": "/progress", "calls": "/staff/calls", "places": "/places",
            "sheets": "/sheets", "sheet": sheet,
            "cause": f"/apply/{again.id}/cause", "old card": f"/apply/{again.id}/old_card",
            "papers": f"/apply/{again.id}/papers", "check again": f"/apply/{again.id}/check",
        },
    )  # fmt: skip


def violations(page: Page, *, colours: bool = True) -> list[str]:
    """What axe finds, one line each: rule and where. `colours`: with its slowest rule, which no language changes."""
    found = page.evaluate(
        "colours => axe.run(document, {resultTypes: ['violations'], rules: {'color-contrast': {enabled: colours}}})"
        ".then(result => result.violations.map(one => [one.id, one.nodes.map(node => node.target.join(' '))]))",
        colours,
    )
    return [f"{rule}: {', '.join(places[:4])}" for rule, places in found]


SMALL = """least => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], label.night-button')]
  .filter(one => !one.closest('.unseen, .skip, [hidden]') && !one.matches('.unseen, [type=radio], [type=checkbox]'))
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width && box.height && (box.width < least - .5 || box.height < least - .5))
  .map(([one, box]) => `${one.tagName} ${one.className.baseVal ?? one.className} "${one.textContent.trim().slice(0, 20)}"`
    + ` ${Math.round(box.width)}×${Math.round(box.height)}`)"""
TINY = """least => [...new Set([...document.querySelectorAll('body *')]
  .filter(one => !one.closest('.unseen, [hidden], svg') && one.checkVisibility()
    && [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
  .filter(one => parseFloat(getComputedStyle(one).fontSize) < least)
  .map(one => `${one.tagName} ${one.className} ${getComputedStyle(one).fontSize}`))]"""
WIDE = """() => document.documentElement.scrollWidth > innerWidth
  ? [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map(one => `${one.tagName} ${one.className.baseVal ?? one.className}`)
    .concat(`${document.documentElement.scrollWidth} px`)
  : []"""


@pytest.mark.parametrize("name", KIOSK_PAGES)
def test_a_kiosk_page_is_fit_for_everyone(kiosk: Kiosk, name: str) -> None:
    found: dict[str, list[str]] = {}
    for language, one in kiosk.lookers.items():
        one.page.set_viewport_size(TABLET)  # type: ignore[arg-type]
        one.go(kiosk.base + kiosk.addresses[name])
        found[f"{language} axe"] = violations(one.page, colours=language == "zh")
        found[f"{language} targets"] = one.page.evaluate(SMALL, LEAST_TARGET)
        one.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        found[f"{language} wider than 320 px"] = one.page.evaluate(WIDE)
        found[f"{language} targets at 320 px"] = one.page.evaluate(SMALL, LEAST_TARGET)
        found[f"{language} text"] = one.page.evaluate(TINY, LEAST_TEXT)
        found[f"{language} console"] = list(one.said)
    assert {what: where for what, where in found.items() if where} == {}


def test_a_question_with_mistakes_is_fit_for_everyone_too(kiosk: Kiosk) -> None:
    renewal = kiosk.addresses["previous"]
    for one in kiosk.lookers.values():
        one.page.set_viewport_size(TABLET)  # type: ignore[arg-type]
        one.go(kiosk.base + renewal)
        one.page.locator(".dock [data-kind=lead]").click()
        expect(one.page.locator(".error-summary")).to_be_focused()
        assert violations(one.page) == []
        assert one.said == []
        one.page.locator(".error-summary a").first.click()
        expect(one.page.locator("[aria-invalid=true]").first).to_be_focused()


@pytest.mark.parametrize("theme", ["dark", "contrast"])
@pytest.mark.parametrize("name", ["home", "identity", "verdict", "tray", "check", "result", "print card", "verify"])
def test_the_other_themes_keep_their_contrast(kiosk: Kiosk, name: str, theme: str) -> None:
    one = kiosk.lookers["zh"]
    one.page.set_viewport_size(TABLET)  # type: ignore[arg-type]
    one.go(kiosk.base + kiosk.addresses[name])
    one.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    assert violations(one.page) == []


@pytest.mark.parametrize("name", ["home", "identity", "book", "verdict", "check", "pages", "tray", "slip", "verify"])
def test_a_page_at_twice_the_size_still_fits_its_width(kiosk: Kiosk, name: str) -> None:
    one = kiosk.lookers["zh"]
    one.page.set_viewport_size({"width": 390, "height": 844})
    one.go(kiosk.base + kiosk.addresses[name])
    one.page.evaluate("() => { document.documentElement.dataset.zoom = '200' }")
    assert one.page.evaluate(WIDE) == []


FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect(), look = getComputedStyle(one);
  const at = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, innerHeight / 4));
  return {tag: one.tagName, id: one.id, text: one.textContent.trim().slice(0, 30), top: box.top + scrollY,
    dock: !!one.closest('.dock'), ring: look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2,
    seen: !!at && (one === at || one.contains(at) || at.contains(one))};
}"""


def walk(page: Page, presses: int) -> list[dict[str, Any]]:
    """What has the focus after each press of Tab, from the top of the page."""
    passed: list[dict[str, Any]] = []
    for _ in range(presses):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUSED)
        if here["tag"] == "BODY":
            break
        passed.append(here)
    return passed


def test_a_question_is_answered_by_keyboard_alone(kiosk: Kiosk) -> None:
    one = kiosk.lookers["zh"]
    one.page.set_viewport_size({"width": 820, "height": 620})  # low: what has the focus may not lie under the dock
    one.go(kiosk.base + kiosk.addresses["person"])
    one.page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0) }")
    passed = walk(one.page, 40)
    assert passed[0]["text"] == "跳到主要內容"
    assert all(here["ring"] for here in passed), "focus is always to be seen"
    assert all(here["seen"] for here in passed), [here for here in passed if not here["seen"]]
    fields = [here["id"] for here in passed if here["tag"] == "INPUT"]
    assert fields == ["name", "birth", "email", "english_name"]
    assert passed[-1]["dock"] or any(here["dock"] for here in passed), "and ends with what is to be pressed"
    lead = next(at for at, here in enumerate(passed) if here["text"] == "下一步" and here["dock"])
    assert lead > max(at for at, here in enumerate(passed) if here["tag"] == "INPUT")
    one.page.locator("#name").focus()
    one.page.keyboard.press("End")
    one.page.keyboard.press("Enter")
    one.page.wait_for_url(lambda address: not address.endswith("/person"))


def sign_in(one: Looker, city: City, role: str) -> None:
    name, password = city.account(role)
    one.go(city.center.url + "/sign-in")
    one.page.get_by_label("帳號").fill(name)
    one.page.get_by_label("密碼").fill(password)
    one.page.keyboard.press("Enter")
    one.page.wait_for_url(lambda address: "sign-in" not in address)


def _case_of(kind: str) -> str:
    """The address of a case of that kind in the queue."""
    return rf'/desk/case/[0-9a-f-]{{36}}(?=" data-case="{kind}")'


def center_address(city: City, one: Looker, name: str) -> str:
    """Where a page of the center is; some are known only from another page."""
    base = city.center.url
    if name == "public":
        found = next(city.sample_cards.glob("*valid*.png"))
        text = qr.decode(files.pixels(found.read_bytes(), 100))[0]
        trust = Trust.read(one.context.request.get(base + "/pack/trust.json").body())
        return f"{base}/{token.parse(text, trust.prefix).lookup}"
    pattern, where = {
        "waiting case": (r"/desk/case/[0-9a-f-]{36}", "/desk/first"),
        "correction case": (_case_of("correction"), "/desk/first"),
        "reissue case": (_case_of("reissue"), "/desk/second"),
        "card": (r"/cards/\d+", "/cards"),
        "venue page": (r"/venues/list/\w+", "/venues/list"),
        "person": (r"/people/[0-9a-f-]{36}", "/people"),
        "event": (r"/events/[0-9a-f-]{36}", "/events"),
        "person entries": (r"/people/[0-9a-f-]{36}", "/people"),
        "person certificate": (r"/people/[0-9a-f-]{36}", "/people"),
        "two changes": (r'/decide/[0-9a-f-]{36}/[0-9a-f-]{36}(?=")', "/decide"),
        "two cases": (r"/decide/[0-9a-f-]{36}/twin/[0-9a-f-]{36}", "/decide"),
    }.get(name, ("", ""))
    if not pattern:
        return base + name
    match = re.search(pattern, one.context.request.get(base + where).text())
    assert match
    return base + match[0] + {"person entries": "/entries", "person certificate": "/performance"}.get(name, "")


@pytest.fixture(scope="module")
def undecided(city: City) -> None:
    """What waits for a person at the center: two changes of one case, two cases of one person, what was not taken; an event."""
    settings = center.settings.load(city.folder / "center")
    store = Store(settings.url)
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    with store.write() as conn:
        waiting = select(application.c.application_id).where(application.c.state == "first_review")
        one, two = conn.execute(waiting).scalars().all()[:2]
        case, tablet = cases.find(conn, one), devices.everyone(conn)[-1]
        assert case is not None
        twins.link_all(conn, one, [two], "same", now_ms, [])
        officer = conn.execute(select(account).where(account.c.role == "unit_officer")).first()
        assert officer is not None
        events.add(
            conn,
            {"event_id": uuid7(), "unit_id": officer.unit_id, "kind": "activity", "title": "北門導覽", "place": "北門",
             "starts_ms": now_ms - 7_200_000, "ends_ms": now_ms, "counting": "clock", "item": "導覽",
             "made_by": officer.account_id, "made_ms": now_ms},
        )  # fmt: skip
        body = msgspec.structs.replace(case.body, name="王小華", email="new@example.tw")
        proposals.add(
            conn, op_id=uuid7(), application_id=one, device_id=tablet.device_id, kind="propose", base_rev=1, body=body,
            clashes=["name"], now_ms=now_ms,
        )  # fmt: skip
        for seq, code in enumerate(("op_malformed", "op_damaged"), 1):
            op = wire.Op(seq=seq, op_id=uuid7(), kind="application.submit", entity_id=uuid7(), base_rev=None, schema_v=2,
                         sha256="00" * 32, needs_blobs=(), body=b"sealed")  # fmt: skip
            refused.note(conn, tablet.device_id, "-", op, code=code, now_ms=now_ms, whole=code == "op_malformed")
    store.engine.dispose()


@pytest.mark.parametrize("role", CENTER_PAGES)
@pytest.mark.usefixtures("undecided")
def test_the_centers_pages_are_fit_for_everyone(city: City, browser: Browser, role: str) -> None:
    one = looker(browser, DESK, "zh", city.center.url)
    try:
        if role != "nobody":
            sign_in(one, city, role)
        found: dict[str, list[str]] = {}
        for name in CENTER_PAGES[role]:
            address = center_address(city, one, name)
            for language in ("zh", "en"):
                one.context.add_cookies([{"name": "language", "value": language, "url": city.center.url}])
                one.page.set_viewport_size(DESK)  # type: ignore[arg-type]
                one.go(address)
                found[f"{name} {language} axe"] = violations(one.page, colours=language == "zh")
                one.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
                found[f"{name} {language} wider than 320 px"] = one.page.evaluate(WIDE)
                found[f"{name} {language} console"] = list(one.said)
    finally:
        one.context.close()
    assert {what: where for what, where in found.items() if where} == {}


def test_a_case_is_worked_by_keyboard_alone(city: City, browser: Browser) -> None:
    one = looker(browser, DESK, "zh", city.center.url)
    try:
        sign_in(one, city, "first_reviewer")
        one.go(city.center.url + "/desk/first")
        passed = walk(one.page, 80)
        assert passed[0]["text"] == "跳到主要內容"
        assert all(here["ring"] for here in passed)
        texts = [here["text"] for here in passed]
        approve = next(at for at, text in enumerate(texts) if text.startswith("核可"))
        assert all(not text.startswith("退回") for text in texts[:approve]), "approving comes before sending back"
        one.page.keyboard.press("Escape")
        one.page.evaluate("() => document.activeElement.blur()")
        one.page.keyboard.press("r")
        assert one.page.evaluate("() => document.activeElement.closest('.decide details[open]') !== null")
        assert violations(one.page) == []
    finally:
        one.context.close()


@pytest.mark.usefixtures("undecided")
def test_two_changes_are_chosen_between_by_keyboard_alone(city: City, browser: Browser) -> None:
    one = looker(browser, DESK, "zh", city.center.url)
    try:
        sign_in(one, city, "first_reviewer")
        one.go(center_address(city, one, "two changes"))
        passed = walk(one.page, 60)
        assert passed[0]["text"] == "跳到主要內容"
        assert all(here["ring"] and here["seen"] for here in passed), [here for here in passed if not here["seen"]]
        texts = [here["text"] for here in passed]
        assert texts.index("照上面選的") > max(at for at, here in enumerate(passed) if here["tag"] in ("INPUT", "TEXTAREA"))
        one.page.locator("textarea[name=text]").focus()
        one.page.keyboard.type("照證件")
        one.page.keyboard.press("Tab")
        one.page.keyboard.press("Enter")
        one.page.wait_for_url("**/decide")
        expect(one.page.get_by_text("已記下您的決定")).to_be_visible()
    finally:
        one.context.close()


def test_the_menus_that_open_are_fit_for_everyone(city: City, browser: Browser) -> None:
    one = looker(browser, DESK, "zh", city.center.url)
    try:
        sign_in(one, city, "administrator")
        one.go(city.center.url + "/units")
        menus = one.page.locator("details[data-menu]")
        assert menus.count() >= 2
        for size in (DESK, NARROW):
            one.page.set_viewport_size(size)  # type: ignore[arg-type]
            if size is NARROW:
                one.page.locator(".desk-fold summary").press("Enter")
            for at in range(menus.count()):
                menu = menus.nth(at)
                menu.locator("summary").focus()
                one.page.keyboard.press("Enter")
                expect(menu).to_have_attribute("open", "")
                expect(one.page.locator("details[data-menu][open]")).to_have_count(1)
                assert violations(one.page) == []
                assert one.page.evaluate(WIDE) == []
                one.page.keyboard.press("Tab")
                assert one.page.evaluate("() => document.activeElement.closest('details[data-menu][open] li') !== null")
                one.page.keyboard.press("Escape")
                expect(menu.locator("summary")).to_be_focused()
    finally:
        one.context.close()


OVERFLOWS = """() => [...document.querySelectorAll('.table-room')].map(one => one.scrollWidth - one.clientWidth)"""


@pytest.mark.usefixtures("undecided")
def test_on_a_phone_the_centers_lists_need_no_scrolling_sideways(city: City, browser: Browser) -> None:
    one = looker(browser, {"width": 390, "height": 844}, "zh", city.center.url)
    try:
        sign_in(one, city, "administrator")
        for path in ("/tablets", "/accounts", "/cards", "/venues/list", "/people"):
            one.go(city.center.url + path)
            rooms = one.page.evaluate(OVERFLOWS)
            assert rooms and max(rooms) <= 0, path
            assert one.page.locator("td[data-title]").count() > 0, path
            assert violations(one.page) == [], path
    finally:
        one.context.close()
