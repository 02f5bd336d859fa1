"""The verifier as a venue has it: opened once in Chromium, then the center goes, the browser starts anew, the clock moves."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Playwright, expect, sync_playwright

from center.store import venues
from center.verifier_files import FileSet
from honorcard.card import signing
from honorcard.card.keyring import KeyRing
from honorcard.card.manifest import SignedCount
from honorcard.card.pack import BUCKETS, MANIFEST
from honorcard.venues import Venue
from tests.center.verifying import Issuer, Served, device, judged, opened, served
from tests.journeys.filming import film, still
from tests.journeys.stage import FRAME

pytestmark = pytest.mark.timeout(240)
DAY = timedelta(days=1)
KEPT = """async () => {
  const asked = indexedDB.open('honorcard-gate');
  const db = await new Promise(done => { asked.onsuccess = () => done(asked.result); });
  const got = asked => new Promise(done => { asked.onsuccess = () => done(asked.result); });
  const all = room => got(db.transaction(room).objectStore(room).getAll());
  const state = await all('state'), names = await caches.keys(), pages = [];
  for (const name of names) for (const one of await (await caches.open(name)).keys()) pages.push(new URL(one.url).pathname);
  db.close();
  const plain = value => JSON.stringify(value, (_, it) => it instanceof Uint8Array ? 'bytes ' + it.length : it);
  return { state: state.map(plain), local: JSON.stringify(localStorage), pages };
}"""
UPDATED = """async () => {
  const one = await navigator.serviceWorker.ready;
  const ended = new Promise(done => one.addEventListener('updatefound', () => {
    const fresh = one.installing;
    fresh.addEventListener('statechange', () => { if (['redundant', 'installed'].includes(fresh.state)) done(fresh.state); });
  }, { once: true }));
  await one.update().catch(() => {});
  return ended;
}"""
TYPED = """keys => { for (const key of keys) {
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })); } }"""
CONTROLLED = "() => navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))"


class Torn(FileSet):
    """A version of which one file is another version's."""

    def digests(self, around: Mapping[str, bytes]) -> dict[str, str]:
        said = super().digests(around)
        return {path: "0" * 64 if path.endswith("gate.css") else digest for path, digest in said.items()}


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    """A center with a card for most rows of the table."""
    made = Issuer(tmp_path / "center")
    made.issue("林秀琴")
    made.issue("張美玲", days=0)
    made.issue("陳文雄", days=-1)
    made.issue("黃淑芬", status="suspended")
    made.issue("歐陽菲菲", photo=b"")
    made.issue("李志明", listed=False)
    made.issue("練習生", listed=False, practice=True)
    made.issue("游錫堃", listed=False, seq=100_501)
    made.issue("周大同", listed=False, seq=200_000)
    made.issue("何外地", listed=False, prefix="HTTPS://HC.EXAMPLE/")
    made.publish()
    return made


ANSWERS = {
    "林秀琴": "valid", "張美玲": "valid", "陳文雄": "expired", "黃淑芬": "suspended", "歐陽菲菲": "photo_missing",
    "李志明": "revoked_or_replaced", "練習生": "practice", "游錫堃": "newer_than_list",
    "周大同": "suspected_forgery", "何外地": "foreign",
}  # fmt: skip


@pytest.fixture
def here(issuer: Issuer) -> Iterator[Served]:
    with served(issuer.app) as found:
        yield found


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


def installed(playwright: Playwright, profile: Path, here: Served) -> None:
    """The page opened once, with all of it on the device."""
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        assert page.evaluate(CONTROLLED)
        expect(page.locator("[data-list]")).to_have_text("名單：剛剛更新")


def showing(issuer: Issuer, file: Path, *names: str) -> Path:
    """A film of these cards, each held up for a second and a half, nothing between."""
    blank = Image.new("RGB", FRAME, (70, 62, 54))
    frames = []
    for name in names:
        code = Image.open(io.BytesIO(signing.qr_png(issuer.texts[name], 8))).convert("RGB").resize((420, 420))
        scene = blank.copy()
        scene.paste(code, (430, 150))
        frames += [*still(scene, 1.5), *still(blank, 0.5)]
    return film(file, frames)


