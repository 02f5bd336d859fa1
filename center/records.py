"""A person's service record at the center: put together from rows of the office, applications and cards, and sent on to the
volunteer's slip.

It is read anew whenever somebody looks: nothing is kept that could fall out of step with the applications. What is not
here: the pages (people), the rules of putting together (honorcard.collected).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from center.store import earlier, feed, intake, people, service, training, twins, volunteers
from center.store.cases import Case
from center.store.service import Service
from honorcard import identity
from honorcard.card import slip
from honorcard.collected import Brought, History, collect
from honorcard.hours import MINUTES_PER_HALF_HOUR
from honorcard.record_sheet import Holder
from honorcard.records import ServiceRow, Training
from sync import wire
from sync.claims import claim_of
from sync.records import packed
from sync.upcasting import decode_application
from web.clock import TAIPEI

GRANTED = ("approved", "issued")


def history_of(conn: Connection, idbx: bytes) -> History:
    """What lists, events and entries at the office say, what the person's applications brought in, and which cards there are or
    were before.
    Refused and withdrawn applications left no trace.
    """
    indices = people.indices_of(conn, idbx)
    brought = [
        Brought(claim_of(decode_application(filed.body)), filed.state in GRANTED)
        for filed in people.filed(conn, indices)
    ]
    nos = volunteers.nos_of(conn, indices)
    office: dict[tuple[str, str], list[ServiceRow]] = {}
    for row in service.of_person(conn, nos):
        office.setdefault((row.mark.source, row.mark.source_ref), []).append(as_row(row))
    trained = [
        Training(one.kind, one.completed_on, one.field, one.certificate, one.half_hours)
        for several in training.of_people(conn, nos).values()
        for one in several
    ]
    held = [*people.cards_of(conn, indices), *(earlier.as_held(card) for card in earlier.of_people(conn, nos))]
    return collect(brought, held, list(office.values()), trained)


def as_row(row: Service) -> ServiceRow:
    """A row of the office as the rules know it."""
    return ServiceRow(
        row.start, row.end, row.half_hours * MINUTES_PER_HALF_HOUR, row.item, row.content, row.unit,
        row.category,  # type: ignore[arg-type]  # checked when it was written
    )  # fmt: skip


def tell(conn: Connection, case: Case, rev: int, now_ms: int) -> None:
    """After a decision: the record as it now stands, for whoever holds the slip of that case and knows the birth date.

    Inside the transaction of the decision. To none when the tablet is gone or the slip's secret cannot be used.
    """
    secret = slip.secret_of(case.body.slip_secret)
    if case.device_id is None or secret is None:
        return
    if _may_be_two_people(conn, case):
        return  # one may be somebody else's, under a mistyped number: neither learns of the other's service
    holder = Holder(case.body.name, identity.mask(identity.normalise(case.body.identity_number)))
    made_on = datetime.fromtimestamp(now_ms / 1000, TAIPEI).date()
    record = packed(holder, history_of(conn, case.idbx), made_on)
    sealed = slip.seal_record(secret, case.body.birth_date, wire.encode(record))
    feed.append(
        conn,
        kind="service.record",
        entity_id=case.application_id,
        rev=rev,
        device_id=case.device_id,
        body=wire.encode(wire.SealedRecord(idx=sealed.idx, blob=sealed.blob)),
        at_ms=now_ms,
    )


def _may_be_two_people(conn: Connection, case: Case) -> bool:
    """Whether another application stands under this number that may be, or is, another person's (sync.md B.7). A pair that is
    over because one of the two was refused was decided by nobody: who was refused hears nothing of the one that stands.
    """
    for pair in twins.of_case(conn, case.application_id):
        if pair.why != "same":
            continue
        if pair.state == "open":
            return True
        if pair.state in ("different", "over") and intake.is_under(conn, pair.other, case.idbx):
            other = intake.standing(conn, pair.other)
            if pair.state == "different" or (other is not None and other.state not in people.OUT):
                return True
    return False
