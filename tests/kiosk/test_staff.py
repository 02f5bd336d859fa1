"""What the PIN guards, how it is opened, and how it closes again."""

from __future__ import annotations

import pytest

from kiosk import create_app, guard, pins
from kiosk.settings import Settings, load
from tests.kiosk.scene import PIN, build


@pytest.fixture
def scene(tmp_path):
    return build(tmp_path)


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """One for the tests that change nothing."""
    return build(tmp_path_factory.mktemp("standing"))


GUARDED = (
    "/tray", "/staff/printer", "/apply/new", "/slip/1", "/slip/1.pdf", "/slip/1/qr.png", "/print/1", "/print/1/card.pdf",
)  # fmt: skip
OPEN = ("/", "/state", "/healthz", "/verify", "/print", "/print/slip", "/unlock", "/unlock/recovery")


@pytest.mark.parametrize("path", GUARDED)
def test_staff_pages_ask_for_the_pin_and_come_back(standing, path):
    answer = standing.client(unlocked=False).get(path)
    assert answer.status_code == 303
    assert answer.location == f"/unlock?next={path}"


@pytest.mark.parametrize("path", OPEN)
def test_these_pages_answer_without_the_pin(standing, path):
    assert standing.client(unlocked=False).get(path).status_code == 200


@pytest.mark.parametrize("path", ("/queue/try", "/staff/printer", "/print/1/send", "/print/1/printed"))
def test_staff_forms_do_nothing_without_the_pin(standing, path):
    answer = standing.client(unlocked=False).post(path, data={"uri": "ipp://printer/ipp/print"})
    assert answer.status_code == 303
    assert answer.location.startswith("/unlock")
    assert load(standing.settings.data_dir).printer_uri == ""


def test_the_pin_opens_and_leads_to_where_one_wanted(scene):
    client = scene.client(unlocked=False)
    assert client.post("/unlock", data={"pin": PIN, "next": "/tray?asked=1"}).location == "/tray?asked=1"
    assert client.get("/tray").status_code == 200


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/\tx"]
)
def test_afterwards_one_stays_on_this_machine(standing, where):
    client = standing.client(unlocked=False)
    assert client.post("/unlock", data={"pin": PIN, "next": where}).location == "/"
    assert guard.local_path(where) == "/"


def test_a_wrong_pin_says_so_and_how_many_tries_are_left(scene):
    answer = scene.client(unlocked=False).post("/unlock", data={"pin": "000000"})
    assert answer.status_code == 403
    assert "還可以試 9 次" in answer.text


def test_after_five_wrong_ones_the_page_says_how_long_to_wait(scene):
    client = scene.client(unlocked=False)
    for _ in range(5):
        answer = client.post("/unlock", data={"pin": "000000"})
    assert "請等 30 秒再試" in answer.text
    assert client.post("/unlock", data={"pin": PIN}).status_code == 403


def test_ten_wrong_ones_lock_until_the_recovery_code(scene, monkeypatch):
    seconds = [0.0]
    monkeypatch.setattr(pins, "boot_clock", lambda: ("boot", seconds[0]))
    monkeypatch.setitem(pins.check.__kwdefaults__, "clock", pins.boot_clock)
    monkeypatch.setitem(pins.status.__kwdefaults__, "clock", pins.boot_clock)
    client = scene.client(unlocked=False)
    for _ in range(10):
        client.post("/unlock", data={"pin": "000000"})
        seconds[0] += 3601
    assert "鎖住了" in client.get("/unlock").text
    new = {"pin": "135791", "again": "135791"}
    assert client.post("/unlock/recovery", data={"code": "XXXX-XXXX-XXXX", **new}).status_code == 403
    assert client.post("/unlock/recovery", data={"code": scene.recovery, **new}).status_code == 200
    assert client.get("/tray").status_code == 200


def test_locking_is_final_even_for_a_copied_cookie(scene):
    client = scene.client()
    copied = client.get_cookie("kiosk").value
    client.post("/lock")
    assert client.get("/tray").status_code == 303
    thief = scene.client(unlocked=False)
    thief.set_cookie("kiosk", copied)
    assert thief.get("/tray").status_code == 303


