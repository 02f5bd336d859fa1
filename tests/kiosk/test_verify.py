"""The gate: each kind of card before a real decoder and a real pack; nothing about a person stays."""

from __future__ import annotations

import io
import logging
import re
import shutil
import threading
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from PIL import Image

from honorcard.card import pack as packing
from kiosk import packs, verify
from kiosk.store import gate, venues
from sync import wire
from tests.browsers import SHELL
from tests.kiosk.scene import NOW, build, frame, jpeg

HX = {"HX-Request": "true"}


@pytest.fixture
def scene(tmp_path):
    return build(tmp_path)


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """One for the tests that only look."""
    return build(tmp_path_factory.mktemp("standing"))


def hold_up(client, text, **headers):
    picture = jpeg(frame(text))
    return client.post("/verify/frame", data=picture, content_type="image/jpeg", headers={**HX, **headers})


def verdict(answer):
    return re.search(r'data-verdict="(\w+)"', answer.text)[1]


CARDS = [
    ("valid", "green", "有效"),
    ("suspended", "red", "這張卡暫停使用"),
    ("revoked", "red", "這張卡已經註銷，或已經換發新卡"),
    ("expired", "red", "這張卡已經過期"),
    ("forged", "red", "卡片不是真的"),
    ("newer", "amber", "比名單新"),
]


@pytest.mark.parametrize(("card", "colour", "words"), CARDS, ids=[card for card, _, _ in CARDS])
def test_a_card_before_the_camera_gets_its_verdict_without_a_pin(standing, card, colour, words):
    answer = hold_up(standing.client(unlocked=False), standing.cards.texts[card])
    assert answer.status_code == 200
    assert verdict(answer) == colour
    assert words in answer.text
    assert answer.text.lstrip().startswith('<div class="gate" id="gate"')


def test_green_shows_name_photo_until_and_asks_to_compare_the_face(standing):
    client = standing.client(unlocked=False)
    answer = hold_up(client, standing.cards.texts["valid"])
    for said in ("林秀琴", "有效期限", "118.11.20", "請核對本人相貌", "不符", "相符，請進", "名單：2 小時前"):
        assert said in answer.text
    photo = client.get(re.search(r'src="(/verify/photo/[^"]+)"', answer.text)[1])
    assert photo.mimetype == "image/webp"
    assert Image.open(io.BytesIO(photo.data)).size == (120, 160)


@pytest.mark.parametrize("card", ["revoked", "forged", "suspended", "expired"])
def test_red_shows_neither_name_nor_photo(standing, card):
    answer = hold_up(standing.client(unlocked=False), standing.cards.texts[card])
    assert "/verify/photo/" not in answer.text
    assert "林秀琴" not in answer.text and "陳文雄" not in answer.text


def test_a_photo_is_handed_out_once(standing):
    client = standing.client(unlocked=False)
    where = re.search(r'src="(/verify/photo/[^"]+)"', hold_up(client, standing.cards.texts["valid"]).text)[1]
    assert client.get(where).status_code == 200
    assert client.get(where).status_code == 404
    assert client.get("/verify/photo/guess").status_code == 404


def test_every_flipped_digit_is_red_or_no_card(standing):
    client = standing.client(unlocked=False)
    text = standing.cards.texts["valid"]
    head, digits = text.split("#")
    for at in range(0, len(digits), 17):
        changed = digits[:at] + str((int(digits[at]) + 1) % 10) + digits[at + 1 :]
        answer = client.post("/verify/text", data={"text": f"{head}#{changed}"}, headers=HX)
        assert verdict(answer) == "red", at


def test_a_frame_without_a_code_says_nothing(standing):
    client = standing.client(unlocked=False)
    blank = jpeg(Image.new("RGB", (1280, 720), "#777"))
    for content in (blank, b"", b"no picture", blank[:40], b"\xff\xd8" * 50):
        assert client.post("/verify/frame", data=content, content_type="image/jpeg").status_code == 204


def test_a_huge_frame_is_not_unpacked(standing):
    out = io.BytesIO()
    Image.new("L", (9000, 9000)).save(out, "JPEG")
    begun = time.monotonic()
    assert standing.client(unlocked=False).post("/verify/frame", data=out.getvalue()).status_code == 204
    assert time.monotonic() - begun < 0.5


