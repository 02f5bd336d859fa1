"""What a center that runs short does not take, and that it takes it back up again."""

from __future__ import annotations

from pathlib import Path

import pytest

from center.settings import Settings
from center.shedding import Shortage, disk_room
from center.store.tables import application
from tests.sync.loopback import Center, Kiosk

GB = 10**9


def short(center: Center, free_percent: float) -> None:
    center.app.extensions["shortage"] = Shortage(lambda folder: (100 * GB, int(free_percent * GB)))


@pytest.mark.parametrize(
    ("total", "free", "percent", "is_short"),
    [(100, 11, 10, False), (100, 9, 10, True), (100, 10, 10, False), (100, 4, 3, False), (100, 2, 3, True),
     (1000, 49, 10, True), (1000, 51, 10, False)],
    ids=["enough", "below", "just", "ops enough", "ops below", "large disk", "enough on a disk of any size"],
)  # fmt: skip
def test_a_share_of_the_disk_is_kept_free(
    tmp_path: Path, total: int, free: int, percent: float, is_short: bool
) -> None:
    shortage = Shortage(lambda folder: (total * GB, free * GB))
    assert shortage.of_disk(Settings(data_dir=tmp_path), percent) is is_short


def test_the_disk_of_a_folder_that_is_not_made_yet_is_known(tmp_path: Path) -> None:
    total, free = disk_room(tmp_path / "not" / "yet")
    assert 0 < free <= total


def test_looking_is_not_for_every_request(tmp_path: Path) -> None:
    looked, now = [], [0.0]
    shortage = Shortage(lambda folder: looked.append(1) or (100, 50), lambda: now[0])
    for _ in range(9):
        shortage.of_disk(Settings(data_dir=tmp_path), 10)
    now[0] += 5
    shortage.of_disk(Settings(data_dir=tmp_path), 10)
    assert len(looked) == 2


def test_a_disk_that_fills_up_sheds_photographs_first_and_operations_last(center: Center, kiosk: Kiosk) -> None:
    first = kiosk.submit(kiosk.draft(person=0)).application_id
    short(center, 8)
    kiosk.step()
    assert center.case(first).state == "incomplete"
    assert kiosk.facts().line == "busy"
    assert {state for (state,) in kiosk.rows("SELECT state FROM blob")} == {"local"}
    short(center, 2)
    kiosk.submit(kiosk.draft(person=1))
    assert kiosk.step() >= 30  # each tablet comes again at another moment
    assert center.count(application) == 1
    short(center, 50)
    kiosk.sync()
    assert center.count(application) == 2
    assert kiosk.facts().line == "good"


def test_more_photographs_than_the_worker_gets_through_are_not_taken(center: Center, kiosk: Kiosk) -> None:
    from dataclasses import replace

    center.app.config["SETTINGS"] = replace(center.settings, photos_waiting=1)
    first = kiosk.submit(kiosk.draft(person=0)).application_id
    for _ in range(2):
        center.app.extensions["shortage"] = Shortage(clock=iter(range(0, 10_000, 6)).__next__)
        kiosk.step()
    assert kiosk.facts().line == "busy"
    assert len(kiosk.rows("SELECT 1 FROM blob WHERE state = 'stored'")) == 2
    center.worker.step()
    kiosk.sync()
    assert center.photo_states(first) <= {"stored", "opened"}
