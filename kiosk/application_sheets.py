"""申請單: a unit's sheet with many applicants, filled in over days, sent together or one by one (R26, R35).

Staff only. Each applicant is an ordinary draft with the ordinary questions; who still lacks something holds nobody up.
What is not here: a line's standing (sheet_lines), sending (submitting), a unit's checked list (roster).
"""

from __future__ import annotations

import time

from flask import Blueprint, Response, make_response, request, session
from flask_babel import gettext
from sqlite_utils import Database
from werkzeug.wrappers import Response as AnyResponse

from honorcard import application_sheet as rules
from honorcard import paper_list
from honorcard.card import slip as slip_rules
from honorcard.paper_list import Column, Table, Text
from honorcard.problems import ProblemError
from honorcard.roster import Person
from kiosk import guard, rosters, sheet_lines, slips, submitting
from kiosk.asking import drafted, judging
from kiosk.drafting import ABOUT_A_CARD, Answers
from kiosk.guard import staff_only
from kiosk.pages import page, see_other
from kiosk.sheet_lines import Shown
from kiosk.store import application_sheets, drafts, syncing, tray
from kiosk.store.application_sheets import Sheet
from sync.ids import uuid7
from web.clock import now, today
from web.languages import language

bp = Blueprint("application_sheets", __name__)

LONGEST_NUMBER = 40
AT_ONCE_S = 6.0  # of sending in one answer; what is left goes on by itself


@bp.get("/sheets")
@staff_only
def listing() -> Response:
    """All sheets of this tablet, and a new one."""
    with drafted.store().read() as db:
        every = application_sheets.every(db)
    return page("kiosk/sheets.html", "main", every=every, suggested=_number(len(every) + 1))


@bp.post("/sheets")
@staff_only
def begin() -> Response | AnyResponse:
    """A new sheet; its number is the unit's own, or the day and a count."""
    sheet_id = _begin(request.form.get("number", ""))
    return see_other(f"/sheets/{sheet_id}")


@bp.post("/sheets/from_list")
@staff_only
def from_list() -> Response | AnyResponse:
    """A sheet of those who qualify on the list just checked, so that nobody types them again."""
    checked = rosters.recall(session[guard.KEY])
    if checked is None:
        raise ProblemError("roster_gone")
    people = checked.roster.group("now")
    if len(people) > rules.LONGEST:
        raise ProblemError("sheet_full", most=rules.LONGEST)
    sheet_id = _from(people)
    return see_other(f"/sheets/{sheet_id}")


@bp.get("/sheets/<string(length=36):sheet_id>")
@staff_only
def show(sheet_id: str) -> Response:
    """The sheet: counts at its head, then each applicant's standing."""
    return _sheet_page(sheet_id)


@bp.post("/sheets/<string(length=36):sheet_id>/add")
@staff_only
def add(sheet_id: str) -> Response | AnyResponse:
    """One more applicant: an empty draft on the sheet, and its first question."""
    drafted.may_begin()
    application_id = uuid7()
    with drafted.store().write() as db:
        _check_room(db, sheet_id)
        gate = drafted.settings().rules_on(today()).training_gate
        drafts.create(db, application_id, drafted.now_ms(), Answers(training_gate=gate))
        application_sheets.put_on(db, sheet_id, application_id, drafted.now_ms())
    return see_other(f"/apply/{application_id}")


@bp.post("/sheets/<string(length=36):sheet_id>/add/<string(length=36):application_id>")
@staff_only
def put_on(sheet_id: str, application_id: str) -> Response | AnyResponse:
    """A draft that was begun without a sheet, onto this one."""
    with drafted.store().write() as db:
        if application_id not in application_sheets.applications(db, sheet_id):
            _check_room(db, sheet_id)
        if drafts.find(db, application_id) is None:
            raise ProblemError("draft_gone")
        application_sheets.put_on(db, sheet_id, application_id, drafted.now_ms())
    return see_other(f"/sheets/{sheet_id}")


