"""How far it is, asked with a slip or a card: the state in plain words, what happens next, and no name."""

from __future__ import annotations

import re

import pytest

from honorcard.card.slip import new_slip_secret, slip_text
from tests.kiosk.scene import NOW, build, frame, jpeg


@pytest.fixture
def scene(tmp_path):
    return build(tmp_path)


def slip_of(scene, application: str, secret: bytes | None = None) -> str:
    with scene.store.read() as db:
        row = db.conn.execute("SELECT receipt FROM application WHERE application_id = ?", (application,)).fetchone()
    return slip_text(row[0], secret or new_slip_secret())


def plain(text: str) -> str:
    return re.sub(r"<[^>]+>", "", text)


def asked(scene, text: str, language: str = "zh") -> str:
    answer = scene.client(unlocked=False).post(f"/progress/text?language={language}", data={"text": text})
    assert answer.status_code == 200
    return answer.text


STATES = {
    "first_review": ("審查中：初審", "約 7 天", 1),
    "second_review": ("初審過了，等複審", "複審過了就製卡", 2),
    "returned": ("要補資料", "帶紀錄冊和收據", 1),
    "approved": ("核准了，正在製卡", "很快就好", 3),
    "issued": ("核准了，卡片還在路上", "連上網路就會收到", 3),
    "refused": ("這次沒有通過", "可以再申請", None),
    "withdrawn": ("這一件撤回了", "請重新送件", None),
    "a_state_of_a_newer_center": ("志推中心收到了", "約 7 天", 1),
}


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_said_with_what_happens_next_and_where_on_the_way_it_is(scene, state):
    application = scene.submit("林○琴")
    scene.accept(application, state)
    title, following, done = STATES[state]
    text = asked(scene, slip_of(scene, application))
    assert title in plain(text) and following in plain(text)
    assert text.count('data-state="done"') == (done or 0)
    assert ('class="way"' in text) == (done is not None)
    assert "林" not in plain(text)
    assert "列印卡片" not in plain(text)


def test_one_that_waits_for_the_line_says_that_nothing_is_to_be_done(scene):
    application = scene.submit("林○琴", photos=2)
    text = plain(asked(scene, slip_of(scene, application)))
    assert "收件了，等著送到志推中心" in text and "不用再送一次" in text


def test_an_issued_card_leads_to_its_printing_with_the_slip_that_was_held_up(scene):
    application, secret = scene.submit("林○琴"), new_slip_secret()
    scene.issue(application, secret=secret)
    slip = slip_of(scene, application, secret)
    text = asked(scene, slip)
    assert "核准了，可以印卡" in plain(text) and "印卡 現在在這裡" in plain(text)
    assert 'action="/print/slip/text"><input type="hidden" name="csrf_token" value="' in text
    assert f'name="text" value="{slip}"' in text
    client = scene.client(unlocked=False)
    assert 'name="born"' in client.post("/print/slip/text", data={"text": slip}).text


@pytest.mark.parametrize(
    ("status", "words"), [("suspended", "暫停使用"), ("revoked", "不能用了"), ("replaced", "不能用了")]
)
def test_a_card_that_ended_is_not_offered_for_printing(scene, status, words):
    application = scene.submit("林○琴")
    scene.issue(application, secret=new_slip_secret())
    with scene.store.write() as db:
        db.conn.execute("UPDATE card SET status = ?", (status,))
    text = plain(asked(scene, slip_of(scene, application)))
    assert words in text
    assert "列印卡片" not in text


def test_a_slip_from_another_machine_may_be_tried_all_the_same(scene):
    text = plain(asked(scene, slip_text("HC-7K3M-22QF", new_slip_secret())))
    assert "這台機器沒有這一件的進度" in text
    assert "列印卡片" in text and "看時數和下一張卡" in text


def test_the_camera_reads_the_slip_and_the_card(scene):
    application = scene.submit("林○琴")
    client = scene.client(unlocked=False)
    for text, words in (
        (slip_of(scene, application), "等著送到志推中心"),
        (scene.cards.texts["valid"], "這張卡可以用到"),
    ):
        answer = client.post("/progress/frame", data=jpeg(frame(text, module_px=7)), content_type="image/jpeg")
        assert answer.status_code == 200
        assert words in plain(answer.text)
    assert client.post("/progress/frame", data=b"no picture").status_code == 204


def test_two_slips_at_once_are_told_apart_by_nobody_so_one_is_asked_for_once(scene, monkeypatch):
    first, second = (slip_of(scene, scene.submit(name)) for name in ("林○琴", "陳○雄"))
    for room in ("progress", "by_slip"):
        monkeypatch.setattr(f"kiosk.{room}.texts_in_frame", lambda _: [first, second, first])
    client = scene.client(unlocked=False)
    for path in ("/progress/frame", "/print/slip/frame", "/record/frame"):
        answer = client.post(path, data=b"frame")
        assert answer.status_code == 200, path
        assert "請一次只拿一張" in answer.text
        assert 'data-mark="one_at_a_time"' in answer.text
        assert client.post(path, data=b"frame", headers={"X-Seen": "one_at_a_time"}).status_code == 204


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("valid", ("118.11.20", "換下一張：118.11.01 起可以申請", "弄丟或壞了要再印")),
        ("expired", ("115.11.20 到期了", "就可以申請下一張")),
        ("suspended", ("暫停使用",)),
        ("revoked", ("已經註銷，或換過新卡",)),
        ("forged", ("讀不出這張卡",)),
        ("newer", ("可以用到", "再確認")),
    ],
)
def test_a_card_tells_its_last_day_and_when_the_next_one_can_be_had_and_no_name(scene, name, words):
    text = plain(asked(scene, scene.cards.texts[name]))
    for part in words:
        assert part in text, part
    assert "林秀琴" not in text and "陳文雄" not in text


def test_what_is_neither_is_refused_in_words(scene):
    answer = scene.client(unlocked=False).post("/progress/text", data={"text": "https://example.com/"})
    assert answer.status_code == 422
    assert "這不是收據，也不是榮譽卡" in answer.text


def test_it_speaks_english_and_explains_the_terms_one_tap_away(scene):
    application = scene.submit("林○琴")
    scene.accept(application, "first_review")
    main = re.search(r"<main.*</main>", asked(scene, slip_of(scene, application), "en"), re.S)
    assert main
    text = plain(main[0])
    assert not re.search(r"[\u4e00-\u9fff]", text)
    assert "What do these words mean?" in text and "The volunteer center looks" in text


def test_nothing_that_was_held_up_is_kept(scene):
    application = scene.submit("林○琴")

    def everything() -> list[list[tuple]]:
        with scene.store.read() as db:
            return [db.conn.execute(f"SELECT * FROM [{name}]").fetchall() for name in db.table_names()]

    before = everything()
    asked(scene, slip_of(scene, application))
    asked(scene, scene.cards.texts["valid"])
    assert everything() == before


def test_a_clock_at_1970_says_no_wrong_day(tmp_path):
    scene = build(tmp_path)
    scene.app.config["NOW"] = lambda: NOW.replace(year=1970)
    text = plain(asked(scene, scene.cards.texts["valid"]))
    assert "這張卡可以用到 118.11.20" in text
    assert "換下一張：118.11.01 起可以申請" in text
