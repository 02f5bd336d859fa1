"""A draft becomes an application: judged, sealed to the center, and saved in one write together with the operation
that sends it.

The photographs are sealed and on the disk before that write (sync.md K3–K5): a crash before it leaves the draft as it
was, one after it leaves a submitted application. The slip's secret goes into the sealed body and to the caller,
nowhere else (credential.md C.8). What is not here: the questions (apply), the slip on screen and paper (slip).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from flask import current_app, has_app_context
from sqlite_utils import Database

from honorcard import names, picture_hints
from honorcard.card.receipt import new_receipt
from honorcard.problems import ProblemError
from kiosk import timing
from kiosk.asking import places, progress
from kiosk.drafting import ABOUT_A_CARD, Answers, DraftPhoto
from kiosk.photos import PhotoBox
from kiosk.settings import Settings
from kiosk.store import Store, data_key, drafts, sent, syncing
from kiosk.store.syncing import Membership
from sync import blobs, clock, outbox, wire
from sync.claims import verdict_of, verdict_record
from sync.crash import crash_here
from sync.seal import seal
from web.clock import TAIPEI

SLIP_SECRET_BYTES = 16


@dataclass(frozen=True)
class Submitted:
    """What the slip needs. slip_secret: empty when this application had been submitted before (its secret is gone, or
    in memory).
    """

    application_id: str
    receipt: str
    slip_secret: bytes


def submit(
    store: Store, settings: Settings, application_id: str, *, now: datetime, language: Literal["zh", "en"]
) -> Submitted:
    """Submits the draft of that application; again for one submitted already, gives its receipt and writes nothing.

    ProblemError: `device_not_enrolled`, `disk_low`, `submit_incomplete` (with `step`), `photo_lost`, `submit_changed`;
    the draft is as it was then.
    """
    with store.read() as db:
        before = _submitted_already(db, application_id)
        if before is not None:
            return before
        draft = drafts.find(db, application_id)
        photos = drafts.photos(db, application_id)
        here = syncing.membership(db)
        standing = syncing.standing(db)
    if standing == "disabled":
        raise ProblemError("device_disabled")
    if draft is None:
        raise ProblemError("submit_incomplete", step="kind")
    if here is None:
        raise ProblemError("device_not_enrolled")
    answers = draft.answers
    missing = progress.missing(answers, photos)
    if missing:
        raise ProblemError("submit_incomplete", step=missing[0])
    free = shutil.disk_usage(settings.data_dir).free
    if free < settings.free_bytes_submit:
        raise ProblemError("disk_low", free_mb=free // 1_000_000)
    box = PhotoBox(settings.photos_dir, data_key(settings.key_file))
    shown = places.shown(answers, photos)
    sealed = _seal_photos(settings, box, here, photos, shown)
    crash_here("K3")
    amends = answers.amends_rev is not None
    secret = bytes.fromhex(answers.slip_secret) if answers.slip_secret else secrets.token_bytes(SLIP_SECRET_BYTES)
    receipt = answers.receipt or new_receipt()
    doubt = timing.is_doubtful(store, now)
    made = _reissue if answers.kind in ABOUT_A_CARD else _body
    body = made(application_id, receipt, answers, sealed, secret, now, language, settings, clock_doubt=doubt)
    named = sorted({photo.sealed_sha256 for photo in body.photos})
    now_ms = int(now.timestamp() * 1000)
    reading = clock.read(now_ms)
    sealed_body = seal(wire.encode(body), here.center_seal_key, "body")
    with _undone(settings, sealed), store.write() as db:
        before = _submitted_already(db, application_id)
        if before is not None:  # a second tap was faster
            return before
        if syncing.standing(db) == "disabled":  # since it was begun; what came in now might be emptied with the rest
            raise ProblemError("device_disabled")
        now_there = drafts.find(db, application_id)
        if now_there is None or now_there.answers != answers or drafts.photos(db, application_id) != photos:
            raise ProblemError("submit_changed")  # in another window, while this one sealed: what was read is not sent
        for photo in sealed:
            outbox.add_blob(db, photo.sealed_sha256, photo.size)
        outbox.put(
            db,
            kind=_op_kind(answers),
            entity_id=application_id,
            base_rev=answers.amends_rev,
            body=sealed_body,
            needs_blobs=named,
            reading=reading,
        )
        masked = names.mask(answers.name)
        if amends and sent.find(db, application_id) is not None:
            mac = identity_mac(settings, body.identity_number)
            sent.amend(db, application_id, masked_name=masked, photos=len(body.photos), now_ms=now_ms, identity_mac=mac)
        else:
            sent.add(
                db, application_id=application_id, receipt=receipt, masked_name=masked, kind=body.kind,
                photos=len(body.photos), now_ms=now_ms, identity_mac=identity_mac(settings, body.identity_number),
            )  # fmt: skip
        free_names = drafts.remove(db, application_id)
        crash_here("K4")
    crash_here("K5")
    box.remove(*free_names)
    if settings.profile == "training":  # nothing of a practice room ever goes anywhere
        for photo in sealed:
            blobs.remove(settings.blobs_dir, photo.sealed_sha256)
    _wake_sync()
    return Submitted(application_id, receipt, secret)


def acknowledge_print(db: Database, ack: wire.PrintAck) -> None:
    """Tells the center that a card was printed here; inside the transaction that notes the print. Nothing before
    enrolment.
    """
    here = syncing.membership(db)
    if here is None:
        return
    outbox.put(
        db,
        kind="card.print_ack",
        entity_id=ack.application_id,
        base_rev=None,
        body=seal(wire.encode(ack), here.center_seal_key, "body"),
        reading=clock.read(),
    )


def _wake_sync() -> None:
    """Lets the sync thread know, where there is one."""
    worker = current_app.extensions.get("worker") if has_app_context() else None
    if worker is not None:
        worker.nudge()


def _submitted_already(db: Database, application_id: str) -> Submitted | None:
    """The earlier submission; None when there is a draft to submit (a new one, or the correction of a returned
    case).
    """
    known = sent.find(db, application_id)
    if known is None or drafts.find(db, application_id) is not None:
        return None
    return Submitted(application_id, known.receipt, b"")


def _seal_photos(
    settings: Settings,
    box: PhotoBox,
    here: Membership,
    photos: Sequence[DraftPhoto],
    shown: Mapping[int, wire.Evidence],
) -> list[wire.Photo]:
    sealed: list[wire.Photo] = []
    with _undone(settings, sealed):
        for photo in photos:
            if photo.result is not None:
                page = shown.get(photo.position) if photo.slot == "page" else None
                sealed.append(_seal_photo(settings, box, here, photo, photo.result, page))
    return sealed


def _seal_photo(
    settings: Settings, box: PhotoBox, here: Membership, photo: DraftPhoto, name: str, page: wire.Evidence | None
) -> wire.Photo:
    try:
        clear = box.get(name)
    except KeyError as error:
        raise ProblemError("photo_lost", place=progress.place(photo.slot, photo.position)) from error
    content = seal(clear, here.center_seal_key, "photo")
    return wire.Photo(
        slot=photo.slot,
        position=photo.position,
        sealed_sha256=blobs.put(settings.blobs_dir, content),
        clear_sha256=hashlib.sha256(clear).hexdigest(),
        size=len(content),
        width=photo.width or 0,
        height=photo.height or 0,
        evidence=page,
        hints=picture_hints.told(photo.hints),
    )


@contextmanager
def _undone(settings: Settings, sealed: Sequence[wire.Photo]) -> Iterator[None]:
    """Takes the sealed files out again when there is no room for their application: each try seals anew, and a full
    disk would be filled further. After any other failure nobody knows what reached the disk; the sweep decides later.
    """
    try:
        yield
    except (ProblemError, OSError):
        for photo in sealed:
            blobs.remove(settings.blobs_dir, photo.sealed_sha256)
        raise


def _op_kind(answers: Answers) -> wire.OpKind:
    """The operation that carries these answers; of a card to be issued again one kind, told apart by its base_rev."""
    if answers.kind in ABOUT_A_CARD:
        return "application.reissue"
    return "application.submit" if answers.amends_rev is None else "application.amend"


def _reissue(
    application_id: str, receipt: str, answers: Answers, fresh: Sequence[wire.Photo], secret: bytes, now: datetime,
    language: Literal["zh", "en"], settings: Settings, *, clock_doubt: bool,
) -> wire.ReissueBody:  # fmt: skip
    """A card to be issued again: the papers it needs and the old card's photograph, nothing else that was photographed."""
    identity, birth, cause = answers.identity, answers.birth_date, answers.cause
    if identity is None or birth is None or cause is None:
        raise ProblemError("submit_incomplete", step="check")
    today = now.astimezone(TAIPEI).date()
    wanted = {*progress.papers_of(answers), "previous_card"}
    photos = {(photo.slot, photo.position): photo for photo in (*answers.kept, *fresh) if photo.slot in wanted}
    return wire.ReissueBody(
        application_id=application_id,
        receipt=receipt,
        cause=cause,
        identity_kind=identity.kind,
        identity_number=identity.number,
        nationality=identity.nationality,
        name=names.tidy(answers.name),
        birth_date=birth,
        email=answers.email,
        applied_by=answers.applied_by,
        card=answers.old_card or wire.OldCard(),
        photos=tuple(photos[place] for place in sorted(photos)),
        submitted_on=today,
        language=language,
        notice=settings.rules_on(today).purpose_notice,
        slip_secret=secret.hex(),
        clock_doubt=clock_doubt,
    )