def test_a_restart_locks(scene):
    client = scene.client()
    cookie = client.get_cookie("kiosk").value
    again = create_app(scene.settings).test_client()
    again.environ_base["HTTP_HOST"] = "localhost"
    again.set_cookie("kiosk", cookie)
    assert again.get("/tray").status_code == 303


def test_left_alone_it_locks_and_a_page_that_refreshes_itself_is_no_use(scene):
    ticks = [0.0]
    scene.app.extensions["unlocked"] = guard.Unlocked(900, lambda: ticks[0])
    client = scene.client()
    for _ in range(4):
        ticks[0] += 300
        polled = client.get("/tray", headers={"HX-Request": "true", "X-Poll": "1"})
    assert polled.headers["HX-Redirect"].startswith("/unlock")
    assert client.get("/tray").status_code == 303


def test_a_page_left_open_gives_way_to_the_pin_when_the_tablet_locks_itself(scene):
    ticks = [0.0]
    scene.app.extensions["unlocked"] = guard.Unlocked(900, lambda: ticks[0])
    client = scene.client()
    strip = {"HX-Request": "true", "X-Poll": "1", "HX-Current-URL": "http://localhost/apply/1/identity"}
    assert "HX-Redirect" not in client.get("/state", headers=strip).headers
    ticks[0] = 901
    assert client.get("/state", headers=strip).headers["HX-Redirect"] == "/unlock?next=/apply/1/identity"
    assert "HX-Redirect" not in client.get("/state", headers=strip).headers  # told once; the PIN page has a strip too
    assert client.get("/tray").status_code == 303


def test_somebody_at_work_stays_unlocked(scene):
    ticks = [0.0]
    scene.app.extensions["unlocked"] = guard.Unlocked(900, lambda: ticks[0])
    client = scene.client()
    for _ in range(4):
        ticks[0] += 800
        assert client.get("/tray").status_code == 200


def fresh(tmp_path, **settings):
    app = create_app(Settings(data_dir=tmp_path, **settings))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.environ_base["HTTP_HOST"] = "localhost"
    return app, client


def test_a_new_machine_asks_for_its_first_pin_and_shows_the_recovery_code_once(tmp_path):
    app, client = fresh(tmp_path)
    assert "請先設定" in client.get("/unlock").text
    assert client.post("/unlock/new", data={"pin": "135791", "again": "135792"}).status_code == 422
    asked = client.get("/unlock?next=/care").text
    assert 'name="next" value="/care"' in asked
    answer = client.post("/unlock/new", data={"pin": "135791", "again": "135791", "next": "/care"})
    assert "救援碼" in answer.text and 'href="/care"' in answer.text, "and goes on to where it was asked for"
    assert client.get("/tray").status_code == 200
    assert client.post("/unlock/new", data={"pin": "999999", "again": "999999"}).status_code == 403
    assert pins.check(app.extensions["store"], "135791").ok


def test_the_first_pin_is_set_at_the_machine_only(tmp_path):
    app, client = fresh(tmp_path)
    client.environ_base["REMOTE_ADDR"] = "192.168.1.9"
    assert "還沒有設定 PIN" in client.get("/unlock").text
    assert client.post("/unlock/new", data={"pin": "135791", "again": "135791"}).status_code == 403
    assert not pins.is_set(app.extensions["store"])


def test_a_form_without_its_token_is_refused(tmp_path):
    scene = build(tmp_path, csrf=True)
    assert scene.client(unlocked=False).post("/unlock", data={"pin": PIN}).status_code == 400


def test_a_printer_that_does_not_answer_is_kept_and_said(scene):
    answer = scene.client().post("/staff/printer", data={"uri": "ipp://127.0.0.1:9/ipp/print"})
    assert "找不到印表機" in answer.text
    assert load(scene.settings.data_dir).printer_uri == "ipp://127.0.0.1:9/ipp/print"
    assert "找不到印表機" in scene.client().get("/state").text


def test_what_is_no_printers_address_is_not_kept(scene):
    answer = scene.client().post("/staff/printer", data={"uri": "file:///etc/passwd"})
    assert answer.status_code == 422
    assert load(scene.settings.data_dir).printer_uri == ""
