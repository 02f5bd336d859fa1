"""Cards of other issuers, or of before this system, as lists brought them: for the list's own writing and taking back, for whoever
looks at the person, and for the rules (R18, R21, A4).

What is not here: cards of ours (cards), the other rows of a list (exchange_rows).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, select, update

from center.store import bulk, cards, origin
from center.store.cards import Held
from center.store.tables import account, earlier_card, exchange_batch, person
from honorcard.service_record import CardHeld
from sync.ids import uuid7


@dataclass(frozen=True)
class Earlier:
    """A card that a list brought. counted_until: last service day used for it (A4). batch_id, at_ms, by: which list, when it was
    written, and the person who wrote it.
    """

    earlier_id: str
    person_no: int
    number: str
    issuer: str
    issued_on: date | None
    valid_until: date
    counted_until: date | None
    batch_id: str
    at_ms: int
    by: str


@dataclass(frozen=True)
class Had:
    """What a person's cards of before come to. valid_until: of the one that runs out last; number: its own."""

    number: str
    valid_until: date
    counted_until: date | None


# --- a list's own ---


def add(conn: Connection, rows: Iterable[dict[str, Any]], *, batch_id: str, now_ms: int) -> None:
    """Adds cards: person_no, number, issuer, issued_on, valid_until, counted_until."""
    values = [{"earlier_id": uuid7(), **row, "source_ref": batch_id, "at_ms": now_ms} for row in rows]
    bulk.add(conn, earlier_card, values)


def by_number(conn: Connection, numbers: Collection[str], *, but_not: str = "") -> dict[str, Earlier]:
    """Cards that stand, by number. but_not: leaves out what that batch brought."""
    found: dict[str, Earlier] = {}
    for part in origin.in_parts(dict.fromkeys(numbers), 500):
        query = _shown().where(earlier_card.c.number.in_(part), earlier_card.c.source_ref != but_not)
        found |= {row.number: _earlier(row) for row in conn.execute(query)}
    return found


def void(conn: Connection, earlier_ids: Collection[str], *, batch_id: str, now_ms: int) -> None:
    """Others take their place, brought by that batch."""
    for part in origin.in_parts(earlier_ids, 500):
        which = earlier_card.c.earlier_id.in_(part)
        conn.execute(update(earlier_card).where(which).values(void_ms=now_ms, void_by=batch_id))


def take_back(conn: Connection, batch_id: str, now_ms: int) -> None:
    """What a batch brought is void, and what it replaced stands again."""
    which = and_(earlier_card.c.source_ref == batch_id, earlier_card.c.void_ms.is_(None))
    conn.execute(update(earlier_card).where(which).values(void_ms=now_ms))
    replaced = and_(earlier_card.c.void_by == batch_id, earlier_card.c.source_ref != batch_id)
    conn.execute(update(earlier_card).where(replaced).values(void_ms=None, void_by=""))


# --- a person's ---


def of_people(conn: Connection, person_nos: Collection[int]) -> list[Earlier]:
    """A person's cards of before under every number they have had, the one that runs out last in front."""
    query = _shown().where(earlier_card.c.person_no.in_(list(person_nos)))
    return [_earlier(row) for row in conn.execute(query.order_by(*_LAST_FIRST))]


def of_indices(conn: Connection, indices: Collection[bytes]) -> list[Earlier]:
    """The same, of the person of these indices."""
    query = _shown().where(person.c.idbx.in_(list(indices)))
    return [_earlier(row) for row in conn.execute(query.order_by(*_LAST_FIRST))]


def had(conn: Connection, indices: Collection[bytes]) -> dict[bytes, Had]:
    """What the cards of before of each of these people come to, by index; nothing for whom there are none."""
    found: dict[bytes, Had] = {}
    for row in conn.execute(_HAD, {"indices": list(indices)}):
        idbx = bytes(row.idbx)
        last = found.get(idbx)
        if last is None:
            found[idbx] = Had(row.number, row.valid_until, row.counted_until)
        elif row.counted_until is not None and row.counted_until > (last.counted_until or date.min):
            found[idbx] = Had(last.number, last.valid_until, row.counted_until)
    return found


def of_one(conn: Connection, indices: Collection[bytes]) -> Had | None:
    """What the cards of before of one person come to, who has stood under all these indices."""
    every = list(had(conn, indices).values())
    if not every:
        return None
    last = max(every, key=lambda one: one.valid_until)
    used = max((one.counted_until for one in every if one.counted_until is not None), default=None)
    return Had(last.number, last.valid_until, used)


def held(conn: Connection, indices: Collection[bytes]) -> dict[bytes, Held]:
    """What each of these people holds or held, of ours (cards.held) or by what lists brought; two questions for all of them."""
    ours = cards.held(conn, indices)
    for idbx, one in had(conn, indices).items():
        days = (ours.get(idbx, Held()).counted_until, one.counted_until)
        ours[idbx] = Held(True, max((day for day in days if day is not None), default=None))
    return ours


def as_held(card: Earlier) -> CardHeld:
    """The card as a service record has it; issued some day before it was brought, where the list does not say when."""
    return CardHeld(card.number, card.issued_on or date.min, card.valid_until, card.counted_until)


_LAST_FIRST = (earlier_card.c.valid_until.desc(), earlier_card.c.number)
# a question made once: every batch of a tablet asks it
_HAD = (
    select(person.c.idbx, earlier_card.c.number, earlier_card.c.valid_until, earlier_card.c.counted_until)
    .select_from(person.join(earlier_card, earlier_card.c.person_no == person.c.no))
    .where(person.c.idbx.in_(bindparam("indices", expanding=True)), earlier_card.c.void_ms.is_(None))
    .order_by(*_LAST_FIRST)
)


def _shown() -> Select[Any]:
    return (
        select(earlier_card, account.c.person.label("by"))
        .select_from(
            earlier_card.join(person, person.c.no == earlier_card.c.person_no)
            .outerjoin(exchange_batch, exchange_batch.c.batch_id == earlier_card.c.source_ref)
            .outerjoin(account, account.c.account_id == exchange_batch.c.account_id)
        )
        .where(earlier_card.c.void_ms.is_(None))
    )


def _earlier(row: Row[Any]) -> Earlier:
    return Earlier(
        row.earlier_id, row.person_no, row.number, row.issuer, row.issued_on, row.valid_until, row.counted_until,
        row.source_ref, row.at_ms, row.by or "",
    )  # fmt: skip
