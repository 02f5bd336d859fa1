"""Telling the center of dead letters, so that somebody there owns each (sync.md B.10); and, when this tablet is to be emptied,
bringing what belongs to them. What is not here: which they are (store.letters), when it is done (worker).
"""

from __future__ import annotations

import httpx
import msgspec
from sqlite_utils import Database

from kiosk.settings import Settings
from kiosk.store import Store, letters, story, syncing
from kiosk.store.letters import Untold
from sync import blobs, digests, outbox, uploads, wire

MAX_TURNS = 20  # of one round: the rest in the next
MAX_BYTES = 512 * 1024


def tell(http: httpx.Client, store: Store, settings: Settings, chunks: uploads.ChunkSize, now_ms: int) -> bool:
    """Tells what was not told; brings the photographs of refused operations where the tablet is to be emptied. Gives whether
    the center took what it was told.

    httpx.HTTPError when the line or the center fails: what was done until then is kept.
    """
    heard = True
    for _ in range(MAX_TURNS):
        with store.read() as db:
            waiting = letters.untold(db, wire.STUCK_AT_ONCE, MAX_BYTES)
        if waiting and not _told(http, store, waiting, now_ms):
            # one that the center cannot read must not keep the others from it
            heard = len(waiting) > 1 and all([_told(http, store, [one], now_ms) for one in waiting])
        if not waiting or not heard:
            break
    with store.read() as db:
        files = letters.files_of_told(db) if syncing.wipe_state(db) else []
    if files:
        _bring(http, store, settings, files, chunks)
    return heard


def _told(http: httpx.Client, store: Store, waiting: list[Untold], now_ms: int) -> bool:
    """Whether the center has an answer to each of them."""
    with store.write() as db:
        here, epoch = syncing.membership(db), outbox.dev_epoch(db)
    if here is None:
        return False
    report = wire.StuckReport(device_id=here.device_id, dev_epoch=epoch, items=tuple(one.stuck for one in waiting))
    answer = http.post("/v1/stuck", content=wire.encode(report), headers={"Content-Type": "application/json"})
    if answer.status_code != 200 or not digests.holds(answer.headers, answer.content):
        return False
    try:
        said: wire.StuckAnswer = wire.decode(wire.StuckAnswer, answer.content)
    except msgspec.DecodeError:
        return False
    sent = {one.stuck.op.op_id: one for one in waiting}
    with store.write() as db:
        letters.told(db, [sent[op_id] for op_id in said.kept if op_id in sent])
        for op_id in set(said.settled) & set(sent):
            note_settled(db, op_id, now_ms)
        for op_id in set(said.taken) & set(sent):
            note_again(db, op_id, now_ms)
    return set(sent) <= {*said.kept, *said.settled, *said.taken}


def note_again(db: Database, op_id: str, now_ms: int) -> None:
    """The center takes it now, or has taken it: it is offered once more, unless it broke here, and its story says so."""
    application_id = letters.offer_again(db, op_id)
    if application_id is not None:
        story.note(db, application_id, "again", now_ms, "asked")
        return
    application_id = letters.is_there(db, op_id)
    if application_id is not None:
        story.note(db, application_id, "taken", now_ms)


def note_settled(db: Database, op_id: str, now_ms: int) -> None:
    """A person at the center has dealt with it, and its story says so."""
    application_id = letters.settle(db, op_id)
    if application_id is not None:
        story.note(db, application_id, "settled", now_ms)


def _bring(
    http: httpx.Client, store: Store, settings: Settings, files: list[outbox.Blob], chunks: uploads.ChunkSize
) -> None:
    """Each that was brought is stored, once the center says that it lacks it no more."""
    brought = []
    for file in files:

        def progress(url: str | None, offset: int, sha256: str = file.sha256) -> None:
            with store.write() as db:
                outbox.note_upload(db, sha256, url, offset)

        try:
            uploads.upload(http, settings.blobs_dir, file.sha256, file.upload_url, chunks, progress)
        except blobs.BlobDamagedError:
            with store.write() as db:
                outbox.settle_blob(db, file.sha256, "quarantined")
        except (uploads.UploadRefusedError, OSError):  # not now: in a later round
            with store.write() as db:
                outbox.note_refused(db, file.sha256)
        else:
            brought.append(file.sha256)
    if not brought:
        return
    asked = wire.Need(hashes=tuple(brought))
    answer = http.post("/v1/blobs/need", content=wire.encode(asked), headers={"Content-Type": "application/json"})
    if answer.status_code != 200 or not digests.holds(answer.headers, answer.content):
        return
    missing = set(wire.decode(wire.Need, answer.content).hashes)
    with store.write() as db:
        for sha256 in brought:
            if sha256 not in missing:
                outbox.settle_blob(db, sha256, "stored")
