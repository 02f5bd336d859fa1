"""Places where the card opens a gate: the administrator's list, the page for everybody, what tablets hear."""

from __future__ import annotations

import pytest

from center.store import feed, venues
from honorcard.venues import Venue
from sync import wire

PALACE = {
    "code": "V1", "name": "故宮", "city": "臺北市", "kind": "culture_education", "accepted_form": "paper", "note": "帶證件",
}  # fmt: skip


def add(world, **changes):
    return world.browser("admin").send("/venues/list", see="/venues/list", **{**PALACE, **changes})


def sent(world):
    """The lists that tablets heard of, newest last."""
    with world.store.read() as conn:
        found, _ = feed.page(conn, world.device_id, 0)
    return [wire.decode(wire.Venues, item.body).venues for item in found if item.kind == "venues"]


def test_a_new_place_is_on_the_page_for_everybody_and_on_its_way_to_every_tablet(world):
    assert add(world).status_code == 303
    page = world.browser().get("/venues").text
    assert "故宮" in page
    assert "請帶印好的卡去" in page
    (listed,) = sent(world)
    assert listed == (wire.Venue(**PALACE, own_note=PALACE["note"]),)


def test_the_page_shows_one_city_or_one_form(world):
    add(world)
    add(world, code="V2", name="武陵農場", city="臺中市", kind="scenic_area", accepted_form="unknown")
    shown = {
        asked: [name for name in ("故宮", "武陵農場") if f"<h2>{name}" in world.browser().get(f"/venues?{asked}").text]
        for asked in ("", "city=臺中市", "form=paper", "city=臺中市&form=paper", "city=x", "form=")
    }
    assert shown == {
        "": ["故宮", "武陵農場"], "city=臺中市": ["武陵農場"], "form=paper": ["故宮"], "city=臺中市&form=paper": [],
        "city=x": [], "form=": ["故宮", "武陵農場"],
    }  # fmt: skip
    assert "not stated" in world.browser().get("/venues?language=en").text


def test_a_change_replaces_the_list_on_the_tablets(world):
    add(world)
    browser = world.browser("admin")
    assert "帶證件" in browser.get("/venues/list/V1").text
    answer = browser.send("/venues/list/V1", see="/venues/list/V1", **{**PALACE, "accepted_form": "both"})
    assert answer.status_code == 303
    assert "紙本和電子榮譽卡都可以" in world.browser().get("/venues").text
    assert [one.accepted_form for one in sent(world)[-1]] == ["both"]


def test_a_place_taken_off_is_gone_and_its_code_stays_taken(world):
    add(world)
    browser = world.browser("admin")
    assert browser.send("/venues/list/V1/off", see="/venues/list/V1").status_code == 303
    assert "故宮" not in world.browser().get("/venues").text
    assert sent(world)[-1] == ()
    assert browser.get("/venues/list/V1").status_code == 404
    assert add(world).status_code == 409


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": ""}, 422), ({"city": " "}, 422), ({"name": "長" * 61}, 422), ({"kind": "spa"}, 422),
        ({"accepted_form": "gold"}, 422), ({"code": "a/b"}, 422), ({"code": ""}, 422), ({"code": "故"}, 422),
        ({"code": "x" * 33}, 422),
    ],
)  # fmt: skip
def test_what_a_place_lacks_is_said_with_what_was_typed_still_there(world, changes, status):
    answer = add(world, **changes)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert "帶證件" in answer.text
    assert sent(world) == []


def test_a_code_that_is_taken_is_said(world):
    add(world)
    answer = add(world, name="別的地方")
    assert answer.status_code == 409
    assert "V1" in answer.text
    assert len(sent(world)) == 1


def test_a_change_that_lacks_something_changes_nothing(world):
    add(world)
    answer = world.browser("admin").send("/venues/list/V1", see="/venues/list/V1", **{**PALACE, "name": ""})
    assert answer.status_code == 422
    assert "帶證件" in answer.text
    with world.store.read() as conn:
        assert venues.find(conn, "V1") == Venue("V1", "故宮", "臺北市", "culture_education", "paper", "帶證件")


@pytest.mark.parametrize("name", ["officer", "first", "second", "auditor", "venue"])
def test_only_the_administrator_keeps_the_list(world, name):
    add(world)
    browser = world.browser(name)
    assert browser.get("/venues/list").status_code == 403
    for path in ("/venues/list", "/venues/list/V1", "/venues/list/V1/off"):
        assert browser.send(path, see="/venues", **PALACE).status_code == 403


def test_nobody_has_to_sign_in_and_an_empty_list_says_so(world):
    answer = world.browser().get("/venues")
    assert answer.status_code == 200
    assert "還沒有場所" in answer.text
