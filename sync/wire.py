"""Every message between kiosk and center, spelled once. msgspec structs; bodies are canonical JSON (sorted members).

Bodies of operations are sealed to the center's key before they are stored or sent (sync.seal); envelopes are not. What leaves the
tablet is exactly what is listed here. Unknown members are ignored on reading, unknown kinds are kept raw by the kiosk and refused
by the center with a problem that names both versions.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

PROTO = 1
SCHEMA_V = 2  # older ones are read through sync.upcasting

# where a photograph of an application belongs
Slot = Literal["headshot", "cover", "page", "certificate", "previous_card", "form", "document"]
OpKind = Literal[
    "application.submit", "application.amend", "application.reissue", "application.withdraw", "card.print_ack",
]  # fmt: skip
CardCause = Literal["lost", "damaged", "name", "birth_date", "identity_number", "photo"]  # honorcard.card.cases.Cause
AppliedBy = Literal["unit", "self"]  # a unit's officer, or the volunteer alone where the city lets them (R26, A11)
FeedKind = Literal[
    "application.state", "application.returned", "application.decided", "card.issued", "card.sheet", "card.status",
    "pack.manifest", "config", "op.again", "op.settled", "service.record", "venues",
]  # fmt: skip


# --- bodies of operations (sealed) ---


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a photographed page is: honorcard.evidence.Evidence as it travels. book: from 1, 0 for a print-out."""

    kind: Literal["book_page", "inserted_page", "printout"] = "book_page"
    book: int = 1
    page: int = 1
    printed_on: date | None = None


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    """One photograph of an application: where it belongs and both its addresses (hex SHA-256).

    position: of a page from 1, as it was photographed; of a cover 0 for the first book, else the book's place (2 for the
    second); of a certificate the training's place from 1. evidence: of a page, what it shows; None elsewhere. hints: what
    the tablet saw that asks for another picture and was kept all the same, `page_glare` (honorcard.picture_hints).
    """

    slot: Slot
    position: int
    sealed_sha256: str
    clear_sha256: str
    size: int  # sealed bytes
    width: int
    height: int
    evidence: Evidence | None = None
    hints: tuple[str, ...] = ()


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """One record book, 字第 號. issued_on: 領冊日期, None when not read."""

    prefix: str
    number: str
    issued_on: date | None = None


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """One training completed; completed_on: None when its day is not known (honorcard.records.Training)."""

    kind: Literal["basic", "special"]
    completed_on: date | None = None
    field: str = ""
    certificate: str = ""
    half_hours: int | None = None


class ServiceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the record book; minutes are whole (A14). page: the position of the photographed page it stands on."""

    start: date
    end: date
    minutes: int
    item: str = ""
    content: str = ""
    unit: str = ""
    category: str = "ordinary"
    page: int | None = None


class PreviousCard(msgspec.Struct, frozen=True, kw_only=True):
    """The card a renewal replaces."""

    valid_until: date
    source: Literal["qr", "typed"]
    seq: int | None = None
    number: str = ""


class ApplicationBody(msgspec.Struct, frozen=True, kw_only=True):
    """An application, whole: the body of `application.submit` and, after a return, of `application.amend`.

    books: oldest first, none for somebody who has print-outs only (R56). trainings: None when nobody asked.
    service_field: 衛生福利 or another field of service, empty when not said. schema_v: how this body is spelled, also where
    it is kept without its operation (sync.upcasting).
    """

    application_id: str
    receipt: str
    kind: Literal["first", "renewal"]
    identity_kind: Literal["national", "ui_new", "ui_old", "passport"]
    identity_number: str
    nationality: str
    name: str
    birth_date: date
    email: str
    books: tuple[Book, ...]
    rows: tuple[ServiceRow, ...]
    first_day: date | None
    last_day: date | None
    half_hours: int | None
    category: str
    previous: PreviousCard | None
    photos: tuple[Photo, ...]
    submitted_on: date  # the tablet's civil date (A9)
    language: Literal["zh", "en"]
    notice: str  # the purpose notice that was agreed to (R36)
    slip_secret: str  # hex of 16 bytes (credential.md C.8)
    verdict: dict[str, Any]  # what the tablet's rule engine said, for comparison
    clock_doubt: bool = (
        False  # the wall clock lay outside what the tablet could believe when it submitted (sync.md B.8)
    )
    english_name: str = ""  # never on the card (R49)
    service_field: str = ""
    trainings: tuple[Training, ...] | None = None
    applied_by: AppliedBy = "unit"
    schema_v: int = SCHEMA_V


class OldCard(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the card a reissue or correction is about; empty and None where the person could not say.

    identity_number: as it stands on that card, when that is what has to be corrected.
    """

    number: str = ""
    valid_until: date | None = None
    source: Literal["qr", "typed"] = "typed"
    seq: int | None = None
    identity_number: str = ""


class ReissueBody(msgspec.Struct, frozen=True, kw_only=True):
    """A card to be issued again, 補發 or 更正 (R38): the body of `application.reissue`.

    The operation's base_rev is None the first time; after a return it is the revision that was returned. The person's
    data stands as it should be on the new card. There is no service in it, so nothing is judged.
    """

    application_id: str
    receipt: str
    cause: CardCause
    identity_kind: Literal["national", "ui_new", "ui_old", "passport"]
    identity_number: str
    nationality: str
    name: str
    birth_date: date
    email: str
    card: OldCard
    photos: tuple[Photo, ...]
    submitted_on: date  # the tablet's civil date (A9)
    language: Literal["zh", "en"]
    notice: str  # the purpose notice that was agreed to (R36)
    slip_secret: str  # hex of 16 bytes (credential.md C.8)
    clock_doubt: bool = False  # as in ApplicationBody
    applied_by: AppliedBy = "unit"
    schema_v: int = SCHEMA_V

    @property
    def kind(self) -> Literal["reissue", "correction"]:
        """The kind of case: what was lost or damaged is issued again, what is wrong is corrected."""
        return "reissue" if self.cause in ("lost", "damaged") else "correction"


