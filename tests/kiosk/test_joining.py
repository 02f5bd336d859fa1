"""The page with the codes for phones, the Wi-Fi that staff typed, the poster; and the page that phones see first."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from kiosk import local_ca
from kiosk.addresses import addresses
from kiosk.doors import identity
from scanner import qr
from tests.kiosk.scene import NOW, build

SECRET = 'pass;word,"x"'


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    made = build(tmp_path_factory.mktemp("host"), lan=True, lan_name="classroom", profile="training")
    identity(made.settings, NOW)
    return made


def read(png: bytes) -> list[str]:
    return qr.decode(np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))[:, :, ::-1].copy())


def test_it_is_for_staff(scene):
    stranger = scene.client(unlocked=False)
    for path in ("/join", "/join/wifi.png", "/join/address.png", "/join/poster.pdf"):
        assert stranger.get(path).location == f"/unlock?next={path}", path
    assert stranger.post("/join/wifi", data={"name": "a-strangers"}).status_code == 303
    assert "a-strangers" not in scene.client().get("/join").text


def test_staff_type_the_wifi_once_and_the_code_carries_it(scene):
    client = scene.client()
    assert client.get("/join/wifi.png").status_code == 404
    assert client.post("/join/wifi", data={"name": "志工教室", "password": SECRET}).status_code == 303
    page = client.get("/join").text
    assert "志工教室" in page
    assert 'name="password"' not in page
    assert page.index("顯示密碼") < page.index("pass;word")  # behind one press
    assert read(client.get("/join/wifi.png").data) == ['WIFI:T:WPA;S:志工教室;P:pass\\;word\\,\\"x\\";;']
    assert client.post("/join/wifi/forget").status_code == 303
    assert "pass;word" not in client.get("/join").text


def test_the_password_lies_in_the_encrypted_store_alone(scene):
    scene.client().post("/join/wifi", data={"name": "classroom", "password": "very-secret-words"})
    for file in scene.settings.data_dir.rglob("*"):
        assert not file.is_file() or b"very-secret-words" not in file.read_bytes(), file
    scene.client().post("/join/wifi/forget")


@pytest.mark.parametrize(("name", "password"), [("", "12345678"), ("classroom", "short"), ("字" * 11, "")])
def test_what_no_phone_could_join_is_said_and_not_kept(scene, name, password):
    client = scene.client()
    answer = client.post("/join/wifi", data={"name": name, "password": password})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert password == "" or password not in answer.text
    assert client.get("/join/wifi.png").status_code == 404


def test_the_other_code_leads_to_the_trust_page_by_plain_http(scene):
    client = scene.client()
    port = scene.settings.lan_http_port
    hosts = addresses() or ["classroom.local"]
    assert read(client.get("/join/address.png").data) == [f"http://{hosts[0]}:{port}/trust"]
    for one in hosts:
        assert read(client.get(f"/join/address.png?address={one}").data) == [f"http://{one}:{port}/trust"]
    assert read(client.get("/join/address.png?address=evil.example").data) == [f"http://{hosts[0]}:{port}/trust"]


def test_screen_phone_and_poster_say_the_same_fingerprint(scene):
    known = local_ca.fingerprint(scene.settings.lan_keys)
    assert len(known.replace(" ", "")) == 64
    assert known in scene.client().get("/join").text
    assert known in scene.client(unlocked=False).get("/trust").text
    poster = scene.client().get("/join/poster.pdf")
    assert (poster.mimetype, poster.data[:5]) == ("application/pdf", b"%PDF-")


@pytest.mark.parametrize(
    ("agent", "first"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0)", "iPhone"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel)", "Android"),
        ("", "iPhone"),
    ],
)
def test_a_phone_sees_its_own_steps_first(scene, agent, first):
    page = scene.client(unlocked=False).get("/trust", headers={"User-Agent": agent}).text
    steps = page.split('class="panel trust-steps"')[1:]
    assert first in steps[0]
    assert [" open" in step.partition(">")[0] for step in steps] == [agent != "", False]


def test_the_trust_page_begins_no_session(scene):
    answer = scene.client(unlocked=False).get("/trust")
    assert "Set-Cookie" not in answer.headers
    assert "csrf" not in answer.text


def test_a_kiosk_that_serves_no_phones_says_how_it_would(tmp_path):
    scene = build(tmp_path)
    assert "--lan" in scene.client().get("/join").text
    client = scene.client(unlocked=False)
    assert "--lan" in client.get("/trust").text
    assert client.get("/trust/honorcard-host.crt").status_code == 404
