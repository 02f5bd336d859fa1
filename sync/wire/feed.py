"""What the center says to a tablet: items in the order of its commits, page by page, and what their bodies mean."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from sync.wire.bodies import ApplicationBody, ReissueBody, ServiceRow, Training

FeedKind = Literal[
    "application.state", "application.returned", "application.decided", "card.issued", "card.sheet", "card.status",
    "pack.manifest", "config", "event.open", "op.again", "op.settled", "service.record", "venues", "help.call",
]  # fmt: skip
Standing = Literal["good", "suspended", "disabled"]


class FeedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing the center has to say to this device; `body` is JSON or, for sealed kinds, sealed bytes."""

    lsn: int
    kind: str
    entity_id: str
    rev: int
    body: bytes


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the feed; applied together with its cursor in one transaction.

    standing: `suspended` and `disabled` tablets are told no news, and go on sending what they have. dev_epoch, high_seq:
    the life of its database that the center heard last, and the highest seq it has seen of it.
    """

    items: tuple[FeedItem, ...]
    cursor: int
    server_epoch: str
    more: bool
    server_time: str
    standing: Standing = "good"
    dev_epoch: str = ""
    high_seq: int = 0


class ApplicationState(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `application.state`: where the case stands now (honorcard.review states).

    notices: what the applicant is to know besides: `duplicate`, the person has another application (and nothing about
    it: sync.md B.7); `merged`, this one was withdrawn into that one; `deciding`, a reviewer has to choose between two
    changes.
    """

    state: str
    photos_stored: int
    photos: int
    notices: tuple[str, ...] = ()


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `application.decided`: a reviewer has chosen what becomes of the change in that operation (sync.md B.6).

    used: `taken` as it was sent, `part` of it, `kept` what stood before, `overtaken` by the end of the case.
    """

    op_id: str
    used: Literal["taken", "part", "kept", "overtaken"]


class OpWord(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `op.again` (the center takes it now: offer it once more) and `op.settled` (a person has dealt with it)."""

    op_id: str


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `application.returned`, sealed to the device: what to correct, and the application as it was sent."""

    reasons: tuple[str, ...]  # reason codes (chips)
    text: str  # what the reviewer wrote
    slots: tuple[str, ...]  # photographs to retake, `page-2`
    application: ApplicationBody


class ReissueReturned(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `application.returned` for a reissue or correction: as Returned, with that body."""

    reasons: tuple[str, ...]
    text: str
    slots: tuple[str, ...]
    application: ReissueBody


class CardIssued(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `card.issued`, sealed to the device: enough to list and print it there by staff."""

    number: str
    valid_until: date
    sheet: bytes  # the PDF
    digital: str = ""  # the address of the holder's digital card; empty from a center that does not send it yet


class CardSheet(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `card.sheet`: the PDF sealed under slip secret and birth date (credential.md C.8)."""

    number: str
    valid_until: date
    idx: bytes
    blob: bytes


class CardStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `card.status`: a card was revoked, suspended, replaced or is live again."""

    number: str
    status: Literal["live", "suspended", "revoked", "replaced"]


class PackManifest(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `pack.manifest`: a newer verification pack can be fetched."""

    version: int


class HeldCard(msgspec.Struct, frozen=True, kw_only=True):
    """A card somebody has or had, in a service record (honorcard.service_record.CardHeld). number: empty when unknown."""

    number: str
    approved_on: date
    valid_until: date
    counted_until: date | None = None
    standing: bool = True


class ServiceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A person's service record as the center knew it (honorcard.collected.History); what `service.record` seals.

    Rows, not figures: the kiosk reckons them for the day on which somebody looks.
    """

    name: str
    masked_number: str
    made_on: date
    rows: tuple[ServiceRow, ...]
    under_review: tuple[ServiceRow, ...] = ()
    trainings: tuple[Training, ...] | None = None
    cards: tuple[HeldCard, ...] = ()
    asked: HeldCard | None = None
    open_case: bool = False
    only_totals: bool = False
    service_field: str = ""
    book_issued_on: date | None = None


class SealedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `service.record`: a ServiceRecord sealed under slip secret and birth date, as a sheet is."""

    idx: bytes
    blob: bytes


class Venue(msgspec.Struct, frozen=True, kw_only=True):
    """A place where the card opens a gate (honorcard.venues.Venue).

    note: with the benefit in front, for tablets that know of no more; own_note: the note alone, None from a center that does not
    say district and benefit yet.
    """

    code: str
    name: str
    city: str
    kind: str
    accepted_form: str
    note: str = ""
    district: str = ""
    benefit_zh: str = ""
    benefit_en: str = ""
    own_note: str | None = None


class Venues(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `venues`: all of them, in place of those sent before."""

    venues: tuple[Venue, ...]
