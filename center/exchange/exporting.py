"""Export for another system, and the log of what came in and went out (R60, R66). Only the city's administrator takes out; the
auditor reads the log.

Rows are written as they are read, so that no table is ever held whole; who took out which filter stands in the log before the first
row leaves, how many rows and the file's digest after the last. What is not here: columns (layout), rows
(center.store.exchange_out), what Big5 lacks (big5).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, current_app, flash, request
from werkzeug.wrappers import Response as AnyResponse

from center import auditing, current, numbers
from center.exchange import big5, export_words, layout, words
from center.exchange.layout import DAYS, FIXED, KINDS, SOURCES, Column, Days, OutKind
from center.exchange.words import gettext
from center.guard import me, right_required
from center.pages import page, see_other
from center.settings import Settings
from center.store import Store, accounts, exchange, exchange_out
from center.store.exchange_out import CARD_STATES, HOURS_STATES, VOLUNTEER_STATES, Wanted
from honorcard import roc, roles
from honorcard.problems import ProblemError
from web import tables_out
from web.clock import now, now_ms, today
from web.languages import language

bp = Blueprint("exchange_export", __name__)

PAGE = 50
FORMS = ("utf8_mark", "utf8", "big5", "xlsx")
_STATES: dict[OutKind, tuple[str, ...]] = {
    "volunteers": VOLUNTEER_STATES, "hours": HOURS_STATES, "training": ("all",), "cards": CARD_STATES
}  # fmt: skip
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Line = list[str]


@bp.get("/exchange/export")
@right_required("exchange")
def choose() -> Response:
    """What is to be taken out."""
    return _form("volunteers")


@bp.get("/exchange/export/<any(volunteers, hours, training, cards):kind>")
@right_required("exchange")
def ask(kind: str) -> Response:
    """Which rows, and in what form."""
    return _form(_kind(kind))


@bp.post("/exchange/export/<any(volunteers, hours, training, cards):kind>")
@right_required("exchange")
def take(kind: str) -> Response | AnyResponse:
    """The file; where it is to be Big5 and a character is not in it, first the list of them."""
    of = _kind(kind)
    try:
        wanted = _wanted(of)
        form = request.form.get("form", "")
        if form not in FORMS:
            raise ProblemError("office_field_missing")
    except ProblemError as problem:
        return _form(of, problem)
    rare = request.form.get("rare", "")
    if form == "big5" and rare not in ("code", "leave"):
        found, lines, count = big5.look_for_rare(of, wanted)
        if count:
            auditing.saw("exchange_rare", "exchange", of, [("count", "", str(count))], every=True)
            return page(
                "center/exchange_rare.html", "main", kind=of, words=words, rare=found, lines=lines, count=count,
                typed=request.form,
            )  # fmt: skip
    return _answer(of, wanted, form, rare)


@bp.get("/exchange/export/<any(volunteers, hours, training, cards):kind>/columns")
@right_required("exchange")
def columns(kind: str) -> Response:
    """Which columns the file has."""
    with current.store().read() as conn:
        said = exchange.columns(conn, "out", kind)
    return _columns(_kind(kind), layout.read(_kind(kind), said))


@bp.post("/exchange/export/<any(volunteers, hours, training, cards):kind>/columns")
@right_required("exchange")
def set_columns(kind: str) -> Response | AnyResponse:
    """Keeps the columns as typed, in the order of their places; or goes back to ours."""
    of = _kind(kind)
    ours = "ours" in request.form
    typed = [] if ours else _typed()
    try:
        said = None if ours else layout.stored(layout.checked(of, typed))
    except ProblemError as problem:
        return _columns(of, typed, problem)
    by = me().account_id
    with current.store().write() as conn:
        exchange.set_columns(conn, "out", of, said, by=by, now_ms=now_ms())
        exchange.log(conn, "columns", of, by, now_ms(), rows=len(typed) or None)
    flash(gettext("欄位已經改好，下次匯出就用"))
    return see_other(f"/exchange/export/{of}")


@bp.get("/exchange/log")
@right_required("read_exchanges")
def log() -> Response:
    """Who brought in, took back and took out what."""
    asked = request.args.get("below", "")
    below = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else None
    with current.store().read() as conn:
        found = exchange.logged(conn, below=below, limit=PAGE + 1)
        units = {unit.unit_id: unit.name for unit in accounts.units(conn)}
    more = found[PAGE - 1].entry if len(found) > PAGE else None
    return page(
        "center/exchange_log.html", "main", entries=found[:PAGE], more=more, words=words, units=units,
        may_open=roles.may(me().role, "exchange"), said_filter=export_words.said_filter,
    )  # fmt: skip


# --- which rows ---


def _wanted(kind: OutKind) -> Wanted:
    """The filter as typed. ProblemError `date_…` for a day nobody can read, `exchange_ends_before_it_begins`."""
    form = request.form
    since, until = _day(form.get("since", "")), _day(form.get("until", ""))
    if since and until and until < since:
        raise ProblemError("exchange_ends_before_it_begins", first=since, last=until)
    state = form.get("state", "all")
    with current.store().read() as conn:
        known = {unit.unit_id for unit in accounts.units(conn)}
    unit_id = form.get("unit", "")
    if state not in _STATES[kind] or (unit_id and unit_id not in known):
        raise ProblemError("office_field_missing")
    return Wanted(unit_id, since, until, state, today())


def _day(typed: str) -> date | None:
    if not typed.strip():
        return None
    reading = roc.read(typed)
    if reading.date is None:
        raise ProblemError(reading.problem_code or "date_unreadable")
    return reading.date


def _said(wanted: Wanted, form: str, rare: str) -> dict[str, Any]:
    """The filter and the form as the log keeps them."""
    said = {
        "unit": wanted.unit_id, "since": wanted.since and wanted.since.isoformat(),
        "until": wanted.until and wanted.until.isoformat(), "state": wanted.state, "form": form, "rare": rare,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}


# --- the file ---


def _answer(kind: OutKind, wanted: Wanted, form: str, rare: str) -> AnyResponse:
    store, settings, by = current.store(), current.settings(), me().account_id
    said = _said(wanted, form, rare)
    with store.write() as conn:
        held = layout.read(kind, exchange.columns(conn, "out", kind))
        expected = exchange_out.count(conn, kind, wanted)
        exchange.log(conn, "export", kind, by, now_ms(), rows=expected, details=said)
    lines = _lines(store, settings, kind, wanted, held)
    if form == "big5":
        lines = big5.lines_in(lines, rare)
    tally = _Tally(lines)
    titles = [one.heading if form != "big5" else big5.coded(one.heading) for one in held]
    rows = itertools.chain([titles], tally)
    if form == "xlsx":
        pieces = tables_out.xlsx_pieces(words.kind(kind), rows, [16] * len(held))
    else:
        pieces = tables_out.csv_pieces(rows, {"utf8": "utf-8", "utf8_mark": "utf-8-sig", "big5": big5.CODEC}[form])
    clock: Callable[[], datetime] = current_app.config["NOW"]
    name = f"honorcard-{kind}-{today():%Y%m%d}.{'xlsx' if form == 'xlsx' else 'csv'}"
    charset = "big5" if form == "big5" else "utf-8"
    answer = AnyResponse(
        _watched(pieces, store, kind, by, tally, said, clock),
        content_type=_XLSX if form == "xlsx" else f"text/csv; charset={charset}",
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


class _Tally:
    """Lines that count themselves as they pass."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[Line]:
        for line in self._lines:
            self.count += 1
            yield line


