"""English pages of the kiosk are English throughout: nothing but names of people and places stays Chinese."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from honorcard import corrections
from honorcard.records import CATEGORIES
from kiosk import create_app, pins
from kiosk.settings import Settings
from tests.english import chinese_left
from tests.kiosk.applying import BOOK, Applicant, cover, nothing
from tests.kiosk.scene import NOW, Scene, build
from tests.kiosk.test_tray import returned

DATA = ("花博爭艷館 1 號機", "北門文化導覽志工隊", "林秀琴", "林○琴", "陳文雄", "王○一", "北市志")
# every page says where the way to Chinese is, in Chinese
SWITCH = re.compile(r'<a class="tool" href="[^"]*language=zh[^"]*" lang="zh-Hant-TW"[^>]*>中文</a>')


def speaking(client):
    """The client after English was chosen once; the cookie does the rest."""
    assert client.get("/?language=en").status_code == 200
    return client


def english(answer, *more: str) -> str:
    """The page, when it is English."""
    assert answer.status_code < 300 or 400 <= answer.status_code < 500, answer.location
    text = answer.text
    if text.lstrip().startswith("<!doctype"):
        assert '<html lang="en"' in text
    assert chinese_left(text, (*DATA, *more)) == []
    return text


class EnglishApplicant(Applicant):
    def __init__(self, scene: Scene, kind: str = "first") -> None:
        super().__init__(scene, kind)
        speaking(self.client)


@pytest.fixture
def first(shared: Scene) -> EnglishApplicant:
    return EnglishApplicant(shared)


PAGES = (
    "/",
    "/unlock",
    "/unlock/recovery",
    "/tray",
    "/print",
    "/print/slip",
    "/staff/printer",
    "/staff/care",
    "/roster",
    "/verify",
    "/apply/new",
    "/nothing",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("unlocked", [True, False])
def test_every_page_of_the_house_is_english(shared: Scene, path: str, unlocked: bool):
    client = speaking(shared.client(unlocked=unlocked))
    page = english(client.get(path, follow_redirects=True))
    if path != "/verify":
        assert SWITCH.search(page)


def test_a_wrong_pin_a_lock_and_a_new_pin_are_said_in_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    scene = build(tmp_path)
    seconds = [0.0]
    for asked in (pins.check, pins.status):
        monkeypatch.setitem(asked.__kwdefaults__, "clock", lambda: ("boot", seconds[0]))
    client = speaking(scene.client(unlocked=False))
    for _ in range(10):
        english(client.post("/unlock", data={"pin": "000000"}))
        seconds[0] += 3601
    assert "Too many tries" in english(client.get("/unlock"))
    new = {"pin": "135790", "again": "135790"}
    english(client.post("/unlock/recovery", data={"code": "XXXX-XXXX-XXXX", **new}))
    english(client.post("/unlock/recovery", data={"code": scene.recovery, **new}))
    fresh = create_app(Settings(data_dir=tmp_path / "fresh"), now_is=lambda: NOW).test_client()
    fresh.environ_base["HTTP_HOST"] = "localhost"
    assert "PIN" in english(speaking(fresh).get("/unlock"))


@pytest.mark.parametrize(
    "step", ["kind", "identity", "person", "book", "headshot", "book_photos", "verdict", "consent", "check"]
)
def test_every_question_is_english_empty_and_wrongly_answered(first: EnglishApplicant, step: str):
    english(first.get(step, follow_redirects=True))
    if step not in ("headshot", "book_photos", "verdict", "consent", "check"):
        english(
            first.say(step, number="A1", birth="31.2.99", name=" ", first_day="x", last_day="2099-01-01", hours="0.3")
        )


def test_passports_twins_and_deleting_are_english(first: EnglishApplicant):
    english(first.client.get(first.url("identity") + "?document=passport"))
    english(first.say("identity", document="passport", number="C1"))
    first.identify()
    english(first.get("throw_away"))
    other = EnglishApplicant(first.scene)
    page = english(other.say("identity", document="id", number="A223456781"))
    assert "unfinished" in page
    english(other.client.get("/apply/new"))


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("number", "A22345678", "Characters still to type: 1"),
        ("number", "A223456781", "The number is correct (National ID card)"),
        ("birth", "47.8.16", "Saturday, 16 August 1958 (ROC 47)"),
        ("first_day", "116.01.01", "1 January 2027 is still to come"),
        ("hours", "300.5", "300.5 hours"),
        ("hours", "x", "These hours cannot be read"),
    ],
)
def test_a_live_check_speaks_english(first: EnglishApplicant, field: str, typed: str, said: str):
    assert said in english(first.post(f"live/{field}", data={field: typed, "document": "id"}))


def test_rows_are_english_and_their_troubles_too(first: EnglishApplicant):
    english(first.post("book", data=BOOK | {"act": "rows"}, follow_redirects=True))
    rows = {
        "mode": "rows",
        "start-0": "116.01.01",
        "hours-0": "",
        "start-1": "115.01.01",
        "end-1": "114.01.01",
        "hours-1": "2:30",
    }
    page = english(first.say("book", **{**BOOK, **rows}))
    assert "Row 1: first day: 1 January 2027 is still to come" in page


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("change", [{}, {"hours": "299.5"}, {"last_day": "115.09.30"}, {"last_day": "115.01.31"}])
def test_every_verdict_is_english(first: EnglishApplicant, category: str, change: dict[str, str]):
    first.say("book", **{**BOOK, **change, "category": category})
    english(first.get("verdict"))


def test_a_renewal_is_english(shared: Scene):
    renewal = EnglishApplicant(shared, "renewal")
    for path in ("previous", "previous/scan", "take/previous_card"):
        english(renewal.get(path))
    english(renewal.say("previous", qr="hello"))
    english(renewal.say("previous", valid_until="115.12.31"))
    renewal.photograph("previous_card", cover())
    english(renewal.client.get(renewal.at))
    assert renewal.say("previous", valid_until="115.12.31").status_code == 303
    renewal.say("book", **BOOK)
    assert "1 December" in re.sub(r"<[^>]+>", "", english(renewal.get("verdict")))


def test_the_way_to_the_slip_is_english(tmp_path: Path):
    scene = build(tmp_path)
    one = EnglishApplicant(scene)
    one.identify()
    english(one.get("take/headshot"))
    one.show_face()
    english(one.get("take/cover"))
    one.show_book()
    english(one.get("take/page"))
    english(one.get("book_photos"))
    one.say("book", **BOOK)
    for photo in one.photos():
        english(one.client.get(one.url(f"photos/{photo.photo_id}")))
        english(one.client.get(one.url(f"photos/{photo.photo_id}") + "?adjust=1"))
    one.photograph("page", nothing())
    english(one.client.get(one.at))
    one.client.post(one.url(f"photos/{one.photos()[-1].photo_id}/remove"))
    one.post("verdict")
    one.post("consent")
    assert "16 August 1958" in english(one.get("check"))
    english(one.photograph("page", b"%PDF-1.4"))
    sent = one.post("submit")
    assert sent.status_code == 303 and sent.location.startswith("/slip/")
    english(one.client.get(sent.location))
    english(one.client.get("/tray"))


def test_every_line_of_the_tray_is_english(tmp_path: Path):
    scene = build(tmp_path)
    scene.submit("王○一", photos=8)
    scene.accept(scene.submit("王○一", photos=8), photos_stored=5)
    for state in ("incomplete", "first_review", "second_review", "approved", "issued", "refused", "withdrawn"):
        scene.accept(scene.submit("王○一", photos=2), state)
    for name in corrections.RETURNS:
        back = scene.submit("王○一", photos=1)
        scene.accept(back, "returned")
        scene.give_back(
            back, returned(back, reasons=(name.code,), slots=("cover", "page-2", "headshot", "previous_card"))
        )
    scene.issue(scene.submit("王○一", photos=2))
    assert "Retake: Cover, Page 2, Headshot, Old card" in english(speaking(scene.client()).get("/tray"))


def test_printing_is_english(tmp_path: Path):
    scene = build(tmp_path)
    application = scene.submit("林○琴", photos=1)
    scene.issue(application)
    client = speaking(scene.client())
    english(client.get(f"/print/{application}"))
    client.post(f"/print/{application}/printed")
    english(client.get(f"/print/{application}"))
    english(client.post(f"/print/{application}/printed"))
    english(client.get("/print"))
    english(client.post("/print/slip/text", data={"text": "hello"}))


@pytest.mark.parametrize("card", ["valid", "suspended", "revoked", "expired", "newer", "forged"])
def test_every_answer_at_the_gate_is_english(shared: Scene, card: str):
    client = speaking(shared.client(unlocked=False))
    english(client.post("/verify/text", data={"text": shared.cards.texts[card]}, follow_redirects=True))


def test_english_is_chosen_once_and_stays_until_chinese_is_chosen(shared: Scene):
    client = speaking(shared.client(unlocked=False))
    assert '<html lang="en"' in client.get("/").text
    assert '<html lang="zh-Hant-TW"' in client.get("/?language=zh").text
    assert '<html lang="zh-Hant-TW"' in client.get("/").text


def test_the_finder_of_chinese_finds_it():
    assert chinese_left("<p>姓名 Name</p>") == ["姓名 Name"]
    assert chinese_left('<p lang="zh-Hant-TW">姓名</p><p>Name</p>') == []
    assert chinese_left('<img alt="相片"><p>a，b</p>') == ["相片", "a，b"]
    assert chinese_left("<h1>林秀琴 Smith</h1>", ["林秀琴"]) == []
