"""People and their service records, 志工服務履歷: a list with search, one record, the same on paper (R33, R54).

A unit officer sees the people the own unit applied for (R34), reviewers and the administrator all. What is searched for
travels in the form's body, so that no name and no number stands in an address or a server's log. What is not here:
putting a record together (records).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from center import audit_values, auditing, current, records
from center.guard import me, right_required
from center.indices import index_of
from center.pages import page, see_other
from center.store import accounts, people
from center.store.accounts import Account
from center.store.people import Person
from honorcard import identity, names, record_sheet, roles
from honorcard.collected import History, Look, look
from honorcard.eligibility import window_opens
from honorcard.problems import ProblemError
from honorcard.record_sheet import Holder
from web.clock import now, today
from web.languages import language
from web.records import told

bp = Blueprint("people", __name__)

PAGE = 50
LEAST_DIGITS = 3


@bp.get("/people")
@right_required("see_records")
def listing() -> Response:
    """Everybody with a record here, the newest first."""
    return _list("", "", None)


@bp.post("/people")
@right_required("see_records")
def search() -> Response:
    """People by part of a name, a whole identity number, its last digits or a card's number; of one unit; from a place
    on.
    """
    form = request.form
    since, _, person_id = form.get("below", "").partition(" ")
    below = (int(since), person_id) if since.isascii() and since.isdigit() and len(since) <= 15 else None
    return _list(form.get("asked", "").strip()[:100], form.get("unit", ""), below)


@bp.get("/people/case/<string(length=36):application_id>")
@right_required("see_records")
def of_case(application_id: str) -> Response:
    """From a case to the record of its person."""
    account = me()
    with current.store().read() as conn:
        person_id = people.of_application(conn, application_id)
        found = people.find(conn, person_id, _own_unit(account)) if person_id else None
    if found is None:
        raise ProblemError("person_unknown")
    return see_other(f"/people/{found.person_id}")


@bp.get("/people/<string(length=36):person_id>")
@right_required("see_records")
def show(person_id: str) -> Response:
    """One record."""
    person, history, seen = _seen(person_id)
    auditing.saw("person_seen", "person", person_id)
    account = me()
    with current.store().read() as conn:
        numbers = {card.number for card in history.person.cards if card.number}
        filed = people.filed(conn, people.indices_of(conn, person.idbx))
    return page(
        "center/person.html", "main", person=person, told=told(history, seen, language()), numbers=sorted(numbers),
        filed=filed, may_review=account.role in ("first_reviewer", "second_reviewer"),
        may_cards=roles.may(account.role, "see_cards"),
    )  # fmt: skip


@bp.get("/people/<string(length=36):person_id>/record-<any(zh, en):said>.pdf")
@right_required("see_records")
def sheet(person_id: str, said: str) -> AnyResponse:
    """The record on paper, in either language."""
    person, _, seen = _seen(person_id)
    auditing.saw("record_sheet", "person", person_id, every=True)
    holder = Holder(person.name, person.masked_number)
    document = record_sheet.render(holder, seen, "en" if said == "en" else "zh", created=now())
    return make_response(
        document,
        200,
        {
            "Content-Type": "application/pdf",
            "Content-Disposition": 'attachment; filename="service-record.pdf"',
            "Cache-Control": "private, no-store",
        },
    )


def _list(asked: str, unit_asked: str, below: tuple[int, str] | None) -> Response:
    account = me()
    own = _own_unit(account)
    with current.store().read() as conn:
        units = accounts.units(conn) if own is None else []
        unit_id = own or next((unit.unit_id for unit in units if unit.unit_id == unit_asked), None)
        found = people.listing(conn, unit_id=unit_id, below=below, limit=PAGE + 1, **_terms(asked))
        shown = found[:PAGE]
        beside = people.beside(conn, shown)
    _note_list(asked, unit_id, len(shown))
    more = f"{shown[-1].since_ms} {shown[-1].person_id}" if len(found) > PAGE else None
    rules = current.settings().rules_on(today())
    opens = {
        idbx: window_opens(one.valid_until, rules)
        for idbx, one in beside.items()
        if one.valid_until is not None and one.status != "revoked"
    }
    return page(
        "center/people.html", "main", people=shown, beside=beside, opens=opens, more=more, asked=asked, units=units,
        unit_id=unit_id, today=today(), is_filtered=bool(asked or below or (unit_id and own is None)),
    )  # fmt: skip


def _note_list(asked: str, unit_id: str | None, many: int) -> None:
    """Who looked for whom: the words as a digest, since they are somebody's name or number."""
    if not asked:
        auditing.saw("people_listed", "unit" if unit_id else "list", unit_id or "people")
        return
    words = audit_values.digest(current.settings(), "asked", names.fold(asked))
    auditing.saw("people_searched", "list", "people", [("asked", "", words), ("found", "", str(many))], every=True)


def _terms(asked: str) -> dict[str, Any]:
    """What was typed, as the store looks for it: a name's part, and whatever else it may be."""
    if not asked:
        return {}
    terms: dict[str, Any] = {"name_key": names.fold(asked)}
    number = identity.read(asked)
    if number.valid:
        terms["idbx"] = index_of(current.settings(), number.number)
    squeezed = identity.normalise(asked)
    if squeezed.isascii() and squeezed.isdigit() and LEAST_DIGITS <= len(squeezed) <= 8:
        terms["digits"] = squeezed
    return terms


def _seen(person_id: str) -> tuple[Person, History, Look]:
    """The person, when this account may know of them; otherwise there is none."""
    with current.store().read() as conn:
        found = people.find(conn, person_id, _own_unit(me()))
        if found is None:
            raise ProblemError("person_unknown")
        history = records.history_of(conn, found.idbx)
    return found, history, look(history, today(), current.settings().rules_on(today()))


def _own_unit(account: Account) -> str | None:
    """The only unit whose people an officer may see; None for those who see all. An officer always has a unit."""
    return account.unit_id if account.role == "unit_officer" else None