class Withdraw(msgspec.Struct, frozen=True, kw_only=True):
    """The applicant wants the application no more: the body of `application.withdraw`. It needs no revision: withdrawing
    wins over whatever was changed meanwhile, unless the case is decided (sync.md B.6).
    """

    application_id: str


class PrintAck(msgspec.Struct, frozen=True, kw_only=True):
    """A card was printed on this kiosk (the printer said completed, or a person took the PDF)."""

    application_id: str
    number: str
    how: Literal["ipp", "pdf"]
    reason: str = ""  # of printing it again (R39); empty the first time


# --- push ---


class Op(msgspec.Struct, frozen=True, kw_only=True):
    """One operation as it travels; `body` is the sealed bytes (base64 in JSON), `sha256` their digest in hex."""

    seq: int
    op_id: str
    kind: str
    entity_id: str
    base_rev: int | None
    schema_v: int
    sha256: str
    needs_blobs: tuple[str, ...]
    body: bytes
    wall_ms: int | None = None
    mono_ms: int | None = None
    boot_id: str | None = None


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of operations in seq order: at most 50, or 512 KiB. parted: the tablet found that the center had heard more
    under the name of its database than it knows of itself, and has given it another one.
    """

    proto: int
    device_id: str
    dev_epoch: str
    ops: tuple[Op, ...]
    parted: bool = False


class OpResult(msgspec.Struct, frozen=True, kw_only=True):
    """The center's word on one operation (sync.md B.3)."""

    seq: int
    op_id: str
    status: Literal["applied", "duplicate", "conflict", "rejected", "retry"]
    rev: int | None = None
    receipt: str | None = None
    code: str | None = None
    details: dict[str, int] | None = None  # the figures of the code's sentence


class PushAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the center answers to a push, after its COMMIT."""

    server_epoch: str
    server_time: str
    results: tuple[OpResult, ...]
    contiguous_through: int
    durable_through: int
    max_ops: int = 50
    retry_after_s: float = 0.0


STUCK_AT_ONCE = 50


class Stuck(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that a tablet cannot bring. code: why, of the problem catalogue; details: the figures of its sentence.

    The operation's body is empty when its bytes are no longer what they were. receipt: of the application, when known.
    """

    op: Op
    code: str
    details: dict[str, int] | None = None
    receipt: str = ""


class StuckReport(msgspec.Struct, frozen=True, kw_only=True):
    """Operations that wait on a tablet for a person, at most fifty at a time (sync.md B.10)."""

    device_id: str
    dev_epoch: str
    items: tuple[Stuck, ...]


class StuckAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the center made of them, by op_id: kept for a person; settled by one already; taken, to be offered once more."""

    kept: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()


class OpWord(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `op.again` (the center takes it now: offer it once more) and `op.settled` (a person has dealt with it)."""

    op_id: str


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """Which of these blobs (hex) the center lacks: asked, and answered with the subset."""

    hashes: tuple[str, ...]


# --- feed ---


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
    """A place where the card opens a gate (honorcard.venues.Venue)."""

    code: str
    name: str
    city: str
    kind: str
    accepted_form: str
    note: str = ""


class Venues(msgspec.Struct, frozen=True, kw_only=True):
    """Body of `venues`: all of them, in place of those sent before."""

    venues: tuple[Venue, ...]


# --- versions and time (sync.md B.9) ---


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """What the center says of itself to anybody: versions it understands (from, to), its limits, its time.

    schema: of operations' bodies. kinds: operations it knows. min_app: the oldest kiosk it works with, empty for any; older ones
    still push. min_app_from: the first day (ISO) on which older ones begin no new applications, empty for never. time: the
    moment signed as an answer to the nonce that was asked with (sync.signed_time), else empty.
    """

    proto: tuple[int, int]
    schema: tuple[int, int]
    kinds: tuple[str, ...]
    min_app: str
    server_epoch: str | None
    server_time: str
    limits: dict[str, int]
    time: str = ""
    min_app_from: str = ""


# --- enrolment ---


class Enrol(msgspec.Struct, frozen=True, kw_only=True):
    """A tablet introduces itself with a one-time code: its signing key (P-256, PEM) and its sealing key (X25519, raw)."""

    code: str
    name: str
    sign_key: str
    seal_key: bytes


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """What the center gives a tablet it has accepted."""

    device_id: str
    profile: str
    unit: str
    server_epoch: str
    center_seal_key: bytes  # X25519 public key that operations and photographs are sealed to
    trust: dict[str, Any]  # the trust list (honorcard.card.trust)
    card_prefix: str
    fingerprint: str  # six digits that both screens show
    self_application: bool = False  # whether volunteers may apply alone at a public tablet (A11)


_encoder = msgspec.json.Encoder(order="sorted")


def encode(message: msgspec.Struct) -> bytes:
    """Canonical JSON of a message."""
    return _encoder.encode(message)


def decode(kind: type[Any], body: bytes) -> Any:
    """The message in `body`, strictly typed; msgspec.ValidationError when it is not one."""
    return msgspec.json.decode(body, type=kind)