def test_it_can_be_installed_and_judges_every_card_with_the_center_gone_and_the_browser_started_anew(
    playwright: Playwright, issuer: Issuer, here: Served, profile: Path
) -> None:
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        assert page.evaluate(CONTROLLED)
        told = page.evaluate("async () => (await fetch('/gate/manifest.webmanifest')).json()")
        assert (told["start_url"], told["scope"], told["display"]) == ("/gate/", "/gate/", "standalone")
        sizes = page.evaluate("""icons => Promise.all(icons.map(async icon => {
          const picture = new Image(); picture.src = icon.src; await picture.decode();
          return `${picture.naturalWidth}x${picture.naturalHeight}`; }))""", told["icons"])  # fmt: skip
        assert sizes == [icon["sizes"] for icon in told["icons"]]
        faults = context.new_cdp_session(page).send("Page.getInstallabilityErrors")["installabilityErrors"]
        assert [one["errorId"] for one in faults if one["errorId"] != "in-incognito"] == []
    here.stop()
    cards = showing(issuer, profile.with_suffix(".mjpeg"), "林秀琴", "李志明")
    with device(playwright, profile, film=cards) as context:
        page = opened(context, here.url)
        gate = page.locator("#gate")
        expect(gate).to_have_attribute("data-code", re.compile("valid|revoked_or_replaced"))
        for code in ("valid", "revoked_or_replaced"):  # the film goes round
            while gate.get_attribute("data-code") != code:
                page.keyboard.press("Escape")
                expect(gate).to_have_attribute("data-code", re.compile("valid|revoked_or_replaced"))
    with device(playwright, profile) as context:  # no camera, no center
        page = opened(context, here.url)
        assert {name: judged(page, text) for name, text in issuer.texts.items()} == ANSWERS
        assert judged(page, issuer.texts["林秀琴"]) == "valid"
        expect(page.locator(".gate-name")).to_have_text("林秀琴")
        assert (
            page.locator("img.portrait").evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 120
        )
        kept = json.dumps(page.evaluate(KEPT), ensure_ascii=False)
    for name, text in issuer.texts.items():
        assert name not in kept
        assert text[18:34] not in kept
        assert text.partition("#")[2][40:80] not in kept


def test_a_scanner_that_types_is_heard_anywhere_and_a_number_proves_nothing(
    playwright: Playwright, issuer: Issuer, here: Served, profile: Path
) -> None:
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        gate, text = page.locator("#gate"), issuer.texts["林秀琴"]
        page.evaluate(TYPED, [*text, "Enter"])
        expect(gate).to_have_attribute("data-code", "valid")
        page.evaluate(TYPED, list(issuer.texts["陳文雄"]))
        expect(gate).to_have_attribute("data-code", "expired")  # another one, without Enter, over the verdict before
        page.get_by_role("button", name="掃下一張").click()
        page.get_by_role("button", name="讀不到碼").click()
        page.locator("#card-number").fill("1234")
        page.get_by_role("button", name="查這張卡").click()
        expect(page.locator("[data-number-error]")).to_be_visible()
        page.locator("#card-number").fill("１１５ 00001")
        page.keyboard.press("Enter")
        expect(gate).to_have_attribute("data-verdict", "amber")
        expect(page.locator(".gate-reason")).to_contain_text("不能證明")
        assert page.locator("img.portrait").count() == 0
        page.keyboard.press("Escape")
        expect(page.locator("[data-count=number]")).to_contain_text("1")


def test_the_age_of_the_list_and_a_clock_that_cannot_be_believed_stand_beside_the_verdict(
    playwright: Playwright, issuer: Issuer, here: Served, profile: Path
) -> None:
    installed(playwright, profile, here)
    here.stop()
    said = {}
    with device(playwright, profile) as context:
        page = context.pages[0]
        for days in (3, 9, 31, 50, -20):
            page.clock.set_fixed_time(datetime.now(UTC) + days * DAY)
            opened(context, here.url)
            code = judged(page, issuer.texts["林秀琴"])
            note = page.locator("[data-slot=note]")
            said[days] = (code, note.text_content().strip() if note.count() else "")
            if days == 31:
                assert page.get_by_role("button", name="更新名單").is_visible()
                assert (
                    judged(page, issuer.texts["張美玲"]) == "date_unknown"
                )  # of the day of the list: it may be over, it may not
                assert page.get_by_role("button", name="連線對時").is_visible()
    assert said[3] == ("valid", "")
    assert said[9] == ("valid", "名單是 9 天前的，請盡快連上網路更新。")
    assert said[31][0] == "list_stale" and "31" in said[31][1]
    assert said[50][0] == said[-20][0] == "date_unknown"


