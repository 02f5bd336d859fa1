"""The list of what waits: figures, filters with their counts, oldest first, one row after the other however many there are."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from center import taking
from center.store import queue
from center.store.queue import Within
from center.store.tables import unit
from tests.center.coming_back import amend

DAY = timedelta(days=1)


@pytest.fixture
def several(world: Any) -> dict[str, str]:
    """Cases of two units and three kinds, the oldest eight days old; two ask to be looked at."""
    now = world.now
    made = {}
    for name, days, changes in (
        ("old", 8, {"name": "王老大"}),
        ("flagged", 4, {"name": "李有旗", "flags": ["clock_doubt"]}),
        ("renewal", 2, {
            "name": "張換發", "kind": "renewal", "unit": "shezi",
            "previous": {"valid_until": "2026-11-30", "source": "typed", "seq": None, "number": "11200001"},
        }),
        ("double", 0, {"name": "陳兩旗", "unit": "shezi", "flags": ["clock_doubt", "verdict_differs"]}),
    ):  # fmt: skip
        world.at(now - days * DAY)
        made[name] = world.application(receipt=f"HC-{name[:4].upper():A<4}-AAAA", **changes)
    world.at(now)
    with world.store.write() as conn:
        conn.execute(update(unit).where(unit.c.unit_id == world.units["shezi"]).values(district="士林區"))
    return made


def listed(world: Any, within: Within, **more: Any) -> list[str]:
    with world.store.read() as conn:
        rows = queue.queue(conn, "first_review", int(world.now.timestamp() * 1000), within=within, **more)
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("within", "names"),
    [
        (Within(), ["王老大", "李有旗", "張換發", "陳兩旗"]),
        (Within(unit="shezi"), ["張換發", "陳兩旗"]),
        (Within(district="士林區"), ["張換發", "陳兩旗"]),
        (Within(kind="renewal"), ["張換發"]),
        (Within(age=1), ["王老大", "李有旗", "張換發"]),
        (Within(age=3), ["王老大", "李有旗"]),
        (Within(age=7), ["王老大"]),
        (Within(flag="any"), ["李有旗", "陳兩旗"]),
        (Within(flag="none"), ["王老大", "張換發"]),
        (Within(flag="verdict_differs"), ["陳兩旗"]),
        (Within(unit="north_gate", flag="clock_doubt", age=3), ["李有旗"]),
        (Within(unit="north_gate", kind="renewal"), []),
    ],
)
def test_a_filter_lets_through_what_fits_and_its_count_is_that_many(world, several, within, names):
    from dataclasses import replace

    within = replace(within, unit=world.units.get(within.unit, ""))
    assert listed(world, within) == names
    with world.store.read() as conn:
        assert queue.waiting(conn, "first_review", int(world.now.timestamp() * 1000), within) == len(names)


def test_each_choice_says_how_many_it_would_leave(world, several):
    now_ms = int(world.now.timestamp() * 1000)
    chosen = Within(flag="clock_doubt")
    with world.store.read() as conn:
        facets = queue.facets(conn, "first_review", now_ms, chosen)
        for name, choices in facets.items():
            for facet in choices:
                value = int(facet.value) if name == "age" else facet.value
                would = Within(**{"flag": chosen.flag, name: value})
                assert facet.count == queue.waiting(conn, "first_review", now_ms, would), (name, facet)
    assert {facet.value: facet.count for facet in facets["flag"]} == {
        "any": 2, "none": 2, "clock_doubt": 2, "verdict_differs": 1,
    }  # fmt: skip
    assert {facet.words: facet.count for facet in facets["unit"]} == {"北門文化導覽志工隊": 1, "社子島環境隊": 1}
    assert [facet.value for facet in facets["district"]] == ["士林區"]


def test_the_page_shows_the_figures_and_remembers_the_filter_from_case_to_case(world, several):
    first = world.browser("first")
    page = first.get("/desk/queue").get_data(as_text=True)
    figures = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert figures == {
        "等待初審": "4", "等待複審": "0", "我正在審": "0", "退回補正中": "0", "有要看的地方": "2", "最早的等了": "8 天",
    }  # fmt: skip
    assert page.index("王老大") < page.index("李有旗") < page.index("張換發") < page.index("陳兩旗")
    address = f"unit={world.units['shezi']}"
    page = first.get(f"/desk/queue?{address}").get_data(as_text=True)
    assert "王老大" not in page
    assert f'href="/desk/first?{address}" data-decide="start"' in page
    page = first.get(f"/desk/first?{address}").get_data(as_text=True)
    assert "張換發　" in page
    assert f'name="within" value="{address}"' in page
    rev = world.case(several["renewal"]).rev
    answer = first.send(
        f"/desk/case/{several['renewal']}/return", see="/decide", rev=rev, reason="page_glare", within=address
    )
    assert answer.headers["Location"] == f"/desk/first?{address}"
    page = first.get(answer.headers["Location"]).get_data(as_text=True)
    assert "陳兩旗　" in page
    first.send(
        f"/desk/case/{several['double']}/return", see="/decide", rev=world.case(several["double"]).rev,
        reason="page_glare", within=address,
    )  # fmt: skip
    page = first.get(answer.headers["Location"]).get_data(as_text=True)
    assert "篩選的審完了" in page
    assert "其他還有 2 件在等" in page


def test_the_list_goes_on_below_the_last_row_without_losing_or_doubling_any(world, several):
    now_ms = int(world.now.timestamp() * 1000)
    seen: list[str] = []
    after = None
    with world.store.read() as conn:
        while rows := queue.queue(conn, "first_review", now_ms, after=after, limit=1):
            seen += [row.name for row in rows]
            after = (rows[-1].received_ms, rows[-1].application_id)
    assert seen == ["王老大", "李有旗", "張換發", "陳兩旗"]


def test_the_order_and_the_filters_are_read_from_one_index(world, several):
    if not world.store.is_sqlite:
        return
    from sqlalchemy.dialects import sqlite

    query = queue._waiting_ids("first_review", 0, Within(unit="x", kind="first", flag="any"))
    sql = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    with world.store.read() as conn:
        plan = " ".join(str(row) for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql} ORDER BY received_ms"))
    assert "COVERING INDEX ix_application_desk" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    "said",
    [
        "unit=%27&age=9&kind=nothing&flag=%22",
        "after=x",
        "after=99999999999999999999.y",
        "age=-1",
        "flag=%25",
        "district=%00",
    ],
)
def test_an_address_that_says_nonsense_shows_a_page(world, several, said):
    assert world.browser("first").get(f"/desk/queue?{said}").status_code == 200
    assert world.browser("first").get(f"/desk/first?{said}").status_code == 200


def test_a_case_somebody_works_on_is_marked_with_the_name(world, several):
    world.browser("first").get(f"/desk/case/{several['old']}")
    page = world.browser("first").get("/desk/queue").get_data(as_text=True)
    assert "<td>我</td>" in page
    with world.store.read() as conn:
        row = queue.queue(conn, "first_review", int(world.now.timestamp() * 1000), limit=1)[0]
    assert (row.holder, row.since_ms) == ("陳初審", int(world.now.timestamp() * 1000))


# --- what changed since the last round ---


def test_what_came_back_is_shown_against_what_was_sent_back(world):
    application_id = world.application()
    first = world.browser("first")
    assert "和退回前不同" not in first.get(f"/desk/case/{application_id}").get_data(as_text=True)
    first.decide(application_id, "return", reason="hours_differ")
    rows = list(world.case(application_id).body.rows)
    rows[1] = msgspec.structs.replace(rows[1], minutes=6600, content="特展導覽")
    amend(world, application_id, rows=tuple(rows), email="lin@example.tw")
    with world.store.write() as conn:
        assert taking.move_on(conn, application_id, int(world.now.timestamp() * 1000))
    page = first.get(f"/desk/case/{application_id}").get_data(as_text=True)
    panel = page[page.index("和退回前不同") :]
    panel = panel[: panel.index("</section>")]
    assert "lin@example.tw" in panel
    assert "110" in panel and "特展導覽" in panel
    assert panel.count("展場導覽</del>") == 1  # the rows that are the same are not said again
    assert page.count('<span class="new-word">新</span>') == 1  # the row in the book
