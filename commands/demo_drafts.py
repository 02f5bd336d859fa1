"""An application filled in on the sample kiosk as a person would: draft, answers, photographs, submit."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from center.sample import gallery
from center.sample.people import Person
from kiosk.asking.progress import SEEN
from kiosk.drafting import Answers, DraftPhoto, Identity, Service
from kiosk.photos import PhotoBox
from kiosk.settings import Settings
from kiosk.store import Store, data_key, drafts
from kiosk.submitting import Submitted, submit
from sync.ids import uuid7
from sync.wire import ServiceRow


def submit_as_typed(store: Store, settings: Settings, person: Person, pictures: Path, now: datetime) -> Submitted:
    """Fills in the person's application and submits it; gives what its slip needs."""
    application_id, now_ms = uuid7(), int(now.timestamp() * 1000)
    photos = gallery.of(person, pictures)
    box = PhotoBox(settings.photos_dir, data_key(settings.key_file))
    taken = [_photo(box, application_id, photo, now_ms) for photo in photos]
    with store.write() as db:
        drafts.create(db, application_id, now_ms, _answers(person))
        for photo in taken:
            drafts.add_photo(db, photo)
    return submit(store, settings, application_id, now=now, language="zh")


def _answers(person: Person) -> Answers:
    rows = tuple(
        ServiceRow(
            start=row.start, end=row.end, minutes=row.half_hours * 30, item=row.item, content=row.content, unit=row.unit,
            page=1 + at // 12,
        )
        for at, row in enumerate(person.rows)
    )  # fmt: skip
    return Answers(
        kind=person.kind,
        identity=Identity(number=person.identity_number, kind=person.identity_kind, nationality=person.nationality),
        name=person.name,
        birth_date=person.birth_date,
        email=person.email,
        books=person.books,
        trainings=person.trainings,
        service=Service(rows=rows),
        consent=True,
        typed={"verdict": {SEEN: "1"}},
    )


def _photo(box: PhotoBox, application_id: str, photo: gallery.Photograph, now_ms: int) -> DraftPhoto:
    return DraftPhoto(
        photo_id=uuid7(),
        application_id=application_id,
        slot=photo.slot,
        position=photo.position,
        original=box.put(photo.jpeg),
        original_width=photo.width,
        original_height=photo.height,
        taken_ms=now_ms,
        result=box.put(photo.jpeg),
        result_sha256=hashlib.sha256(photo.jpeg).hexdigest(),
        width=photo.width,
        height=photo.height,
    )
