"""Many second reviews with one press: only where everything is green, each still a decision of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from center import together, undo
from center.store import cards, cases, pending
from center.store.tables import account, application

PEOPLE = (("A123456789", "陳文雄"), ("B120863158", "王大明"), ("F131104093", "李小華"))


@pytest.fixture
def three(world: Any) -> list[str]:
    """Clean cases of three people that wait for their second review."""
    return [
        world.application(state="second_review", identity_number=number, name=name, receipt=f"HC-AAAA-AAA{place}")
        for place, (number, name) in enumerate(PEOPLE)
    ]


def ticks(page: str) -> dict[str, str]:
    return {value.partition(".")[0]: value for value in re.findall(r'name="case" value="([^"]+)"', page)}


def page_of(world: Any) -> str:
    return str(world.browser("second").get("/desk/together").get_data(as_text=True))


def test_clean_cases_are_listed_with_their_figures_and_approved_each_for_itself(world, three):
    page = page_of(world)
    assert set(ticks(page)) == set(three)
    for words in ("陳文雄", "300.0", "115.10.31", "陳初審"):
        assert words in page
    second = world.browser("second")
    chosen = [ticks(page)[three[0]], ticks(page)[three[2]]]
    assert second.send("/desk/together", see="/desk/together", case=chosen).status_code == 303
    assert [world.case(one).state for one in three] == ["issued", "second_review", "issued"]
    for one in (three[0], three[2]):
        event = world.case(one).history[-1]
        assert (event.move, event.actor) == ("issued", "王複審")
    assert "已核可 2 件" in second.get("/desk/together").get_data(as_text=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"flags": ["clock_doubt"]},
        {"rows": [{"start": "2023-11-01", "end": "2026-10-31", "minutes": 17970, "content": "展場"}]},
        {"hints": {("page", 2): ("page_glare",)}},
    ],
    ids=["flagged", "an hour short", "doubted photograph"],
)
def test_what_has_to_be_looked_at_is_neither_listed_nor_taken(world, changes):
    application_id = world.application(**changes)
    world.browser("first").decide(application_id, "approve", text="看過紀錄冊")
    assert world.case(application_id).state == "second_review"
    assert ticks(page_of(world)) == {}
    said = f"{application_id}.{world.case(application_id).rev}"
    answer = world.browser("second").send("/desk/together", see="/desk/together", case=[said])
    assert answer.status_code == 409
    assert "不能一起核可" in answer.get_data(as_text=True)
    assert world.case(application_id).state == "second_review"


def test_the_first_reviewer_cannot_be_the_second_here_either(world, three):
    with world.store.write() as conn:
        conn.execute(update(account).where(account.c.name == "first").values(role="second_reviewer"))
    first = world.browser("first")
    assert ticks(first.get("/desk/together").get_data(as_text=True)) == {}
    said = [f"{one}.{world.case(one).rev}" for one in three]
    assert first.send("/desk/together", see="/desk/together", case=said).status_code == 409
    assert {world.case(one).state for one in three} == {"second_review"}


def test_one_that_changed_meanwhile_is_named_and_the_others_are_approved(world, three):
    page = page_of(world)
    with world.store.write() as conn:
        case = cases.find(conn, three[1])
        cases.move(conn, case, state="withdrawn", now_ms=1)
    second = world.browser("second")
    answer = second.send("/desk/together", see="/desk/together", case=list(ticks(page).values()))
    assert answer.status_code == 409
    assert "王大明" in answer.get_data(as_text=True)
    assert [world.case(one).state for one in three] == ["issued", "withdrawn", "issued"]


def test_one_that_waits_for_a_choice_or_has_a_twin_is_not_clean(world, three):
    from center.store import accounts, twins

    with world.store.write() as conn:
        twins.link_all(conn, three[0], [three[1]], "alike", 1, [])
        me = accounts.find(conn, world.people["second"])
        assert me is not None
        found = {
            one: together.clean(conn, world.settings, cases.find(conn, one), me, world.now.date())  # type: ignore[arg-type]
            for one in three
        }
    assert [one for one, clean in found.items() if clean is not None] == [three[2]]


def test_nothing_ticked_is_said_and_nonsense_is_refused(world, three):
    second = world.browser("second")
    answer = second.send("/desk/together", see="/desk/together")
    assert answer.status_code == 422
    assert "還沒有選要核可的案件" in answer.get_data(as_text=True)
    for said in ("x", "x.1", f"{three[0]}", f"{three[0]}.99"):
        assert second.send("/desk/together", see="/desk/together", case=[said]).status_code == 409
    assert {world.case(one).state for one in three} == {"second_review"}


def test_a_press_takes_at_most_so_many(world, three, monkeypatch):
    monkeypatch.setattr(together, "MOST", 2)
    page = page_of(world)
    assert len(ticks(page)) == 2
    said = [f"{one}.{world.case(one).rev}" for one in three]
    assert world.browser("second").send("/desk/together", see="/desk/together", case=said).status_code == 303
    assert sum(world.case(one).state == "issued" for one in three) == 2


def test_all_of_one_press_are_taken_back_together(make_world: Callable[..., Any]):
    world = make_world(undo_s=10)
    ids = [
        world.application(state="second_review", identity_number=number, name=name, receipt=f"HC-AAAA-AAA{place}")
        for place, (number, name) in enumerate(PEOPLE)
    ]
    world.at(world.now + timedelta(minutes=1))
    undo.settle_due(world.store, world.settings, now=world.now)
    second = world.browser("second")
    page = second.get("/desk/together").get_data(as_text=True)
    assert second.send("/desk/together", see="/desk/together", case=list(ticks(page).values())).status_code == 303
    page = second.get("/desk/together").get_data(as_text=True)
    assert "已核可 3 件" in page
    assert ticks(page) == {}
    found = re.search(r'action="(/desk/undo/[0-9a-f-]{36})" data-undo', page)
    assert found
    assert second.send(found[1], see="/desk/together").status_code == 303
    world.at(world.now + timedelta(minutes=1))
    assert undo.settle_due(world.store, world.settings, now=world.now) == 0
    assert {world.case(one).state for one in ids} == {"second_review"}
    with world.store.read() as conn:
        assert pending.due(conn, 10**15) == []
        assert conn.execute(application.select()).all()
        assert [cards.of_application(conn, one) for one in ids] == [None, None, None]
