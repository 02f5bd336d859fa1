"""A call for help reaches the unit's other tablets through the center: who goes there, over, too old, and with no line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from center import devices as codes
from center import helping
from center.store import accounts, devices, help_calls
from kiosk import pins
from kiosk.enrolment import enrol
from kiosk.store import calls
from sync import wire
from sync.ids import uuid7
from tests.sync.loopback import Center, Kiosk, running

PIN = "204680"


@pytest.fixture
def center(tmp_path):
    with running(tmp_path / "center") as found:
        yield found


def tablet(folder, center: Center, name: str, unit_id: str | None = "") -> Kiosk:
    found = Kiosk(folder / name)
    with center.store.write() as conn:
        whose = accounts.add_unit(conn, "臺北市立美術館", "art") if unit_id == "another" else unit_id
    code = codes.new_code(center.store, center.unit_id if whose == "" else whose, name, "public", datetime.now(UTC))
    enrol(found.settings, found.store, center.url, code, name)
    found.app.config["WTF_CSRF_ENABLED"] = False
    pins.set_pin(found.store, PIN)
    return found


@pytest.fixture
def caller(tmp_path, center):
    return tablet(tmp_path, center, "入口平板")


@pytest.fixture
def desk(tmp_path, center):
    return tablet(tmp_path, center, "服務臺平板")


def browser(kiosk: Kiosk, *, unlocked: bool = False):
    client = kiosk.app.test_client()
    client.environ_base["HTTP_HOST"] = "localhost"
    if unlocked:
        assert client.post("/unlock", data={"pin": PIN}).status_code == 303
    return client


def heard(kiosk: Kiosk) -> list[tuple[str, str, str]]:
    with kiosk.store.read() as db:
        now_ms = int(datetime.now(UTC).timestamp() * 1000)
        return [(call.place, call.state, call.taken_by) for call in calls.waiting(db, now_ms)]


def only(kiosk: Kiosk) -> str:
    ((call_id,),) = kiosk.rows("SELECT call_id FROM help_call")
    return call_id


def plain(answer) -> str:
    return re.sub(r"<[^>]+>", "", answer.text)


def rounds(*kiosks: Kiosk) -> None:
    for kiosk in kiosks:
        kiosk.step()


def test_a_call_shows_on_the_units_other_tablets_and_who_takes_it_on_all(center, caller, desk):
    volunteer, staff = browser(caller), browser(desk, unlocked=True)
    volunteer.post("/call")
    rounds(caller, desk)
    assert heard(desk) == [("入口平板", "waiting", "")]
    assert "工作人員的平板上有這個號碼了" in plain(volunteer.get("/call"))
    assert "有人叫工作人員：入口平板（號碼 1）" in staff.get("/state").text
    assert "入口平板，號碼 1" in staff.get("/staff/calls").text

    staff.post(f"/staff/calls/{only(desk)}/take")
    rounds(desk, caller)
    assert heard(caller) == [("", "taken", "服務臺平板")]
    assert "工作人員來了" in volunteer.get("/call").text
    assert "有人去了：服務臺平板" in browser(caller, unlocked=True).get("/staff/calls").text

    staff.post(f"/staff/calls/{only(desk)}/end")
    rounds(desk, caller)
    assert heard(caller) == heard(desk) == []
    assert "處理好了" in volunteer.get("/call").text


def test_whoever_was_first_at_the_center_goes_and_both_say_so(tmp_path, center, caller, desk):
    third = tablet(tmp_path, center, "二樓平板")
    browser(caller).post("/call")
    rounds(caller, desk, third)
    for kiosk in (desk, third):  # neither has heard of the other yet
        browser(kiosk, unlocked=True).post(f"/staff/calls/{only(kiosk)}/take")
    rounds(third, desk, caller, third)
    assert [found[0][2] for found in (heard(caller), heard(desk), heard(third))] == ["二樓平板"] * 3


def test_a_call_ended_by_the_caller_is_gone_everywhere(center, caller, desk):
    volunteer = browser(caller)
    volunteer.post("/call")
    rounds(caller, desk)
    volunteer.post("/call/end")
    rounds(caller, desk)
    assert heard(desk) == []


def test_the_same_word_twice_is_heard_once(center, caller, desk):
    browser(caller).post("/call")
    with caller.store.write() as db:
        db.conn.execute("UPDATE help_call SET told = ''")
    rounds(caller, desk)
    with caller.store.write() as db:  # the answer was lost on the way
        db.conn.execute("UPDATE help_call SET told = ''")
    rounds(caller, desk)
    assert heard(desk) == [("入口平板", "waiting", "")]
    assert center.count(help_calls.help_call) == 1
    with center.store.read() as conn:
        kinds = [row.kind for row in conn.exec_driver_sql("SELECT kind FROM feed WHERE kind = 'help.call'")]
    assert kinds == ["help.call"]


def test_with_no_line_the_plate_says_so_and_the_call_goes_out_when_it_is_back(center, caller, desk):
    center.close()
    caller.step()
    volunteer = browser(caller)
    volunteer.post("/call")
    caller.step()
    plate = plain(volunteer.get("/call"))
    assert "沒有連線，別的平板看不到" in plate and "請找工作人員" in plate
    center.serve()
    rounds(caller, desk)
    assert heard(desk) == [("入口平板", "waiting", "")]


def test_a_call_that_could_not_be_told_in_a_quarter_of_an_hour_is_never_told(center, caller, desk):
    volunteer = browser(caller)
    volunteer.post("/call")
    with caller.store.write() as db:
        db.conn.execute("UPDATE help_call SET at_ms = at_ms - ?", (calls.KEPT_MS + 1000,))
    rounds(caller, desk)
    assert heard(desk) == [] and center.count(help_calls.help_call) == 0
    assert "過了 15 分鐘" in plain(volunteer.get("/call"))
    volunteer.post("/call")
    rounds(caller, desk)
    assert heard(desk) == [("入口平板", "waiting", "")]


def test_a_call_nobody_ends_is_ended_by_the_center_for_whoever_comes_back_late(center, caller, desk):
    browser(caller).post("/call")
    caller.step()
    later = int((datetime.now(UTC) + timedelta(minutes=16)).timestamp() * 1000)
    assert helping.end_stale(center.store, later) == 1
    assert helping.end_stale(center.store, later) == 0
    rounds(desk, caller)
    assert heard(desk) == heard(caller) == []
    helping.end_stale(center.store, later + 2 * help_calls.KEPT_MS)


def test_another_units_tablet_hears_nothing_and_can_end_nothing(tmp_path, center, caller):
    stranger = tablet(tmp_path, center, "美術館平板", "another")
    browser(caller).post("/call")
    rounds(caller, stranger)
    assert heard(stranger) == []
    with stranger.store.write() as db:
        calls.heard(db, wire.HelpCall(call_id=only(caller), number=1, state="waiting", place="入口平板"), 1)
        db.conn.execute("UPDATE help_call SET at_ms = ?", (int(datetime.now(UTC).timestamp() * 1000),))
        calls.end(db, only(caller), 2)
    rounds(stranger, caller)
    assert heard(caller) == [("", "waiting", "")]


def test_the_centers_own_tablets_hear_each_other_and_a_disabled_one_hears_nothing(tmp_path, center):
    first, second, third = (tablet(tmp_path, center, name, None) for name in ("甲", "乙", "丙"))
    with center.store.write() as conn:
        devices.disable(conn, third.device_id, 1)
    browser(first).post("/call")
    rounds(first, second, third)
    assert heard(second) == [("甲", "waiting", "")] and heard(third) == []


def test_what_is_no_word_on_calls_is_refused_and_the_round_goes_on(center, caller, monkeypatch):
    real = wire.encode
    browser(caller).post("/call")
    for said in (
        b"{}",
        b"[]",
        real(wire.HelpWords(words=(wire.HelpWord(call_id="x", number=1, what="call"),))),
        real(wire.HelpWords(words=(wire.HelpWord(call_id=uuid7(), number=0, what="call"),))),
        real(wire.HelpWords(words=(wire.HelpWord(call_id=uuid7(), number=1, what="call"),) * 51)),
    ):
        monkeypatch.setattr(
            wire, "encode", lambda message, said=said: said if isinstance(message, wire.HelpWords) else real(message)
        )
        caller.worker.errands.not_called_at = -1e9
        caller.step()
        assert center.count(help_calls.help_call) == 0
        assert caller.facts().line == "good"


def test_nothing_but_names_of_machines_travels():
    assert wire.HelpCall.__struct_fields__ == ("call_id", "number", "state", "place", "taken_by")
    assert wire.HelpWord.__struct_fields__ == ("call_id", "number", "what")