def test_the_code_just_shown_is_not_read_again_while_the_page_asks_so(standing):
    client = standing.client(unlocked=False)
    text = standing.cards.texts["valid"]
    mark = re.search(r'data-mark="(\w+)"', hold_up(client, text).text)[1]
    assert hold_up(client, text, **{"X-Seen": mark}).status_code == 204
    assert verdict(hold_up(client, standing.cards.texts["revoked"], **{"X-Seen": mark})) == "red"
    assert verdict(hold_up(client, text)) == "green"
    assert mark not in text


def test_a_card_whose_frame_the_kiosk_read_is_not_read_again_by_the_page(standing):
    client = standing.client(unlocked=False)
    text, other = standing.cards.texts["valid"], standing.cards.texts["revoked"]
    headers = {**HX, "X-Seen": re.search(r'data-mark="(\w+)"', hold_up(client, text).text)[1]}
    assert client.post("/verify/text", data={"text": text}, headers=headers).status_code == 204
    assert verdict(client.post("/verify/text", data={"text": [text, other]}, headers=headers)) == "red"
    assert verdict(client.post("/verify/text", data={"text": text}, headers=HX)) == "green"


def test_other_codes_are_not_cards(standing):
    answer = hold_up(standing.client(unlocked=False), "https://example.org/menu")
    assert verdict(answer) == "red"
    assert "這不是榮譽卡的條碼" in answer.text


def test_the_cards_own_code_counts_where_a_poster_is_in_the_picture(standing):
    both = frame("HTTPS://EXAMPLE.ORG/", width=1600, height=900, module_px=4)
    card = frame(standing.cards.texts["valid"], width=620, height=620, module_px=6)
    both.paste(card, (0, 140))
    answer = standing.client(unlocked=False).post("/verify/frame", data=jpeg(both), headers=HX)
    assert verdict(answer) == "green"


def test_a_picture_from_a_file_is_read_too(standing):
    client = standing.client(unlocked=False)
    picture = (io.BytesIO(jpeg(frame(standing.cards.texts["valid"]))), "card.jpg")
    answer = client.post("/verify/file", data={"picture": picture}, content_type="multipart/form-data")
    assert verdict(answer) == "green" and "<html" in answer.text
    for content, words in ((b"%PDF-1.4 not a picture", "不是相片"), (b"", "空的")):
        picture = (io.BytesIO(content), "card.jpg")
        answer = client.post("/verify/file", data={"picture": picture}, content_type="multipart/form-data")
        assert words in answer.text and "data-verdict" not in answer.text


def test_the_day_is_counted_by_outcome_and_nothing_else_is_kept(scene, caplog):
    caplog.set_level(logging.DEBUG)
    client = scene.client(unlocked=False)
    for card in ("valid", "valid", "revoked", "forged", "newer"):
        hold_up(client, scene.cards.texts[card])
    client.post("/verify/answer", data={"said": "mismatch"})
    text = client.get("/verify").text
    for said in ("有效 2", "請確認 1", "無效 2", "相貌不符 1"):
        assert said in text
    with scene.store.read() as db:
        assert gate.counts(db, NOW.date()) == {"green": 2, "amber": 1, "red": 2, "mismatch": 1}
        kept = " ".join(str(row) for table in db.table_names() for row in db[table].rows)
    for text in scene.cards.texts.values():
        assert text not in kept and text not in caplog.text
        assert text.split("#")[1] not in caplog.text
    assert "林秀琴" not in kept and "林秀琴" not in caplog.text


def test_an_answer_that_is_not_on_the_page_is_refused(standing):
    assert standing.client(unlocked=False).post("/verify/answer", data={"said": "whatever"}).status_code == 400


def test_an_old_list_is_said_from_a_week_on_and_amber_from_a_month(scene):
    client = scene.client(unlocked=False)
    scene.settings.pack_dir.rename(scene.settings.pack_dir.with_name("old"))
    for days, colour in ((8, "green"), (29, "green"), (31, "amber")):
        shutil.rmtree(scene.settings.pack_dir, ignore_errors=True)
        as_of = NOW - timedelta(days=days)
        scene.cards.pack(scene.settings.pack_dir, version=days, as_of=as_of, min_records=0)
        answer = hold_up(client, scene.cards.texts["valid"])
        assert verdict(answer) == colour
        assert f"{days} 天前" in answer.text