@bp.post("/sheets/<string(length=36):sheet_id>/take_off/<string(length=36):application_id>")
@staff_only
def take_off(sheet_id: str, application_id: str) -> Response | AnyResponse:
    """Takes a line off; the draft stays. ProblemError `sheet_line_sent`."""
    _existing(sheet_id)
    with drafted.store().write() as db:
        if tray.find(db, application_id) is not None:
            raise ProblemError("sheet_line_sent")
        application_sheets.take_off(db, application_id)
        application_sheets.touch(db, sheet_id, drafted.now_ms())
    return see_other(f"/sheets/{sheet_id}")


@bp.post("/sheets/<string(length=36):sheet_id>/send")
@staff_only
def send(sheet_id: str) -> Response | AnyResponse:
    """Sends all that are ready, or the one that is named; what stands in somebody's way is said on the line."""
    shown = _shown(sheet_id)
    one = request.form.get("application_id", "")
    chosen = [application_id for application_id in shown.ready if one in ("", application_id)]
    stopped: dict[str, str] = {}
    until = time.monotonic() + AT_ONCE_S
    left = 0
    for at, application_id in enumerate(chosen):
        if at and time.monotonic() > until:
            left = len(chosen) - at
            break
        try:
            _send(application_id)
        except ProblemError as problem:
            stopped[application_id] = problem.sentence(language())
            if problem.code in ("disk_low", "disk_full", "device_not_enrolled"):  # the next would meet the same
                break
    with drafted.store().write() as db:
        application_sheets.touch(db, sheet_id, drafted.now_ms())
    if stopped or left:
        return _sheet_page(sheet_id, stopped=stopped, left=0 if stopped else left)
    return see_other(f"/sheets/{sheet_id}")


@bp.get("/sheets/<string(length=36):sheet_id>/list.pdf")
@staff_only
def paper(sheet_id: str) -> AnyResponse:
    """The sheet on paper, with a place for each applicant's signature."""
    shown = _shown(sheet_id)
    return _pdf(_list(shown), "application-sheet.pdf")


@bp.get("/sheets/<string(length=36):sheet_id>/slips.pdf")
@staff_only
def slips_of(sheet_id: str) -> AnyResponse:
    """The slips of those who were sent, one a page; their codes are there for half an hour (kiosk.slips)."""
    shown = _shown(sheet_id)
    with drafted.store().read() as db:
        rows = [tray.find(db, line.application_id) for line in shown.lines if line.is_sent]
    papers = [
        slip_rules.Slip(
            receipt=row.receipt,
            secret=slips.recall(row.application_id),
            masked_name=row.masked_name,
            received=sheet_lines.moment(row.created_ms),
            station=drafted.settings().station,
        )
        for row in rows
        if row is not None
    ]
    if not papers:
        raise ProblemError("sheet_nothing_sent")
    return _pdf(slip_rules.render_slips(papers, language(), created=now()), "slips.pdf")


@bp.route("/sheets/<string(length=36):sheet_id>/close", methods=["GET", "POST"])
@staff_only
def close(sheet_id: str) -> Response | AnyResponse:
    """Asks, then puts the sheet away; drafts and what was sent stay where they are."""
    shown = _shown(sheet_id)
    if request.method == "GET":
        return page("kiosk/sheet_close.html", "main", shown=shown)
    with drafted.store().write() as db:
        application_sheets.remove(db, sheet_id)
    return see_other("/sheets")


def _send(application_id: str) -> None:
    """Sends one that is ready, judged anew: the answers may have changed in another window since."""
    work = drafted.find(application_id)
    if work.answers.kind not in ABOUT_A_CARD:
        city = drafted.settings().rules_on(today())
        if not judging.judge(work.answers, work.photos, city, today()).passed:
            raise ProblemError("not_eligible_yet")
        # the verdict stood on the sheet where the button was pressed
        drafted.change(application_id, lambda held: judging.seen(held) if held == work.answers else held)
    done = submitting.submit(
        drafted.store(), drafted.settings(), application_id, now=drafted.moment(), language=language()
    )
    if done.slip_secret:
        slips.remember(done.application_id, done.receipt, done.slip_secret)


