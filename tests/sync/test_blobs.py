"""Sealed files under their address: durable, checked, swept, never anywhere else."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sync import blobs


def test_what_is_put_is_found_under_its_digest(tmp_path: Path) -> None:
    address = blobs.put(tmp_path, b"sealed")
    assert blobs.put(tmp_path, b"sealed") == address
    assert blobs.get(tmp_path, address) == b"sealed"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [address]
    assert (tmp_path / address[:2] / address[2:4] / address).is_file()


def test_a_damaged_file_is_noticed_and_putting_it_again_mends_it(tmp_path: Path) -> None:
    address = blobs.put(tmp_path, b"sealed")
    blobs.path_of(tmp_path, address).write_bytes(b"seaLed")
    assert not blobs.intact(tmp_path, address)
    with pytest.raises(blobs.BlobDamagedError):
        blobs.get(tmp_path, address)
    assert blobs.put(tmp_path, b"sealed") == address
    assert blobs.intact(tmp_path, address)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "", "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "..%2f" + "a" * 59, "\x00" * 64]
)
def test_nothing_but_a_digest_becomes_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError):
        blobs.path_of(tmp_path, name)


def test_files_nobody_names_go_after_a_day(tmp_path: Path) -> None:
    named, old, young = (blobs.put(tmp_path, content) for content in (b"named", b"old", b"young"))
    left = blobs.path_of(tmp_path, old).with_name(".half.new")
    left.write_bytes(b"half")
    yesterday = time.time() - blobs.ORPHAN_AFTER_S - 60
    for path in (blobs.path_of(tmp_path, named), blobs.path_of(tmp_path, old), left):
        os.utime(path, (yesterday, yesterday))
    assert blobs.sweep(tmp_path, {named}) == 2
    assert blobs.intact(tmp_path, named)
    assert blobs.intact(tmp_path, young)
    assert not blobs.intact(tmp_path, old)
    assert blobs.sweep(tmp_path / "nowhere", set()) == 0
