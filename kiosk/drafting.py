"""An application while it is being filled in: its answers, its questions in order, and what is still missing.

Kept as JSON in the store's `draft` table (encrypted with the database); photographs are listed in `draft_photo`. A draft's id is
the application's id from the first tap on, so that a submit repeated after a crash is the same application (sync.md K5).
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

from honorcard.jurisdiction import TrainingGate
from honorcard.typed import convert
from sync.upcasting import paged
from sync.wire import AppliedBy, Book, CardCause, Evidence, OldCard, Photo, PreviousCard, ServiceRow, Slot, Training

Kind = Literal["first", "renewal", "reissue", "correction"]
ABOUT_A_CARD: frozenset[Kind] = frozenset({"reissue", "correction"})  # a card that exists; no service is asked for
Record = Literal["paper", "printout", "both"]  # what the service is read from (R56)


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The identity number as normalised, its kind, and the nationality a passport needs."""

    number: str
    kind: Literal["national", "ui_new", "ui_old", "passport"]
    nationality: str = ""


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """Rows, or first day, last day and half-hours where the rows are not typed one by one."""

    rows: tuple[ServiceRow, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    half_hours: int | None = None
    category: str = "ordinary"


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """Everything answered so far; None or empty where not yet. Changed with `msgspec.structs.replace`."""

    kind: Kind | None = None
    previous: PreviousCard | None = None
    cause: CardCause | None = None  # why a card is to be issued again
    old_card: OldCard | None = None  # and which
    identity: Identity | None = None
    name: str = ""
    birth_date: date | None = None
    email: str = ""
    english_name: str = ""
    record: Record = "paper"
    books: tuple[Book, ...] = ()  # oldest first
    service_field: str = ""
    trainings: tuple[Training, ...] | None = None  # None: nobody asked, or nobody answered
    training_gate: TrainingGate = (
        "off"  # of the city on the day the draft was begun: whether trainings are asked for (A16)
    )
    service: Service | None = None
    consent: bool = False
    applied_by: AppliedBy = "unit"
    # set when a returned case is being corrected: the rev that was returned, its receipt and slip secret, what the reviewer said,
    # and the photographs that stay as they were sent (a retaken slot leaves this list)
    amends_rev: int | None = None
    receipt: str = ""
    slip_secret: str = ""
    returned_reasons: tuple[str, ...] = ()
    returned_text: str = ""
    kept: tuple[Photo, ...] = ()
    were: tuple[tuple[int, Evidence], ...] = ()  # what each page showed as it was sent, by its position
    retake: tuple[str, ...] = ()  # places the reviewer wants anew, `headshot`, `page-2`; empty for a first submission
    # what stands in the fields of each question, letter by letter, readable or not: a crash or a slip of the finger loses no typing
    typed: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)


def decode(text: str | bytes) -> Answers:
    """Answers as a draft keeps them, also those kept before a record book could be one of several (wire schema 1)."""
    document: dict[str, Any] = msgspec.json.decode(text)
    prefix, number = document.pop("book_prefix", ""), document.pop("book_number", "")
    if (prefix or number) and "books" not in document:
        document["books"] = [{"prefix": prefix, "number": number}]
    document["kept"] = [paged(photo) for photo in document.get("kept", ())]
    return convert(document, Answers, strict=True)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as the store hands it out."""

    application_id: str
    answers: Answers
    created_ms: int
    touched_ms: int


class DraftPhoto(msgspec.Struct, frozen=True, kw_only=True):
    """A photograph of a draft. `original` and `result` are names in the photo box; without a result it is not finished yet.

    outline: of a page its corners, four (x, y) clockwise from top left; of a headshot the crop's top left and bottom right; in
    pixels of the original as stored. hints: problem codes, `page_glare@00.21` (kiosk.asking.hints). evidence:
    of a page, which one it is where a person said so; else it follows from the one before (kiosk.asking.places).
    """

    photo_id: str
    application_id: str
    slot: Slot
    position: int
    original: str
    original_width: int
    original_height: int
    taken_ms: int
    result: str | None = None
    result_sha256: str | None = None
    width: int | None = None
    height: int | None = None
    outline: tuple[tuple[float, float], ...] | None = None
    hints: tuple[str, ...] = ()
    evidence: Evidence | None = None

    @property
    def finished(self) -> bool:
        """Whether it was cut or flattened and looked at."""
        return self.result is not None
