"""Settings from one machine to another by a code: what is in it, and that it changes nothing by itself."""

from __future__ import annotations

import base64
import json

import pytest

from honorcard.problems import ProblemError, sentence
from kiosk import care_settings
from kiosk.settings import Settings, load
from tests.kiosk.scene import PIN, Scene, build, frame, jpeg


@pytest.fixture(scope="module")
def giver(tmp_path_factory) -> Scene:
    return build(
        tmp_path_factory.mktemp("giver"), center_url="https://hc.example.gov.tw", event="花博志工日", print_paper="a4",
        printer_uri="ipp://who:secret@192.168.1.20/ipp/print",
    )  # fmt: skip


@pytest.fixture
def taker(tmp_path) -> Scene:
    return build(tmp_path)


def code(**said: str) -> str:
    return care_settings.MARK + base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def test_the_code_holds_no_secret(giver):
    text = care_settings.written(giver.settings)
    inside = base64.urlsafe_b64decode(text[len(care_settings.MARK) :] + "==").decode()
    assert "secret" not in inside
    assert set(json.loads(inside)) <= {"center", "printer", "paper", "event"}


def test_shown_on_one_machine_it_is_taken_by_the_camera_of_another(giver, taker):
    text = care_settings.written(giver.settings)
    assert giver.client().get("/staff/care/settings.png").data.startswith(b"\x89PNG")
    client = taker.client()
    page = client.post("/staff/care/settings/frame", data=jpeg(frame(text, module_px=8)))
    assert "ipp://192.168.1.20/ipp/print" in page.text
    assert load(taker.settings.data_dir).printer_uri == ""  # seen is not agreed
    assert "設定改好了" in client.post("/staff/care/settings", data={"settings": text, "pin": PIN}).text
    after = load(taker.settings.data_dir)
    assert (after.printer_uri, after.print_paper, after.event) == ("ipp://192.168.1.20/ipp/print", "a4", "花博志工日")
    assert after.center_url == ""  # it is enrolled elsewhere: that goes by enrolment
    assert taker.app.config["SETTINGS"] == after


def test_without_the_right_pin_nothing_changes(taker):
    answer = taker.client().post("/staff/care/settings", data={"settings": code(event="x"), "pin": "999999"})
    assert answer.status_code == 403
    assert sentence("settings_pin_wrong", "zh") in answer.text
    assert load(taker.settings.data_dir).event == ""


@pytest.mark.parametrize("path", ["/staff/care/settings", "/staff/care/settings.png", "/staff/care/settings/scan"])
def test_the_pages_are_staff_s(giver, path):
    assert giver.client(unlocked=False).get(path).location.startswith("/unlock")


@pytest.mark.parametrize("path", ["", "/frame", "/text"])
def test_so_are_the_forms(giver, path):
    assert giver.client(unlocked=False).post(f"/staff/care/settings{path}").location.startswith("/unlock")


@pytest.mark.parametrize(
    "text",
    [
        "", "HTTPS://HC.TAIPEI/X#1", care_settings.MARK, care_settings.MARK + "!!!!", care_settings.MARK + "e30x", code(center="http://evil.example"),
        code(center="https://a:b@hc.example"), code(center="javascript:alert(1)"), code(center="https://["), code(printer="file:///etc/passwd"),
        code(printer="ipp://u:p@h/x"), code(paper="a3"), code(event="x" * 301), code(event="a\nb"), code(event="x" * 4000),
        care_settings.MARK + base64.urlsafe_b64encode(b'{"event":7}').decode(),
        care_settings.MARK + base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_words(giver, text):
    with pytest.raises(ProblemError) as refused:
        care_settings.read(text)
    assert refused.value.code == "settings_code_wrong"
    answer = giver.client().post("/staff/care/settings/text", data={"text": text})
    assert answer.status_code == 422
    assert sentence("settings_code_wrong", "zh") in answer.text


def test_a_code_of_a_later_version_is_read_for_what_is_known():
    assert care_settings.read(code(event="x", later="y")).event == "x"


def test_a_machine_that_is_not_enrolled_takes_the_center_too(tmp_path):
    settings = Settings(data_dir=tmp_path)
    handed = care_settings.read(code(center="https://hc.example.gov.tw"))
    assert care_settings.applied(settings, handed, enrolled=False).center_url == "https://hc.example.gov.tw"
    assert care_settings.applied(settings, handed, enrolled=True) == settings


def test_what_is_the_same_already_is_said(giver):
    same = giver.client().post("/staff/care/settings/text", data={"text": code(event="花博志工日")})
    assert "不用改" in same.text
    assert 'name="pin"' not in same.text
