"""The start page, the header every page carries, and what a program may ask."""

from __future__ import annotations

import re

import pytest

from kiosk import station
from kiosk.store import syncing
from tests.kiosk.scene import NOW, build


@pytest.fixture
def scene(tmp_path):
    return build(tmp_path, event="115 年志工博覽會")


def test_every_verb_is_a_link_that_leads_somewhere(scene):
    client = scene.client()
    text = client.get("/").text
    verbs = re.findall(r'class="verb-tile"[^>]*href="([^"]+)"', text)
    assert verbs == ["/apply/new", "/progress", "/print", "/events", "/verify", "/tray", "/sheets", "/roster", "/places"]
    for verb in verbs:
        assert client.get(verb).status_code == 200, verb


def test_what_was_begun_and_kept_is_told_to_staff_alone(scene):
    client = scene.client()
    assert "請帶紀錄冊" in client.get("/").text
    client.post("/apply/new", data={"kind": "first"})
    assert "還沒辦完的有" in client.get("/").text
    assert "還沒辦完" not in scene.client(unlocked=False).get("/").text


@pytest.mark.parametrize(
    ("profile", "locked", "unlocked"),
    [
        (
            "staff", ["/apply/new", "/progress", "/print/slip", "/events", "/verify", "/tray", "/places"],
            {"/sheets", "/roster", "/print"},
        ),
        (
            "hosted", ["/apply/new", "/progress", "/print/slip", "/events", "/verify", "/tray", "/places"],
            {"/sheets", "/roster", "/print"},
        ),
        ("public", ["/progress", "/print/slip", "/events", "/verify", "/places"], {"/apply/new", "/tray", "/print"}),
    ],
)
def test_the_start_page_offers_what_the_device_is_for(tmp_path, profile, locked, unlocked):
    scene = build(tmp_path, profile=profile)

    def offered(client):
        return re.findall(r'class="verb-tile"[^>]*href="([^"]+)"', client.get("/").text)

    assert offered(scene.client(unlocked=False)) == locked
    assert set(offered(scene.client())) == {*locked, *unlocked} - {"/print/slip"}


def test_a_verifier_stands_at_its_gate_and_staff_reach_its_care(tmp_path):
    scene = build(tmp_path, profile="verifier")
    assert scene.client(unlocked=False).get("/").location == "/verify"
    text = scene.client().get("/").text
    assert re.findall(r'class="verb-tile"[^>]*href="([^"]+)"', text) == ["/verify", "/places"]
    assert 'href="/staff/care"' in text


def test_a_public_screen_shows_no_way_to_the_pin_but_the_mark_knows_it(tmp_path):
    text = build(tmp_path, profile="public").client(unlocked=False).get("/").text
    assert "工作人員解鎖" not in text
    assert 'data-staff-door="/unlock"' in text


def test_checking_lists_is_offered_only_where_it_was_unlocked(scene):
    assert 'href="/roster"' not in scene.client(unlocked=False).get("/").text


def test_the_header_tells_the_queue_and_the_age_of_the_last_sync(scene):
    client = scene.client(unlocked=False)
    assert "待送 0 件" in client.get("/").text
    assert "還沒有同步過" in client.get("/").text
    scene.submit("李○明", hours_ago=2)
    with scene.store.write() as db:
        syncing.note_line(db, "good", int(NOW.timestamp() * 1000) - 5 * 60_000, 5.0)
    for path in ("/", "/verify", "/print", "/unlock", "/state"):
        text = client.get(path).text
        assert "待送 1 件，最早 2 小時前" in text, path
        assert "上次同步：5 分鐘前" in text, path


def test_without_a_line_it_says_carry_on(scene):
    text = scene.client(unlocked=False).get("/state").text
    assert "沒有網路，照常收件" in text
    assert 'data-state="wait"' in text


def test_a_queue_older_than_three_days_is_a_warning(scene):
    scene.submit("李○明", hours_ago=73)
    assert re.search(r'<li data-state="stop">.*待送 1 件，最早 3 天前', scene.client(unlocked=False).get("/state").text)


def test_health_says_versions_and_queue_and_nothing_about_a_person(scene):
    scene.submit("李○明", receipt="HC-7K3M-22QF")
    answer = scene.client(unlocked=False).get("/healthz")
    assert answer.json["ok"] is True
    assert answer.json["queue"] == 1
    assert tuple(int(part) for part in answer.json["sqlite"].split(".")) >= (3, 51, 3)  # before that, WAL may corrupt
    assert "HC-7K3M" not in answer.text and "李" not in answer.text


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (-5000, "剛剛"),
        (59_999, "剛剛"),
        (60_000, "1 分鐘前"),
        (3_599_999, "59 分鐘前"),
        (3_600_000, "1 小時前"),
        (48 * 3_600_000 - 1, "47 小時前"),
        (48 * 3_600_000, "2 天前"),
    ],
)
def test_ages_are_said_in_one_unit(scene, milliseconds, words):
    with scene.app.test_request_context("/"):
        assert station.age(milliseconds) == words