def test_a_damaged_list_is_amber_and_asks_for_repair(scene):
    buckets = scene.settings.pack_dir / packing.BUCKETS
    for path in list(buckets.iterdir()):
        path.unlink()  # the shared files of the run stay whole
        path.write_bytes(b"rot")
    answer = hold_up(scene.client(unlocked=False), scene.cards.texts["valid"])
    assert verdict(answer) == "amber"
    assert (scene.settings.pack_dir / packs.REPAIR).exists()


def test_without_a_list_the_page_says_so(tmp_path):
    scene = build(tmp_path)
    shutil.rmtree(scene.settings.pack_dir)
    scene.settings.trust_file.unlink()
    client = scene.client(unlocked=False)
    assert "還沒有驗證名單" in client.get("/verify").text
    answer = hold_up(client, scene.cards.texts["valid"])
    assert "還沒有驗證名單" in answer.text and "data-verdict" not in answer.text


def test_update_without_a_line_says_what_to_do(standing):
    answer = standing.client(unlocked=False).post("/verify/update", headers=HX)
    assert "現在連不上。請看身分證" in answer.text


@pytest.mark.parametrize(("wish", "held"), [(1, 8), (12, 12), (300, 30)])
def test_a_verdict_closes_by_itself_after_eight_to_thirty_seconds(tmp_path, wish, held):
    scene = build(tmp_path, gate_hold_s=wish)
    assert f"load delay:{held}s" in hold_up(scene.client(unlocked=False), scene.cards.texts["valid"]).text


def test_photos_are_forgotten_after_a_minute():
    photos = verify.Photos(kept_s=0.05)
    number = photos.put(b"photo")
    time.sleep(0.1)
    assert photos.take(number) is None


def test_a_scanner_that_types_is_understood_in_full_width_in_small_letters_and_by_its_keys(standing):
    client = standing.client(unlocked=False)
    text = standing.cards.texts["valid"]
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)
    for said in (
        {"text": text + "\r\n"},
        {"text": wide},
        {"text": text.lower()},
        {"text": "ㄘㄔㄔㄣㄋ", "keys": text.lower()},
    ):
        assert verdict(client.post("/verify/typed", data=said, headers=HX)) == "green", said
    tampered = text[:-1] + str((int(text[-1]) + 1) % 10)
    assert verdict(client.post("/verify/typed", data={"text": tampered.lower()}, headers=HX)) == "red"
    assert "這不是榮譽卡的條碼" in client.post("/verify/typed", data={"text": "4710088412345"}, headers=HX).text


def test_a_cameras_text_is_taken_as_it_stands(standing):
    answer = standing.client(unlocked=False).post("/verify/text", data={"text": standing.cards.texts["valid"].lower()})
    assert verdict(answer) == "red"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("11500001", "只有號碼，不能證明卡片是真的"),
        ("１１５-00001", "只有號碼"),
        ("11600001", "116 年，還沒到"),
        ("10800001", "108 年發的，應該已經過期"),
        ("123", "這不像榮譽卡的號碼"),
    ],
)
def test_a_number_alone_is_never_green_and_says_what_to_look_at(standing, number, words):
    answer = standing.client(unlocked=False).post("/verify/number", data={"number": number}, headers=HX)
    assert verdict(answer) == "amber" and words in answer.text
    for look_at in ("卡面的相片，和本人要相符", "有效期限，今天要還沒過", "請看身分證"):
        assert look_at in answer.text


def test_the_days_counts_tell_the_rows_of_the_table_apart(scene):
    client = scene.client(unlocked=False)
    for card in ("valid", "expired", "expired", "revoked"):
        hold_up(client, scene.cards.texts[card])
    client.post("/verify/number", data={"number": "11500001"})
    with scene.store.read() as db:
        assert gate.reasons(db, NOW.date()) == [("expired", 2), ("revoked_or_replaced", 1), ("valid", 1)]
        assert gate.counts(db, NOW.date()) == {"green": 1, "red": 3, "number": 1}
    page = client.get("/verify").text
    assert "今天的結果" in page and "這張卡已經過期" in page and "只看號碼 1" in page


