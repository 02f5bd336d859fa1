"""People and their service records, 志工服務履歷: a list with search, one record, the same on paper (R33, R54).

A unit officer sees the people the own unit applied for (R34), reviewers and the administrator all. What is searched for
travels in the form's body, so that no name and no number stands in an address or a server's log. What is not here:
putting a record together (records).
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from center import audit_values, auditing, current, numbers, seeing
from center.guard import me, right_required
from center.indices import index_of
from center.pages import page, see_other
from center.store import accounts, earlier, finding, insurance, members, people, training
from center.store.finding import Asked, Place
from honorcard import identity, insurance_age, names, record_sheet, roles
from honorcard.eligibility import window_opens
from honorcard.problems import ProblemError
from honorcard.record_sheet import Holder
from honorcard.training import standing
from web.clock import now, today
from web.languages import language
from web.records import told

bp = Blueprint("people", __name__)

PAGE = 50
CARD_DIGITS = 8
LONGEST_PLACE = 400  # two names of fifty characters, and what stands before them


@bp.get("/people")
@right_required("see_records")
def listing() -> Response:
    """Everybody with a record here, the newest first."""
    return _list("", "", "", "main")


@bp.post("/people")
@right_required("see_records")
def search() -> Response:
    """People by name, number or part of either, or a card's number; of one unit; from a place on. htmx asks while somebody
    types.
    """
    form = request.form
    asked = form.get("asked", "").strip()[:100]
    return _list(asked, form.get("unit", ""), form.get("below", "")[:LONGEST_PLACE], "found")


@bp.get("/people/case/<string(length=36):application_id>")
@right_required("see_records")
def of_case(application_id: str) -> Response:
    """From a case to the record of its person."""
    account = me()
    with current.store().read() as conn:
        person_id = people.of_application(conn, application_id)
        found = people.find(conn, person_id, seeing.own_unit(account)) if person_id else None
    if found is None:
        raise ProblemError("person_unknown")
    return see_other(f"/people/{found.person_id}")


@bp.get("/people/<string(length=36):person_id>")
@right_required("see_records")
def show(person_id: str) -> Response:
    """One record."""
    account = me()
    with current.store().read() as conn:
        seen = seeing.record(conn, current.settings(), person_id)
        filed = people.filed(conn, people.indices_of(conn, seen.person.idbx))
        trainings = [one for some in training.of_people(conn, seen.nos).values() for one in some]
        insurances = [one for some in insurance.of_people(conn, seen.nos).values() for one in some]
        brought = earlier.of_people(conn, seen.nos)
        joined = [one for some in members.memberships(conn, seen.nos).values() for one in some]
    auditing.saw("person_seen", "person", person_id)
    whole = seen.history.person
    return page(
        "center/person.html", "main", person=seen.person, volunteer=seen.volunteer,
        told=told(seen.history, seen.look, language()), filed=filed,
        numbers=sorted({card.number for card in whole.cards if card.number} - {card.number for card in brought}),
        brought=brought, may_import=roles.may(account.role, "exchange"), certificates=[
            one for one in trainings if one.file_sha256 is not None
        ],
        insurances=insurances, members=[one for one in joined if one.source != "application"],
        overlapping=seen.history.overlapping, coinciding=seen.history.coinciding, trained=standing(
            whole.trainings or (), whole.service_field, book_issued_on=whole.book_issued_on
        ),
        beyond=insurance_age.beyond(seen.volunteer.birth_date, today()), today=today(),
        may_review=account.role in ("first_reviewer", "second_reviewer"),
        may_cards=roles.may(account.role, "see_cards"), may_keep=roles.may(account.role, "keep_records"),
    )  # fmt: skip


@bp.get("/people/<string(length=36):person_id>/record-<any(zh, en):said>.pdf")
@right_required("see_records")
def sheet(person_id: str, said: str) -> AnyResponse:
    """The record on paper, in either language."""
    with current.store().read() as conn:
        seen = seeing.record(conn, current.settings(), person_id)
    auditing.saw("record_sheet", "person", person_id, every=True)
    holder = Holder(seen.person.name, seen.person.masked_number)
    document = record_sheet.render(holder, seen.look, "en" if said == "en" else "zh", created=now())
    return make_response(
        document,
        200,
        {
            "Content-Type": "application/pdf",
            "Content-Disposition": 'attachment; filename="service-record.pdf"',
            "Cache-Control": "private, no-store",
        },
    )


def _list(asked: str, unit_asked: str, below: str, block: str) -> Response:
    account = me()
    own = seeing.own_unit(account)
    more = ""
    with current.store().read() as conn:
        units = accounts.units(conn) if own is None else []
        unit_id = own or next((unit.unit_id for unit in units if unit.unit_id == unit_asked), None)
        terms = _terms(asked)
        if terms is None:
            found = people.listing(conn, unit_id=unit_id, below=_newest_place(below), limit=PAGE + 1)
            shown = tuple(one for one, _ in found[:PAGE])
            if len(found) > PAGE:
                more = f"{found[PAGE - 1][1]} {shown[-1].no}"
        else:
            hits = finding.page(conn, terms, unit_id=unit_id, after=_place(below), limit=PAGE)
            shown = hits.people
            if hits.following is not None:
                more = f"{hits.following.stage} {hits.following.no} {hits.following.key}"
        beside = people.beside(conn, shown)
    _note_list(asked, unit_id, len(shown))
    rules = current.settings().rules_on(today())
    opens = {
        idbx: window_opens(one.valid_until, rules)
        for idbx, one in beside.items()
        if one.valid_until is not None and one.status != "revoked"
    }
    return page(
        "center/people.html", block, people=shown, beside=beside, opens=opens, more=more, asked=asked, units=units,
        unit_id=unit_id, today=today(), is_filtered=bool(asked or below or (unit_id and own is None)),
    )  # fmt: skip


def _note_list(asked: str, unit_id: str | None, many: int) -> None:
    """Who looked for whom: the words as a digest, since they are somebody's name or number."""
    if not asked:
        auditing.saw("people_listed", "unit" if unit_id else "list", unit_id or "people")
        return
    words = audit_values.digest(current.settings(), "asked", names.fold(asked))
    auditing.saw("people_searched", "list", "people", [("asked", "", words), ("found", "", str(many))], every=True)


def _terms(asked: str) -> Asked | None:
    """What was typed, as the store looks for it: a name's part, and whatever else it may be. None when nothing was."""
    settings = current.settings()
    name_key = names.fold(asked)
    number = identity.normalise(asked)
    if not name_key:
        return None
    read = identity.read(asked)
    part = number if number.isascii() and number.isalnum() and any(one.isdigit() for one in number) else ""
    return Asked(
        name_key,
        index_of(settings, read.number) if read.valid else None,
        number if number.isascii() and number.isdigit() and len(number) == CARD_DIGITS else "",
        numbers.rarest_first(settings, part),
        None if len(part) == numbers.PART else lambda idbx, box: part in numbers.unseal(settings, idbx, box),
    )


def _newest_place(below: str) -> tuple[int, int] | None:
    """The place a page of the list was left at; None for what nobody gave out."""
    parts = below.split(" ")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) <= 15 for part in parts):
        return None
    return int(parts[0]), int(parts[1])


def _place(below: str) -> Place | None:
    """The place a page of hits was left at; None for what nobody gave out."""
    stage, _, rest = below.partition(" ")
    no, _, key = rest.partition(" ")
    if stage not in ("0", "1", "2", "3") or not (no.isascii() and no.isdigit() and len(no) <= 15):
        return None
    return Place(int(stage), key.replace("\r\n", "\n").replace("\0", ""), int(no))
