"""Statistics with pictures: applications, outcomes, how long each step took, why cases went back and from where, cards
that run out, who holds one, hours (R53). A page, each table as CSV, the year as a PDF.

Read from sums (center.store.tally), never from people's rows. A unit officer sees the own unit (R34); nobody's name stands here,
and what leaves says nothing of fewer people than the setting `small_number`. What is not here: which figures (figures), the drawing
(plots; on paper honorcard.yearly_report).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, make_response, request
from flask_babel import force_locale, gettext
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from center import auditing, current
from center.guard import me, right_required
from center.pages import page
from center.statistics import figures, plots
from center.statistics.figures import Chosen
from center.store import tally, tally_counting
from honorcard import yearly_report
from honorcard.problems import ProblemError
from honorcard.yearly_report import Report
from web.clock import now, today

bp = Blueprint("statistics", __name__)


@dataclass(frozen=True)
class Unit:
    """A unit to choose."""

    unit_id: str
    code: str
    name: str
    district: str


@bp.get("/statistics")
@right_required("statistics")
def show() -> Response:
    """The figures of a year, of one unit or district when the address says so."""
    with current.store().read() as conn:
        chosen, units = _chosen(conn)
        of_year = figures.year(conn, chosen)
        shown = figures.every(conn, chosen, today(), of_year)
        years = tally.years(conn)
        behind = tally_counting.behind(conn)
    return page(
        "center/statistics.html", "main", figures=shown, summary=figures.summary(of_year), chosen=chosen,
        plot=plots.columns, bar=plots.bar,
        years=sorted({*years, today().year, chosen.year}, reverse=True), units=units, said=yearly_report.said,
        rows=yearly_report.table_rows, districts=sorted({unit.district for unit in units if unit.district}),
        is_own=me().role == "unit_officer", withheld=current.settings().small_number,
        asked=chosen.address(), newest=_newest(chosen, today()), behind=behind, at_once=tally_counting.AT_ONCE,
    )  # fmt: skip


@bp.get("/statistics/<code>.csv")
@right_required("statistics")
def table(code: str) -> AnyResponse:
    """One table, with the same filters; what tells of too few people is withheld."""
    with current.store().read() as conn:
        chosen, _ = _chosen(conn)
        found = next((one for one in figures.every(conn, chosen, today()) if one.code == code), None)
    if found is None:
        raise ProblemError("not_found")
    figure = yearly_report.to_leave(found, current.settings().small_number)
    auditing.saw("statistics_exported", "list", f"{code} {chosen.year}", every=True)
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow([figure.first, *(one.words for one in figure.series)])
    for at, label in enumerate(figure.labels):
        cells = [label, *(_plain(one.values[at]) for one in figure.series)]
        write.writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in cells])
    return _file("\ufeff" + out.getvalue(), "text/csv; charset=utf-8", f"{code}-{chosen.year}.csv")


@bp.get("/statistics/report-<any(zh, en):said>.pdf")
@right_required("statistics")
def report(said: str) -> AnyResponse:
    """The year as a report, in either language."""
    settings = current.settings()
    with force_locale("en" if said == "en" else "zh_Hant_TW"), current.store().read() as conn:
        chosen, units = _chosen(conn)
        of_year = figures.year(conn, chosen)
        every = figures.every(conn, chosen, today(), of_year)
        shown = [yearly_report.to_leave(one, settings.small_number) for one in every]
        whose = next((unit.name for unit in units if unit.unit_id == chosen.unit_id), chosen.district)
        title = figures.year_words(chosen.year, gettext("志願服務榮譽卡年度統計"))
        document = Report(
            f"{title}　{whose}" if whose else title,
            tuple(f"{name}　{value}" for name, value in figures.summary(of_year, settings.small_number)),
            tuple(shown),
            gettext("少於 %(n)s 人的數字以「—」表示。", n=settings.small_number),
        )
    auditing.saw("statistics_exported", "list", f"report {chosen.year}", every=True)
    content = yearly_report.render(document, "en" if said == "en" else "zh", created=now())
    return _file(content, "application/pdf", f"statistics-{chosen.year}.pdf")


def _chosen(conn: Connection) -> tuple[Chosen, list[Unit]]:
    """What the address asks for; an officer's own unit whatever it says."""
    account = me()
    every = [Unit(row.unit_id, row.code, row.name, row.district) for row in tally.units(conn)]
    if account.role == "unit_officer":
        own = [unit for unit in every if unit.unit_id == account.unit_id]
        return Chosen(_year(), account.unit_id or "-", ""), own
    unit_id = next((unit.unit_id for unit in every if unit.unit_id == request.args.get("unit")), "")
    district = next((unit.district for unit in every if unit.district == request.args.get("district")), "")
    return Chosen(_year(), unit_id, "" if unit_id else district), every


def _newest(chosen: Chosen, day: date) -> set[str]:
    """Codes of the plots whose newest columns stand at their right end: where a screen is too narrow, that end is seen first."""
    return {"hours", "months"} if chosen.year == day.year and day.month > 6 else {"hours"}


def _year() -> int:
    said = request.args.get("year", "")
    year = int(said) if said.isascii() and said.isdigit() and len(said) == 4 else 0
    return year if 2000 <= year <= 2200 else today().year


def _plain(value: yearly_report.Value) -> str:
    """A value in a CSV, where a figure is a figure."""
    return yearly_report.WITHHELD if value is None else str(value)


def _file(content: str | bytes, mime: str, name: str) -> AnyResponse:
    return make_response(
        content, 200,
        {"Content-Type": mime, "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )  # fmt: skip
