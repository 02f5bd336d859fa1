"""A disk of a few megabytes that a test may fill: the real thing where one may be mounted."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SIZE = 12 * 2**20


@dataclass(frozen=True)
class Disk:
    """own: a file system of its own; else the kernel's limit on the size of files stands in for it (then for every
    file of this process): the same calls fail at the same places, and SQLite calls it trouble with the disk.
    """

    own: bool
    fill: Callable[[], None]
    free: Callable[[], None]


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """A small disk at `folder` (made here)."""
    folder.mkdir()
    if _mounted(folder):
        try:
            yield Disk(True, lambda: _filled(folder), lambda: (folder / "ballast").unlink())
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def free() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    try:
        yield Disk(False, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard)), free)
    finally:
        free()


def _mounted(folder: Path) -> bool:
    """Root of a machine may mount, root of a container perhaps not."""
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], capture_output=True, check=False
        )
    except FileNotFoundError:
        return False
    return done.returncode == 0


def _filled(folder: Path) -> None:
    with (folder / "ballast").open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
