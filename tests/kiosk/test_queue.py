"""The queue: what waits and how far it is, in words; each application's story; one button."""

from __future__ import annotations

import re

import pytest

from kiosk.attempts import Attempts
from kiosk.news import News
from kiosk.store import story, syncing
from sync import outbox, wire
from tests.kiosk.scene import NOW, build

NOW_MS = int(NOW.timestamp() * 1000)
HOUR_MS = 3_600_000
FRAGMENT = {"HX-Request": "true"}


class Worker:
    """A sync thread's button, without its thread."""

    def __init__(self) -> None:
        self.attempts = Attempts(lambda: self.now)
        self.now = 100.0

    def try_now(self) -> float:
        return self.attempts.wish()

    def ends(self, line: str = "good", sent: int = 0, photos: int = 0, left: int = 0) -> None:
        self.attempts.ended(self.attempts.last, line, sent=sent, photos=photos, left=left)


@pytest.fixture
def scene(tmp_path):
    found = build(tmp_path)
    found.app.extensions["worker"] = Worker()
    return found


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.partition("<main")[2].partition("</main>")[0]))


def settle(scene, application_id: str, state: str, result: wire.OpResult) -> None:
    with scene.store.write() as db:
        db.conn.execute(
            "UPDATE op_log SET state = ?, result = ? WHERE entity_id = ?",
            (state, wire.encode(result).decode(), application_id),
        )


def refused(code: str, **details: int) -> wire.OpResult:
    return wire.OpResult(seq=1, op_id="x", status="rejected", code=code, details=details or None)


def test_strangers_do_not_see_it(scene) -> None:
    for path in ("/queue", "/queue/tried", "/queue/x"):
        assert "/unlock" in scene.client(unlocked=False).get(path).headers["Location"]
    assert scene.client().get("/queue/x").status_code == 404


def test_an_empty_queue_says_so(scene) -> None:
    assert "沒有等待送出的申請。" in scene.client().get("/queue").text


def test_the_page_bears_the_sign_of_the_station_like_any_other(scene) -> None:
    assert 'class="mark-sign"' in scene.client().get("/queue").text


def test_each_item_says_how_far_it_is_and_received_only_with_every_photograph(scene) -> None:
    scene.submit("王○一", photos=3)
    scene.accept(scene.submit("王○二", photos=3), photos_stored=2)
    whole = scene.submit("王○三", photos=3)
    scene.accept(whole)
    said = words(scene.client().get("/queue").text)
    assert "已存在本機 ✓ 等待送出" in said
    assert "上傳中 2/3" in said
    assert said.count("志推中心已收到 ✓ HC-") == 1


@pytest.mark.parametrize(
    ("state", "result", "sentence"),
    [("rejected", refused("op_kind_unknown", schema_v=9, known=2), "中心還不認得這種資料（第 9 版，中心到第 2 版）"),
     ("rejected", refused("no_such_code"), "請打電話給志推中心，說收據號碼"),
     ("quarantined", refused("op_damaged"), "送不出去")],
)  # fmt: skip
def test_what_needs_a_person_has_a_sentence_and_no_code(scene, state, result, sentence) -> None:
    lost = scene.submit("王○一", photos=1)
    settle(scene, lost, state, result)
    for path in ("/queue", f"/queue/{lost}"):
        said = words(scene.client().get(path).text)
        assert "要您看一下" in said
        assert result.code not in said and "{" not in said
    if state == "rejected":
        assert sentence in said


def test_a_photograph_that_broke_on_this_disk_needs_a_person(scene) -> None:
    lost = scene.submit("王○一", photos=3)
    scene.accept(lost, photos_stored=2)
    with scene.store.write() as db:
        db.conn.execute("UPDATE blob SET state = 'quarantined' WHERE state = 'local'")
    said = words(scene.client().get(f"/queue/{lost}").text)
    assert "有 1 張相片在這台機器的磁碟上壞了" in said and "上傳中" not in said


