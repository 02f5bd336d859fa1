"""Files are whole or not there, and so are the folders they lie in."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from honorcard import durable


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were made durable, in order."""
    said: list[Path] = []
    monkeypatch.setattr(durable, "sync_folder", said.append)
    return said


def test_a_file_is_written_with_its_mode_and_nothing_beside_it(tmp_path: Path, synced: list[Path]) -> None:
    path = tmp_path / "key"
    assert durable.write_durably(path, b"one", 0o600)
    assert durable.write_durably(path, b"two", 0o600)
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert synced == [tmp_path, tmp_path]


def test_the_first_of_two_stays_where_only_the_first_may_write(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert durable.write_durably(path, b"first", unless_there=True)
    assert not durable.write_durably(path, b"second", unless_there=True)
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pack"
    durable.write_durably(path, b"before")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.write_durably(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_the_folder_of_the_very_first_file_is_durable_too(tmp_path: Path, synced: list[Path]) -> None:
    """Found by D-3: a power cut took the new folder away, and with it photographs an application named."""
    root = tmp_path / "blobs"
    durable.write_below(root, root / "ab" / "cd" / "abcd", b"sealed")
    assert (root / "ab" / "cd" / "abcd").read_bytes() == b"sealed"
    assert synced == [root / "ab" / "cd", root / "ab", root, tmp_path]
    assert stat.S_IMODE(root.stat().st_mode) == stat.S_IMODE((root / "ab").stat().st_mode) == 0o700


def test_a_folder_is_made_durable_once_and_again_when_it_was_made_anew(tmp_path: Path, synced: list[Path]) -> None:
    root = tmp_path / "blobs"
    durable.write_below(root, root / "ab" / "cd" / "one", b"1")
    synced.clear()
    durable.write_below(root, root / "ab" / "cd" / "two", b"2")
    assert synced == [root / "ab" / "cd"]
    synced.clear()
    shutil.rmtree(root / "ab")
    durable.write_below(root, root / "ab" / "cd" / "one", b"1")
    assert synced == [root / "ab" / "cd", root / "ab", root]


def test_a_folder_that_somebody_else_has_just_made_is_not_taken_for_durable(tmp_path: Path, synced: list[Path]) -> None:
    root = tmp_path / "blobs"
    (root / "ab" / "cd").mkdir(parents=True)
    durable.write_below(root, root / "ab" / "cd" / "one", b"1")
    assert synced == [root / "ab" / "cd", root / "ab", root, tmp_path]


def test_a_finished_file_is_taken_over(tmp_path: Path, synced: list[Path]) -> None:
    draft, root = tmp_path / "draft", tmp_path / "blobs"
    draft.write_bytes(b"uploaded")
    durable.adopt_below(root, root / "ab" / "cd" / "one", draft)
    assert (root / "ab" / "cd" / "one").read_bytes() == b"uploaded"
    assert not draft.exists()
    assert synced[0] == root / "ab" / "cd"