def _body(
    application_id: str, receipt: str, answers: Answers, fresh: Sequence[wire.Photo], secret: bytes, now: datetime,
    language: Literal["zh", "en"], settings: Settings, *, clock_doubt: bool,
) -> wire.ApplicationBody:  # fmt: skip
    identity, service, birth = answers.identity, answers.service, answers.birth_date
    if answers.kind not in ("first", "renewal") or identity is None or service is None or birth is None:
        raise ProblemError("submit_incomplete", step="check")
    today = now.astimezone(TAIPEI).date()
    rules = settings.rules_on(today)
    retaken = {(photo.slot, photo.position) for photo in fresh}
    kept = [photo for photo in answers.kept if (photo.slot, photo.position) not in retaken]
    previous = answers.previous if answers.kind == "renewal" else None
    if answers.kind != "renewal":
        kept = [photo for photo in kept if photo.slot != "previous_card"]
        fresh = [photo for photo in fresh if photo.slot != "previous_card"]
    shown = {photo.position: photo.evidence for photo in [*kept, *fresh] if photo.slot == "page" and photo.evidence}
    body = wire.ApplicationBody(
        application_id=application_id,
        receipt=receipt,
        kind=answers.kind,
        identity_kind=identity.kind,
        identity_number=identity.number,
        nationality=identity.nationality,
        name=names.tidy(answers.name),
        birth_date=birth,
        email=answers.email,
        applied_by=answers.applied_by,
        english_name=answers.english_name,
        books=answers.books,
        service_field=answers.service_field,
        trainings=answers.trainings,
        rows=places.rows_placed(service.rows, shown),
        first_day=service.first_day,
        last_day=service.last_day,
        half_hours=service.half_hours,
        category=service.category,
        previous=previous,
        photos=tuple(sorted([*kept, *fresh], key=lambda photo: (photo.slot, photo.position))),
        submitted_on=today,
        language=language,
        notice=rules.purpose_notice,
        slip_secret=secret.hex(),
        verdict={},
        clock_doubt=clock_doubt,
    )
    return msgspec.structs.replace(body, verdict=verdict_record(verdict_of(body, rules)))


def identity_mac(settings: Settings, number: str) -> bytes:
    """For the warning about a second application on the same tablet (sync.md B.7): says nothing without the data
    key.
    """
    return hmac.new(data_key(settings.key_file), b"identity " + number.encode(), hashlib.sha256).digest()
