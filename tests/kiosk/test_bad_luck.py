"""Bad luck at the kiosk: a full disk, two hands on one draft, two presses at once. Each has its sentence, and nothing
is lost.
"""

from __future__ import annotations

import resource
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from honorcard.problems import Language, sentence
from kiosk.asking import drafted
from kiosk.store import Store, data_key
from tests.kiosk import scene as scenes
from tests.kiosk.applying import BOOK, PERSON, Applicant, cover, head, inside
from tests.small_disk import small_disk


@dataclass
class Disk:
    """A small disk with a kiosk on it."""

    scene: scenes.Scene
    own: bool
    fill: Callable[[], None]
    free: Callable[[], None]


def _told(text: str, language: Language = "zh") -> bool:
    sentences = [sentence(code, language).replace("'", "&#39;") for code in ("disk_full", "disk_trouble")]
    return any(words in text for words in sentences)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk") as small:
        yield Disk(
            scenes.build(tmp_path / "disk", free_bytes_stop=0, free_bytes_submit=0), small.own, small.fill, small.free
        )


def test_a_full_disk_keeps_what_was_typed_on_the_page_and_goes_on_afterwards(disk: Disk):
    person = Applicant(disk.scene)
    person.say("identity", document="id", number="A223456781")
    long = {**PERSON, "name": "林秀琴", "email": f"{'q' * 200}@example.tw"}
    disk.fill()
    for _ in range(3):
        told = person.say("person", **long)
        assert told.status_code == 507
        assert _told(told.text)
        assert all(f'value="{typed}"' in told.text for typed in long.values())
    english = person.post("person?language=en", data=long)
    assert english.status_code == 507
    assert _told(english.text, "en")
    assert person.answers().name == ""  # nothing half saved, and the store still answers
    assert person.get("identity").status_code == 200
    disk.free()
    assert person.say("person", **long).status_code == 303
    assert person.answers().name == "林秀琴"


def test_a_full_disk_takes_no_photo_and_loses_none(disk: Disk):
    person = Applicant(disk.scene)
    assert person.photograph("cover", cover()).status_code == 303
    before = person.photos()
    photos = disk.scene.settings.photos_dir
    names = sorted(photos.iterdir())
    disk.fill()
    for _ in range(3):
        told = person.photograph("cover", inside(), headers={"HX-Request": "true"})
        assert told.status_code == 507
        assert 'id="say"' in told.text  # the camera's word: the photo taken stays on the screen, to be kept again
        assert _told(told.text)
    assert person.photos() == before
    assert sorted(photos.iterdir()) == names  # no try leaves a file behind that would fill the disk further
    shown = person.client.get(f"/apply/{person.id}/photos/{before[0].photo_id}/result.jpg")
    assert shown.data[:3] == b"\xff\xd8\xff"
    disk.free()
    assert person.photograph("cover", inside()).status_code == 303
    assert person.photos() != before


def test_corners_moved_on_a_full_disk_change_nothing(disk: Disk):
    person = Applicant(disk.scene)
    assert person.photograph("cover", cover()).status_code == 303
    before = person.photos()
    corners = {f"{axis}{n}": value for n in range(4) for axis, value in zip("xy", before[0].outline[n], strict=True)}
    disk.fill()
    told = person.client.post(person.at, data=corners)
    assert told.status_code == 507
    assert _told(told.text)
    assert person.photos() == before
    disk.free()
    assert person.client.post(person.at, data=corners).status_code == 303


def test_a_submit_on_a_full_disk_sends_nothing_and_succeeds_when_there_is_room(disk: Disk):
    person = Applicant(disk.scene).fill()
    sealed = disk.scene.settings.blobs_dir
    disk.fill()
    for _ in range(3):
        told = person.post("submit")
        assert told.status_code == 507
        assert _told(told.text)
        assert "林秀琴" in told.text  # the answers once more, and the button to press again
    assert disk.scene.ops("application.submit") == 0
    assert [path for path in sealed.rglob("*") if path.is_file()] == []
    disk.free()
    assert person.post("submit").status_code == 303
    assert disk.scene.ops("application.submit") == 1
    assert len([path for path in sealed.rglob("*") if path.is_file()]) == 3


def test_a_crash_on_a_full_disk_opens_again(disk: Disk):
    person = Applicant(disk.scene)
    assert person.photograph("headshot", head()).status_code == 303
    disk.fill()
    person.say("person", **PERSON)
    settings = disk.scene.settings
    disk.scene.store.close()
    if not disk.own:
        disk.free()
    again = Store(settings.database, settings.key_file.read_bytes())
    with again.read() as db:
        assert db.conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.conn.execute("SELECT count(*) FROM draft_photo").fetchone() == (1,)
    again.close()
    disk.free()


