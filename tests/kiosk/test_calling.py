"""Calling for help: from a volunteer's screen to the staff's, taken, and over."""

from __future__ import annotations

import re

import pytest

from kiosk.store import calls
from sync.ids import uuid7
from tests.kiosk.scene import NOW, build

NOW_MS = int(NOW.timestamp() * 1000)


@pytest.fixture
def scene(tmp_path):
    return build(tmp_path, profile="public", station="花博 3 號機")


def waiting(scene):
    with scene.store.read() as db:
        return calls.waiting(db, NOW_MS)


def test_every_public_page_has_the_button_and_staffs_pages_have_not(scene):
    client = scene.client(unlocked=False)
    for path in ("/", "/progress", "/print", "/record", "/places", "/nowhere"):
        assert 'action="/call"' in client.get(path).text, path
    assert 'action="/call"' not in scene.client().get("/").text


def test_a_call_shows_the_tablets_name_and_reaches_unlocked_browsers_at_once(scene):
    client, staff = scene.client(unlocked=False), scene.client()
    answer = client.post("/call", data={"back": "/print"})
    assert answer.location == "/call?back=/print"
    plate = client.get(answer.location).text
    assert "請找工作人員" in plate and "花博 3 號機" in plate
    number = waiting(scene)[0].number
    assert f"有人叫工作人員：號碼 {number}" in staff.get("/state", headers={"X-Poll": "1"}).text
    assert "有人叫工作人員" not in client.get("/state").text


def test_whoever_takes_it_is_seen_on_the_plate_and_the_end_too(scene):
    client, staff = scene.client(unlocked=False), scene.client()
    client.post("/call")
    call_id = waiting(scene)[0].call_id
    assert 'role="alert"' in staff.get("/state").text
    staff.post(f"/staff/calls/{call_id}/take")
    assert 'role="alert"' not in staff.get("/state").text  # nobody need be told again every ten seconds
    assert "工作人員來了" in client.get("/call").text
    assert "有人去了" in staff.get("/staff/calls").text
    staff.post(f"/staff/calls/{call_id}/end")
    assert "處理好了" in client.get("/call").text
    assert waiting(scene) == []
    assert "有人叫工作人員" not in staff.get("/state").text


def test_whoever_goes_on_meanwhile_still_sees_the_call(scene):
    client = scene.client(unlocked=False)
    assert "您是號碼" not in client.get("/").text
    client.post("/call")
    number, call_id = waiting(scene)[0].number, waiting(scene)[0].call_id
    assert f"已經叫工作人員，您是號碼 {number}" in client.get("/places").text
    staff = scene.client()
    staff.post(f"/staff/calls/{call_id}/take")
    assert f"工作人員來了，您是號碼 {number}" in client.get("/state").text
    assert "您是號碼" not in scene.client(unlocked=False).get("/").text
    staff.post(f"/staff/calls/{call_id}/end")
    assert "您是號碼" not in client.get("/").text


def test_a_child_that_hammers_the_button_calls_once(scene):
    client = scene.client(unlocked=False)
    for _ in range(30):
        assert client.post("/call").status_code == 303
    client.post("/visit/end")
    client.post("/call")  # the next one at the same screen: still the same plate
    assert len(waiting(scene)) == 1


def test_on_a_hosted_kiosk_every_telephone_has_a_number_of_its_own(tmp_path):
    scene = build(tmp_path, profile="hosted")
    first, second = scene.client(unlocked=False), scene.client(unlocked=False)
    first.post("/call")
    second.post("/call")
    assert [call.number for call in waiting(scene)] == [1, 2]
    assert re.search(r'class="call-number">.*?</small> 2<', second.get("/call").text)
    first.post("/call/end")
    assert [call.number for call in waiting(scene)] == [2]


def test_only_staff_takes_and_ends_somebody_elses_call(scene):
    client = scene.client(unlocked=False)
    client.post("/call")
    call_id = waiting(scene)[0].call_id
    stranger = scene.client(unlocked=False)
    for what in ("take", "end"):
        assert stranger.post(f"/staff/calls/{call_id}/{what}").location.startswith("/unlock")
    assert stranger.get("/staff/calls").location.startswith("/unlock")
    stranger.post("/call/end")
    assert waiting(scene)[0].taken_ms is None


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_stays_on_this_machine(scene, back):
    client = scene.client(unlocked=False)
    assert client.post("/call", data={"back": back}).location == "/call?back=/"
    assert client.post("/call/end", data={"back": back}).location == "/"


@pytest.mark.parametrize("now_ms", [0, NOW_MS + 10 * calls.KEPT_MS])
def test_a_clock_that_jumps_lets_go_of_old_calls_and_takes_new_ones(scene, now_ms):
    with scene.store.write() as db:
        calls.add(db, uuid7(), NOW_MS)
        assert calls.waiting(db, now_ms) == []
        fresh = calls.add(db, uuid7(), now_ms)
        assert [call.call_id for call in calls.waiting(db, now_ms)] == [fresh.call_id]
        assert calls.find(db, fresh.call_id) == fresh


def test_the_plate_of_a_call_that_is_gone_leads_home(scene):
    assert scene.client(unlocked=False).get("/call").location == "/"
