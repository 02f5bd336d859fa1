"""Statistics: counted once from what happened, the same on a page, in a table and on paper; an officer sees the own unit; small
numbers do not leave."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from center.statistics import figures
from center.statistics.figures import Chosen
from center.store import tally, tally_counting
from honorcard.yearly_report import Figure
from tests.center.conftest import World


def count(world: World, limit: int = tally_counting.AT_ONCE) -> None:
    while True:
        with world.store.write() as conn:
            if not tally_counting.count_more(conn, limit):
                return


def figure(world: World, code: str, **chosen: object) -> Figure:
    with world.store.read() as conn, world.app.test_request_context("/"):
        shown = figures.every(conn, Chosen(2026, **chosen), world.now.date())  # type: ignore[arg-type]
    return next(one for one in shown if one.code == code)


def line(world: World, code: str, label: str, **chosen: object) -> list[object]:
    found = figure(world, code, **chosen)
    at = found.labels.index(label)
    return [one.values[at] for one in found.series]


def filled(world: World) -> World:
    """A card, a case that went back from one unit, another unit's that waits."""
    world.issued()
    back = world.application(receipt="HC-CCCC-DDDD", identity_number="A123456789", name="陳文雄")
    world.clock[0] += timedelta(hours=30)
    answer = world.browser("first").decide(back, "return", reason=["page_glare", "hours_differ"])
    assert answer.status_code == 303
    world.application(receipt="HC-EEEE-FFFF", identity_number="F131104093", name="王小明", unit="shezi")
    count(world)
    return world


@pytest.fixture
def busy(world: World) -> World:
    """A city in which something happened."""
    return filled(world)


def test_every_event_counts_once_however_often_and_in_whatever_steps_it_is_counted(busy):
    before = figure(busy, "months")
    count(busy)
    count(busy, limit=1)
    assert figure(busy, "months") == before
    assert line(busy, "months", "11 月") == [3, 1, 1, 0]


def test_counting_one_by_one_comes_to_the_same(world, busy):
    from sqlalchemy import delete, select

    from center.store.tables import meta
    from center.store.tables import tally as table

    with world.store.write() as conn:
        whole = sorted(map(tuple, conn.execute(select(table)).all()))
        conn.execute(delete(table))
        conn.execute(delete(meta).where(meta.c.k.in_(("tally_history", "tally_cards"))))
    count(world, limit=1)
    with world.store.read() as conn:
        assert sorted(map(tuple, conn.execute(select(table)).all())) == whole


def test_reasons_are_counted_by_unit_and_by_tablet(busy):
    assert sum(figure(busy, "reasons").series[0].values) == 2  # type: ignore[arg-type]
    assert line(busy, "units", "北門文化導覽志工隊")[:3] == [2, 1, "50 %"]
    assert line(busy, "units", "社子島環境隊")[:3] == [1, 0, "0 %"]
    assert line(busy, "kiosks", "花博 2 號機")[0] == 3


def test_a_unit_or_a_district_has_its_own_figures(busy):
    busy.browser("admin").send("/units", name="大安隊", code="U009", district="大安區", see="/units")
    assert line(busy, "months", "11 月", unit_id=busy.units["shezi"])[0] == 1
    assert line(busy, "months", "11 月", district="大安區")[0] == 0


def test_how_long_a_step_took_is_told_within_five_per_cent(busy):
    median, words = line(busy, "turnaround", "等待並完成初審")[:2]
    assert words
    with busy.store.read() as conn:
        took = figures._durations(tally.by_detail(conn, Chosen(2026).of, "took"))
    assert figures._quantile(took["first"], 0.9) == pytest.approx(30 * 60, rel=0.05)
    assert median is not None


def test_a_card_runs_out_in_its_month_and_no_more_once_it_is_revoked(world):
    number = world.issued()
    count(world)
    with world.store.read() as conn:
        cards = tally.by_detail(conn, tally.Of((0, 40_000)), "card")
    assert cards == {"1958": 1}
    assert line(world, "ages", "65–69 歲") == [1]
    answer = world.browser("second").send(
        f"/cards/{number}/revoke", see=f"/cards/{number}", ground="misused", text="借給別人"
    )
    assert answer.status_code == 303
    count(world)
    assert line(world, "ages", "65–69 歲") == [0]


def test_the_hours_of_an_issued_card_stand_under_the_year_they_were_served_in(world):
    world.issued()
    count(world)
    assert line(world, "hours", "115 年") == [100, 0]
    assert line(world, "hours", "114 年") == [100, 0]
    assert line(world, "unit_hours", "北門文化導覽志工隊") == [100, 0]


def everything(world: World) -> list[Figure]:
    with world.store.read() as conn, world.app.test_request_context("/"):
        return figures.every(conn, Chosen(2026), world.now.date())


def whole_city(world: World) -> list[tuple[object, ...]]:
    from sqlalchemy import select

    from center.store.tables import tally_whole

    with world.store.read() as conn:
        return sorted(map(tuple, conn.execute(select(tally_whole)).all()))


def test_a_year_of_the_whole_city_is_the_same_from_its_own_sums_and_from_those_by_unit(busy):
    from sqlalchemy import update

    from center.store.tables import meta

    by_whole = everything(busy)
    with busy.store.write() as conn:  # as long as they are behind nobody is answered from them
        conn.execute(update(meta).where(meta.c.k == "tally_whole_cards").values(v="0"))
    assert everything(busy) == by_whole


def test_the_step_to_a_new_version_counts_to_the_end_and_a_second_time_nothing(busy, capsys):
    from argparse import ArgumentParser

    from sqlalchemy import delete

    from center.settings import save
    from center.store.tables import meta, tally_whole
    from commands import drill

    before = whole_city(busy)
    with busy.store.write() as conn:
        conn.execute(delete(tally_whole))
        conn.execute(delete(meta).where(meta.c.k.in_([whole for _, whole in tally.MARKS])))
    save(busy.settings)
    parser = ArgumentParser()
    drill.add(parser.add_subparsers())
    asked = parser.parse_args(["migrate", "--dir", str(busy.settings.data_dir)])
    assert asked.run(asked) == 0
    assert json.loads(capsys.readouterr().out)["counted"] > 5
    assert whole_city(busy) == before
    assert asked.run(asked) == 0
    assert json.loads(capsys.readouterr().out)["counted"] == 0


def test_what_an_older_program_counted_beside_this_one_comes_to_the_same(busy):
    from sqlalchemy import delete

    from center.store.tables import meta, tally_whole

    before = whole_city(busy)
    assert before
    with busy.store.write() as conn:  # all of it was counted by a program that knows only the sums by unit
        conn.execute(delete(tally_whole))
        conn.execute(delete(meta).where(meta.c.k.in_(("tally_whole_history", "tally_whole_cards"))))
        assert tally_counting.is_behind(conn)
    busy.application(receipt="HC-GGGG-HHHH", identity_number="F222222222", name="李小美")
    count(busy, limit=3)
    with busy.store.read() as conn:
        assert not tally_counting.is_behind(conn)
    assert [row for row in whole_city(busy) if row[0] not in ("submitted", "completed")] == [
        row for row in before if row[0] not in ("submitted", "completed")
    ]
    assert line(busy, "months", "11 月")[0] == 4
