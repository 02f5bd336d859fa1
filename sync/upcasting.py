"""Bodies spelled in an older schema, read as the newest one (sync.md B.9).

A tablet sends what it captured in the schema of that day, perhaps months later; a center keeps cases that came in before it
was updated, a tablet keeps returned cases sealed. Each step is a pure function from one version's document to the next one's,
held by golden files. Operations are never refused for age. What is not here: newer versions than ours; those the center
names and refuses (center.taking), and the kiosk keeps raw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from honorcard.typed import convert
from sync.wire import ApplicationBody, Returned

Document = dict[str, Any]


def application(document: Mapping[str, Any]) -> Document:
    """The document of an application in the newest schema; one that is newest already, or newer, as it is."""
    newest = dict(document)
    version = newest.get("schema_v", 1)
    while isinstance(version, int) and version in _APPLICATION:
        newest = _APPLICATION[version](newest)
        version += 1
        newest["schema_v"] = version
    return newest


def decode_application(body: bytes | str) -> ApplicationBody:
    """The application in a body of any schema up to ours. msgspec.DecodeError when it is none."""
    return convert(application(_object(body)), ApplicationBody, strict=True)


def decode_returned(body: bytes) -> Returned:
    """A returned case with its application, of any schema up to ours. msgspec.DecodeError when it is none."""
    document = _object(body)
    sent = document.get("application")
    if isinstance(sent, dict):
        document["application"] = application(sent)
    return convert(document, Returned, strict=True)


def _object(body: bytes | str) -> Document:
    document = msgspec.json.decode(body)
    if not isinstance(document, dict):
        raise msgspec.ValidationError("Expected `object`")
    return document


def _one_book_becomes_books(document: Document) -> Document:
    """1 → 2: the one record book becomes a list; photographed pages become pages of that book, in their order."""
    prefix, number = document.pop("book_prefix", ""), document.pop("book_number", "")
    document["books"] = [{"prefix": prefix, "number": number, "issued_on": None}] if prefix or number else []
    photos = document.get("photos")
    document["photos"] = [paged(photo) for photo in photos] if isinstance(photos, list) else photos
    return document


def paged(photo: Any) -> Any:
    """A photograph of schema 1, in schema 2: a page says which one of the book it is."""
    if not isinstance(photo, dict) or photo.get("slot") != "page" or "evidence" in photo:
        return photo
    place = {"kind": "book_page", "book": 1, "page": photo.get("position"), "printed_on": None}
    return {**photo, "evidence": place}


_APPLICATION: dict[int, Callable[[Document], Document]] = {1: _one_book_becomes_books}
