"""The pages of events: making one, watching who comes, saying who somebody is, ending it, mending it with a reason, certificates.

An officer sees the own unit's events, the administrator all. What is not here: what comes of what was told (settling).
"""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, flash, make_response, request
from flask_babel import gettext
from sqlalchemy import Connection

from center import auditing, current, entries, numbers, seeing
from center.events import settling
from center.events.settling import Attended
from center.guard import me, right_required
from center.indices import index_of
from center.pages import page, see_other
from center.store import accounts, events, volunteers
from center.store.events import Event, NewAct
from center.store.origin import Origin
from honorcard import attendance, attendance_form, attendance_paper, identity, names
from honorcard.attendance import TAIPEI
from honorcard.problems import Language, ProblemError
from sync.ids import uuid7
from web.clock import now, now_ms, today
from web.errors import answer
from web.languages import language

bp = Blueprint("organising", __name__, url_prefix="/events")

_ID = "<string(length=36):event_id>"


@bp.app_template_filter("clock_of")
def clock_of(at_ms: int | None) -> str:
    """The time of day of a moment in Taiwan; empty without one."""
    return "" if at_ms is None else datetime.fromtimestamp(at_ms / 1000, TAIPEI).strftime("%H:%M")


@bp.app_template_filter("day_of")
def day_of(at_ms: int) -> object:
    """The civil day of a moment in Taiwan."""
    return attendance.day_of(at_ms)


@bp.get("")
@right_required("keep_records")
def listing() -> Response:
    """Events, open ones first, with how many came."""
    with current.store().read() as conn:
        found = events.listing(conn, seeing.own_unit(me()))
        came = events.counts(conn, [one.event_id for one in found])
    return page("center/events/list.html", "main", events=found, came=came)


@bp.get("/new")
@right_required("keep_records")
def new() -> Response:
    """The form."""
    return _form()


@bp.post("/new")
@right_required("keep_records")
def make() -> Response:
    """Makes the event; its unit's tablets hear of it."""
    try:
        asked = attendance_form.read(request.form)
        at_ms, event_id = now_ms(), uuid7()
        with current.store().write() as conn:
            unit_id = _unit(conn)
            values = {name: getattr(asked, name) for name in asked.__dataclass_fields__}
            events.add(
                conn,
                {**values, "event_id": event_id, "unit_id": unit_id, "made_by": me().account_id, "made_ms": at_ms},
            )
            auditing.did(conn, "event_made", "event", event_id)
            settling.tell(conn, _event(conn, event_id), at_ms)
    except ProblemError as problem:
        return _form(problem)
    flash(gettext("活動建立好了，單位的平板連上網路就會看到。"))
    return see_other(f"/events/{event_id}")


@bp.get(f"/{_ID}")
@right_required("keep_records")
def show(event_id: str) -> Response:
    """Who came, live; who is not known; what can be done."""
    auditing.saw("event_seen", "event", event_id)
    return _page(event_id)


@bp.get(f"/{_ID}/counts")
@right_required("keep_records")
def counts(event_id: str) -> Response:
    """The figures alone, for the page that asks by itself."""
    return _page(event_id, block="counts")


@bp.post(f"/{_ID}/close")
@right_required("keep_records")
def close(event_id: str) -> Response:
    """Ends check-in, with one time for all who are missing one."""
    with current.store().write() as conn:
        event = _event(conn, event_id)
        day = attendance.day_of(event.ends_ms - 1)
        said_in, said_out = (request.form.get(name, "") for name in ("missing_in", "missing_out"))
        missing_in, missing_out = (
            attendance_form.at(day, said) if said.strip() else None for said in (said_in, said_out)
        )
        at_ms = now_ms()
        if not events.close(
            conn, event_id, by=me().account_id, now_ms=at_ms, missing_in_ms=missing_in, missing_out_ms=missing_out
        ):
            raise ProblemError("event_closed")
        event = _event(conn, event_id)
        number = settling.settle(conn, event, by=me().account_id, now_ms=at_ms)
        settling.tell(conn, event, at_ms)
        auditing.did(conn, "event_closed", "event", event_id, [("people", "", str(number))])
    flash(gettext("報到結束了，登錄了 %(n)s 位。", n=number))
    return see_other(f"/events/{event_id}")


