"""Enrolling a tablet: in the program and at the command line."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

import kiosk.settings
from center.devices import new_code
from center.settings import Settings as CenterSettings
from center.settings import save as save_center
from center.store import accounts, devices, events
from cli import main
from honorcard.card.trust import Trust
from honorcard.problems import ProblemError
from kiosk.asking.correcting import begin
from kiosk.asking.progress import SEEN
from kiosk.enrolment import enrol
from kiosk.store import drafts, syncing
from kiosk.store import events as kept_events
from sync.client.bringing import Bringing
from sync.device import DeviceKeys, fingerprint
from tests.sync.loopback import Center, Kiosk, picture


def test_an_enrolled_tablet_has_keys_trust_and_knows_where_it_belongs(center: Center, tmp_path: Path) -> None:
    tablet = Kiosk(tmp_path / "kiosk")
    enrolled = tablet.enrol(center)
    keys = DeviceKeys.load(tablet.settings.data_dir)
    assert enrolled.fingerprint == fingerprint(keys.sign_public, keys.seal_public, enrolled.center_seal_key)
    assert stat.S_IMODE((tablet.settings.data_dir / "keys" / "device.json").stat().st_mode) == 0o600
    assert Trust.load(tablet.settings.trust_file).prefix == enrolled.card_prefix
    with tablet.store.read() as db:
        here = syncing.membership(db)
    assert (here.device_id, here.center_url, here.unit) == (enrolled.device_id, center.url, "臺北市立動物園")
    assert kiosk.settings.load(tablet.settings.data_dir).center_url == center.url
    assert tablet.facts().line == "no_line"
    tablet.step()
    assert tablet.facts().line == "good"


@pytest.mark.parametrize(("own", "called"), [("", "花博"), ("爭艷館 3 號機", "爭艷館 3 號機")])
def test_a_tablet_that_nobody_named_is_called_what_the_code_says_of_where_it_stands(
    center: Center, tmp_path: Path, own: str, called: str
) -> None:
    tablet = Kiosk(tmp_path / "kiosk")
    settings = replace(tablet.settings, station=own or kiosk.settings.UNNAMED)
    code = new_code(center.store, None, "花博", "public", datetime.now(UTC))
    enrolled = enrol(settings, tablet.store, center.url, code)
    assert kiosk.settings.load(settings.data_dir).station == called
    with center.store.read() as conn:
        assert devices.find(conn, enrolled.device_id).name == called


@pytest.mark.parametrize(("code", "problem"), [("AAAA-AAAA", "enrol_code_wrong"), ("", "enrol_code_wrong")])
def test_a_wrong_code_leaves_the_tablet_as_it_was(center: Center, tmp_path: Path, code: str, problem: str) -> None:
    tablet = Kiosk(tmp_path / "kiosk")
    center.code()
    with pytest.raises(ProblemError, match=problem):
        enrol(tablet.settings, tablet.store, center.url, code, "1 號機")
    assert tablet.facts().line == "not_enrolled"
    assert not (tablet.settings.data_dir / "keys" / "device.json").exists()


def test_a_used_code_is_refused(center: Center, tmp_path: Path) -> None:
    code = center.code()
    one, two = Kiosk(tmp_path / "one"), Kiosk(tmp_path / "two")
    enrol(one.settings, one.store, center.url, code, "1 號機")
    with pytest.raises(ProblemError, match="enrol_code_used"):
        enrol(two.settings, two.store, center.url, code, "2 號機")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://[", "not a url", ""])
def test_an_address_where_no_center_is_says_so(tmp_path: Path, url: str) -> None:
    tablet = Kiosk(tmp_path / "kiosk")
    with pytest.raises(ProblemError, match="center_unreachable"):
        enrol(tablet.settings, tablet.store, url, "AAAA-AAAA", "1 號機")


def test_enrolling_again_goes_on_with_what_waits(center: Center, tmp_path: Path) -> None:
    tablet = Kiosk(tmp_path / "kiosk")
    tablet.enrol(center)
    application_id = tablet.draft()
    tablet.submit(application_id)
    tablet.enrol(center)
    tablet.sync()
    assert center.photo_states(application_id) == {"stored"}


def test_enrolling_again_loses_no_photograph_of_what_the_center_took_before(
    center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tablet = Kiosk(tmp_path / "kiosk")
    tablet.enrol(center)
    application_id = tablet.draft()
    tablet.submit(application_id)
    with monkeypatch.context() as patched:  # the line breaks between the operation and its photographs
        patched.setattr(Bringing, "all", lambda _bringing: None)
        tablet.step()
    assert center.photo_states(application_id) == {"awaited"}
    before = center.case(application_id).device_id
    again = tablet.enrol(center)
    tablet.sync()
    assert center.photo_states(application_id) == {"stored"}
    assert (tablet.facts().unsent, tablet.facts().photos_left) == (0, 0)
    assert center.moves(application_id).count("submitted") == 1
    assert before != center.case(application_id).device_id == again.device_id  # and hears how it goes on
    with center.store.read() as conn:
        assert devices.find(conn, again.device_id).alarm == ""


def test_a_case_that_came_back_before_still_opens_after_enrolling_again(center: Center, tmp_path: Path) -> None:
    tablet = Kiosk(tmp_path / "kiosk")
    tablet.enrol(center)
    application_id = tablet.draft()
    tablet.submit(application_id)
    tablet.sync()
    center.give_back(application_id, tablet.device_id)
    tablet.sync(until=lambda: tablet.sent(application_id).state == "returned")
    for _ in range(2):
        tablet.enrol(center)
        tablet.sync()
    begin(tablet.store, tablet.settings, application_id, 1, date(2026, 11, 21))
    tablet.photograph(application_id, "page", 1, picture("taken again"))
    with tablet.store.write() as db:
        answers = drafts.find(db, application_id).answers
        agreed = msgspec.structs.replace(answers, consent=True, typed={"verdict": {SEEN: "1"}})
        drafts.save(db, application_id, agreed, 2)
    tablet.submit(application_id)
    tablet.sync()
    assert center.moves(application_id).count("amended") == 1


def test_the_command_line_gives_a_code_enrols_and_lists(center: Center, tmp_path: Path, capsys) -> None:
    save_center(CenterSettings(data_dir=center.settings.data_dir))
    where = str(center.settings.data_dir)
    assert main(["device", "code", "--dir", where, "--unit", "zoo", "--site", "花博", "--profile", "public"]) == 0
    code = capsys.readouterr().out.strip()
    there = str(tmp_path / "tablet")
    assert main(["device", "enrol", "--dir", there, "--center", center.url, "--code", code, "--name", "2 號機"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["profile"], told["unit"]) == ("public", "臺北市立動物園")
    assert main(["device", "list", "--dir", where]) == 0
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["name"], line["device_id"], line["fingerprint"]) == ("2 號機", told["device_id"], told["fingerprint"])
    assert kiosk.settings.load(tmp_path / "tablet").profile == "public"

    assert main(["device", "enrol", "--dir", there, "--center", center.url, "--code", code]) == 1
    assert "登錄碼" in capsys.readouterr().err
    assert main(["device", "code", "--dir", where, "--unit", "nobody"]) == 1
    assert "nobody" in capsys.readouterr().err


def test_a_tablet_enrolled_after_an_event_was_made_knows_it_and_no_other_units_or_closed_ones(
    center: Center, tmp_path: Path
) -> None:
    with center.store.write() as conn:
        elsewhere = accounts.add_unit(conn, "臺北市立美術館", "art")
        for event_id, unit_id, state in (
            ("a", center.unit_id, "open"),
            ("b", center.unit_id, "closed"),
            ("c", elsewhere, "open"),
        ):
            made = {
                "event_id": event_id * 36, "unit_id": unit_id, "kind": "activity", "title": "花博導覽", "starts_ms": 1,
                "ends_ms": 2, "counting": "clock", "state": state, "made_by": "x", "made_ms": 1,
            }  # fmt: skip
            events.add(conn, made)
    tablet = Kiosk(tmp_path / "kiosk")
    tablet.enrol(center)
    tablet.step()
    with tablet.store.read() as db:
        assert [event.event_id for event in kept_events.every(db)] == ["a" * 36]