def _begin(typed: str) -> str:
    sheet_id = uuid7()
    with drafted.store().write() as db:
        number = typed.strip()[:LONGEST_NUMBER] or _number(len(application_sheets.every(db)) + 1)
        application_sheets.begin(db, sheet_id, number, today().isoformat(), drafted.now_ms())
    return sheet_id


def _from(people: tuple[Person, ...]) -> str:
    drafted.may_begin()
    city = drafted.settings().rules_on(today())
    with drafted.store().write() as db:
        sheet_id = _begin("")
        sheet_lines.put_people_on(db, sheet_id, people, city, drafted.now_ms())
    return sheet_id


def _sheet_page(sheet_id: str, stopped: dict[str, str] | None = None, left: int = 0) -> Response:
    shown = _shown(sheet_id)
    with drafted.store().read() as db:
        taken = application_sheets.on_sheets(db)
        loose = [
            draft
            for draft in drafts.waiting(db)
            if draft.application_id not in taken and draft.answers.amends_rev is None
        ]
    has_slips = any(line.is_sent and slips.recall(line.application_id) is not None for line in shown.lines)
    return page(
        "kiosk/sheet.html", "main", shown=shown, counts=shown.rules.counts, loose=loose, stopped=stopped or {},
        left=left, has_slips=has_slips, in_words=rules.in_words,
        status=409 if stopped else 200,
    )  # fmt: skip


def _shown(sheet_id: str) -> Shown:
    sheet = _existing(sheet_id)
    with drafted.store().read() as db:
        here = syncing.membership(db)
        return sheet_lines.show(
            db, drafted.settings(), sheet, today(), language(), here.unit if here is not None else ""
        )


def _check_room(db: Database, sheet_id: str) -> None:
    """ProblemError `sheet_unknown`, `sheet_full`."""
    sheet = application_sheets.find(db, sheet_id)
    if sheet is None:
        raise ProblemError("sheet_unknown")
    if sheet.lines >= rules.LONGEST:
        raise ProblemError("sheet_full", most=rules.LONGEST)


def _existing(sheet_id: str) -> Sheet:
    with drafted.store().read() as db:
        found = application_sheets.find(db, sheet_id)
    if found is None:
        raise ProblemError("sheet_unknown")
    return found


def _list(shown: Shown) -> bytes:
    """Place, name, number, kind, hours, standing, and room to sign."""
    zh = language() == "zh"
    titles = (
        "",
        gettext("姓名"),
        gettext("證號"),
        gettext("申請種類"),
        gettext("時數"),
        gettext("狀態"),
        gettext("本人簽名"),
    )
    shares = (0.5, 2.0, 2.0, 1.4, 1.0, 2.0, 2.6)
    rows = tuple(
        (
            str(line.place), line.name, line.masked_number or line.receipt, sheet_lines.kind_words(line.kind), line.hours,
            line.words, "",
        )
        for line in shown.lines
    )  # fmt: skip
    counted = ("、" if zh else ", ").join(
        f"{rules.in_words(standing, language())} {count}" for standing, count in shown.rules.counts.items() if count
    )
    head = [part for part in (shown.rules.unit.name, counted) if part]
    columns = tuple(Column(title, share) for title, share in zip(titles, shares, strict=True))
    title = gettext("申請單 %(number)s", number=shown.sheet.number)
    return paper_list.render(
        title, [*(Text(line) for line in head), Table(columns, rows, row_mm=12.0)], language(), created=now()
    )


def _pdf(document: bytes, name: str) -> AnyResponse:
    return make_response(
        document,
        {
            "Content-Type": "application/pdf",
            "Content-Disposition": f'inline; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _number(count: int) -> str:
    day = today()
    return f"{day.year - 1911}{day:%m%d}-{count}"
