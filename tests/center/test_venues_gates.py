"""A place's benefit and district, its tablets, its people's page: what the public, the gate and the staff see."""

from __future__ import annotations

import re

import pytest

from center.devices import hash_code, read_code
from center.store import devices, venues

PALACE = {
    "code": "V1", "name": "故宮", "city": "臺北市", "kind": "culture_education", "accepted_form": "paper", "note": "帶證件",
    "district": "士林區", "benefit_zh": "門票全免，特展另計", "benefit_en": "Free entry, special exhibitions excluded",
}  # fmt: skip
FARM = {
    "code": "V2",
    "name": "武陵農場",
    "city": "臺中市",
    "kind": "scenic_area",
    "accepted_form": "unknown",
    "note": "",
}


@pytest.fixture
def admin(world):
    found = world.browser("admin")
    for place in (PALACE, FARM):
        assert found.send("/venues/list", see="/venues/list", **place).status_code == 303
    return found


def enrol(world, code, at_ms=None):
    """A tablet that was let in with that code, as center.enrolment does."""
    with world.store.write() as conn:
        taken = devices.take_code(conn, hash_code(read_code(code)), "d" * 36, int(world.now.timestamp() * 1000))
        assert taken is not None
        devices.add(
            conn, device_id="d" * 36, unit_id=taken.unit_id, name=taken.site, profile=taken.profile, sign_key="-",
            seal_key=b"", at_ms=1, venue_code=taken.venue_code,
        )  # fmt: skip
        if at_ms is not None:
            devices.note_seen(conn, "d" * 36, at_ms)
    return taken


def names(text):
    return [name for name in ("故宮", "武陵農場") if f"<h2>{name}" in text]


def test_benefit_and_district_stand_on_the_public_page_in_both_languages(world, admin):
    page = re.sub(r"</?span[^>]*>", "", world.browser().get("/venues").text)  # clauses are kept together
    assert "門票全免，特展另計" in page
    assert "臺北市 士林區" in page
    assert "免費入場，限本人。" in page  # where nothing else was said
    assert "special exhibitions excluded" in world.browser().get("/venues?language=en").text


def test_the_public_page_is_filtered_by_district_kind_and_form_together(world, admin):
    shown = {
        asked: names(world.browser().get(f"/venues?{asked}").text)
        for asked in (
            "district=士林區", "kind=scenic_area", "kind=scenic_area&form=paper", "kind=culture_education&form=paper",
            "city=臺中市&district=士林區", "district=x", "kind=x",
        )
    }  # fmt: skip
    assert shown == {
        "district=士林區": ["故宮"], "kind=scenic_area": ["武陵農場"], "kind=scenic_area&form=paper": [],
        "kind=culture_education&form=paper": ["故宮"],
        "city=臺中市&district=士林區": ["武陵農場"],  # the district of the city that was chosen before
        "district=x": [], "kind=x": [],
    }  # fmt: skip


def test_the_browsers_verifier_learns_what_the_card_gives_there(world, admin):
    by_code = {one["code"]: one for one in world.browser().get("/gate/venues.json").json}
    assert by_code["V1"]["benefit_zh"] == "門票全免，特展另計"
    assert by_code["V1"]["benefit_en"].startswith("Free entry")
    assert by_code["V1"]["district"] == "士林區"
    assert by_code["V2"]["benefit_zh"] == ""  # the page says the usual itself


def test_a_code_from_a_places_page_lets_in_a_verifier_for_that_gate(world, admin):
    answer = admin.send("/venues/list/V1/tablet", see="/venues/list/V1", site="正門")
    assert answer.status_code == 200
    code = re.search(r"登錄碼 ([0-9A-Z]{4}-[0-9A-Z]{4})", answer.text)
    assert code is not None
    assert code[1] not in admin.get("/venues/list/V1").text  # shown once
    taken = enrol(world, code[1])
    assert (taken.profile, taken.venue_code, taken.site) == ("verifier", "V1", "故宮 正門")
    assert "故宮 正門" in admin.get("/venues/list/V1").text
    assert "故宮 正門" not in admin.get("/venues/list/V2").text
    assert admin.send("/venues/list/nowhere/tablet", see="/venues/list").status_code == 404


@pytest.mark.parametrize(("days", "words"), [(0, "最多 0 分鐘前的"), (6, "最多 6 天前的"), (8, "舊了"), (None, "舊了")])
def test_how_old_the_list_at_a_gate_can_be_is_said(world, admin, days, words):
    code = re.search(r"登錄碼 (\S{9})", admin.send("/venues/list/V1/tablet", see="/venues/list/V1").text)
    assert code is not None
    now_ms = int(world.now.timestamp() * 1000)
    enrol(world, code[1], None if days is None else now_ms - days * 86_400_000)
    assert words in admin.get("/venues/list/V1").text
    listed = admin.get("/venues/list").text
    assert ("1 台，名單舊了" in listed) == (words == "舊了")


def test_venue_staff_see_the_own_place_and_no_other(world, admin):
    staff = world.browser("venue")
    assert "還沒有場所" in staff.get("/venues/mine").text
    answer = admin.send("/venues/list/V1/account", see="/venues/list/V1", account=world.people["venue"])
    assert answer.status_code == 303
    page = staff.get("/venues/mine").text
    assert "故宮" in page and "門票全免" in page and "武陵農場" not in page
    assert 'href="/gate/#V1"' in page
    assert staff.get("/venues/list/V1").status_code == 403
    with world.store.read() as conn:
        assert venues.of_account(conn, world.people["venue"]).code == "V1"
    admin.send("/venues/list/V1/account", see="/venues/list/V1", account=world.people["venue"], leaves="1")
    assert "還沒有場所" in staff.get("/venues/mine").text


def test_only_an_account_of_venue_staff_is_given_to_a_place(world, admin):
    for account in (world.people["officer"], "nobody", ""):
        answer = admin.send("/venues/list/V1/account", see="/venues/list/V1", account=account)
        assert answer.status_code == 404
    with world.store.read() as conn:
        assert venues.of_account(conn, world.people["officer"]) is None
