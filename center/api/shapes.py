"""What travels over the API: one struct for each body, from which the checks and the OpenAPI document are made alike.

Descriptions are English here, where they stand in the document; what a field may be is said once, in its type. Dates are
ISO, moments ISO in UTC, hours are whole half hours.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from honorcard.records import Category

CardWord = Literal["valid", "expired", "suspended", "revoked", "replaced"]
CodeWord = Literal[
    "valid", "expired", "suspended", "revoked", "replaced", "unknown", "practice", "foreign", "altered", "not_a_card"
]
Purpose = Literal["care_station", "training_check", "award", "card_service"]

# a maximum beside each pattern: Python's `$` also stands before a last line feed, a document's does not
CardNumber = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{8}$", max_length=8, examples=["11500001"],
        description="The printed number: three digits of the ROC year and five of the serial.",
    ),
]  # fmt: skip
Receipt = Annotated[
    str,
    Meta(
        pattern=r"^HC-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$", max_length=12, examples=["HC-7K3M-22QF"],
        description="The receipt number on the slip.",
    ),
]  # fmt: skip
Cursor = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{8}\.(0|[1-9][0-9]{0,17})$", max_length=27, examples=["1f0c2a9b.42"],
        description="Where to go on: the `next` of the last answer, kept as it is. Without it: from the first change on.",
    ),
]  # fmt: skip
PageSize = Annotated[int, Meta(ge=1, le=500, description="How many at most.")]
IdempotencyKey = Annotated[
    str,
    Meta(
        pattern=r"^[0-9A-Za-z._~-]{8,64}$", min_length=8, max_length=64, examples=["0f8fad5b-d9cb-469f-a165-70867728950e"],
        description="Made by the caller, one for each request; the same one again gets the first answer again.",
    ),
]  # fmt: skip
IdentityNumber = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z][A-D1289][0-9]{8}$", max_length=10, examples=["A223456781"],
        description="National identification or UI number, as on the card.",
    ),
]  # fmt: skip
UnitCode = Annotated[
    str, Meta(min_length=1, max_length=32, examples=["U001"], description="A unit's code, as in /units.")
]
HalfHours = Annotated[int, Meta(ge=0, description="Whole half hours.")]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457. `title` is a sentence in the language of Accept-Language; figures of the sentence stand beside as members."""

    type: Annotated[
        str, Meta(pattern="^urn:honorcard:problem:[a-z0-9_]+$", examples=["urn:honorcard:problem:api_field"])
    ]
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    field: Annotated[str | None, Meta(description="Which field or parameter, where it is about one.")] = None


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A card without its holder."""

    number: CardNumber
    status: CardWord
    valid_until: date
    edition: Annotated[int, Meta(ge=1, description="1; more after a correction that kept the number.")]


class Code(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code as it was read from a card."""

    qr: Annotated[str, Meta(min_length=1, max_length=400, description="The whole text of the QR code; it is not kept.")]


class CodeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a code is worth today. number and valid_until only where the code is one of our cards."""

    status: CodeWord
    number: CardNumber | None = None
    valid_until: date | None = None


class CardChange(msgspec.Struct, frozen=True, kw_only=True):
    """Something became of a card; `card` is the card as it stands now, so that only the last change of a card counts."""

    at: datetime
    what: Literal["issued", "suspended", "live", "revoked", "replaced"]
    card: Card


class CardChanges(msgspec.Struct, frozen=True, kw_only=True):
    """A page of changes, in order."""

    items: list[CardChange]
    next: Cursor
    more: Annotated[bool, Meta(description="Whether asking again with `next` brings more at once.")]


class RecordAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose record, and what for; the purpose is written down with the key's name."""

    identity_number: IdentityNumber
    purpose: Annotated[Purpose, Meta(description="What it is needed for (個人資料保護法: a specific purpose).")]
    name: (
        Annotated[
            str,
            Meta(min_length=1, max_length=60, description="Where it is given it must be the person's, or nobody is found."),
        ]
        | None
    ) = None


class ServiceYear(msgspec.Struct, frozen=True, kw_only=True):
    """Service at one unit in one year."""

    year: Annotated[int, Meta(description="Of our era; the ROC year and 1911.")]
    unit: str
    half_hours: HalfHours
    first: date
    last: date


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """A training course."""

    kind: str
    field: Annotated[str, Meta(description="Of a special training; empty for a basic one.")]
    completed_on: date | None
    half_hours: HalfHours | None


class ServiceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What stands of a person's service today. No name and no number of the person is in it."""

    on: date
    half_hours: HalfHours
    years: list[ServiceYear]
    trainings: list[Training]
    trained_on: Annotated[date | None, Meta(description="Since when basic and special training are complete.")]
    card: Card | None


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A unit, 運用單位."""

    code: UnitCode
    name: str
    district: str


class Units(msgspec.Struct, frozen=True, kw_only=True):
    """All units that the key may know of."""

    items: list[Unit]


class Venue(msgspec.Struct, frozen=True, kw_only=True):
    """A place where the card opens a gate, 優惠場所."""

    code: str
    name: str
    city: str
    kind: str
    accepted_form: Literal["paper", "digital", "both", "unknown"]
    note: str


class Venues(msgspec.Struct, frozen=True, kw_only=True):
    """The whole list."""

    items: list[Venue]


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """How far an application is."""

    state: str
    kind: str
    unit: UnitCode | Literal[""]
    submitted_on: date
    changed_at: datetime
    card_number: CardNumber | None


class Applications(msgspec.Struct, frozen=True, kw_only=True):
    """The applications under one receipt number, the newest first; nearly always one."""

    items: list[Application]


class NewRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of service as it stands in the book: days inclusive. The name must be the person's, where the person is known here."""

    identity_number: IdentityNumber
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    unit: UnitCode
    start: date
    end: date
    half_hours: Annotated[int, Meta(ge=1, le=100_000)]
    item: Annotated[str, Meta(max_length=60)] = ""
    content: Annotated[str, Meta(max_length=200)] = ""
    category: Category = "ordinary"


class NewRows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rows to be added; each is taken or refused by itself."""

    rows: Annotated[list[NewRow], Meta(min_length=1, max_length=500)]


class RowResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a row. `already`: the very same one stood here. problem: why one was refused."""

    index: Annotated[int, Meta(ge=0)]
    status: Literal["added", "already", "refused"]
    problem: Problem | None = None


class RowsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each row, in order. batch: by which the administrator can take them back."""

    batch: str
    added: Annotated[int, Meta(ge=0)]
    already: Annotated[int, Meta(ge=0)]
    refused: Annotated[int, Meta(ge=0)]
    results: list[RowResult]
