"""Batches of operations: each answered once, bad ones never in the way of good ones."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import event

from center import keyring
from center.store.tables import application, dedup, feed, history
from sync import wire
from sync.ids import uuid7
from sync.signed_time import read_time
from tests.center.signing import Tablet, application_body, photos_of
from tests.sync.loopback import NOW, Center


@pytest.fixture
def center(tmp_path: Path) -> Center:
    found = Center(tmp_path)
    found.now = NOW
    return found


@pytest.fixture
def tablet(center: Center) -> Tablet:
    return _tablet(center)


def _tablet(center: Center, unit_id: str | None = "") -> Tablet:
    unit = center.unit_id if unit_id == "" else unit_id
    made = Tablet(center.app, center.store, keyring.sealing_public(center.settings), unit)
    ask = made.ask
    made.ask = lambda method, path, body=b"", at=None, **more: ask(method, path, body, at or NOW, **more)
    return made


def _case(tablet: Tablet, seed: str = "a", **changed) -> wire.ApplicationBody:
    return application_body(photos_of(tablet, seed)[0], **changed)


def _flags(center: Center, application_id: str) -> list[str]:
    return json.loads(center.case(application_id).flags)


def test_a_submission_becomes_an_incomplete_case_and_says_so_in_the_feed(center: Center, tablet: Tablet) -> None:
    body = _case(tablet)
    answer = tablet.push(tablet.op(1, body))
    assert [(result.status, result.rev, result.receipt) for result in answer.results] == [("applied", 1, body.receipt)]
    assert (answer.contiguous_through, answer.durable_through) == (1, 0)
    row = center.case(body.application_id)
    assert (row.state, row.rev, row.outcome, row.name, row.unit_id) == (
        "incomplete", 1, "pass", "王小明", center.unit_id,
    )  # fmt: skip
    assert row.submitted_on == date(2026, 11, 21)
    assert b"A123456789" not in row.idbx
    page = tablet.feed()
    assert [(item.kind, item.entity_id, item.rev) for item in page.items] == [
        ("application.state", body.application_id, 1)
    ]
    state = wire.decode(wire.ApplicationState, page.items[0].body)
    assert (state.state, state.photos_stored, state.photos) == ("incomplete", 0, 3)


def test_a_batch_sent_again_changes_nothing(center: Center, tablet: Tablet) -> None:
    ops = [tablet.op(seq, _case(tablet, str(seq), identity_number=number)) for seq, number in
           ((1, "A123456789"), (2, "B223456786"))]  # fmt: skip
    first = tablet.push(*ops)
    counts = [center.count(table) for table in (application, dedup, feed, history)]
    again = tablet.push(*reversed(ops))
    assert [result.status for result in again.results] == ["duplicate", "duplicate"]
    assert [(result.rev, result.receipt) for result in again.results] == [
        (result.rev, result.receipt) for result in first.results
    ]
    assert [center.count(table) for table in (application, dedup, feed, history)] == counts


def test_a_refusal_sent_again_stays_a_refusal(center: Center, tablet: Tablet) -> None:
    op = tablet.op(1, _case(tablet), entity_id=uuid7())
    assert tablet.push(op).results[0].status == "rejected"
    assert tablet.push(op).results[0].status == "rejected"


def test_another_operation_under_a_used_number_is_refused_and_sounds_the_alarm(center: Center, tablet: Tablet) -> None:
    from center.store import devices

    tablet.push(tablet.op(1, _case(tablet)))
    answer = tablet.push(tablet.op(1, _case(tablet, "b")))
    assert [(result.status, result.code) for result in answer.results] == [("rejected", "op_seq_reused")]
    with center.store.read() as conn:
        assert devices.find(conn, tablet.device_id).alarm == "seq_reused"


def test_the_same_operation_from_a_restored_tablet_is_known_by_its_id(center: Center, tablet: Tablet) -> None:
    op = tablet.op(5, _case(tablet))
    tablet.push(op)
    tablet.epoch = "epoch-2"
    answer = tablet.push(msgspec.structs.replace(op, seq=1))
    assert [(result.seq, result.status) for result in answer.results] == [(1, "duplicate")]
    assert center.count(application) == 1


def test_a_tablet_enrolled_again_is_known_by_its_operations_and_hears_of_its_cases(
    center: Center, tablet: Tablet
) -> None:
    op = tablet.op(1, _case(tablet))
    tablet.push(op)
    again = _tablet(center)
    need = wire.encode(wire.Need(hashes=op.needs_blobs))
    assert again.ask("POST", "/v1/blobs/need", need).json["hashes"] == []
    assert again.push(op).results[0].status == "duplicate"
    assert again.ask("POST", "/v1/blobs/need", need).json["hashes"] == list(op.needs_blobs)
    assert center.case(op.entity_id).device_id == again.device_id
    assert [item.kind for item in again.feed().items] == ["application.state"]
    assert center.moves(op.entity_id) == ["submitted"]
    assert tablet.push(op).results[0].status == "duplicate"


def test_a_case_stays_with_its_unit_when_the_tablet_goes_to_another_one(center: Center, tablet: Tablet) -> None:
    op = tablet.op(1, _case(tablet))
    tablet.push(op)
    elsewhere = _tablet(center, None)
    assert elsewhere.push(op).results[0].status == "duplicate"
    assert center.case(op.entity_id).device_id == tablet.device_id
    assert elsewhere.feed().items == ()


def test_whoever_knows_an_operations_id_and_digest_but_not_its_bytes_gets_nothing(
    center: Center, tablet: Tablet
) -> None:
    op = tablet.op(1, _case(tablet))
    tablet.push(op)
    other = _tablet(center)
    answer = other.push(msgspec.structs.replace(op, body=b"something else"))
    assert answer.results[0].status == "retry"
    assert center.case(op.entity_id).device_id == tablet.device_id


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda op: msgspec.structs.replace(op, kind="person.erase"), "op_kind_unknown"),
        (lambda op: msgspec.structs.replace(op, schema_v=99), "op_kind_unknown"),
        (lambda op: msgspec.structs.replace(op, entity_id=uuid7()), "op_malformed"),
    ],
    ids=["kind", "schema", "another application"],
)
def test_one_bad_operation_does_not_hold_up_the_others(center: Center, tablet: Tablet, spoil, code: str) -> None:
    good = [_case(tablet, "1"), _case(tablet, "3", identity_number="B223456786")]
    answer = tablet.push(tablet.op(1, good[0]), spoil(tablet.op(2, _case(tablet, "2"))), tablet.op(3, good[1]))
    assert [(result.status, result.code) for result in answer.results] == [
        ("applied", None), ("rejected", code), ("applied", None),
    ]  # fmt: skip
    assert answer.contiguous_through == 3
    assert center.count(application) == 2


def test_a_body_sealed_to_somebody_else_is_refused(center: Center, tablet: Tablet) -> None:
    body = _case(tablet)
    tablet.center_key = tablet.keys.seal_public
    assert tablet.push(tablet.op(1, body)).results[0].code == "op_malformed"


def test_bytes_that_differ_from_their_digest_are_asked_for_again(center: Center, tablet: Tablet) -> None:
    op = tablet.op(1, _case(tablet))
    spoiled = msgspec.structs.replace(op, body=op.body[:-1] + bytes([op.body[-1] ^ 1]))
    answer = tablet.push(spoiled)
    assert [(result.status, result.code) for result in answer.results] == [("retry", "op_digest_wrong")]
    assert tablet.push(op).results[0].status == "applied"


@pytest.mark.parametrize("slot", ["headshot", "cover", "page"])
def test_an_application_without_its_photographs_is_refused(center: Center, tablet: Tablet, slot: str) -> None:
    photos = [photo for photo in photos_of(tablet)[0] if photo.slot != slot]
    assert tablet.push(tablet.op(1, application_body(photos))).results[0].code == "op_malformed"


def test_a_second_open_application_of_a_person_is_accepted_and_both_are_flagged(center: Center, tablet: Tablet) -> None:
    one, two = _case(tablet, "1"), _case(tablet, "2")
    other = _tablet(center)
    tablet.push(tablet.op(1, one))
    answer = other.push(other.op(1, two))
    assert answer.results[0].status == "applied"
    assert _flags(center, one.application_id) == ["possible_duplicate"]
    assert _flags(center, two.application_id) == ["possible_duplicate"]


@pytest.mark.parametrize(
    ("number", "name", "flags"),
    [
        ("A123456798", "王小明", ["number_alike"]),  # the last two digits the other way round
        ("M123456789", "王小明", ["number_alike"]),  # a letter of the same group
        ("A123456798", "王小華", []),
        ("B120000008", "王小明", []),
    ],
)
def test_a_number_one_unseen_slip_from_that_of_somebody_of_the_same_name_is_flagged(
    center: Center, tablet: Tablet, number: str, name: str, flags: list[str]
) -> None:
    one = _case(tablet, "1", identity_number="A123456789", name="王小明")
    two = _case(tablet, "2", identity_number=number, name=name)
    tablet.push(tablet.op(1, one), tablet.op(2, two))
    assert _flags(center, one.application_id) == []
    assert _flags(center, two.application_id) == flags


def test_the_same_passport_number_of_two_states_is_two_people(center: Center, tablet: Tablet) -> None:
    said = {"identity_kind": "passport", "identity_number": "X1234567"}
    one, two = _case(tablet, "1", nationality="JP", **said), _case(tablet, "2", nationality="FR", **said)
    tablet.push(tablet.op(1, one), tablet.op(2, two))
    assert _flags(center, one.application_id) == _flags(center, two.application_id) == []


def test_the_verdict_is_computed_here_and_a_difference_is_flagged(center: Center, tablet: Tablet) -> None:
    short = (wire.ServiceRow(start=date(2026, 10, 1), end=date(2026, 11, 1), minutes=600),)
    body = _case(tablet, rows=short, verdict={"outcome": "pass"})
    tablet.push(tablet.op(1, body))
    row = center.case(body.application_id)
    assert row.outcome == "fail"
    assert {reason["code"] for reason in json.loads(row.verdict)["reasons"]} == {"tenure_short", "hours_short"}
    assert _flags(center, body.application_id) == ["verdict_differs"]


@pytest.mark.parametrize(
    ("changed", "wall", "doubt"),
    [
        ({}, NOW, False),
        ({}, NOW - timedelta(hours=3), False),
        ({"clock_doubt": True}, NOW, True),
        ({}, NOW + timedelta(hours=2), True),
        ({"submitted_on": date(2026, 11, 24)}, NOW, True),
        ({}, NOW - timedelta(days=9), True),
        ({}, datetime(1970, 1, 1, tzinfo=UTC), True),
    ],
    ids=[
        "right",
        "earlier today",
        "the tablet doubts",
        "in the future",
        "tomorrow's date",
        "date and clock differ",
        "1970",
    ],
)
def test_an_odd_clock_is_flagged_never_shifted(center: Center, tablet: Tablet, changed, wall, doubt: bool) -> None:
    body = _case(tablet, **changed)
    tablet.push(tablet.op(1, body, wall_ms=int(wall.timestamp() * 1000)))
    assert ("clock_doubt" in _flags(center, body.application_id)) is doubt
    assert center.case(body.application_id).submitted_on == body.submitted_on


def _returned(center: Center, tablet: Tablet, body: wire.ApplicationBody) -> int:
    return center.give_back(body.application_id, tablet.device_id)


def test_a_returned_case_is_replaced_by_its_correction(center: Center, tablet: Tablet) -> None:
    body = _case(tablet)
    tablet.push(tablet.op(1, body))
    rev = _returned(center, tablet, body)
    assert rev == 2
    corrected = msgspec.structs.replace(body, name="王曉明")
    answer = tablet.push(tablet.op(2, corrected, "application.amend", base_rev=rev))
    assert [(result.status, result.rev, result.receipt) for result in answer.results] == [("applied", 3, body.receipt)]
    row = center.case(body.application_id)
    assert (row.name, row.rev, row.state) == ("王曉明", 3, "incomplete")
    assert center.moves(body.application_id) == ["submitted", "amended"]
    assert center.count(application) == 1


def test_a_correction_of_nobody_knows_what_changes_nothing_and_waits_for_a_person(center: Center, tablet: Tablet) -> None:
    body = _case(tablet)
    tablet.push(tablet.op(1, body))
    _returned(center, tablet, body)
    op = tablet.op(2, msgspec.structs.replace(body, name="王曉明"), "application.amend", base_rev=None)
    answer = tablet.push(op)
    assert [(result.status, result.code, result.rev) for result in answer.results] == [("conflict", "op_proposed", 2)]
    assert tablet.push(op).results[0].status == "conflict"
    assert center.case(body.application_id).name == "王小明"


def test_a_correction_before_its_application_waits(center: Center, tablet: Tablet) -> None:
    body = _case(tablet)
    op = tablet.op(2, body, "application.amend", base_rev=1)
    answer = tablet.push(op)
    assert [(result.status, result.code) for result in answer.results] == [("retry", "op_application_unknown")]
    assert answer.contiguous_through == 0
    assert center.count(dedup) == 0


def test_another_units_tablet_may_not_correct_a_case(center: Center, tablet: Tablet) -> None:
    body = _case(tablet)
    tablet.push(tablet.op(1, body))
    rev = _returned(center, tablet, body)
    stranger = _tablet(center, None)
    answer = stranger.push(stranger.op(1, body, "application.amend", base_rev=rev))
    assert answer.results[0].code == "op_not_yours"


def test_a_print_is_noted_in_the_history(center: Center, tablet: Tablet) -> None:
    body = _case(tablet)
    ack = wire.PrintAck(application_id=body.application_id, number="11500001", how="ipp")
    tablet.push(tablet.op(1, body), tablet.op(2, ack, "card.print_ack"))
    assert center.moves(body.application_id) == ["submitted", "printed"]


def test_a_digital_address_given_at_a_tablet_is_noted_in_the_history_and_is_no_print(
    center: Center, tablet: Tablet
) -> None:
    body = _case(tablet)
    ack = wire.PrintAck(application_id=body.application_id, number="11500001", how="digital")
    tablet.push(tablet.op(1, body), tablet.op(2, ack, "card.print_ack"))
    assert center.moves(body.application_id) == ["submitted", "digital_given"]


def test_a_gap_is_seen_in_what_the_center_has_without_one(center: Center, tablet: Tablet) -> None:
    one, three = _case(tablet, "1"), _case(tablet, "3", identity_number="B223456786")
    assert tablet.push(tablet.op(1, one), tablet.op(3, three)).contiguous_through == 1
    two = _case(tablet, "2", identity_number="F131104093")
    assert tablet.push(tablet.op(2, two)).contiguous_through == 3
    assert tablet.push().contiguous_through == 3


def test_what_will_not_come_is_counted_over(center: Center, tablet: Tablet) -> None:
    one, five = _case(tablet, "1"), _case(tablet, "5", identity_number="B223456786")
    ops = (tablet.op(1, one), tablet.op(5, five))
    assert tablet.push(*ops, over=((2, 2), (4, 4))).contiguous_through == 2
    assert tablet.push(over=((3, 4), (7, 9))).contiguous_through == 5
    assert tablet.push().contiguous_through == 5
    six = tablet.op(6, _case(tablet, "6", identity_number="F131104093"))
    assert tablet.push(six, over=((1, 4), (7, 9))).contiguous_through == 9


def test_an_answer_under_an_earlier_name_of_the_log_counts_when_it_is_given_again(center: Center, tablet: Tablet) -> None:
    ops = [tablet.op(seq, _case(tablet, str(seq))) for seq in (1, 2)]
    tablet.push(*ops)
    tablet.epoch = "epoch-2"
    assert tablet.push().contiguous_through == 0
    answer = tablet.push(*ops)
    assert ({result.status for result in answer.results}, answer.contiguous_through) == ({"duplicate"}, 2)
    assert tablet.push(tablet.op(3, _case(tablet, "3"))).contiguous_through == 3
    assert center.count(dedup) == 3


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda push: msgspec.structs.replace(push, proto=99), 426),
        (lambda push: msgspec.structs.replace(push, device_id=uuid7()), 400),
        (lambda push: msgspec.structs.replace(push, dev_epoch=""), 400),
        (lambda push: msgspec.structs.replace(push, ops=push.ops * 2), 400),
        (lambda push: msgspec.structs.replace(push, over=((2, 1),)), 400),
        (lambda push: msgspec.structs.replace(push, over=((0, 1),)), 400),
    ],
    ids=["version", "another device", "no epoch", "the same seq twice", "backwards", "before the first"],
)
def test_a_malformed_envelope_is_refused_whole(center: Center, tablet: Tablet, spoil, status: int) -> None:
    ops = (tablet.op(1, _case(tablet)),)
    push = wire.Push(proto=wire.PROTO, device_id=tablet.device_id, dev_epoch="e", ops=ops)
    answer = tablet.ask("POST", "/v1/ops", wire.encode(spoil(push)))
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert center.count(application) == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'{"proto":1}', b"null"])
def test_what_is_no_batch_is_refused(center: Center, tablet: Tablet, body: bytes) -> None:
    assert tablet.ask("POST", "/v1/ops", body).status_code == 400


def test_too_many_operations_at_once_are_refused(center: Center, tablet: Tablet) -> None:
    ack = wire.PrintAck(application_id=uuid7(), number="11500001", how="ipp")
    ops = tuple(tablet.op(seq, ack, "card.print_ack") for seq in range(1, 52))
    push = wire.Push(proto=wire.PROTO, device_id=tablet.device_id, dev_epoch="e", ops=ops)
    assert tablet.ask("POST", "/v1/ops", wire.encode(push)).status_code == 413


def test_a_batch_may_come_packed_but_not_as_a_bomb(center: Center, tablet: Tablet) -> None:
    push = wire.Push(proto=wire.PROTO, device_id=tablet.device_id, dev_epoch="e", ops=(tablet.op(1, _case(tablet)),))
    packed = gzip.compress(wire.encode(push))
    assert tablet.ask("POST", "/v1/ops", packed, Content_Encoding="gzip").status_code == 200
    bomb = gzip.compress(b" " * 50_000_000)
    assert tablet.ask("POST", "/v1/ops", bomb, Content_Encoding="gzip").status_code == 413
    assert tablet.ask("POST", "/v1/ops", packed[:40], Content_Encoding="gzip").status_code == 400


def test_need_answers_only_about_files_this_tablet_has_named(center: Center, tablet: Tablet) -> None:
    body, foreign = _case(tablet), _tablet(center)
    tablet.push(tablet.op(1, body))
    hashes = tuple(photo.sealed_sha256 for photo in body.photos)
    asked = wire.encode(wire.Need(hashes=(*hashes, "ab" * 32)))
    mine = wire.decode(wire.Need, tablet.ask("POST", "/v1/blobs/need", asked).data)
    assert set(mine.hashes) == set(hashes)
    assert wire.decode(wire.Need, foreign.ask("POST", "/v1/blobs/need", asked).data).hashes == ()


@pytest.mark.parametrize("address", ["../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "/x", "\u0000" * 64])
def test_what_is_no_content_address_is_refused(center: Center, tablet: Tablet, address: str) -> None:
    body = wire.encode(wire.Need(hashes=(address,)))
    assert tablet.ask("POST", "/v1/blobs/need", body).status_code == 400


def test_hello_says_versions_and_time_to_anybody(center: Center) -> None:
    answer = center.app.test_client().get("/v1/hello")
    assert answer.json["proto"] == [1, 1]
    assert datetime.fromisoformat(answer.json["server_time"]) == NOW


def test_hello_signs_the_time_for_who_asks_and_says_what_it_understands(center: Center) -> None:
    client, nonce = center.app.test_client(), "ab" * 16
    hello = wire.decode(wire.Hello, client.get(f"/v1/hello?nonce={nonce}").data)
    assert "application.submit" in hello.kinds and hello.schema[1] == wire.SCHEMA_V
    assert read_time(hello.time, nonce, keyring.trust(center.settings)) == int(NOW.timestamp() * 1000)
    assert read_time(hello.time, "cd" * 16, keyring.trust(center.settings)) is None
    for unfit in ("", "AB" * 16, "ab" * 500):
        assert wire.decode(wire.Hello, client.get(f"/v1/hello?nonce={unfit}").data).time == ""


def test_an_operation_refused_for_being_newer_is_looked_at_again(
    center: Center, tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = _case(tablet)
    op = tablet.op(1, body)
    monkeypatch.setattr("center.taking.SCHEMA_V", 1)
    first = tablet.push(op)
    assert (first.results[0].status, first.results[0].code) == ("rejected", "op_kind_unknown")
    assert tablet.push(op).results[0].code == "op_kind_unknown"
    monkeypatch.undo()
    assert tablet.push(op).results[0].status == "applied"
    assert tablet.push(op).results[0].status == "duplicate"


def test_a_corrected_number_is_not_held_against_the_case_itself(center: Center, tablet: Tablet) -> None:
    wrong = _case(tablet, identity_number="A123456789")
    tablet.push(tablet.op(1, wrong))
    right = msgspec.structs.replace(wrong, identity_number="M123456789")  # A and M weigh the same
    answer = tablet.push(tablet.op(2, right, kind="application.amend", base_rev=1))
    assert [result.status for result in answer.results] == ["applied"]
    assert _flags(center, wrong.application_id) == []


def test_of_a_further_application_of_one_number_only_those_hear_that_did_not_know(
    center: Center, tablet: Tablet
) -> None:
    bodies = [_case(tablet, str(place)) for place in range(3)]
    for seq, body in enumerate(bodies, 1):
        tablet.push(tablet.op(seq, body))
    told = [(item.entity_id, wire.decode(wire.ApplicationState, item.body).notices) for item in tablet.feed().items]
    first, second, third = (body.application_id for body in bodies)
    both = ("duplicate",)
    assert told == [(first, ()), (first, both), (second, both), (third, both)]
    assert [_flags(center, body.application_id) for body in bodies] == [["possible_duplicate"]] * 3


@pytest.mark.parametrize("number", ["A123456789", None])
def test_an_application_costs_as_many_statements_however_many_came_before_it(
    center: Center, tablet: Tablet, number: str | None
) -> None:
    people = [
        "A123456789",
        "B223456786",
        "C123456784",
        "D123456788",
        "E123456782",
        "F123456786",
        "G123456780",
        "H123456784",
    ]
    ops = [
        tablet.op(seq, _case(tablet, f"{number}{seq}", identity_number=number or people[seq - 1]))
        for seq in range(1, 9)
    ]  # fmt: skip
    said: list[int] = []

    @event.listens_for(center.store.engine, "before_cursor_execute")
    def count(*_: object) -> None:
        said[-1] += 1

    for op in ops:
        said.append(0)
        assert [result.status for result in tablet.push(op).results] == ["applied"]
    # left out: the first, and the second, by which the first one's tablet hears of it
    assert max(said[2:]) <= min(said[2:]) + 1
    assert max(said[2:]) <= 34