def test_where_the_place_is_known_the_verdict_says_what_the_card_gives_and_which_form_is_taken(scene):
    with scene.store.write() as db:
        listed = wire.Venue(
            code="V3", name="雲霧風景區", city="南投縣", kind="scenic_area", accepted_form="paper", note=""
        )
        half = wire.Venue(
            code="V4", name="港口海洋館", city="高雄市", kind="recreation", accepted_form="both", benefit_zh="門票半價",
            own_note="",
        )  # fmt: skip
        venues.replace_all(db, [listed, half])
    anyone, staff = scene.client(unlocked=False), scene.client()
    assert "/unlock" in anyone.post("/verify/place", data={"code": "V3"}).location
    assert "免費入場" not in hold_up(anyone, scene.cards.texts["valid"]).text
    assert "雲霧風景區" in staff.get("/verify/place").text
    assert staff.post("/verify/place", data={"code": "nowhere"}).status_code == 400
    assert staff.post("/verify/place", data={"code": "V3"}).status_code == 303
    green = hold_up(anyone, scene.cards.texts["valid"]).text
    assert "雲霧風景區" in green and "免費入場，限本人" in green and "只收紙本卡，不收手機畫面" in green
    assert "免費入場" not in hold_up(anyone, scene.cards.texts["revoked"]).text
    staff.post("/verify/place", data={"code": "V4"})
    green = hold_up(anyone, scene.cards.texts["valid"]).text
    assert "門票半價" in green and "免費入場" not in green
    staff.post("/verify/place", data={"code": ""})
    assert "免費入場" not in hold_up(anyone, scene.cards.texts["valid"]).text


def test_one_frame_is_read_at_a_time_and_the_next_is_let_go(standing):
    client = standing.client(unlocked=False)
    with verify._reading:
        assert hold_up(client, standing.cards.texts["valid"]).status_code == 204
    assert verdict(hold_up(client, standing.cards.texts["valid"])) == "green"