def test_photographs_in_a_layer_of_their_own_come_after_the_list_and_stay_with_no_line(
    playwright: Playwright, issuer: Issuer, here: Served, profile: Path
) -> None:
    issuer.cards = {name: replace(card, layer="63000" if card.photo else "") for name, card in issuer.cards.items()}
    issuer.cards["歐陽菲菲"] = replace(issuer.cards["歐陽菲菲"], layer="63000")
    issuer.publish(photo_layers=("63000",))
    with device(playwright, profile) as context:
        context.route("**/pack/photos/**", lambda route: route.abort())  # the line breaks before they are here
        page = opened(context, here.url)
        expect(page.locator("[data-list]")).to_have_text("名單：剛剛更新")
        assert judged(page, issuer.texts["林秀琴"]) == "photo_missing"
        expect(page.locator(".gate-name")).to_have_text("林秀琴")
        context.unroute("**/pack/photos/**")
        assert renewed(page) == "名單更新好了，請再掃一次。"
    here.stop()
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        assert {name: judged(page, text) for name, text in issuer.texts.items()} == ANSWERS
        assert judged(page, issuer.texts["林秀琴"]) == "valid"
        wide = page.locator("img.portrait").evaluate("picture => picture.decode().then(() => picture.naturalWidth)")
        assert wide == 120


def test_a_day_of_unusually_many_signatures_is_told_above_the_counts(
    playwright: Playwright, issuer: Issuer, here: Served, profile: Path
) -> None:
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        for day in range(9):
            assert page.locator("[data-jump]").is_hidden()
            last_day = 900 if day == 8 else 14
            count = SignedCount(10_000 + 14 * day + last_day - 14, last_day, bytes(32))
            issuer.publish(as_of=issuer.now - (9 - day) * DAY, signed=count)
            assert renewed(page) == "名單更新好了，請再掃一次。"
        expect(page.locator("[data-jump]")).to_contain_text("一天簽發了 900 張卡，平常一天約 14 張。請照常驗卡")


def test_a_list_is_renewed_by_what_changed_and_never_goes_back(
    playwright: Playwright, issuer: Issuer, here: Served, profile: Path, tmp_path: Path
) -> None:
    many = {"min_records": 1_024}
    issuer.publish(**many)
    older = tmp_path / "older"
    shutil.copytree(issuer.settings.pack_dir, older)
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.removeprefix(here.url)))
        issuer.cards["林秀琴"] = replace(issuer.cards["林秀琴"], status="suspended")
        issuer.publish(**many)
        assert renewed(page) == "名單更新好了，請再掃一次。"
        assert [one for one in asked if "/deltas/" in one] and not [one for one in asked if "/buckets/" in one]
        assert judged(page, issuer.texts["林秀琴"]) == "suspended"
        newer = tmp_path / "newer"
        shutil.copytree(issuer.settings.pack_dir, newer)

        put(issuer, older)
        assert renewed(page).startswith("收到的名單比用過的還舊")
        put(issuer, newer)
        issuer.publish(**many)
        for bucket in (issuer.settings.pack_dir / "deltas").iterdir():
            bucket.write_bytes(bucket.read_bytes()[:-1])  # changes cut short: the buckets are fetched whole
        asked.clear()
        assert renewed(page) == "名單更新好了，請再掃一次。"
        issuer.cards["林秀琴"] = replace(issuer.cards["林秀琴"], status="live")
        issuer.publish(**many)
        shutil.rmtree(issuer.settings.pack_dir / "deltas")
        for bucket in (issuer.settings.pack_dir / BUCKETS).iterdir():
            if not (newer / BUCKETS / bucket.name).exists():
                bucket.write_bytes(bucket.read_bytes()[::-1])  # of another list
        assert renewed(page) == "收到的名單不完整，沒有採用。等一下會再試。"
        assert judged(page, issuer.texts["林秀琴"]) == "suspended"

        put(issuer, newer)
        (issuer.settings.pack_dir / MANIFEST).write_bytes(b"\xd2" + (newer / MANIFEST).read_bytes())
        assert renewed(page) == "收到的名單不完整，沒有採用。等一下會再試。"
        other = KeyRing.create(tmp_path / "other", at=issuer.now - DAY)
        page.route(
            "**/pack/trust.json",
            lambda route: route.fulfill(body=other.trust.document(), content_type="application/json"),
        )
        assert renewed(page).startswith("中心的簽章和這台裝置記得的不同")
        assert judged(page, issuer.texts["林秀琴"]) == "suspended"


