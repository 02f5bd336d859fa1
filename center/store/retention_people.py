"""People whose time is over: whom a list, an entry or an event made known (docs/decisions/0014) and nobody spoke of since; and
what goes when nothing stands for a person any more.

The sums by unit and year stay: they name nobody. What is not here: cases and cards (retention).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, exists, or_, select

from center.store import bulk
from center.store.tables import (
    application,
    card,
    earlier_card,
    event_act,
    insurance,
    membership,
    name_part,
    number_part,
    performance,
    person,
    person_event,
    retention_file,
    service_row,
    training,
)

if TYPE_CHECKING:
    from center.store.retention import Until

# rows that stand for a person by themselves, and rows that only say more about one
_STANDING: tuple[Table, ...] = (service_row, training, insurance, performance, earlier_card, event_act)
_BESIDE: tuple[Table, ...] = (membership, name_part, number_part, person_event)


def known(until: Until) -> Select[Any]:
    """Numbers of people without a case and without a card, of whom nothing is younger than that: no service, training, insurance,
    card of before, attendance, membership, certificate or entry.
    """

    def none(table: Table, *young: ColumnElement[bool]) -> ColumnElement[bool]:
        return ~exists().where(table.c.person_no == person.c.no, or_(*young))

    ms, day = until.ms, until.day
    return select(person.c.no).where(
        person.c.since_ms < ms,
        ~exists().where(application.c.idbx == person.c.idbx),
        ~exists().where(card.c.idbx == person.c.idbx),
        none(membership, membership.c.since_ms >= ms, membership.c.until_on >= day),
        none(service_row, service_row.c.at_ms >= ms, service_row.c.end_on >= day),
        none(training, training.c.at_ms >= ms, training.c.completed_on >= day),
        none(insurance, insurance.c.at_ms >= ms, insurance.c.until_on >= day),
        none(earlier_card, earlier_card.c.at_ms >= ms, earlier_card.c.valid_until >= day),
        none(event_act, event_act.c.told_ms >= ms),
        none(performance, performance.c.made_ms >= ms),
        none(person_event, person_event.c.at_ms >= ms),
    )


def drop_known(conn: Connection, nos: Sequence[int]) -> None:
    """Everything about these people, certificates too."""
    for table, column in ((training, training.c.file_sha256), (performance, performance.c.sheet_sha256)):
        asked = select(column).where(table.c.person_no.in_(nos), column.is_not(None))
        _to_go(conn, conn.execute(asked).scalars())
    _drop(conn, (*_STANDING, *_BESIDE), nos)


def forget(conn: Connection, indices: Collection[bytes]) -> None:
    """People of these indices for whom nothing stands any more, with what finds them; whom a list or an entry here knows stays."""
    asked = list(indices)
    stands = {
        bytes(found)
        for column in (application.c.idbx, card.c.idbx)
        for found in conn.execute(select(column).where(column.in_(asked))).scalars()
    }
    gone = list(
        conn.execute(
            select(person.c.no).where(
                person.c.idbx.in_([one for one in asked if one not in stands]), person.c.kept == 0
            )
        ).scalars()
    )
    for table in _STANDING:
        kept = set(conn.execute(select(table.c.person_no).where(table.c.person_no.in_(gone))).scalars())
        gone = [no for no in gone if no not in kept]
    if gone:
        _drop(conn, _BESIDE, gone)


def attendances(before_ms: int) -> Select[Any]:
    """What was told of an event about somebody whom nobody has named since."""
    return select(event_act.c.act_id).where(event_act.c.person_no.is_(None), event_act.c.told_ms < before_ms)


def drop_attendances(conn: Connection, ids: Sequence[str]) -> None:
    """These lines; what the event counts of others stays."""
    conn.execute(delete(event_act).where(event_act.c.act_id.in_(ids)))


def _drop(conn: Connection, tables: Iterable[Table], nos: Sequence[int]) -> None:
    for table in tables:
        conn.execute(delete(table).where(table.c.person_no.in_(nos)))
    conn.execute(delete(person).where(person.c.no.in_(nos)))


def _to_go(conn: Connection, addresses: Iterable[bytes]) -> None:
    rows = [{"kind": "certificate", "address": address} for address in sorted({bytes(one).hex() for one in addresses})]
    bulk.add(conn, retention_file, rows, unless_there=True)
