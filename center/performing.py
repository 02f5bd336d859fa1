"""服務績效證明書: making a certificate of a volunteer's service, and letting anybody who holds one check it.

Made by a unit officer for the own unit's people or by the administrator; kept as the file it was and entered in the register, so
that the same paper can be handed out again. What is not here: the paper itself (honorcard.performance).
"""

from __future__ import annotations

import hashlib
from datetime import date

from flask import Blueprint, Response, current_app, flash, make_response, request
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext

from center import auditing, current, entries, numbers, photostore, seeing
from center.guard import me, right_required
from center.limits import Limit
from center.pages import page, see_other
from center.store import accounts, performances
from honorcard import names, performance, roc
from honorcard.performance import Certificate
from honorcard.problems import Language, ProblemError
from web.clock import now, now_ms, today
from web.errors import answer
from web.languages import language

bp = Blueprint("performing", __name__)

_ADDRESS = "/people/<string(length=36):person_id>/performance"
CHECK_PATH = "/performance"
BURST, PER_MINUTE = 30, 10  # checks of an address


@bp.record
def _limit(state: BlueprintSetupState) -> None:
    state.app.extensions["performance_limit"] = Limit("performance", burst=BURST, per_minute=PER_MINUTE)


@bp.get(_ADDRESS)
@right_required("keep_records")
def show(person_id: str) -> Response:
    """The certificates made so far, and the form for another."""
    seeing.check(person_id)
    auditing.saw("person_seen", "person", person_id)
    return _page(person_id)


@bp.post(_ADDRESS)
@right_required("keep_records")
def make(person_id: str) -> Response:
    """A certificate of the days that were chosen, entered in the register in the same transaction as its number."""
    seeing.check(person_id)
    form = request.form
    said: Language = "en" if form.get("said") == "en" else "zh"
    start, end = _days(form.get("start", ""), form.get("end", ""))
    settings = current.settings()
    rules = settings.rules_on(today())
    with current.store().write() as conn:
        seen = seeing.record(conn, settings, person_id)
        name = seen.volunteer.english_name if said == "en" else seen.person.name
        if not name:
            raise ProblemError("english_name_needed")
        shown = seen.person.masked_number
        if form.get("number") == "whole":
            shown = numbers.unseal(settings, seen.person.idbx, seen.volunteer.number_box)
            if not shown:
                raise ProblemError("performance_number_unknown")
        number, check_code = performances.next_number(conn, today())
        account = me()
        unit = next((one for one in accounts.units(conn) if one.unit_id == account.unit_id), None)
        issuer = unit.name if unit is not None else (rules.issuer if said == "zh" else rules.name_en)
        given = Certificate(
            number, check_code, name, shown, start, end,
            performance.served(seen.history.person.rows, start, end, today(), rules), issuer, today(),
            f"{request.host_url.rstrip('/')}{CHECK_PATH}",
        )  # fmt: skip
        document = performance.render(given, said, created=now())
        digest = hashlib.sha256(document)
        # the file before the row that names it: a crash leaves at most a file nobody names
        photostore.put(settings, "certificate", digest.hexdigest(), document)
        performances.add(
            conn, number=number, check_code=check_code, person_no=seen.person.no,
            unit_id=None if unit is None else unit.unit_id, name=name, language=said, start=start, end=end,
            half_hours=given.served.total.half_hours, by=account.account_id, now_ms=now_ms(), sheet_sha256=digest.digest(),
        )  # fmt: skip
        fields = [
            ("certificate", "", number), ("first_day", "", str(start)), ("last_day", "", str(end)),
            ("half_hours", "", str(given.served.total.half_hours)), ("sha256", "", digest.hexdigest()[:16]),
        ]  # fmt: skip
        auditing.did(conn, "performance_made", "person", person_id, fields)
    flash(gettext("證明書 %(number)s 開好了", number=number))
    return see_other(f"/people/{person_id}/performance")


