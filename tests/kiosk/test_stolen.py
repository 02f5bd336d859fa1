"""A tablet that is stolen, or looked at by whoever repairs it: what stands in its files and in its log (D-28 in small)."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from kiosk.store import data_key
from tests.kiosk.applying import PERSON, Applicant
from tests.kiosk.scene import Scene, build, frame, jpeg
from tests.sync.loopback import Kiosk, running

NAME, NUMBER, EMAIL = "林秀琴", "A223456781", "someone@example.tw"
# whole signatures of seven bytes and more: shorter ones turn up in good ciphertext by chance
PICTURES = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    b"JFIF\x00\x01\x01",
    b"Exif\x00\x00II",
    b"Exif\x00\x00MM",
    b"\x89PNG\r\n\x1a\n",
    b"WEBPVP8",
)


def _files(scene_dir: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(scene_dir)): path.read_bytes() for path in sorted(scene_dir.rglob("*")) if path.is_file()
    }


def _clear_in(files: dict[str, bytes], texts: list[str]) -> list[tuple[str, str]]:
    spelled = [(text, text.encode(code)) for text in texts for code in ("utf-8", "utf-16-le", "big5")]
    spelled += [(picture.hex(), picture) for picture in PICTURES]
    return [(name, text) for name, content in files.items() for text, needle in spelled if needle in content]


def _walk(folder: Path) -> Scene:
    """A whole application, typed, photographed, submitted, its slip looked at; the app still runs."""
    scene = build(folder)
    person = Applicant(scene).fill()
    person.say("person", **{**PERSON, "name": NAME, "email": EMAIL})
    assert person.post("submit").status_code == 303
    assert person.client.get(f"/slip/{person.id}").status_code == 200
    return scene


def test_the_files_of_a_tablet_hold_nothing_readable_of_what_was_submitted(tmp_path: Path) -> None:
    scene = _walk(tmp_path)
    data = scene.settings.data_dir
    files = _files(data)
    assert {"kiosk.db", "kiosk.db-wal"} <= files.keys()  # also what SQLite has not folded in yet
    assert sum(name.startswith("blobs/") for name in files) == 3
    assert _clear_in(files, [NAME, NUMBER, NUMBER[1:], EMAIL, PERSON["name"]]) == []
    assert not [name for name in files if name.startswith("photos/")]  # nothing left for the data key to open


def test_drafts_are_ciphertext_too(tmp_path: Path) -> None:
    scene = build(tmp_path)
    person = Applicant(scene).fill()
    person.say("person", **{**PERSON, "name": NAME, "email": EMAIL})
    files = _files(scene.settings.data_dir)
    assert sum(name.startswith("photos/") for name in files) >= 3
    assert _clear_in(files, [NAME, NUMBER, NUMBER[1:], EMAIL]) == []
    assert not files["kiosk.db"].startswith(b"SQLite format 3")
    assert data_key(scene.settings.key_file) not in b"".join(
        content for name, content in files.items() if not name.startswith("keys/")
    )


def test_no_log_of_the_tablet_names_anybody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    scene = _walk(tmp_path)
    client = scene.client()
    for held_up in ("valid", "forged", "revoked"):
        picture = jpeg(frame(scene.cards.texts[held_up]))
        assert client.post("/verify/frame", data=picture, content_type="image/jpeg").status_code == 200
    for path in ("/tray", "/print", "/verify", "/state"):
        assert client.get(path).status_code == 200
    for secret in (NAME, NUMBER, NUMBER[1:], EMAIL, "HTTPS://", "HCS1:"):
        assert secret not in caplog.text


def test_no_log_between_tablet_and_center_names_anybody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running(tmp_path / "center") as center:
        tablet = Kiosk(tmp_path / "kiosk")
        tablet.enrol(center)
        first, second = tablet.draft(person=0), tablet.draft(person=0)
        tablet.submit(first)
        tablet.submit(second)
        damaged = sorted(path for path in tablet.settings.blobs_dir.rglob("*") if path.is_file())[0]
        damaged.write_bytes(b"rot")
        for _ in range(3):
            tablet.step()
            center.worker.step()
        center.give_back(first, tablet.device_id)
        tablet.step()
    assert caplog.records
    for secret in ("王小明", "A123456789", "123456789", "第 1 頁看不清楚"):
        assert secret not in caplog.text