SPOILED = """async spoil => {
  const asked = indexedDB.open('honorcard-gate');
  const db = await new Promise(done => { asked.onsuccess = () => done(asked.result); });
  const turn = db.transaction('buckets', 'readwrite'), room = turn.objectStore('buckets');
  const names = await new Promise(done => { const all = room.getAllKeys(); all.onsuccess = () => done(all.result); });
  for (const name of names) {
    if (spoil === 'gone') room.delete(name); else room.put(new Uint8Array(2092).fill(7), name);
  }
  await new Promise(done => { turn.oncomplete = done; });
  db.close();
}"""


def test_a_list_that_came_half_or_was_damaged_on_the_device_is_never_believed_and_mends_itself(
    playwright: Playwright, issuer: Issuer, here: Served, profile: Path
) -> None:
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        for spoil in ("gone", "changed"):
            page.evaluate(SPOILED, spoil)
            assert judged(page, issuer.texts["林秀琴"]) == "list_damaged"
            page.get_by_role("button", name="更新名單").click()
            expect(page.locator("#gate")).to_have_attribute("data-shows", "waiting")
            expect(page.locator("[data-said]")).to_have_text("名單更新好了，請再掃一次。")
            assert judged(page, issuer.texts["林秀琴"]) == "valid"
        issuer.cards.pop("林秀琴")
        issuer.publish()
        shutil.rmtree(issuer.settings.pack_dir / "deltas", ignore_errors=True)
        page.route("**/pack/buckets/**", lambda route: route.abort())  # the line breaks in the middle
        assert renewed(page) == "現在連不上，名單沒有更新。"
        page.reload()
        expect(page.locator("body[data-ready]")).to_have_count(1)
        assert judged(page, issuer.texts["林秀琴"]) == "valid"  # the list in use is still the one before
        page.unroute("**/pack/buckets/**")
        page.evaluate("""() => { const put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (value, key) {
          if (this.name === 'buckets') throw new DOMException('', 'QuotaExceededError');
          return put.call(this, value, key); }; }""")  # fmt: skip
        assert renewed(page).startswith("這台裝置空間不夠")
        page.reload()
        expect(page.locator("body[data-ready]")).to_have_count(1)
        assert judged(page, issuer.texts["林秀琴"]) == "revoked_or_replaced"


def test_the_language_chosen_on_a_device_stays(playwright: Playwright, here: Served, profile: Path) -> None:
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        page.get_by_role("button", name="設定").click()
        page.get_by_role("link", name="EN").click()
        expect(page.locator("h1[data-title]")).to_contain_text("QR code")
        opened(context, here.url)  # as the installed page starts
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.get_by_role("button", name="Settings").click()
        page.get_by_role("link", name="中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hant-TW")


def renewed(page: Page) -> str:
    """What the page says after the list was asked for anew."""
    if page.locator("#gate").get_attribute("data-shows") != "settings":
        page.keyboard.press("Escape")
        page.get_by_role("button", name="設定").click()
    said = page.locator("[data-update-said]")
    said.evaluate("said => { said.textContent = '' }")
    page.locator("[data-do=update]").click()
    expect(said).not_to_have_text("")
    found = said.text_content() or ""
    page.keyboard.press("Escape")
    return found


def put(issuer: Issuer, folder: Path) -> None:
    """Another folder's list in the place of the center's."""
    shutil.rmtree(issuer.settings.pack_dir)
    shutil.copytree(folder, issuer.settings.pack_dir)


