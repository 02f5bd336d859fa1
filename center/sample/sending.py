"""Applications as a sample tablet would have sent them: sealed, taken in by the center's own intake, in the past.

Only one thing differs from service: photographs go straight to the photo store, because the center drew them itself
and decoding them again in a child process would take longer than all the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from center import keyring, photostore, taking
from center.sample import brought
from center.sample.gallery import Photograph
from center.sample.pages import ROWS_A_PAGE
from center.sample.people import Person
from center.settings import Settings
from center.store import Store, devices, uploads
from center.store.photographs import ToOpen, settle
from honorcard.card.receipt import new_receipt
from honorcard.card.slip import new_slip_secret
from honorcard.jurisdiction import in_force
from sync import wire
from sync.claims import verdict_of, verdict_record
from sync.ids import uuid7
from sync.seal import seal


def send_in(
    store: Store, settings: Settings, device_id: str, person: Person, photographs: Sequence[Photograph], *,
    seq: int, moment: datetime, is_complete: bool = True,
) -> str:  # fmt: skip
    """The person's application, taken in at that moment; gives its id. Not complete: its last page never arrives."""
    sealing = keyring.sealing_public(settings)
    sealed = [seal(photograph.jpeg, sealing, "photo") for photograph in photographs]
    body = application_body(person, photographs, sealed, settings.jurisdiction)
    op = _op(body, sealing, seq, moment)
    now_ms = int(moment.timestamp() * 1000)
    with store.write() as conn:
        device = devices.find(conn, device_id)
        if device is None:
            raise LookupError("the sample tablet is not enrolled")
        taking.Desk(settings, keyring.sealing_privates(settings), moment).take(conn, device, op)
    late = next(at for at in range(len(photographs) - 1, -1, -1) if photographs[at].slot == "page")
    for at, (photograph, content) in enumerate(zip(photographs, sealed, strict=True)):
        if is_complete or at != late:
            _arrive(store, settings, body, photograph, content, now_ms)
    return body.application_id


def application_body(
    person: Person, photographs: Sequence[Photograph], sealed: Sequence[bytes], jurisdiction: str
) -> wire.ApplicationBody:
    """The application as the tablet would have written it, verdict included."""
    body = wire.ApplicationBody(
        application_id=uuid7(),
        receipt=new_receipt(),
        kind=person.kind,
        identity_kind=person.identity_kind,
        identity_number=person.identity_number,
        nationality=person.nationality,
        name=person.name,
        birth_date=person.birth_date,
        email=person.email,
        books=person.books,
        rows=tuple(
            wire.ServiceRow(
                start=row.start, end=row.end, minutes=row.half_hours * 30, item=row.item, content=row.content,
                unit=row.unit, page=1 + at // ROWS_A_PAGE,
            )
            for at, row in enumerate(person.rows)
        ),
        first_day=None,
        last_day=None,
        half_hours=None,
        category="ordinary",
        previous=_previous(person),
        photos=tuple(
            wire.Photo(
                slot=photograph.slot,
                position=photograph.position,
                sealed_sha256=hashlib.sha256(content).hexdigest(),
                clear_sha256=hashlib.sha256(photograph.jpeg).hexdigest(),
                size=len(content),
                width=photograph.width,
                height=photograph.height,
                evidence=person.pages[photograph.position - 1] if photograph.slot == "page" else None,
            )
            for photograph, content in zip(photographs, sealed, strict=True)
        ),
        submitted_on=person.submitted_on,
        language="zh",
        notice=in_force(jurisdiction, person.submitted_on).purpose_notice,
        slip_secret=new_slip_secret().hex(),
        verdict={},
        service_field=brought.FIELD if person.trainings is not None else "",
        trainings=person.trainings,
    )  # fmt: skip
    return msgspec.structs.replace(body, verdict=verdict_record(verdict_of(body, jurisdiction)))


def _previous(person: Person) -> wire.PreviousCard | None:
    if person.previous_valid_until is None:
        return None
    return wire.PreviousCard(valid_until=person.previous_valid_until, source="typed", number=person.previous_number)


def send_reissue(
    store: Store, settings: Settings, device_id: str, photographs: Sequence[Photograph],
    make: Callable[[str, str, str, tuple[wire.Photo, ...]], wire.ReissueBody], *, moment: datetime,
) -> str:  # fmt: skip
    """A case about a card, taken in at that moment with its photographs; gives its id.

    make: the body from id, receipt, slip secret and photographs.
    """
    sealing = keyring.sealing_public(settings)
    sealed = [seal(photograph.jpeg, sealing, "photo") for photograph in photographs]
    photos = tuple(_photo(*pair) for pair in zip(photographs, sealed, strict=True))
    body = make(uuid7(), new_receipt(), new_slip_secret().hex(), photos)
    now_ms = int(moment.timestamp() * 1000)
    with store.write() as conn:
        device = devices.find(conn, device_id)
        if device is None:
            raise LookupError("the sample tablet is not enrolled")
        op = _op(body, sealing, 1, moment, "application.reissue")
        taking.Desk(settings, keyring.sealing_privates(settings), moment).take(conn, device, op)
    for photograph, content in zip(photographs, sealed, strict=True):
        _arrive(store, settings, body, photograph, content, now_ms)
    return body.application_id


def _photo(photograph: Photograph, sealed: bytes) -> wire.Photo:
    return wire.Photo(
        slot=photograph.slot,
        position=photograph.position,
        sealed_sha256=hashlib.sha256(sealed).hexdigest(),
        clear_sha256=hashlib.sha256(photograph.jpeg).hexdigest(),
        size=len(sealed),
        width=photograph.width,
        height=photograph.height,
    )


def _op(
    body: wire.ApplicationBody | wire.ReissueBody, sealing: bytes, seq: int, moment: datetime,
    kind: wire.OpKind = "application.submit",
) -> wire.Op:  # fmt: skip
    sealed = seal(wire.encode(body), sealing, "body")
    return wire.Op(
        seq=seq,
        op_id=uuid7(),
        kind=kind,
        entity_id=body.application_id,
        base_rev=None,
        schema_v=wire.SCHEMA_V,
        sha256=hashlib.sha256(sealed).hexdigest(),
        needs_blobs=tuple(photo.sealed_sha256 for photo in body.photos),
        body=sealed,
        wall_ms=int(moment.timestamp() * 1000),
    )


def _arrive(
    store: Store, settings: Settings, body: wire.ApplicationBody | wire.ReissueBody, photograph: Photograph,
    sealed: bytes, now_ms: int,
) -> None:  # fmt: skip
    """One photograph is here, opened and kept; the last one moves the case on."""
    address = hashlib.sha256(sealed).hexdigest()
    photostore.put(settings, "sealed", address, sealed)
    clear = hashlib.sha256(photograph.jpeg).hexdigest()
    photostore.put(settings, "photo", clear, photograph.jpeg)
    opened = ToOpen(body.application_id, photograph.slot, photograph.position, address, clear)
    with store.write() as conn:
        uploads.note_stored(conn, address, len(sealed), now_ms)
        settle(conn, opened, "opened")
        taking.move_on(conn, body.application_id, now_ms)
