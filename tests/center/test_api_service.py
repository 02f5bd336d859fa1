"""Service rows that another system brings: each once, whatever is sent again; wrong ones refused by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from center.store import members, service, volunteers
from center.store.tables import service_row
from tests.center.calling import System, system
from tests.center.conftest import World

ROW = {
    "identity_number": "A223456781", "name": "林秀琴", "unit": "U001", "start": "2026-10-01", "end": "2026-10-31", "half_hours": 24,
    "item": "關懷訪視", "content": "送餐",
}  # fmt: skip


def bring(asking: System, rows: list[dict[str, Any]], again: str = "request-1") -> Any:
    return asking.post("/service-rows", {"rows": rows}, headers={"Idempotency-Key": again})


def count(world: World) -> tuple[int, int]:
    """Rows that stand, and their half hours by the kept sums."""
    with world.store.read() as conn:
        rows = conn.execute(select(func.count()).select_from(service_row).where(service_row.c.void_ms.is_(None)))
        return rows.scalar_one(), sum(one.half_hours for one in service.sums(conn))


def test_rows_are_added_once_however_often_they_are_sent(world: World) -> None:
    asking = system(world, "service.write")
    other = {**ROW, "start": "2026-09-01", "end": "2026-09-30"}
    first = bring(asking, [ROW, other])
    assert (first.status_code, first.get_json()["added"]) == (200, 2)
    assert bring(asking, [ROW, other]).get_json() == first.get_json()
    again = bring(asking, [ROW, other], "request-2").get_json()
    assert [one["status"] for one in again["results"]] == ["already", "already"]
    assert bring(asking, [ROW, ROW, {**ROW, "content": "陪同就醫"}], "request-3").get_json()["added"] == 1
    assert count(world) == (3, 72)


def test_one_request_name_for_another_body_changes_nothing(world: World) -> None:
    asking = system(world)
    bring(asking, [ROW])
    answer = bring(asking, [{**ROW, "half_hours": 30}])
    assert (answer.status_code, answer.get_json()["type"]) == (422, "urn:honorcard:problem:api_again_differs")
    assert count(world) == (1, 24)
    assert (
        bring(system(world, name="其他"), [{**ROW, "half_hours": 30}]).get_json()["added"] == 1
    )  # another key's own names


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"identity_number": "A223456782"}, "api_row_number"), ({"name": "陳文雄"}, "api_row_name"),
        ({"name": " "}, "api_row_name"),
        ({"unit": "U999"}, "api_row_unit"), ({"start": "2026-11-01"}, "api_row_days"), ({"end": "2026-11-22"}, "api_row_days"),
        ({"half_hours": 31 * 48 + 1}, "api_row_days"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_by_itself(world: World, change: dict[str, Any], wanted: str) -> None:
    world.application()
    told = bring(system(world), [{**ROW, **change}, {**ROW, "content": "好的"}]).get_json()
    assert [one["status"] for one in told["results"]] == ["refused", "added"]
    assert told["results"][0]["problem"]["type"].endswith(f":{wanted}")
    assert count(world) == (1, 24)


def test_a_second_name_for_one_new_number_is_refused(world: World) -> None:
    told = bring(system(world), [ROW, {**ROW, "name": "林秀芬"}]).get_json()
    assert [one["status"] for one in told["results"]] == ["added", "refused"]


WRONG_SHAPES = [
    [], [ROW] * 501, [{**ROW, "more": 1}], [{**ROW, "half_hours": 0}], [{**ROW, "category": "none"}], [{**ROW, "start": "x"}],
]  # fmt: skip


def test_a_request_of_the_wrong_shape_is_refused_whole(world: World) -> None:
    asking = system(world)
    for rows in WRONG_SHAPES:
        assert bring(asking, [*rows]).status_code == 422
        assert count(world) == (0, 0)


WRONG_NAMES = [{}, {"Idempotency-Key": "short"}, {"Idempotency-Key": "with blanks in it"}]  # fmt: skip


def test_without_a_name_of_the_request_nothing_is_taken(world: World) -> None:
    asking = system(world)
    for header in WRONG_NAMES:
        assert asking.post("/service-rows", {"rows": [ROW]}, headers=header).status_code == 422
        assert count(world) == (0, 0)


def test_a_key_of_one_unit_brings_rows_of_no_other(world: World) -> None:
    told = bring(system(world, units=[world.units["shezi"]]), [ROW, {**ROW, "unit": "U002"}]).get_json()
    assert [one["status"] for one in told["results"]] == ["refused", "added"]


def test_what_one_request_brought_is_taken_back_together(world: World) -> None:
    asking = system(world)
    batch = bring(asking, [ROW]).get_json()["batch"]
    bring(asking, [{**ROW, "content": "別的"}], "request-2")
    with world.store.write() as conn:
        assert service.void_of(conn, batch, by=world.people["admin"], why="送錯", now_ms=1) == 1
    assert count(world) == (1, 24)


def test_whoever_was_not_known_is_a_volunteer_of_the_unit_from_then_on(world: World) -> None:
    bring(system(world), [ROW])
    with world.store.read() as conn:
        (no,) = conn.execute(select(service_row.c.person_no)).scalars()
        person, units = volunteers.of_no(conn, no), members.memberships(conn, [no])[no]
    assert person is not None
    assert (person.name, [one.unit_id for one in units]) == ("林秀琴", [world.units["north_gate"]])


def test_a_keys_share_of_the_minute_is_one_for_all_processes(world: World) -> None:
    asking = system(world, "units", per_minute=2)
    statuses = [asking.get("/units").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
