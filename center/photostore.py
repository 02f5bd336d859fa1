"""Files of the center by content address: sealed photographs as received, opened ones, small faces, printed sheets, training
certificates.

They lie on a folder or in an S3-compatible store, whichever the settings say; both answer to center.objects.Objects. What
is kept here is durable before a row names it; a file nobody names is harmless. What is not here: uploads under way
(receiving), and who may look at a photograph (desk, public).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

from center.objects import FileObjects, Objects
from center.settings import Settings

Kind = Literal["sealed", "photo", "sheet", "face", "certificate"]

FOLDERS: dict[Kind, str] = {"sealed": "blobs", "photo": "photos", "sheet": "sheets", "face": "faces", "certificate": "certificates"}


def put(settings: Settings, kind: Kind, sha256_hex: str, content: bytes) -> None:
    """Keeps `content` durably under its address; ValueError when the address is not its SHA-256 (`face`: made from
    that photograph). OSError when the disk is full or the store does not answer.
    """
    if kind != "face" and hashlib.sha256(content).hexdigest() != sha256_hex:
        raise ValueError("not the address of these bytes")
    objects(settings).put(FOLDERS[kind], sha256_hex, content)


def adopt(settings: Settings, kind: Kind, sha256_hex: str, draft: Path) -> None:
    """Makes a local file, whose hash has been checked, the one of that address; it is gone from where it lay. OSError as
    for `put`.
    """
    objects(settings).adopt(FOLDERS[kind], sha256_hex, draft)


def get(settings: Settings, kind: Kind, sha256_hex: str) -> bytes | None:
    """The bytes kept under that address; None when there are none. OSError when nobody can say now."""
    return objects(settings).get(FOLDERS[kind], sha256_hex)


def exists(settings: Settings, kind: Kind, sha256_hex: str) -> bool:
    """Whether something is kept under that address. OSError when nobody can say now."""
    return objects(settings).exists(FOLDERS[kind], sha256_hex)


def remove(settings: Settings, kind: Kind, sha256_hex: str) -> None:
    """Throws away what is kept under that address, if anything is."""
    objects(settings).remove(FOLDERS[kind], sha256_hex)


def addresses(settings: Settings, kind: Kind) -> Iterator[str]:
    """Every address of a kind, in no order."""
    return objects(settings).addresses(FOLDERS[kind])


def objects(settings: Settings) -> Objects:
    """Where the files of this center lie."""
    return _opened(settings.files, settings.object_store, settings.object_endpoint)


def check(settings: Settings) -> None:
    """Refuses settings that name no store at all, before anything is kept. ProblemError `object_store_wrong`."""
    if settings.object_store:
        from center.objects_s3 import place_of

        place_of(settings.object_store, settings.object_endpoint)


@lru_cache(maxsize=64)
def _opened(folder: Path, object_store: str, endpoint: str) -> Objects:
    if not object_store:
        return FileObjects(folder)
    from center.objects_s3 import S3Objects

    return S3Objects(object_store, endpoint)