def test_the_days_counts_are_numbers_alone_and_begin_anew_at_midnight(
    playwright: Playwright, issuer: Issuer, here: Served, profile: Path
) -> None:
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        for name in ("林秀琴", "林秀琴", "陳文雄", "歐陽菲菲"):
            judged(page, issuer.texts[name])
        judged(page, issuer.texts["林秀琴"])
        page.get_by_role("button", name="不符").click()
        tally = page.locator(".tally li:visible")
        assert [text.strip() for text in tally.all_text_contents()] == [
            "今天",
            "有效 3",
            "請確認 1",
            "無效 1",
            "相貌不符 1",
        ]
        expect(page.locator("[data-nth]")).to_have_text("今天第 5 張")
        counted = next(one for one in page.evaluate(KEPT)["state"] if "green" in one)
        assert set(json.loads(counted)) == {"day", "green", "amber", "red", "mismatch", "number"}
        page.clock.set_fixed_time(datetime.now(UTC) + DAY)
        expect(tally.nth(1)).to_have_text("有效 0")
        assert sum('"green":3' in one for one in page.evaluate(KEPT)["state"]) == 0


def test_a_venue_is_chosen_once_and_its_form_of_card_stands_on_the_verdict(
    playwright: Playwright, issuer: Issuer, here: Served, profile: Path
) -> None:
    with issuer.app.extensions["store"].write() as conn:
        venues.add(conn, [Venue("ZOO", "臺北市立動物園", "臺北市", "recreation", "paper", "每週一休園")], 1)
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        page.get_by_role("button", name="設定").click()
        page.locator("#venue").select_option(label="臺北市立動物園")
        expect(page.locator("[data-venue-name]")).to_have_text("臺北市立動物園")
        page.evaluate(CONTROLLED)
    here.stop()
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        expect(page.locator("[data-venue-name]")).to_have_text("臺北市立動物園")
        judged(page, issuer.texts["林秀琴"])
        expect(page.locator("[data-slot=venue]")).to_contain_text("只收紙本卡")


def test_a_cleared_device_says_what_to_do_and_shows_no_verdict(
    playwright: Playwright, issuer: Issuer, here: Served, profile: Path
) -> None:
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        assert page.evaluate(CONTROLLED)
        here.stop()
        page.get_by_role("button", name="設定").click()
        page.get_by_role("button", name="清除", exact=True).click()
        page.get_by_role("button", name="真的清除").click()
        expect(page.locator("[data-said]")).to_have_text("第一次使用：請連上網路，讓這台裝置下載名單。")
        page.locator("#picture").set_input_files(
            {"name": "card.png", "mimeType": "image/png", "buffer": signing.qr_png(issuer.texts["林秀琴"], 8)}
        )
        expect(page.locator("[data-said]")).to_have_text("這台裝置沒有名單，不能驗證卡片。請連上網路，再打開這一頁。")
        assert page.locator("#gate[data-verdict]").count() == 0
        here.start()
        page.reload()
        expect(page.locator("[data-list]")).to_have_text("名單：剛剛更新")
        assert judged(page, issuer.texts["林秀琴"]) == "valid"


def test_a_new_version_is_fetched_whole_or_not_at_all_and_waits_until_it_is_asked_for(
    playwright: Playwright, issuer: Issuer, here: Served, profile: Path
) -> None:
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        assert page.evaluate(CONTROLLED)
        known: FileSet = issuer.app.extensions["verifier"]
        pages = {language: page.replace(known.version.encode(), b"f" * 16) for language, page in known.pages.items()}
        fresh = FileSet("f" * 16, known.files, pages)
        issuer.app.extensions["verifier"] = Torn("e" * 16, known.files, known.pages)
        assert page.evaluate(UPDATED) == "redundant"
        assert page.evaluate("() => caches.keys()") == [f"gate-{known.version}"]
        expect(page.locator("[data-fresh]")).to_be_hidden()
        issuer.app.extensions["verifier"] = fresh
        assert page.evaluate(UPDATED) == "installed"
        expect(page.locator("[data-fresh]")).to_be_visible()
        assert judged(page, issuer.texts["林秀琴"]) == "valid"  # the old one goes on
        page.keyboard.press("Escape")
        page.locator("[data-do=fresh]").click()
        expect(page.locator(f'script[src*="{"f" * 16}"]').first).to_have_count(1)
        expect(page.locator("body[data-ready]")).to_have_count(1)
        assert page.evaluate("() => caches.keys()") == [f"gate-{'f' * 16}"]


