"""An application taken back at the tray, and what the tray says of another one under the same number: against a center."""

from __future__ import annotations

import msgspec
import pytest

from center.store import intake
from kiosk import pins
from kiosk.store import drafts
from sync.device import DeviceKeys
from sync.upcasting import decode_returned
from tests.sync.loopback import Center, Kiosk, running, whole_answers

PIN = "204680"
THE_SENTENCE = "此身分證號已有另一件申請，承辦人會合併處理"


@pytest.fixture
def center(tmp_path):
    with running(tmp_path / "center") as found:
        yield found


@pytest.fixture
def kiosk(tmp_path, center: Center) -> Kiosk:
    return made(tmp_path / "kiosk", center)


def made(folder, center: Center) -> Kiosk:
    found = Kiosk(folder)
    found.enrol(center)
    found.app.config["WTF_CSRF_ENABLED"] = False
    pins.set_pin(found.store, PIN)
    return found


def browser(kiosk: Kiosk):
    client = kiosk.app.test_client()
    client.environ_base["HTTP_HOST"] = "localhost"
    assert client.post("/unlock", data={"pin": PIN}).status_code == 303
    return client


def test_an_application_is_taken_back_before_it_was_ever_sent(center: Center, kiosk: Kiosk) -> None:
    application_id = kiosk.draft(person=0)
    kiosk.submit(application_id)
    client = browser(kiosk)
    assert f"/tray/{application_id}/withdraw" in client.get("/tray").text
    assert "要撤回這件申請嗎" in client.get(f"/tray/{application_id}/withdraw").text
    assert client.post(f"/tray/{application_id}/withdraw").status_code == 303
    page = client.get("/tray").text
    assert "撤回中" in page and f"/tray/{application_id}/withdraw" not in page
    kiosk.sync()
    kiosk.step()
    assert center.case(application_id).state == "withdrawn"
    assert "已撤回" in client.get("/tray").text
    assert client.post(f"/tray/{application_id}/withdraw").status_code == 409


def test_a_decided_application_stays_and_the_tray_says_so(center: Center, kiosk: Kiosk) -> None:
    application_id = kiosk.draft(person=0)
    kiosk.submit(application_id)
    kiosk.sync()
    with center.store.write() as conn:
        intake.set_state(conn, application_id, "refused", 1)  # the tablet has not heard of it yet
    client = browser(kiosk)
    client.post(f"/tray/{application_id}/withdraw")
    kiosk.sync()
    assert center.case(application_id).state == "refused"
    assert "不能撤回" in client.get("/tray").text


def test_a_correction_begun_here_goes_with_the_application(center: Center, kiosk: Kiosk) -> None:
    application_id = kiosk.draft(person=0)
    kiosk.submit(application_id)
    kiosk.sync()
    center.give_back(application_id, kiosk.device_id)
    kiosk.step()
    client = browser(kiosk)
    assert client.post(f"/apply/correct/{application_id}").status_code == 303
    client.post(f"/tray/{application_id}/withdraw")
    with kiosk.store.read() as db:
        assert drafts.find(db, application_id) is None


def test_both_tablets_hear_of_another_application_and_of_no_more(center: Center, kiosk: Kiosk, tmp_path) -> None:
    other = made(tmp_path / "other", center)
    ids = []
    for tablet, email in ((kiosk, "one@example.tw"), (other, "two@example.tw")):
        answers = whole_answers("王小明", "A123456789", email=email)
        application_id = tablet.draft(answers=answers)
        tablet.submit(application_id)
        ids.append(application_id)
        tablet.sync()
    kiosk.step()
    other.step()
    for tablet, own in ((kiosk, ids[0]), (other, ids[1])):
        assert THE_SENTENCE in browser(tablet).get("/tray").text
        assert THE_SENTENCE in browser(tablet).get(f"/slip/{own}").text
        receipts = {row[0] for row in tablet.rows("SELECT receipt FROM application")}
        assert len(receipts) == 1
    center.give_back(ids[1], other.device_id)
    other.step()
    ((sealed,),) = other.rows("SELECT returned FROM application")
    told = decode_returned(DeviceKeys.load(other.settings.data_dir).open(sealed, "returned"))
    assert b"one@example.tw" not in msgspec.json.encode(told) and ids[0].encode() not in msgspec.json.encode(told)