def test_a_first_start_on_a_full_disk_leaves_no_half_key(tmp_path: Path):
    with small_disk(tmp_path / "disk") as small:
        keys = tmp_path / "disk" / "keys"
        keys.mkdir()
        small.fill()
        if not small.own:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        with pytest.raises(OSError):
            data_key(keys / "data.key")
        small.free()
        key = data_key(keys / "data.key")
        assert len(key) == 32
        assert data_key(keys / "data.key") == key
        assert [path.name for path in keys.iterdir()] == ["data.key"]


def test_a_write_that_fails_at_its_very_end_leaves_no_transaction_open(tmp_path: Path):
    store = Store(tmp_path / "kiosk.db", bytes(32))
    with store.write() as db:
        db.conn.execute("CREATE TABLE one (x INTEGER REFERENCES two (y) DEFERRABLE INITIALLY DEFERRED)")
        db.conn.execute("CREATE TABLE two (y INTEGER PRIMARY KEY)")
    with pytest.raises(Exception, match="FOREIGN KEY"), store.write() as db:
        db.conn.execute("INSERT INTO one VALUES (7)")  # refused by the COMMIT, not by the statement
    with store.read() as db:
        assert not db.conn.in_transaction
        assert db.conn.execute("SELECT count(*) FROM one").fetchone() == (0,)
    with store.write() as db:
        db.conn.execute("INSERT INTO two VALUES (1)")
    other = Store(tmp_path / "kiosk.db", bytes(32))
    with other.read() as db:
        assert db.conn.execute("SELECT count(*) FROM two").fetchone() == (1,)


# --- two at once ---


@pytest.fixture
def alone(tmp_path: Path) -> Applicant:
    return Applicant(scenes.build(tmp_path))


def test_two_pages_of_one_draft_saving_at_once_take_nothing_from_each_other(alone: Applicant):
    tabs = [alone.scene.client(), alone.scene.client()]
    forms = [("person", PERSON), ("book", BOOK)]
    for turn in range(12):
        gate = threading.Barrier(2)
        said: list[int] = []

        def save(tab: int, gate=gate, said=said, turn=turn) -> None:
            step, fields = forms[tab]
            key = "name" if step == "person" else "book_number"
            gate.wait()
            said.append(tabs[tab].post(alone.url(f"{step}/keep"), data={**fields, key: f"{turn:06}"}).status_code)

        threads = [threading.Thread(target=save, args=(tab,)) for tab in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert said == [204, 204]
        typed = alone.answers().typed
        assert (typed["person"]["name"], typed["book"]["book_number"]) == (f"{turn:06}", f"{turn:06}")


def test_two_presses_at_once_send_one_application_with_one_slip(alone: Applicant):
    alone.fill()
    clients = [alone.scene.client() for _ in range(4)]
    gate = threading.Barrier(len(clients))
    places: list[str] = []

    def press(client) -> None:
        gate.wait()
        places.append(client.post(alone.url("submit")).location)

    threads = [threading.Thread(target=press, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(places) == {f"/slip/{alone.id}"}
    assert alone.scene.ops("application.submit") == 1
    assert "HC-" in alone.client.get(f"/slip/{alone.id}").text


def test_a_verdict_read_in_one_window_does_not_cover_answers_changed_in_another(alone: Applicant):
    alone.fill()
    alone.say("book", **{**BOOK, "hours": "301"})
    from kiosk.asking import judging

    with alone.scene.app.test_request_context("/"):
        before = alone.answers()
        drafted.change(alone.id, lambda now: judging.seen(now) if now == before else now)
        changed = alone.answers()
        drafted.change(alone.id, lambda now: judging.unseen(now))
        drafted.change(alone.id, lambda now: judging.seen(now) if now == changed else now)
    assert "verdict" not in alone.answers().typed


@pytest.mark.parametrize("step", ["kind", "identity", "person", "headshot", "book_photos", "book", "verdict", "check"])
def test_after_it_was_sent_a_page_left_open_or_gone_back_to_says_so(scene_sent: Applicant, step: str):
    answer = scene_sent.get(step)
    assert answer.status_code == 404
    assert sentence("draft_gone", "zh") in answer.text
    if step not in ("check",):
        assert scene_sent.post(step, data=PERSON).status_code == 404


def test_after_it_was_sent_no_photo_comes_to_it(scene_sent: Applicant):
    assert scene_sent.photograph("page", inside()).status_code == 404
    assert scene_sent.post("submit").location == f"/slip/{scene_sent.id}"
    assert scene_sent.scene.ops("application.submit") == 1


@pytest.fixture(scope="module")
def scene_sent(tmp_path_factory: pytest.TempPathFactory) -> Applicant:
    person = Applicant(scenes.build(tmp_path_factory.mktemp("sent"))).fill()
    assert person.post("submit").status_code == 303
    return person
