"""Files that are whole or not there, and on the disk for good when a call returns: said once, for keys, packs and photographs.

Whole: written under another name, then renamed. For good: fsync of the file before the rename, of the folder after it, and of
the folders above as far as they may be new. What is not here: what is in the files, and who may read them beyond their mode.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

_settled: set[Path] = set()  # folders whose own names are known to be on the disk


def write_durably(path: Path, content: bytes, mode: int = 0o644, *, unless_there: bool = False) -> bool:
    """Writes a file; whether it did. unless_there: one that is there stays, and of two writers at once the first wins.

    OSError when the disk is full: then nothing of it is left, and what was there is there.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    is_new = True
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if unless_there:  # a link, not a rename: nobody reads half of it
            try:
                os.link(draft, path)
            except FileExistsError:
                is_new = False
        else:
            draft.replace(path)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    sync_folder(path.parent)
    return is_new


def write_below(root: Path, path: Path, content: bytes) -> None:
    """Writes a file (mode 0600) somewhere below `root`, whose folders are made as needed (mode 0700). OSError as above."""
    made = _folders(root, path)
    write_durably(path, content, 0o600)
    _sync_above(made)


def adopt_below(root: Path, path: Path, draft: Path) -> None:
    """Makes a finished file of the same file system the one at `path`, as `write_below` would; it is gone from where it lay."""
    made = _folders(root, path)
    sync_file(draft)
    draft.replace(path)
    sync_folder(path.parent)
    _sync_above(made)


def sync_file(path: Path) -> None:
    """What was written to a file is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Renames in a folder are on the disk, where the system can say so (Windows cannot open one)."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _folders(root: Path, path: Path) -> list[Path]:
    """Makes the folders from `root` down to the file; gives those whose names may not be on the disk yet, the lowest first."""
    root.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unsure: list[Path] = []
    for folder in [root, *reversed([above for above in path.parents if root in above.parents])]:
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:  # perhaps only just, by another process: once is enough to be sure
            if folder in _settled:
                continue
        unsure.insert(0, folder)
    return unsure


def _sync_above(unsure: list[Path]) -> None:
    for folder in unsure:
        sync_folder(folder.parent)
        _settled.add(folder)