def test_a_story_tells_what_happened_in_its_order(scene) -> None:
    case = scene.submit("王○一", photos=2, hours_ago=5)
    news = News(scene.settings, scene.app, lambda: None)
    with scene.store.write() as db:
        (seq, op_id) = db.conn.execute("SELECT seq, op_id FROM op_log").fetchone()
        applied = wire.OpResult(seq=seq, op_id=op_id, status="applied", rev=1)
        op = wire.Op(seq=seq, op_id=op_id, kind="application.submit", entity_id=case, base_rev=None, schema_v=1, sha256="",
                     needs_blobs=(), body=b"")  # fmt: skip
        news.answered(db, op, applied, outbox.record(db, applied, 0))
    scene.accept(case)
    with scene.store.write() as db:
        assert story.note_whole(db, NOW_MS) == 1
        assert story.note_whole(db, NOW_MS) == 0
        for lsn, state in enumerate(("first_review", "first_review", "returned"), 1):
            body = wire.encode(wire.ApplicationState(state=state, photos_stored=2, photos=2))
            news.received(db, wire.FeedItem(lsn=lsn, kind="application.state", entity_id=case, rev=lsn, body=body))
    told = words(scene.client().get(f"/queue/{case}").text)
    order = [
        "收件，已存在本機 ✓",
        "志推中心收下資料",
        "相片全部送達。志推中心已收到 ✓ HC-",
        "初審",
        "退回，請修正後再送",
    ]
    places = [told.rindex(part) for part in order]
    assert places == sorted(places)
    assert told.partition("收件")[2].count("初審") == 1


def test_what_is_still_to_come_stands_at_the_end(scene) -> None:
    case = scene.submit("王○一", photos=3)
    assert "網路一通，就自動送到志推中心" in words(scene.client().get(f"/queue/{case}").text)
    scene.accept(case, photos_stored=1)
    assert "相片送了 1/3，接著送" in words(scene.client().get(f"/queue/{case}").text)


@pytest.mark.parametrize(
    ("ended", "said"),
    [({}, "連線正常，沒有等待送出的。"), ({"sent": 3, "photos": 9}, "已送出 3 件、9 張相片，全部送達。"),
     ({"sent": 1, "photos": 2, "left": 4}, "還有 4 件"), ({"line": "no_line"}, "連不上：沒有網路，照常收件"),
     ({"line": "busy"}, "志推中心忙碌中"), ({"line": "refused"}, "連不上：裝置未授權，資料安全存在本機")],
)  # fmt: skip
def test_the_button_says_what_came_of_it(scene, ended, said) -> None:
    client, worker = scene.client(), scene.app.extensions["worker"]
    assert "正在連線…" in client.post("/queue/try", headers=FRAGMENT).text
    assert "正在連線…" in client.get("/queue/tried", headers=FRAGMENT).text
    worker.ends(**ended)
    answer = client.get("/queue/tried", headers=FRAGMENT)
    assert said in answer.text
    mark = re.search(r'name="mark" value="(\w+)"', answer.text)[1]
    assert client.get(f"/queue/tried?mark={mark}", headers=FRAGMENT).status_code == 204


def test_two_presses_are_ten_seconds_apart(scene) -> None:
    client, worker = scene.client(), scene.app.extensions["worker"]
    client.post("/queue/try", headers=FRAGMENT)
    worker.now += 3
    assert "剛剛才試過，8 秒後可以再按。" in client.post("/queue/try", headers=FRAGMENT).text
    assert worker.attempts.last.number == 1
    worker.now += 7
    assert "正在連線…" in client.post("/queue/try", headers=FRAGMENT).text
    assert client.post("/queue/try").status_code == 303


def test_the_list_is_sent_again_only_when_it_changed(scene) -> None:
    client = scene.client()
    first = client.get("/queue", headers=FRAGMENT)
    mark = re.search(r'name="mark" value="(\w+)"', first.text)[1]
    assert client.get(f"/queue?mark={mark}", headers=FRAGMENT).status_code == 204
    scene.submit("王○一")
    assert client.get(f"/queue?mark={mark}", headers=FRAGMENT).status_code == 200


