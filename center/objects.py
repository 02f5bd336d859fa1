"""Where the center's files lie, by key: a small interface, and the one on a folder.

A key is `<folder>/<address>`, an address 64 hex digits: what is under a key never changes. What is not here: which files
there are and what they mean (photostore), an object store (objects_s3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from honorcard.durable import adopt_below, write_below

_ADDRESS = re.compile(r"[0-9a-f]{64}")


class AwayError(OSError):
    """The place where the files lie does not answer, or not as it should: what is there is not lost."""


class Objects(Protocol):
    """Bytes under keys. Whatever a method says has happened is durable."""

    def put(self, folder: str, address: str, content: bytes) -> bool:
        """Keeps the bytes unless the key is taken; whether they are new. OSError when the disk is full or the store does
        not answer: nothing is under the key then.
        """
        ...

    def adopt(self, folder: str, address: str, draft: Path) -> None:
        """Makes a finished local file, already checked, what lies under the key; the file is gone afterwards. OSError
        as for `put`: the file stays then.
        """
        ...

    def get(self, folder: str, address: str) -> bytes | None:
        """The bytes; None when there are none. OSError when nobody can say now."""
        ...

    def exists(self, folder: str, address: str) -> bool:
        """Whether the key is taken. OSError when nobody can say now."""
        ...

    def remove(self, folder: str, address: str) -> None:
        """Takes the bytes away; nothing happens when there are none."""
        ...

    def addresses(self, folder: str) -> Iterator[str]:
        """Every address of a folder, in any order; what comes or goes meanwhile may be missing or there."""
        ...


def checked(address: str) -> str:
    """The address itself. ValueError for anything but 64 hex digits: neither a path nor a key is made of foreign text."""
    if not _ADDRESS.fullmatch(address):
        raise ValueError("not a content address")
    return address


class FileObjects:
    """Files `<root>/<folder>/ab/cd/<address>`; any number of processes may share the root."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, folder: str, address: str) -> Path:
        """Where the file lies, or would."""
        return self._root / folder / checked(address)[:2] / address[2:4] / address

    def put(self, folder: str, address: str, content: bytes) -> bool:
        """Whole, and on the disk for good; what a full disk leaves half written is taken away."""
        target = self.path(folder, address)
        if target.exists():
            return False
        write_below(self._root / folder, target, content)
        return True

    def adopt(self, folder: str, address: str, draft: Path) -> None:
        """Renames it: the file must lie on the same file system."""
        adopt_below(self._root / folder, self.path(folder, address), draft)

    def get(self, folder: str, address: str) -> bytes | None:
        """The bytes, unchecked."""
        try:
            return self.path(folder, address).read_bytes()
        except FileNotFoundError:
            return None

    def exists(self, folder: str, address: str) -> bool:
        """Whether the file is there."""
        return self.path(folder, address).is_file()

    def remove(self, folder: str, address: str) -> None:
        """Takes the file away."""
        self.path(folder, address).unlink(missing_ok=True)

    def addresses(self, folder: str) -> Iterator[str]:
        """The names of the files that are whole."""
        for path in (self._root / folder).glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if _ADDRESS.fullmatch(path.name):
                yield path.name
