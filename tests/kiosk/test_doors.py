"""A kiosk's doors for real: https whose chain a client checks, the plain door that leads to the trust page alone, their cookies."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from kiosk import doors, local_ca
from kiosk.doors import Doors, PortTakenError
from tests.journeys.stage import free_port
from tests.kiosk.scene import NOW, PIN, Scene, build


@dataclass
class Host:
    """A kiosk that serves phones, on loopback."""

    scene: Scene
    doors: Doors
    here: str
    tls: str
    plain: str
    authority: ssl.SSLContext

    def phone(self, **more) -> httpx.Client:
        return httpx.Client(base_url=self.tls, verify=self.authority, **more)


@contextlib.contextmanager
def hosting(folder: Path, **settings) -> Iterator[Host]:
    ports = [free_port() for _ in range(3)]
    scene = build(
        folder,
        csrf=True,
        lan=True,
        port=ports[0],
        lan_port=ports[1],
        lan_http_port=ports[2],
        lan_name="classroom",
        **settings,
    )
    listening = Doors(scene.app, scene.settings, threads=4, now_is=lambda: NOW)
    thread = threading.Thread(target=listening.run, daemon=True)
    thread.start()
    authority = ssl.create_default_context(cadata=local_ca.authority_der(scene.settings.lan_keys))
    here, tls, plain = (f"127.0.0.1:{port}" for port in ports)
    try:
        yield Host(scene, listening, f"http://{here}", f"https://{tls}", f"http://{plain}", authority)
    finally:
        listening.close()
        thread.join(10)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with hosting(tmp_path_factory.mktemp("host"), profile="hosted") as one:
        yield one


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def unlock(client: httpx.Client) -> httpx.Response:
    return client.post("/unlock", data={"pin": PIN, "csrf_token": token(client.get("/unlock").text)})


def test_who_trusts_the_authority_gets_the_kiosk_by_https(host):
    with host.phone() as phone:
        answer = phone.get("/")
    assert answer.status_code == 200
    assert "申請榮譽卡" in answer.text


def test_who_does_not_is_told_by_the_browser_itself(host):
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(host.tls)


def test_who_speaks_no_tls_or_nothing_at_all_disturbs_nobody(host):
    port = int(host.tls.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert b"HTTP/1.1 200" not in plain.recv(100)
    socket.create_connection(("127.0.0.1", port), timeout=10).close()
    with host.phone() as phone:
        assert phone.get("/trust/ok").status_code == 204


def test_a_large_picture_goes_up_and_a_large_script_comes_down(host):
    with host.phone() as phone:
        assert len(phone.get("/static/vendor/htmx.min.js").content) > 50_000
        answer = phone.post("/unlock", content=b"x" * 5_000_000, headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 400  # read to its end, and no form


def test_many_phones_at_once_each_keep_their_connection(host):
    def ask(which: int) -> list[int]:
        with host.phone() as phone:
            return [phone.get("/trust/ok").status_code for _ in range(4)]

    told: list[list[int]] = []
    threads = [threading.Thread(target=lambda at=at: told.append(ask(at))) for at in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told == [[204] * 4] * 12


def test_a_session_by_https_is_secure_and_not_the_plain_doors(host):
    with host.phone() as phone:
        assert unlock(phone).status_code == 303
        sessions = [cookie for cookie in phone.cookies.jar if "kiosk" in cookie.name]
    assert [(one.name, one.secure, one.domain_specified) for one in sessions] == [("__Host-kiosk", True, False)]
    with httpx.Client(base_url=host.here) as screen:
        assert unlock(screen).status_code == 303
        assert {cookie.name for cookie in screen.cookies.jar} == {"kiosk"}


def test_the_plain_door_leads_to_the_trust_page_and_serves_no_more(host):
    with httpx.Client(base_url=host.plain) as phone:
        for path in ("/", "/apply/new", "/unlock", "/tray", "/state", "/healthz"):
            answer = phone.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/trust"), path
        assert phone.get("/trust").status_code == 200
        assert phone.get("/static/css/base.css").status_code == 200
        assert not list(phone.cookies.jar)
        for path in ("/unlock", "/apply/new"):
            assert phone.post(path, data={"pin": PIN}).status_code in (400, 403), path


def test_the_plain_door_gives_the_certificate_as_phones_want_it(host):
    answer = httpx.get(f"{host.plain}/trust/honorcard-host.crt")
    assert answer.headers["content-type"] == "application/x-x509-ca-cert"
    assert answer.content == local_ca.authority_der(host.scene.settings.lan_keys)
    assert b"PRIVATE" not in answer.content


def test_the_trust_page_may_ask_the_https_door_and_says_the_same_fingerprint(host):
    answer = httpx.get(f"{host.plain}/trust")
    assert f"connect-src 'self' {host.tls};" in answer.headers["content-security-policy"]
    assert local_ca.fingerprint(host.scene.settings.lan_keys) in answer.text
    with host.phone() as phone:
        probe = phone.get("/trust/ok")
    assert probe.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(("path", "there"), [("/metrics", 404), ("/in-use", 404), ("/healthz", 200)])
def test_what_watches_the_machine_is_asked_at_the_machine_alone(host, path, there):
    with host.phone() as phone:
        assert phone.get(path).status_code == there
    assert httpx.get(host.here + path).status_code == 200


def test_another_machines_name_is_refused_at_every_door(host):
    for address in (host.here, host.plain):
        assert httpx.get(address + "/trust", headers={"Host": "evil.example"}).status_code == 421
    with host.phone() as phone:
        assert phone.get("/trust", headers={"Host": "evil.example"}).status_code == 421
        assert phone.get("/trust", headers={"Host": "classroom.local"}).status_code == 200


def test_where_people_are_made_up_the_plain_door_serves_the_app_too(host):
    app = host.scene.app
    before = app.config["SETTINGS"]
    try:
        for profile, plain_http, served in (
            ("training", "training", True), ("hosted", "on", True), ("training", "off", False), ("hosted", "training", False),
        ):  # fmt: skip
            app.config["SETTINGS"] = replace(before, profile=profile, plain_http=plain_http)
            leads_to = httpx.get(host.plain).headers.get("Location", "")  # a practice room's first page to the seats
            assert ("/trust" not in leads_to) is served
            assert ("用相機 App 拍" in httpx.get(f"{host.plain}/trust").text) is served
        app.config["SETTINGS"] = replace(before, plain_http="on")
        with httpx.Client(base_url=host.plain) as phone:
            assert unlock(phone).status_code == 303
            assert phone.get("/tray").status_code == 200
            assert {(cookie.name, cookie.secure) for cookie in phone.cookies.jar} == {("kiosk", False)}
    finally:
        app.config["SETTINGS"] = before


def test_a_renewed_certificate_is_used_without_a_restart_and_nobody_is_locked_out(host):
    with host.phone() as phone:
        assert unlock(phone).status_code == 303
        (host.scene.settings.lan_keys / local_ca.HOST_FILE).unlink()
        assert host.doors.renew()
        assert not host.doors.renew()
        assert phone.get("/tray").status_code == 200
        cookies = phone.cookies
    with host.phone(cookies=cookies) as again:
        assert again.get("/tray").status_code == 200


def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        scene = build(tmp_path, lan=True, port=free_port(), lan_port=port, lan_http_port=free_port())
        with pytest.raises(PortTakenError) as refused:
            Doors(scene.app, scene.settings, threads=1)
    assert refused.value.port == port


def test_a_kiosk_for_itself_has_one_door(tmp_path):
    scene = build(tmp_path, port=free_port())
    listening = Doors(scene.app, scene.settings, threads=1)
    assert listening.addresses() == [f"http://127.0.0.1:{scene.settings.port}/"]
    assert not (scene.settings.lan_keys).exists()
    listening.close()
    assert doors.serves_plainly(scene.settings) is False
