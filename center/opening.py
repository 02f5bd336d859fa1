"""Photographs that have arrived are opened and checked: unsealed, compared with their address, decoded in a child
process (sync.md B.4).

Works from the rows alone, so that it goes on after a restart where it stopped. What it cannot do because of this
machine (the decoder is busy, the disk is full or in trouble) stays waiting; what is wrong with the photograph itself is noted, and
the case goes on to a reviewer.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from center import keyring, photostore, taking
from center.settings import Settings
from center.store import Store, intake, photographs
from center.store.photographs import ToOpen
from honorcard.problems import ProblemError
from scanner import files
from sync.seal import SealError, open_sealed

AT_ONCE = 20

log = logging.getLogger("honorcard.center.opening")


def open_stored(store: Store, settings: Settings, *, now: datetime, look_back: bool = True) -> int:
    """Opens what waits and moves on the applications that are complete; gives how many photographs were settled.

    look_back: also at applications whose last photograph was settled by a process that stopped just then.
    """
    now_ms = int(now.timestamp() * 1000)
    settled = 0
    after = ("", "", -1)
    while True:
        with store.read() as conn:
            waiting = photographs.to_open(conn, AT_ONCE, after)
        for application_id, photos in groupby(waiting, key=lambda photo: photo.application_id):
            settled += _open(store, settings, application_id, list(photos), now_ms)
        if waiting:
            after = (waiting[-1].application_id, waiting[-1].slot, waiting[-1].position)
        if len(waiting) < AT_ONCE:
            break
    if look_back:
        _move_on(store, now_ms)
    return settled


def _open(store: Store, settings: Settings, application_id: str, photos: Sequence[ToOpen], now_ms: int) -> int:
    """Settles photographs of one application, or of a change to one; gives how many: others have to wait."""
    with store.claim(f"open {application_id}") as mine:
        return _settle(store, settings, photos, now_ms) if mine else 0


def _settle(store: Store, settings: Settings, photos: Sequence[ToOpen], now_ms: int) -> int:
    with store.read() as conn:  # another process may have been faster between the list and here
        waiting = [photo for photo in photos if photographs.waits_to_open(conn, photo)]
    looked_at: list[tuple[ToOpen, str | None]] = []
    for photo in waiting:
        with contextlib.suppress(_NotNowError):
            looked_at.append((photo, _problem(settings, photo)))
    if not looked_at:
        return 0
    settled = 0
    with store.write() as conn:
        for photo, problem in looked_at:
            if problem is not None:
                log.warning("photograph %s of %s refused: %s", photo.sealed_sha256[:12], photo.application_id, problem)
            settled += photographs.settle(conn, photo, "opened" if problem is None else "refused", problem)
        if settled:
            taking.move_on(conn, photos[0].application_id, now_ms)
    return settled


def _problem(settings: Settings, photo: ToOpen) -> str | None:
    """Opens and keeps the photograph; the code of what is wrong with it, None when all is well."""
    try:
        sealed = photostore.get(settings, "sealed", photo.sealed_sha256)
    except OSError as error:
        log.error("photograph %s cannot be read: %s", photo.sealed_sha256[:12], type(error).__name__)
        raise _NotNowError from error
    if sealed is None or hashlib.sha256(sealed).hexdigest() != photo.sealed_sha256:
        return "blob_damaged"
    clear = _unsealed(settings, sealed)
    if clear is None:
        return "seal_does_not_open"
    if hashlib.sha256(clear).hexdigest() != photo.clear_sha256:
        return "hash_differs"
    try:
        # it decodes safely; what is kept are the very bytes the application named. Whether it is large enough was judged
        # on the tablet and is the reviewer's to judge again
        files.check(clear, min_side=1)
    except ProblemError as error:
        if error.code == "picture_decoder_busy":
            raise _NotNowError from error
        return error.code
    try:
        photostore.put(settings, "photo", photo.clear_sha256, clear)
    except OSError as error:
        log.error("photograph %s cannot be kept: %s", photo.sealed_sha256[:12], type(error).__name__)
        raise _NotNowError from error
    return None


def _unsealed(settings: Settings, sealed: bytes) -> bytes | None:
    for key in keyring.sealing_privates(settings):
        try:
            return open_sealed(sealed, key, "photo")
        except SealError:
            continue
    return None


def _move_on(store: Store, now_ms: int) -> None:
    with store.read() as conn:
        ready = intake.all_settled(conn, 100)
    for application_id in ready:
        with store.write() as conn:
            taking.move_on(conn, application_id, now_ms)


class _NotNowError(Exception):
    """Nothing is wrong with the photograph; this machine cannot look at it now."""
