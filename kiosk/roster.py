"""A unit's own list, checked on the spot: drop a CSV or XLSX, see who may apply now and who when, take it home.

Staff only. Nothing of a list is stored: the file is read in memory, the result is held for fifteen minutes (kiosk.rosters).
What is not here: reading files (web.tables), the check (honorcard.roster), the words of results (kiosk.roster_words).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, session
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from honorcard import roster
from honorcard.problems import ProblemError
from honorcard.roster import GROUPS, Group
from kiosk import current, guard, roster_words, rosters
from kiosk.guard import staff_only
from kiosk.pages import page, see_other
from kiosk.rosters import Checked
from web import tables, tables_out
from web.clock import today

bp = Blueprint("roster", __name__)

SHOWN = 100  # persons on a page
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/roster")
@staff_only
def ask() -> Response:
    """Where a file is chosen, and what it should look like."""
    return _ask()


@bp.post("/roster")
@staff_only
def check() -> Response | AnyResponse:
    """Checks the file and goes on to the result; a file that cannot be read is refused in words, as a whole."""
    try:
        checked = _checked(_sent())
    except ProblemError as problem:
        return _ask(problem)
    rosters.remember(session[guard.KEY], checked)
    return see_other("/roster/result")


@bp.get("/roster/result")
@staff_only
def result() -> Response:
    """Figures, then the persons of one group."""
    checked = _recalled()
    found = checked.roster
    counts = {group: found.count(group) for group in GROUPS}
    asked = request.args.get("group", "")
    group: Group = next((it for it in GROUPS if it == asked), next(it for it in GROUPS if counts[it]))
    persons = found.group(group)
    pages = max(1, -(-len(persons) // SHOWN))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    return page(
        "kiosk/roster_result.html",
        "main",
        checked=checked,
        counts=counts,
        group=group,
        names=roster_words.group_names(),
        persons=[roster_words.told(person, found.on) for person in persons[(number - 1) * SHOWN : number * SHOWN]],
        columns=roster_words.columns_used(found),
        number=number,
        pages=pages,
        shown_from=(number - 1) * SHOWN + 1,
        of_group=len(persons),
    )


@bp.get("/roster/result.<kind>")
@staff_only
def download(kind: str) -> Response:
    """All groups in one file, with reasons and days."""
    found = _recalled().roster
    name = f"honorcard-roster-{found.on:%Y%m%d}"
    return _file(kind, name, gettext("檢查結果"), roster_words.rows(found), roster_words.WIDTHS)


@bp.get("/roster/sample.<kind>")
@staff_only
def sample(kind: str) -> Response:
    """A list as it should look, which can be checked as it is."""
    rows = roster_words.sample_rows(today())
    return _file(kind, "honorcard-roster-sample", gettext("名單"), rows, roster_words.SAMPLE_WIDTHS)


@bp.post("/roster/forget")
@staff_only
def forget() -> Response | AnyResponse:
    """Clears the result at once."""
    rosters.forget(session[guard.KEY])
    return see_other("/roster")


def _ask(problem: ProblemError | None = None) -> Response:
    status = problem.problem.status if problem else 200
    limits = {"rows": f"{roster.MOST_ROWS:,}", "mb": tables.MOST_BYTES // 2**20}
    held = rosters.recall(session[guard.KEY]) is not None
    return page("kiosk/roster.html", "main", status=status, problem=problem, limits=limits, held=held)


def _sent() -> bytes:
    """The file's bytes. Raises `roster_file_missing`, `roster_file_too_large`."""
    file = request.files.get("list")
    if file is None or not file.filename:
        raise ProblemError("roster_file_missing")
    data: bytes = file.read(tables.MOST_BYTES + 1)
    return data


def _checked(data: bytes) -> Checked:
    """The first visible sheet that has the headings, checked. Raises what the first sheet lacks when none has."""
    day = today()
    rules = current.settings().rules_on(day)
    lacking: ProblemError | None = None
    found: Checked | None = None
    hidden_would_do = False
    others = 0
    for sheet in tables.read(data):
        if found is not None:
            others += not sheet.hidden
            continue
        try:
            checked = roster.check(sheet.lines, day, rules, sheet.epoch)
        except ProblemError as problem:
            if problem.code == "roster_rows_too_many" and not sheet.hidden:
                raise
            others += not sheet.hidden
            if not sheet.hidden and (lacking is None or lacking.code == "roster_empty"):
                lacking = problem
            continue
        if sheet.hidden:
            hidden_would_do = True
        else:
            found = Checked(checked, sheet.name)
    if found is None:
        raise ProblemError("roster_hidden") if hidden_would_do else lacking or ProblemError("roster_empty")
    return Checked(found.roster, found.sheet, others)


def _recalled() -> Checked:
    checked = rosters.recall(session[guard.KEY])
    if checked is None:
        raise ProblemError("roster_gone")
    return checked


def _file(kind: str, name: str, title: str, rows: Any, widths: tuple[int, ...]) -> Response:
    if kind == "xlsx":
        answer = Response(tables_out.xlsx_bytes(title, rows, widths), mimetype=_XLSX)
    elif kind == "csv":
        answer = Response(tables_out.csv_bytes(rows), content_type="text/csv; charset=utf-8")
    else:
        raise ProblemError("not_found")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
