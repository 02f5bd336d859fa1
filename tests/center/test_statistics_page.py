"""The statistics as people get them: the page, a table, a report; what does not leave. Tried on one store."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import delete

from center.statistics import plots
from center.store import tally, tally_counting
from center.store.tables import meta
from tests.center.conftest import World
from tests.center.test_statistics import count, filled


@pytest.fixture
def busy(world: World) -> World:
    """A city in which something happened."""
    return filled(world)


@pytest.mark.parametrize("minutes", [0, 1, 17, 600, 4_321, 100_000, 2_000_000])
def test_a_duration_is_kept_within_five_per_cent(minutes):
    assert tally.minutes_of(tally.bucket(minutes)) == pytest.approx(minutes, rel=0.05, abs=0.5)


def test_the_page_has_pictures_with_tables_and_no_style_of_its_own(busy):
    text = busy.browser("auditor").get("/statistics?year=2026").get_data(as_text=True)
    assert "<svg" in text
    assert "style=" not in text
    assert 'role="img"' in text
    assert "11 月申請最多" in text
    assert not any(name in text for name in ("林秀琴", "陳文雄", "王小明"))
    assert busy.browser("auditor").get("/statistics?year=1912&unit=nobody&district=x").status_code == 200


def test_a_plot_too_wide_for_the_screen_begins_at_its_newest_end(busy):
    def at_their_end(path):
        text = busy.browser("auditor").get(path).get_data(as_text=True)
        return [part.split('aria-label="')[1].split('"')[0] for part in text.split('class="stat-room" data-newest')[1:]]

    assert at_their_end("/statistics?year=2026") == ["11 月申請最多", "服務時數"]  # it is November
    assert at_their_end("/statistics?year=2025") in ([], ["服務時數"])


def test_what_is_not_counted_yet_is_said_on_the_page_and_to_programs(busy, monkeypatch):
    def said() -> tuple[str, str]:
        client = busy.browser("auditor")
        return client.get("/statistics").get_data(as_text=True), client.get("/healthz").json["statistics"]

    def forget(*marks: str) -> None:
        with busy.store.write() as conn:
            conn.execute(delete(meta).where(meta.c.k.in_(marks)))

    page, program = said()
    assert "還在" not in page and program == "up to date"
    monkeypatch.setattr(tally_counting, "AT_ONCE", 1)
    forget(*(whole for _, whole in tally.MARKS))  # as an update leaves it
    page, program = said()
    assert "數字是對的" in page and program.startswith("being counted, about ")
    forget(*(by_place for by_place, _ in tally.MARKS))
    assert "數字會再增加" in said()[0]


def test_an_officer_sees_the_own_unit_whatever_the_address_says(busy):
    text = busy.browser("officer").get(f"/statistics?unit={busy.units['shezi']}").get_data(as_text=True)
    assert "「北門文化導覽志工隊」的統計" in text
    assert "社子島環境隊" not in text


def test_what_leaves_says_nothing_of_few_people(make_world):
    world = make_world(small_number=3)
    for at, number in enumerate(("A223456781", "A123456789", "F131104093", "A200000003")):
        world.application(
            receipt=f"HC-AAAA-{at}{at}{at}{at}", identity_number=number, unit="shezi" if at == 0 else "north_gate"
        )
    count(world)
    table = list(
        csv.reader(
            io.StringIO(world.browser("auditor").get("/statistics/units.csv").get_data(as_text=True).lstrip("\ufeff"))
        )
    )
    lines = {row[0]: row[1:] for row in table[1:]}
    assert lines["社子島環境隊"][0] == "—"
    assert lines["北門文化導覽志工隊"][0] == "—"  # else the sum would tell the other
    assert world.browser("auditor").get("/statistics/nothing.csv").status_code == 404


def test_the_report_is_a_pdf_in_either_language(busy):
    for said in ("zh", "en"):
        answer = busy.browser("auditor").get(f"/statistics/report-{said}.pdf?year=2026")
        assert answer.status_code == 200
        assert answer.data.startswith(b"%PDF")


@pytest.mark.parametrize("highest", [1, 3, 7, 99, 1_234, 87_654])
def test_a_scale_has_whole_steps_and_holds_the_highest(highest):
    top = plots._round_up(highest)
    assert highest <= top <= max(4, 2.6 * highest)
    assert top / 4 == int(top / 4) or top / 4 == 2.5
