"""A service record as it travels: one mapping for center and tablet, so that both show the same thing.

What is not here: sealing it (honorcard.card.slip), putting it together (honorcard.collected).
"""

from __future__ import annotations

from datetime import date

from honorcard.collected import History
from honorcard.record_sheet import Holder
from honorcard.records import ServiceRow
from honorcard.service_record import CardHeld, Person
from sync import wire
from sync.claims import rows_of, trainings_of


def packed(holder: Holder, history: History, made_on: date) -> wire.ServiceRecord:
    """The record to send. Which page a row stands on stays at the center."""
    person = history.person
    return wire.ServiceRecord(
        name=holder.name,
        masked_number=holder.masked_number,
        made_on=made_on,
        rows=_rows(person.rows),
        under_review=_rows(history.under_review),
        trainings=None
        if person.trainings is None
        else tuple(
            wire.Training(
                kind=done.kind,
                completed_on=done.completed_on,
                field=done.field,
                certificate=done.certificate,
                half_hours=done.half_hours,
            )
            for done in person.trainings
        ),
        cards=tuple(_card(card) for card in person.cards),
        asked=None if history.asked is None else _card(history.asked),
        open_case=history.open_case,
        only_totals=history.only_totals,
        service_field=person.service_field,
        book_issued_on=person.book_issued_on,
    )


def unpacked(record: wire.ServiceRecord) -> tuple[Holder, History]:
    """Whose it is, and the history in it. ValueError for a category nobody knows."""
    person = Person(
        rows=rows_of(record.rows, {}),
        trainings=trainings_of(record.trainings),
        cards=tuple(_held(card) for card in record.cards),
        service_field=record.service_field,
        book_issued_on=record.book_issued_on,
    )
    history = History(
        person,
        rows_of(record.under_review, {}),
        None if record.asked is None else _held(record.asked),
        record.open_case,
        record.only_totals,
    )
    return Holder(record.name, record.masked_number), history


def _rows(rows: tuple[ServiceRow, ...]) -> tuple[wire.ServiceRow, ...]:
    return tuple(
        wire.ServiceRow(
            start=row.start,
            end=row.end,
            minutes=row.minutes,
            item=row.item,
            content=row.content,
            unit=row.unit,
            category=row.category,
        )
        for row in rows
    )


def _card(card: CardHeld) -> wire.HeldCard:
    return wire.HeldCard(
        number=card.number,
        approved_on=card.approved_on,
        valid_until=card.valid_until,
        counted_until=card.counted_until,
        standing=card.standing,
    )


def _held(card: wire.HeldCard) -> CardHeld:
    return CardHeld(card.number, card.approved_on, card.valid_until, card.counted_until, card.standing)
