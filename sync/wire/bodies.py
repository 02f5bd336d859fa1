"""What the sealed bodies of operations say: an application, a card asked for again, an end of either, a printed card."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

SCHEMA_V = 2  # older ones are read through sync.upcasting

# where a photograph of an application belongs
Slot = Literal["headshot", "cover", "page", "certificate", "previous_card", "form", "document"]
CardCause = Literal["lost", "damaged", "name", "birth_date", "identity_number", "photo"]  # honorcard.card.cases.Cause
AppliedBy = Literal["unit", "self"]  # a unit's officer, or the volunteer alone where the city lets them (R26, A11)


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
    """A card was printed on this kiosk (the printer said completed, or a person took the PDF), or the address of its digital form
    was given to the holder here (`digital`; only what a center sent can be given, so every center that hears it knows it)."""

    application_id: str
    number: str
    how: Literal["ipp", "pdf", "digital"]
    reason: str = ""  # of printing it again (R39); empty the first time
