"""Volunteers who apply alone at a public tablet: only where the city says so, each the own application, marked for review."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk import guard
from kiosk import settings as kiosk_settings
from kiosk.store import drafts
from tests.kiosk.applying import PERSON
from tests.kiosk.scene import build
from tests.sync.loopback import Center, Kiosk, whole_answers

ON = {"self_application": True}


@pytest.fixture
def scene(tmp_path):
    return build(tmp_path, profile="public", rules=ON)


def begin(scene):
    client = scene.client(unlocked=False)
    answer = client.post("/apply/new", data={"kind": "first"})
    assert answer.status_code == 303
    return client, answer.location.split("/")[2]


@pytest.mark.parametrize(
    ("settings", "offered"),
    [
        ({"profile": "public"}, False),
        ({"profile": "public", "rules": {"self_application": False}}, False),
        ({"profile": "public", "rules": ON}, True),
        ({"profile": "staff"}, True),
    ],
)
def test_a_public_tablet_offers_to_apply_only_where_the_city_says_so(tmp_path, settings, offered):
    scene = build(tmp_path, **settings)
    assert ('href="/apply/new"' in scene.client(unlocked=False).get("/").text) == offered
    assert 'href="/apply/new"' in scene.client().get("/").text


@pytest.mark.parametrize("settings", [{"profile": "public"}, {"profile": "staff"}, {"profile": "staff", "rules": ON}])
def test_elsewhere_applying_asks_for_the_pin(tmp_path, settings):
    client = build(tmp_path, **settings).client(unlocked=False)
    assert client.get("/apply/new").location.startswith("/unlock")
    assert client.post("/apply/new", data={"kind": "first"}).location.startswith("/unlock")


def test_a_volunteer_answers_the_own_questions_and_sees_nobody_elses(scene):
    staff = scene.client()
    other = staff.post("/apply/new", data={"kind": "first"}).location.split("/")[2]
    staff.post(f"/apply/{other}/person", data={**PERSON, "name": "陳文雄"})
    client, mine = begin(scene)
    assert client.get(f"/apply/{mine}/identity").status_code == 200
    assert client.post(f"/apply/{mine}/person", data=PERSON).status_code == 303
    assert other not in client.get("/apply/new").text
    for path in (
        f"/apply/{other}",
        f"/apply/{other}/person",
        f"/apply/{other}/check",
        f"/slip/{other}",
        "/tray",
    ):
        assert client.get(path).location.startswith("/unlock"), path
    assert client.post(f"/apply/{other}/throw_away").location.startswith("/unlock")
    assert mine in scene.client().get("/apply/new").text  # staff can help


def test_the_next_person_at_the_tablet_finds_nothing_of_it(scene):
    client, mine = begin(scene)
    client.get("/")
    assert client.get(f"/apply/{mine}/identity").location.startswith("/unlock")
    with scene.store.read() as db:
        assert drafts.find(db, mine) is not None


def test_left_alone_the_screen_goes_home(scene, monkeypatch):
    client, mine = begin(scene)
    page = {"HX-Request": "true", "HX-Current-URL": f"http://localhost/apply/{mine}/identity", "X-Poll": "1"}
    assert "HX-Redirect" not in client.get("/state", headers=page).headers
    held = scene.app.extensions["alone"]
    assert held.idle_s == guard.ALONE_IDLE_S
    held.idle_s = -1.0
    assert client.get("/state", headers=page).headers["HX-Redirect"] == "/"
    assert client.get(f"/apply/{mine}/identity").location.startswith("/unlock")


def test_a_button_pressed_over_and_over_leaves_one_draft_and_another_answer_begins_another(scene):
    client, mine = begin(scene)
    for _ in range(10):
        assert client.post("/apply/new", data={"kind": "first"}).location.split("/")[2] == mine
    assert client.post(f"/apply/{mine}/person", data=PERSON).status_code == 303
    assert client.post("/apply/new", data={"kind": "first"}).location.split("/")[2] != mine
    with scene.store.read() as db:
        assert len(drafts.waiting(db)) == 2


def test_another_browser_cannot_take_it_over(scene):
    _, mine = begin(scene)
    stranger = scene.client(unlocked=False)
    assert stranger.get(f"/apply/{mine}/identity").location.startswith("/unlock")
    begin_again, _ = begin(scene)
    assert begin_again.get(f"/apply/{mine}/identity").location.startswith("/unlock")


def test_who_began_it_is_kept_with_the_draft(scene):
    _, mine = begin(scene)
    with scene.store.read() as db:
        assert drafts.find(db, mine).answers.applied_by == "self"
    by_staff = scene.client().post("/apply/new", data={"kind": "first"}).location.split("/")[2]
    with scene.store.read() as db:
        assert drafts.find(db, by_staff).answers.applied_by == "unit"


@pytest.mark.parametrize("alone", [True, False])
def test_the_city_sets_it_at_enrolment_and_the_reviewer_sees_who_applied(tmp_path: Path, alone: bool):
    center = Center(tmp_path / "center")
    center.app.config["SETTINGS"] = replace(center.settings, rules={"self_application": alone})
    center.serve()
    try:
        kiosk = Kiosk(tmp_path / "kiosk")
        kiosk.enrol(center)
        assert kiosk_settings.load(kiosk.settings.data_dir).rules["self_application"] is alone
        answers = whole_answers("王小明", "A123456789", applied_by="self" if alone else "unit")
        application_id = kiosk.draft(answers=answers)
        kiosk.submit(application_id)
        kiosk.sync()
        assert ("applied_alone" in center.case(application_id).flags) == alone
    finally:
        center.close()
