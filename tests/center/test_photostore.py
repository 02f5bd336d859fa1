"""Files by content address mean the same on a folder and in an S3-compatible store: both are asked the same."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from center import create_app, photostore
from center.objects import FileObjects, Objects
from center.objects_s3 import S3Objects
from center.sample import seed, sending
from center.sample.gallery import Photograph
from center.sample.people import everyone
from center.settings import Settings
from center.store import Store, cases, devices, metadata
from honorcard.problems import ProblemError
from tests.small_disk import small_disk


def address_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """An S3-compatible server as a process of its own, with a bucket; gives its address."""
    import boto3

    before = dict(os.environ)
    os.environ.update(AWS_ACCESS_KEY_ID="tests", AWS_SECRET_ACCESS_KEY="tests", AWS_DEFAULT_REGION="us-east-1")
    log = subprocess.Popen(
        [sys.executable, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert log.stdout is not None
        url = next(line.split("Running on ")[1].split()[0] for line in log.stdout if "Running on " in line)
        threading.Thread(target=log.stdout.read, daemon=True).start()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(url, timeout=5)
                break
            except httpx.HTTPError:
                time.sleep(0.05)
        boto3.client("s3", endpoint_url=url).create_bucket(Bucket="cards")
        yield url
    finally:
        log.terminate()
        log.wait(timeout=30)
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return FileObjects(tmp_path)
    return S3Objects(f"s3://cards/{tmp_path.name}", request.getfixturevalue("s3"))


def test_what_was_put_is_there_and_only_once(objects: Objects) -> None:
    content = b"sealed"
    address = address_of(content)
    assert not objects.exists("blobs", address)
    assert objects.get("blobs", address) is None
    assert objects.put("blobs", address, content)
    assert not objects.put("blobs", address, b"something else")
    assert objects.exists("blobs", address)
    assert objects.get("blobs", address) == content


def test_folders_are_apart_and_listed_apart(objects: Objects) -> None:
    kept = {address_of(b"%d" % n): b"%d" % n for n in range(7)}
    for address, content in kept.items():
        objects.put("photos", address, content)
    other = address_of(b"sheet")
    objects.put("sheets", other, b"sheet")
    assert set(objects.addresses("photos")) == set(kept)
    assert list(objects.addresses("sheets")) == [other]
    assert list(objects.addresses("faces")) == []
    assert not objects.exists("photos", other)


def test_what_was_removed_is_gone_and_may_come_again(objects: Objects) -> None:
    address = address_of(b"x")
    objects.remove("photos", address)
    objects.put("photos", address, b"x")
    objects.remove("photos", address)
    assert objects.get("photos", address) is None
    assert objects.put("photos", address, b"x")


def test_a_finished_file_is_taken_over(objects: Objects, tmp_path: Path) -> None:
    draft = tmp_path / "draft"
    draft.write_bytes(b"uploaded")
    objects.adopt("blobs", address_of(b"uploaded"), draft)
    assert objects.get("blobs", address_of(b"uploaded")) == b"uploaded"
    assert not draft.exists()


@pytest.mark.parametrize("text", ["", "a" * 63, "A" * 64, "../" + "a" * 61, "a" * 64 + "\n", "/" + "a" * 63])
def test_nothing_but_an_address_becomes_a_key(objects: Objects, text: str) -> None:
    for ask in (objects.get, objects.exists, objects.remove):
        with pytest.raises(ValueError, match="address"):
            ask("photos", text)
    with pytest.raises(ValueError, match="address"):
        objects.put("photos", text, b"x")


def test_of_many_who_put_at_once_one_was_first(objects: Objects) -> None:
    address = address_of(b"the same")
    first: list[bool] = []
    threads = [
        threading.Thread(target=lambda: first.append(objects.put("photos", address, b"the same"))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(first) == 6
    assert any(first)
    assert objects.get("photos", address) == b"the same"
    assert list(objects.addresses("photos")) == [address]


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        objects = FileObjects(tmp_path / "disk" / "files")
        content = os.urandom(200_000)
        objects.put("photos", address_of(b"before"), b"before")
        disk.fill()
        with pytest.raises(OSError, match=r"."):
            objects.put("photos", address_of(content), content)
        assert not [path for path in (tmp_path / "disk" / "files").rglob("*.new")]
        assert objects.get("photos", address_of(content)) is None
        disk.free()
        assert objects.put("photos", address_of(content), content)
        assert objects.get("photos", address_of(b"before")) == b"before"


def test_a_store_that_does_not_answer_is_trouble_and_not_absence(
    s3: str, free_port, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("center.objects_s3.TRIES", 1)
    objects = S3Objects("s3://cards/gone", f"http://127.0.0.1:{free_port()}")
    address = address_of(b"x")
    for ask in (lambda: objects.get("photos", address), lambda: objects.exists("photos", address),
                lambda: objects.put("photos", address, b"x"), lambda: list(objects.addresses("photos"))):  # fmt: skip
        with pytest.raises(OSError, match="object store"):
            ask()
    no_bucket = S3Objects("s3://nobody-made-this", s3)
    with pytest.raises(OSError, match="NoSuchBucket"):
        no_bucket.put("photos", address, b"x")


@pytest.mark.parametrize("name", ["cards", "http://cards/x", "s3://", "s3:cards", "s3://[cards"])
def test_a_store_is_named_in_one_form_only_and_no_center_starts_with_another(name: str, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="object_store_wrong"):
        S3Objects(name)
    with pytest.raises(ProblemError, match="object_store_wrong") as caught:
        create_app(Settings(data_dir=tmp_path, object_store=name))
    assert caught.value.details["setting"] == "object_store"
    assert not list(tmp_path.iterdir())


def test_where_a_store_answers_is_an_address_of_the_web(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="object_store_wrong") as caught:
        create_app(Settings(data_dir=tmp_path, object_store="s3://cards", object_endpoint="store.example:9000"))
    assert caught.value.details["setting"] == "object_endpoint"


def test_one_setting_moves_the_files_into_the_store(s3: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, object_store="s3://cards/whole", object_endpoint=s3)
    photostore.put(settings, "photo", address_of(b"face"), b"face")
    assert photostore.get(settings, "photo", address_of(b"face")) == b"face"
    assert list(photostore.addresses(settings, "photo")) == [address_of(b"face")]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    with pytest.raises(ValueError, match="address"):
        photostore.put(settings, "photo", address_of(b"another"), b"face")


def test_a_sample_application_leaves_all_its_files_in_the_store(s3: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, object_store="s3://cards/sample", object_endpoint=s3)
    moment = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    person = next(person for person in everyone(moment.date()) if person.plan == "first_review")
    shots = [
        Photograph(slot, place, b"%s %d" % (slot.encode(), place), 1, 1)  # type: ignore[arg-type]
        for slot, place in (("headshot", 0), ("cover", 0), *(("page", n + 1) for n in range(len(person.pages))))
    ]
    store = Store(settings.url)
    metadata.create_all(store.engine)
    seed.make_keys(settings, moment)
    with store.write() as conn:
        devices.add(
            conn, device_id="t" * 36, unit_id=None, name="1", profile="staff", sign_key="-", seal_key=b"-", at_ms=1
        )
    application_id = sending.send_in(store, settings, "t" * 36, person, shots, seq=1, moment=moment)
    with store.read() as conn:
        case = cases.find(conn, application_id)
    assert case is not None and case.state == "first_review"
    assert set(photostore.addresses(settings, "sealed")) == {photo.sealed_sha256 for photo in case.body.photos}
    assert set(photostore.addresses(settings, "photo")) == {photo.clear_sha256 for photo in case.body.photos}
    assert not settings.blobs_dir.exists() and not settings.photos_dir.exists()