def _watched(
    pieces: Iterator[bytes], store: Store, kind: str, by: str, tally: _Tally, said: dict[str, Any],
    clock: Callable[[], datetime],
) -> Iterator[bytes]:  # fmt: skip
    """The pieces of a file; how it ended stands in the log, also where the browser broke off."""
    digest = hashlib.sha256()
    what = "broken"
    try:
        for piece in pieces:
            digest.update(piece)
            yield piece
        what = "exported"
    finally:
        sha256 = digest.digest() if what == "exported" else None
        with store.write() as conn:
            at_ms = int(clock().timestamp() * 1000)
            exchange.log(conn, what, kind, by, at_ms, rows=tally.count, sha256=sha256, details=said)


def _lines(store: Store, settings: Settings, kind: OutKind, wanted: Wanted, held: list[Column]) -> Iterator[Line]:
    def number_of(row: Mapping[str, Any]) -> str:
        return numbers.unseal(settings, bytes(row["idbx"]), row["number_box"])

    write = layout.writer(held, number_of, wanted.today)
    return map(write, exchange_out.rows(store, kind, wanted))


# --- pages ---


def _form(kind: OutKind, problem: ProblemError | None = None) -> Response:
    with current.store().read() as conn:
        units = accounts.units(conn)
        held = layout.read(kind, exchange.columns(conn, "out", kind))
    return page(
        "center/exchange_out.html", "main", status=problem.problem.status if problem else 200, problem=problem, kind=kind,
        kinds=[(code, words.kind(code)) for code in KINDS], units=units, held=held, forms=export_words.forms(),
        states=[(code, export_words.state(code)) for code in _STATES[kind]], typed=request.form, day_words=export_words.day(kind),
    )  # fmt: skip


def _columns(kind: OutKind, held: list[Column], problem: ProblemError | None = None) -> Response:
    said = language()
    blank = [Column("", "") for _ in range(3)]
    return page(
        "center/exchange_layout.html", "main", status=problem.problem.status if problem else 200, problem=problem, kind=kind,
        columns=[*held, *blank], words=words,
        sources=[(of, layout.label(kind, of, said)) for of in SOURCES[kind]] + [(FIXED, gettext("固定的文字"))],
        days=[(code, layout.written(now().date(), code)) for code in DAYS],
    )  # fmt: skip


def _typed() -> list[Column]:
    """The columns of the form by their places; those without heading and content are none."""
    form = request.form
    found: list[tuple[float, int, Column]] = []
    for at in range(layout.MOST_COLUMNS + 10):
        heading, of = form.get(f"heading-{at}", "").strip(), form.get(f"of-{at}", "")
        if not heading and not of:
            continue
        days: Days = next((one for one in DAYS if one == form.get(f"days-{at}")), DAYS[0])
        place = form.get(f"place-{at}", "").strip()
        order = float(place) if place.isascii() and place.isdigit() and len(place) < 5 else at + 1.0
        found.append((order, at, Column(heading, of, form.get(f"text-{at}", "").strip(), days)))
    return [column for _, _, column in sorted(found, key=lambda one: one[:2])]


def _kind(said: str) -> OutKind:
    return next(kind for kind in KINDS if kind == said)
