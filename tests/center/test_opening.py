"""Photographs that have arrived: opened, compared, decoded; and the case goes on."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from center import keyring, opening, photostore
from center.worker import Worker
from sync import blobs, wire
from sync.seal import seal
from tests.center.signing import Tablet, application_body, photos_of, sealed_photo
from tests.sync.loopback import Center, picture


class Bench:
    """A center and a tablet that has submitted an application."""

    def __init__(self, folder: Path) -> None:
        self.center = Center(folder)
        self.tablet = Tablet(
            self.center.app, self.center.store, keyring.sealing_public(self.center.settings), self.center.unit_id
        )
        self.seq = 0

    def submit(self, photos: list[wire.Photo], kind: str = "application.submit", **changed) -> wire.ApplicationBody:
        """Submits an application with these photographs."""
        base_rev = changed.pop("base_rev", None)
        body = application_body(photos, submitted_on=datetime.now(UTC).date(), **changed)
        self.seq += 1
        assert self.tablet.push(self.tablet.op(self.seq, body, kind, base_rev=base_rev)).results[0].status == "applied"
        return body

    def send(self, contents: dict[str, bytes]) -> None:
        """Uploads sealed photographs."""
        from sync.uploads import CONTENT_TYPE, metadata

        for address, content in contents.items():
            answer = self.tablet.ask(
                "POST", "/v1/uploads", content, Tus_Resumable="1.0.0", Upload_Length=str(len(content)),
                Upload_Metadata=metadata({"sha256": address}), Content_Type=CONTENT_TYPE,
            )  # fmt: skip
            assert answer.status_code == 201

    def open(self) -> int:
        """One pass."""
        return opening.open_stored(self.center.store, self.center.settings, now=datetime.now(UTC))

    def states(self) -> list[tuple[str, int, int]]:
        """What the feed said, in order."""
        said = [item for item in self.tablet.feed().items if item.kind == "application.state"]
        read = [wire.decode(wire.ApplicationState, item.body) for item in said]
        return [(state.state, state.photos_stored, state.photos) for state in read]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_case_reaches_the_first_review_when_every_photograph_is_opened(bench: Bench) -> None:
    photos, contents = photos_of(bench.tablet)
    body = bench.submit(photos)
    first, *others = contents.items()
    bench.send(dict([first]))
    assert bench.open() == 1
    assert bench.center.case(body.application_id).state == "incomplete"
    bench.send(dict(others))
    assert bench.open() == 2
    assert bench.center.case(body.application_id).state == "first_review"
    assert bench.center.moves(body.application_id) == ["submitted", "completed"]
    assert bench.states() == [("incomplete", 0, 3), ("first_review", 3, 3)]
    for photo in photos:
        kept = photostore.get(bench.center.settings, "photo", photo.clear_sha256)
        assert hashlib.sha256(kept).hexdigest() == photo.clear_sha256
    assert bench.open() == 0


def _spoiled(bench: Bench, how: str) -> tuple[wire.Photo, bytes]:
    clear = picture("spoiled")
    if how == "another key":
        content = seal(clear, bench.tablet.keys.seal_public, "photo")
    elif how == "another purpose":
        content = seal(clear, bench.tablet.center_key, "body")
    elif how == "no picture":
        clear = b"<html>not a picture</html>"
        content = seal(clear, bench.tablet.center_key, "photo")
    else:
        content = seal(picture("another"), bench.tablet.center_key, "photo")
    photo = wire.Photo(
        slot="page", position=1, sealed_sha256=hashlib.sha256(content).hexdigest(),
        clear_sha256=hashlib.sha256(clear).hexdigest(), size=len(content), width=64, height=80,
    )  # fmt: skip
    return photo, content


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ("another key", "seal_does_not_open"),
        ("another purpose", "seal_does_not_open"),
        ("another picture", "hash_differs"),
        ("no picture", "picture_not_a_picture"),
    ],
)
def test_a_photograph_that_cannot_be_used_is_flagged_and_strands_nothing(bench: Bench, how: str, problem: str) -> None:
    photos, contents = photos_of(bench.tablet)
    bad, content = _spoiled(bench, how)
    kept = photos[:2]
    body = bench.submit([*kept, bad])
    bench.send({photo.sealed_sha256: contents[photo.sealed_sha256] for photo in kept} | {bad.sealed_sha256: content})
    bench.open()
    row = bench.center.case(body.application_id)
    assert row.state == "first_review"
    assert json.loads(row.flags) == ["photo_refused"]
    assert bench.center.photo_states(body.application_id) == {"opened", "refused"}
    assert photostore.get(bench.center.settings, "photo", bad.clear_sha256) is None
    from center.store import cases

    with bench.center.store.read() as conn:
        assert cases.find(conn, body.application_id).photo("page", 1).problem == problem


def test_a_blob_damaged_on_the_centers_disk_is_refused(bench: Bench) -> None:
    photos, contents = photos_of(bench.tablet)
    body = bench.submit(photos)
    bench.send(contents)
    path = blobs.path_of(bench.center.settings.blobs_dir, photos[0].sealed_sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    bench.open()
    assert bench.center.photo_states(body.application_id) == {"opened", "refused"}


def test_work_begun_before_a_restart_goes_on_after_it(bench: Bench, monkeypatch) -> None:
    photos, contents = photos_of(bench.tablet)
    body = bench.submit(photos)
    bench.send(contents)
    done = iter([None])

    def once_then_stop(*_args):
        try:
            next(done)
        except StopIteration:
            raise KeyboardInterrupt from None

    kept = opening._problem
    monkeypatch.setattr(opening, "_problem", lambda *given: once_then_stop() or kept(*given))
    with pytest.raises(KeyboardInterrupt):
        bench.open()
    monkeypatch.undo()
    assert bench.center.photo_states(body.application_id) == {"stored"}
    Worker(bench.center.app).step()
    assert bench.center.case(body.application_id).state == "first_review"


def test_the_same_photograph_twice_in_one_application_is_one_file(bench: Bench) -> None:
    photos, contents = photos_of(bench.tablet)
    twin = msgspec.structs.replace(photos[2], position=2)
    body = bench.submit([*photos, twin])
    bench.send(contents)
    assert bench.open() == 4
    assert bench.center.case(body.application_id).state == "first_review"


def test_photographs_that_stay_in_a_correction_are_not_awaited_again(bench: Bench) -> None:
    photos, contents = photos_of(bench.tablet, pages=2)
    body = bench.submit(photos)
    bench.send(contents)
    bench.open()
    rev = bench.center.give_back(body.application_id, bench.tablet.device_id)
    retaken, content = sealed_photo(bench.tablet, "page", 1, picture("better"))
    kept = [photo for photo in photos if (photo.slot, photo.position) != ("page", 1)]
    bench.submit([*kept, retaken], "application.amend", base_rev=rev, application_id=body.application_id)
    assert bench.center.photo_states(body.application_id) == {"opened", "awaited"}
    missing = wire.decode(
        wire.Need,
        bench.tablet.ask(
            "POST", "/v1/blobs/need",
            wire.encode(wire.Need(hashes=tuple(photo.sealed_sha256 for photo in [*kept, retaken]))),
        ).data,
    )  # fmt: skip
    assert missing.hashes == (retaken.sealed_sha256,)
    bench.send({retaken.sealed_sha256: content})
    bench.open()
    assert bench.center.case(body.application_id).state == "first_review"
    assert bench.center.moves(body.application_id) == ["submitted", "completed", "amended", "completed"]


def test_a_correction_without_a_new_photograph_is_complete_at_once(bench: Bench) -> None:
    photos, contents = photos_of(bench.tablet)
    body = bench.submit(photos)
    bench.send(contents)
    bench.open()
    rev = bench.center.give_back(body.application_id, bench.tablet.device_id)
    bench.submit(photos, "application.amend", base_rev=rev, application_id=body.application_id, name="王曉明")
    assert bench.center.case(body.application_id).state == "first_review"
    assert bench.center.case(body.application_id).name == "王曉明"


def test_a_photograph_that_cannot_be_read_just_now_waits_and_holds_up_no_other(bench: Bench) -> None:
    photos, contents = photos_of(bench.tablet)
    body = bench.submit(photos)
    bench.send(contents)
    path = blobs.path_of(bench.center.settings.blobs_dir, photos[0].sealed_sha256)
    aside = path.rename(path.with_name("aside"))
    path.symlink_to(path)  # the system answers with an error, as it does with no handle left or a disk in trouble
    assert bench.open() == 2
    assert bench.center.photo_states(body.application_id) == {"stored", "opened"}
    path.unlink()
    aside.rename(path)
    assert bench.open() == 1
    assert bench.center.case(body.application_id).state == "first_review"


def test_a_pass_over_what_is_new_leaves_the_rest_to_a_whole_one(bench: Bench, monkeypatch) -> None:
    photos, contents = photos_of(bench.tablet)
    body = bench.submit(photos)
    bench.send(contents)
    worker = Worker(bench.center.app)
    with monkeypatch.context() as patched:  # as if the process had stopped between the photograph and the case
        patched.setattr("center.taking.move_on", lambda *_: False)
        worker.step(only_new=True)
    assert bench.center.photo_states(body.application_id) == {"opened"}
    worker.step(only_new=True)
    assert bench.center.case(body.application_id).state == "incomplete"
    worker.step()
    assert bench.center.case(body.application_id).state == "first_review"
