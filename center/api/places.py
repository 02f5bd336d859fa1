"""Units, venues, and how far an application is."""

from __future__ import annotations

from datetime import UTC, datetime

from center import current
from center.api import shapes
from center.api.declared import Call, Param, operation
from center.store import accounts, api_reads, venues
from honorcard.card.receipt import read_receipt
from honorcard.problems import ProblemError


@operation("GET", "/units", scope="units", summary=("運用單位", "Units"), answer=shapes.Units)
def units(call: Call) -> shapes.Units:
    """All units, or those the key is limited to."""
    with current.store().read() as conn:
        every = accounts.units(conn)
    shown = [one for one in every if not call.units or one.unit_id in call.units]
    return shapes.Units(items=[shapes.Unit(code=one.code, name=one.name, district=one.district) for one in shown])


@operation("GET", "/venues", scope=None, summary=("優惠場所", "Venues"), answer=shapes.Venues)
def public_venues(call: Call) -> shapes.Venues:
    """Where the card opens a gate. For anybody, without a key."""
    with current.store().read() as conn:
        every = venues.everywhere(conn)
    return shapes.Venues(
        items=[
            shapes.Venue(
                code=one.code, name=one.name, city=one.city, kind=one.kind, accepted_form=one.accepted_form, note=one.note
            )
            for one in every
        ]
    )  # fmt: skip


@operation(
    "GET", "/applications/{receipt}", scope="applications", summary=("用收件編號查進度", "How far an application is"),
    answer=shapes.Applications, params=(Param("receipt", "path", shapes.Receipt, required=True),),
    problems=("api_case_unknown",),
)  # fmt: skip
def application_state(call: Call) -> shapes.Applications:
    """The applications under a receipt number: state, unit, days. No name, no reason."""
    try:
        receipt = read_receipt(call.values["receipt"])
    except ProblemError:
        raise ProblemError("api_field", field="receipt") from None
    with current.store().read() as conn:
        found = api_reads.cases_of_receipt(conn, receipt, call.units)
    if not found:
        raise ProblemError("api_case_unknown")
    return shapes.Applications(
        items=[
            shapes.Application(
                state=one.state, kind=one.kind, unit=one.unit_code, submitted_on=one.submitted_on,
                changed_at=datetime.fromtimestamp(one.changed_ms / 1000, UTC), card_number=one.number,
            )
            for one in found
        ]
    )  # fmt: skip