@bp.get(f"{_ADDRESS}/<string(length=36):certificate_id>.pdf")
@right_required("keep_records")
def sheet(person_id: str, certificate_id: str) -> Response:
    """The very file that was made."""
    found = _certificate(person_id, certificate_id)
    auditing.saw("performance_sheet", "person", person_id, [("certificate", "", found.number)], every=True)
    content = photostore.get(current.settings(), "certificate", found.sheet_sha256.hex())
    if content is None:
        raise ProblemError("not_found")
    return make_response(
        content,
        200,
        {
            "Content-Type": "application/pdf",
            "Content-Disposition": f'attachment; filename="performance-{found.number}.pdf"',
            "Cache-Control": "private, no-store",
        },
    )


@bp.post(f"{_ADDRESS}/<string(length=36):certificate_id>/void")
@right_required("keep_records")
def void(person_id: str, certificate_id: str) -> Response:
    """A certificate that was wrong is void from now on; whoever checks it hears so."""
    seeing.check(person_id)
    why = entries.text(request.form.get("why", ""), 200)
    if not why:
        raise ProblemError("entry_why_missing")
    found = _certificate(person_id, certificate_id)
    with current.store().write() as conn:
        if not performances.void(conn, found.certificate_id, by=me().account_id, why=why, now_ms=now_ms()):
            raise ProblemError("entry_gone")
        auditing.did(conn, "performance_void", "person", person_id, [("certificate", found.number, "")])
    flash(gettext("證明書 %(number)s 作廢了", number=found.number))
    return see_other(f"/people/{person_id}/performance")


@bp.get(CHECK_PATH)
def ask() -> Response:
    """The form for whoever holds a certificate; nobody has to sign in."""
    return page("center/performance_check.html", "main", asked=False, found=None)


@bp.post(CHECK_PATH)
def check() -> Response:
    """Whether a certificate was made so: the name masked, the days and the hours. Only for whoever has its check code."""
    limit: Limit = current_app.extensions["performance_limit"]
    if not limit.allows(request.remote_addr):
        raise ProblemError("slow_down")
    number = "".join(request.form.get("number", "").split())[:16]
    code = "".join(request.form.get("code", "").split()).upper()[:16]
    with current.store().read() as conn:
        found = performances.check(conn, number, code)
    return page(
        "center/performance_check.html", "main", asked=True, found=found, number=number, mask=names.mask,
        status=200 if found else 404,
    )  # fmt: skip


@bp.errorhandler(ProblemError)
def _say_above_the_form(problem: ProblemError) -> Response:
    """What kept a certificate from being made, with what was chosen still in the form."""
    person_id = (request.view_args or {}).get("person_id")
    here = problem.code.startswith(("entry_", "english_name_", "performance_", "glyph_", "fonts_"))
    if request.method != "POST" or person_id is None or not here:
        return answer(problem, "center/problem.html")
    return _page(person_id, problem.sentence(language()), problem.problem.status)


def _page(person_id: str, sentence: str = "", status: int = 200) -> Response:
    with current.store().read() as conn:
        seen = seeing.record(conn, current.settings(), person_id)
        made = performances.of_person(conn, seen.nos)
    rows = seen.history.person.rows
    return page(
        "center/person_performance.html", "main", status=status, person=seen.person, volunteer=seen.volunteer, made=made,
        sentence=sentence, typed=request.form, first=roc.dotted(min((row.start for row in rows), default=today())),
        last=roc.dotted(max((row.end for row in rows if row.end <= today()), default=today())), is_there=bool(rows),
    )  # fmt: skip


def _days(first: str, last: str) -> tuple[date, date]:
    start, end = entries.day(first), entries.day(last)
    if end < start:
        raise ProblemError("entry_days_reversed")
    return start, min(end, today())


def _certificate(person_id: str, certificate_id: str) -> performances.Made:
    with current.store().read() as conn:
        nos = seeing.nos(conn, seeing.person(conn, person_id))
        found = next((one for one in performances.of_person(conn, nos) if one.certificate_id == certificate_id), None)
    if found is None:
        raise ProblemError("not_found")
    return found
