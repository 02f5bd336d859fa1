"""The page for whoever looks after the machine, and what it hands out."""

from __future__ import annotations

import io
import re

import pytest

from honorcard.problems import sentence
from kiosk.store import alarms
from sync.rescue import Reader
from tests.kiosk.scene import NOW, Scene, build


@pytest.fixture
def scene(tmp_path) -> Scene:
    return build(tmp_path)


def test_only_staff_see_it(scene):
    for path in ("/staff/care", "/staff/care/rescue.hcrescue"):
        assert scene.client(unlocked=False).get(path).location.startswith("/unlock")
    assert 'href="/staff/care"' in scene.client().get("/").text


def test_the_queue_is_handed_out_as_one_file_that_names_nobody(scene):
    scene.submit("李○明", photos=0)
    client = scene.client()
    assert "1 筆資料、0 張相片" in client.get("/staff/care").text
    answer = client.get("/staff/care/rescue.hcrescue")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert re.fullmatch(r'attachment; filename="\d{8}-\d{4}\.hcrescue"', answer.headers["Content-Disposition"])
    reader = Reader(io.BytesIO(answer.data))
    reader.check(scene.keys.sign_public)
    assert [op.body for op in reader.operations()] == [b"sealed"]
    assert "李○明".encode() not in answer.data


def test_where_nothing_waits_there_is_nothing_to_save(scene):
    client = scene.client()
    assert "沒有要送的資料" in client.get("/staff/care").text
    told = client.get("/staff/care/rescue.hcrescue")
    assert told.status_code == 409
    assert sentence("rescue_nothing", "zh") in told.text


def test_alarms_stand_there_in_words_until_somebody_has_seen_them(scene):
    with scene.store.write() as db:
        for kind in ("op_damaged", "blob_missing", "blob_damaged", "database_set_aside", "copy_failed"):
            alarms.sound(db, kind, "7", int(NOW.timestamp() * 1000))
    client = scene.client()
    text = client.get("/staff/care").text
    assert text.count('role="alert"') == 5
    assert "第 7 筆資料在這台機器的磁碟上壞了" in text
    assert "_" not in "".join(re.findall(r"<strong>(.*?)</strong>", text))  # no code in place of a sentence
    assert client.post("/staff/care/seen").status_code == 303
    assert 'role="alert"' not in client.get("/staff/care").text


@pytest.mark.parametrize(
    ("warn", "stop", "words"), [(0, 0, "空間夠用"), (10**18, 0, "快滿了"), (10**18, 10**18, "不能收新的申請")]
)
def test_room_is_said(tmp_path, warn, stop, words):
    scene = build(tmp_path, free_bytes_warn=warn, free_bytes_stop=stop)
    assert words in scene.client().get("/staff/care").text


def test_the_copy_s_age_is_said_where_there_is_a_place_for_it(tmp_path):
    scene = build(tmp_path, copy_dir=str(tmp_path / "card"))
    assert "還沒有備份過" in scene.client().get("/staff/care").text
