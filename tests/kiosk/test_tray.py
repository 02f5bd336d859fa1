"""The tray: each application in one group, in words, with nothing readable about a person."""

from __future__ import annotations

import re

import msgspec
import pytest

from sync import wire
from tests.kiosk.scene import BORN, NOW, build


@pytest.fixture
def scene(tmp_path):
    return build(tmp_path)


def rows(text):
    """{masked name: (state, words)} of a tray page."""
    found = re.findall(r'<article class="tray-row" data-state="(\w+)">(.*?)</article>', text, re.DOTALL)
    return {re.search(r'tray-name">(\S+)', body)[1]: (state, re.sub(r"<[^>]+>", " ", body)) for state, body in found}


def returned(application_id, **more):
    body = wire.ApplicationBody(
        application_id=application_id, receipt="HC-0000-0000", kind="first", identity_kind="national",
        identity_number="A123456789", nationality="", name="林秀琴", birth_date=BORN, email="",
        books=(wire.Book(prefix="", number="1"),), rows=(), first_day=None, last_day=None, half_hours=None,
        category="ordinary", previous=None,
        photos=(), submitted_on=NOW.date(), language="zh", notice="", slip_secret="00" * 16, verdict={},
    )  # fmt: skip
    values = {"reasons": ("page_glare",), "text": "", "slots": (), **more}
    return wire.Returned(application=body, **values)


def test_an_empty_tray_says_what_will_be_here(scene):
    assert "送件匣是空的" in scene.client().get("/tray").text


def test_an_application_is_named_as_the_button_that_began_it(scene):
    words = {"first": "第一次申請", "renewal": "換發", "reissue": "補發", "correction": "更正"}
    for kind in words:
        scene.submit(f"王○{kind}", kind=kind)
    shown = rows(scene.client().get("/tray").text)
    for kind, said in words.items():
        assert f"· {said} " in re.sub(r"\s+", " ", shown[f"王○{kind}"][1]), kind


def test_each_state_has_its_words(scene):
    scene.submit("王○一", photos=8)
    sending = scene.submit("王○二", photos=8)
    scene.accept(sending, photos_stored=5)
    for name, state in (("三", "incomplete"), ("四", "first_review"), ("五", "second_review"), ("六", "refused")):
        scene.accept(scene.submit(f"王○{name}", photos=2), state)
    scene.issue(scene.submit("王○七", photos=2))
    shown = rows(scene.client().get("/tray").text)
    expected = {
        "王○一": ("waiting", "已存在本機 ✓ 等待送出。1 小時前收件，8 張相片"),
        "王○二": ("sending", "上傳中 5/8"),
        "王○三": ("sent", "志推中心已收到"),
        "王○四": ("sent", "審核中：初審"),
        "王○五": ("sent", "審核中：初審通過，等複審"),
        "王○六": ("sent", "沒有通過"),
        "王○七": ("ready", "已核發，可以列印"),
    }
    assert set(shown) == set(expected)
    for name, (state, words) in expected.items():
        assert shown[name][0] == state, name
        assert words in shown[name][1], name


def test_arrived_is_not_said_before_every_photograph_is_stored(scene):
    application = scene.submit("王○一", photos=3)
    scene.accept(application, "first_review", photos_stored=2)
    assert rows(scene.client().get("/tray").text)["王○一"][0] == "sending"


def test_a_returned_case_shows_the_reviewers_words_and_a_button(scene):
    application = scene.submit("林○琴", photos=1)
    scene.accept(application)
    scene.give_back(application, returned(application, slots=("page-2",), text="右下角看不到時數"))
    text = scene.client().get("/tray").text
    state, words = rows(text)["林○琴"]
    assert state == "returned"
    for said in ("請重拍：內頁第 2 頁", "相片反光。請關掉上方的燈，重拍。", "審查人員說：右下角看不到時數"):
        assert said in words
    assert f'action="/apply/correct/{application}"' in text
    assert "林秀琴" not in text and "A123456789" not in text


def test_the_reviewers_words_are_text_not_markup(scene):
    application = scene.submit("林○琴")
    scene.accept(application)
    scene.give_back(application, returned(application, text="<script>alert(1)</script>"))
    assert "<script>alert" not in scene.client().get("/tray").text


def test_what_was_sealed_to_another_tablet_is_said_not_hidden(scene):
    application = scene.submit("林○琴")
    scene.accept(application)
    with scene.store.write() as db:
        db.conn.execute("UPDATE application SET state = 'returned', returned = ?", (b"not for us" * 10,))
    assert "在這台機器打不開" in scene.client().get("/tray").text


def test_what_the_center_refused_needs_a_person(scene):
    application = scene.submit("王○一")
    result = wire.OpResult(seq=1, op_id="x", status="rejected", code="went_wrong")
    with scene.store.write() as db:
        db.conn.execute("UPDATE op_log SET state = 'rejected', result = ?", (msgspec.json.encode(result).decode(),))
    state, words = rows(scene.client().get("/tray").text)["王○一"]
    assert state == "stop"
    assert "要您看一下" in words and "機器出了一點狀況" in words
    assert application


def test_the_page_refreshes_itself_with_a_fragment(scene):
    client = scene.client()
    assert 'hx-get="/tray"' in client.get("/tray").text
    fragment = client.get("/tray", headers={"HX-Request": "true", "X-Poll": "1"})
    assert fragment.text.lstrip().startswith('<main id="main"')
    assert "<html" not in fragment.text


def test_it_leads_to_the_queue(scene):
    assert 'href="/queue"' in scene.client().get("/tray").text


def test_a_revoked_card_is_not_offered_for_print(scene):
    application = scene.submit("王○七")
    scene.issue(application, "11503127")
    with scene.store.write() as db:
        db.conn.execute("UPDATE card SET status = 'revoked'")
    state, words = rows(scene.client().get("/tray").text)["王○七"]
    assert (state, "卡片已失效" in words) == ("sent", True)
    assert "還沒有可以列印的卡片" in scene.client().get("/print").text
