"""What trainees found unclear, as it arrives from a practice room: once, whole or not at all, and the administrator's page."""

from __future__ import annotations

import hashlib

import pytest

from center import keyring
from sync import wire
from sync.ids import uuid7
from sync.seal import seal
from tests.center.signing import Tablet

AT = 1_795_230_000_000  # 21 November 2026


class Room(Tablet):
    """A training device, enrolled."""

    def __init__(self, world):
        unit = world.units["north_gate"]
        super().__init__(world.app, world.store, keyring.sealing_public(world.settings), unit)
        self.world, self.seq = world, 0

    def ask(self, method, path, body=b"", at=None, **more):
        return super().ask(method, path, body, at or self.world.now, **more)

    def tell(self, entity="", **changes):
        values = {"feedback_id": uuid7(), "session": "第 1 場", "at_ms": AT, "ease": 2, "tasks": ("hours",), "words": "",
                  "done": 6, "of": 8}  # fmt: skip
        said = wire.TrainingFeedback(**{**values, **changes})
        self.seq += 1
        sealed = seal(wire.encode(said), self.center_key, "body")
        op = wire.Op(
            seq=self.seq, op_id=uuid7(), kind="training.feedback", entity_id=entity or said.feedback_id, base_rev=None,
            schema_v=wire.SCHEMA_V, sha256=hashlib.sha256(sealed).hexdigest(), needs_blobs=(), body=sealed,
        )  # fmt: skip
        (result,) = self.push(op).results
        return result


@pytest.fixture
def room(world):
    return Room(world)


def test_it_is_listed_by_session_with_figures_and_words(world, room):
    page = world.browser("admin").get("/training").text
    assert "還沒有。" in page
    said = [
        {"ease": 1, "tasks": ("hours", "book_photos"), "words": "反光"},
        {"ease": 3, "tasks": ("hours",), "done": 8},
    ]
    assert [room.tell(**one).status for one in said] == ["applied", "applied"]
    room.tell(session="第 2 場", at_ms=AT + 7_200_000, tasks=("a_task_to_come",))
    page = world.browser("admin").get("/training").text
    assert page.index("第 2 場") < page.index("第 1 場")
    first = page[page.index("第 1 場") :]
    assert ("任務完成 14 ／ 16" in first, "填紀錄冊的時數 · 2 人" in first, "<li>反光</li>" in first) == (
        True,
        True,
        True,
    )
    assert "a_task_to_come · 1 人" in page


def test_told_twice_it_is_there_once(world, room):
    said = uuid7()
    assert room.tell(feedback_id=said, words="一").status == "applied"
    assert room.tell(feedback_id=said, words="二").status == "applied"
    page = world.browser("admin").get("/training").text
    assert ("<li>一</li>" in page, "<li>二</li>" in page) == (True, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ease": 0}, {"ease": 4}, {"session": "x" * 41}, {"words": "x" * 501}, {"done": 9}, {"done": -1}, {"tasks": ("",)},
        {"tasks": ("x" * 25,)}, {"tasks": ("hours",) * 41}, {"at_ms": 0}, {"entity": uuid7()}, {"feedback_id": "short"},
    ],
)  # fmt: skip
def test_what_is_not_sound_is_refused_for_good(world, room, wrong):
    answer = room.tell(**wrong)
    assert (answer.status, answer.code) == ("rejected", "op_malformed")
    assert "還沒有。" in world.browser("admin").get("/training").text


def test_the_table_is_the_citys_alone_and_says_who_took_it(world, room):
    room.tell(words="=cmd", ease=3)
    answer = world.browser("admin").get("/training/feedback.csv")
    text = answer.data.decode("utf-8-sig")
    assert "第 1 場" in text
    assert "都懂了,填紀錄冊的時數,'=cmd,6" in text
    assert world.browser("officer").get("/training/feedback.csv").status_code == 403
    assert "下載研習意見" in world.browser("auditor").get("/audit?stream=seen").text
