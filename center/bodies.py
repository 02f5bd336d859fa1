"""What a tablet sealed into an operation: opened with the center's keys, and held to be whole.

What is not here: what it does to a case (taking), and whether it is true, which is a reviewer's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from center.store.intake import Body
from honorcard.problems import ProblemError
from sync.seal import SealError, open_sealed
from sync.upcasting import decode_application
from sync.wire import ApplicationBody, Op, Photo, ReissueBody, decode

MAX_PHOTOS = 80

BodyT = TypeVar("BodyT")
Keys = Sequence[X25519PrivateKey]


def application(op: Op, keys: Keys) -> ApplicationBody:
    """The application in an operation. ProblemError `op_malformed` when it is not whole."""
    body = opened(op, keys, decode_application)
    if not (_is_whole(body, op) and _has_what_is_needed(body)):
        raise ProblemError("op_malformed")
    return body


def reissue(op: Op, keys: Keys) -> ReissueBody:
    """What is asked for about a card. Which papers it needs is a reviewer's business: a missing one is sent for."""
    body: ReissueBody = opened(op, keys, lambda clear: decode(ReissueBody, clear))
    if not (_is_whole(body, op) and "headshot" in {photo.slot for photo in body.photos}):
        raise ProblemError("op_malformed")
    return body


def opened(op: Op, keys: Keys, read: Callable[[bytes], BodyT]) -> BodyT:
    """What is in the seal, by `read`, which brings a body of an older schema up to ours (sync.upcasting)."""
    for key in keys:
        try:
            clear = open_sealed(op.body, key, "body")
        except SealError:
            continue
        try:
            return read(clear)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProblemError("op_malformed") from error
    raise ProblemError("op_malformed")


def _is_whole(body: Body, op: Op) -> bool:
    """Whether a body is this operation's, and spells what every case has."""
    places = [(photo.slot, photo.position) for photo in body.photos]
    return (
        body.application_id == op.entity_id
        and len(body.application_id) == 36
        and 0 < len(body.receipt) <= 16
        and bool(body.name)
        and len(places) == len(set(places)) <= MAX_PHOTOS
        and all(_is_addressed(photo) for photo in body.photos)
    )


def _is_addressed(photo: Photo) -> bool:
    addresses = (photo.sealed_sha256, photo.clear_sha256)
    return all(len(address) == 64 and set(address) <= set("0123456789abcdef") for address in addresses)


def _has_what_is_needed(body: ApplicationBody) -> bool:
    """Whether the photographs that every application bears are named: head, pages, and the cover of a paper book."""
    slots = {photo.slot for photo in body.photos}
    pages = [photo for photo in body.photos if photo.slot == "page"]
    is_paper = bool(body.books) or any(page.evidence is None or page.evidence.kind != "printout" for page in pages)
    return {"headshot", "page"} <= slots and (not is_paper or "cover" in slots)
