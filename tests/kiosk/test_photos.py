"""The photo box: what is put comes back, and the disk shows nothing of it."""

import errno
import os
from pathlib import Path

import pytest

from kiosk import photos
from kiosk.photos import PhotoBox

KEY = bytes(range(32))


@pytest.fixture
def box(tmp_path: Path) -> PhotoBox:
    return PhotoBox(tmp_path / "photos", KEY)


def test_what_is_put_comes_back(box: PhotoBox):
    name = box.put(b"a picture")
    assert box.get(name) == b"a picture"


def test_the_disk_shows_nothing_of_a_picture(box: PhotoBox, tmp_path: Path):
    box.put(b"PLAIN-PICTURE" * 100)
    files = [path for path in (tmp_path / "photos").iterdir()]
    assert len(files) == 1
    assert b"PLAIN-PICTURE" not in files[0].read_bytes()


def test_another_key_opens_nothing(box: PhotoBox, tmp_path: Path):
    name = box.put(b"a picture")
    with pytest.raises(KeyError):
        PhotoBox(tmp_path / "photos", bytes(32)).get(name)


def test_a_changed_or_renamed_file_is_not_given_out(box: PhotoBox, tmp_path: Path):
    name, other = box.put(b"one"), box.put(b"two")
    folder = tmp_path / "photos"
    (folder / other).write_bytes((folder / name).read_bytes())
    with pytest.raises(KeyError):
        box.get(other)
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    with pytest.raises(KeyError):
        box.get(name)
    (folder / name).write_bytes(b"")
    with pytest.raises(KeyError):
        box.get(name)


@pytest.mark.parametrize("name", ["../kiosk.db", "", "f" * 31, "F" * 32, "a" * 32])
def test_a_name_that_is_none_of_ours_gives_nothing(box: PhotoBox, name: str):
    box.put(b"a picture")
    with pytest.raises(KeyError):
        box.get(name)


def test_what_is_removed_is_gone_and_removing_twice_is_no_fault(box: PhotoBox, tmp_path: Path):
    name = box.put(b"a picture")
    box.remove(name)
    box.remove(name)
    assert list((tmp_path / "photos").iterdir()) == []


def test_a_full_disk_leaves_no_half_file(box: PhotoBox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(photos.os, "fsync", full)
    with pytest.raises(OSError):
        box.put(b"a picture")
    assert list((tmp_path / "photos").iterdir()) == []


def test_a_sweep_takes_only_old_files_that_no_draft_needs(box: PhotoBox, tmp_path: Path):
    needed, orphan, fresh = box.put(b"needed"), box.put(b"orphan"), box.put(b"fresh")
    folder = tmp_path / "photos"
    for name in (needed, orphan):
        os.utime(folder / name, (1, 1))
    assert box.sweep([needed]) == 1
    assert {path.name for path in folder.iterdir()} == {needed, fresh}
