"""The organiser's page of an event: figures, those expected, those who were here, walk-ins, the end.

Staff only. What is not here: the camera (checking).
"""

from __future__ import annotations

from typing import Literal, cast

from flask import Response, flash, request
from flask_babel import gettext
from msgspec.structs import replace
from werkzeug.wrappers import Response as AnyResponse

from honorcard import attendance_form, identity, names, roc
from honorcard.attendance import day_of
from honorcard.problems import ProblemError
from honorcard.roster import cells, columns
from kiosk import current
from kiosk.asking import drafted, questions
from kiosk.drafting import Answers, Identity
from kiosk.events import marking
from kiosk.events.shared import ID, bp, clock_of, find
from kiosk.guard import staff_only
from kiosk.pages import page, see_other, wants_fragment
from kiosk.store import drafts, events
from sync import wire
from sync.ids import uuid7
from web import tables
from web.clock import now, now_ms, today
from web.countries import countries
from web.languages import language


@bp.get(f"/{ID}/people")
@staff_only
def people(event_id: str) -> Response:
    """Who was here, who is expected, and what can be done."""
    return _page(event_id)


@bp.get(f"/{ID}/counts")
@staff_only
def counts(event_id: str) -> Response:
    """The figures alone, for a page that asks by itself; whoever comes to that address is led to the page they stand on."""
    event = find(event_id)
    if not wants_fragment():
        return see_other(f"/events/{event_id}/people")
    with current.store().read() as db:
        figures = events.counts(db, event_id)
        expected = events.expected(db, event_id)
    waiting = sum(not one.what for one in expected)
    return page("kiosk/events/people.html", "counts", event=event, counts=figures, expected=expected, waiting=waiting)


@bp.post(f"/{ID}/expected")
@staff_only
def expect(event_id: str) -> Response | AnyResponse:
    """Takes a list of those expected, CSV or XLSX with name and identity number."""
    find(event_id)
    try:
        added, skipped = _take_list(event_id)
    except ProblemError as problem:
        return _page(event_id, problem)
    flash(gettext("名單加了 %(n)s 位。", n=added))
    if skipped:
        flash(gettext("有 %(n)s 列沒有姓名，或證號不對，沒有加進來。", n=skipped))
    return see_other(f"/events/{event_id}/people")


@bp.post(f"/{ID}/tick")
@staff_only
def tick(event_id: str) -> Response | AnyResponse:
    """Checks somebody on the list in or out by hand."""
    event = find(event_id)
    line = request.form.get("line", 0, type=int)
    with current.store().read() as db:
        chosen = next((one for one in events.expected(db, event_id) if one.line == line), None)
    if chosen is not None:
        marking.mark(event, marking.of_number(event_id, chosen.number), "out" if chosen.what == "in" else "in", now())
    return see_other(f"/events/{event_id}/people")


@bp.post(f"/{ID}/walk-in")
@staff_only
def walk_in(event_id: str) -> Response | AnyResponse:
    """Registers somebody on the spot, and checks them in; with `apply`, goes on to an application."""
    event = find(event_id)
    try:
        born = roc.read(request.form.get("birth_date", "")).date
        if born is None or born > today():
            raise ProblemError("date_unreadable")
        said = request.form.get("name", ""), request.form.get("number", "")[:40]
        person = marking.walk_in(event_id, said[0], said[1], born, request.form.get("nationality", "")[:2])
        marked = marking.mark(event, person, "in", now())
    except ProblemError as problem:
        return _page(event_id, problem)
    if marked.outcome == "in":
        flash(gettext("第 %(n)s 位已報到", n=marked.number))
    else:
        flash(gettext("這位在 %(time)s 報到過了。", time=clock_of(marked.act.at_ms)))
    if request.form.get("apply"):
        return see_other(f"/apply/{_begin_application(person)}")
    return see_other(f"/events/{event_id}/people")


@bp.post(f"/{ID}/close")
@staff_only
def close(event_id: str) -> Response | AnyResponse:
    """Ends check-in; one time for all who were not checked out, one for all who were not checked in."""
    event = find(event_id)
    try:
        at_out, at_in = (_time(event, request.form.get(name, "")) for name in ("missing_out", "missing_in"))
        at_ms = now_ms()
        body = wire.EventClose(event_id=event_id, at_ms=at_ms, missing_in_ms=at_in, missing_out_ms=at_out)
        with current.store().write() as db:
            held = events.find(db, event_id)
            if held is None or held.state == "closed":
                raise ProblemError("event_closed")
            events.close(db, event_id)
            marking.send(db, "event.close", event_id, body, at_ms)
    except ProblemError as problem:
        return _page(event_id, problem)
    marking.wake()
    flash(gettext("報到結束了。時數和訓練紀錄由中心登錄。"))
    return see_other(f"/events/{event_id}/people")


def _page(event_id: str, problem: ProblemError | None = None) -> Response:
    event = find(event_id)
    with current.store().read() as db:
        figures, there, expected = (
            events.counts(db, event_id), events.people(db, event_id), events.expected(db, event_id),
        )  # fmt: skip
    return page(
        "kiosk/events/people.html", "main", status=problem.problem.status if problem else 200, event=event,
        counts=figures, there=there[:500], expected=expected, waiting=sum(not one.what for one in expected),
        problem=problem and problem.sentence(language()), mask=names.mask, mask_number=identity.mask, typed=request.form,
        countries=countries(language()),
    )  # fmt: skip


def _take_list(event_id: str) -> tuple[int, int]:
    """How many people were new on the list, and how many rows could not be used. ProblemError of the list as a whole."""
    file = request.files.get("list")
    if file is None or not file.filename:
        raise ProblemError("roster_file_missing")
    found: list[tuple[str, str, bytes]] = []
    skipped = 0
    for sheet in tables.read(file.read(tables.MOST_BYTES + 1)):
        # what a reader of lists for the check knows as headings; this list needs two of them
        rows = [line.cells for line in sheet.lines]
        header = columns.of_people(rows)
        if header is None or sheet.hidden:
            continue
        for row in rows[header.below :]:
            said = [_cell(row, header.at[of]) for of in ("name", "identity")]
            if not any(said):
                continue
            number = identity.read(said[1])
            if not said[0] or number.problem is not None:
                skipped += 1
                continue
            found.append((names.tidy(said[0]), number.number, marking.digest_of_number(event_id, number.number)))
    if not found:
        raise ProblemError("event_list_empty")
    with current.store().write() as db:
        return events.expect(db, event_id, found), skipped


def _cell(row: tuple[cells.Cell, ...], at: int) -> str:
    try:
        return cells.text(row[at]) if at < len(row) else ""
    except cells.CellTrouble:
        return ""


def _begin_application(person: marking.Person) -> str:
    """A draft with what the walk-in said. ProblemError where no application may be begun now."""
    drafted.may_begin()
    read = identity.read(person.text, passport=bool(person.nationality))
    application_id = uuid7()
    answers = Answers(
        kind="first", name=person.name, birth_date=person.birth_date,
        identity=Identity(
            number=read.number, kind=cast(Literal["national", "passport"], read.kind), nationality=person.nationality
        ),
        training_gate=current.settings().rules_on(today()).training_gate, applied_by="unit",
    )  # fmt: skip
    with current.store().write() as db:
        drafts.create(db, application_id, now_ms(), replace(answers, typed=questions.typed_from(answers)))
    return application_id


def _time(event: wire.Event, typed: str) -> int | None:
    """A time of the event's last day; None when none was typed."""
    return attendance_form.at(day_of(event.ends_ms - 1), typed) if typed.strip() else None
