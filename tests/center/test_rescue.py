"""The administrator's page for rescue files: who may, what it says, and that a foreign form brings nothing in."""

from __future__ import annotations

import io

from center.store import devices
from center.store.tables import application
from honorcard.problems import sentence
from sync import outbox, rescue, wire
from sync.device import DeviceKeys
from sync.ids import uuid7
from sync.seal import seal
from tests.center.signing import application_body


def _file(world, tmp_path, n: int = 1) -> bytes:
    """A tablet of this center, and the rescue file of its sealed queue."""
    from center import keyring
    from kiosk.store import Store

    keys, device_id = DeviceKeys.generate(), uuid7()
    with world.store.write() as conn:
        devices.add(conn, device_id=device_id, unit_id=world.units["north_gate"], name="二號機", profile="staff",
                    sign_key=keys.sign_public, seal_key=keys.seal_public, at_ms=1)  # fmt: skip
    tablet = Store(tmp_path / "kiosk.db", bytes(32))
    with tablet.write() as db:
        for _ in range(n):
            body = application_body(_photos())
            outbox.put(db, kind="application.submit", entity_id=body.application_id, base_rev=None,
                       body=seal(wire.encode(body), keyring.sealing_public(world.settings), "body"))  # fmt: skip
        made = rescue.prepare(db, tmp_path, keys.sign, device_id, 1, lambda seq: outbox.whole_one(db, seq))
        return b"".join(made.pieces())


def _photos():
    return tuple(
        wire.Photo(slot=slot, position=place, sealed_sha256=f"{place}{len(slot)}" * 32, clear_sha256="ab" * 32, size=9,
                   width=1, height=1)
        for slot, place in (("headshot", 0), ("cover", 0), ("page", 1))
    )  # fmt: skip


def _bring(browser, content: bytes | None, token: str):
    data = {"csrf_token": token}
    if content is not None:
        data["file"] = (io.BytesIO(content), "20261121-1000.hcrescue")
    return browser.client.post("/rescue", data=data, content_type="multipart/form-data")


def test_a_file_is_taken_in_and_the_page_says_what_came_of_it(world, tmp_path):
    content = _file(world, tmp_path, 2)
    browser = world.browser("admin")
    token = browser.token("/rescue")
    first = _bring(browser, content, token)
    assert first.status_code == 200
    assert "收進 2 筆，原本就有 0 筆" in first.text
    assert "二號機" in first.text
    assert "收進 0 筆，原本就有 2 筆" in _bring(browser, content, token).text
    with world.store.read() as conn:
        assert len(conn.execute(application.select()).all()) == 2
    history = world.browser("auditor").get("/history").get_data(as_text=True)
    assert "由救援檔收進" in history


def test_without_the_form_s_token_nothing_is_taken(world, tmp_path):
    content = _file(world, tmp_path)
    browser = world.browser("admin")
    browser.token("/rescue")
    for token in ("", "forged"):
        assert _bring(browser, content, token).status_code == 400
    with world.store.read() as conn:
        assert conn.execute(application.select()).first() is None


def test_another_file_and_no_file_are_told_in_words(world):
    browser = world.browser("admin")
    token = browser.token("/rescue")
    for content, code in ((b"PK\x03\x04", "rescue_unreadable"), (None, "rescue_missing")):
        answer = _bring(browser, content, token)
        assert answer.status_code == 422
        assert sentence(code, "zh") in answer.text


def test_a_damaged_file_says_what_is_missing(world, tmp_path):
    content = bytearray(_file(world, tmp_path, 2))
    content[content.index(b'{"op":') + 40] ^= 1
    browser = world.browser("admin")
    answer = _bring(browser, bytes(content), browser.token("/rescue"))
    assert "收進 1 筆" in answer.text
    assert "檔案裡有 1 筆資料" in answer.text


def test_the_tablets_page_leads_there(world):
    assert 'href="/rescue"' in world.browser("admin").get("/tablets").get_data(as_text=True)
