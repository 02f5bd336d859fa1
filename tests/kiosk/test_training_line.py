"""A machine that a real center enrols for training: its room opens at once, its comments arrive, nothing that is practised does."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import select

from center.store.tables import application, device, training_feedback
from kiosk import pins
from kiosk.store import drafts, practice
from tests.sync.loopback import Center, Kiosk, running


def test_an_enrolment_for_training_opens_the_room_and_its_comments_arrive(tmp_path: Path) -> None:
    with running(tmp_path / "center") as center:
        tablet = Kiosk(tmp_path / "kiosk")
        pins.set_pin(tablet.store, "246810")
        real = tablet.draft()
        tablet.app.config["WTF_CSRF_ENABLED"] = False
        trainer, trainee = tablet.app.test_client(), tablet.app.test_client()
        assert trainer.post("/unlock", data={"pin": "246810"}).status_code == 303
        asked = {"center": center.url, "code": center.code(profile="training")}
        assert trainer.post("/staff/enrol", data=asked).status_code == 200
        assert real not in trainer.get("/apply/new").text, "what is real stays outside of the room"

        trainee.post("/training/seat", data={"number": "5"})
        begun = trainee.post("/apply/new", data={"kind": "first"}).location
        trainee.get(begun)
        room = tablet.app.extensions["store"]
        with room.read() as db:
            assert [draft.application_id for draft in drafts.waiting(db)] == [begun.split("/")[2]]
        trainee.post("/training/end", data={"ease": "2", "task": "headshot", "words": "鏡頭打不開"})
        tablet.worker.step()
        tablet.worker.step()

        assert told(center) == [("花博", 2, '["headshot"]', "鏡頭打不開", 0, 8)]
        assert center.count(application) == 0
        with tablet.store.read() as db:
            assert [row[0] for row in db.conn.execute("SELECT state FROM op_log")] == ["accepted"]
            assert [draft.application_id for draft in drafts.waiting(db)] == [real]
        with room.read() as db:
            assert practice.unsent(db) == []

        asked = {"center": center.url, "code": center.code()}
        assert trainer.post("/staff/enrol", data=asked).status_code == 200
        page = trainer.get("/apply/new").text
        assert real in page
        assert begun.split("/")[2] not in page
        assert re.search(r"<title>\s*申請榮譽卡", page)
        assert not (tmp_path / "kiosk" / "practice").exists()


def told(center: Center) -> list[tuple[object, ...]]:
    """What the center keeps of trainings."""
    table = training_feedback.c
    query = select(device.c.name, table.ease, table.tasks, table.words, table.done, table.of_tasks).join(
        device, device.c.device_id == table.device_id
    )
    with center.store.read() as conn:
        return [tuple(row) for row in conn.execute(query)]
