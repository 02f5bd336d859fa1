"""Export for another system, and the log of what came in and went out (R60, R66). Only the city's administrator takes out; the
auditor reads the log.

Rows are written as they are read, so that no table is ever held whole; who took out which filter stands in the log before the first
row leaves, how many rows and the file's digest after the last. What is not here: columns (layout), rows
(center.store.exchange_out).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, current_app, flash, request
from werkzeug.wrappers import Response as AnyResponse

from center import auditing, current, numbers
from center.exchange import cns, layout, words
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
BIG5 = "cp950"  # as Windows in Taiwan writes Big5
SHOWN_RARE = 200
FORMS = ("utf8_mark", "utf8", "big5", "xlsx")
_STATES: dict[OutKind, tuple[str, ...]] = {
    "volunteers": VOLUNTEER_STATES, "hours": HOURS_STATES, "training": ("all",), "cards": CARD_STATES
}  # fmt: skip
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Line = list[str]


@dataclass(frozen=True)
class Rare:
    """A character that Big5 lacks: in which line of the file (its headings are line 1), whose, in which column."""

    line: int
    name: str
    heading: str
    character: str
    code: str


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
        found, lines, count = _look_for_rare(of, wanted)
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
        may_open=roles.may(me().role, "exchange"), said_filter=_said_filter,
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
        lines = _in_big5(lines, rare)
    tally = _Tally(lines)
    titles = [one.heading if form != "big5" else _coded(one.heading) for one in held]
    rows = itertools.chain([titles], tally)
    if form == "xlsx":
        pieces = tables_out.xlsx_pieces(words.kind(kind), rows, [16] * len(held))
    else:
        pieces = tables_out.csv_pieces(rows, {"utf8": "utf-8", "utf8_mark": "utf-8-sig", "big5": BIG5}[form])
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


def _in_big5(lines: Iterable[Line], rare: str) -> Iterator[Line]:
    """Lines that Big5 can write: with the national standard's code for what it lacks, or without lines that have any of it."""
    for line in lines:
        if all(_is_big5(text) for text in line):
            yield line
        elif rare != "leave":
            yield [_coded(text) for text in line]


def _coded(text: str) -> str:
    """A text with the national standard's code in brackets for each character that Big5 lacks."""
    return "".join(one if _is_big5(one) else f"[{cns.code(one)}]" for one in text)


def _look_for_rare(kind: OutKind, wanted: Wanted) -> tuple[list[Rare], int, int]:
    """The first characters that Big5 lacks, in how many lines there are such, and how many of them."""
    store = current.store()
    with store.read() as conn:
        held = layout.read(kind, exchange.columns(conn, "out", kind))
    found: list[Rare] = []
    in_lines = count = 0
    rows = exchange_out.rows(store, kind, wanted)
    write = layout.writer(held, lambda row: "", wanted.today)
    for at, row in enumerate(rows, start=2):
        line = write(row)
        if all(_is_big5(text) for text in line):
            continue
        in_lines += 1
        for column, text in zip(held, line, strict=True):
            for one in text:
                if not _is_big5(one):
                    count += 1
                    if len(found) < SHOWN_RARE:
                        found.append(Rare(at, row["name"], column.heading, one, cns.code(one)))
    for column in held:  # a heading cannot be left out: it is written by its code
        count += sum(not _is_big5(one) for one in column.heading)
    return found, in_lines, count


def _is_big5(text: str) -> bool:
    try:
        text.encode(BIG5)
    except UnicodeEncodeError:
        return False
    return True


# --- pages ---


def _form(kind: OutKind, problem: ProblemError | None = None) -> Response:
    with current.store().read() as conn:
        units = accounts.units(conn)
        held = layout.read(kind, exchange.columns(conn, "out", kind))
    return page(
        "center/exchange_out.html", "main", status=problem.problem.status if problem else 200, problem=problem, kind=kind,
        kinds=[(code, words.kind(code)) for code in KINDS], units=units, held=held, forms=_form_words(),
        states=[(code, _state_words(code)) for code in _STATES[kind]], typed=request.form, day_words=_day_words(kind),
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


def _said_filter(details: Mapping[str, Any], units: Mapping[str, str]) -> str:
    """The filter of an export in words; the figures of an import."""
    parts = []
    if details.get("unit"):
        parts.append(units.get(details["unit"], ""))
    if details.get("since") or details.get("until"):
        parts.append(f"{words.value('start', details.get('since'))} – {words.value('end', details.get('until'))}")
    if details.get("state", "all") != "all":
        parts.append(_state_words(details["state"]))
    if details.get("form"):
        parts.append(dict(_form_words()).get(details["form"], ""))
    parts += [f"{words.outcome(code)} {details[code]:,}" for code in exchange.OUTCOMES if details.get(code)]
    if details.get("kept"):
        parts.append(gettext("留著 %(n)s 列", n=details["kept"]))
    return gettext("、").join(part for part in parts if part)


def _form_words() -> list[tuple[str, str]]:
    return [
        ("utf8_mark", gettext("CSV，UTF-8（有 BOM，Excel 打開不會亂碼）")), ("utf8", gettext("CSV，UTF-8")),
        ("big5", gettext("CSV，Big5")), ("xlsx", "XLSX"),
    ]  # fmt: skip


def _state_words(code: str) -> str:
    return {
        "all": gettext("全部"), "active": gettext("還在的"), "left": gettext("已經離開的"),
        "ordinary": gettext("只要一般志工的"), "live": gettext("有效的"), "expired": gettext("到期的"),
        "suspended": gettext("停用的"), "revoked": gettext("註銷的"), "replaced": gettext("換發後失效的"),
    }.get(code, code)  # fmt: skip


def _day_words(kind: OutKind) -> str:
    return {
        "volunteers": gettext("加入日期"), "hours": gettext("服務迄日"), "training": gettext("結業日期"),
        "cards": gettext("發卡日期"),
    }[kind]  # fmt: skip


def _kind(said: str) -> OutKind:
    return next(kind for kind in KINDS if kind == said)
