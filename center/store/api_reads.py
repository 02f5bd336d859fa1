"""What other city systems ask: what became of cards since a place, a card by its code, a case by its receipt.

units: only what belongs to these units, empty for all of them. What is not here: who may ask (center.api).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from center.store.tables import application, card, card_event, unit

_TOLD = ("issued", "suspended", "live", "revoked", "replaced")


@dataclass(frozen=True)
class CardState:
    """A card without its holder. unit_id: of the application it was issued on."""

    seq: int
    number: str
    edition: int
    status: str
    valid_until: date
    unit_id: str | None


@dataclass(frozen=True)
class Changed:
    """A card as it stands now, at a place where something became of it."""

    event_id: int
    at_ms: int
    what: str
    card: CardState


@dataclass(frozen=True)
class CaseState:
    """How far an application is. number: of the card issued on it."""

    application_id: str
    state: str
    kind: str
    unit_code: str
    submitted_on: date
    changed_ms: int
    number: str | None


def card_of_number(conn: Connection, number: str, units: Collection[str]) -> CardState | None:
    """The newest edition under that number."""
    row = conn.execute(
        _cards(units).where(card.c.number == number).order_by(card.c.seq.desc()).limit(1)
    ).first()  # fmt: skip
    return None if row is None else _state(row)


def card_of_lookup(conn: Connection, lookup_hash: bytes, units: Collection[str]) -> CardState | None:
    """The card whose QR bears the text of that hash."""
    row = conn.execute(_cards(units).where(card.c.lookup_hash == lookup_hash)).first()
    return None if row is None else _state(row)


def changed_since(conn: Connection, after: int, units: Collection[str], limit: int) -> list[Changed]:
    """What became of cards after that place, in order. Places are committed in order: there is one writer at a time."""
    query = (
        _cards(units, card_event.c.event_id, card_event.c.at_ms, card_event.c.what)
        .join(card_event, card_event.c.seq == card.c.seq)
        .where(card_event.c.event_id > after, card_event.c.what.in_(_TOLD))
        .order_by(card_event.c.event_id)
        .limit(limit)
    )
    return [Changed(row.event_id, row.at_ms, row.what, _state(row)) for row in conn.execute(query)]


def last_change(conn: Connection) -> int:
    """The newest place there is; 0 before the first."""
    return int(conn.execute(select(func.max(card_event.c.event_id))).scalar_one() or 0)


def cases_of_receipt(conn: Connection, receipt: str, units: Collection[str], limit: int = 20) -> list[CaseState]:
    """The applications under that receipt number, the newest first: two tablets may have given the same one."""
    query = (
        select(application, unit.c.code, card.c.number)
        .select_from(
            application.outerjoin(unit, unit.c.unit_id == application.c.unit_id).outerjoin(
                card, (card.c.application_id == application.c.application_id) & (card.c.edition == 1)
            )
        )
        .where(application.c.receipt == receipt, *_of(units))
        .order_by(application.c.received_ms.desc(), application.c.application_id)
        .limit(limit)
    )
    return [
        CaseState(row.application_id, row.state, row.kind, row.code or "", row.submitted_on, row.changed_ms, row.number)
        for row in conn.execute(query)
    ]


def _of(units: Collection[str]) -> list[ColumnElement[bool]]:
    return [application.c.unit_id.in_(units)] if units else []


def _cards(units: Collection[str], *more: Any) -> Select[Any]:
    return (
        select(
            card.c.seq, card.c.number, card.c.edition, card.c.status, card.c.valid_until, application.c.unit_id, *more
        )
        .select_from(card.outerjoin(application, application.c.application_id == card.c.application_id))
        .where(*_of(units))
    )


def _state(row: Row[Any]) -> CardState:
    return CardState(row.seq, row.number, row.edition, row.status, row.valid_until, row.unit_id)
