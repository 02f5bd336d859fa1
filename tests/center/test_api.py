"""The API for other systems: what each operation tells, to whom, and what it writes down."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from center import digital_address
from center.api.declared import OPERATIONS
from center.store import api_keys, cards
from tests.center.asking import passed_on
from tests.center.calling import system
from tests.center.conftest import World


def qr_of(world: World, number: str) -> str:
    with world.store.read() as conn:
        card = cards.find(conn, number)
    assert card is not None
    return digital_address.qr_text(world.settings, card)


def uses(world: World) -> list[tuple[str, int, str]]:
    with world.store.read() as conn:
        return [(one.operation, one.status, one.purpose) for one in api_keys.uses(conn)]


def test_a_card_is_told_by_number_without_its_holder(world: World) -> None:
    number = world.issued()
    answer = system(world, "cards.status").get(f"/cards/{number}")
    assert answer.status_code == 200
    assert answer.get_json() == {"number": number, "status": "valid", "valid_until": "2029-11-21", "edition": 1}
    assert answer.headers["Cache-Control"] == "no-store"
    assert uses(world) == [("card_state", 200, "")]


@pytest.mark.parametrize(("what", "said"), [("suspend", "suspended"), ("revoke", "revoked")])
def test_a_card_that_was_ended_says_so(world: World, what: str, said: str) -> None:
    number = world.issued()
    asking = system(world, "cards.status")
    form = {"text": "遺失"}
    world.browser("second").send(f"/cards/{number}/{what}", see=f"/cards/{number}", **form)
    assert asking.get(f"/cards/{number}").get_json()["status"] == said
    assert asking.post("/card-checks", {"qr": qr_of(world, number)}).get_json()["status"] == said


def test_a_card_is_valid_on_its_last_day_and_expired_on_the_next(world: World) -> None:
    number = world.issued()
    asking = system(world, "cards.status", days=3000)
    for day, said in ((date(2029, 11, 21), "valid"), (date(2029, 11, 22), "expired")):
        world.at(world.now + (day - world.now.date()))
        assert asking.get(f"/cards/{number}").get_json()["status"] == said
        assert asking.post("/card-checks", {"qr": qr_of(world, number)}).get_json()["status"] == said


def test_a_code_is_worth_what_the_card_is_and_an_altered_one_nothing(world: World) -> None:
    number = world.issued()
    asking = system(world, "cards.status")
    text = qr_of(world, number)
    assert asking.post("/card-checks", {"qr": text}).get_json() == {
        "status": "valid", "number": number, "valid_until": "2029-11-21",
    }  # fmt: skip
    last = text[:-1] + ("1" if text[-1] != "1" else "2")
    for other, said in (
        (last, "altered"),
        ("https://example.org/", "not_a_card"),
        ("HTTPS://OTHER.CITY/" + text[18:], "foreign"),
    ):
        assert asking.post("/card-checks", {"qr": other}).get_json() == {
            "status": said, "number": None, "valid_until": None,
        }  # fmt: skip


def test_changes_come_in_order_each_once_and_go_on_from_a_place(world: World) -> None:
    asking = system(world, "cards.changes")
    assert asking.get("/card-changes").get_json()["items"] == []
    numbers = [world.issued(), world.issued(identity_number="A123456789", name="陳文雄", receipt="HC-CCCC-DDDD")]
    first = asking.get("/card-changes?limit=1").get_json()
    second = asking.get(f"/card-changes?limit=1&cursor={first['next']}").get_json()
    assert [one["card"]["number"] for page in (first, second) for one in page["items"]] == numbers
    assert (first["more"], second["more"]) == (True, False)
    world.browser("second").send(f"/cards/{numbers[0]}/suspend", see=f"/cards/{numbers[0]}", text="遺失")
    third = asking.get(f"/card-changes?cursor={second['next']}").get_json()
    assert [(one["what"], one["card"]["number"], one["card"]["status"]) for one in third["items"]] == [
        ("suspended", numbers[0], "suspended")
    ]
    assert asking.get(f"/card-changes?cursor={third['next']}").get_json() == {
        "items": [], "next": third["next"], "more": False,
    }  # fmt: skip


def test_a_place_of_an_earlier_life_of_the_database_is_gone(world: World) -> None:
    answer = system(world, "cards.changes").get("/card-changes?cursor=00000000.5")
    assert (answer.status_code, answer.get_json()["type"]) == (410, "urn:honorcard:problem:api_cursor")


def test_a_record_is_told_by_number_with_a_purpose_and_the_purpose_is_kept(world: World) -> None:
    number = world.issued()
    asking = system(world, "records")
    answer = asking.post("/service-records", {"identity_number": "A223456781", "purpose": "care_station"})
    told = answer.get_json()
    assert answer.status_code == 200
    assert told["half_hours"] == 600
    assert sum(year["half_hours"] for year in told["years"]) == 600
    assert told["card"]["number"] == number
    assert "林秀琴" not in answer.get_data(as_text=True)
    assert "A223456781" not in answer.get_data(as_text=True)
    with world.store.read() as conn:
        (use,) = api_keys.uses(conn)
    assert (use.purpose, len(use.about), use.name) == ("care_station", 36, "臺北卡")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"identity_number": "A223456781"}, 422),
        ({"identity_number": "A223456781", "purpose": "curiosity"}, 422),
        ({"identity_number": "A223456782", "purpose": "award"}, 422),
        ({"identity_number": "A123456789", "purpose": "award"}, 404),
        ({"identity_number": "A223456781", "purpose": "award", "name": "陳文雄"}, 404),
        ({"identity_number": "A223456781", "purpose": "award", "name": "林秀琴"}, 200),
        ({"identity_number": "A223456781", "purpose": "award", "more": 1}, 422),
    ],
)  # fmt: skip
def test_a_record_is_told_to_nobody_who_asks_wrongly(world: World, body: dict[str, str], status: int) -> None:
    world.application()
    assert system(world, "records").post("/service-records", body).status_code == status


def test_how_far_an_application_is_stands_under_its_receipt(world: World) -> None:
    asking = system(world, "applications")
    world.application(state="second_review")
    (told,) = asking.get("/applications/HC-7K3M-22QF").get_json()["items"]
    assert (told["state"], told["kind"], told["unit"], told["card_number"]) == ("second_review", "first", "U001", None)
    assert asking.get("/applications/HC-7K3M-22QG").status_code == 422  # its check character is wrong
    assert asking.get("/applications/HC-2222-3333").status_code in (404, 422)


def test_a_corrected_card_keeps_its_number_and_says_its_edition(world: World) -> None:
    number = world.issued()
    world.at(world.now + timedelta(hours=1))
    case = passed_on(world, "name", papers=("headshot", "cover", "form", "document"), name="林秀芬")
    world.browser("second").decide(case, "approve")
    told = system(world).get(f"/cards/{number}").get_json()
    assert (told["status"], told["edition"]) == ("valid", 2)


def test_a_key_of_one_unit_knows_nothing_of_another(world: World) -> None:
    number = world.issued()
    own = system(world, units=[world.units["north_gate"]])
    other = system(world, units=[world.units["shezi"]], name="其他")
    record = {"identity_number": "A223456781", "purpose": "award"}
    for asking, status in ((own, 200), (other, 404)):
        assert asking.get(f"/cards/{number}").status_code == status
        assert asking.post("/service-records", record).status_code == status
        assert asking.get("/applications/HC-7K3M-22QF").status_code == status
    assert other.get("/card-changes").get_json()["items"] == []
    assert len(own.get("/card-changes").get_json()["items"]) == 1
    assert other.post("/card-checks", {"qr": qr_of(world, number)}).get_json()["status"] == "unknown"
    assert [one["code"] for one in other.get("/units").get_json()["items"]] == ["U002"]


def test_every_operation_wants_its_scope(world: World) -> None:
    for one in OPERATIONS:
        if one.scope is None:
            continue
        asking = system(world, *({one.scope for one in OPERATIONS if one.scope} - {one.scope}))
        path = one.path.replace("{number}", "11500001").replace("{receipt}", "HC-7K3M-22QF")
        answer = asking.ask(one.method, path, json={} if one.body else None)
        assert (answer.status_code, answer.get_json()["type"]) == (403, "urn:honorcard:problem:api_scope"), one.name


def test_venues_are_for_anybody(world: World) -> None:
    place = {
        "code": "V1",
        "name": "故宮",
        "city": "臺北市",
        "kind": "culture_education",
        "accepted_form": "paper",
        "note": "",
    }
    world.browser("admin").send("/venues/list", see="/venues/list", **place)
    answer = world.app.test_client().get("/api/v1/venues")
    assert answer.get_json() == {"items": [place]}
    assert answer.headers["Cache-Control"].startswith("public")


def test_an_answer_that_has_not_changed_is_not_sent_again(world: World) -> None:
    number = world.issued()
    asking = system(world)
    etag = asking.get(f"/cards/{number}").headers["ETag"]
    again = asking.get(f"/cards/{number}", headers={"If-None-Match": etag})
    assert (again.status_code, again.get_data()) == (304, b"")
    world.browser("second").send(f"/cards/{number}/suspend", see=f"/cards/{number}", text="遺失")
    assert asking.get(f"/cards/{number}", headers={"If-None-Match": etag}).status_code == 200
