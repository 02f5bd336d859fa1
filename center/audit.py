"""The audit, for the auditor: who saw and who changed what, field by field; by person, account, act, day and unit; as CSV;
and whether the chain is whole.

A volunteer's name stands nowhere on it. What is looked for travels in the form's body, since it may be somebody's number. What is
not here: writing the log (auditing, center.store.audit), what happened to one case in words (history).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from center import audit_heads, audit_words, auditing, current, entries, keyring
from center.audit_words import act_words, entity_words, field_words, stream_words, value_words
from center.guard import right_required
from center.indices import index_of
from center.pages import page
from center.store import accounts, audit
from center.store.audit import Asked, Checked
from center.store.audit_heads import Standing
from honorcard import identity
from honorcard.problems import ProblemError
from web.clock import TAIPEI

bp = Blueprint("audit", __name__)

PAGE = 100
MOST_ROWS = 50_000  # of a CSV; more is asked for by day
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@bp.before_app_request
def _nobody_yet() -> None:
    """A thread answers one request after the other: whoever was before acts for nobody any more."""
    audit.ACTING.set("")


@bp.get("/audit")
@right_required("audit")
def listing() -> Response:
    """The newest entries."""
    return _show({})


@bp.post("/audit")
@right_required("audit")
def search() -> Response:
    """Entries by what the form asks; `below` goes on."""
    return _show(request.form)


@bp.post("/audit/verify")
@right_required("audit")
def verify() -> Response:
    """Reads the whole log and says whether every entry follows from those before it."""
    auditing.gather(current.store())
    with current.store().read() as conn:
        checked = audit.verify(conn)
    auditing.saw("audit_verified", "audit", "", every=True)
    return _show({}, checked)


@bp.post("/audit/compare")
@right_required("audit")
def compare() -> Response:
    """Whether the heads in a file that was published and kept are in the log still."""
    auditing.gather(current.store())
    try:
        kept = audit_heads.read(request.form.get("kept", ""), keyring.trust(current.settings()))
    except ProblemError as problem:
        return _show({}, problem=problem)
    with current.store().read() as conn:
        found = audit_heads.compare(conn, kept)
    auditing.saw("audit_compared", "audit", "", [("at", "", str(kept.at_ms))], every=True)
    return _show({}, compared=(kept.at_ms, found))


@bp.post("/audit/export.csv")
@right_required("audit")
def export() -> AnyResponse:
    """What the form asks for, as CSV; that it was taken is written down."""
    try:
        asked = _asked(request.form)
    except ProblemError as problem:
        return _show(request.form, problem=problem)
    auditing.gather(current.store())
    with current.store().read() as conn:
        rows = audit.listing(conn, asked, limit=MOST_ROWS)
    auditing.saw("audit_exported", "audit", "", [("rows", "", str(len(rows)))], every=True)
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(audit_words.titles())
    for row in rows:
        moment = datetime.fromtimestamp(row.at_ms / 1000, TAIPEI).isoformat(timespec="seconds")
        fields = "; ".join(f"{name}: {before} → {after}" for name, before, after in row.fields)
        said = (
            str(row.entry), row.stream, moment, row.actor, row.who, row.unit, row.act, row.entity_kind, row.entity, row.called,
            fields, row.link,
        )  # fmt: skip
        write.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in said])
    return make_response(
        "\ufeff" + out.getvalue(), 200,
        {
            "Content-Type": "text/csv; charset=utf-8", "Content-Disposition": 'attachment; filename="audit.csv"',
            "Cache-Control": "private, no-store",
        },
    )  # fmt: skip


def _show(
    form: Mapping[str, str], checked: Checked | None = None, *, compared: tuple[int, dict[str, Standing]] | None = None,
    problem: ProblemError | None = None,
) -> Response:  # fmt: skip
    try:
        asked = _asked(form)
    except ProblemError as unread:  # the newest entries stand below the sentence
        asked, problem = Asked(), unread
    below = form.get("below", "")
    auditing.gather(current.store())
    with current.store().read() as conn:
        rows = audit.listing(
            conn, asked, below=int(below) if below.isascii() and below.isdigit() and len(below) < 16 else None, limit=PAGE + 1
        )  # fmt: skip
        acts, actors, units = audit.acts(conn), audit.actors(conn), accounts.units(conn)
    auditing.saw("audit_seen", "audit", "")
    return page(
        "center/audit.html", "main", entries=rows[:PAGE], more=rows[PAGE - 1].entry if len(rows) > PAGE else None,
        asked=form, is_filtered=asked != Asked(), acts=sorted(((code, act_words(code)) for code in acts), key=lambda one: one[1]),
        actors=actors, units=units, streams=[(code, stream_words(code)) for code in ("done", "seen", "door")], checked=checked,
        compared=compared, problem=problem, status=200 if problem is None else problem.problem.status,
        act_words=act_words, entity_words=entity_words, field_words=field_words, stream_words=stream_words,
        value_words=value_words,
    )  # fmt: skip


def _asked(form: Mapping[str, str]) -> Asked:
    """What the form asks for; no day where none was typed. ProblemError `entry_date_unreadable`."""
    whom = form.get("whom", "").replace("\0", "").strip()[:64]
    entities = None
    if whom:
        number = identity.read(whom)
        indices = [index_of(current.settings(), number.number)] if number.valid else []
        with current.store().read() as conn:
            entities = audit.about(conn, text="" if number.valid else whom, indices=indices)
    first, last = _day(form.get("from", "")), _day(form.get("until", ""))
    return Asked(
        actor=form.get("actor", "")[:64], act=form.get("act", "")[:32], stream=form.get("stream", "")[:8],
        unit_id=form.get("unit", "")[:36], entities=entities,
        from_ms=None if first is None else _ms(first),
        before_ms=None if last is None else _ms(last + timedelta(days=1)),
    )  # fmt: skip


def _day(typed: str) -> date | None:
    if not typed.strip():
        return None
    return entries.day_of_ours(typed)


def _ms(day: date) -> int:
    return int(datetime.combine(day, time(), TAIPEI).timestamp() * 1000)
