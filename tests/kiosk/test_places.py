"""Where the card is accepted, as the kiosk knows it: the list over the feed, with the line down, and on pages about the card."""

from __future__ import annotations

from pathlib import Path

import pytest

from center.store import venues as at_center
from center.store.cards import write_meta
from honorcard.venues import Venue
from kiosk.store import venues
from sync import wire
from tests.kiosk.scene import build
from tests.sync.loopback import Kiosk, running

PALACE = Venue("V1", "故宮", "臺北市", "culture_education", "both")
FARM = Venue("V2", "武陵農場", "臺中市", "scenic_area", "unknown", "山路")
HALF = Venue(
    "V4", "港口海洋館", "高雄市", "culture_education", "both", "假日除外", "旗津區", "門票半價", "Half-price admission"
)
MIST = Venue("V3", "雲霧風景區", "南投縣", "scenic_area", "paper")


def on_the_wire(*listed: Venue, **changes: str) -> list[wire.Venue]:
    return [
        wire.Venue(
            **{
                "code": one.code, "name": one.name, "city": one.city, "kind": one.kind,
                "accepted_form": one.accepted_form, "note": one.note, **changes,
            }
        )
        for one in listed
    ]  # fmt: skip


@pytest.fixture
def scene(tmp_path):
    return build(tmp_path)


def listed(scene, *places: Venue, **changes: str) -> None:
    with scene.store.write() as db:
        venues.replace_all(db, on_the_wire(*places, **changes))


def test_the_list_reaches_the_tablet_and_stays_when_the_line_is_down(tmp_path: Path):
    with running(tmp_path / "center") as center:
        kiosk = Kiosk(tmp_path / "kiosk")
        kiosk.enrol(center)
        with center.store.write() as conn:
            at_center.add(conn, [PALACE, FARM], 1)
            at_center.take_off(conn, "V1", 2)
            at_center.add(conn, [MIST, HALF], 3)
            assert not at_center.tell_anew(conn, 4)
        kiosk.step()
    with kiosk.store.read() as db:
        assert venues.everywhere(db) == [MIST, FARM, HALF]
    client = kiosk.app.test_client()
    client.environ_base["HTTP_HOST"] = "localhost"
    page = client.get("/places").text
    assert "雲霧風景區" in page
    assert "請帶印好的卡去" in page
    assert "門票半價" in page and "旗津區" in page
    assert "雲霧風景區" not in client.get("/places?district=旗津區").text
    client.set_cookie("language", "en")
    assert "Half-price" in client.get("/places?district=旗津區").text


def test_a_center_that_says_less_of_a_place_is_understood_and_a_newer_one_says_it_anew(scene, tmp_path: Path):
    listed(scene, HALF, note="門票半價 假日除外")  # as versions before said it
    with scene.store.read() as db:
        (there,) = venues.everywhere(db)
    assert (there.note, there.benefit_zh) == ("門票半價 假日除外", "")
    with running(tmp_path / "center") as center, center.store.write() as conn:
        assert not at_center.tell_anew(conn, 1)  # nothing to tell
        at_center.add(conn, [HALF], 2)
        write_meta(conn, "venues_told", "1")
        assert at_center.tell_anew(conn, 3)
        assert not at_center.tell_anew(conn, 4)


def test_a_place_of_a_newer_center_does_no_harm(scene):
    listed(scene, PALACE, accepted_form="wallet")
    with scene.store.read() as db:
        assert [one.accepted_form for one in venues.everywhere(db)] == ["unknown"]
    listed(scene, PALACE, kind="space_station")
    with scene.store.read() as db:
        assert venues.everywhere(db) == []


def test_anybody_reads_the_list_by_city_and_by_form(scene):
    listed(scene, PALACE, FARM, MIST)
    client = scene.client(unlocked=False)
    shown = {
        asked: [one.name for one in (PALACE, FARM, MIST) if f"<h2>{one.name}" in client.get(f"/places?{asked}").text]
        for asked in ("", "city=臺中市", "form=paper", "city=臺中市&form=both")
    }
    assert shown == {
        "": ["故宮", "武陵農場", "雲霧風景區"], "city=臺中市": ["武陵農場"], "form=paper": ["雲霧風景區"],
        "city=臺中市&form=both": [],
    }  # fmt: skip
    assert "山路" in client.get("/places").text


def test_without_a_list_the_page_says_when_it_comes(scene):
    assert "名單還沒有送到這台機器" in scene.client(unlocked=False).get("/places").text


def test_where_a_card_is_printed_it_is_said_which_places_want_paper(scene):
    application = scene.submit("林○琴", photos=1)
    scene.issue(application)
    client = scene.client()
    for page in (f"/print/{application}", f"/slip/{application}"):
        assert "請帶紙本卡" not in client.get(page).text
    listed(scene, PALACE, FARM, MIST)
    for page in (f"/print/{application}", f"/slip/{application}"):
        text = client.get(page).text
        assert text.index("雲霧風景區") < text.index("武陵農場")
        assert "故宮" not in text