def test_the_morning_self_test_ticks_every_sheet_and_is_never_mistaken_for_the_gate(
    playwright: Playwright, issuer: Issuer, here: Served, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from honorcard.card import samples

    texts: dict[str, str] = {}
    drawn = samples.render

    def watched(faces, *rest, **more):
        texts.update({face.qr_text: face.name for face in faces})
        return drawn(faces, *rest, **more)

    monkeypatch.setattr(samples, "render", watched)  # the codes of fresh keys are known nowhere else
    with device(playwright, profile) as context:
        page = opened(context, here.url)
        assert page.request.get(here.url + "/gate/selftest/sheets.pdf").body().startswith(b"%PDF")
        assert len(texts) == 19
        page.get_by_role("button", name="設定").click()
        page.get_by_role("button", name="開始自我檢查").click()
        expect(page.locator("[data-test-count]")).to_have_text("讀對 0／19 張")
        expect(page.locator("[data-test-banner]")).to_be_visible()
        held(page, issuer.texts["林秀琴"])
        expect(page.locator("[data-test-said]")).to_contain_text("這不是測試卡")
        for n, text in enumerate(texts, 1):
            held(page, text)
            expect(page.locator("[data-test-count]")).to_have_text(f"讀對 {n}／19 張")
            if n == 1:
                held(page, text)
                expect(page.locator("[data-test-said]")).to_have_text("這張讀過了，請換下一張。")
        expect(page.locator("[data-test-said]")).to_have_text("全部讀對了，今天可以使用。")
        assert page.locator("[data-test-rows] [data-state=yes]").count() == 19
        assert page.locator("#gate[data-verdict]").count() == 0
        page.get_by_role("button", name="結束自我檢查").click()
        expect(page.locator("[data-tested]")).to_contain_text("今天檢查過")
        green = next(iter(texts))
        assert judged(page, green) == "bad_signature"  # at the gate the samples' root is nobody


def held(page: Page, text: str) -> None:
    page.locator("#picture").set_input_files(
        {"name": "sheet.png", "mimeType": "image/png", "buffer": signing.qr_png(text, 8)}
    )


def test_files_of_the_verifier_are_public_tight_and_of_one_version(issuer: Issuer) -> None:
    client = issuer.app.test_client()
    page = client.get("/gate/")
    version = re.search(r"/gate/v/([0-9a-f]{16})/", page.get_data(as_text=True))[1]
    assert client.get(f"/gate/v/{version}/js/verifier/main.js").headers["Cache-Control"].endswith("immutable")
    for path in (
        f"/gate/v/{'0' * 16}/js/verifier/main.js",
        f"/gate/v/{version}/js/desk.js",
        f"/gate/v/{version}/../center.db",
    ):
        assert client.get(path).status_code == 404, path
    for path in ("center.json", "pack/buckets/../../center.db", "pack/manifest.cose.new"):
        assert client.get(f"/gate/selftest/{path}").status_code == 404, path
    worker = client.get("/gate/sw.js")
    kept = json.loads(worker.get_data(as_text=True).partition("\n")[0].removeprefix("const SET = ").rstrip(";"))
    assert kept["version"] == version
    for path in kept["files"]:
        assert client.get(path).status_code == 200
    for answer in (page, worker, client.get("/gate/en")):
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy and "unsafe" not in policy and "default-src 'none'" in policy
        assert answer.headers["Permissions-Policy"].startswith("camera=(self)")
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "Set-Cookie" not in answer.headers
    reader = client.get(f"/gate/v/{version}/js/codes-worker.js")
    assert "'wasm-unsafe-eval'" in reader.headers["Content-Security-Policy"], "the worker alone runs WebAssembly"
    assert client.get("/venues").headers["Permissions-Policy"].startswith("camera=()"), (
        "this page alone may ask for the camera"
    )
