"""The outbox in a kiosk's own database: order, digests, answers, what is offered again."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import pytest

from kiosk.store import Store
from sync import outbox
from sync.wire import OpResult


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "kiosk.db", secrets.token_bytes(32))


def _put(store: Store, body: bytes = b"sealed", entity: str = "a", blobs: tuple[str, ...] = ()) -> int:
    with store.write() as db:
        for address in blobs:
            outbox.add_blob(db, address, 10)
        return outbox.put(
            db, kind="application.submit", entity_id=entity, base_rev=None, body=body, needs_blobs=blobs
        )  # fmt: skip


def _take(store: Store, mono_ms: int = 0, **limits: int) -> list:
    with store.write() as db:
        return outbox.take(db, mono_ms, **limits)[0]


def _record(store: Store, op, status: str, mono_ms: int = 0, **more) -> str | None:
    with store.write() as db:
        return outbox.record(db, OpResult(seq=op.seq, op_id=op.op_id, status=status, **more), mono_ms)


def _states(store: Store) -> list[str]:
    with store.read() as db:
        return [row[0] for row in db.conn.execute("SELECT state FROM op_log ORDER BY seq")]


def test_operations_are_numbered_without_a_gap_even_after_a_failed_write(store: Store) -> None:
    assert _put(store) == 1
    with pytest.raises(RuntimeError), store.write() as db:
        outbox.put(db, kind="application.submit", entity_id="b", base_rev=None, body=b"x")
        raise RuntimeError
    assert _put(store) == 2
    ops = _take(store)
    assert [op.seq for op in ops] == [1, 2]
    assert all(op.sha256 == hashlib.sha256(op.body).hexdigest() for op in ops)
    assert len({op.op_id for op in ops}) == 2


def test_nothing_is_marked_by_taking_it(store: Store) -> None:
    _put(store)
    assert _take(store) == _take(store)
    assert _states(store) == ["pending"]


def test_a_batch_ends_at_its_limits_but_is_never_empty(store: Store) -> None:
    for n in range(5):
        _put(store, bytes(100), str(n))
    assert len(_take(store, max_ops=2)) == 2
    assert len(_take(store, max_bytes=250)) == 2
    assert len(_take(store, max_bytes=1)) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [("body", b"sealeD"), ("entity_id", "b"), ("needs_blobs", '["00"]'), ("hash", bytes(32)), ("base_rev", 7)],
)
def test_an_operation_that_was_changed_is_quarantined_and_the_others_go(store: Store, column: str, value) -> None:
    for _ in range(3):
        _put(store)
    with store.write() as db:
        db.conn.execute(f"UPDATE op_log SET {column} = ? WHERE seq = 2", (value,))
        assert 2 in outbox.damaged(db)
        taken, unsound = outbox.take(db, 0)
    assert [op.seq for op in taken] == [1, 3]
    assert [(op.seq, result.code) for op, result in unsound] == [(2, "op_damaged")]
    assert _states(store) == ["pending", "quarantined", "pending"]


def test_a_missing_operation_shows_in_the_chain(store: Store) -> None:
    for _ in range(3):
        _put(store)
    with store.write() as db:
        assert outbox.damaged(db) == []
        db.conn.execute("DELETE FROM op_log WHERE seq = 2")
        assert outbox.damaged(db) == [3]


@pytest.mark.parametrize(
    ("status", "state"),
    [("applied", "accepted"), ("duplicate", "accepted"), ("conflict", "conflict"), ("rejected", "rejected")],
)
def test_the_centers_word_settles_an_operation_once(store: Store, status: str, state: str) -> None:
    _put(store)
    (op,) = _take(store)
    assert _record(store, op, status) == state
    assert _record(store, op, "rejected") is None
    assert _states(store) == [state]
    assert _take(store) == []


def test_an_answer_about_something_else_changes_nothing(store: Store) -> None:
    _put(store)
    with store.write() as db:
        assert outbox.record(db, OpResult(seq=1, op_id="of another tablet", status="applied"), 0) is None
    assert _states(store) == ["pending"]


def test_an_operation_asked_for_again_waits_longer_each_time_and_then_for_a_person(store: Store) -> None:
    _put(store)
    _put(store, entity="b")
    now, waits = 0, []
    for _ in range(outbox.MAX_RETRIES):
        op = _take(store, now)[0]
        assert op.seq == 1
        assert _record(store, op, "retry", now) == "pending"
        assert [other.seq for other in _take(store, now)] == [2]
        step = next(ms for ms in range(0, 1_000_000, 500) if _take(store, now + ms)[0].seq == 1)
        waits.append(step)
        now += step
    assert waits[:4] == [2_000, 4_000, 8_000, 16_000]
    assert waits[-1] == outbox.RETRY_CAP_MS
    assert _record(store, _take(store, now)[0], "retry", now) == "rejected"
    assert _states(store) == ["rejected", "pending"]


def test_a_wait_noted_before_a_restart_of_the_machine_does_not_last_for_ever(store: Store) -> None:
    _put(store)
    _record(store, _take(store, 90_000_000)[0], "retry", 90_000_000)
    assert len(_take(store, 1_000)) == 1


A, B = "aa" * 32, "bb" * 32


def test_only_files_of_accepted_operations_are_offered(store: Store) -> None:
    _put(store, blobs=(A,))
    _put(store, entity="b", blobs=(B,))
    with store.read() as db:
        assert outbox.offered_blobs(db) == []
        assert outbox.blobs_left(db) == 2
    _record(store, _take(store)[0], "applied")
    with store.write() as db:
        assert [blob.sha256 for blob in outbox.offered_blobs(db)] == [A]
        outbox.settle_blob(db, A, "stored")
        assert outbox.offered_blobs(db) == []


def test_files_of_a_refused_operation_wait_for_nobody(store: Store) -> None:
    _put(store, blobs=(A,))
    _put(store, entity="b", blobs=(A, B))
    first, second = _take(store)
    _record(store, first, "applied")
    with store.read() as db:
        assert outbox.blobs_left(db) == 2 and outbox.waits(db)
    _record(store, second, "rejected")
    with store.write() as db:
        assert outbox.blobs_left(db) == 1 and outbox.waits(db)
        outbox.settle_blob(db, A, "stored")
        assert outbox.blobs_left(db) == 0 and not outbox.waits(db)


def test_a_file_the_center_refuses_does_not_stand_before_the_others(store: Store) -> None:
    _put(store, blobs=(A,))
    _put(store, entity="b", blobs=(B,))
    for op in _take(store):
        _record(store, op, "applied")
    with store.write() as db:
        for _ in range(3):
            outbox.note_refused(db, A)
        assert [blob.sha256 for blob in outbox.offered_blobs(db)] == [B, A]


def test_after_a_restore_what_the_center_forgot_is_offered_again(store: Store) -> None:
    for name, address in (("a", A), ("b", B)):
        _put(store, entity=name, blobs=(address,))
    for op in _take(store):
        _record(store, op, "applied")
    with store.write() as db:
        outbox.settle_blob(db, A, "stored")
        outbox.settle_blob(db, B, "stored")
        assert outbox.reoffer(db, contiguous_through=1) == 1
        assert [blob.sha256 for blob in outbox.offered_blobs(db)] == [A]
    assert _states(store) == ["accepted", "pending"]


def test_each_database_has_an_epoch_of_its_own(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "other.db", secrets.token_bytes(32))
    with store.write() as db, other.write() as db2:
        assert outbox.dev_epoch(db) == outbox.dev_epoch(db)
        assert outbox.dev_epoch(db) != outbox.dev_epoch(db2)
