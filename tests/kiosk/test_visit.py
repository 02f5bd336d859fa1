"""A public screen: it asks whether somebody is there, and after a visit nothing of it is left."""

from __future__ import annotations

import re

import pytest

from honorcard.card.slip import new_slip_secret, slip_text
from tests.kiosk.scene import build


@pytest.fixture
def scene(tmp_path):
    return build(tmp_path, profile="public", rules={"self_application": True})


def card(scene):
    """An issued card; its slip's text and its application."""
    secret = new_slip_secret()
    application = scene.submit("林○琴", photos=0)
    scene.issue(application, secret=secret)
    with scene.store.read() as db:
        receipt = db.conn.execute(
            "SELECT receipt FROM application WHERE application_id = ?", (application,)
        ).fetchone()[0]
    return application, slip_text(receipt, secret)


def dialog(text: str) -> str:
    found = re.search(r"<dialog[^>]*\bclass=\"still-there\"[^>]*>", text)
    return found[0] if found else ""


def test_every_page_of_a_public_screen_asks_after_twenty_seconds_and_waits_twenty_more(scene):
    client = scene.client(unlocked=False)
    for path in ("/", "/progress", "/print", "/print/slip", "/record", "/places", "/verify", "/unlock", "/nowhere"):
        found = dialog(client.get(path).text)
        assert 'data-idle="20"' in found and 'data-answer="20"' in found, path


def test_only_the_start_page_in_its_own_language_asks_nobody(scene):
    client = scene.client(unlocked=False)
    assert "data-rest" in dialog(client.get("/").text)
    assert "data-rest" not in dialog(client.get("/?language=en").text)
    assert "data-rest" not in dialog(client.get("/places?language=zh").text)


def test_the_time_can_be_set_but_never_below_twenty_seconds_to_answer(tmp_path):
    found = dialog(
        build(tmp_path, profile="public", idle_ask_s=200, idle_answer_s=5).client(unlocked=False).get("/").text
    )
    assert 'data-idle="200"' in found and 'data-answer="20"' in found


def test_staff_at_work_is_not_asked(scene):
    assert dialog(scene.client().get("/").text) == ""


def test_a_staff_tablet_asks_only_while_a_volunteers_things_lie_on_it(tmp_path):
    scene = build(tmp_path)
    client = scene.client(unlocked=False)
    assert dialog(client.get("/places").text) == ""
    _, slip = card(scene)
    client.post("/print/slip", data={"slip": slip, "born": "47.08.16"})
    assert 'data-idle="20"' in dialog(client.get("/places").text)


def test_after_the_visit_its_pages_are_shut_and_the_language_is_the_default(scene):
    application, slip = card(scene)
    client = scene.client(unlocked=False)
    client.get("/?language=en")
    assert client.post("/print/slip", data={"slip": slip, "born": "47.08.16"}).location == f"/print/{application}"
    assert client.get(f"/print/{application}").status_code == 200
    copied = client.get_cookie("kiosk").value
    assert client.post("/visit/end").location == "/"
    assert client.get_cookie("language") is None
    assert client.get(f"/print/{application}").location.startswith("/unlock")
    assert "您好，今天要辦什麼？" in client.get("/").text
    thief = scene.client(unlocked=False)
    thief.set_cookie("kiosk", copied)  # the ticket is dropped here, not only in the browser
    assert thief.get(f"/print/{application}").location.startswith("/unlock")


def test_an_application_begun_alone_is_closed_too_and_stays_for_staff(scene):
    client = scene.client(unlocked=False)
    mine = client.post("/apply/new", data={"kind": "first"}).location.split("/")[2]
    client.post("/visit/end")
    assert client.get(f"/apply/{mine}/identity").location.startswith("/unlock")
    assert mine in scene.client().get("/apply/new").text


def test_the_end_of_a_visit_locks(scene):
    client = scene.client()
    client.post("/visit/end")
    assert client.get("/tray").location.startswith("/unlock")


def test_a_form_of_the_visit_before_is_refused_when_it_is_sent_again(tmp_path):
    scene = build(tmp_path, profile="public", csrf=True)
    application, slip = card(scene)
    client = scene.client(unlocked=False)

    def token(text: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        assert found
        return found[1]

    before = token(client.get("/print/slip").text)
    sent = {"slip": slip, "born": "47.08.16", "csrf_token": before}
    assert client.post("/print/slip", data=sent).status_code == 303
    client.post("/visit/end", headers={"X-CSRFToken": token(client.get("/").text)})
    client.get("/")  # the next visitor's session
    assert client.post("/print/slip", data=sent).status_code == 400
    assert client.get(f"/print/{application}").location.startswith("/unlock")


def test_a_public_screen_hands_out_no_files(scene):
    application, slip = card(scene)
    client = scene.client(unlocked=False)
    client.post("/print/slip", data={"slip": slip, "born": "47.08.16"})
    page = client.get(f"/print/{application}").text
    assert "card.pdf" not in page
    assert client.get(f"/print/{application}/card.pdf").status_code == 403
    assert client.post(f"/print/{application}/printed").status_code == 403
    assert scene.client().get(f"/print/{application}/card.pdf").status_code == 200  # staff has them


def test_no_field_on_a_public_page_lets_the_browser_remember_what_was_typed(scene):
    _, slip = card(scene)
    client = scene.client(unlocked=False)
    pages = [
        client.get(path).text for path in ("/", "/progress", "/print/slip", "/record", "/verify", "/unlock", "/places")
    ]
    pages += [
        client.post(path, data={"text": slip}).text for path in ("/print/slip/text", "/record/text", "/progress/text")
    ]
    for text in pages:
        for field in re.findall(r"<input[^>]*>", text):
            if not re.search(r'type="(hidden|file|radio|checkbox)"', field):
                assert 'autocomplete="off"' in field, field


def test_nothing_of_a_public_page_is_kept_by_the_browser(scene):
    for path in ("/", "/progress", "/print", "/record", "/verify", "/call", "/places"):
        assert scene.client(unlocked=False).get(path).headers["Cache-Control"] == "no-store", path
