"""Each part of the machine as the care page shows it, tried by breaking it; and the file with diagnostics."""

from __future__ import annotations

import json
import re
import shutil
from datetime import timedelta

import pytest

from kiosk import care_checks, care_export, timing
from kiosk.store import alarms
from tests.kiosk.scene import NOW, Scene, build


@pytest.fixture
def scene(tmp_path) -> Scene:
    return build(tmp_path)


def state_of(scene: Scene, thing: str, moment=NOW) -> care_checks.Check:
    with scene.app.test_request_context("/"):
        return care_checks.check(thing, scene.store, scene.settings, moment)


def tried(scene: Scene, thing: str, moment=NOW) -> care_checks.Check:
    with scene.app.test_request_context("/"):
        return care_checks.try_out(thing, scene.store, scene.settings, moment)


def test_the_page_names_every_part_and_its_remedy(scene):
    text = scene.client().get("/staff/care").text
    assert re.findall(r'id="care-(\w+)"', text) == list(care_checks.THINGS)
    for check in (state_of(scene, thing) for thing in care_checks.THINGS):
        assert check.seen
        assert check.remedy or check.state in ("good", "")
    assert "data-care-camera" in text


@pytest.mark.parametrize("thing", care_checks.TRIED)
def test_each_part_can_be_tried_from_the_page(scene, thing):
    answer = scene.client().post(f"/staff/care/test/{thing}")
    assert answer.status_code == 200
    assert "剛測試過" in answer.text
    assert scene.client(unlocked=False).post(f"/staff/care/test/{thing}").location.startswith("/unlock")


def test_nothing_else_can_be_tried(scene):
    assert scene.client().post("/staff/care/test/queue").status_code == 404
    assert scene.client().get("/staff/care/test/disk").status_code == 405


def test_a_wrong_clock_is_said(scene):
    timing.heard(scene.store, int(NOW.timestamp() * 1000), live=True)
    assert state_of(scene, "clock").state == "good"
    assert state_of(scene, "clock", NOW - timedelta(days=20_000)).state == "stop"


def test_the_disk_is_written_and_read_and_left_as_it_was(scene):
    before = sorted(scene.settings.data_dir.iterdir())
    assert tried(scene, "disk").state == "good"
    assert sorted(scene.settings.data_dir.iterdir()) == before
    shutil.rmtree(scene.settings.data_dir)
    assert tried(scene, "disk").state == "stop"


def test_what_waits_is_counted_and_too_long_a_wait_is_worse(scene):
    assert state_of(scene, "queue").state == "good"
    scene.submit("李○明", hours_ago=1)
    assert state_of(scene, "queue").state == "wait"
    scene.submit("李○明", hours_ago=80)
    assert state_of(scene, "queue").state == "stop"


def test_a_center_that_does_not_answer_is_said(scene):
    check = tried(scene, "sync")
    assert (check.state, bool(check.remedy)) == ("wait", True)


def test_the_list_has_an_age_and_a_damaged_file_is_found(scene):
    assert state_of(scene, "list").state == "good"
    assert state_of(scene, "list", NOW + timedelta(days=4)).state == "wait"
    assert state_of(scene, "list", NOW + timedelta(days=40)).state == "stop"
    bucket = next(
        path
        for path in sorted(scene.settings.pack_dir.rglob("*"))
        if path.is_file() and path.suffix not in (".json", ".cbor") and path.stat().st_size > 2000
    )
    content = bytearray(bucket.read_bytes())
    bucket.unlink()  # the test's own copy: the issuer's file is linked
    content[len(content) // 2] ^= 1
    bucket.write_bytes(content)
    assert tried(scene, "list").state == "stop"
    shutil.rmtree(scene.settings.pack_dir)
    assert state_of(scene, "list").state == "wait"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"BAT0": {"type": "Battery", "capacity": "43", "status": "Discharging"}}, care_checks.Battery(43, False)),
        (
            {"AC": {"type": "Mains"}, "BAT1": {"type": "Battery", "capacity": "100", "status": "Full"}},
            care_checks.Battery(100, True),
        ),
        ({"hidpp": {"type": "Battery", "scope": "Device", "capacity": "5", "status": "Discharging"}}, None),
        (
            {"BAT0": {"type": "Battery", "capacity": "?"}, "BAT1": {"type": "Battery", "capacity": "7"}},
            care_checks.Battery(7, False),
        ),
    ],
    ids=["none", "discharging", "full", "a mouse", "one that cannot be read"],
)  # fmt: skip
def test_the_battery_is_read_where_the_system_tells(tmp_path, files, expected):
    for name, said in files.items():
        (tmp_path / name).mkdir()
        for key, value in said.items():
            (tmp_path / name / key).write_text(value + "\n")
    assert care_checks.battery(tmp_path) == expected


def test_diagnostics_say_how_it_stands_and_nothing_about_anybody(tmp_path):
    """Everything a person could be known by is put where the file could take it from."""
    scene = build(
        tmp_path, printer_uri="ipp://clerk:geheim@127.0.0.1:9/ipp/print?token=abc", event="王小明告別會",
        station="王小明的平板", copy_dir=str(tmp_path / "wang"),
    )  # fmt: skip
    application = scene.submit("王○明", photos=2, receipt="KT-7731-90")
    scene.issue(application, number="11503127")
    with scene.store.write() as db:
        alarms.sound(db, "blob_missing", "quxfile", int(NOW.timestamp() * 1000))
    answer = scene.client().get("/staff/care/diagnostics.json")
    said = json.loads(answer.data)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert said["sync"]["photos_left"] == 0  # issue() lets all arrive
    assert [one["kind"] for one in said["alarms"]] == ["blob_missing"]
    assert set(said["checks"]) == set(care_checks.THINGS)
    assert said["settings"]["printer"] == "ipp://127.0.0.1:9/ipp/print"
    text = answer.data.decode()
    for personal in (
        "王",
        "明",
        "geheim",
        "clerk",
        "token",
        application,
        "KT-7731-90",
        "11503127",
        "quxfile",
        "wang",
        scene.recovery,
    ):
        assert personal not in text, personal
    assert scene.client(unlocked=False).get("/staff/care/diagnostics.json").location.startswith("/unlock")


def test_the_file_of_an_empty_machine_can_be_made_too(scene):
    with scene.app.test_request_context("/"):
        said = json.loads(care_export.document(scene.store, scene.settings, NOW))
    assert said["sync"]["unsent"] == 0
    assert said["alarms"] == []