@bp.post(f"/{_ID}/match")
@right_required("keep_records")
def match(event_id: str) -> Response:
    """Says who somebody is whom nobody knew: a volunteer by number, or, with `new`, a new one as registered on the spot."""
    with current.store().write() as conn:
        event = _event(conn, event_id)
        who = _who(request.form.get("who", ""))
        stranger = next(
            (
                one
                for one in settling.attended(event, events.acts(conn, event))
                if one.person_no is None and one.who == who
            ),
            None,
        )
        if stranger is None:
            raise ProblemError("event_person_missing")
        no = _new_volunteer(conn, event, stranger) if request.form.get("new") else _volunteer(conn)
        events.match(conn, event_id, who, no)
        auditing.did(conn, "event_matched", "event", event_id, [("person", "", _person_id(conn, no))])
        settling.settle(conn, event, by=me().account_id, now_ms=now_ms())
    flash(gettext("記下是誰了"))
    return see_other(f"/events/{event_id}")


@bp.post(f"/{_ID}/fix")
@right_required("keep_records")
def fix(event_id: str) -> Response:
    """Corrects one person's times, with the reason; both empty: was not there."""
    why = entries.text(request.form.get("why", ""), 200)
    if not why:
        raise ProblemError("event_reason_missing")
    with current.store().write() as conn:
        event = _event(conn, event_id)
        no = request.form.get("person", 0, type=int)
        known = next(
            (one for one in settling.attended(event, events.acts(conn, event)) if no and one.person_no == no), None
        )
        if known is None:
            raise ProblemError("event_person_missing")
        day = attendance.day_of(known.stays[0].start_ms if known.stays else event.starts_ms)
        start, end = (
            attendance_form.at(day, said) if said.strip() else None
            for said in (request.form.get("from", ""), request.form.get("to", ""))
        )
        if (start is None) != (end is None) or (start is not None and end is not None and end <= start):
            raise ProblemError("event_times_wrong")
        at_ms = now_ms()
        events.add_act(
            conn,
            NewAct(
                uuid7(), event_id, event.unit_id, me().account_id, "fix", start, at_ms, "number", known.who, until_ms=end,
                why=why, person_no=no,
            ),
        )  # fmt: skip
        settling.settle(conn, event, by=me().account_id, now_ms=at_ms)
        auditing.did(conn, "event_fixed", "event", event_id, [("person", "", _person_id(conn, no)), ("reasons", "", why)])
    flash(gettext("更正好了，原因留在紀錄裡"))
    return see_other(f"/events/{event_id}")


@bp.get(f"/{_ID}/certificates-<any(zh, en):said>.pdf")
@right_required("keep_records")
def certificates(event_id: str, said: str) -> Response:
    """Certificates of attendance: of one person (`?person=`), or of all who are known."""
    auditing.saw("event_sheet", "event", event_id, every=True)
    only = request.args.get("person", 0, type=int)
    spoken: Language = "en" if said == "en" else "zh"
    with current.store().read() as conn:
        event = _event(conn, event_id)
        if event.state != "closed":
            raise ProblemError("event_nobody")
        there = settling.attended(event, events.acts(conn, event))
        rules = current.settings().rules_on(today())
        given = [
            _certified(conn, event, one, spoken)
            for one in there
            if one.person_no is not None and one.stays and only in (0, one.person_no)
        ]
    issuer = event.unit or (rules.issuer if spoken == "zh" else rules.name_en)
    held = attendance_paper.Held(
        event.kind, event.title, event.place, event.course, event.field, issuer, today(),  # type: ignore[arg-type]
    )  # fmt: skip
    document = attendance_paper.render(held, given, spoken, created=now())
    return make_response(
        document,
        200,
        {
            "Content-Type": "application/pdf",
            "Content-Disposition": 'attachment; filename="attendance.pdf"',
            "Cache-Control": "private, no-store",
        },
    )


@bp.errorhandler(ProblemError)
def _say_on_the_page(problem: ProblemError) -> Response:
    """What kept a form from being taken, above the event it is about."""
    event_id = (request.view_args or {}).get("event_id")
    if problem.code == "event_unknown" or request.method != "POST" or event_id is None or problem.code == "not_allowed":
        return answer(problem, "center/problem.html")
    return _page(event_id, problem)


