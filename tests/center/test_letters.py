"""The administrator's page of what was not taken: who, which tablet, since when, why; looked at again, or dealt with."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from center import keyring
from center.store import refused
from honorcard.problems import CATALOGUE
from sync import wire
from tests.center.signing import Tablet, application_body, photos_of


@pytest.fixture
def tablet(world) -> Tablet:
    return Tablet(world.app, world.store, keyring.sealing_public(world.settings), world.units["north_gate"])


def _letter(world, tablet: Tablet, seq: int = 1, **changed) -> wire.Op:
    """An operation that was refused, because it names too little."""
    photos, _ = photos_of(tablet, f"l{seq}")
    op = tablet.op(seq, application_body(photos[1:], **changed))  # no headshot
    assert tablet.push(op).results[0].code == "op_malformed"
    return op


def _moment(world) -> None:
    from datetime import UTC, datetime

    world.at(datetime.now(UTC))


def test_each_says_whose_it_is_from_where_since_when_and_why(world, tablet):
    _moment(world)
    _letter(world, tablet, name="林秀琴", receipt="HC-7K3M-22QF")
    page = world.browser("admin").get("/tablets/letters").text
    for words in ("林秀琴", "HC-7K3M-22QF", "1 號機", "北門文化導覽志工隊", "第 1 筆", "再試一次", "處理好了"):
        assert words in page
    assert "op_malformed" not in page
    assert 'class="count">1<' in world.browser("admin").get("/tablets").text


def test_a_second_look_says_at_once_what_came_of_it(world, tablet):
    _moment(world)
    op = _letter(world, tablet)
    answer = world.browser("admin").send(f"/tablets/letters/{op.op_id}/again", see="/tablets/letters")
    assert answer.status_code == 409
    assert "還是沒有收" in answer.text
    with world.store.read() as conn:
        assert refused.find(conn, op.op_id).tries == 2


def test_dealing_with_it_wants_a_word_and_is_told_to_the_tablet(world, tablet):
    _moment(world)
    op = _letter(world, tablet)
    browser = world.browser("admin")
    empty = browser.send(f"/tablets/letters/{op.op_id}/settle", see="/tablets/letters", text="  ")
    assert empty.status_code == 422 and CATALOGUE["letter_unexplained"].zh in empty.text
    assert (
        browser.send(f"/tablets/letters/{op.op_id}/settle", see="/tablets/letters", text="已請單位重送").status_code
        == 303
    )
    page = browser.get("/tablets/letters").text
    assert "沒有等您處理的" in page and "已請單位重送" in page and "吳管理" in page
    (item,) = [item for item in tablet.feed().items if item.kind == "op.settled"]
    assert wire.decode(wire.OpWord, item.body).op_id == op.op_id
    again = browser.send(f"/tablets/letters/{op.op_id}/settle", see="/tablets/letters", text="x")
    assert again.status_code == 409


@pytest.mark.parametrize("name", ["first", "second", "officer", "auditor", "venue"])
def test_nobody_else_sees_or_decides(world, name):
    browser = world.browser(name)
    assert browser.get("/tablets/letters").status_code == 403
    assert browser.send(f"/tablets/letters/{'0' * 36}/settle", text="x").status_code == 403


def test_one_that_is_not_there_is_said(world):
    answer = world.browser("admin").send(f"/tablets/letters/{'0' * 36}/again")
    assert answer.status_code == 404 and CATALOGUE["letter_unknown"].zh in answer.text


# --- what tablets report ---


def _report(tablet: Tablet, *items: wire.Stuck):
    body = wire.encode(wire.StuckReport(device_id=tablet.device_id, dev_epoch=tablet.epoch, items=items))
    return tablet.ask("POST", "/v1/stuck", body, Content_Type="application/json")


def _stuck(tablet: Tablet, seq: int = 1, code: str = "op_never_taken", **changed) -> wire.Stuck:
    photos, _ = photos_of(tablet, f"s{seq}")
    op = tablet.op(seq, application_body(photos))
    return wire.Stuck(op=msgspec.structs.replace(op, **changed), code=code, receipt="HC-7K3M-22QF")


def test_what_is_reported_is_kept_once_and_its_photographs_may_come(world, tablet):
    _moment(world)
    one = _stuck(tablet)
    for _ in range(2):
        said = wire.decode(wire.StuckAnswer, _report(tablet, one).data)
        assert (said.kept, said.settled, said.taken) == ((one.op.op_id,), (), ())
    with world.store.read() as conn:
        (letter,) = refused.waiting(conn)
    assert (letter.op, letter.receipt, letter.tries) == (one.op, "HC-7K3M-22QF", 1)
    need = tablet.ask("POST", "/v1/blobs/need", wire.encode(wire.Need(hashes=one.op.needs_blobs)))
    assert set(wire.decode(wire.Need, need.data).hashes) == set(one.op.needs_blobs)


def test_what_was_given_up_and_comes_after_all_is_taken_and_no_letter_any_more(world, tablet):
    _moment(world)
    one = _stuck(tablet)
    _report(tablet, one)
    assert tablet.push(one.op).results[0].status == "applied"
    with world.store.read() as conn:
        assert refused.find(conn, one.op.op_id).state == "taken"
    assert wire.decode(wire.StuckAnswer, _report(tablet, one).data).taken == (one.op.op_id,)


def test_bytes_that_are_not_what_they_were_are_not_kept(world, tablet):
    _moment(world)
    one = _stuck(tablet, sha256=hashlib.sha256(b"what it was").hexdigest())
    assert _report(tablet, one).status_code == 200
    with world.store.read() as conn:
        assert refused.find(conn, one.op.op_id).op is None
    page = world.browser("admin").get("/tablets/letters").text
    assert "這裡不能再試" in page and 'data-kind="lead"' not in page.partition("<main")[2]


@pytest.mark.parametrize(
    "changed",
    [
        {"op_id": "short"},
        {"seq": 0},
        {"seq": 2**53},
        {"kind": "k" * 65},
        {"entity_id": "e" * 65},
        {"needs_blobs": ("ab",)},
    ],
)
def test_a_report_that_is_none_is_refused_as_a_whole(world, tablet, changed):
    _moment(world)
    wrong = _stuck(tablet, 2)
    wrong = msgspec.structs.replace(wrong, op=msgspec.structs.replace(wrong.op, **changed))
    assert _report(tablet, _stuck(tablet, 1), wrong).status_code == 400
    with world.store.read() as conn:
        assert refused.count_waiting(conn) == 0


def test_a_report_of_nothing_or_too_much(world, tablet):
    _moment(world)
    assert _report(tablet).status_code == 200
    many = [_stuck(tablet, seq) for seq in range(1, wire.STUCK_AT_ONCE + 2)]
    assert _report(tablet, *many).status_code == 400
    assert world.app.test_client().post("/v1/stuck", data=b"{}").status_code == 401
