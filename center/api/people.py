"""A person's service hours and training, for a system that has their number and says what for (R33, R64: care stations)."""

from __future__ import annotations

from sqlalchemy import Connection

from center import current, records
from center.api import shapes
from center.api.cards import word
from center.api.declared import Call, operation
from center.indices import index_of
from center.store import cards, people
from center.store.people import Person
from honorcard import identity, names
from honorcard.collected import look
from honorcard.problems import ProblemError
from web.clock import today


@operation(
    "POST", "/service-records", scope="records", summary=("用證號查服務時數和訓練", "Service hours and training of a person"),
    answer=shapes.ServiceRecord, body=shapes.RecordAsked, problems=("api_person_unknown",),
)  # fmt: skip
def service_record(call: Call) -> shapes.ServiceRecord:
    """What stands of a person's service, by year and unit, trainings, and the card. The number travels in the body, so that
    it is in no server's log; who asked, when and what for is written down.
    """
    asked: shapes.RecordAsked = call.body
    call.purpose = asked.purpose
    number = identity.read(asked.identity_number)
    if not number.valid:
        raise ProblemError("api_field", field="$.identity_number")
    settings, day = current.settings(), today()
    with current.store().read() as conn:
        found = _person(conn, index_of(settings, number.number), call)
        if found is None or (asked.name is not None and names.fold(asked.name) != names.fold(found.name)):
            raise ProblemError("api_person_unknown")
        call.about = found.person_id
        history = records.history_of(conn, found.idbx)
        held = cards.latest_of(conn, found.idbx)
    record = look(history, day, settings.rules_on(day)).record
    years = [
        shapes.ServiceYear(
            year=line.roc_year + 1911,
            unit=line.unit,
            half_hours=line.total.half_hours,
            first=line.first,
            last=line.last,
        )
        for line in record.lines
    ]
    trainings = [
        shapes.Training(kind=one.kind, field=one.field, completed_on=one.completed_on, half_hours=one.half_hours)
        for one in record.trainings
    ]
    card = None
    if held is not None:
        card = shapes.Card(
            number=held.number, status=word(held.status, held.valid_until, day), valid_until=held.valid_until,
            edition=held.edition,
        )  # fmt: skip
    return shapes.ServiceRecord(
        on=day, half_hours=record.total.half_hours, years=years, trainings=trainings, trained_on=record.trained_on, card=card
    )  # fmt: skip


def _person(conn: Connection, idbx: bytes, call: Call) -> Person | None:
    """The person, where the key may know of them: of any unit, or of one of its own."""
    found = people.of(conn, idbx)
    if found is None:
        return None
    within: list[str | None] = [*sorted(call.units)] or [None]
    return next((one for unit in within if (one := people.find(conn, found.person_id, unit)) is not None), None)
