"""A tablet that is stolen, or looked at by whoever repairs it: what stands in its files and in its log (D-28 in small)."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from kiosk import rescuing, upkeep
from kiosk.store import data_key, keys
from sync import wire
from tests.center.signing import application_body
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


def test_every_file_after_a_whole_walk_is_unreadable(tmp_path: Path) -> None:
    """D-28: drafts, what was sent, a returned case, a card to print, the nightly copy, the rescue file, a database set aside."""
    scene = build(tmp_path, copy_dir=str(tmp_path / "kiosk" / "card"))
    draft = Applicant(scene).fill()
    draft.say("person", **{**PERSON, "name": NAME, "email": EMAIL})
    sent_one = Applicant(scene).fill()
    sent_one.say("person", **{**PERSON, "name": NAME, "email": EMAIL})
    assert sent_one.post("submit").status_code == 303
    scene.accept(sent_one.id)
    returned = wire.Returned(reasons=("page_blurred",), text=f"{NAME} {NUMBER}", slots=("page-1",), application=_body())
    scene.give_back(sent_one.id, returned)
    issued = scene.submit("林○琴")
    scene.issue(issued, secret=bytes(range(16)))
    client = scene.client()
    assert NAME in client.get("/tray").text  # what the reviewer wrote, to staff who unlocked it
    upkeep.Keeper(scene.app).step()
    now = scene.app.config["NOW"]()
    rescuing.save(scene.store, scene.settings, scene.settings.data_dir / rescuing.file_name(now), now)
    aside = scene.settings.data_dir / "set-aside"
    aside.mkdir()
    (aside / "old.db").write_bytes(scene.settings.database.read_bytes())
    files = _files(scene.settings.data_dir)
    kinds = {name.split("/")[0] for name in files}
    assert {"kiosk.db", "kiosk.db-wal", "photos", "blobs", "card", "set-aside"} <= kinds
    assert any(name.endswith(".hcrescue") for name in files)
    assert _clear_in(files, [NAME, NUMBER, NUMBER[1:], EMAIL, PERSON["name"], "%PDF-1."]) == []
    outside = b"".join(content for name, content in files.items() if not name.startswith("keys/"))
    assert data_key(scene.settings.key_file) not in outside


def test_with_a_passphrase_not_even_the_keys_are_readable(tmp_path: Path) -> None:
    scene = _walk(tmp_path)
    key = data_key(scene.settings.key_file)
    keys.wrap(scene.settings.key_file, "four unrelated words here")
    files = _files(scene.settings.data_dir)
    assert key not in b"".join(files.values())
    assert b"PRIVATE KEY" not in b"".join(files.values())
    keys.forget(scene.settings.key_file)


def _body() -> wire.ApplicationBody:
    return application_body(
        tuple(
            wire.Photo(slot=slot, position=place, sealed_sha256="ab" * 32, clear_sha256="cd" * 32, size=9, width=1, height=1)
            for slot, place in (("headshot", 0), ("cover", 0), ("page", 1))
        ),
        name=NAME, identity_number=NUMBER, email=EMAIL,
    )  # fmt: skip