@pytest.fixture
def served(tmp_path):
    """The gate in a browser; a film of one card before its camera. Yields (scene, start), start(card) → page."""
    from playwright.sync_api import sync_playwright
    from waitress import create_server

    scene = build(tmp_path, csrf=True)
    server = create_server(scene.app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    troubles: list[str] = []
    with sync_playwright() as playwright:
        opened = []

        def start(picture: Image.Image, *, before: str = ""):
            film = tmp_path / "card.mjpeg"
            film.write_bytes(jpeg(picture) * 20)
            browser = playwright.chromium.launch(
                executable_path=SHELL,
                args=[
                    "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                    f"--use-file-for-fake-video-capture={film}",
                ],
            )  # fmt: skip
            opened.append(browser)
            page = browser.new_page(viewport={"width": 390, "height": 844})
            page.asked = []
            page.on("request", lambda asked: page.asked.append(f"{asked.method} {urlsplit(asked.url).path}"))
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
            if before:
                page.add_init_script(before)
            page.goto(f"http://localhost:{server.effective_port}/verify")
            return page

        yield scene, start
        for browser in opened:
            browser.close()
    server.close()
    assert troubles == []


def test_in_a_browser_the_page_reads_the_card_itself_turns_green_and_goes_back(served):
    scene, start = served
    page = start(frame(scene.cards.texts["valid"]))
    page.wait_for_selector('.gate[data-verdict="green"]', timeout=15_000)
    assert page.text_content(".gate-name") == "林秀琴"
    assert page.evaluate("document.querySelector('.gate .portrait').naturalWidth") == 120
    begun = time.monotonic()
    page.click(".gate-button[data-kind=yes]")
    page.wait_for_selector(".gate:not([data-verdict]) video")
    page.wait_for_selector('.gate[data-verdict="green"]', timeout=15_000)
    assert time.monotonic() - begun > 2.0  # the same card is not read again at once
    assert page.asked.count("POST /verify/text") == 2
    assert "POST /verify/frame" not in page.asked  # no picture left the page


def test_in_a_browser_without_webassembly_the_kiosk_reads_the_frames(served):
    scene, start = served
    page = start(frame(scene.cards.texts["valid"]), before="delete window.Worker;")
    page.wait_for_selector('.gate[data-verdict="green"]', timeout=15_000)
    assert "POST /verify/frame" in page.asked and "POST /verify/text" not in page.asked


def test_in_a_browser_a_scanner_may_type_anywhere_and_people_may_type_too(served):
    scene, start = served
    page = start(Image.new("RGB", (640, 480), "#444"))
    texts = scene.cards.texts
    page.wait_for_selector("[data-scan][data-state=live]")
    page.evaluate(TYPED, texts["valid"])  # Enter does not come behind it
    page.wait_for_selector('.gate[data-verdict="green"]')
    page.evaluate(PRESSED, texts["revoked"])  # over a verdict, and with Enter
    page.keyboard.press("Enter")
    page.wait_for_selector('.gate[data-verdict="red"]')
    page.click(".gate-button[data-kind=yes]")
    page.click(".gate-other summary")
    page.focus("#card-number")
    page.keyboard.type("115", delay=150)
    page.wait_for_timeout(150)
    page.evaluate(TYPED, texts["newer"])
    page.wait_for_selector('.gate[data-verdict="amber"][data-mark]')
    page.click(".gate-button >> nth=0")
    page.click(".gate-other summary")
    assert page.input_value("#card-number") == ""  # what the scanner typed is gone with the page it was typed on
    page.type("#card-number", "11500001", delay=120)
    assert page.input_value("#card-number") == "11500001"
    page.keyboard.press("Enter")
    page.wait_for_selector("text=只有號碼")
    before = len(page.asked)
    for key in "HTTPS":  # an input method is on: the page hears what was pressed
        page.evaluate(
            "key => document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Process', code: 'Key' + key, shiftKey: true}))",
            key,
        )
    page.wait_for_timeout(400)
    assert len(page.asked) == before  # too short to be a scanner's
    page.evaluate(PRESSED, texts["valid"])
    page.wait_for_selector('.gate[data-verdict="green"]')


# as fast as a scanner types, however busy the machine is; into the field that has the focus, if any
TYPED = """text => {
  for (const key of text) {
    const place = document.activeElement ?? document.body;
    const pressed = new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true});
    if (place.dispatchEvent(pressed) && place.matches("input")) document.execCommand("insertText", false, key);
  }
}"""
# every key as under an input method: no character, only which key it was
PRESSED = """text => {
  const others = {":": ["Semicolon", true], "/": ["Slash", false], ".": ["Period", false], "#": ["Digit3", true]};
  for (const sign of text) {
    const [code, shiftKey] = others[sign] ?? (/[0-9]/.test(sign) ? ["Digit" + sign, false] : ["Key" + sign, true]);
    document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "Process", code, shiftKey, bubbles: true}));
  }
}"""


def test_in_a_browser_the_sound_stays_off_once_it_was_switched_off(served):
    _, start = served
    page = start(Image.new("RGB", (640, 480), "#444"))
    page.click("[data-mute]")
    assert page.text_content("[data-mute]").strip() == "聲音：關"
    page.reload()
    page.wait_for_selector("[data-mute][aria-pressed=true]")


def test_two_cards_in_one_picture_are_said_to_be_two_and_one_with_another_code_beside_it_not(standing):
    client, cards = standing.client(unlocked=False), standing.cards.texts
    several = "不只一張卡"
    together = client.post("/verify/text", data={"text": [cards["valid"], cards["revoked"]]}, headers=HX)
    assert verdict(together) == "green" and several in together.text
    beside = client.post(
        "/verify/text", data={"text": [cards["valid"], cards["valid"], "https://example.org/"]}, headers=HX
    )
    assert verdict(beside) == "green" and several not in beside.text


def test_whoever_said_that_the_face_differs_is_told_what_follows(standing):
    client = standing.client(unlocked=False)
    assert "請那位用一般票價入場" in client.post("/verify/answer", data={"said": "mismatch"}, headers=HX).text
    assert "請那位用一般票價入場" not in client.post("/verify/answer", data={"said": "match"}, headers=HX).text
