"""What counts by unit and year, out of the rows of a draft."""

from __future__ import annotations

from datetime import date

from flask import render_template
from msgspec.structs import replace

from honorcard.jurisdiction import TAIPEI
from kiosk.asking.counted import counted
from kiosk.drafting import Service
from sync.wire import ServiceRow
from tests.kiosk.scene import build
from tests.sync.loopback import whole_answers

TODAY = date(2026, 11, 21)
ROWS = tuple(
    ServiceRow(start=date(year, 3, 1), end=date(year, 3, 31), minutes=615, unit=unit)
    for year in (2025, 2026)
    for unit in ("北門志工隊", "社子島環境隊")
)


def test_rows_are_told_by_year_and_unit_newest_first():
    answers = replace(whole_answers("王小明", "A123456789"), service=Service(rows=ROWS))
    told = counted(answers, (), TAIPEI, TODAY, "zh")
    assert told is not None
    assert [(year.name, year.hours, [unit.unit for unit in year.units]) for year in told.years] == [
        ("115 年", "20.5", ["北門志工隊", "社子島環境隊"]),
        ("114 年", "20.5", ["北門志工隊", "社子島環境隊"]),
    ]
    assert told.counted == "41"


def test_what_does_not_count_is_named_with_its_hours():
    rows = (*ROWS, ServiceRow(start=date(2026, 4, 1), end=date(2026, 4, 30), minutes=600, category="volunteer_fire"))
    answers = replace(whole_answers("王小明", "A123456789"), service=Service(rows=rows))
    told = counted(answers, (), TAIPEI, TODAY, "zh")
    assert told is not None
    assert told.summary == ("共 5 筆，51 小時。", "採計：41 小時。", "民防、義警、義消等，不採計：10 小時。")


def test_a_total_has_no_years_and_no_panel(tmp_path):
    total = Service(first_day=date(2023, 1, 1), last_day=date(2026, 11, 1), half_hours=700)
    answers = replace(whole_answers("王小明", "A123456789"), service=total)
    assert counted(answers, (), TAIPEI, TODAY, "zh") is None
    with build(tmp_path).app.test_request_context("/"):
        assert render_template("kiosk/apply/_record.html", counted=None).strip() == ""
        answers = replace(answers, service=Service(rows=ROWS))
        shown = render_template("kiosk/apply/_record.html", counted=counted(answers, (), TAIPEI, TODAY, "zh"))
    assert "社子島環境隊" in shown