def _person_id(conn: Connection, no: int) -> str:
    return volunteers.ids_of(conn, [no]).get(no, "")


def _page(event_id: str, problem: ProblemError | None = None, block: str = "main") -> Response:
    with current.store().read() as conn:
        event = _event(conn, event_id)
        there = settling.attended(event, events.acts(conn, event))
        who = {one.person_no: volunteers.of_no(conn, one.person_no) for one in there if one.person_no is not None}
    known = [one for one in there if one.person_no is not None]
    figures = {
        "came": sum(bool(one.stays) for one in there),
        "here": sum(any(stay.end_ms is None for stay in one.stays) for one in there),
        "walk_ins": sum(any(act.how == "walk_in" for act in one.acts) for one in there),
        "strangers": len(there) - len(known),
        "doubt": sum(any(act.doubt for act in one.acts) for one in there),
    }
    return page(
        "center/events/event.html", block, status=problem.problem.status if problem else 200, event=event, known=known,
        strangers=[one for one in there if one.person_no is None], who=who, figures=figures,
        problem=problem and problem.sentence(language()), typed=request.form,
    )  # fmt: skip


def _form(problem: ProblemError | None = None) -> Response:
    own = seeing.own_unit(me())
    with current.store().read() as conn:
        units = accounts.units(conn) if own is None else []
    return page(
        "center/events/new.html", "main", status=problem.problem.status if problem else 200, units=units, today=today(),
        problem=problem and problem.sentence(language()), typed=request.form,
    )  # fmt: skip


def _event(conn: Connection, event_id: str) -> Event:
    """The event, when this account may know of it. ProblemError `event_unknown` otherwise."""
    found = events.find(conn, event_id)
    own = seeing.own_unit(me())
    if found is None or own not in (None, found.unit_id):
        raise ProblemError("event_unknown")
    return found


def _unit(conn: Connection) -> str:
    """An officer's own unit, or the one chosen. ProblemError `entry_unit_missing`."""
    own = seeing.own_unit(me())
    chosen = own or next((one.unit_id for one in accounts.units(conn) if one.unit_id == request.form.get("unit")), None)
    if chosen is None:
        raise ProblemError("entry_unit_missing")
    return chosen


def _who(typed: str) -> bytes:
    try:
        return bytes.fromhex(typed[:128])
    except ValueError as error:
        raise ProblemError("event_person_missing") from error


def _volunteer(conn: Connection) -> int:
    """The volunteer of the number that was typed. ProblemError `event_person_missing`."""
    read = identity.read(request.form.get("number", "")[:40])
    if read.problem is not None:
        raise ProblemError("event_number_wrong")
    idbx = index_of(current.settings(), read.number)
    found = volunteers.find(conn, [idbx]).get(idbx)
    if found is None:
        raise ProblemError("event_person_missing")
    return found.no


def _new_volunteer(conn: Connection, event: Event, stranger: Attended) -> int:
    """A new volunteer with the number that was shown and the name that was said. ProblemError `event_person_missing`,
    `event_name_missing`.
    """
    first = stranger.first
    if first.idbx is None or first.number_box is None:
        raise ProblemError("event_person_missing")
    settings = current.settings()
    here = volunteers.find(conn, [first.idbx]).get(first.idbx)
    if here is not None:  # another name stands under that number: the person at the desk says that it is the same
        return here.no
    name = names.tidy(first.name or request.form.get("name", ""))
    if not name or names.problem(name) is not None:
        raise ProblemError("event_name_missing")
    number = numbers.unseal(settings, first.idbx, first.number_box)
    known = volunteers.Known(
        first.idbx, name, names.fold(name), first.masked_number, first.number_box, numbers.tags(settings, number),
        first.birth_date,
    )  # fmt: skip
    came = Origin("event", me().account_id, now_ms(), event.event_id)
    (no,) = volunteers.make_known(conn, [known], came).values()
    return no


def _certified(conn: Connection, event: Event, one: Attended, said: Language) -> attendance_paper.Attended:
    assert one.person_no is not None
    volunteer = volunteers.of_no(conn, one.person_no)
    assert volunteer is not None
    name = (volunteer.english_name or volunteer.name) if said == "en" else volunteer.name
    start, end = attendance.days(settling.window(event), one.stays)
    return attendance_paper.Attended(name, volunteer.masked_number, start, end, one.half_hours)