def test_every_page_warns_when_something_waits_for_more_than_three_days(scene) -> None:
    scene.submit("王○一", hours_ago=71)
    assert "state-banner" not in scene.client().get("/").text
    scene.submit("王○二", hours_ago=73)
    assert "最早一件等了超過 3 天還沒送出" in scene.client().get("/").text


def test_every_page_says_that_a_restored_center_is_being_compared(scene) -> None:
    case = scene.submit("王○一")
    settle(scene, case, "accepted", wire.OpResult(seq=1, op_id="x", status="applied"))
    with scene.store.write() as db:
        News(scene.settings, scene.app, lambda: None).restored(db, outbox.reoffer(db, 0))
    assert "伺服器已還原備份，正在重新核對 1 件" in scene.client().get("/").text
    assert "伺服器還原備份，再送一次核對" in scene.client().get(f"/queue/{case}").text
    settle(scene, case, "accepted", wire.OpResult(seq=1, op_id="x", status="duplicate"))
    assert "state-banner" not in scene.client().get("/").text


@pytest.mark.parametrize("line", ["busy", "outdated", "refused", "no_line"])
def test_the_header_says_how_the_line_is_and_applications_are_taken_all_the_same(scene, line) -> None:
    with scene.store.write() as db:
        syncing.note_line(db, line, NOW_MS, 5)
    page = scene.client().get("/")
    assert {"busy": "志推中心忙碌中", "outdated": "程式要更新", "refused": "裝置未授權", "no_line": "沒有網路"}[
        line
    ] in page.text
    assert "/apply/new" in page.text


def test_a_tablet_too_old_for_the_center_asks_for_its_update(scene) -> None:
    with scene.store.write() as db:
        syncing.put(db, "min_app", "999.0")
    assert "這台機器的程式太舊" in scene.client().get("/").text


@pytest.mark.parametrize(
    ("day", "said", "begins"),
    [("2026-12-01", "115.12.01 起不能收新的申請，還有 10 天", True),
     ("2026-11-21", "115.11.21 起不能收新的申請。已收的照常送出", False),
     ("", "這台機器的程式太舊，請管理員更新。照常收件", True), ("soon", "這台機器的程式太舊，請管理員更新。照常收件", True)],
)  # fmt: skip
def test_a_program_too_old_says_the_day_before_it_bites_and_then_still_sends_and_saves(
    scene, day, said, begins
) -> None:
    waiting = scene.submit("王○一")
    with scene.store.write() as db:
        syncing.put(db, "min_app", "999.0")
        syncing.put(db, "min_app_from", day)
    client = scene.client()
    assert said in client.get("/").text
    assert client.post("/apply/new", data={"kind": "first"}).status_code == (303 if begins else 409)
    with scene.store.read() as db:
        assert [op.entity_id for op in outbox.take(db, 0)[0]] == [waiting]
    assert client.get("/staff/care/rescue.hcrescue").status_code == 200


def test_a_program_that_is_new_enough_hears_nothing_of_the_day(scene) -> None:
    with scene.store.write() as db:
        syncing.put(db, "min_app", "0")
        syncing.put(db, "min_app_from", "2020-01-01")
    assert "state-banner" not in scene.client().get("/").text


@pytest.mark.parametrize(
    ("warn", "stop", "said"), [(10**18, 1, "磁碟快滿了，剩"), (10**18, 10**18, "磁碟滿了，剩"), (1, 1, "")]
)
def test_every_page_says_that_the_disk_fills_up(tmp_path, warn, stop, said) -> None:
    found = build(tmp_path, free_bytes_warn=warn, free_bytes_stop=stop)
    for path in ("/", "/queue", "/tray"):
        text = found.client().get(path).text
        assert (said in text) if said else ("磁碟" not in text)
